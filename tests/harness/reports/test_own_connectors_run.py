"""The reports of a run with a connector of one's own."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from leadproof.drivers import Command
from leadproof.drivers.driven import ClockMode
from leadproof.reports.collected import Gathered
from leadproof.reports.html import render
from leadproof.reports.terminal import Terminal
from leadproof.scenario.document import load_scenario
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options
from tests.harness.scenario.stage_hands import write

STEPS = "create_lead: {as: lead, in: marketing, fill: basics}\nsync: {cycles: 1}\ncheck_delivered: {lead: $lead}"


@pytest.mark.parametrize(("clock", "comparable"), [("follow", False), ("virtual", True)])
def test_a_digest_by_the_walls_clock_is_told_as_not_comparable(
    clock: ClockMode, comparable: bool, tmp_path: Path
) -> None:
    """Terminal and page say so beside the digest, and the command to repeat it keeps the connector."""
    told, out = Gathered(), io.StringIO()
    driver = Command(("true",), clock=clock)
    options = Options(over="http", connector=driver, again="leadproof run story.yaml --seed 1 --connector true")
    terminal = Terminal(told, out=out)
    summary = run_all([load_scenario(write(tmp_path, STEPS))], options, [told, terminal])
    terminal.finish([], summary.exit_code)
    for text in (out.getvalue(), render(told)):
        assert ("(not comparable" in text) != comparable
    assert "again  leadproof retry" in out.getvalue()
