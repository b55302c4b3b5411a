"""Which boxes share a lead, found for all of them at once instead of for each pair.

On one axis the boxes are sorted into the cells that they hold, a set of boxes being the bits of one number, as a set of
cells is. A box holds some runs of neighbouring cells; another box shares a cell with a run if it holds the run's first
cell, or if a run of its own begins behind that. Boxes that share a cell on every axis share a lead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import accumulate
from operator import or_, xor
from typing import TypeAlias

from leadproof.doctor.assignment.axes import Cells, bits
from leadproof.doctor.assignment.boxes import Box, Space

Places: TypeAlias = int
"""A set of boxes: bit n is the box at place n."""
_LONG = 64
"""Cells behind the first of a run up to which each is looked at."""


def meetings(space: Space, boxes: Sequence[Box]) -> list[Places]:
    """For each box the others that share a lead with it."""
    everyone = (1 << len(boxes)) - 1
    sure = [everyone ^ 1 << place for place in range(len(boxes))]
    perhaps = list(sure)
    for axis in range(space.axes):
        sets = [space.cells(box, axis) for box in boxes]
        holders: dict[Cells, Places] = {}
        for place, cells in enumerate(sets):
            holders[cells] = holders.get(cells, 0) | 1 << place
        sharing = _sharing(holders, space.cells(space.full, axis))
        for place, cells in enumerate(sets):
            certain, likely = sharing[cells]
            sure[place] &= certain
            perhaps[place] &= likely
    for place, box in enumerate(boxes):
        for other in bits(perhaps[place] & ~sure[place]):
            if not space.empty(box & boxes[other]):
                sure[place] |= 1 << other
    return sure


def _sharing(holders: Mapping[Cells, Places], possible: Cells) -> dict[Cells, tuple[Places, Places]]:
    """For each set of cells the boxes that certainly share one with it, and those that perhaps do. `holders`: the boxes
    with each set.

    Where a run is long it is not asked cell by cell whether a box begins one in it, but whether it begins one before
    its end and one behind its first cell. That may be two runs of the box, unless it has only one."""
    size = possible.bit_length()
    gaps = ((1 << size) - 1) & ~possible
    begun: list[Places] = [0] * (size + 1)
    turned: list[Places] = [0] * (size + 1)
    single: Places = 0
    runs: dict[Cells, list[tuple[int, int]]] = {}
    for cells, boxes in holders.items():
        runs[cells] = mine = _runs(cells, gaps)
        if len(mine) == 1:
            single |= boxes
        for first, last in mine:
            begun[first] |= boxes
            turned[first] ^= boxes
            turned[last + 1] ^= boxes
    holding = list(accumulate(turned, xor))
    before = list(accumulate(begun, or_))
    behind = list(accumulate(reversed(begun), or_))[::-1]
    sharing: dict[Cells, tuple[Places, Places]] = {}
    for cells, mine in runs.items():
        certain = perhaps = 0
        for first, last in mine:
            certain |= holding[first]
            if last - first > _LONG:
                perhaps |= before[last] & behind[first + 1]
            elif last > first:
                certain = reduce(or_, begun[first + 1 : last + 1], certain)
        sharing[cells] = certain | perhaps & single, certain | perhaps
    return sharing


def _runs(cells: Cells, gaps: Cells) -> list[tuple[int, int]]:
    """The first and the last of neighbouring cells, rising. Gaps, which no lead's value is in, part no run: where
    numbers are whole, 4 and 5 are neighbours."""
    if gaps:  # those that follow a cell are added to it: adding its first bit to a run turns the whole run over
        cells |= gaps & ~(gaps + (cells << 1 & gaps))
    found = []
    while cells:
        lowest = cells & -cells
        run = cells & ~(cells + lowest)
        found.append((lowest.bit_length() - 1, run.bit_length() - 1))
        cells ^= run
    return found
