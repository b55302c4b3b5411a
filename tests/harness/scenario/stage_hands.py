"""Shared: play a scenario written in a test on the shipped starter's two orgs, with any connector."""

from __future__ import annotations

import shutil
from pathlib import Path

from leadproof.connector.report import CycleReport
from leadproof.findings import find
from leadproof.library import starter
from leadproof.scenario.document import load_scenario
from leadproof.scenario.events import Event
from leadproof.scenario.runner import Options, Outcome, run_scenario


def write(folder: Path, steps: str, *, head: str = "", name: str = "story", bare: bool = False) -> Path:
    """A folder with the starter's integration and recipe, and one scenario of these steps; a story that checks
    nothing would be refused, so it ends with a look at the journal, unless it is to be left bare."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in ("leadproof.yaml", "recipe.yaml"):
        if not (folder / file).exists():
            shutil.copy(starter() / file, folder / file)
    path = folder / f"{name}.yaml"
    if not bare and "check_" not in steps and "clean_up" not in steps:
        steps = steps.strip() + "\ncheck_journal: {}"
    lines = "\n".join(f"  - {line.strip()}" for line in steps.strip().splitlines())
    path.write_text(f"scenario: A story\n{head}\nsteps:\n{lines}\n", encoding="utf-8")
    return path


def play(folder: Path, steps: str, *, head: str = "", **options: object) -> Outcome:
    """Run it; keyword arguments are those of Options."""
    return run_scenario(load_scenario(write(folder, steps, head=head)), Options(**options))  # type: ignore[arg-type]


def checks(outcome: Outcome) -> dict[str, str]:
    """Check id (without the scenario's) -> verdict."""
    return {
        event.data["id"].partition("/")[2]: event.data["verdict"]
        for event in outcome.events
        if event.kind == "check_finished"
    }


def check(outcome: Outcome, id: str) -> Event:
    """The check_finished event of one check."""
    return next(
        event for event in outcome.events if event.kind == "check_finished" and event.data["id"].partition("/")[2] == id
    )


class Idle:
    """A connector that does nothing."""

    def __init__(self, *_: object, name: str = "") -> None:
        self.number = 0

    def cycle(self) -> CycleReport:
        self.number += 1
        return CycleReport(self.number)

    def install(self) -> list[str]:
        return []

    def close(self) -> None:
        return None


class Broken(Idle):
    """A connector with a defect of its own."""

    def cycle(self) -> CycleReport:
        raise ZeroDivisionError("nothing to divide by")


class Restless(Idle):
    """A connector that says it writes, for ever."""

    def cycle(self) -> CycleReport:
        report = super().cycle()
        report.writes_crm = 1
        return report


class Stopped(Idle):
    """A connector that cannot log in."""

    def cycle(self) -> CycleReport:
        report = super().cycle()
        report.stopped = find("CON110", "The CRM refuses the login of sync.")
        return report
