"""Integrations that somebody edited and that are still right: the doctor finds no error in them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from leadproof.doctor import diagnose
from leadproof.findings import Finding
from leadproof.library import checklist
from leadproof.sandbox import Sandbox
from leadproof.scenario.integrations import load_integration
from leadterms.refusals import DocumentRefused

NEEDED = frozenset({"email", "last_name", "company"})
"""Without these no lead could be created; every other mapping may be taken out."""
CHOICES: dict[str, tuple[str, ...]] = {
    "direction": ("both", "to_crm", "to_marketing", "none"),
    "overwrite": ("always", "if_blank", "never"),
    "clears": ("keep", "propagate"),
    "master": ("crm", "marketing", "latest"),
}
RULES = (
    {"name": "Nordic", "criteria": {"rows": [["Country", "in", ["NO", "DK", "SE"]]]}},
    {"name": "Large", "criteria": {"rows": [["NumberOfEmployees", ">=", "500"], ["Country", "!=", "US"]]}},
    {"name": "Names", "criteria": {"rows": [["Company", "starts_with", "A"], ["City", "not_contains", "berg"]]}},
    {"name": "Either", "criteria": {"rows": [["Rating", "=", "Hot"], ["Budget__c", ">", "9"]], "logic": "1 OR NOT 2"}},
    {"name": "Topics", "criteria": {"rows": [["Interests__c", "contains", "Training"], ["Phone", "not_blank"]]}},
    {"name": "The rest"},
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The orgs of the shipped checklist."""
    with Sandbox.start(checklist() / "recipe.yaml", seed=1) as started:
        yield started


def edited(draw: random.Random) -> dict[str, Any]:
    """Some mappings with other terms, some taken out, in a way that the field's types and duties allow."""
    plain = load_integration(checklist() / "leadproof.yaml", {})
    changes = []
    for one in plain.mappings("Lead"):
        ordinary = one.answers == "replace" and not one.sticky and one.direction == "both"
        if not ordinary or one.marketing_field in NEEDED or draw.random() < 0.6:
            continue
        terms = {key: draw.choice(values) for key, values in CHOICES.items() if draw.random() < 0.5}
        written = plain.fields[int(one.loc[1])]
        changes.append({"crm": written.crm, "marketing": written.marketing, **terms})
    return {"fields": changes}


@pytest.mark.parametrize("part", range(6))
def test_an_edited_integration_that_is_right_has_no_error(sandbox: Sandbox, part: int) -> None:
    """Other directions, masters, overwrites and clears, mappings taken out, other rules: warnings at most."""
    draw = random.Random(part)
    wrong: list[Finding] = []
    looked = 0
    for _ in range(8):
        rules = draw.sample(RULES[:-1], draw.randint(0, 4)) + ([RULES[-1]] if draw.random() < 0.5 else [])
        settings = [{**rule, "assign": {"user": draw.choice(("kari.c", "ola.c"))}} for rule in rules]
        sandbox.lab.set_org("acme-crm", {"assignment_rules": settings})
        try:
            integration = load_integration(checklist() / "leadproof.yaml", edited(draw))
        except DocumentRefused:
            continue
        looked += 1
        found = diagnose(integration, sandbox.crm("acme-crm"), sandbox.marketing("acme-marketing"))
        wrong += [one for one in found if one.level == "error"]
    assert looked >= 4
    assert [(one.code, one.cause) for one in wrong] == []
