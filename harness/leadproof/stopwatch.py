"""Wall time for the `wall` figures of reports, which stand outside the digest (formats.md "The digest").

Nothing that is decided, stored or compared may use it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Stopwatch:
    """Counts seconds from its making; monotonic, so that a corrected system clock cannot spoil it."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start, to the millisecond."""
        return round(time.monotonic() - self._begun, 3)


def wall_date() -> str:
    """The wall's date and time, for a report's head: "2026-03-02T09:00:00Z"."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
