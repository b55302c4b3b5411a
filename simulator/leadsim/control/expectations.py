"""Does the journal hold the exchanges that are expected? And if not: which three came nearest, and what differed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from leadsim.control.shapes import Difference, Expectation, Nearest, Outcome, Verification, Verified
from leadsim.engine.journal import Fact

NEAREST = 3


def verify(asked: Verification, exchanges: Sequence[Fact]) -> Verified:
    """Judge each expectation by all exchanges; with `ordered`, each has to come after the one before."""
    seen = [Seen(fact) for fact in exchanges]
    results: list[Outcome] = []
    place = 0
    for number, expectation in enumerate(asked.expect, 1):
        outcome = _judge(expectation, seen, f"expectation {number}")
        if asked.ordered and outcome.met and outcome.matches:
            later = [n for n in outcome.matches if n > place]
            if later:
                place = later[0]
            else:
                outcome.met = False
                outcome.because = f"fits, but not after exchange {place}, which the expectation before took"
        results.append(outcome)
    return Verified(met=all(outcome.met for outcome in results), results=results)


class Seen:
    """An exchange with its bodies read once."""

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        self.request_body = _json(fact["request_body"])
        self.response_body = _json(fact["response_body"])

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """The values that it writes: its own, or each row's."""
        body = self.request_body
        if not isinstance(body, dict):
            return
        for row in [body, *(body.get("items") or [])]:
            if isinstance(row, dict) and isinstance(row.get("values"), dict):
                yield row["values"]


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _judge(expectation: Expectation, seen: Sequence[Seen], name: str) -> Outcome:
    differing = [(one, list(_differences(expectation, one))) for one in seen]
    matches = [one.fact["n"] for one, differences in differing if not differences]
    wanted, met = _count(expectation, len(matches))
    nearest: list[Nearest] = []
    if not met and len(matches) < _least(expectation):
        near = sorted((pair for pair in differing if pair[1]), key=lambda pair: (len(pair[1]), -pair[0].fact["n"]))
        nearest = [_nearest(one.fact, differences) for one, differences in near[:NEAREST]]
    return Outcome(
        name=expectation.name or name,
        met=met,
        wanted=wanted,
        found=len(matches),
        matches=matches,
        because="" if met else f"wanted {wanted}, found {len(matches)}",
        nearest=nearest,
    )


def _least(expectation: Expectation) -> int:
    if expectation.exactly is not None:
        return expectation.exactly
    if expectation.at_least is not None:
        return expectation.at_least
    return 0 if expectation.at_most is not None else 1


def _count(expectation: Expectation, found: int) -> tuple[str, bool]:
    """The count that is wanted, in words, and whether it is met."""
    if expectation.exactly is not None:
        return f"exactly {expectation.exactly}", found == expectation.exactly
    least = _least(expectation)
    if expectation.at_most is None:
        return f"at least {least}", found >= least
    words = f"at most {expectation.at_most}" if not least else f"{least} to {expectation.at_most}"
    return words, least <= found <= expectation.at_most


def _nearest(fact: Fact, differences: list[Difference]) -> Nearest:
    return Nearest(
        n=fact["n"], method=fact["method"], path=fact["path"], status=fact["status"], differences=differences
    )


_TEXTS = ("org", "actor", "user", "method", "path")


def _differences(expectation: Expectation, seen: Seen) -> Iterator[Difference]:
    """Everything in which an exchange is not what is expected."""
    fact = seen.fact
    for what in _TEXTS:
        pattern = getattr(expectation, what)
        if pattern is not None and not fits(pattern, fact[what]):
            yield Difference(what=what, expected=pattern, found=fact[what])
    if expectation.status is not None and expectation.status != fact["status"]:
        yield Difference(what="status", expected=expectation.status, found=fact["status"])
    if expectation.query:
        given = dict(fact["query"])
        for name, pattern in expectation.query.items():
            if name not in given or not fits(pattern, given[name]):
                yield Difference(what=f"query.{name}", expected=pattern, found=given.get(name))
    for what in ("request_body", "response_body"):
        expected = getattr(expectation, what)
        if expected is not None:
            yield from within(what, expected, getattr(seen, what))
    if expectation.values is not None:
        yield from _values(expectation.values, seen)


def _values(expected: Mapping[str, Any], seen: Seen) -> Iterator[Difference]:
    """Of the rows that it writes, the one that comes nearest counts."""
    rows = [list(within("values", expected, row)) for row in seen.rows()]
    if not rows:
        yield Difference(what="values", expected=dict(expected), found=None)
    elif all(rows):
        yield from min(rows, key=len)


def within(where: str, expected: Any, found: Any) -> Iterator[Difference]:
    """Where `found` does not hold `expected`: an object's keys at least, a list's rows one by one, texts by `*`."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from within(f"{where}.{key}", value, found.get(key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for row, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from within(f"{where}.{row}", value, other)
    elif isinstance(expected, str) and isinstance(found, str):
        if not fits(expected, found):
            yield Difference(what=where, expected=expected, found=found)
    elif type(expected) is not type(found) or expected != found:
        yield Difference(what=where, expected=expected, found=found)


def fits(pattern: str, text: str) -> bool:
    """Whether a text is the pattern, in which `*` stands for anything, also for nothing. Linear: no backtracking."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    if not text.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(text) - len(rest[-1]) >= place and text.endswith(rest[-1])
