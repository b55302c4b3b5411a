"""Every problem of a record at once, each with object, field id, value and rule."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadterms.fields import FieldSpec
from tests.engine.worlds import SYNC, create, crm_org, delete, marketing_org, update


def refusal(org: Any, object: str, **values: Any) -> Refused:
    """The refusal of a create."""
    with pytest.raises(Refused) as refused:
        org.save(Change("create", object, values=values), SYNC)
    return refused.value


def test_all_problems_at_once() -> None:
    """One answer names everything that is wrong, so nobody has to try again five times."""
    said = refusal(
        crm_org(), "Lead", Company="x" * 256, Email="nobody", Rating="Scalding", NumberOfEmployees="many",
        Nonsense="1", IsConverted=True, Owner="nobody",
    )  # fmt: skip
    assert said.kind == "invalid"
    assert said.definite
    assert {(one.field, one.rule) for one in said.problems} == {
        ("Company", "length"), ("Email", "email"), ("Rating", "choice"), ("NumberOfEmployees", "type"),
        ("Nonsense", "unknown_field"), ("IsConverted", "read_only"), ("Owner", "user"), ("LastName", "required"),
        ("Company", "required"),
    }  # fmt: skip
    assert all(one.object == "Lead" and one.text for one in said.problems)


def test_a_label_is_no_id() -> None:
    """product.md C4: a label used as an id is refused, and the id is named."""
    said = refusal(crm_org(), "Lead", LastName="test", Company="test", **{"Business phone": "1"})
    assert "'Phone'" in said.problems[0].text


def test_an_object_that_isnt_there() -> None:
    """The refusal lists what there is."""
    said = refusal(crm_org(), "prospect", email="a@lead.example")
    assert said.kind == "unknown_object"
    assert "Lead" in said.text


def test_references_must_live() -> None:
    """A reference to nothing, to another object or into the bin is refused."""
    org = crm_org()
    lead, account = create(org, "Lead"), create(org, "Account")
    assert refusal(org, "Contact", LastName="test", Account=lead.id).problems[0].rule == "reference"
    assert refusal(org, "Contact", LastName="test", Account="acc0").problems[0].rule == "reference"
    contact = create(org, "Contact", Account=account.id)
    delete(org, account)
    assert refusal(org, "Contact", LastName="test", Account=account.id).problems[0].rule == "reference"
    assert update(org, contact, FirstName="Kari").outcome == "updated"  # an old reference hinders nobody


def test_an_inactive_user_owns_nothing_new() -> None:
    """product.md C2: an inactive owner is refused, and named."""
    said = refusal(crm_org(), "Lead", LastName="test", Company="test", Owner="gone")
    assert said.problems[0].rule == "inactive"


def test_unique_fields() -> None:
    """A value that another live record has is a duplicate, compared casefolded; a deleted one's is free."""
    field = {"object": "Lead", "id": "Key__c", "type": "single_line", "unique": True}
    org = crm_org(fields=[field])
    first = create(org, "Lead", Key__c="Straße")
    said = refusal(org, "Lead", LastName="test", Company="test", Key__c="STRASSE")
    assert (said.kind, said.matches, said.problems[0].rule) == ("duplicate", (first.id,), "unique")
    delete(org, first)
    assert create(org, "Lead", Key__c="STRASSE").version == 1


def test_a_validation_rule() -> None:
    """The org's own rule refuses with its message, on create and on update, until the cause is gone."""
    rule = {
        "name": "hot needs a phone", "object": "Lead", "message": "A hot lead needs a phone.", "field": "Phone",
        "criteria": {"rows": [["Rating", "=", "Hot"], ["Phone", "is_blank"]], "logic": "1 AND 2"},
    }  # fmt: skip
    org = crm_org(validation_rules=[rule])
    lead = create(org, "Lead", Rating="Hot", Phone="22 12 34 56")
    with pytest.raises(Refused, match="A hot lead needs a phone") as refused:
        update(org, lead, Phone=None)
    assert (refused.value.problems[0].field, refused.value.problems[0].rule) == ("Phone", "rule:hot needs a phone")
    assert update(org, lead, Phone=None, Rating="Warm").outcome == "updated"


def test_a_rule_that_cant_work_is_refused_at_once() -> None:
    """Criteria over a field that isn't there are a defect of the recipe, said when the org is built."""
    rule = {"name": "bad", "object": "Lead", "message": "no", "criteria": {"rows": [["Fone", "is_blank"]]}}
    with pytest.raises(Refused, match="Fone"):
        crm_org(validation_rules=[rule])


