"""Boxes: for every field a set of cells; a lead is in the box if each of its values lies in the field's set.

A box is one number: the sets of all axes side by side, each followed by a guard bit that is 0. Adding ones to all sets
carries into the guard of every set that is not empty, so two boxes are met in three operations, however many fields
there are (the positional cubes of two-level logic minimisation: R. Rudell, "Multiple-valued logic minimization for PLA
synthesis", 1986). A rule is a union of boxes, its logic in disjunctive form.

Whether boxes cover a box is found by taking one of them away from it at a time; that can take exponentially long, so
each question has a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from leadproof.doctor.assignment.axes import Cells, bits
from leadterms.logic import And, Logic, Not, Or, Ref

Box: TypeAlias = int
Literals: TypeAlias = Sequence[tuple[Box, Box]]
"""For each row the box where it may be true, and the one where it may be false."""

MOST_BOXES = 256
"""Boxes of one rule; one with more is not analysed."""
DEEPEST = 400


class OverBudget(Exception):
    """The question would take too long."""


class Budget:
    """Boxes that may still be looked at for a question, and for all questions together (`whole`)."""

    def __init__(self, boxes: int, whole: Budget | None = None) -> None:
        self.left = boxes
        self._whole = whole

    def spend(self, boxes: int) -> None:
        """Look at so many boxes. Raises OverBudget."""
        self.left -= boxes
        if self.left < 0:
            raise OverBudget
        if self._whole is not None:
            self._whole.spend(boxes)


class Space:
    """Where the sets of the axes lie in a box. `full` holds every cell of every axis; `axes`: how many there are."""

    def __init__(self, sets: Iterable[Cells]) -> None:
        self._segments: list[int] = []
        self._offsets: list[int] = []
        self._at_guard: dict[int, int] = {}
        self.full: Box = 0
        self._firsts = self._ones = self._guards = 0
        offset = 0
        for cells in sets:
            width = max(cells.bit_length(), 1)
            segment = ((1 << width) - 1) << offset
            self._at_guard[offset + width] = len(self._offsets)
            self._offsets.append(offset)
            self._segments.append(segment)
            self.full |= cells << offset
            self._firsts |= 1 << offset
            self._ones |= segment
            self._guards |= 1 << (offset + width)
            offset += width + 1
        self.axes = len(self._offsets)
        self._others = [self.full & ~segment for segment in self._segments]

    def box(self, axis: int, cells: Cells) -> Box:
        """The box of these cells of one axis and all of the others."""
        return self._others[axis] | cells << self._offsets[axis]

    def cells(self, box: Box, axis: int) -> Cells:
        """The cells of one axis."""
        return (box & self._segments[axis]) >> self._offsets[axis]

    def empty(self, box: Box) -> bool:
        """Whether one of the sets is empty, so that no lead is in the box."""
        return (box + self._ones) & self._guards != self._guards

    def corners(self, box: Box) -> Iterator[Box]:
        """Two points of a box that is not empty: the first cell of every axis, then the last of every one."""
        yield box & ~(box - self._firsts)  # no set borrows from the next, and each changes up to its first cell
        last = 0
        for segment in self._segments:
            last |= 1 << ((box & segment).bit_length() - 1)
        yield last

    def narrowed(self, box: Box) -> list[int]:
        """The axes of which the box does not hold every cell, rising."""
        guards = ((self.full & ~box) + self._ones) & self._guards
        return [self._at_guard[bit] for bit in bits(guards)]

    def unions(self, boxes: Iterable[Box]) -> list[Box]:
        """The boxes without the empty ones and those within others; boxes of one and the same axis become one. Raises
        OverBudget."""
        kept: list[Box] = []
        single: dict[int, Box] = {}
        for box in dict.fromkeys(boxes):
            if not self.empty(box):
                axes = self.narrowed(box)
                if len(axes) == 1:
                    single[axes[0]] = single.get(axes[0], 0) | box
                else:
                    kept.append(box)
        if len(kept) > 8 * MOST_BOXES:
            raise OverBudget
        found: list[Box] = []
        for box in [*single.values(), *kept]:
            if not any(box & ~other == 0 for other in found):
                found = [other for other in found if other & ~box]
                found.append(box)
        if len(found) > MOST_BOXES:
            raise OverBudget
        return found

    def boxes_of(self, logic: Logic, literals: Literals, wanted: bool = True) -> list[Box]:
        """The boxes in which the logic may be true (or, not `wanted`, false); [] when it never is. Raises
        OverBudget."""
        if isinstance(logic, Ref):
            box = literals[logic.n - 1][0 if wanted else 1]
            return [] if self.empty(box) else [box]
        if isinstance(logic, Not):
            return self.boxes_of(logic.part, literals, not wanted)
        if isinstance(logic, And) != wanted:
            assert isinstance(logic, And | Or)
            return self.unions(box for part in logic.parts for box in self.boxes_of(part, literals, wanted))
        found = [self.full]
        for part in logic.parts:
            if isinstance(part, Ref) and len(found) == 1:  # most logic is nothing else: asked once whether it is empty
                found = [found[0] & literals[part.n - 1][0 if wanted else 1]]
                continue
            others = self.boxes_of(part, literals, wanted)
            found = self.unions(one & other for one in found for other in others)
        return [] if len(found) == 1 and self.empty(found[0]) else found

    def remainder(
        self, box: Box, taken: Sequence[Box], budget: Budget, used: set[Box] | None = None, depth: int = 0
    ) -> Box | None:
        """A part of the box that none of the others touches, or None when they cover it; then `used` has got the boxes
        that are enough for it. Raises OverBudget."""
        if depth > DEEPEST:
            raise OverBudget
        ones, guards = self._ones, self._guards
        while True:
            budget.spend(1 + len(taken))
            nearest, sides, fewest, narrower = 0, 0, len(self._offsets) + 1, False
            touching = []
            for other in taken:
                if ((box & other) + ones) & guards != guards:
                    continue
                outside = box & ~other
                if not outside:
                    if used is not None:
                        used.add(other)
                    return None
                guarded = (outside + ones) & guards
                count = guarded.bit_count()
                if count == 1:  # what is left is one box: no need to choose
                    box &= ~self._segments[self._at_guard[guarded.bit_length() - 1]] | ~other
                    narrower = True
                    if used is not None:
                        used.add(other)
                    continue
                touching.append(other)
                if count < fewest:
                    nearest, sides, fewest = other, guarded, count
            if not touching:
                return box
            taken = touching
            if not narrower:
                break
        if used is not None:
            used.add(nearest)
        rest = [other for other in touching if other != nearest]
        for bit in bits(sides):
            segment = self._segments[self._at_guard[bit]]
            found = self.remainder(box & (~segment | ~nearest), rest, budget, used, depth + 1)
            if found is not None:
                return found
            box &= ~segment | nearest
        return None
