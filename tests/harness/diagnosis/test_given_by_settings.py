"""What a rule, a campaign or a form gives by its own setting is told at that setting's line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

TURNS = {
    "assignment_rules": [
        {
            "name": "Nordic",
            "criteria": {"rows": [["Country", "=", "NO"]]},
            "assign": {"round_robin": ["per.c", "kari.c"]},
        }
    ]
}
FORMS = [
    {
        "id": "webinar",
        "fields": ["first_name", "last_name", "email", "company"],
        "required": ["email"],
        "source": "Fair",
    }
]


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "RPT509", folder)


def line_of(finding: Finding, folder: Path) -> str:
    """The line of a file at which a cause is told; "" where it is at none."""
    place = next((one for one in finding.places if isinstance(one, Place)), None)
    return "" if place is None else (folder / Path(place.file).name).read_text("utf-8").splitlines()[place.line - 1]


OWNED = """
create_lead: {as: lead, in: marketing, fill: basics, values: {country: "NO"}}
sync: {until: quiet}
check_owner: {lead: $lead, is: kari.c}
"""


def test_a_rule_that_gives_leads_in_turns_is_told_where_one_owner_is_expected(tmp_path: Path) -> None:
    """Not as a rule that comes before itself: who was to have the lead, and whose turn it was."""
    first = told(OWNED, tmp_path, crm=TURNS)[0]
    assert first.code == "ASG222"
    assert "in turns" in first.cause
    assert "per.c" in first.cause
    assert "alone, or expect `is: by_rules`" in first.fix
    assert "round_robin" in line_of(first, tmp_path)


def test_an_earlier_rule_is_still_an_earlier_rule(tmp_path: Path) -> None:
    """The rule in turns would give the lead to the expected owner too, but another one comes first."""
    before = {"name": "All", "criteria": {"rows": [["Country", "=", "NO"]]}, "assign": {"user": "ola.c"}}
    found = told(OWNED, tmp_path, crm={"assignment_rules": [before, *TURNS["assignment_rules"]]})
    assert "ASG221" in [one.code for one in found[:2]]
    assert not [one for one in found if "in turns" in one.cause]


SPRING = {"crm": "Spring test", "marketing": "spring"}
MOVED_ON = """
create_lead: {as: lead, in: marketing, campaign: spring, fill: basics}
sync: {until: quiet}
set_member_status: {lead: $lead, in: SIDE, campaign: spring, status: TO}
sync: {cycles: 1}
check_member: {lead: $lead, in: crm, campaign: spring, status: Responded}
"""


def test_a_campaigns_master_is_a_cause_where_the_check_would_hold_with_another(tmp_path: Path) -> None:
    """Marketing's status was changed back by the campaign's master: its line, and what it would have to say."""
    campaigns = [{**SPRING, "statuses": {"sent": "Sent", "clicked": "Responded"}, "master": "crm"}]
    steps = MOVED_ON.replace("SIDE", "marketing").replace("TO", "clicked")
    first = told(steps, tmp_path, integration={"campaigns": campaigns})[0]
    assert first.code == "OWN310"
    assert "master: marketing" in first.fix
    assert "Spring test" in line_of(first, tmp_path)


def test_pairs_that_are_crosswise_are_no_matter_of_the_master(tmp_path: Path) -> None:
    """With whatever master the status would be the wrong one: the pairs are told."""
    campaigns = [{**SPRING, "statuses": {"sent": "Responded", "clicked": "Sent"}}]
    steps = MOVED_ON.replace("SIDE", "marketing").replace("TO", "clicked")
    first = told(steps, tmp_path, integration={"campaigns": campaigns})[0]
    assert first.code == "RPT507"


def test_statuses_that_all_become_one_are_told_before_the_status_that_none_becomes(tmp_path: Path) -> None:
    """Marketing's status has a partner, the same as the others have: at the line of the statuses."""
    campaigns = [{**SPRING, "statuses": {"sent": "Sent", "clicked": "Sent"}}]
    steps = MOVED_ON.replace("SIDE", "marketing").replace("TO", "clicked")
    first, second = told(steps, tmp_path, integration={"campaigns": campaigns})[:2]
    assert (first.code, second.code) == ("RPT507", "RPT504")
    assert "turn sent and clicked alike into Sent" in first.cause
    assert "Responded" in first.fix
    assert "statuses" in line_of(first, tmp_path) or "clicked" in line_of(first, tmp_path)


@pytest.mark.parametrize("status", ["sent", "clicked"])
def test_a_status_that_no_pair_names_is_only_without_partner(status: str, tmp_path: Path) -> None:
    """What marketing sets is not paired with what the others become; or nothing else becomes the same."""
    pairs = {"sent": "Sent"} if status == "clicked" else {"sent": "Sent", "clicked": "Opened"}
    steps = MOVED_ON.replace("SIDE", "marketing").replace("TO", status)
    found = told(steps, tmp_path, integration={"campaigns": [{**SPRING, "statuses": pairs}]})
    assert "RPT504" in [one.code for one in found[:2]]
    assert "RPT507" not in [one.code for one in found]


@pytest.mark.parametrize(
    "check",
    [
        "check_field: {lead: $guest, in: crm, field: LeadSource, is: Webinar}",
        "check_field: {lead: $guest, in: marketing, field: source, is: Webinar}",
        "check_report: {report: lead_source, in: crm, expect: [{row: Webinar, leads: '1'}]}",
    ],
)
def test_the_source_that_a_form_gave_is_told_at_the_form(check: str, tmp_path: Path) -> None:
    """A field and a report alike: the form says another source than is expected."""
    steps = f"submit_form: {{as: guest, form: webinar}}\nsync: {{until: quiet}}\n{check}"
    first = told(steps, tmp_path, marketing={"forms": FORMS})[0]
    assert first.code == "RPT509"
    assert "webinar" in line_of(first, tmp_path)


def test_a_source_that_somebody_typed_in_is_not_the_forms(tmp_path: Path) -> None:
    """The form's own answers come with its source, and the person at hand was entered by marketing."""
    steps = """
submit_form: {as: guest, form: webinar}
create_lead: {as: lead, in: marketing, fill: basics, values: {source: Fair}}
sync: {until: quiet}
check_field: {lead: $lead, in: crm, field: LeadSource, is: Webinar}
"""
    found = told(steps, tmp_path, marketing={"forms": FORMS})
    assert found
    assert "RPT509" not in [one.code for one in found]
