"""The connector's own calls, cycle by cycle, as both systems journalled them: never as the connector tells them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from leadproof.diagnosis.vendors_words import vendors_words
from leadproof.findings import Evidence
from leadproof.oracle import CycleSpan
from leadproof.oracle.bodies import document
from leadproof.systems.native.answers import sentences

Fact: TypeAlias = Mapping[str, Any]

CONNECTOR = "connector"
"""The actor whose calls are looked at (formats.md "Recipe")."""
_BY_STATUS = {401: "CON110", 403: "CON111", 429: "CON112"}
_READING = ("/query", "/token")


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the connector. `code` and `text`: how it was refused as a whole, "" if it was not; `fix`: what the
    system says to do about it."""

    n: int
    cycle: int
    org: str
    method: str
    path: str
    status: int
    query: Mapping[str, str]
    request: Any
    response: Any
    code: str = ""
    text: str = ""
    fix: str = ""

    @property
    def writes(self) -> bool:
        """Whether it tried to change something; a query and a login did not."""
        return self.method not in ("GET", "HEAD") and not self.path.endswith(_READING)

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """The rows of a batch, or the one record that it wrote."""
        rows = self.request.get("items") if isinstance(self.request, Mapping) else None
        if isinstance(rows, list):
            return rows
        return [self.request] if self.writes and isinstance(self.request, Mapping) else []

    @property
    def results(self) -> list[Mapping[str, Any]]:
        """What became of each row of a batch."""
        rows = self.response.get("results") if isinstance(self.response, Mapping) else None
        return rows if isinstance(rows, list) else []

    def evidence(self) -> Evidence:
        """The exchange as a proof."""
        said = f": {self.code} {self.text}" if self.code else ""
        return Evidence(f"{self.method} {self.path} was answered {self.status}{said}", self.org, self.n)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that a system did not take: what was sent, and its own words."""

    call: Call
    item: Mapping[str, Any]
    id: str
    code: str
    kind: str
    text: str
    field: str

    def evidence(self) -> Evidence:
        """The refused row as a proof."""
        thing = " ".join(str(self.item.get(key)) for key in ("op", "object", "id") if self.item.get(key))
        return Evidence(f"{self.call.path}: {thing} was refused: {self.code} {self.text}", self.call.org, self.call.n)


@dataclass(frozen=True)
class Calls:
    """All calls of one connection's cycles, in order; `cycles` tells how many cycles ran."""

    all: tuple[Call, ...]
    cycles: int
    lost: tuple[Fact, ...] = field(default=())

    @classmethod
    def read(cls, facts: Sequence[Fact], spans: Sequence[CycleSpan], orgs: frozenset[str]) -> Calls:
        """The calls that lie in these cycles and went to these orgs; `lost`: the faults that they met."""
        starts = [span.start for span in spans]
        found: list[Call] = []
        faults: list[Fact] = []
        for fact in facts:
            if fact.get("actor") != CONNECTOR or fact["org"] not in orgs:
                continue
            n = int(fact["n"])
            cycle = bisect_left(starts, n) - 1
            if cycle < 0 or n > spans[cycle].end:
                continue
            if fact["kind"] == "exchange":
                found.append(_call(fact, cycle))
            elif fact["kind"] == "fault":
                faults.append(fact)
        return cls(tuple(found), len(spans), tuple(faults))

    def to(self, org: str) -> list[Call]:
        """Those to one org."""
        return [one for one in self.all if one.org == org]

    def last(self, org: str) -> list[Call]:
        """Those to one org in the last cycle that called it."""
        calls = self.to(org)
        return [one for one in calls if one.cycle == calls[-1].cycle] if calls else []

    def refusals(self) -> list[Refusal]:
        """Every row that was refused, in order."""
        found = []
        for call in self.all:
            if not call.writes:
                continue
            items = call.items
            for place, result in enumerate(call.results):
                if result.get("outcome") == "refused":
                    found.append(_refusal(call, items[place] if place < len(items) else {}, result))
            if call.status >= 400 and call.code and not call.results:
                body = call.response if isinstance(call.response, Mapping) else {}
                found.append(_refusal(call, items[0] if items else {}, body))
        return found


def _call(fact: Fact, cycle: int) -> Call:
    status = int(fact.get("status") or 0)
    response, _ = document(fact.get("response_body"))
    code, text, fix = "", "", ""
    if status >= 400:
        error = response.get("error") if isinstance(response, Mapping) else None
        told = error if isinstance(error, Mapping) else {}  # the token endpoint answers a word (RFC 6749, 5.2)
        code, (text, fix) = str(told.get("code") or ""), sentences(told)
        if not code:
            code, text = vendors_words(status, response, fact.get("response_body"))
        code = code or _BY_STATUS.get(status) or ("NET109" if status >= 500 else "REF700")
    return Call(
        int(fact["n"]),
        cycle,
        str(fact["org"]),
        str(fact["method"]),
        str(fact["path"]),
        status,
        {str(key): str(value) for key, value in fact.get("query") or ()},
        document(fact.get("request_body"))[0],
        response,
        code,
        text,
        fix,
    )


def _refusal(call: Call, item: Mapping[str, Any], result: Mapping[str, Any]) -> Refusal:
    told = result.get("error") or result.get("refusal") or {}
    problems = told.get("problems") or [{}]
    return Refusal(
        call,
        item,
        str(item.get("id") or result.get("id") or ""),
        str(told.get("code") or ""),
        str(told.get("kind") or ""),
        str(told.get("message") or told.get("text") or ""),
        str(told.get("field") or problems[0].get("field") or ""),
    )
