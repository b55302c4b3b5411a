"""The types that are numbers, days, moments and checkboxes: how each is read (product.md F).

Text first: a value from a file or a form is text until it is read here, and nothing is rounded or guessed.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from leadterms.fields import FieldSpec
from leadterms.refusals import ValueRefused
from leadterms.texts import shown, wrong_type
from leadterms.values import Value, decimal_text

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)\Z", re.ASCII)
SHORTENED_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+", re.ASCII)
"""What a spreadsheet makes of a long number: 4.72212E+10."""
_HIGHEST_DIGITS = 18
_SMALL = 10**_HIGHEST_DIGITS
_LIMIT = Decimal(10) ** _HIGHEST_DIGITS


@lru_cache(maxsize=4_096)
def _read_number(text: str) -> Decimal | None:
    return Decimal(text) if _NUMBER.match(text) else None


def _decimal(spec: FieldSpec, raw: object) -> Decimal:
    if isinstance(raw, str):
        read = _read_number(raw.strip())
        if read is None:
            hint = ""
            if SHORTENED_NUMBER.fullmatch(raw.strip()):
                hint = " It looks like a number that a spreadsheet has shortened."
            raise ValueRefused(
                "type",
                f"{spec.object}.{spec.id} ({spec.type}) needs a number such as 1234.5, not {shown(raw)}.{hint}",
                "Write digits, with a point before decimals and no thousands separator.",
            )
        return read
    if isinstance(raw, bool):
        raise wrong_type(spec, raw, "a number")
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, Decimal) and raw.is_finite():
        return raw
    if isinstance(raw, float) and math.isfinite(raw):
        # JSON has no decimals: the shortest text of a double is what was written, up to 15 digits (IEEE 754).
        number = Decimal(repr(raw))
        if len(number.as_tuple().digits) <= 15 or raw.is_integer():
            return number
        raise ValueRefused(
            "type",
            f"{spec.object}.{spec.id}: {raw!r} has more digits than a JSON number keeps exactly.",
            'Send it as text, such as "12.5".',
        )
    raise wrong_type(spec, raw, "a number")


def number(spec: FieldSpec, raw: object) -> Value:
    if raw is None or (isinstance(raw, str) and (not raw or raw.isspace())):
        return None
    if type(raw) is int and -_SMALL < raw < _SMALL:
        return Decimal(raw)
    number = _decimal(spec, raw)
    if not -_LIMIT < number < _LIMIT:
        raise ValueRefused(
            "range",
            f"{spec.object}.{spec.id} holds {_HIGHEST_DIGITS} digits before the point, not {shown(raw)}.",
        )
    canonical, decimals = _canonical(number)
    scale = spec.scale if spec.scale is not None else _HIGHEST_DIGITS
    if decimals > scale:
        raise ValueRefused(
            "scale",
            f"{spec.object}.{spec.id} holds {scale} digits after the point; {shown(raw)} has {decimals}.",
            "Round the value, or give the field more digits.",
        )
    return canonical


@lru_cache(maxsize=4_096)
def _canonical(number: Decimal) -> tuple[Decimal, int]:
    """The number without needless zeros, and how many decimals it has."""
    text = decimal_text(number)
    return Decimal(text), len(text.partition(".")[2])


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


@lru_cache(maxsize=4_096)
def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.match(text) else None
    except ValueError:
        return None


def day(spec: FieldSpec, raw: object) -> Value:
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        read = _read_date(text)
        if read is None:
            raise ValueRefused(
                "type",
                f"{spec.object}.{spec.id} (date) needs a day such as 2026-03-02, not {shown(raw)}.",
                "Write year, month and day, with hyphens.",
            )
        return read
    if raw is None or type(raw) is date:
        return raw
    raise wrong_type(spec, raw, "a day such as 2026-03-02")


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:[Zz]|[+-]\d{2}:?\d{2})\Z", re.ASCII)


@lru_cache(maxsize=4_096)
def _read_moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC) if _MOMENT.match(text) else None
    except (ValueError, OverflowError):
        return None


def moment(spec: FieldSpec, raw: object) -> Value:
    if isinstance(raw, str):
        text = raw.strip()
        if not text:
            return None
        read = _read_moment(text)
        if read is None:
            raise ValueRefused(
                "type",
                f"{spec.object}.{spec.id} (date_time) needs a moment such as 2026-03-02T09:00:00Z, not {shown(raw)}.",
                "Write date, time and the offset from UTC (Z or +01:00).",
            )
        return read
    if raw is None:
        return None
    if isinstance(raw, datetime) and raw.tzinfo is not None:
        return raw.astimezone(UTC)
    raise wrong_type(spec, raw, "a moment with its offset from UTC, such as 2026-03-02T09:00:00Z")


TRUE_WORDS = frozenset({"true", "1", "yes", "on"})
FALSE_WORDS = frozenset({"false", "0", "no", "off"})


def checkbox(spec: FieldSpec, raw: object) -> Value:
    if raw is True or raw is False:
        return raw
    if raw is None:
        return False
    if isinstance(raw, int | Decimal) and raw in (0, 1):
        return bool(raw)
    if isinstance(raw, str):
        word = raw.strip().casefold()
        if not word or word in FALSE_WORDS:
            return False
        if word in TRUE_WORDS:
            return True
    raise ValueRefused(
        "type",
        f"{spec.object}.{spec.id} (checkbox) needs true or false, not {shown(raw)}.",
        "Also read: yes and no, on and off, 1 and 0.",
    )
