"""`answers: append` from a marketing tool that tells the newest answer only is left out, named, and not proved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadproof.connector import Connector
from leadproof.doctor import look
from leadproof.findings import Finding
from leadproof.integration import Integration, load
from leadproof.library import scenarios_folder
from leadproof.sandbox import Sandbox
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, run_scenario

ONE_ANSWER = "{crm: Comments__c, marketing: comments, direction: to_crm, used_by"
SEVERAL = "{crm: Comments__c, marketing: comments, direction: to_crm, answers: append, used_by"
ASKS = """
scenario: A question is asked
steps:
  - install: {}
  - submit_form: {as: visitor, form: contact, values: {comments: First question}}
  - sync: {until: quiet}
  - check_quiet: {}
  - check_oracle: {}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Salesforce and Pardot, whose comments are to be collected."""
    pair = scenarios_folder() / "pairs" / "salesforce-pardot"
    text = (pair / "leadproof.yaml").read_text("utf-8")
    assert text.count(ONE_ANSWER) == 1
    (tmp_path / "leadproof.yaml").write_text(text.replace(ONE_ANSWER, SEVERAL), "utf-8")
    shutil.copy(pair / "recipe.yaml", tmp_path / "recipe.yaml")
    (tmp_path / "asks.yaml").write_text(ASKS, "utf-8")
    return tmp_path


def _started(folder: Path) -> tuple[Sandbox, Integration]:
    return Sandbox.start(folder / "recipe.yaml", seed=1), load(folder / "leadproof.yaml")


def _named(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.level, one.cause) for one in found if one.code == "MAP317"]


def test_the_mapping_is_left_out_and_the_cycle_goes_on(folder: Path) -> None:
    """One finding for Lead and Contact together; the lead and all its other values arrive."""
    sandbox, integration = _started(folder)
    with sandbox:
        systems = integration.systems
        crm, marketing = sandbox.crm(systems.crm.org), sandbox.marketing(systems.marketing.org)
        asks = {"email": "a@b.example", "last_name": "Test", "company": "Acme", "comments": "First question"}
        sandbox.marketing(systems.marketing.org, actor="tester").submit_form("contact", asks)
        report = Connector(integration, crm, marketing).cycle()
        (lead,) = crm.find("Lead", None, ["Email", "Company", "Comments__c"])
    assert report.stopped is None
    expected = "The marketing tool tells the newest answer of comments only; the mapping is not synced."
    assert _named(report.findings) == [("error", expected)]
    assert lead.values == {"Email": "a@b.example", "Company": "Acme", "Comments__c": None}


def test_the_doctor_says_so_before(folder: Path) -> None:
    """Without a cycle, in the line of the mapping; one answer is no finding."""
    sandbox, integration = _started(folder)
    with sandbox:
        systems = integration.systems
        crm, marketing = sandbox.crm(systems.crm.org), sandbox.marketing(systems.marketing.org)
        found = look(integration, crm, marketing).findings
        usual = load(scenarios_folder() / "pairs" / "salesforce-pardot" / "leadproof.yaml")
        assert _named(list(look(usual, crm, marketing).findings)) == []
    name = integration.systems.marketing.org
    text = f"{name} tells the newest answer of prospects.comments only, so the answers cannot be appended."
    assert _named(list(found)) == [("error", text)]


def test_an_answer_that_did_not_arrive_is_not_proved(folder: Path) -> None:
    """The contract still asks for every answer: the oracle fails by name, with the connector's reason beside it."""
    outcome = run_scenario(load_scenario(folder / "asks.yaml"), Options())
    assert outcome.verdict == "failed", outcome.reason
    judged = {e.data["name"]: e.data for e in outcome.events if e.kind == "check_finished"}
    assert judged["check_quiet"]["verdict"] == "passed"
    assert judged["check_oracle"]["verdict"] == "failed"
    assert "'First question'" in str(judged["check_oracle"])
    assert "MAP317" in str([e.data for e in outcome.events])
