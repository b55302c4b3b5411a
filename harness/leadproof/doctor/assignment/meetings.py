"""Which boxes share a lead, found for all of them at once instead of for each pair.

On one axis the boxes are sorted into the cells that they hold, a set of boxes being the bits of one number, as a set of
cells is. A box holds some runs of neighbouring cells; another box shares a cell with a run if it holds the run's first
cell, or if a run of its own begins behind that. Boxes that share a cell on every axis share a lead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from operator import or_, xor
from typing import TypeAlias

from leadproof.doctor.assignment.axes import Cells, bits
from leadproof.doctor.assignment.boxes import Box, Space

Places: TypeAlias = int
"""A set of boxes: bit n is the box at place n."""


def meetings(space: Space, boxes: Sequence[Box]) -> list[list[int]]:
    """For each box the places of those before it that share a lead with it, rising."""
    near: list[Places] = [(1 << place) - 1 for place in range(len(boxes))]
    for axis in range(space.axes):
        sets = [space.cells(box, axis) for box in boxes]
        holders: dict[Cells, Places] = {}
        for place, cells in enumerate(sets):
            holders[cells] = holders.get(cells, 0) | 1 << place
        sharing = _sharing(holders, space.cells(space.full, axis))
        near = [left & sharing[cells] for left, cells in zip(near, sets, strict=True)]
    return [
        [other for other in bits(left) if not space.empty(box & boxes[other])]
        for box, left in zip(boxes, near, strict=True)
    ]


def _sharing(holders: Mapping[Cells, Places], possible: Cells) -> dict[Cells, Places]:
    """For each set of cells the boxes that share one with it, and perhaps a few more: a box that begins runs before and
    behind a run need not begin one in it. `holders`: the boxes with each set."""
    size = possible.bit_length()
    runs = {cells: list(_runs(_closed(cells, possible))) for cells in holders}
    begun: list[Places] = [0] * (size + 1)
    turned: list[Places] = [0] * (size + 1)
    for cells, boxes in holders.items():
        for first, last in runs[cells]:
            begun[first] |= boxes
            turned[first] ^= boxes
            turned[last + 1] ^= boxes
    holding = list(accumulate(turned, xor))
    before = list(accumulate(begun, or_))
    behind = list(accumulate(reversed(begun), or_))[::-1]
    sharing: dict[Cells, Places] = {}
    for cells, mine in runs.items():
        found = 0
        for first, last in mine:
            found |= holding[first]
            if last > first:
                found |= before[last] & behind[first + 1]
        sharing[cells] = found
    return sharing


def _closed(cells: Cells, possible: Cells) -> Cells:
    """The set with the impossible cells that follow each of its cells, so that they part no run: where numbers are
    whole, nothing lies between 4 and 5. (Adding a run's first bit to it turns the whole run over.)"""
    gaps = ((1 << possible.bit_length()) - 1) & ~possible
    return cells | gaps & ~(gaps + (cells << 1 & gaps))


def _runs(cells: Cells) -> Iterator[tuple[int, int]]:
    """The first and the last of neighbouring cells, rising."""
    while cells:
        lowest = cells & -cells
        behind = cells + lowest
        run = cells & ~behind
        yield lowest.bit_length() - 1, run.bit_length() - 1
        cells ^= run
