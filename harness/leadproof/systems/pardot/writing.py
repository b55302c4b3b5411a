"""Rows as calls, and what became of each when a call was refused, failed or got lost.

A create and a change of one prospect are one call of version 5, which answers with the record. Many changes go fifty
at a time by version 4's batchUpdate, which answers only what was wrong; the rows are then read back. Source: guide,
"Prospects" of both versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from leadproof.systems.failures import CallFailed, Refused
from leadproof.systems.ports import Refusal, Write, WriteResult
from leadterms.fields import ObjectSpec

BATCH = 50
FEWEST_IN_BATCH = 6
"""A batch costs two calls, itself and the reading back, and every row of it waits for the others."""
_ONLY_V5 = frozenset({"optedOut", "salesforceId"})
"""What version 4 does not write, or takes for the way to name the record."""

Call: TypeAlias = tuple[tuple[int, ...], Callable[[], list[WriteResult]]]
"""Which rows a call is about, and the call, which answers one result for each of them."""


def batches(writes: Sequence[Write], spec: ObjectSpec) -> list[tuple[int, ...]]:
    """The rows that can go together by version 4, fifty at a time; [] where it isn't worth it. Rows about one record
    are told one after the other, as their order matters."""
    count = Counter(write.id for write in writes)
    rows = [number for number, write in enumerate(writes) if count[write.id] == 1 and _fits_v4(write, spec)]
    if len(rows) < FEWEST_IN_BATCH:
        return []
    return [tuple(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]


def _fits_v4(write: Write, spec: ObjectSpec) -> bool:
    if write.op != "update" or not write.id or write.owner is not None or not write.values:
        return False
    return not any(
        id in _ONLY_V5 or isinstance(value, frozenset | tuple) or id not in spec.fields
        for id, value in write.values.items()
    )


def run(count: int, calls: Sequence[Call]) -> list[WriteResult]:
    """Make the calls; one result a row, in the order of the rows.

    Port rule (`System.write`): a lost answer makes its rows `unknown`; a call that definitely did nothing is raised if
    nothing before it did anything, else its rows and those of the calls after it are refused, definitely.
    """
    results: dict[int, WriteResult] = {}
    done = False
    for number, (rows, call) in enumerate(calls):
        try:
            results.update(zip(rows, call(), strict=True))
            done = done or any(results[row].outcome != "refused" for row in rows)
        except Refused as refused:
            results.update((row, WriteResult("refused", None, refused.refusal)) for row in rows)
        except CallFailed as failed:
            lost = Refusal(failed.code, failed.text, None, "fault", failed.definite)
            if not failed.definite:
                results.update((row, WriteResult("unknown", None, lost)) for row in rows)
                done = True
                continue
            if not done:
                raise
            for left, _ in calls[number:]:
                results.update((row, WriteResult("refused", None, lost)) for row in left)
            break
    return [results[row] for row in range(count)]
