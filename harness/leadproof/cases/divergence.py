"""Where a replay first left the recording: the exchange, and what in it differs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import orjson

from leadproof.cases.case import Case
from leadproof.cases.har import Recorded
from leadproof.cases.story import Story, traffic_of

SHOWN = 120


def first_divergence(case: Case, story: Story) -> str:
    """One sentence about the first exchange, or else the first check, that is not as recorded; "" where all are."""
    for number, (was, now) in enumerate(zip_longest(case.traffic, traffic_of(story.facts)), 1):
        told = exchange_difference(was, now)
        if told:
            return f"exchange {number}: {told}"
    before = {one["id"]: one for one in case.expected.get("checks", [])}
    for check in story.checks:
        recorded = before.get(check.id)
        if recorded is not None and recorded["verdict"] != check.verdict:
            return f"check {check.id}: {check.verdict}, recorded {recorded['verdict']}"
    return ""


def exchange_difference(was: Recorded | None, now: Recorded | None) -> str:
    """What in the second differs from the first; "" where nothing does."""
    if was is None or now is None:
        one, word = (now, "more than recorded") if was is None else (was, "recorded, and not made now")
        assert one is not None
        return f"{one.request.method} {one.request.path} by {one.actor or 'somebody'} was {word}"
    asked = f"{now.request.method} {now.request.path}"
    if (was.request.method, was.request.path) != (now.request.method, now.request.path):
        return f"{asked} instead of {was.request.method} {was.request.path}"
    if sorted(was.request.query) != sorted(now.request.query):
        return f"{asked}: the query is {dict(now.request.query)} instead of {dict(was.request.query)}"
    for what, before, after in (
        ("the request", was.request.body, now.request.body),
        ("the status", _status(was), _status(now)),
        ("the answer", _answer(was), _answer(now)),
    ):
        if before != after:
            return f"{asked}: {what} differs: {difference(before, after)}"
    return ""


def _status(one: Recorded) -> bytes:
    return str(one.response.status if one.response is not None else 0).encode()


def _answer(one: Recorded) -> bytes:
    return one.response.body if one.response is not None else b""


def difference(before: bytes, after: bytes) -> str:
    """The first place where two bodies differ: a path of JSON, or the texts."""
    try:
        pairs = _json_differences(orjson.loads(before), orjson.loads(after), "")
        path, was, now = next(pairs)
        return f"{path or 'the whole'} is {_short(now)}, recorded {_short(was)}"
    except (orjson.JSONDecodeError, StopIteration):
        pairs_of_bytes = enumerate(zip(before, after, strict=False))
        at = next((n for n, (a, b) in pairs_of_bytes if a != b), min(len(before), len(after)))
        begin = max(0, at - 20)
        was, now = (one[begin : begin + SHOWN].decode("utf-8", "replace") for one in (before, after))
        return f"{now!r}, recorded {was!r}"


def _json_differences(was: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from _json_differences(was.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _json_differences(one, other, f"{path}[{number}]")
    elif was != now:
        yield path, was, now


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return repr(text if len(text) <= SHOWN else f"{text[:SHOWN]}...")
