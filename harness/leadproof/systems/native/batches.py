"""Rows in requests of 200, and what became of each row when a request was refused, failed or got lost.

Port rule (`System.write`): a lost answer makes its rows `unknown`; a request that definitely did nothing is
raised if nothing before it did anything, else its rows and those after it are refused, definitely.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leadproof.systems.failures import BadAnswer, CallFailed
from leadproof.systems.native.answers import as_refusal
from leadproof.systems.ports import Record, Refusal, WriteResult
from leadterms.refusals import LeadtermsError

BATCH = 200
"""Rows that the API takes in one request."""


def results_of(
    rows: Sequence[Mapping[str, Any]],
    post: Callable[[Sequence[Mapping[str, Any]]], Mapping[str, Any]],
    record: Callable[[Mapping[str, Any]], Record],
) -> list[WriteResult]:
    """`post` the rows batch by batch; one result a row, in order."""
    results: list[WriteResult] = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        try:
            results.extend(_results(batch, post(batch), record))
        except CallFailed as failed:
            if failed.definite and not results:
                raise
            lost = Refusal(failed.code, failed.text, None, "fault", failed.definite)
            if not failed.definite:
                results.extend([WriteResult("unknown", None, lost)] * len(batch))
                continue
            results.extend([WriteResult("refused", None, lost)] * (len(rows) - start))
            return results
    return results


def _results(
    batch: Sequence[Mapping[str, Any]],
    answered: Mapping[str, Any],
    record: Callable[[Mapping[str, Any]], Record],
) -> list[WriteResult]:
    """The rows' results. A body of another shape proves nothing about any row: all are `unknown`."""
    try:
        results = [_result(raw, record) for raw in answered["results"]]
        if len(results) == len(batch):
            return results
        told = f"{len(results)} results for {len(batch)} rows"
    except (KeyError, TypeError, ValueError, LeadtermsError) as wrong:
        told = f"{type(wrong).__name__}: {wrong}"
    text = f"the answer is not what the API documents: {told}"
    return [WriteResult("unknown", None, Refusal(BadAnswer.code, text, None, "fault", False))] * len(batch)


def _result(raw: Mapping[str, Any], record: Callable[[Mapping[str, Any]], Record]) -> WriteResult:
    error, stored = raw.get("error"), raw.get("record")
    return WriteResult(
        outcome=raw["outcome"],
        id=raw.get("id"),
        refusal=as_refusal(error) if error else None,
        record=record(stored) if stored else None,
    )
