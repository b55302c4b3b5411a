"""Which exchanges a system refused, in part or as a whole: what a recording is usually about.

The vendors say it in three ways: by the status, by a word of the whole answer (Pardot v4's `stat`), and by a word for
each row of an answer that has the status 200 (batches, composites, the results of bulk jobs, SOAP).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from leadproof.cases.har import Recorded

REFUSED = 400
UNAUTHORIZED = 401
_IN_XML = re.compile(
    rb"<(?:[\w.-]+:)?success[^<>]*>\s*(?:false|0)\s*<|<rsp[^>]*\bstat\s*=\s*[\"']fail|<rsp[^>]*>\s*<errors>\s*<"
    rb"|<(?:[\w.-]+:)?numberRecordsFailed>\s*0*[1-9]",
    re.IGNORECASE,
)
_NO_SESSION = re.compile(
    rb'INVALID_SESSION_ID|InvalidSessionId|<err code="(?:1|184)"|"(?:err_code|code)"\s*:\s*(?:1|184)\s*[,}]'
)
_TOKEN = re.compile(rb'"(?:access_token|api_key|token)"\s*:\s*"|<(?:[\w.-]+:)?(?:sessionId|api_key|access_token)>')
_VALUES = frozenset({"values", "fields", "record"})
"""Below these names stands what people entered, whatever their fields are called."""


def refused(traffic: Sequence[Recorded]) -> tuple[int, ...]:
    """The exchanges that a system refused, or some of their rows, and those that the wire broke; by number, from 1.

    Many clients ask without a token first, or with an old one, and log in when they are turned away: such an exchange
    is none of them where a token was given afterwards and the same system then took the call, or took another where
    it was not repeated.
    """
    found = [number for number, one in enumerate(traffic, 1) if is_refused(one)]
    return tuple(number for number in found if not _logged_in_after(traffic, number))


def is_refused(one: Recorded) -> bool:
    """Whether the answer, or any row of it, is a refusal."""
    response = one.response
    if response is None or response.status >= REFUSED:
        return True
    body = response.body.removeprefix(b"\xef\xbb\xbf").lstrip()
    if body[:1] in (b"{", b"["):
        try:
            return _in_json(orjson.loads(body))
        except orjson.JSONDecodeError:
            return False
    if body[:1] == b"<":
        return _IN_XML.search(body) is not None
    return _in_csv(body)


def _in_json(document: Any) -> bool:
    left = [document]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left += one
        elif isinstance(one, Mapping):
            if _says_so(one):
                return True
            left += [value for name, value in one.items() if name not in _VALUES]
    return False


def _says_so(one: Mapping[str, Any]) -> bool:
    if one.get("outcome") == "refused" or one.get("success") is False or one.get("stat") == "fail":
        return True
    if isinstance(errors := one.get("errors"), list | dict) and errors:
        return True
    counts = [one.get(name) for name in ("refused", "numberRecordsFailed")]
    statuses = [one.get(name) for name in ("httpStatusCode", "statusCode")]
    return any(isinstance(count, int) and count > 0 for count in counts) or any(
        isinstance(status, int) and status >= REFUSED for status in statuses
    )


def _in_csv(body: bytes) -> bool:
    """The results of a bulk job: a column Success with a false, or a column of errors with one in it."""
    rows = csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline=""))
    try:
        header = [name.strip().casefold() for name in next(rows, [])]
        success = header.index("success") if {"success", "error"} <= set(header) else None
        errors = header.index("sf__error") if "sf__error" in header else None
        if errors is None and success is None and header[-1:] == ["error"]:
            errors = len(header) - 1  # those of Account Engagement's imports
        if success is None and errors is None:
            return False
        return any(
            (success is not None and row[success : success + 1] in (["false"], ["False"], ["FALSE"]))
            or (errors is not None and any(row[errors : errors + 1]))
            for row in rows
        )
    except csv.Error:
        return False


def _logged_in_after(traffic: Sequence[Recorded], number: int) -> bool:
    """Whether it was turned away for want of a session, which was got afterwards and used."""
    turned_away = traffic[number - 1]
    answer = turned_away.response
    if answer is None or not (answer.status == UNAUTHORIZED or _NO_SESSION.search(answer.body)):
        return False
    token = next(
        (
            place
            for place, one in enumerate(traffic[number:], number + 1)
            if one.response is not None and one.response.status < REFUSED and _TOKEN.search(one.response.body)
        ),
        len(traffic),
    )
    asked = turned_away.request.method, turned_away.request.path
    later = [one for one in traffic[token:] if (one.origin, one.org) == (turned_away.origin, turned_away.org)]
    again = [one for one in later if (one.request.method, one.request.path) == asked]
    return any(one.response is not None and one.response.status < REFUSED for one in again or later)
