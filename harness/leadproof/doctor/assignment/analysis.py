"""What can be proven of a list of assignment rules (product.md C3): rules that nothing reaches, leads that no rule
takes, leads that two rules want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from leadproof.doctor.assignment.axes import bits
from leadproof.doctor.assignment.boxes import EVERYTHING, Box, Budget, OverBudget, boxes_of, meet, remainder, within
from leadproof.doctor.assignment.ruleset import Rule, RuleSet
from leadterms.fields import FieldSpec
from leadterms.values import Value

STEPS = 20_000
"""Budget of one question about one rule."""
_MOST_SUBSETS = 200


@dataclass(frozen=True, slots=True)
class Unmatchable:
    """No lead can match the rule: these of its rows (numbers from 0) cannot be as the logic needs them. None of them
    can be left out."""

    rule: int
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shadowed:
    """Each lead that the rule matches is taken by one of these earlier rules. None of them can be left out."""

    rule: int
    by: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A lead that no rule takes."""

    lead: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Overlap:
    """A lead that both rules match, so that their order decides; `also`: later rules that meet `first` likewise."""

    first: int
    second: int
    lead: Mapping[str, Value]
    also: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Unproven:
    """A question that stays open: `rule` None is about all of them."""

    rule: int | None
    question: str
    why: str


@dataclass(slots=True)
class Analysis:
    """All that was found, in the rules' order."""

    unmatchable: list[Unmatchable] = field(default_factory=list)
    shadowed: list[Shadowed] = field(default_factory=list)
    gap: Gap | None = None
    overlaps: list[Overlap] = field(default_factory=list)
    unproven: list[Unproven] = field(default_factory=list)


TOO_MANY = "its logic has too many ways to be fulfilled"
TOO_LONG = "it would take too long"
NO_WITNESS = "the values that would show it are computed, point to other records, or are not enumerable"


def analyse(rules: Sequence[Rule], specs: Mapping[str, FieldSpec]) -> Analysis:
    """The analysis of active rules, in the order in which they are asked."""
    return _Analyst(RuleSet(rules, specs)).analysis()


