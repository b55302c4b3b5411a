"""Quiet: content systems are left alone, and the connector's own writes do not come back as edits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from leadproof.oracle.agreement import Agreement, computed
from leadproof.oracle.doubts import Names
from leadproof.oracle.histories import Histories
from leadproof.oracle.links import Link, Links
from leadproof.oracle.matching import Matching
from leadproof.oracle.rules import NAMES
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Edit, Life
from leadproof.oracle.violations import Spot, Violation

SETTLING_CYCLES = 3
"""Within so many cycles after the last outside change both sides are content (sync-semantics.md "Cycles")."""
Written = tuple[int, SideName, Life, str]


class Silence:
    """Judges what the connector wrote although nothing had happened."""

    def __init__(self, agreement: Agreement, histories: Histories, links: Links, matching: Matching) -> None:
        self._agreement = agreement
        self._histories = histories
        self._links = links
        self._matching = matching

    def silent(self) -> Iterator[Violation]:
        """After the settling cycles of the last outside change or fault, no cycle writes. A cycle that was
        kept from its work settles nothing. Judged as far as the histories go; not at all where boundaries are
        hidden."""
        cycles = self._histories.cycles
        if cycles is None:
            return
        last = max([*self._histories.outside[-1:], *self._histories.doubts.faults[-1:]], default=0)
        after = [span for place, span in enumerate(cycles) if span.start >= last and self._histories.doubts.ran(place)]
        if len(after) <= SETTLING_CYCLES:
            return
        quiet = after[SETTLING_CYCLES].start
        late = [one for one in self._histories.attempts if one.n > quiet and not one.refused]
        for side in ("crm", "marketing"):
            tries = [one for one in late if one.side == side]
            if tries:
                what = ", ".join(dict.fromkeys(f"{one.method} {one.path}" for one in tries[:3]))
                place = Spot(side, self._agreement.marketing_object if side == "marketing" else "Lead")
                because = f"nothing happened for {SETTLING_CYCLES} cycles, so further cycles write nothing"
                yield Violation("oracle.silent", "", place, "no write", f"{len(tries)} writes ({what})", because)

    def echoes(self, link: Link) -> Iterator[Violation]:
        """A mapped field that the connector wrote twice although nobody else touched either side in between."""
        names = dict.fromkeys(
            name for _, life in self._links.crm.chain(link.crm) for name in self._agreement.rows.get(life.object, {})
        )
        for name in names:
            own, outside = self._edits(link, name)
            for (first, *_), (n, side, life, field) in pairwise(own):
                if not self._happened(first, n, outside, self._matching.names(link)):
                    because = f"{NAMES[side]}'s field was written again although nobody but the connector touched it"
                    place = Spot(side, life.object, life.id, field)
                    person = self._matching.name("marketing", link.marketing_end)
                    yield Violation("oracle.no_echo", person, place, "one write", "another one", because)

    def _edits(self, link: Link, name: str) -> tuple[list[Written], list[int]]:
        """The connector's writes of a row, and where others touched it (or the row moved to another record)."""
        own: list[Written] = []
        outside: list[int] = [link.opened or 0]
        chains: tuple[tuple[SideName, list[tuple[int, Life]]], ...] = (
            ("crm", self._links.crm.chain(link.crm)),
            ("marketing", self._links.marketing.chain(link.marketing)),
        )
        for side, chain in chains:
            outside += [since for since, _ in chain[1:]]
            for _, life in chain:
                field = self._field(side, life, name)
                spec = self._agreement.spec(side, life.object, field)
                counts = spec is not None and computed(spec)
                # A creation also holds what the system itself filled in, so it proves no write of this field.
                touched: list[Edit] = [
                    edit for edit in life.edits if field in edit.fields and not (edit.own and edit is life.born)
                ]
                own += [(edit.n, side, life, field) for edit in touched if edit.own and not counts]
                outside += [edit.n for edit in touched if not edit.own or counts]
        return sorted(own, key=lambda one: one[0]), sorted(outside)

    def _field(self, side: SideName, life: Life, name: str) -> str:
        if side == "marketing":
            return name
        row = self._agreement.rows.get(life.object, {}).get(name)
        return row.terms.crm_field if row is not None else ""

    def _happened(self, first: int, second: int, outside: list[int], whom: Names) -> bool:
        """Whether anything explains a second write: an outside touch that the first could not have seen, a fault,
        or a cycle that may not have decided this person."""
        span = self._histories.cycle_of(first)
        seen = span.start if span is not None else first
        for moments in (outside, self._histories.doubts.faults):
            place = bisect_left(moments, seen + 1)
            if place < len(moments) and moments[place] < second:
                return True
        cycles = self._histories.cycles or ()
        return any(not self._histories.decided(one, whom) for one in cycles if seen <= one.start < second)
