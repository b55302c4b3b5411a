"""The life of every record, from the journal's change facts: what it held when, and who wrote it.

A fact is a dictionary as the journal gives it (journal "change": op, object, id, fields {id: [before, after]},
merged_into, converted_to); values are plain (`leadterms.values.plain`) and become typed on demand.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, parse
from leadterms.refusals import ValueRefused
from leadterms.values import Plain, Value

Fact: TypeAlias = Mapping[str, Any]

_DELETING = frozenset({"delete"})
_REVIVING = frozenset({"undelete"})


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one record. `n` is its place in the journal of the world; `own`: the connector made it."""

    n: int
    at: datetime
    own: bool
    user: str
    op: str
    fields: Mapping[str, tuple[Plain, Plain]]
    request: int | None = None


@dataclass(slots=True)
class Life:
    """One record from its first fact on; `values` is what it holds at the end, plain."""

    object: str
    id: str
    edits: list[Edit] = field(default_factory=list)
    values: dict[str, Plain] = field(default_factory=dict)
    merged_into: str | None = None
    merged_at: int | None = None
    converted_to: str | None = None
    converted_at: int | None = None
    _alive: list[tuple[int, bool]] = field(default_factory=list)
    _tracks: dict[str, tuple[list[int], list[Plain]]] | None = None

    @property
    def born(self) -> Edit:
        """The edit that made it (its first known one)."""
        return self.edits[0]

    @property
    def deleted(self) -> bool:
        """Whether it is deleted at the end; a merged record counts as deleted too."""
        return not self._alive[-1][1]

    @property
    def live(self) -> bool:
        """Whether it still stands for somebody: neither deleted nor merged nor converted."""
        return not self.deleted and self.merged_into is None and self.converted_to is None

    def live_at(self, n: int) -> bool:
        """Whether it was live (see `live`) once fact `n` had happened."""
        if self.converted_at is not None and self.converted_at <= n:
            return False
        if self.merged_at is not None and self.merged_at <= n:
            return False
        return self.exists_at(n)

    def exists_at(self, n: int) -> bool:
        """Whether it had been made and was not deleted once fact `n` had happened."""
        place = bisect_right(self._alive, (n, True)) - 1
        return place >= 0 and self._alive[place][1]

    def at(self, name: str, n: int) -> Plain:
        """What a field held, plain, once fact `n` had happened."""
        if self._tracks is None:
            self._tracks = {}
            for edit in self.edits:
                for changed, (_, after) in edit.fields.items():
                    places, values = self._tracks.setdefault(changed, ([], []))
                    places.append(edit.n)
                    values.append(after)
        track = self._tracks.get(name)
        if track is None:
            return None
        place = bisect_right(track[0], n) - 1
        return track[1][place] if place >= 0 else None

    def deaths(self) -> list[Edit]:
        """The edits that deleted it."""
        return [edit for edit in self.edits if edit.op in _DELETING]

    def add(self, edit: Edit, fact: Fact) -> None:
        """Take the next fact of this record."""
        self.edits.append(edit)
        for name, (_, after) in edit.fields.items():
            self.values[name] = after
        if len(self.edits) == 1 or edit.op in _REVIVING or edit.op == "create":
            self._alive.append((edit.n, True))
        elif edit.op in _DELETING:
            self._alive.append((edit.n, False))
        if fact.get("merged_into"):
            self.merged_into, self.merged_at = str(fact["merged_into"]), edit.n
            self._alive.append((edit.n, False))
        contact = (fact.get("converted_to") or {}).get("Contact")
        if contact:
            self.converted_to, self.converted_at = str(contact), edit.n


class Timelines:
    """All lives of one system, in the order in which they began."""

    def __init__(self) -> None:
        self._by_object: dict[str, dict[str, Life]] = {}

    def add(self, fact: Fact, *, own: bool) -> None:
        """Take one change fact; facts must come in the order of the journal."""
        fields = {name: (pair[0], pair[1]) for name, pair in (fact.get("fields") or {}).items()}
        edit = Edit(
            n=int(fact["n"]),
            at=moment(str(fact["at"])),
            own=own,
            user=str(fact.get("user") or ""),
            op=str(fact["op"]),
            fields=fields,
            request=fact.get("request"),
        )
        lives = self._by_object.setdefault(str(fact["object"]), {})
        life = lives.get(str(fact["id"]))
        if life is None:
            life = lives[str(fact["id"])] = Life(str(fact["object"]), str(fact["id"]))
        life.add(edit, fact)

    def of(self, object: str) -> Mapping[str, Life]:
        """The lives of one object by id, in the order in which they began."""
        return self._by_object.get(object, {})

    def get(self, object: str, id: str) -> Life | None:
        """One record's life, or None when nothing is known of it."""
        return self._by_object.get(object, {}).get(id)

    def __iter__(self) -> Iterator[Life]:
        for lives in self._by_object.values():
            yield from lives.values()


def moment(text: str) -> datetime:
    """ISO text with Z or an offset as an aware datetime in UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)


def typed(spec: FieldSpec, raw: Plain) -> Value:
    """A plain value as its field's type; every blank is None, a missing checkbox is False.

    A value that its own field would refuse (it came in before the rule did) stays text."""
    if raw is None or raw == "":
        return False if FIELD_TYPES[spec.type].kind == "checkbox" else None
    try:
        value = parse(spec, raw)
    except ValueRefused:
        value = frozenset(raw) if isinstance(raw, list) else raw
    return None if blank(value) else value
