"""Which cycles may not have decided which people: read in the journal, never taken from the connector's own word.

A cycle that was kept from its work need not have decided a row (sync-semantics.md "Oracle and boundaries": any
placement of boundaries). What keeps it from its work stands in the journal: a fault, a call that failed, a row that
was refused, a quota that was all but spent, records that were never read. A refused row is a doubt about the records
that it names and about nobody else: "failed records are retried by policy; others go on" (sync-semantics.md "Cycles").

Records that were never read are no doubt where both systems told how far their feeds reach (`newest` of a whoami):
whoever hears of something new and does not ask for it has decided so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from leadproof.oracle.bodies import document
from leadproof.oracle.timelines import Fact

Names: TypeAlias = frozenset[str]
"""What calls a person: the ids of its records and the match keys that they ever held, trimmed and casefolded."""

_READING = ("/query", "/oauth/token", "/token")
_BEFORE_WORK = frozenset({"oauth", "oauth2", "token", "whoami", "connector", "objects", "describe", "users", "limits"})
"""Words in the path of a call that logs in, looks at the switch or at the fields: no record is read by it."""
_HARMLESS = frozenset({401, 404})
"""A token that ran out is asked for again; a record that is not there tells that it is not there."""
_OF_ONE_RECORD = frozenset({400, 409, 410, 412, 415, 422, 423})
"""How a system refuses what is written, and not the writer: others go on."""
_HARMLESS_FAULTS = frozenset({"delay", "token_expired"})
_ROW_FAULTS = frozenset({"partial", "row_lock"})
"""Faults of rows: their answer says which were refused."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason for which a cycle may not have decided somebody. `about` None: anybody but `spared`."""

    about: Names | None = None
    spared: Names = frozenset()

    def concerns(self, whom: Names) -> bool:
        """Whether it is about the records with these names."""
        return not whom & self.spared if self.about is None else bool(whom & self.about)


@dataclass(frozen=True, slots=True)
class Doubts:
    """The doubts about each cycle, by its place; `faults`: where in the journal the connector's calls met one."""

    of_cycles: tuple[tuple[Doubt, ...], ...] = ()
    faults: tuple[int, ...] = ()

    def decided(self, place: int, whom: Names) -> bool:
        """Whether the cycle at this place surely decided the records with these names."""
        return not any(doubt.concerns(whom) for doubt in self.of_cycles[place])

    def ran(self, place: int) -> bool:
        """Whether nothing kept this cycle as a whole from its work; single records may have been refused."""
        return all(doubt.about is not None for doubt in self.of_cycles[place])

    @classmethod
    def read(
        cls,
        facts: Sequence[Fact],
        cycles: Sequence[tuple[int, int]],
        own: Callable[[Fact], bool],
        orgs: Collection[str],
    ) -> Doubts:
        """Take the journal's facts and the cycles as (start, end), sorted. `own`: the connector caused the fact;
        `orgs`: both of the connection."""
        starts = [start for start, _ in cycles]
        traces = [_Trace() for _ in cycles]
        faults: list[int] = []
        for fact in facts:
            n = int(fact["n"])
            if fact["kind"] not in ("exchange", "fault", "change") or fact["org"] not in orgs or not own(fact):
                continue
            if fact["kind"] == "fault":
                faults.append(n)
            place = bisect_right(starts, n - 1) - 1
            if place >= 0 and n <= cycles[place][1]:
                traces[place].take(fact)
        busiest = {org: max((len(trace.asked.get(org, ())) for trace in traces), default=0) for org in sorted(orgs)}
        return cls(tuple(tuple(trace.doubts(busiest)) for trace in traces), tuple(faults))


@dataclass(slots=True)
class _Trace:
    """What the journal tells of one cycle."""

    asked: dict[str, list[Fact]] = field(default_factory=dict)
    faulty: bool = False
    changed: dict[int, set[str]] = field(default_factory=dict)

    def take(self, fact: Fact) -> None:
        if fact["kind"] == "exchange":
            self.asked.setdefault(str(fact["org"]), []).append(fact)
        elif fact["kind"] == "fault":
            kind = str(fact.get("kind_of"))
            self.faulty = self.faulty or kind not in _HARMLESS_FAULTS | _ROW_FAULTS
        elif fact.get("request") is not None:
            self.changed.setdefault(int(fact["request"]), set()).add(_folded(str(fact["id"])))

    def doubts(self, busiest: Mapping[str, int]) -> Iterator[Doubt]:
        """`busiest`: the most calls that a cycle made, by org. Where all are 0 the journal holds no exchanges, and a
        cycle is taken at its changes."""
        seen = any(busiest.values())
        spent = any(_all_but_spent(calls, len(calls)) for calls in self.asked.values())
        if self.faulty or spent or (seen and not (self._worked() or self._was_told(busiest))):
            yield Doubt()
        for calls in self.asked.values():
            for fact in calls:
                yield from _of_call(fact, frozenset(self.changed.get(int(fact["n"]), ())))

    def _worked(self) -> bool:
        """Whether a call about records was answered. One that only logged in or looked at the switch did no work."""
        return any(
            _answered(fact) and not _BEFORE_WORK & set(str(fact["path"]).split("/"))
            for calls in self.asked.values()
            for fact in calls
        )

    def _was_told(self, busiest: Mapping[str, int]) -> bool:
        """Whether every org told how far its feeds reach, none told that the connector is off, and none was short of
        calls: what a cycle that only looked would have needed is not seen, so the busiest one stands for it."""
        return all(
            _told_newest(calls) and _allowed(calls) and not _all_but_spent(calls, most)
            for calls, most in ((self.asked.get(org, []), most) for org, most in busiest.items())
        )


