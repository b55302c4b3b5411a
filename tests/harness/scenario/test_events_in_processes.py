"""What a run tells is the same whether its scenarios run in this process or in several."""

from __future__ import annotations

from typing import Any

from leadproof.library import checklist
from leadproof.scenario.document import load_scenario
from leadproof.scenario.events import Event
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options

QUICK = ("healthy", "reports", "user-inactive", "connector-off", "first-cycle", "two-crm-orgs")
OF_THE_RUN = frozenset({"jobs", "wall_seconds"})
"""What an event may tell of the machine and its processes."""


def told(jobs: int) -> list[dict[str, Any]]:
    """Every event of a run with all that a report may ask for."""
    events: list[dict[str, Any]] = []

    def hear(event: Event) -> None:
        events.append({key: value for key, value in event.to_json().items() if key not in OF_THE_RUN})

    scenarios = [load_scenario(checklist() / f"{name}.yaml") for name in QUICK]
    run_all(scenarios, Options(facts=True, pictures=True), [hear], jobs=jobs)
    return events


def test_two_processes_tell_what_one_tells() -> None:
    """Event for event, their numbers, facts and pictures too."""
    alone, together = told(1), told(2)
    kinds = {one["kind"] for one in alone}
    assert kinds >= {"exchange", "change", "decision", "journey", "lead_fields", "prepared", "check_finished"}
    assert [one["n"] for one in together] == list(range(1, len(together) + 1))
    for one, other in zip(alone, together, strict=True):
        assert one == other
