"""Time that moves only when told, or follows the wall when the sandbox is set so. The only place of wall time.

A virtual clock starts at the recipe's `clock` and moves one second at the start of each request (formats.md
"The digest"). All times are aware, in UTC and in whole seconds: so their texts sort as the times do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from leadterms.values import moment_text

Mode = Literal["virtual", "frozen", "follow"]
DEFAULT_START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STEP = timedelta(seconds=1)


def wall() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timer:
    """A named thing that is due at a time. Names, not functions, so that a snapshot can hold it."""

    due: datetime
    order: int
    name: str
    argument: str


class Clock:
    """`virtual` moves a second a request, `frozen` only by `advance`, `follow` with the wall."""

    def __init__(self, start: datetime = DEFAULT_START, mode: Mode = "virtual") -> None:
        self._mode: Mode = "virtual"
        self._now = start.astimezone(UTC).replace(microsecond=0)
        self._lead = timedelta()  # how far a following clock is ahead of the wall
        self._timers: list[Timer] = []
        self._set = 0
        self._actions: dict[str, Callable[[str], None]] = {}
        self._told = (self._now, iso(self._now))  # a time is told several times in each request
        self.set_mode(mode)

    @property
    def mode(self) -> Mode:
        """How the clock moves."""
        return self._mode

    def now(self) -> datetime:
        """The org's time. Never goes back, unless a snapshot is restored."""
        if self._mode == "follow":
            self._now = max(self._now, (wall() + self._lead).replace(microsecond=0))
        return self._now

    def text(self) -> str:
        """The time as the journal writes it: 2026-03-02T09:00:00Z."""
        now = self.now()
        if now is not self._told[0]:
            self._told = (now, iso(now))
        return self._told[1]

    def set_mode(self, mode: Mode) -> None:
        """Change how the clock moves. A clock that was ahead of the wall keeps its lead, so time never goes back."""
        if mode == "follow":
            self._lead = max(timedelta(), self._now - wall())
        elif self._mode == "follow":
            self._now = self.now()
        self._mode = mode

    def tick(self) -> None:
        """The start of a request: one second later on a virtual clock."""
        if self._mode == "virtual":
            self._now += STEP
        self.fire()

    def advance(self, seconds: int) -> None:
        """Move on by hand, by whole seconds. ValueError when `seconds` is negative: time doesn't run backwards."""
        if seconds < 0:
            raise ValueError(f"the clock can't go back by {-seconds} s; restore a snapshot for that")
        ahead = timedelta(seconds=seconds)
        if self._mode == "follow":
            self._lead += ahead
        else:
            self._now += ahead
        self.fire()

    def reach(self, moment: datetime) -> None:
        """Be at least as late as a time: of an org that was kept in a file."""
        self._now = max(self._now, moment.astimezone(UTC).replace(microsecond=0))

    def on(self, name: str, action: Callable[[str], None]) -> None:
        """What a timer of this name does; it gets the timer's argument."""
        self._actions[name] = action

    def call_at(self, due: datetime, name: str, argument: str = "") -> None:
        """Set a timer: the action registered under `name` runs when the clock has reached `due`."""
        self._set += 1
        self._timers.append(Timer(due.astimezone(UTC), self._set, name, argument))

    def fire(self) -> None:
        """Run the timers that are due, the earliest first; those set at the same time in the order of setting."""
        while self._timers:
            first = min(self._timers, key=lambda timer: (timer.due, timer.order))
            if first.due > self.now():
                return
            self._timers.remove(first)
            self._actions[first.name](first.argument)

    def state(self) -> dict[str, object]:
        """The clock as plain JSON, for a snapshot."""
        timers = [[iso(timer.due), timer.order, timer.name, timer.argument] for timer in self._timers]
        return {"now": iso(self.now()), "mode": self._mode, "timers": timers, "set": self._set}

    def restore(self, state: dict[str, object]) -> None:
        """Back to a saved state."""
        self._mode = "virtual"
        self._now = datetime.fromisoformat(str(state["now"]))
        timers = state["timers"]
        assert isinstance(timers, list)
        self._timers = [
            Timer(datetime.fromisoformat(due), order, name, argument) for due, order, name, argument in timers
        ]
        self._set = int(str(state["set"]))
        mode = state["mode"]
        assert mode in ("virtual", "frozen", "follow")
        self.set_mode(mode)


iso = moment_text
"""An aware time as RFC 3339 text in UTC, ending in Z."""
