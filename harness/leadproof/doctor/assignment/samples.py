"""A value that stands for all values between two others, by the field's type; None where there is none.

Bounds are open; None is no bound. Preferred are values that a person reads at a glance: whole numbers, whole days,
a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

from leadterms.fields import FieldSpec
from leadterms.refusals import ValueRefused
from leadterms.typetable import parse
from leadterms.values import Value, order_key

_EXACT = Context(prec=80)
_LIMIT = Decimal(10) ** 18
"""Numbers of a field lie between -_LIMIT and _LIMIT, both excluded (leadterms.quantities)."""
_FINEST = 18
_ANY_MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OTHER = "Other"
"""What stands for any text that no rule names, where it lies between the bounds."""
_WORDS = (OTHER, "Nowhere", "Aaa", "Zzz")
_ENDINGS = ("a", "0", "-", "!", " a", "\ta")
_FIRST = ("a", "0", "!", " !", "\t!")


def number_between(spec: FieldSpec, low: Decimal | None, high: Decimal | None) -> Decimal | None:
    """The number with the fewest decimals that lies between the two and fits the field's scale."""
    floor = -_LIMIT if low is None else low
    ceiling = _LIMIT if high is None else high
    if floor < 0 < ceiling:
        return Decimal(0)
    finest = _FINEST if spec.scale is None else spec.scale
    for digits in range(finest + 1):
        unit = Decimal(1).scaleb(-digits)
        steps = floor.scaleb(digits, context=_EXACT).to_integral_value(ROUND_FLOOR, context=_EXACT)
        found = _EXACT.multiply(_EXACT.add(steps, Decimal(1)), unit)
        if found < ceiling:
            return found if low is not None else _EXACT.subtract(ceiling, unit)
    return None


def day_between(spec: FieldSpec, low: date | None, high: date | None) -> date | None:
    """The day after `low`, or the one before `high`."""
    if low is None:
        return date(2026, 3, 2) if high is None else high - timedelta(1) if high > date.min else None
    if low == date.max:
        return None
    found = low + timedelta(1)
    return found if high is None or found < high else None


def moment_between(spec: FieldSpec, low: datetime | None, high: datetime | None) -> datetime | None:
    """A day, a minute, a second or a microsecond after `low`, or before `high`."""
    for step in (timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1), timedelta(microseconds=1)):
        try:
            if low is None:
                return _ANY_MOMENT if high is None else high - step
            if high is None or low + step < high:
                return low + step
        except OverflowError:
            continue
    return None


def text_between(spec: FieldSpec, low: str | None, high: str | None) -> str | None:
    """A text whose casefolded form lies between the two casefolded bounds and that the field takes, if one is found
    quickly; a text field may hold one although none is found."""
    for candidate in _texts_between(low):
        for text in dressed(spec, candidate):
            held = accepted(spec, text)
            key = order_key(held)
            if key is not None and (low is None or low < key) and (high is None or key < high):
                assert isinstance(held, str)
                return held
    return None


def _texts_between(low: str | None) -> Iterator[str]:
    yield from _WORDS
    yield from _FIRST if low is None else (low + ending for ending in _ENDINGS)


def dressed(spec: FieldSpec, text: str) -> Iterator[str]:
    """The text, and what it may look like in a field that wants an e-mail or web address."""
    yield text
    if spec.type == "email":
        yield f"{text}@x.example"
        yield f"{text}.example"
    elif spec.type == "url":
        yield f"https://{text}.example"
        yield f"{text}.example"


def accepted(spec: FieldSpec, text: object) -> Value:
    """The value as the field holds it; None where the field refuses it."""
    try:
        return parse(spec, text)
    except ValueRefused:
        return None


BETWEEN: dict[str, Callable[[FieldSpec, Any, Any], Value]] = {
    "number": number_between,
    "date": day_between,
    "date_time": moment_between,
    "text": text_between,
}
