"""Whose record is it: links, keys, ambiguity, delivery and import."""

from __future__ import annotations

import pytest

from leadproof.systems.ports import Write
from tests.harness.connector.pair import RECIPE, Pair, integration, start, write

TWICE = RECIPE.replace("  acme-crm:\n", "  acme-crm:\n    duplicate_rules: []\n")


def codes(reports: object) -> set[str]:
    return {finding.code for report in reports for finding in report.findings}  # type: ignore[attr-defined]


def two_leads(pair: Pair) -> list[str]:
    ids = []
    for name in ("First", "Second"):
        told = {"LastName": name, "Company": "Acme", "Email": "two@x.example"}
        ids.append(write(pair.sales, Write("create", "Lead", values=told, allow_duplicates=True)))
    return ids


def people(**rules: str) -> str:
    told = {"crm": "[Lead, Contact]", "marketing": "prospect", "match": "[email]", **rules}
    return "{" + ", ".join(f"{key}: {value}" for key, value in told.items()) + "}"


def test_several_matches_are_refused_by_default_and_the_finding_names_them() -> None:
    """Two CRM leads with the prospect's email: none is linked, none is created, both ids are named."""
    pair = start(integration(people=people(**{"import": "none"})))
    first, second = two_leads(pair)
    prospect = pair.prospect(email="two@x.example")
    report = pair.cycle()
    assert codes([report]) == {"DUP401"}
    assert first in report.findings[0].cause
    assert second in report.findings[0].cause
    assert pair.one(prospect).values["crm_id"] is None
    assert len(pair.leads()) == 2
    assert pair.cycle().silent


@pytest.mark.parametrize(("policy", "position"), [("oldest", 0), ("newest", 1)])
def test_several_matches_are_decided_by_creation_time_where_asked(policy: str, position: int) -> None:
    """`ambiguous: oldest` links the first that was created, `newest` the last."""
    pair = start(integration(people=people(ambiguous=policy, **{"import": "none"})))
    ids = two_leads(pair)
    prospect = pair.prospect(email="two@x.example")
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == ids[position]


def test_an_ambiguity_that_somebody_mends_is_resolved_without_touching_the_prospect() -> None:
    """When one of the two leads is deleted, the next cycle links the other."""
    pair = start(integration(people=people(**{"import": "none"})))
    first, second = two_leads(pair)
    prospect = pair.prospect(email="two@x.example")
    pair.cycle()
    write(pair.sales, Write("delete", "Lead", first))
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == second


def test_contacts_are_searched_before_leads() -> None:
    """A contact and a lead share the email: the contact is the person."""
    pair = start(integration(people=people(**{"import": "none"})))
    pair.lead(Email="who@x.example")
    told = {"LastName": "Test", "Email": "who@x.example"}
    contact = write(pair.sales, Write("create", "Contact", values=told, allow_duplicates=True))
    prospect = pair.prospect(email="who@x.example")
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == contact


def test_the_crm_id_that_marketing_holds_beats_the_key() -> None:
    """A prospect that holds a CRM id is that record, whatever its email says."""
    pair = start(integration(people=people(**{"import": "none"})))
    lead = pair.lead(Email="old@x.example")
    pair.lead(Email="new@x.example")
    prospect = pair.prospect(email="new@x.example", crm_id=lead)
    pair.sync()
    assert pair.one(prospect).values["email"] == "old@x.example"
    assert pair.one_crm(lead).values["MarketingId__c"] == prospect


def test_a_candidate_that_is_linked_elsewhere_is_refused() -> None:
    """The CRM record of the email belongs to another prospect: no link, no second record, a finding."""
    pair = start(recipe=RECIPE)
    first = pair.prospect(email="one@x.example")
    pair.sync()
    pair.edit_crm(pair.lead_of(first).id, Email="moved@x.example")
    pair.cycle()
    told = {"email": "moved@x.example", "last_name": "Other", "company": "Acme"}
    second = write(pair.marketer, Write("create", "prospect", values=told, allow_duplicates=True))
    assert "DUP401" in codes([pair.cycle()])
    assert pair.one(second).values["crm_id"] is None
    assert len(pair.leads()) == 1


