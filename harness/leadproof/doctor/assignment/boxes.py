"""Boxes: for some fields a set of cells each; a lead is in the box if each of those fields is in its set.

A rule is a union of boxes (its logic in disjunctive form). Whether boxes cover a box is found by taking one of them
away from it at a time; that can take exponentially long, so each question has a budget of steps.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from leadproof.doctor.assignment.axes import Cells
from leadterms.logic import And, Logic, Not, Or, Ref

Box: TypeAlias = Mapping[int, Cells]
"""Axis number -> its cells; an axis that is absent is not restricted. No set is empty."""
Literals: TypeAlias = Sequence[tuple[int, Cells, Cells]]
"""For each row its axis, the cells where it may be true, and those where it may be false."""
EVERYTHING: Box = {}

MOST_BOXES = 256
"""Boxes of one rule; one with more is not analysed."""
DEEPEST = 700


class OverBudget(Exception):
    """The question would take too long."""


class Budget:
    """Steps that are left for a question."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self) -> None:
        """Take a step. Raises OverBudget."""
        self.left -= 1
        if self.left < 0:
            raise OverBudget


def meet(one: Box, other: Box) -> Box | None:
    """What is in both boxes; None for nothing."""
    if not one or not other:
        return other or one
    both = dict(one)
    for axis, cells in other.items():
        held = both.get(axis)
        if held is not None:
            cells &= held
            if not cells:
                return None
        both[axis] = cells
    return both


def within(one: Box, other: Box) -> bool:
    """Whether the other box holds all of the one. (A set that is full counts as one.)"""
    return all(axis in one and not one[axis] & ~cells for axis, cells in other.items())


def boxes_of(logic: Logic, literals: Literals, wanted: bool = True) -> list[Box]:
    """The boxes in which the logic may be true (or, not `wanted`, false); [] when it never is. Raises OverBudget."""
    if isinstance(logic, Ref):
        axis, true, false = literals[logic.n - 1]
        cells = true if wanted else false
        return [{axis: cells}] if cells else []
    if isinstance(logic, Not):
        return boxes_of(logic.part, literals, not wanted)
    if isinstance(logic, And) == wanted:
        found: list[Box] = [EVERYTHING]
        for part in logic.parts:
            others = boxes_of(part, literals, wanted)
            if len(others) == 1 and len(found) == 1:
                both = meet(found[0], others[0])
                found = [] if both is None else [both]
            else:
                found = _joined([meet(one, other) for one in found for other in others])
            if not found:
                return []
        return found
    assert isinstance(logic, And | Or)
    return _joined([box for part in logic.parts for box in boxes_of(part, literals, wanted)])


def _joined(boxes: Sequence[Box | None]) -> list[Box]:
    """The boxes without those within others; boxes of one and the same axis become one. Raises OverBudget."""
    kept: list[Box] = []
    single: dict[int, Cells] = {}
    for box in boxes:
        if box is not None and len(box) == 1:
            ((axis, cells),) = box.items()
            single[axis] = single.get(axis, 0) | cells
    candidates: list[Box] = [{axis: cells} for axis, cells in single.items()]
    candidates += [box for box in boxes if box is not None and len(box) != 1]
    if len(candidates) > 8 * MOST_BOXES:
        raise OverBudget
    for box in candidates:
        if not any(within(box, other) for other in kept):
            kept = [other for other in kept if not within(other, box)]
            kept.append(box)
    if len(kept) > MOST_BOXES:
        raise OverBudget
    return kept


def remainder(box: Box, taken: Sequence[Box], possible: Sequence[Cells], budget: Budget, depth: int = 0) -> Box | None:
    """A part of the box that none of the others touches, or None when they cover it. `possible`: each axis's cells.
    Raises OverBudget."""
    budget.spend()
    if depth > DEEPEST:
        raise OverBudget
    nearest: Box | None = None
    sides: list[int] = []
    touching: list[Box] = []
    for other in taken:
        outside = []
        for axis, cells in other.items():
            held = box.get(axis)
            if held is None:
                held = possible[axis]
            if not held & cells:
                break
            if held & ~cells:
                outside.append(axis)
        else:
            if not outside:
                return None
            touching.append(other)
            if nearest is None or len(outside) < len(sides):
                nearest, sides = other, outside
    if nearest is None:
        return box
    rest = [other for other in touching if other is not nearest]
    inside = dict(box)
    for axis in sides:
        held = inside.get(axis, possible[axis])
        found = remainder({**inside, axis: held & ~nearest[axis]}, rest, possible, budget, depth + 1)
        if found is not None:
            return found
        inside[axis] = held & nearest[axis]
    return None
