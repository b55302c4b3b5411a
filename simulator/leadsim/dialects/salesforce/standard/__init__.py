"""The standard objects of a Salesforce org, in one table."""

from __future__ import annotations

from dataclasses import dataclass

from leadsim.dialects.salesforce.standard import campaigns, companies, people, setup
from leadsim.dialects.salesforce.standard.rows import Row


@dataclass(frozen=True, slots=True)
class StandardObject:
    """One standard object. `engine`: the engine's object that holds its records; None: its rows are made from the
    org's settings. `can`: c create, u update, d delete, n undelete, m merge. `history_of`: whose field history."""

    name: str
    label: str
    plural: str
    rows: tuple[Row, ...]
    engine: str | None = None
    can: str = ""
    history_of: str | None = None


def _history(of: str, key: str, name: str = "") -> StandardObject:
    parent: Row = (key, f"{of} ID", "reference", "", "r", {"to": (of,), "via": of, "children": "Histories"})
    label = f"{of} History"
    rows = (*setup.HISTORY[:2], parent, *setup.HISTORY[2:])
    return StandardObject(name or f"{of}History", label, label, rows, history_of=of)


OBJECTS: tuple[StandardObject, ...] = (
    StandardObject("Account", "Account", "Accounts", companies.ACCOUNT, "Account", "cudnm"),
    _history("Account", "AccountId"),
    StandardObject("AssignmentRule", "Assignment Rule", "Assignment Rules", setup.ASSIGNMENT_RULE),
    StandardObject("Campaign", "Campaign", "Campaigns", campaigns.CAMPAIGN, "Campaign", "cudn"),
    StandardObject("CampaignMember", "Campaign Member", "Campaign Members", campaigns.CAMPAIGN_MEMBER,
                   "CampaignMember", "cud"),
    StandardObject("CampaignMemberStatus", "Campaign Member Status", "Campaign Member Statuses",
                   setup.CAMPAIGN_MEMBER_STATUS),
    StandardObject("Contact", "Contact", "Contacts", people.CONTACT, "Contact", "cudnm"),
    _history("Contact", "ContactId"),
    StandardObject("Group", "Group", "Groups", setup.GROUP, "Queue"),
    StandardObject("Lead", "Lead", "Leads", people.LEAD, "Lead", "cudnm"),
    _history("Lead", "LeadId"),
    StandardObject("LeadStatus", "Lead Status Value", "Lead Status Value", setup.LEAD_STATUS),
    StandardObject("Opportunity", "Opportunity", "Opportunities", companies.OPPORTUNITY, "Opportunity", "cudn"),
    StandardObject("OpportunityContactRole", "Opportunity Contact Role", "Opportunity Contact Role",
                   companies.OPPORTUNITY_CONTACT_ROLE, "OpportunityContactRole", "cud"),
    _history("Opportunity", "OpportunityId", "OpportunityFieldHistory"),
    StandardObject("OpportunityStage", "Opportunity Stage", "Opportunity Stage", setup.OPPORTUNITY_STAGE),
    StandardObject("Organization", "Organization", "Organizations", setup.ORGANIZATION),
    StandardObject("Profile", "Profile", "Profile", setup.PROFILE),
    StandardObject("QueueSobject", "Queue Sobject", "Queue Sobjects", setup.QUEUE_SOBJECT),
    StandardObject("User", "User", "Users", setup.USER, "User"),
)  # fmt: skip

# What a reference to a Lead's owner, a history's author ... can be read as, when it may point at several objects.
NAME_FIELDS = ("Id", "Name", "FirstName", "LastName", "Username", "Email", "IsActive", "Type", "Title", "Phone")
