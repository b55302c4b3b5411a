"""Shared: connectors that end the process that they run in, as a system without memory does."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from leadproof.connector.report import CycleReport
from leadproof.scenario.document import load_scenario
from leadproof.scenario.events import Event
from leadproof.scenario.run import Summary, run_all
from leadproof.scenario.runner import Options
from tests.harness.scenario.stage_hands import Idle, write

SYNCS, IDLES = "sync: {cycles: 1}", "check_journal: {}"


@dataclass(frozen=True)
class Killing:
    """Makes connectors whose cycle is the end of their process: each time, or only where `once` is not there yet."""

    once: Path | None = None

    def __call__(self, *_: object, name: str = "") -> Idle:
        return _Last(self.once)


class _Last(Idle):
    def __init__(self, once: Path | None) -> None:
        super().__init__()
        self._once = once

    def cycle(self) -> CycleReport:
        if self._once is None or not self._once.exists():
            if self._once is not None:
                self._once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().cycle()


def run_in_two(folder: Path, connector: Killing) -> tuple[Summary, list[Event]]:
    """Five scenarios in two processes, of which the second one syncs."""
    paths = [write(folder, SYNCS if number == 2 else IDLES, name=f"story-{number}") for number in range(1, 6)]
    heard: list[Event] = []
    summary = run_all([load_scenario(one) for one in paths], Options(connector=connector), [heard.append], jobs=2)
    return summary, heard
