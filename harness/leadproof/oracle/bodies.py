"""The bodies of recorded requests and answers, as far as the journal kept them."""

from __future__ import annotations

import json
from typing import Any

_ROWS = ("results", "items", "records", "")
"""Under which names a long body holds its rows; "" where the body is the list itself."""


def document(body: object) -> tuple[Any, bool]:
    """A recorded body as JSON, and whether all of it is there: the journal keeps the beginning of a long one. Of a
    list of rows that was cut off, the rows that are whole are kept; what is no JSON is None."""
    if not isinstance(body, str):
        return body, True
    if not body.lstrip().startswith(("{", "[")):
        return None, True
    try:
        return json.loads(body), True
    except ValueError:
        return _beginning(body), False


def _beginning(body: str) -> Any:
    for name in _ROWS:
        head, found, rest = body.partition(f'"{name}":[' if name else "[")
        if not found or "[" in head or (not name and head.strip()):
            continue
        rows, decoder = [], json.JSONDecoder()
        try:
            while True:
                row, end = decoder.raw_decode(rest)
                rows.append(row)
                rest = rest[end:].lstrip().removeprefix(",").lstrip()
        except ValueError:
            return {name: rows} if name else rows
    return None
