"""A link that the CRM cannot hold, and a required field that a direction keeps at home: told before what follows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadproof.findings import Finding
from leadproof.library import checklist
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

DELIVERED = """
create_lead: {as: lead, in: marketing, fill: basics}
sync: {until: quiet}
check_delivered: {lead: $lead, in: crm, linked: both}
"""


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "MAP327", folder)


def without_link_on_contacts() -> dict[str, str]:
    """The recipe whose contacts have no field for marketing's id."""
    lines = (checklist() / "recipe.yaml").read_text("utf-8").splitlines(keepends=True)
    kept = [one for one in lines if not ("object: Contact" in one and "MarketingId__c" in one)]
    assert len(kept) == len(lines) - 1
    return {"recipe.yaml": "".join(kept)}


def test_an_object_that_cannot_hold_the_link_is_told_where_links_fail(tmp_path: Path) -> None:
    """It was added to leads, and to contacts not: the install module adds it."""
    people = {"people": {"deliver_as": "contact"}}
    first = told(DELIVERED, tmp_path, integration=people, files=without_link_on_contacts())[0]
    assert first.code == "MAP327"
    assert "Contact.MarketingId__c" in first.cause


def test_who_is_not_due_is_not_missing_for_want_of_a_field(tmp_path: Path) -> None:
    """The same org, and nobody is there who could be linked: the delivery rule comes first."""
    people = {"people": {"deliver": {"when": "on_request"}}}
    found = told(DELIVERED, tmp_path, integration=people, files=without_link_on_contacts())
    assert found[0].code == "OWN320"


KEPT = """
create_lead: {as: lead, in: crm, fill: basics}
sync: {until: quiet}
check_delivered: {lead: $lead, in: marketing}
"""


def test_a_required_field_that_the_direction_keeps_at_home_is_the_directions(tmp_path: Path) -> None:
    """At the defaults, which say it; the connector, which left the field out, is not accused of writing it."""
    found = told(KEPT, tmp_path, integration={"defaults": {"direction": "to_crm"}})
    assert found[0].code == "OWN313"
    place = next(one for one in found[0].places if isinstance(one, Place))
    assert (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[place.line - 1].startswith("defaults:")
    assert "OWN336" not in [one.code for one in found]
    required = next(one for one in found if one.code == "MAP361")
    assert "direction: to_crm" in required.cause
