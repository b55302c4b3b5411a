"""Assignment rules as boxes over common axes: made once, asked by every question.

What is claimed of rules is proven, not sampled: `may` holds every lead that perhaps matches, `must` none that perhaps
does not, and a witness is taken from cells of which a lead can certainly hold the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from leadproof.doctor.assignment.axes import Axis, Condition, axis_of
from leadproof.doctor.assignment.boxes import Box, Literals, OverBudget, Space
from leadterms.criteria import Criteria, Row, evaluate
from leadterms.fields import FieldSpec
from leadterms.values import Value


@dataclass(frozen=True, slots=True)
class Rule:
    """One active rule, its criteria bound to the fields (None: they cannot be); `to` tells rules with the same
    assignees."""

    name: str
    criteria: Criteria | None
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Boxed:
    """A rule's boxes. `may`: all that may match. `must`: without wild cells. `sure`: of sure cells only. `wide`: `may`
    with all of the axes that have no sure cell, for whoever looks for a lead that certainly does not match. `opaque`:
    nothing is known of a rule that cannot be read or has too many boxes: it may match anything, and need match
    nothing."""

    may: tuple[Box, ...]
    must: tuple[Box, ...]
    sure: tuple[Box, ...]
    wide: tuple[Box, ...]
    opaque: bool = False


class RuleSet:
    """The rules in their order, over the axes of the fields that they name. `certain` is the box of sure cells;
    `exact`: there are no others."""

    def __init__(self, rules: Sequence[Rule], specs: Mapping[str, FieldSpec]) -> None:
        self.rules = tuple(rules)
        by_field: dict[str, list[Row]] = {}
        for rule in rules:
            for row in rule.criteria.rows if rule.criteria is not None else ():
                by_field.setdefault(row.field, []).append(row)
        axes = (axis_of(specs[field], rows) for field, rows in by_field.items())
        self.axes: list[Axis] = sorted(axes, key=lambda axis: axis.possible.bit_length())  # the short ones first
        self.space = Space(axis.possible for axis in self.axes)
        self._unsure = [number for number, axis in enumerate(self.axes) if not axis.sure]
        self.certain = self._box_of(axis.sure or axis.possible for axis in self.axes)
        self._tame = self._box_of(axis.possible & ~axis.wild for axis in self.axes)
        self.exact = not self._unsure and self.space.full == self.certain == self._tame
        self._literals = {axis.spec.id: self._literals_of(number) for number, axis in enumerate(self.axes)}
        self.boxed = [self._boxed(rule) for rule in self.rules]

    def _box_of(self, sets: Iterable[int]) -> Box:
        found = self.space.full
        for axis, cells in enumerate(sets):
            found &= self.space.box(axis, cells)
        return found

    def literals(self, criteria: Criteria) -> Literals:
        """For each row the box where it may be true, and the one where it may be false."""
        return [self._literals[row.field][row.operator, row.value] for row in criteria.rows]

    def _literals_of(self, axis: int) -> dict[Condition, tuple[Box, Box]]:
        box = partial(self.space.box, axis)
        return {one: (box(true), box(false)) for one, (true, false) in self.axes[axis].masks.items()}

    def _boxed(self, rule: Rule) -> Boxed:
        everything = (self.space.full,)
        if rule.criteria is None:
            return Boxed(everything, (), (), everything, opaque=True)
        try:
            may = self.space.boxes_of(rule.criteria.logic, self.literals(rule.criteria))
        except OverBudget:
            return Boxed(everything, (), (), everything, opaque=True)
        sure, wide = tuple(may), tuple(may)
        for axis in self._unsure:
            whole = self.axes[axis].possible
            sure = tuple(box for box in sure if self.space.cells(box, axis) == whole)
            wide = tuple(box | self.space.full & ~self.space.box(axis, 0) for box in wide)
        return Boxed(tuple(may), self._within(may, self._tame), self._within(sure, self.certain), wide)

    def _within(self, boxes: Iterable[Box], limits: Box) -> tuple[Box, ...]:
        """The boxes as far as they lie within the limits; an axis that a box does not narrow is left whole, because
        the rule does not ask for it."""
        if limits == self.space.full:
            return tuple(boxes)
        found = []
        for box in boxes:
            for axis in self.space.narrowed(box):
                box &= self.space.box(axis, self.space.cells(limits, axis))
            if not self.space.empty(box):
                found.append(box)
        return tuple(found)

    def lead(self, box: Box) -> dict[str, Value]:
        """The values of a lead in a box, by field id, from sure cells. Left out are fields that do not matter and may
        be blank."""
        lead = {}
        for number, axis in enumerate(self.axes):
            cells = self.space.cells(box, number)
            if cells & axis.sure and (cells != axis.possible or axis.never_blank):
                lead[axis.spec.id] = axis.choose(cells & axis.sure)
        return lead

    def first(self, lead: Mapping[str, Value]) -> int | None:
        """The number of the rule that takes the lead, as the engine decides: the first that matches. A rule that cannot
        be read is passed over."""
        for number, rule in enumerate(self.rules):
            if rule.criteria is not None and evaluate(rule.criteria, lead):
                return number
        return None
