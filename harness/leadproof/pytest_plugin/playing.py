"""A scenario played inside a test run, and its outcome in the words of the terminal report."""

from __future__ import annotations

import io
from pathlib import Path

from leadproof.drivers import Driver
from leadproof.reports.collected import Gathered
from leadproof.reports.terminal import Terminal
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options


class ScenarioFailed(Exception):
    """A scenario did not pass; its text is what `leadproof run` prints of it."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told


class ScenarioSkipped(Exception):
    """All that the scenario proves was skipped; its text says why."""


def play(path: Path, seed: str, connector: Driver | None = None) -> None:
    """Play it. Raises ScenarioFailed unless it passes, ScenarioSkipped, and DocumentRefused for mistakes in it."""
    play_loaded(load_scenario(path), seed, connector)


def play_loaded(loaded: Loaded, seed: str, connector: Driver | None = None) -> None:
    """The same of a scenario that was read already. `connector`: the project's own, over sockets."""
    gathered, out = Gathered(), io.StringIO()
    terminal = Terminal(gathered, out=out)
    summary = run_all(
        [loaded], Options(seed=seed, over="process" if connector is None else "http", connector=connector), [gathered]
    )
    told = gathered.scenarios[-1]
    if summary.verdict == "skipped":
        raise ScenarioSkipped(told.reason)
    if summary.verdict != "passed":
        terminal.finish([], summary.exit_code)
        raise ScenarioFailed(out.getvalue().strip())
