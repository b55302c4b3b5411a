"""What a field can hold, its JSON form, and a text key that sorts as the value does.

formats.md "Ports": numbers are Decimal (never binary floats), datetimes are aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import NoneType
from typing import Any, TypeAlias

Value: TypeAlias = bool | int | Decimal | str | date | datetime | tuple[str, ...] | frozenset[str] | None
Plain: TypeAlias = bool | str | list[str] | None


def plain(value: Value) -> Plain:
    """The JSON form: decimals as canonical text ("12.5"), dates ISO, datetimes "2026-03-02T09:00:00Z",
    sets as sorted lists. `fieldtypes.parse` reads it back to an equal value."""
    if value is None or isinstance(value, str | bool):
        return value  # what most fields hold
    return _PLAIN[type(value)](value)


def order_key(value: Value) -> str | None:
    """A text whose ordinary (byte) order is the value's order among values of one type.

    Text is casefolded; a blank has no key (None). Numbers are written as sign, exponent and digits, so that
    any two decimals compare right whatever their length (architecture.md "Storage")."""
    return _ORDER[type(value)](value)


def decimal_text(number: Decimal | int) -> str:
    """The one spelling of a number: no exponent, no needless zeros, no minus before a zero."""
    text = format(number, "f") if isinstance(number, Decimal) else str(number)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def moment_text(moment: datetime) -> str:
    """An aware datetime as ISO text in UTC with a Z; a fraction of a second only where there is one."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat()[:-6] + "Z"


_EXPONENT_OFFSET = 50_000
_MIRRORED_DIGITS = str.maketrans("0123456789", "9876543210")


@lru_cache(maxsize=4_096)
def _number_key(value: Decimal | int) -> str:
    sign, digits, exponent = Decimal(value).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text or not isinstance(exponent, int):
        return "o"
    magnitude = len(text) + exponent + _EXPONENT_OFFSET
    text = text.rstrip("0")
    if sign:
        # The mirror image of a positive key; "~" ends it, because a longer negative number is the smaller.
        return f"n{99_999 - magnitude:05d}{text.translate(_MIRRORED_DIGITS)}~"
    return f"p{magnitude:05d}{text}"


def _text_key(text: str) -> str | None:
    return text.casefold() if text and not text.isspace() else None


def _moment_key(moment: datetime) -> str:
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:-6]


def _sequence_key(items: tuple[str, ...]) -> str | None:
    return "\x1f".join(item.casefold() for item in items) or None


def _set_key(items: frozenset[str]) -> str | None:
    return "\x1f".join(sorted(item.casefold() for item in items)) or None


_PLAIN: dict[type, Callable[[Any], Plain]] = {
    int: lambda value: str(value),
    Decimal: decimal_text,
    date: lambda value: value.isoformat(),
    datetime: moment_text,
    tuple: lambda value: list(value),
    frozenset: lambda value: sorted(value),
}
_ORDER: dict[type, Callable[[Any], str | None]] = {
    NoneType: lambda _: None,
    bool: lambda value: "1" if value else "0",
    int: _number_key,
    Decimal: _number_key,
    str: _text_key,
    date: lambda value: value.isoformat(),
    datetime: _moment_key,
    tuple: _sequence_key,
    frozenset: _set_key,
}
