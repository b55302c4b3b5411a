"""Date literals: TODAY, LAST_N_DAYS:30, THIS_QUARTER ... as half-open spans of days.

Weeks begin on Sunday, fiscal years in January (the vendor's defaults of an org in en_US).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[date, date]
Shift = Callable[[date, int], date]
_DAY = timedelta(days=1)


def _days(day: date, count: int) -> date:
    return day + count * _DAY


def _week(day: date) -> date:
    return day - ((day.weekday() + 1) % 7) * _DAY


def _weeks(day: date, count: int) -> date:
    return _week(day) + 7 * count * _DAY


def _months(day: date, count: int) -> date:
    months = day.year * 12 + day.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def _quarters(day: date, count: int) -> date:
    return _months(day.replace(month=day.month - (day.month - 1) % 3, day=1), 3 * count)


def _years(day: date, count: int) -> date:
    return date(day.year + count, 1, 1)


UNITS: Mapping[str, Shift] = {
    "DAY": _days, "WEEK": _weeks, "MONTH": _months, "QUARTER": _quarters, "YEAR": _years,
    "FISCAL_QUARTER": _quarters, "FISCAL_YEAR": _years,
}  # fmt: skip
PLAIN: Mapping[str, tuple[str, int, int]] = {
    "YESTERDAY": ("DAY", -1, 0),
    "TODAY": ("DAY", 0, 1),
    "TOMORROW": ("DAY", 1, 2),
    **{
        f"{word}_{unit}": (unit, first, first + 1)
        for unit in UNITS
        if unit != "DAY"
        for word, first in (("LAST", -1), ("THIS", 0), ("NEXT", 1))
    },
}
COUNTED: Mapping[str, tuple[str, str]] = {
    **{f"LAST_N_{unit}S": (unit, "last") for unit in UNITS},
    **{f"NEXT_N_{unit}S": (unit, "next") for unit in UNITS},
    **{f"N_{unit}S_AGO": (unit, "ago") for unit in UNITS},
}
NINETY = {"LAST_90_DAYS": ("LAST_N_DAYS", 90), "NEXT_90_DAYS": ("NEXT_N_DAYS", 90)}
MOST = 100_000


def is_literal(name: str, counted: bool) -> bool:
    """Whether this is a date literal, with or without a number."""
    return name in COUNTED if counted else name in PLAIN or name in NINETY


def span(name: str, number: int | None, today: date) -> Span:
    """The first day, and the day after the last. Raises OverflowError or ValueError beyond the calendar."""
    if name in NINETY:
        name, number = NINETY[name]
    if number is None:
        unit, first, last = PLAIN[name]
        shift = UNITS[unit]
        return shift(today, first), shift(today, last)
    if number > MOST:
        raise OverflowError(f"{name}:{number}")
    unit, way = COUNTED[name]
    shift = UNITS[unit]
    if way == "ago":
        return shift(today, -number), shift(today, -number + 1)
    if way == "next":
        return shift(today, 1), shift(today, number + 1)
    # The last n days reach up to now, today included; the last n weeks, months ... are the whole ones before.
    return (shift(today, -number), shift(today, 1)) if unit == "DAY" else (shift(today, -number), shift(today, 0))


def moment(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there."""
    return datetime.combine(day, time(), zone)
