"""An opt-out that is mapped for one of the CRM's objects only is told at its mapping, not as a wrong name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadproof.findings import Finding
from leadproof.library import checklist
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

WHOLE = "crm: HasOptedOutOfEmail, marketing: opted_out, sticky: true"
LEADS_ONLY = "crm: {Lead: HasOptedOutOfEmail}, marketing: opted_out, sticky: true"
CONTACT = """
create_lead: {as: reader, in: crm, object: Contact, fill: basics}
sync: {until: quiet}
opt_out: {lead: $reader, in: crm}
"""
LEAD = CONTACT.replace("object: Contact, ", "")
IN_MARKETING = (
    CONTACT.replace("in: crm}", "in: marketing}")
    + "sync: {until: quiet}\ncheck_field: {lead: $reader, in: crm, field: HasOptedOutOfEmail, is: 'true'}\n"
)


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "MAP350", folder)


def mapped_as(text: str) -> dict[str, str]:
    """The checklist's integration with another mapping of the opt-out."""
    read = (checklist() / "leadproof.yaml").read_text("utf-8")
    assert read.count(WHOLE) == 1
    return {"leadproof.yaml": read.replace(WHOLE, text)}


def test_an_opt_out_of_leads_only_is_told_where_a_contact_opts_out(tmp_path: Path) -> None:
    """The line of the mapping that is there, what it lacks, and the line with it."""
    first, second = told(CONTACT, tmp_path, files=mapped_as(LEADS_ONLY))[:2]
    assert (first.code, second.code) == ("MAP350", "CFG833")
    assert "mapped for Lead and not for Contact" in first.cause
    assert "{Lead: HasOptedOutOfEmail, Contact: HasOptedOutOfEmail}" in first.fix
    assert "+  - {crm: {Lead: HasOptedOutOfEmail, Contact: HasOptedOutOfEmail}, marketing: opted_out" in str(
        first.patch
    )
    place = next(one for one in first.places if isinstance(one, Place))
    assert LEADS_ONLY in (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[place.line - 1]


def test_an_opt_out_of_contacts_only_is_told_where_a_lead_opts_out(tmp_path: Path) -> None:
    """The same the other way round."""
    first = told(LEAD, tmp_path, files=mapped_as(LEADS_ONLY.replace("Lead", "Contact")))[0]
    assert first.code == "MAP350"
    assert "mapped for Contact and not for Lead" in first.cause


def test_in_marketing_everybody_can_opt_out_where_one_object_is_mapped(tmp_path: Path) -> None:
    """The field is marketing's own: what fails is that it does not reach the contact."""
    first = told(IN_MARKETING, tmp_path, files=mapped_as(LEADS_ONLY))[0]
    assert first.code == "MAP350"
    assert "not for Contact" in first.cause


def test_an_opt_out_that_nothing_maps_is_missing_for_everybody(tmp_path: Path) -> None:
    """No line says it for another object."""
    found = told(CONTACT, tmp_path, files=mapped_as("crm: DoNotCall, marketing: null, direction: none"))
    assert found[0].code == "CFG833"
    assert "MAP350" not in [one.code for one in found]


def test_an_opt_out_that_is_mapped_for_both_is_entered(tmp_path: Path) -> None:
    """Nothing is refused, so nothing is told."""
    assert "MAP350" not in [one.code for one in told(CONTACT, tmp_path)]
