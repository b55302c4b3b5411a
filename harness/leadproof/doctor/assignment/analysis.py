"""What can be proven of a list of assignment rules (product.md C3): rules that nothing reaches, leads that no rule
takes, leads that two rules want."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

from leadproof.doctor.assignment.axes import bits
from leadproof.doctor.assignment.boxes import Box, Budget, Literals, OverBudget
from leadproof.doctor.assignment.meetings import meetings
from leadproof.doctor.assignment.ruleset import Rule, RuleSet
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec
from leadterms.logic import And, Ref
from leadterms.values import Value

ONE_QUESTION = 400_000
"""Boxes that are looked at for one question, about a quarter of a second."""
ALL_QUESTIONS = 8_000_000
"""And for all of them, some seconds."""
MOST_NAMED = 5
"""Rules that one overlap names beside the first."""
_MOST_SUBSETS = 200


@dataclass(frozen=True, slots=True)
class Unmatchable:
    """No lead can match the rule: these of its rows (numbers from 0) cannot be as the logic needs them. None of them
    can be left out of it."""

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
    """A lead that both rules match, so that their order decides; `also`: some later rules that `first`
    overlaps with as well."""

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
        self.whole = Budget(ALL_QUESTIONS)
        self.alive = (1 << len(rules.rules)) - 1
        """The rules that some lead perhaps reaches, as bits; of those not yet looked at it is taken for granted."""
        self.reached = _meetings(rules)
        self.colleagues: dict[tuple[str, ...], int] = {}
        """For assignees the rules that assign to the same, as bits."""
        for number, rule in enumerate(rules.rules):
            self.colleagues[rule.to] = self.colleagues.get(rule.to, 0) | 1 << number

    def analysis(self) -> Analysis:
        for number in range(len(self.set.rules)):
            boxed = self.set.boxed[number]
            if boxed.opaque:
                self._open(number, "whether a lead can match it and reach it", TOO_MANY)
            elif not boxed.may:
                self.alive ^= 1 << number
                self.found.unmatchable.append(Unmatchable(number, self.contradiction(number)))
            else:
                self._reachable(number)
        self._gap()
        for number in bits(self.alive):
            self._overlaps(number)
        return self.found

    def _earlier(self, number: int, those: int) -> list[int]:
        """Of the rules given as bits those before this one that leads reach, rising."""
        return list(bits(those & self.alive & ((1 << number) - 1)))

    def _open(self, rule: int | None, question: str, why: str) -> None:
        self.found.unproven.append(Unproven(rule, question, why))

    # --- no lead can match it --------------------------------------------------------------------------------------

    def contradiction(self, number: int) -> tuple[int, ...]:
        """A smallest set of rows that cannot be as the logic needs them; where there are many rows, one of which none
        can be left out."""
        criteria, space = self.set.rules[number].criteria, self.set.space
        assert criteria is not None
        literals = self.set.literals(criteria)
        rows = self._suspects(criteria, literals)

        def contradict(kept: Sequence[int]) -> bool:
            free = [one if row in kept else (space.full, space.full) for row, one in enumerate(literals)]
            try:
                return not space.boxes_of(criteria.logic, free)
            except OverBudget:
                return False

        for size in (1, 2, 3):
            if comb(len(rows), size) <= _MOST_SUBSETS:
                for chosen in combinations(rows, size):
                    if contradict(chosen):
                        return chosen
        kept = list(rows)
        for row in rows:
            fewer = [one for one in kept if one != row]
            if contradict(fewer):
                kept = fewer
        return tuple(kept)

    def _suspects(self, criteria: Criteria, literals: Literals) -> list[int]:
        """Rows that contradict each other: where all are joined by AND those of one field, else all."""
        together: dict[str, list[int]] = {}
        if isinstance(criteria.logic, And) and all(isinstance(part, Ref) for part in criteria.logic.parts):
            for row, one in enumerate(criteria.rows):
                mine = together.setdefault(one.field, [])
                mine.append(row)
                both = self.set.space.full
                for other in mine:
                    both &= literals[other][0]
                if self.set.space.empty(both):
                    return mine
        return list(range(len(literals)))

    # --- earlier rules take all its leads --------------------------------------------------------------------------

    def _reachable(self, number: int) -> None:
        earlier = self._earlier(number, self.reached[number])
        boxed = self.set.boxed[number]
        try:
            used: set[Box] = set()
            if earlier and self._covered(boxed.may, earlier, used):
                self.alive ^= 1 << number
                self.found.shadowed.append(Shadowed(number, self._needed(boxed.may, earlier, used)))
            elif earlier and not self.set.exact and not any(self._free(box, earlier) for box in boxed.sure):
                self._open(number, "whether earlier rules take all its leads", NO_WITNESS)
        except OverBudget:
            self._open(number, "whether earlier rules take all its leads", TOO_LONG)

    def _covered(self, boxes: Sequence[Box], earlier: Sequence[int], used: set[Box] | None = None) -> bool:
        """Whether the earlier rules certainly take all of the boxes; `used` gets those of their boxes that do."""
        taken = [box for one in earlier for box in self.set.boxed[one].must]
        for box in boxes:  # most rules are reached, and a point that shows it is soon found
            for point in self.set.space.corners(box):
                if all(point & other != point for other in taken):
                    return False
        budget = Budget(ONE_QUESTION, self.whole)
        return all(self.set.space.remainder(box, taken, budget, used) is None for box in boxes)

    def _needed(self, boxes: Sequence[Box], earlier: Sequence[int], used: set[Box]) -> tuple[int, ...]:
        """Of the earlier rules a set that covers and has none to spare: one rule alone where that is enough."""
        for one in earlier:
            if self._holds(one, boxes):
                return (one,)
        kept = [one for one in earlier if not used.isdisjoint(self.set.boxed[one].must)]
        for one in reversed(kept):
            fewer = [other for other in kept if other != one]
            if self._covered(boxes, fewer):
                kept = fewer
        return tuple(kept)

    def _free(self, box: Box, earlier: Sequence[int]) -> Box | None:
        """A part of a box that certainly none of the earlier rules takes, of sure cells where that matters."""
        taken = [other for one in earlier for other in self.set.boxed[one].wide]
        return self.set.space.remainder(box & self.set.certain, taken, Budget(ONE_QUESTION, self.whole))

    # --- no rule takes it ------------------------------------------------------------------------------------------

    def _gap(self) -> None:
        everyone = range(len(self.set.rules))
        if any(rule.criteria is not None and not rule.criteria.rows for rule in self.set.rules):
            return
        try:
            witness = self._free(self.set.space.full, everyone)
            if witness is not None:
                self.found.gap = Gap(self.set.lead(witness))
            elif not self._covered([self.set.space.full], everyone):
                self._open(None, "whether there is a lead that no rule takes", NO_WITNESS)
        except OverBudget:
            self._open(None, "whether there is a lead that no rule takes", TOO_LONG)

    # --- two rules want it -----------------------------------------------------------------------------------------

    def _overlaps(self, number: int) -> None:
        """The later rules that want a lead which this one takes, with other assignees, and neither within the other."""
        rivals = self.reached[number] & self.alive & ~self.colleagues[self.set.rules[number].to]
        witness: tuple[int, Mapping[str, Value]] | None = None
        also: list[int] = []
        for other in bits(rivals >> (number + 1) << (number + 1)):
            if self._nested(number, other):
                continue
            if witness is not None:
                also.append(other)
            else:
                lead = self._contested(number, other)
                witness = None if lead is None else (other, lead)
            if len(also) == MOST_NAMED:
                break
        if witness is not None:
            self.found.overlaps.append(Overlap(number, *witness, tuple(also)))

    def _holds(self, number: int, boxes: Sequence[Box]) -> bool:
        """Whether each of the boxes lies in one of the rule's."""
        wider = self.set.boxed[number].must
        if len(wider) == len(boxes) == 1:
            return not boxes[0] & ~wider[0]
        return all(any(not box & ~other for other in wider) for box in boxes)

    def _nested(self, first: int, second: int) -> bool:
        """Whether the earlier rule is a special case of the later one: then the order is meant."""
        boxes = self.set.boxed[first].may
        held = self._holds(second, boxes)
        if held or len(self.set.boxed[second].must) < 2:
            return held
        try:
            return self._covered(boxes, [second])
        except OverBudget:
            return True  # not proven to overlap

    def _contested(self, first: int, second: int) -> Mapping[str, Value] | None:
        """A lead that reaches the first rule and would match the second."""
        earlier = self._earlier(first, self.reached[first] & self.reached[second])
        for one in self.set.boxed[first].sure:
            for other in self.set.boxed[second].sure:
                both = one & other
                try:
                    free = None if self.set.space.empty(both) else self._free(both, earlier)
                except OverBudget:
                    continue
                if free is not None:
                    return self.set.lead(free)
        return None


def _meetings(rules: RuleSet) -> list[int]:
    """For each rule the others that perhaps share a lead with it, as bits."""
    boxes = [box for boxed in rules.boxed for box in boxed.may]
    owners = [number for number, boxed in enumerate(rules.boxed) for _ in boxed.may]
    found = [0] * len(rules.rules)
    for mine, places in zip(owners, meetings(rules.space, boxes), strict=True):
        for place in bits(places):
            found[mine] |= 1 << owners[place]
    return [others & ~(1 << number) for number, others in enumerate(found)]
