"""Fields that no record holds: a campaign's sums, an opportunity's forecast and quarter, what a member shows."""

from __future__ import annotations

from decimal import Decimal

from tests.dialects.salesforce.desk import Desk


def test_a_campaign_counts_its_members_and_deals() -> None:
    """One lead, one contact that responded, two deals of which one is won."""
    desk = Desk()
    campaign = desk.make("Campaign", Name="Spring")
    account = desk.make("Account", Name="Acme")
    lead = desk.lead(Country="NO")
    contact = desk.make("Contact", LastName="Test", AccountId=account, MailingCity="Oslo")
    desk.make("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Sent")
    desk.make("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Responded")
    deal = {"AccountId": account, "CampaignId": campaign, "CloseDate": "2026-05-04"}
    desk.make("Opportunity", Name="One", StageName="Closed Won", Amount=100, **deal)
    desk.make("Opportunity", Name="Two", StageName="Prospecting", Amount=50, **deal)
    (row,) = desk.rows(
        "SELECT NumberOfLeads, NumberOfContacts, NumberOfResponses, NumberOfConvertedLeads, NumberOfOpportunities, "
        "NumberOfWonOpportunities, AmountAllOpportunities, AmountWonOpportunities FROM Campaign "
        f"WHERE Id = '{campaign}'"
    )
    assert {name: Decimal(str(figure)) for name, figure in row.items()} == {
        "NumberOfLeads": 1,
        "NumberOfContacts": 1,
        "NumberOfResponses": 1,
        "NumberOfConvertedLeads": 0,
        "NumberOfOpportunities": 2,
        "NumberOfWonOpportunities": 1,
        "AmountAllOpportunities": 150,
        "AmountWonOpportunities": 100,
    }


def test_an_opportunity_knows_its_quarter_and_forecast() -> None:
    """The fiscal year is the calendar's; a won deal is closed, an early one in the pipeline."""
    desk = Desk()
    for stage in ("Closed Won", "Closed Lost", "Prospecting"):
        desk.make("Opportunity", Name=stage, StageName=stage, CloseDate="2026-05-04")
    rows = desk.rows("SELECT Name, FiscalYear, FiscalQuarter, Fiscal, ForecastCategory FROM Opportunity")
    told = {row["Name"]: row for row in rows}
    assert {(row["FiscalYear"], row["FiscalQuarter"], row["Fiscal"]) for row in rows} == {(2026, 2, "2026 2")}
    assert {name: row["ForecastCategory"] for name, row in told.items()} == {
        "Closed Won": "Closed",
        "Closed Lost": "Omitted",
        "Prospecting": "Pipeline",
    }


def test_a_member_shows_its_person() -> None:
    """The contact where there is one, else the lead."""
    desk = Desk()
    campaign = desk.make("Campaign", Name="Spring")
    account = desk.make("Account", Name="Acme Holding")
    contact = desk.make("Contact", LastName="Berg", AccountId=account, MailingCity="Oslo")
    lead = desk.lead(LastName="Dahl", City="Bergen")
    desk.make("CampaignMember", CampaignId=campaign, ContactId=contact)
    desk.make("CampaignMember", CampaignId=campaign, LeadId=lead)
    rows = desk.rows("SELECT Type, LeadOrContactId, CompanyOrAccount, LastName, City FROM CampaignMember ORDER BY Type")
    assert [tuple(row.values()) for row in rows] == [
        ("Contact", contact, "Acme Holding", "Berg", "Oslo"),
        ("Lead", lead, "Acme", "Dahl", "Bergen"),
    ]