def test_several_keys_are_tried_in_their_order_as_they_are_written() -> None:
    """The address first; where it finds nobody, or there is none, the number; another spelling is another number."""
    pair = start(integration(people=people(match="[email, phone]", **{"import": "none"})))
    by_address = pair.lead(Email="a@x.example", Phone="+47 22 12 34 56")
    by_number = pair.lead(Phone="+47 22 12 34 57")
    first = pair.prospect(email="a@x.example", phone="+47 22 12 34 57")
    second = pair.prospect(email="b@x.example", phone="+47 22 12 34 57")
    third = pair.prospect(email="c@x.example", phone="+4722123457")
    pair.sync()
    assert pair.one(first).values["crm_id"] == by_address
    assert pair.one(second).values["crm_id"] == by_number
    assert pair.one(third).values["crm_id"] not in (None, by_address, by_number)


def test_only_qualified_leads_are_delivered_and_stay_linked_after() -> None:
    """Delivery rules gate creation only: not before the score, and no unlinking when it falls."""
    rule = '{when: qualified, criteria: {rows: [[score, ">=", 100]]}}'
    pair = start(integration(people=people(deliver=rule)))
    prospect = pair.prospect(email="q@x.example", score="99")
    pair.sync()
    assert pair.leads() == []
    pair.edit(prospect, score="100")
    pair.sync()
    lead = pair.lead_of(prospect)
    pair.edit(prospect, score="1", first_name="Later")
    pair.sync()
    assert str(pair.one_crm(lead.id).values["Score__c"]) == "1"


def test_an_existing_match_is_linked_although_it_does_not_qualify() -> None:
    """Linking is not delivery."""
    rule = '{when: qualified, criteria: {rows: [[score, ">=", 100]]}}'
    pair = start(integration(people=people(deliver=rule, **{"import": "none"})))
    lead = pair.lead(Email="q@x.example")
    prospect = pair.prospect(email="q@x.example")
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == lead


def test_delivery_of_assigned_leads_and_on_request() -> None:
    """`assigned`: with an owner. `on_request`: when somebody asks."""
    pair = start(integration(people=people(deliver="assigned")))
    pair.prospect(email="a@x.example")
    pair.prospect(email="b@x.example", owner="ola.m")
    pair.sync()
    assert [lead.values["Email"] for lead in pair.leads()] == ["b@x.example"]
    asked = start(integration(people=people(deliver="on_request")))
    prospect = asked.prospect(email="c@x.example")
    asked.sync()
    assert asked.leads() == []
    asked.connector.deliver(prospect)
    asked.sync()
    assert asked.lead_of(prospect).values["Email"] == "c@x.example"


def test_a_person_is_delivered_as_a_contact_where_the_integration_says_so() -> None:
    """`deliver_as: contact`."""
    pair = start(integration(people=people(deliver_as="contact")))
    pair.prospect(email="c@x.example")
    pair.sync()
    assert pair.leads() == []
    assert [one.values["Email"] for one in pair.leads("Contact")] == ["c@x.example"]


def test_imports_are_gated_and_a_record_without_a_key_is_set_aside() -> None:
    """`import: criteria` and `none` create nothing else; a CRM record without email is named."""
    rule = '{when: criteria, criteria: {rows: [[Country, "=", Norway]]}}'
    pair = start(integration(people=people(**{"import": rule})))
    pair.lead(Email="no@x.example")
    pair.lead(Email="yes@x.example", Country="Norway")
    pair.lead(Country="Norway")
    report = pair.cycle()
    assert [one.values["email"] for one in pair.prospects()] == ["yes@x.example"]
    assert [finding.code for finding in report.findings] == ["DUP404"]
    assert [aside.code for aside in report.set_aside] == ["DUP404"]
    assert pair.cycle().silent


def test_a_record_that_gets_its_key_leaves_the_queue() -> None:
    """Once the lead has an email it is imported, and nothing waits any more."""
    pair = start()
    lead = pair.lead()
    assert pair.cycle().set_aside
    pair.edit_crm(lead, Email="late@x.example")
    assert pair.sync()[-1].set_aside == []
    assert [one.values["email"] for one in pair.prospects()] == ["late@x.example"]


def test_a_converted_or_deleted_lead_is_no_candidate() -> None:
    """What is gone is skipped: the person is created anew."""
    pair = start(integration(people=people(**{"import": "none"})))
    lead = pair.lead(Email="back@x.example")
    write(pair.sales, Write("delete", "Lead", lead))
    prospect = pair.prospect(email="back@x.example")
    pair.sync()
    assert pair.lead_of(prospect).id != lead
