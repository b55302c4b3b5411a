"""A system refuses what a mapping brought along: the field and the mapping are told before the bare refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

CONVERTED = """
create_lead: {as: lead, in: marketing, fill: basics, values: {contract: Monthly, nick_name: Longer than ten}}
sync: {until: quiet}
convert: {lead: $lead}
"""
RENAMED = {"id": "Contract__c", "label": "Contract", "type": "radio", "choices": ["Monthly (new)", "Yearly"]}
SHORTER = {"id": "NickName__c", "label": "Nickname", "type": "single_line", "length": 10}
RULE = {
    "name": "No conversions",
    "object": "Contact",
    "criteria": {"rows": [["LastName", "not_blank", None]]},
    "message": "Ask sales operations first",
}


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "MAP304", folder)


@pytest.mark.parametrize(("field", "code"), [(RENAMED, "MAP304"), (SHORTER, "MAP305")])
def test_a_contacts_field_that_takes_less_than_the_leads_is_told_at_its_mapping(
    field: dict[str, Any], code: str, tmp_path: Path
) -> None:
    """The salesperson converts the lead, and its value does not fit the contact: the mapping's line, once."""
    found = told(CONVERTED, tmp_path, crm={"fields": [{"object": "Contact", **field}]})
    assert found[0].code == code
    place = next(one for one in found[0].places if isinstance(one, Place))
    line = (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[place.line - 1]
    assert str(field["id"]) in line
    assert [one.cause for one in found].count(found[0].cause) == 1


def test_a_validation_rule_is_no_matter_of_a_mapping(tmp_path: Path) -> None:
    """It says in its own words what is missing."""
    found = told(CONVERTED, tmp_path, crm={"validation_rules": [RULE]})
    assert found[0].code == "REF701"
    assert RULE["message"] in found[0].cause
    assert "MAP304" not in [one.code for one in found]
