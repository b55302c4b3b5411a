"""Reads that lag behind writes: version 5 answers from a cache that may be up to 60 seconds old.

What a write's own answer confirmed is kept until a read shows that it has caught up. A read that is older than the
confirmation is stale, and proves neither that the write was lost nor that the old value came back: the confirmed
values are put over it. Source: guide, "Version 5 Overview".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leadproof.systems.pardot.describing import Json, moment
from leadproof.systems.pardot.standard import DELETED

LAG_SECONDS = 60


@dataclass(slots=True)
class Confirmed:
    """What is known of one record since our last write of it: values, and when that was."""

    at: datetime
    values: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    """Whether `values` are the whole record, as the answer to a create tells it."""


class Freshness:
    """The confirmed writes of the last minute, by object and id."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Confirmed] = {}

    def confirm(self, object: str, id: str, values: Mapping[str, Any], at: datetime, *, whole: bool = False) -> None:
        """A write was answered. `values`: the record, or the part of it, as it is now."""
        old = self._known.get((object, id))
        kept = dict(old.values) if old is not None else {}
        self._known[object, id] = Confirmed(at, {**kept, **values}, whole or (old is not None and old.whole))

    def over(self, object: str, raw: Json) -> Json:
        """The row as it must be by now."""
        known = self._known.get((object, str(raw["id"])))
        if known is None:
            return raw
        if moment(str(raw["updatedAt"])) >= known.at and bool(raw.get(DELETED)) == bool(known.values.get(DELETED)):
            del self._known[object, str(raw["id"])]
            return raw
        return {**raw, **{name: value for name, value in known.values.items() if name in raw}}

    def missing(self, object: str, ids: Iterable[str]) -> list[Json]:
        """The records among these that are known whole although no read tells of them yet."""
        found = [self._known.get((object, id)) for id in ids]
        return [one.values for one in found if one is not None and one.whole]

    def created(self, object: str, seen: Iterable[str]) -> list[Json]:
        """All records known whole, apart from those a read told of."""
        told = set(seen)
        return [
            one.values
            for (kind, id), one in sorted(self._known.items())
            if kind == object and one.whole and id not in told
        ]

    def forget_older(self, now: datetime | None) -> None:
        """After the lag the vendor asks its primary data, so nothing need be remembered."""
        if now is not None and self._known:
            since = now - timedelta(seconds=LAG_SECONDS + 1)
            self._known = {key: one for key, one in self._known.items() if one.at >= since}
