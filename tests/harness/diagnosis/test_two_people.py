"""Two people who were taken for one are told at the match line, and one person with two numbers is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import Finding
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

NUMBER = "+47 22 10 10 10"
COLLEAGUES = f"""
create_lead: {{as: known, in: crm, fill: basics, values: {{FirstName: Test one, Phone: "{NUMBER}"}}}}
create_lead: {{as: second, in: marketing, fill: basics, values: {{first_name: Test two, phone: "{NUMBER}"}}}}
sync: {{until: quiet}}
check_field: {{lead: $second, in: crm, field: FirstName, is: Test two}}
"""
SAME = f"""
create_lead: {{as: known, in: crm, fill: basics, values: {{Email: ME, FirstName: Test one, Phone: "{NUMBER}"}}}}
create_lead: {{as: second, in: marketing, fill: basics, values: {{email: ME, first_name: Test two, phone: "SECOND"}}}}
sync: {{until: quiet}}
check_field: {{lead: $second, in: crm, field: FirstName, is: Test two}}
""".replace("ME,", "one.test@lead.example,")


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "DUP411", folder)


@pytest.mark.parametrize("match", [["email", "phone"], ["phone"]])
def test_colleagues_who_were_taken_for_one_are_told_at_the_match(match: list[str], tmp_path: Path) -> None:
    """They share a number and have two e-mail addresses: the line of `match`, and both addresses."""
    first = told(COLLEAGUES, tmp_path, integration={"people": {"match": match}})[0]
    assert first.code == "DUP411"
    place = next(one for one in first.places if isinstance(one, Place))
    assert "match" in (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[place.line - 1]
    assert first.cause.count("@lead.example") == 2


@pytest.mark.parametrize("second", [NUMBER, "+47 22 20 20 20"])
def test_one_person_with_one_address_is_no_two_people(second: str, tmp_path: Path) -> None:
    """They share the first key, so another number says nothing: the master is why the check fails."""
    steps = SAME.replace("SECOND", second)
    found = told(steps, tmp_path, integration={"people": {"match": ["email", "phone"]}})
    assert found[0].code == "OWN310"
    assert "DUP411" not in [one.code for one in found]
