"""Every lead that the analysis shows is created in a simulated CRM, which must assign it as predicted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from leadproof.doctor.assignment import Rule, analyse
from leadproof.sandbox import Sandbox
from leadproof.systems.ports import Crm, Write
from leadterms.values import Value
from tests.harness.doctor.rulesets import FIELDS, random_rules

ORG = "acme-crm"
RECIPE = """recipe: 1
orgs:
  acme-crm:
    kind: crm
    logins: [{actor: connector, user: sync}]
    users: [{id: sync}, {id: nobody}]
    default_owner: nobody
"""
FILLED: dict[str, Value] = {"LastName": "Test", "Company": "Acme", "Grade__c": "A", "Company__c": "x"}
"""What a lead cannot do without; where the rules ask for one of them the witness says it."""


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A CRM with the fields that the random rules name, and an owner for each of them."""
    recipe = tmp_path_factory.mktemp("witnesses") / "recipe.yaml"
    recipe.write_text(RECIPE)
    with Sandbox.start(recipe, seed=1) as started:
        users = [{"id": f"r{number}"} for number in range(6)]
        fields = [{key: value for key, value in spec.to_json().items() if value} for spec in FIELDS.values()]
        open_ended = [one | {"restricted": FIELDS[one["id"]].restricted} for one in fields]
        started.lab.set_org(ORG, {"fields": open_ended, "users": users})
        yield started


def owner_of(crm: Crm, lead: Mapping[str, Value]) -> str | None:
    """The owner that the CRM gives to a new lead with these values."""
    (result,) = crm.write([Write("create", "Lead", values={**FILLED, **lead}, assign=True)])
    assert result.id is not None, result.refusal
    (record,) = crm.read("Lead", [result.id], [])
    return record.owner


def as_setting(number: int, rule: Rule) -> dict[str, Any]:
    """The rule as the org's settings have it; its number is its owner."""
    assert rule.criteria is not None
    return {"name": rule.name, "criteria": rule.criteria.to_json(), "assign": {"user": f"r{number}"}}


@pytest.mark.parametrize("part", range(8))
def test_every_witness_is_assigned_as_predicted(sandbox: Sandbox, part: int) -> None:
    """The lead of a gap gets the default owner; the lead of an overlap the first rule's, and without that rule the
    second's."""
    crm = sandbox.crm(ORG)
    for seed in range(part * 12, part * 12 + 12):
        rules = random_rules(seed)
        found = analyse(rules, FIELDS)
        settings = [as_setting(number, rule) for number, rule in enumerate(rules)]
        sandbox.lab.set_org(ORG, {"assignment_rules": settings})
        if found.gap is not None:
            assert owner_of(crm, found.gap.lead) == "nobody"
        for overlap in found.overlaps:
            assert owner_of(crm, overlap.lead) == f"r{overlap.first}"
        for overlap in found.overlaps[:1]:
            sandbox.lab.set_org(ORG, {"assignment_rules": [settings[overlap.second]]})
            assert owner_of(crm, overlap.lead) == f"r{overlap.second}"
