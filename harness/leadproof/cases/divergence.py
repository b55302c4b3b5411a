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
"""Characters of a value."""
BEFORE = 20
"""Characters of a long text before the place where it parts from another."""


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
        path, was, now = next(_json_differences(orjson.loads(before), orjson.loads(after), ""))
    except (orjson.JSONDecodeError, StopIteration):
        return _parting(*(one.decode("utf-8", "replace") for one in (before, after)))
    where = path or "the whole"
    if isinstance(was, str) and isinstance(now, str):
        return f"{where} is {_parting(was, now)}"
    return f"{where} is {_shown(now)}, recorded {_shown(was)}"


def _parting(was: str, now: str) -> str:
    """Two texts from a little before where they part; whole where they are short."""
    begin = 0
    if max(len(was), len(now)) > SHOWN:
        parted = (at for at, (one, other) in enumerate(zip(was, now, strict=False)) if one != other)
        begin = max(0, next(parted, min(len(was), len(now))) - BEFORE)
    return ", recorded ".join(
        repr(f"{'...' if begin else ''}{one[begin : begin + SHOWN]}{'...' if len(one) > begin + SHOWN else ''}")
        for one in (now, was)
    )


def _json_differences(was: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(was, dict) and isinstance(now, dict):
        for key in sorted({*was, *now}):
            yield from _json_differences(was.get(key), now.get(key), f"{path}.{key}" if path else key)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for number, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from _json_differences(one, other, f"{path}[{number}]")
    elif was != now:
        yield path, was, now


def _shown(value: Any) -> str:
    """A text in quotes, all else as JSON writes it: no number looks like the text of its digits."""
    text = repr(value) if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."