class _Analyst:
    def __init__(self, rules: RuleSet) -> None:
        self.set = rules
        self.found = Analysis()
        self.dead: set[int] = set()
        self.reached = _meetings(rules)

    def analysis(self) -> Analysis:
        for number in range(len(self.set.rules)):
            boxed = self.set.boxed[number]
            if boxed.opaque:
                self._open(number, "whether a lead can match it and reach it", TOO_MANY)
            elif not boxed.may:
                self.dead.add(number)
                self.found.unmatchable.append(Unmatchable(number, self.contradiction(number)))
            else:
                self._reachable(number)
        self._gap()
        for number in range(len(self.set.rules)):
            if number not in self.dead:
                self._overlaps(number)
        return self.found

    def _open(self, rule: int | None, question: str, why: str) -> None:
        self.found.unproven.append(Unproven(rule, question, why))

    # --- no lead can match it --------------------------------------------------------------------------------------

    def contradiction(self, number: int) -> tuple[int, ...]:
        """A smallest set of rows that cannot be as the logic needs them; of few rows, no set is smaller."""
        criteria = self.set.rules[number].criteria
        assert criteria is not None
        literals = self.set.literals(criteria)
        rows = range(len(literals))

        def contradict(kept: Sequence[int]) -> bool:
            free = [
                one if row in kept else (one[0], self.set.possible[one[0]], self.set.possible[one[0]])
                for row, one in enumerate(literals)
            ]
            try:
                return not boxes_of(criteria.logic, free)
            except OverBudget:
                return False

        tried = 0
        for size in (1, 2, 3):
            for chosen in combinations(rows, size):
                tried += 1
                if tried > _MOST_SUBSETS:
                    break
                if contradict(chosen):
                    return chosen
        kept = list(rows)
        for row in rows:
            fewer = [one for one in kept if one != row]
            if contradict(fewer):
                kept = fewer
        return tuple(kept)

    # --- earlier rules take all its leads --------------------------------------------------------------------------

    def _reachable(self, number: int) -> None:
        earlier = [one for one in bits(self.reached[number] & ((1 << number) - 1)) if one not in self.dead]
        boxed = self.set.boxed[number]
        try:
            if earlier and self._covered(boxed.may, earlier):
                self.dead.add(number)
                self.found.shadowed.append(Shadowed(number, self._needed(boxed.may, earlier)))
            elif earlier and not any(self._free(box, earlier) for box in boxed.sure):
                self._open(number, "whether earlier rules take all its leads", NO_WITNESS)
        except OverBudget:
            self._open(number, "whether earlier rules take all its leads", TOO_LONG)

    def _covered(self, boxes: Sequence[Box], earlier: Sequence[int]) -> bool:
        """Whether the earlier rules certainly take all of the boxes."""
        taken = [box for one in earlier for box in self.set.boxed[one].must]
        budget = Budget(STEPS)
        return all(remainder(box, taken, self.set.possible, budget) is None for box in boxes)

    def _needed(self, boxes: Sequence[Box], earlier: Sequence[int]) -> tuple[int, ...]:
        """Of the earlier rules a set that covers and has none to spare: one rule alone where that is enough."""
        for one in earlier:
            if self._covered(boxes, [one]):
                return (one,)
        kept = list(earlier)
        for one in reversed(earlier):
            fewer = [other for other in kept if other != one]
            if self._covered(boxes, fewer):
                kept = fewer
        return tuple(kept)

    def _free(self, box: Box, earlier: Sequence[int]) -> Box | None:
        """A part of a sure box that certainly none of the earlier rules takes."""
        taken = [other for one in earlier for other in self.set.boxed[one].wide]
        return remainder(box, taken, self.set.certain, Budget(STEPS))

    # --- no rule takes it ------------------------------------------------------------------------------------------

    def _gap(self) -> None:
        everyone = range(len(self.set.rules))
        if any(rule.criteria is not None and not rule.criteria.rows for rule in self.set.rules):
            return
        try:
            witness = self._free(EVERYTHING, everyone)
            if witness is not None:
                lead = self.set.lead(witness)
                assert self.set.first(lead) is None
                self.found.gap = Gap(lead)
            elif not self._covered([EVERYTHING], everyone):
                self._open(None, "whether there is a lead that no rule takes", NO_WITNESS)
        except OverBudget:
            self._open(None, "whether there is a lead that no rule takes", TOO_LONG)

    # --- two rules want it -----------------------------------------------------------------------------------------

    def _overlaps(self, number: int) -> None:
        """The later rules that this one meets, of which neither lies within the other, and with other assignees."""
        mine = self.set.rules[number]
        met = [
            other
            for other in bits(self.reached[number] >> (number + 1) << (number + 1))
            if other not in self.dead and self.set.rules[other].to != mine.to and not self._nested(number, other)
        ]
        for place, other in enumerate(met):
            lead = self._contested(number, other)
            if lead is not None:
                self.found.overlaps.append(Overlap(number, other, lead, tuple(met[place + 1 :])))
                return

    def _nested(self, first: int, second: int) -> bool:
        """Whether the earlier rule is a special case of the later one: then the order is meant."""
        wider = self.set.boxed[second].must
        if all(any(within(box, other) for other in wider) for box in self.set.boxed[first].may):
            return True
        try:
            return self._covered(self.set.boxed[first].may, [second])
        except OverBudget:
            return True  # not proven to overlap

    def _contested(self, first: int, second: int) -> Mapping[str, Value] | None:
        """A lead that reaches the first rule and would match the second."""
        earlier = [one for one in bits(self.reached[first] & ((1 << first) - 1)) if one not in self.dead]
        for one in self.set.boxed[first].sure:
            for other in self.set.boxed[second].sure:
                both = meet(one, other)
                try:
                    free = None if both is None else self._free(both, earlier)
                except OverBudget:
                    continue
                if free is not None:
                    lead = self.set.lead(free)
                    assert self.set.first(lead) == first
                    return lead
        return None


def _meetings(rules: RuleSet) -> list[int]:
    """For each rule the others that perhaps share a lead with it, as bits."""
    found = [0] * len(rules.rules)
    for number, boxed in enumerate(rules.boxed):
        for other in range(number):
            if any(meet(a, b) is not None for a in boxed.may for b in rules.boxed[other].may):
                found[number] |= 1 << other
                found[other] |= 1 << number
    return found
