"""A report's figure is walked back to the line that feeds it, and to the users by whom it is counted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadproof.library import checklist
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

LOST = """
create_lead: {as: lead, in: marketing, campaign: spring, fill: basics}
sync: {until: quiet}
convert: {lead: $lead}
create_record: {in: crm, object: Opportunity, values: {DEAL, Stage: STAGE, Amount: "900"}}
sync: {until: quiet}
check_report: {report: closed_loop, in: marketing, expect: [{row: totals, won: "WON", won_amount: "AMOUNT"}]}
"""


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "RPT510", folder)


def without(*lines: str, **instead: str) -> dict[str, str]:
    """The checklist's integration file without these mappings of opportunities, or with other ones."""
    text = (checklist() / "leadproof.yaml").read_text("utf-8")
    for one in lines:
        assert one in text
        text = text.replace(one, "")
    for marketing, crm in instead.items():
        text = re.sub(rf"{{crm: \w+, marketing: {marketing}}}", f"{{crm: {crm}, marketing: {marketing}}}", text)
    return {"leadproof.yaml": text}


def ended(stage: str, won: str, amount: str) -> str:
    """A deal that ended in this stage, and what marketing's report is expected to count of it."""
    deal = 'Name: test, Contact: $lead, CloseDate: "2026-04-01"'
    return LOST.replace("DEAL", deal).replace("STAGE", stage).replace("WON", won).replace("AMOUNT", amount)


AMOUNT, WON = "{crm: Amount, marketing: amount}, ", "{crm: IsWon, marketing: is_won}, "


@pytest.mark.parametrize(
    ("files", "steps", "code", "names"),
    [
        (without(is_won="IsClosed", is_closed="IsWon"), ended("Closed Lost", "0", "0"), "MAP351", "is_won"),
        (without(AMOUNT), ended("Closed Won", "1", "900"), "MAP350", "amount"),
        (without(WON), ended("Closed Won", "1", "900"), "MAP350", "is_won"),
    ],
)
def test_a_deals_figure_is_walked_back_to_its_mapping(
    files: dict[str, str], steps: str, code: str, names: str, tmp_path: Path
) -> None:
    """Which field of the opportunity the column is counted by, what feeds it, and a deal that proves it."""
    first = told(steps, tmp_path, files=files)[0]
    assert first.code == code
    assert names in first.cause
    assert len(first.evidence) == 2


def test_a_figure_that_the_scenario_gets_wrong_is_no_mapping(tmp_path: Path) -> None:
    """Nothing of a deal differs between the two sides, though a field of it is not mapped."""
    probability = "{crm: Probability, marketing: probability}, "
    found = told(ended("Closed Won", "1", "901"), tmp_path, files=without(probability))
    assert found
    assert not {"MAP350", "MAP351"} & {one.code for one in found}


MADE = """
create_lead: {as: lead, in: marketing, fill: basics}
create_lead: {as: caller, in: crm, fill: basics}
sync: {until: quiet}
check_report: {report: closed_loop, in: crm, expect: [{row: marketing, leads: "LEADS"}]}
"""


def test_a_salesperson_among_the_connectors_users_is_told(tmp_path: Path) -> None:
    """What they enter by hand counts as marketing's."""
    first = told(MADE.replace("LEADS", "1"), tmp_path, crm={"connector_users": ["sync", "desk.c"]})[0]
    assert first.code == "RPT510"
    assert "desk.c" in first.cause
    assert "desk.c" in first.fix


def test_a_second_connectors_user_is_nobodys_mistake(tmp_path: Path) -> None:
    """Who created nothing by hand may stand among them; the scenario expects too much."""
    found = told(MADE.replace("LEADS", "2"), tmp_path, crm={"connector_users": ["sync", "ola.c"]})
    assert found
    assert "RPT510" not in [one.code for one in found]


SOURCES = """
create_lead: {as: lead, in: marketing, fill: basics, values: {source: Web}}
sync: {until: quiet}
check_report: {report: lead_source, in: crm, expect: [{row: Web, leads: "1"}]}
"""


@pytest.mark.parametrize(
    ("mapped", "code"),
    [
        ([{"crm": "LeadSource", "marketing": "nick_name"}, {"crm": "NickName__c", "marketing": "source"}], "MAP351"),
        ([], None),
    ],
)
def test_a_report_by_source_is_walked_back_too(mapped: list[Any], code: str | None, tmp_path: Path) -> None:
    """The source that the CRM counts by is mapped to something else; as it is mapped usually nothing is told."""
    found = told(SOURCES, tmp_path, integration={"fields": mapped})
    assert ([one.code for one in found][:1] or [None])[0] == code
