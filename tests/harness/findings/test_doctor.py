"""The static doctor: it names planted misconfigurations, and a healthy connection has no error."""

from __future__ import annotations

from typing import Any

import pytest

from leadproof.doctor import diagnose
from leadproof.library import checklist
from leadproof.sandbox import Sandbox
from leadproof.scenario.integrations import load_integration

CRM, MARKETING = "acme-crm", "acme-marketing"


def diagnosis(changes: dict[str, Any] | None = None, settings: dict[str, dict[str, Any]] | None = None) -> set[str]:
    """The codes of level error that the doctor finds on the checklist's orgs after these changes."""
    integration = load_integration(checklist() / "leadproof.yaml", changes or {})
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as sandbox:
        for org, patch in (settings or {}).items():
            sandbox.lab.set_org(org, patch)
        found = diagnose(integration, sandbox.crm(CRM), sandbox.marketing(MARKETING))
    return {one.code for one in found if one.level == "error"}


def test_a_healthy_connection_has_no_error() -> None:
    """The shipped integration on its own recipe, fields of every type included."""
    assert diagnosis() == set()


def _rule(**rule: Any) -> dict[str, Any]:
    return {"assignment_rules": [{"name": "R", "assign": {"user": "kari.c"}, **rule}]}


PLANTED: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "NET110": ({}, {CRM: {"allowlist": ["192.0.2.0/24"]}}),
    "CON101": ({}, {MARKETING: {"connector": {"switched_on": False}}}),
    "CON102": ({}, {MARKETING: {"connector": {"verified": False}}}),
    "USR102": ({}, {CRM: {"users": [{"id": "kari.c", "active": False}]}}),
    "USR106": ({"users": {"map": {"kari.m": "nobody.c"}}}, {}),
    "ASG201": (
        {},
        {CRM: _rule(criteria={"rows": [["AnnualRevenue", ">", "5"], ["AnnualRevenue", "<", "5"]], "logic": "1 AND 2"})},
    ),
    "ASG206": ({}, {CRM: {**_rule(assign={"user": "ola.c"}), "users": [{"id": "ola.c", "active": False}]}}),
    "MAP301": ({"fields": [{"crm": "Ctiy", "marketing": "city"}]}, {}),
    "MAP302": ({"fields": [{"crm": "Job title", "marketing": "job_title"}]}, {}),
    "MAP303": (
        {"fields": [{"crm": "Interests__c", "marketing": "seats"}, {"crm": "Seats__c", "marketing": "interests"}]},
        {},
    ),
    "MAP307": ({"fields": [{"crm": "FullName__c", "marketing": "sales_name", "direction": "both"}]}, {}),
    "MAP308": (
        {"fields": [{"crm": "NickName__c", "marketing": "comments"}, {"crm": "Comments__c", "marketing": "nick_name"}]},
        {},
    ),
    "RPT506": ({"campaigns": [{"crm": "Sprnig", "marketing": "spring"}]}, {}),
    "RPT504": ({"campaigns": [{"crm": "Spring test", "marketing": "spring", "statuses": {"came": "Sent"}}]}, {}),
}


def test_fields_that_the_install_module_adds_are_one_warning() -> None:
    """A lacking custom field is to be installed; one that is nearly a field which nothing maps is misspelt."""
    changes = {"fields": [{"crm": "Region__c", "marketing": "city"}, {"crm": "NickNames__c", "marketing": "nick_name"}]}
    integration = load_integration(checklist() / "leadproof.yaml", changes)
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as sandbox:
        found = diagnose(integration, sandbox.crm(CRM), sandbox.marketing(MARKETING))
    (warned,) = [one for one in found if one.code == "MAP327"]
    assert warned.level == "warning"
    assert "Lead.Region__c, Contact.Region__c" in warned.cause
    assert {one.fix for one in found if one.code == "MAP301"} == {"Did you mean NickName__c?"}


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_planted_misconfigurations_are_named(code: str) -> None:
    """Each is found under its own code."""
    changes, settings = PLANTED[code]
    assert code in diagnosis(changes, settings)


def test_the_doctor_changes_nothing() -> None:
    """Looking writes no record: the journal holds no change after it."""
    integration = load_integration(checklist() / "leadproof.yaml", {})
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as sandbox:
        before = sandbox.lab.last_fact()
        diagnose(integration, sandbox.crm(CRM), sandbox.marketing(MARKETING))
        assert [fact for fact in sandbox.lab.journal(after=before) if fact["kind"] == "change"] == []
