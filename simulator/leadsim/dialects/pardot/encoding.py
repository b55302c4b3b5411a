"""Values as each version of the API writes them, and reads them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})\Z", re.ASCII
)  # ISO 8601 with an offset
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


def v5_json(value: Any, zone: ZoneInfo) -> Any:
    """As v5 writes it: moments in the account's time zone with the offset."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return value


def v4_value(value: Any, zone: ZoneInfo) -> Any:
    """As v4 writes it: moments in the user's time zone without one."""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return value


def read_moment(text: str) -> datetime | None:
    """A moment with its offset; None where the text is none. A plus sign that was not encoded came as a space."""
    text = re.sub(r" (\d{2}:?\d{2})\Z", r"+\1", text)
    if not _MOMENT.match(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_day(text: str) -> date | None:
    """YYYY-MM-DD; None where the text is no day."""
    if not _DAY.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