def test_defaults_numbers_and_formulas() -> None:
    """A default fills what isn't given, an auto-number counts, formulas follow their fields and can be queried."""
    fields = [
        {"object": "Lead", "id": "Number__c", "type": "auto_number"},
        {"object": "Lead", "id": "Full__c", "type": "formula", "formula": {"concat": ["FirstName", " ", "LastName"]}},
        {
            "object": "Lead",
            "id": "Sum__c",
            "type": "formula",
            "formula": {"sum": ["NumberOfEmployees", "AnnualRevenue"]},
        },
        {"object": "Lead", "id": "Age__c", "type": "formula", "formula": {"days_since": "created_at"}},
        {"object": "Lead", "id": "Since__c", "type": "date"},
        {"object": "Lead", "id": "Days__c", "type": "formula", "formula": {"days_since": "Since__c"}},
    ]
    org = crm_org(fields=[one for one in fields if one["id"] != "Age__c"])
    lead = create(org, "Lead", FirstName="Kari", NumberOfEmployees="2", AnnualRevenue="0.5", Since__c="2026-03-01")
    assert lead.values["Status"] == "Open"
    assert lead.values["Number__c"] == "000001"
    assert create(org, "Lead").values["Number__c"] == "000002"
    assert lead.values["Full__c"] == "Kari test"
    assert lead.values["Sum__c"] == Decimal("2.5")
    assert lead.values["Days__c"] == 1
    after = update(org, lead, FirstName=None).record
    assert after.values["Full__c"] == "test"
    changes = [(one.field, one.before, one.after) for one in org.history("Lead", lead.id) if one.op == "update"]
    assert changes == [("FirstName", "Kari", None), ("Full__c", "Kari test", "test")]
    org.clock.advance(86400)
    assert org.get("Lead", lead.id).values["Days__c"] == 2
    from leadterms.criteria import parse_criteria

    found = org.find("Lead", parse_criteria({"rows": [["Full__c", "=", "TEST"]]}))
    assert next(one.id for one in found.records) == lead.id
    with pytest.raises(Refused, match="Since__c"):
        org.find("Lead", parse_criteria({"rows": [["Days__c", ">", 1]]}))


def test_fields_can_be_added_while_it_runs() -> None:
    """The same field again changes nothing; another of that id is refused, and says how it differs."""
    org = crm_org()
    lead = create(org, "Lead")
    spec = FieldSpec("Lead", "Score__c", "Score", "number", scale=0)
    assert org.add_field(spec, SYNC)
    assert not org.add_field(spec, SYNC)
    with pytest.raises(Refused, match="Score__c") as refused:
        org.add_field(FieldSpec("Lead", "Score__c", "Score", "single_line"), SYNC)
    assert refused.value.kind == "conflict"
    assert update(org, lead, Score__c="12").record.values["Score__c"] == 12


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"id": "no spaces"}, "no spaces"),
        ({"id": "created_at"}, "system field"),
        ({"id": "x", "type": "dropdown"}, "choices"),
        ({"id": "x", "type": "reference", "refers_to": "Nothing"}, "refers_to"),
        ({"id": "x", "type": "formula"}, "formula"),
        ({"id": "x", "type": "formula", "formula": {"sum": ["Nope"]}}, "Nope"),
        ({"id": "x'); --"}, "id of a field"),
    ],
)
def test_a_field_that_cant_work_is_refused(more: dict[str, Any], said: str) -> None:
    """A field's own definition is checked when it is added."""
    with pytest.raises(Refused, match=said):
        crm_org().add_field(FieldSpec(**{"object": "Lead", "label": "x", "type": "single_line", **more}), SYNC)


def test_a_custom_object() -> None:
    """An object that a recipe adds is like any other: fields, checks, changes, references to it."""
    fields = [
        {"id": "title", "type": "single_line", "required": True},
        {"id": "lead", "type": "reference", "refers_to": "Lead"},
        {"id": "keeper", "type": "user"},
    ]
    org = crm_org(objects=[{"id": "Visit__c", "label": "Visit", "fields": fields}])
    lead = create(org, "Lead")
    visit = create(org, "Visit__c", title="fair", lead=lead.id)
    assert visit.values["keeper"] == "sync"
    assert [one.id for one in org.lookup("Visit__c", "lead", lead.id)] == [visit.id]
    assert refusal(org, "Visit__c", lead=lead.id).problems[0].rule == "required"


def test_marketing_needs_an_email() -> None:
    """A prospect without e-mail is refused; blanks are no e-mail."""
    assert refusal(marketing_org(), "prospect", email=" ").problems[0].rule == "required"
