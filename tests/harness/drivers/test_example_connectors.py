"""The example connectors of docs/your-connector.md, as they stand in docs/connectors."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from leadproof.drivers import Command
from leadproof.library import checklist, starter
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, Outcome, run_scenario
from tests.conftest import require
from tests.harness.drivers.programs import SMALL_SYNC, findings, played
from tests.harness.scenario.stage_hands import checks

CONNECTORS = SMALL_SYNC.parent


def driven(scenario: Path, connector: str) -> Outcome:
    """A scenario file with one of the examples as the connector, over real sockets."""
    words = [sys.executable, str(CONNECTORS / connector)]
    return run_scenario(load_scenario(scenario), Options(connector=Command(words), over="http"))


def verdicts(outcome: Outcome) -> dict[str, str]:
    """Check name -> verdict of the first check of that name."""
    found: dict[str, str] = {}
    for id, verdict in checks(outcome).items():
        found.setdefault(id.partition("@")[0], verdict)
    return found


def test_node_delivers(tmp_path: Path) -> None:
    """Node's own fetch, no package: one lead, linked both ways, and rest."""
    node = require("Node", ["node"])
    outcome = played(tmp_path, Command([node, str(CONNECTORS / "node_sync.mjs")]))
    assert outcome.verdict == "passed", findings(outcome)


def test_salesforce_and_pardot_with_simple_salesforce() -> None:
    """On the files of `leadproof init --crm salesforce --marketing pardot` its lead is delivered, linked and owned,
    and it comes to rest; the checks name what it lacks: fields that it leaves out, the owner in marketing, and a
    phone number typed into a form that overwrites the CRM's."""
    outcome = driven(starter() / "salesforce-pardot" / "first-lead.yaml", "salesforce_pardot_sync.py")
    told = verdicts(outcome)
    assert {told[f"check_{one}"] for one in ("delivered", "owner", "quiet")} == {"passed"}
    assert {told[f"check_{one}"] for one in ("every_field", "field", "oracle")} == {"failed"}
    assert {"OWN337", "CYC629"} <= findings(outcome).keys()


FAULTS = [
    pytest.param(
        "many-records",
        "CYC622",
        "told that there is more, and the next page was never asked for",
        marks=pytest.mark.slow,
    ),
    ("duplicate-letter-case", "CYC628", "are one address"),
    ("assignment-rules", "CYC629", "found sync"),
]


FEW_MORE = """
create_records: {as: people, in: marketing, count: 60}
sync: {cycles: 1}
check_delivered: {lead: $people, count: 1}
"""


def test_a_page_and_a_few_more_tell_the_same(tmp_path: Path) -> None:
    """Ten people behind the page of 50 that the poor connector asks for."""
    outcome = played(tmp_path, Command([sys.executable, str(CONNECTORS / "poor_sync.py")]), FEW_MORE)
    assert "the next page was never asked for" in findings(outcome)["CYC622"]


@pytest.mark.parametrize(("scenario", "code", "told"), FAULTS)
def test_the_checklist_names_the_faults_of_the_poor_one(scenario: str, code: str, told: str) -> None:
    """One page only, letters instead of addresses, nobody's rules: each by its own code."""
    outcome = driven(checklist() / f"{scenario}.yaml", "poor_sync.py")
    assert outcome.verdict == "failed"
    assert told in findings(outcome)[code]
