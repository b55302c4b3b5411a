"""Accounts and opportunities flow from the CRM to marketing, with their references."""

from __future__ import annotations

from decimal import Decimal

from leadproof.systems.ports import Record, Write
from tests.harness.connector.pair import Pair, integration, start, write

MORE = """
accounts:
  crm: Account
  marketing: account
  fields: [{crm: Name, marketing: name}, {crm: Phone, marketing: phone}]
opportunities:
  crm: Opportunity
  marketing: opportunity
  fields:
    - {crm: Name, marketing: name}
    - {crm: Amount, marketing: amount}
    - {crm: Stage, marketing: stage}
    - {crm: CloseDate, marketing: close_date}
    - {crm: Account, marketing: account}
    - {crm: Contact, marketing: prospect}
    - {crm: Campaign, marketing: campaign}
"""


def sold() -> tuple[Pair, str, str, str]:
    """A converted lead of the campaign with an account and an opportunity; the contact's, account's, deal's ids."""
    pair = start(integration(more=MORE))
    prospect = pair.prospect(email="p@x.example")
    pair.sync()
    made = pair.sales.convert(pair.lead_of(prospect).id, opportunity="Big deal")
    assert made.account_id is not None
    assert made.opportunity_id is not None
    (campaign,) = pair.sales.campaigns()
    write(pair.sales, Write("update", "Opportunity", made.opportunity_id, values={"Campaign": campaign.id}))
    return pair, made.contact_id, made.account_id, made.opportunity_id


def only(pair: Pair, object: str) -> Record:
    (record,) = pair.marketer.find(object, None, [])
    return record


def test_a_deal_reaches_marketing_with_its_account_person_and_campaign() -> None:
    """References become the partners' ids, in the cycle in which the partners are linked."""
    pair, _, account, deal = sold()
    pair.sync()
    company, opportunity = only(pair, "account"), only(pair, "opportunity")
    (prospect,) = pair.prospects()
    (campaign,) = pair.marketer.campaigns()
    assert company.values["crm_id"] == account
    assert opportunity.values["crm_id"] == deal
    assert opportunity.values["name"] == "Big deal"
    assert opportunity.values["account"] == company.id
    assert opportunity.values["prospect"] == prospect.id
    assert opportunity.values["campaign"] == campaign.id


def test_a_deal_follows_its_stages_and_marketings_edit_is_changed_back() -> None:
    """The CRM is the master of deals."""
    pair, _, _, deal = sold()
    pair.sync()
    write(pair.sales, Write("update", "Opportunity", deal, values={"Stage": "Closed Won", "Amount": Decimal("12.50")}))
    pair.sync()
    opportunity = only(pair, "opportunity")
    assert opportunity.values["stage"] == "Closed Won"
    assert opportunity.values["amount"] == Decimal("12.5")
    write(pair.marketer, Write("update", "opportunity", opportunity.id, values={"amount": Decimal(1)}))
    pair.sync()
    assert only(pair, "opportunity").values["amount"] == Decimal("12.5")
