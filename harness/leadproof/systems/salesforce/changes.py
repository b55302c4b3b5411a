"""What changed since: by SystemModstamp, over live and deleted rows alike (`queryAll`).

Why not `/updated` and `/deleted`: these answer ids for a window of time, so every change costs a second reading, a
window needs two calls for each object, its end must lie in the past, and a merged record's winner is not told. A
query tells values, deletes and merges in one pass.

Right where many records share a stamp (a load of 2,000 and more within one second): within one reading rows are
ordered by (stamp, id) and the next page begins behind the last row's pair, so a page can neither stand still nor
skip. Between readings the id proves nothing, as a smaller id may change at the same instant, and a transaction may
become visible after a later one: the next reading begins `OVERLAP_SECONDS` before the last stamp, inclusively. What
comes again unchanged is recognised by its content, kept in the cursor for that stretch, and left out: a stamp of
whole seconds would not tell two edits within one (sync-semantics.md "Cycles").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from leadproof.systems.ports import Cursor
from leadproof.systems.salesforce.describing import Json, moment
from leadproof.systems.salesforce.soql import literal, quoted

OVERLAP_SECONDS = 60
"""How long after its stamp a change may become visible; an ordinary transaction ends well within it."""


@dataclass(slots=True)
class Reading:
    """Where a reading stands. `at`: the last row's stamp; `id`: its id while the reading goes on, "" once it ended.
    `seen`: the rows that were told within the overlap: id -> [stamp, what it held]."""

    at: str = ""
    id: str = ""
    seen: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None) -> Reading:
        """From the opaque text; raises ValueError where it is another's."""
        if not cursor:
            return cls()
        raw = orjson.loads(cursor)
        return cls(raw["at"], raw["id"], raw["seen"])

    def cursor(self) -> Cursor:
        """As the opaque text."""
        return orjson.dumps({"at": self.at, "id": self.id, "seen": self.seen}).decode()

    def where(self) -> str:
        """The condition of the next page."""
        if not self.at:
            return ""
        stamp = literal(moment(self.at))
        if self.id:
            return f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {quoted(self.id)}))"
        return f"SystemModstamp >= {literal(moment(self.at) - timedelta(seconds=OVERLAP_SECONDS))}"

    def take(self, rows: Iterable[Json], *, more: bool) -> tuple[list[Json], Reading]:
        """The rows that tell something new, and where the next page begins. `rows` in the order of `ORDER`."""
        fresh: list[Json] = []
        seen = dict(self.seen)
        at, id = self.at, self.id
        for row in rows:
            at, id = str(row["SystemModstamp"]), str(row["Id"])
            held = [at, _content(row)]
            if seen.get(id) != held:
                fresh.append(row)
                seen[id] = held
        if more:
            return fresh, Reading(at, id, seen)
        floor = _floor(at)
        return fresh, Reading(at, "", {one: held for one, held in seen.items() if held[0] >= floor})


ORDER = "ORDER BY SystemModstamp, Id"


def _content(row: Any) -> str:
    told = {name: value for name, value in row.items() if name != "attributes"}
    return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def _floor(at: str) -> str:
    """The stamp from which a later reading begins anew, in the vendor's own spelling, which sorts by time."""
    if not at:
        return ""
    return (moment(at) - timedelta(seconds=OVERLAP_SECONDS)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
