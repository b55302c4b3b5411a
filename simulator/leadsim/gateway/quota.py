"""How many calls an org answers a day, on the sandbox's clock (product.md C1: "quota spent")."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from leadsim.gateway.refusal import QuotaSpent


class Quota:
    """Counts the calls of the org's own calendar day; at its midnight the count starts again.

    `limit` None: unlimited, and still counted.
    """

    def __init__(self, limit: int | None, time_zone: str) -> None:
        self.limit = limit
        self.used = 0
        self.resets_at = datetime.min.replace(tzinfo=UTC)
        self._zone = ZoneInfo(time_zone)

    def turn(self, now: datetime) -> None:
        """Start a new day's count if its midnight has passed."""
        if now >= self.resets_at:
            self.used = 0
            tomorrow = now.astimezone(self._zone).date() + timedelta(days=1)
            self.resets_at = datetime.combine(tomorrow, time(), self._zone).astimezone(UTC)

    def spend(self, now: datetime) -> None:
        """Count one call. Raises `QuotaSpent` when none is left; a refused call is not counted."""
        self.turn(now)
        if self.limit is not None and self.used >= self.limit:
            wait_seconds = max(1, -int((now - self.resets_at) // timedelta(seconds=1)))
            raise QuotaSpent(
                f"the org's {self.limit} calls of the day are used up until {self.resets_at:%Y-%m-%dT%H:%M:%SZ}",
                retry_after=wait_seconds,
                fix="Wait, move the sandbox's clock, or raise quota.calls_per_day in the recipe",
            )
        self.used += 1

    @property
    def left(self) -> int | None:
        """Calls that are still answered today; None: unlimited."""
        return None if self.limit is None else max(0, self.limit - self.used)

    def header(self) -> str:
        """`X-Quota`: used/limit."""
        return f"{self.used}/{'unlimited' if self.limit is None else self.limit}"

    def state(self) -> dict[str, Any]:
        """For a snapshot."""
        return {"limit": self.limit, "used": self.used, "resets_at": self.resets_at}

    def restore(self, state: dict[str, Any]) -> None:
        """Back to what `state` returned."""
        self.limit, self.used, self.resets_at = state["limit"], state["used"], state["resets_at"]
