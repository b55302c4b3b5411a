"""In what two cases differ: the sheet, the set-up line by line, the state before, the first exchange."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import zip_longest

from leadproof.cases.case import EXPECTED, TRAFFIC, Case
from leadproof.cases.divergence import exchange_difference

LINES = 20
"""Lines of one file's difference that are shown; the rest is counted."""


def compared(first: Case, second: Case) -> list[str]:
    """Lines for people; none where the cases say the same."""
    return [*_sheets(first, second), *_files(first, second), *_traffic(first, second)]


def _sheets(first: Case, second: Case) -> Iterator[str]:
    one, other = first.sheet.model_dump(mode="json"), second.sheet.model_dump(mode="json")
    for key in one:
        if one[key] != other[key]:
            yield f"case.yaml: {key} is {one[key]!r} and {other[key]!r}"


def _files(first: Case, second: Case) -> Iterator[str]:
    for name in sorted({*first.files, *second.files} - {TRAFFIC, EXPECTED}):
        if name not in first.files or name not in second.files:
            yield f"{name}: only in the {'first' if name in first.files else 'second'}"
        elif first.files[name] != second.files[name]:
            before, after = (case.files[name].decode("utf-8", "replace").splitlines() for case in (first, second))
            lines = [
                line
                for line in difflib.unified_diff(before, after, lineterm="", n=0)
                if not line.startswith(("---", "+++", "@@"))
            ]
            yield from (f"{name}: {line}" for line in lines[:LINES])
            if len(lines) > LINES:
                yield f"{name}: and {len(lines) - LINES} lines more"


def _traffic(first: Case, second: Case) -> Iterator[str]:
    for number, (one, other) in enumerate(zip_longest(first.traffic, second.traffic), 1):
        told = exchange_difference(one, other)
        if told:
            yield f"traffic: exchange {number}: {told}"
            return
