"""The steps of one row: its outside edits and what the cycles between them may have decided."""

from __future__ import annotations

from collections.abc import Iterable

from leadproof.oracle.doubts import Names
from leadproof.oracle.histories import FOREVER, Histories
from leadproof.oracle.standing import Cycle, SideName, Step
from leadproof.oracle.timelines import Life

Event = tuple[int, Step]


def begin_of(opened: int | None, made: SideName | None, crm: Life, marketing: Life) -> int:
    """From which fact on a link's rows are followed: both records are there (of one that the sync created, its
    source), and whatever the connector wrote for an earlier link is past."""
    lives = [life for side, life in (("crm", crm), ("marketing", marketing)) if side != made]
    begin = max(life.born.n for life in lives)
    if opened is None:
        return begin
    earlier = [edit.n for life in lives for edit in life.edits if edit.own and begin < edit.n < opened]
    return max([begin, *earlier])


def steps_of(
    histories: Histories,
    whom: Names,
    begin: int,
    opened: int | None,
    made: SideName | None,
    events: Iterable[Event],
) -> list[Step]:
    """The steps from fact `begin` on, the last of them a cycle: at a quiet point everything has been decided.

    `whom`: the names of the row's records, which a cycle may have been kept from deciding. `opened`: the fact that
    shows that the row was decided for the first time (None: any cycle may have)."""
    first, placed = begin, sorted(events, key=lambda event: event[0])
    span = histories.cycle_of(opened) if opened is not None else None
    if span is not None:
        opening: Event = (span.start, Cycle(histories.decided(span, whom), opens=made is not None))
        placed = _inserted(placed, opening)
        first = span.start
    elif opened is not None:
        placed = _inserted(placed, (opened - 1, Cycle(certain=False, opens=made is not None)))
    steps: list[Step] = []
    before = begin
    for n, step in placed:
        cycle = histories.cycle_between(max(before, first + 1 if span is not None else first), n, whom)
        if cycle is not None:
            steps.append(cycle)
        steps.append(step)
        before = max(before, n)
    after = histories.cycle_between(max(before, first + 1 if span is not None else first), FOREVER, whom)
    if after is not None:
        steps.append(after)
    steps.append(Cycle(certain=True))
    return steps


def _inserted(events: list[Event], opening: Event) -> list[Event]:
    """The opening stands behind everything that had happened by then."""
    place = sum(1 for n, _ in events if n <= opening[0])
    return [*events[:place], opening, *events[place:]]
