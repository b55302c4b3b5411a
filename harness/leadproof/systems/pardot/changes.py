"""What changed since: the query ordered by `updatedAt`, the recycle bin included.

A reading is a sequence of page tokens, which only `fields` may accompany; the vendor keeps ties of one second apart
inside it. The next reading begins `OVERLAP_SECONDS` before the newest stamp, inclusively, because a change may become
readable a minute late; what comes again unchanged is recognised by its content and left out (sync-semantics.md
"Cycles"). A token that has expired begins the reading anew from where it began.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

import orjson

from leadproof.systems.pardot.describing import Json, moment
from leadproof.systems.pardot.freshness import LAG_SECONDS
from leadproof.systems.ports import Cursor

OVERLAP_SECONDS = LAG_SECONDS + 1
ORDER = "updatedAt"


@dataclass(slots=True)
class Reading:
    """Where a reading stands. `since`: where it began; `at`: the newest stamp; `token`: the page to come, "" when it
    ended. `seen`: the rows told within the overlap: id -> [stamp, what it held]."""

    since: str = ""
    at: str = ""
    token: str = ""
    seen: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None) -> Reading:
        """From the opaque text; raises ValueError where it is another's."""
        if not cursor:
            return cls()
        raw = orjson.loads(cursor)
        return cls(raw["since"], raw["at"], raw["token"], raw["seen"])

    def cursor(self) -> Cursor:
        """As the opaque text."""
        told = {"since": self.since, "at": self.at, "token": self.token, "seen": self.seen}
        return orjson.dumps(told).decode()

    def begun(self) -> Reading:
        """A new reading from here: inclusively, a little before the newest stamp."""
        since = _text(moment(self.at) - timedelta(seconds=OVERLAP_SECONDS)) if self.at else self.since
        return replace(self, since=since, token="")

    def again(self) -> Reading:
        """The same reading from its start, as its token has expired."""
        return replace(self, token="")

    def query(self) -> list[tuple[str, str]]:
        """The filter and order of the first page; a token stands alone."""
        if self.token:
            return [("nextPageToken", self.token)]
        since = [("updatedAtAfterOrEqualTo", self.since)] if self.since else []
        return [("orderBy", ORDER), ("deleted", "all"), *since]

    def take(self, rows: Iterable[Json], token: str) -> tuple[list[Json], Reading]:
        """The rows that tell something new, and where to go on."""
        fresh: list[Json] = []
        seen, at = dict(self.seen), self.at
        for row in rows:
            stamp, id = _text(moment(str(row["updatedAt"]))), str(row["id"])
            held = [stamp, _content(row)]
            at = max(at, stamp)
            if seen.get(id) != held:
                fresh.append(row)
                seen[id] = held
        floor = _text(moment(at) - timedelta(seconds=OVERLAP_SECONDS)) if at else ""
        kept = {one: held for one, held in seen.items() if held[0] >= floor}
        return fresh, Reading(self.since, at, token, kept)


def _text(time: Any) -> str:
    """The API's form of a time, in UTC, whose order as text is its order in time."""
    return str(time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"))


def _content(row: Json) -> str:
    return hashlib.blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
