"""A value that arrives in another field, whatever its type: the mapping that takes it there is named, and no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "MAP351", folder)


def fields(*lines: str) -> dict[str, Any]:
    """Field mappings laid over those of the integration."""
    read, _ = read_tree("".join(f"- {line}\n" for line in lines), "<fields>")
    return {"fields": read}


CROSSWISE = {
    "tick": ("{crm: DoNotCall, marketing: wants_demo}", "{crm: WantsDemo__c, marketing: do_not_call}"),
    "number": ("{crm: Seats__c, marketing: budget}", "{crm: Budget__c, marketing: seats}"),
    "day": ("{crm: {Contact: Birthdate}, marketing: renewal_date}", "{crm: RenewalDate__c, marketing: birthday}"),
}
VALUE = {
    "tick": ("do_not_call: 'true', wants_demo: 'false'", "DoNotCall", "'true'"),
    "number": ("seats: 42", "Seats__c", "42"),
    "day": ("renewal_date: 2026-05-04", "RenewalDate__c", "2026-05-04"),
}


@pytest.mark.parametrize("kind", sorted(VALUE))
def test_two_fields_that_are_no_texts_are_crosswise_too(kind: str, tmp_path: Path) -> None:
    """The value that somebody entered stands beside the field that is mapped: that mapping is the cause."""
    entered, field, expected = VALUE[kind]
    steps = f"""
create_lead: {{as: lead, in: marketing, fill: basics, values: {{{entered}}}}}
sync: {{until: quiet}}
check_field: {{lead: $lead, in: crm, field: {field}, is: {expected}}}
"""
    first = told(steps, tmp_path, integration=fields(*CROSSWISE[kind]))[0]
    assert first.code == "MAP351"
    assert field in first.cause


@pytest.mark.parametrize(
    ("entered", "expected"),
    [
        ("wants_demo: 'true', do_not_call: 'false'", "field: DoNotCall, is: 'true'"),
        ("seats: 7, discount: 7", "field: Budget__c, is: 7"),
    ],
)
def test_what_a_scenario_expects_too_much_is_not_crosswise(entered: str, expected: str, tmp_path: Path) -> None:
    """Another tick that is set, or two numbers that happen to be the same, prove nothing."""
    steps = f"""
create_lead: {{as: lead, in: marketing, fill: basics, values: {{{entered}}}}}
sync: {{until: quiet}}
check_field: {{lead: $lead, in: crm, {expected}}}
"""
    found = told(steps, tmp_path)
    assert found
    assert "MAP351" not in [one.code for one in found]


def test_a_rule_that_keeps_the_value_at_home_is_told_as_that(tmp_path: Path) -> None:
    """The mapped field holds the value, and a second field too: not crosswise, but the direction."""
    steps = """
create_lead: {as: lead, in: marketing, fill: basics, values: {phone: "+47 22 10 10 10", mobile: "+47 22 10 10 10"}}
sync: {until: quiet}
check_field: {lead: $lead, in: crm, field: Phone, is: "+47 22 10 10 10"}
"""
    found = told(steps, tmp_path, integration=fields("{crm: Phone, marketing: phone, direction: to_marketing}"))
    assert found[0].code == "OWN313"
    assert "MAP351" not in [one.code for one in found]


CONTACT = """
create_lead: {as: lead, in: marketing, fill: basics, values: {job_title: Buyer}}
sync: {until: quiet}
check_field: {lead: $lead, in: crm, field: Title, is: Buyer}
"""


@pytest.mark.parametrize(
    ("mapped", "code"),
    [
        ("{crm: {Lead: Title, Contact: NickName__c}, marketing: job_title}", "MAP351"),
        ("{crm: {Lead: Title}, marketing: job_title}", "MAP350"),
    ],
)
def test_a_contacts_mapping_is_compared_with_the_leads(mapped: str, code: str, tmp_path: Path) -> None:
    """What is mapped for leads otherwise, or for them alone, is told at that mapping's own line."""
    changes = {
        **fields(mapped, "{crm: {Lead: NickName__c}, marketing: nick_name}"),
        "people": {"deliver_as": "contact"},
    }
    first = told(CONTACT, tmp_path, integration=changes)[0]
    assert first.code == code
    assert "job_title" in first.cause
    line = (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[first.to_json()["places"][0]["line"] - 1]
    assert "job_title" in line