def _answered(fact: Fact) -> bool:
    return int(fact.get("status") or 0) < 400


def _answers(calls: Sequence[Fact], name: str) -> list[Mapping[str, Any]]:
    """What the calls of one name were answered, {} for what was refused, cut off or is no object."""
    return [
        answer if whole and _answered(fact) and isinstance(answer, Mapping) else {}
        for fact in calls
        if str(fact["path"]).rpartition("/")[2] == name
        for answer, whole in (document(fact.get("response_body")),)
    ]


def _told_newest(calls: Sequence[Fact]) -> bool:
    return any(isinstance(answer.get("newest"), Mapping) for answer in _answers(calls, "whoami"))


def _allowed(calls: Sequence[Fact]) -> bool:
    """Whether the org's own switch, where it was asked for, let the connector work (product.md C1)."""
    told = _answers(calls, "connector")
    return not told or (told[-1].get("switched_on") is True and told[-1].get("verified") is True)


def _all_but_spent(calls: Sequence[Fact], needed: int) -> bool:
    """Whether an org's quota (X-Quota, "used/limit") would not have carried as many calls as are `needed`: a
    connector stops before it is spent (sync-semantics.md "Cycles")."""
    headers = [fact.get("response_headers") or {} for fact in calls]
    used, _, limit = str(next((one["x-quota"] for one in reversed(headers) if "x-quota" in one), "")).partition("/")
    return used.isdigit() and limit.isdigit() and int(limit) - int(used) <= needed


def _of_call(fact: Fact, changed: Names) -> Iterator[Doubt]:
    """What one call leaves open. `changed`: the records that it visibly changed."""
    status = int(fact.get("status") or 0)
    request, whole = document(fact.get("request_body"))
    if status in _HARMLESS:
        return
    if status >= 400:
        named = _OF_ONE_RECORD if writes(fact) and whole else ()
        yield Doubt(_mentioned([str(fact["path"]).split("/"), request])) if status in named else Doubt()
        return
    if not writes(fact):
        return
    answer, whole = document(fact.get("response_body"))
    items = _asked_rows(fact, request)
    for place, row in enumerate(_answered_rows(answer)):
        if _is_refused(row):
            about = _mentioned([items[place] if place < len(items) else None, row])
            yield Doubt(about) if about else Doubt()
    if isinstance(answer, Mapping) and answer.get("errors"):
        yield Doubt()  # Account Engagement numbers the rows that it refused, and the request is a form
    if not whole:
        yield Doubt(spared=changed)


def writes(fact: Fact) -> bool:
    """Whether an exchange was an attempt to write; a query and a login are none."""
    return str(fact["method"]) not in ("GET", "HEAD") and not str(fact["path"]).endswith(_READING)


def all_refused(fact: Fact) -> bool:
    """Whether the system took nothing of what an exchange tried to write."""
    answer, whole = document(fact.get("response_body"))
    rows = _answered_rows(answer)
    if rows:
        return whole and all(_is_refused(row) for row in rows)
    return int(fact.get("status") or 0) >= 400


def _asked_rows(fact: Fact, request: object) -> list[Any]:
    """The rows of a batch as they were asked: the native API's `items`, Salesforce's `records`, or the ids in the
    address of its deletes."""
    rows = _rows(request, "items") or _rows(request, "records")
    if rows:
        return rows
    ids = dict(map(tuple, fact.get("query") or ())).get("ids", "")
    return str(ids).split(",") if ids else []


def _answered_rows(answer: object) -> list[Any]:
    """What became of each row: the native API's `results`, or Salesforce's list of `{success, errors}`."""
    if isinstance(answer, list) and all(isinstance(one, Mapping) and "success" in one for one in answer):
        return answer
    return _rows(answer, "results")


def _is_refused(row: object) -> bool:
    return isinstance(row, Mapping) and (row.get("outcome") == "refused" or row.get("success") is False)


def _rows(document: object, name: str) -> list[Any]:
    rows = document.get(name) if isinstance(document, Mapping) else None
    return rows if isinstance(rows, list) else []


def _mentioned(document: object) -> Names:
    """Every text in a document, trimmed and casefolded: ids, keys and values alike, so nobody named is missed."""
    if isinstance(document, str):
        return frozenset({_folded(document)} - {""})
    if isinstance(document, Mapping):
        return _mentioned(list(document.values()))
    if isinstance(document, list):
        return frozenset().union(*(_mentioned(one) for one in document))
    return frozenset()


def _folded(text: str) -> str:
    return text.strip().casefold()
