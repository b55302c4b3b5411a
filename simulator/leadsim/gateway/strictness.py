"""Strict readers of what arrives: JSON in which each key stands once, and numbers and truth values of a query.

RFC 8259, 4, leaves open what a repeated key means; every reader that picks one loses the other silently. The fast
parsers keep the last without a word, so the question is asked apart: a body that comes out byte for byte when it is
read and written again has no key twice, which is nearly every body of a program; only another is read slowly.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import orjson
from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,18})\Z", re.ASCII)
_TRUTH = {"true": True, "false": False}


class LaxJson(ValueError):
    """JSON that readers understand differently. `key` is the name that stands twice, "" for another reason."""

    def __init__(self, text: str, key: str = "") -> None:
        super().__init__(text)
        self.key = key


def check_json(body: bytes) -> None:
    """Raises `LaxJson` where a key of one object stands twice, or a number is none of JSON's (NaN, Infinity).
    Asked of a body that a parser has taken already: it doesn't tell everything else that may be wrong."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None  # the slow reader says what it is
    check_parsed(body, parsed)


def check_parsed(body: bytes, parsed: object) -> None:
    """As `check_json`, of a body that orjson has read as `parsed`."""
    try:
        if orjson.dumps(parsed) == body:
            return
    except TypeError:
        pass  # as above
    try:
        json.loads(body, object_pairs_hook=_once, parse_constant=_no_number)
    except LaxJson:
        raise
    except (ValueError, RecursionError) as error:
        raise LaxJson(f"it can't be read as JSON: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise LaxJson(f"the key {twice!r} stands twice in one object", twice)


def _no_number(constant: str) -> None:
    raise LaxJson(f"{constant} is no number of JSON")


def _whole(raw: object) -> object:
    if isinstance(raw, str):
        if not _WHOLE.match(raw):
            raise PydanticCustomError("int_parsing", "Input should be a whole number, written in digits only")
        return int(raw)
    return raw


def _truth(raw: object) -> object:
    if isinstance(raw, str):
        if raw not in _TRUTH:
            raise PydanticCustomError("bool_parsing", 'Input should be "true" or "false"')
        return _TRUTH[raw]
    return raw


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number of a query, in its one spelling: no sign but the minus, no leading zeros, spaces or point."""
Truth = Annotated[bool, BeforeValidator(_truth)]
"""`true` or `false`, and no other word for it."""
