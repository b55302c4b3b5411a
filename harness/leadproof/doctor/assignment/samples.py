"""A value that stands for all values between two others, by the field's type; None where there is none.

Bounds are open; None is no bound. Preferred are values that a person reads at a glance: whole numbers, whole days,
a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_FLOOR, Context, Decimal
from itertools import chain, pairwise
from typing import Any

from leadterms.fields import FieldSpec
from leadterms.refusals import ValueRefused
from leadterms.typetable import parse, reader
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


def texts_between(spec: FieldSpec, bounds: Sequence[str]) -> Iterator[str | None]:
    """For each gap of the casefolded bounds a text whose casefolded form lies in it and that the field takes, if one is
    found quickly; a text field may hold one although none is found."""
    accept = acceptor(spec)
    words = list(_held(spec, accept, _WORDS))
    for low, high in pairwise((None, *bounds, None)):
        longer = _FIRST if low is None else [low + ending for ending in _ENDINGS]
        yield next(
            (
                text
                for key, text in chain(words, _held(spec, accept, longer))
                if (low is None or low < key) and (high is None or key < high)
            ),
            None,
        )


def _held(spec: FieldSpec, accept: Callable[[object], Value], texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What the field takes of the texts, dressed for it, each behind its casefolded form."""
    for text in texts:
        for form in dressed(spec, text):
            held = accept(form)
            key = order_key(held)
            if key is not None:
                assert isinstance(held, str)
                yield key, held


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


def acceptor(spec: FieldSpec) -> Callable[[object], Value]:
    """`accepted` for one field, made ready: whoever asks for many values keeps this."""
    read = reader(spec)

    def accept(text: object) -> Value:
        try:
            return read(text)
        except ValueRefused:
            return None

    return accept


_BETWEEN: dict[str, Callable[[FieldSpec, Any, Any], Value]] = {
    "number": number_between,
    "date": day_between,
    "date_time": moment_between,
}


def values_between(spec: FieldSpec, kind: str, bounds: Sequence[Any]) -> list[Value]:
    """A value before the first of the rising bounds, between it and the second ... and behind the last; None where
    there is none, or, of a text, where none was found. Texts have their casefolded forms as bounds."""
    if kind == "text":
        return list(texts_between(spec, bounds))
    return [_BETWEEN[kind](spec, low, high) for low, high in pairwise((None, *bounds, None))]
