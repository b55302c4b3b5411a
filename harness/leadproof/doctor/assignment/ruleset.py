"""Assignment rules as boxes over common axes: made once, asked by every question.

What is claimed of rules is proven, not sampled: `may` holds every lead that perhaps matches, `must` none that perhaps
does not, and a witness is taken from cells of which a lead can certainly hold the value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leadproof.doctor.assignment.axes import Axis, Cells, axis_of
from leadproof.doctor.assignment.boxes import EVERYTHING, Box, Literals, OverBudget, boxes_of
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
    without the axes that have no sure cell, for whoever looks for a lead that certainly does not match."""

    may: tuple[Box, ...]
    must: tuple[Box, ...]
    sure: tuple[Box, ...]
    wide: tuple[Box, ...]
    opaque: bool = False


OPAQUE = Boxed((EVERYTHING,), (), (), (EVERYTHING,), opaque=True)
"""What is known of a rule that cannot be read or has too many boxes: it may match anything, and need match nothing."""


class RuleSet:
    """The rules in their order, over the axes of the fields that they name."""

    def __init__(self, rules: Sequence[Rule], specs: Mapping[str, FieldSpec]) -> None:
        self.rules = tuple(rules)
        by_field: dict[str, list[Row]] = {}
        for rule in rules:
            for row in rule.criteria.rows if rule.criteria is not None else ():
                by_field.setdefault(row.field, []).append(row)
        self.axes: list[Axis] = [axis_of(specs[field], rows) for field, rows in by_field.items()]
        self.possible: list[Cells] = [axis.possible for axis in self.axes]
        self.certain: list[Cells] = [axis.sure for axis in self.axes]
        self._known: list[Cells] = [axis.possible & ~axis.wild for axis in self.axes]
        self._number = {field: number for number, field in enumerate(by_field)}
        self.boxed = [self._box(rule) for rule in self.rules]

    def literals(self, criteria: Criteria) -> Literals:
        """For each row its axis and the cells where it may be true, and false."""
        found = []
        for row in criteria.rows:
            number = self._number[row.field]
            axis, condition = self.axes[number], (row.operator, row.value)
            found.append((number, axis.mask(condition), axis.opposite(condition)))
        return found

    def _box(self, rule: Rule) -> Boxed:
        if rule.criteria is None:
            return OPAQUE
        try:
            may = boxes_of(rule.criteria.logic, self.literals(rule.criteria))
        except OverBudget:
            return OPAQUE
        wide = [{axis: cells for axis, cells in box.items() if self.certain[axis]} for box in may]
        return Boxed(tuple(may), self._limited(may, self._known), self._limited(may, self.certain), tuple(wide))

    def _limited(self, boxes: Sequence[Box], limits: Sequence[Cells]) -> tuple[Box, ...]:
        limited = (self._within(box, limits) for box in boxes)
        return tuple(one for one in limited if one is not None)

    def _within(self, box: Box, limits: Sequence[Cells]) -> Box | None:
        """The box with its own sets limited; None when nothing is left of one."""
        found = {axis: cells & limits[axis] for axis, cells in box.items()}
        return found if all(found.values()) else None

    def lead(self, box: Box) -> dict[str, Value]:
        """The values of a lead in a box of sure cells, by field id. Left out are fields that do not matter and may be
        blank."""
        lead = {}
        for number, axis in enumerate(self.axes):
            cells = box.get(number, axis.sure if axis.never_blank else 0)
            if cells:
                lead[axis.spec.id] = axis.choose(cells)
        return lead

    def first(self, lead: Mapping[str, Value]) -> int | None:
        """The number of the rule that takes the lead, as the engine decides: the first that matches.
        A rule that cannot be read is passed over."""
        for number, rule in enumerate(self.rules):
            if rule.criteria is not None and evaluate(rule.criteria, lead):
                return number
        return None
