"""Shared: small programs as connectors under test, and a scenario that is played with them."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

from leadproof.drivers import Driver
from leadproof.scenario.runner import Outcome
from tests.harness.scenario.stage_hands import play

DELIVERED = """
install: {}
create_lead: {as: lead, in: marketing, fill: basics}
sync: {until: quiet}
check_delivered: {lead: $lead, count: 1, linked: both}
"""
SMALL_SYNC = Path(__file__).resolve().parents[3] / "docs" / "connectors" / "small_sync.py"


def program(folder: Path, text: str) -> list[str]:
    """The command that runs these lines with this Python."""
    path = folder / "program.py"
    path.write_text(dedent(text), encoding="utf-8")
    return [sys.executable, str(path)]


def played(folder: Path, driver: Driver, steps: str = DELIVERED) -> Outcome:
    """The scenario with this connector, over real sockets."""
    return play(folder, steps, connector=driver, over="http")


def findings(outcome: Outcome) -> dict[str, str]:
    """Code -> cause of every finding that the checks name."""
    return {
        one["code"]: one["cause"]
        for event in outcome.events
        if event.kind == "check_finished"
        for one in event.data["findings"]
    }
