"""What changed since: the query ordered by `updatedAt`, the recycle bin included.

A reading is a sequence of page tokens, which only `fields` may accompany; the vendor keeps ties of one second apart
inside it. A change may become readable a minute late, but not later: when a reading begins, everything that is
stamped `OVERLAP_SECONDS` before is there. So the next reading begins at that moment, inclusively; what comes again
unchanged is recognised by its content and left out (sync-semantics.md "Cycles"). A token that has expired begins the
rest of the reading anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta

import orjson

from leadproof.systems.pardot.describing import Json, moment
from leadproof.systems.pardot.freshness import LAG_SECONDS
from leadproof.systems.ports import Cursor

OVERLAP_SECONDS = LAG_SECONDS + 1
ORDER = "updatedAt"


@dataclass(slots=True)
class Reading:
    """Where a reading stands; times in the API's form in UTC, whose order as text is their order.

    `since`: from which stamp it reads; `began`: the unit's time when it began, "" where no answer has told it;
    `at`: the newest stamp; `token`: the page to come, "" when it ended; `seen`: the rows told that can come again:
    id -> [stamp, what it held].
    """

    since: str = ""
    began: str = ""
    at: str = ""
    token: str = ""
    seen: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None) -> Reading:
        """From the opaque text; raises TypeError or ValueError where it is another's."""
        return cls(**orjson.loads(cursor)) if cursor else cls()

    def cursor(self) -> Cursor:
        """As the opaque text."""
        return orjson.dumps(asdict(self)).decode()

    def begun(self, now: datetime | None) -> Reading:
        """A new reading from where this one ended. `now`: a time of the unit's clock that is not after the query."""
        return replace(self, since=self.floor, began=_text(now) if now is not None else "", token="")

    def again(self) -> Reading:
        """The rest of this reading, as its token has expired: what is well before the newest stamp was told."""
        return replace(self, since=_before(self.at) if self.at else self.since, token="")

    def cut(self) -> Reading:
        """This reading, known to end before all was told: the next one goes on at its newest stamp."""
        return replace(self, began="")

    @property
    def floor(self) -> str:
        """The stamp from which rows can still come: what is older was there when the reading began, and was told once
        the reading has passed it."""
        known = [one for one in (self.began, self.at if self.token or not self.began else "") if one]
        return max(_before(min(known)), self.since) if known else self.since

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
        further = replace(self, at=at, token=token, seen=seen)
        further.seen = {id: held for id, held in seen.items() if held[0] >= further.floor}
        return fresh, further


def _before(stamp: str) -> str:
    return _text(moment(stamp) - timedelta(seconds=OVERLAP_SECONDS))


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _content(row: Json) -> str:
    return hashlib.blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
