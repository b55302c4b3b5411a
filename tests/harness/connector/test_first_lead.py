"""One lead's way through the connector, both directions."""

from __future__ import annotations

from tests.harness.connector.pair import start


def test_a_lead_of_marketing_reaches_the_crm_once_linked_both_ways_and_assigned_by_its_rules() -> None:
    """A prospect becomes one CRM lead with its values, its id on both sides, the rule's owner; then silence."""
    pair = start()
    prospect = pair.prospect(email="A@x.example", country="Norway", phone="+47 22 12 34 56", score="120")
    first = pair.cycle()
    (lead,) = pair.leads()
    assert first.stopped is None
    assert not first.findings
    assert lead.values["Email"] == "A@x.example"
    assert lead.values["Phone"] == "+47 22 12 34 56"
    assert str(lead.values["Score__c"]) == "120"
    assert lead.values["MarketingId__c"] == prospect
    assert pair.one(prospect).values["crm_id"] == lead.id
    assert lead.owner == "kari.c"
    assert pair.one(prospect).owner == "kari.m"
    assert pair.cycle().silent


def test_a_lead_of_the_crm_reaches_marketing_once() -> None:
    """The same the other way; its owner follows by the user names, whatever their case and blanks."""
    pair = start()
    lead = pair.lead(Email="b@x.example", FirstName="Test", Owner="ola.c")
    pair.cycle()
    (prospect,) = pair.prospects()
    assert prospect.values["first_name"] == "Test"
    assert prospect.values["crm_id"] == lead
    assert prospect.owner == "ola.m"
    assert pair.one_crm(lead).values["MarketingId__c"] == prospect.id
    assert pair.cycle().silent


def test_one_person_who_is_new_on_both_sides_is_matched_whatever_the_letter_case() -> None:
    """Both records exist before the first cycle: they are linked, none is created."""
    pair = start()
    pair.prospect(email="Same@X.example")
    pair.lead(Email=" same@x.EXAMPLE ")
    pair.sync()
    assert len(pair.leads()) == 1
    assert len(pair.prospects()) == 1


def test_installing_twice_changes_nothing() -> None:
    """The first run adds the link field to every CRM object that people are, the second adds nothing."""
    pair = start(install=False)
    assert pair.connector.install() == ["Lead.MarketingId__c", "Contact.MarketingId__c"]
    assert pair.connector.install() == []
