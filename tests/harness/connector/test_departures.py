"""Deletes, merges, conversion: what becomes of links and survivors."""

from __future__ import annotations

import pytest

from leadproof.systems.ports import Write
from tests.harness.connector.pair import FIELDS, Pair, integration, start, write


def people(deletes: str = "ignore") -> str:
    return f"{{crm: [Lead, Contact], marketing: prospect, match: [email], deletes: {deletes}}}"


def linked(deletes: str = "ignore") -> tuple[Pair, str, str]:
    pair = start(integration(people=people(deletes)))
    prospect = pair.prospect(email="p@x.example", first_name="Ann")
    pair.sync()
    return pair, prospect, pair.lead_of(prospect).id


def test_a_deleted_lead_is_not_made_again_by_an_edit() -> None:
    """`deletes: ignore`: the prospect stays, its edits don't recreate the lead."""
    pair, prospect, lead = linked()
    write(pair.sales, Write("delete", "Lead", lead))
    pair.edit(prospect, first_name="Later")
    assert pair.cycle().silent
    pair.edit(prospect, first_name="Again")
    assert pair.cycle().silent
    assert pair.leads() == []
    assert pair.one(prospect).values["first_name"] == "Again"


def test_undelete_revives_the_link() -> None:
    """The lead comes back: what was edited meanwhile is settled by the table."""
    pair, prospect, lead = linked()
    write(pair.sales, Write("delete", "Lead", lead))
    pair.cycle()
    pair.edit(prospect, first_name="Wrong")
    pair.cycle()
    pair.sales.undelete("Lead", lead)
    pair.sync()
    assert pair.one(prospect).values["first_name"] == "Ann"


@pytest.mark.parametrize("policy", ["propagate", "recycle"])
@pytest.mark.parametrize("side", ["crm", "marketing"])
def test_a_delete_travels_where_the_integration_says_so_and_beats_an_edit(policy: str, side: str) -> None:
    """The survivor is deleted although it was edited in the same cycle; nothing comes back."""
    pair, prospect, lead = linked(policy)
    if side == "crm":
        write(pair.sales, Write("delete", "Lead", lead))
        pair.edit(prospect, first_name="Later")
    else:
        write(pair.marketer, Write("delete", "prospect", prospect))
        pair.edit_crm(lead, FirstName="Later")
    pair.sync()
    assert pair.leads() == []
    assert pair.prospects() == []


def test_a_form_answer_after_the_delete_is_delivered_as_new() -> None:
    """A tombstone blocks edits only."""
    pair, prospect, lead = linked()
    write(pair.sales, Write("delete", "Lead", lead))
    pair.cycle()
    form = {"email": "p@x.example", "last_name": "Test", "company": "Acme", "phone": "+47 22 12 34 56"}
    assert pair.visitor.submit_form("contact", form).prospect == prospect
    pair.sync()
    (new,) = pair.leads()
    assert new.id != lead
    assert pair.one(prospect).values["crm_id"] == new.id


def test_a_new_live_record_with_the_key_is_linked_to_the_survivor() -> None:
    """Somebody makes the lead again by hand."""
    pair, prospect, lead = linked()
    write(pair.sales, Write("delete", "Lead", lead))
    pair.cycle()
    new = pair.lead(Email="p@x.example")
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == new
    assert len(pair.prospects()) == 1


def test_the_link_of_a_merged_lead_moves_to_the_winner() -> None:
    """The winner was not linked (it has no key): it gets the loser's partner."""
    pair, prospect, lead = linked()
    winner = write(pair.sales, Write("create", "Lead", values={"LastName": "Winner", "Company": "Acme"}))
    pair.cycle()
    pair.sales.merge("Lead", winner, [lead])
    pair.sync()
    assert pair.one(prospect).values["crm_id"] == winner
    assert pair.one_crm(winner).values["MarketingId__c"] == prospect
    assert len(pair.prospects()) == 1


@pytest.mark.parametrize(("policy", "left"), [("ignore", 2), ("propagate", 1)])
def test_a_merge_of_two_linked_leads_keeps_the_winners_link(policy: str, left: int) -> None:
    """The loser's prospect is treated by `deletes`, with a finding."""
    pair, _, lead = linked(policy)
    other = pair.prospect(email="q@x.example")
    pair.sync()
    winner = pair.lead_of(other).id
    pair.sales.merge("Lead", winner, [lead])
    report = pair.cycle()
    assert "DUP405" in {finding.code for finding in report.findings}
    assert pair.sync()[-1].silent
    assert pair.one(other).values["crm_id"] == winner
    assert len(pair.prospects()) == left


def test_merged_prospects_leave_one_link() -> None:
    """Marketing merges two people; the loser's lead stays (ignore) and nothing is doubled."""
    pair, prospect, _ = linked()
    other = pair.prospect(email="q@x.example")
    pair.sync()
    pair.marketer.merge("prospect", other, [prospect])
    pair.sync()
    assert len(pair.prospects()) == 1
    assert len(pair.leads()) == 2


def test_a_converted_lead_goes_on_as_its_contact() -> None:
    """Pairs carry over; a field mapped only on the contact is a first link; the lead's phone is now HomePhone."""
    fields = FIELDS + "  - {crm: {Contact: MailingCity}, marketing: city}\n"
    pair = start(integration(fields))
    prospect = pair.prospect(email="p@x.example", first_name="Ann", city="Oslo")
    pair.sync()
    converted = pair.sales.convert(pair.lead_of(prospect).id)
    reports = pair.sync()
    contact = pair.one_crm(converted.contact_id, "Contact")
    assert pair.one(prospect).values["crm_id"] == contact.id
    assert contact.values["MailingCity"] == "Oslo"
    assert contact.values["MarketingId__c"] == prospect
    assert len(pair.prospects()) == 1
    assert "MAP315" in {finding.code for report in reports for finding in report.findings}
    pair.edit_crm(contact.id, "Contact", FirstName="Anna")
    pair.sync()
    assert pair.one(prospect).values["first_name"] == "Anna"


def test_a_lead_converted_before_it_was_ever_synced_is_imported_as_a_contact() -> None:
    """One person, one prospect."""
    pair = start()
    lead = pair.lead(Email="p@x.example")
    pair.sales.convert(lead)
    pair.sync()
    (prospect,) = pair.prospects()
    assert pair.one_crm(str(prospect.values["crm_id"]), "Contact").values["Email"] == "p@x.example"
