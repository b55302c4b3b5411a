"""Campaigns and their members. Labels as in the vendor's object reference."""

from __future__ import annotations

from leadsim.dialects.salesforce.standard.rows import AUDIT, DELETED, ID, SEEN, SOURCES, Row

TYPES = (
    "Conference", "Webinar", "Trade Show", "Public Relations", "Partners", "Referral Program", "Advertisement",
    "Banner Ads", "Direct Mail", "Email", "Telemarketing", "Other",
)  # fmt: skip

CAMPAIGN: tuple[Row, ...] = (
    ID,
    DELETED,
    ("Name", "Name", "string", "80", "curn", {}),
    (
        "ParentId", "Parent Campaign ID", "reference", "", "cu",
        {"to": ("Campaign",), "via": "Parent", "children": "ChildCampaigns"},
    ),
    ("Type", "Type", "picklist", "40", "cu", {"choices": TYPES}),
    (
        "Status", "Status", "picklist", "40", "cud",
        {"choices": ("Planned", "In Progress", "Completed", "Aborted"), "default": "Planned"},
    ),
    ("StartDate", "Start Date", "date", "", "cu", {}),
    ("EndDate", "End Date", "date", "", "cu", {}),
    ("ExpectedRevenue", "Expected Revenue", "currency", "18.0", "cu", {}),
    ("BudgetedCost", "Budgeted Cost", "currency", "18.0", "cu", {}),
    ("ActualCost", "Actual Cost", "currency", "18.0", "cu", {}),
    ("ExpectedResponse", "Expected Response (%)", "percent", "10.2", "cu", {}),
    ("NumberSent", "Num Sent", "double", "18.0", "cu", {}),
    ("IsActive", "Active", "boolean", "", "cud", {}),
    ("Description", "Description", "textarea", "32000", "cu", {}),
    ("NumberOfLeads", "Leads in Campaign", "int", "", "", {"computed": "campaign"}),
    ("NumberOfConvertedLeads", "Converted Leads in Campaign", "int", "", "", {"computed": "campaign"}),
    ("NumberOfContacts", "Contacts in Campaign", "int", "", "", {"computed": "campaign"}),
    ("NumberOfResponses", "Responses in Campaign", "int", "", "", {"computed": "campaign"}),
    ("NumberOfOpportunities", "Opportunities in Campaign", "int", "", "", {"computed": "campaign"}),
    ("NumberOfWonOpportunities", "Won Opportunities in Campaign", "int", "", "", {"computed": "campaign"}),
    ("AmountAllOpportunities", "Value Opportunities in Campaign", "currency", "18.0", "", {"computed": "campaign"}),
    ("AmountWonOpportunities", "Value Won Opportunities in Campaign", "currency", "18.0", "", {"computed": "campaign"}),
    ("OwnerId", "Owner ID", "reference", "", "cud", {"to": ("User",), "via": "Owner", "engine": "Owner"}),
    *SEEN,
    *AUDIT,
)  # fmt: skip

PERSON = {"computed": "person"}

CAMPAIGN_MEMBER: tuple[Row, ...] = (
    ID,
    DELETED,
    (
        "CampaignId", "Campaign ID", "reference", "", "cr",
        {"to": ("Campaign",), "via": "Campaign", "children": "CampaignMembers", "engine": "Campaign"},
    ),
    (
        "LeadId", "Lead ID", "reference", "", "c",
        {"to": ("Lead",), "via": "Lead", "children": "CampaignMembers", "engine": "Lead"},
    ),
    (
        "ContactId", "Contact ID", "reference", "", "c",
        {"to": ("Contact",), "via": "Contact", "children": "CampaignMembers", "engine": "Contact"},
    ),
    ("Status", "Status", "picklist", "40", "cud", {"member_status": True}),
    ("HasResponded", "Responded", "boolean", "", "d", {}),
    ("FirstRespondedDate", "First Responded Date", "date", "", "", {"computed": "first_responded"}),
    ("Salutation", "Salutation", "picklist", "40", "", PERSON),
    ("Name", "Name", "string", "121", "n", PERSON),
    ("FirstName", "First Name", "string", "40", "", PERSON),
    ("LastName", "Last Name", "string", "80", "", PERSON),
    ("Title", "Title", "string", "128", "", PERSON),
    ("Street", "Street", "textarea", "255", "", PERSON),
    ("City", "City", "string", "40", "", PERSON),
    ("State", "State/Province", "string", "80", "", PERSON),
    ("PostalCode", "Zip/Postal Code", "string", "20", "", PERSON),
    ("Country", "Country", "string", "80", "", PERSON),
    ("Email", "Email", "email", "80", "", PERSON),
    ("Phone", "Phone", "phone", "40", "", PERSON),
    ("Fax", "Fax", "phone", "40", "", PERSON),
    ("MobilePhone", "Mobile", "phone", "40", "", PERSON),
    ("Description", "Description", "textarea", "32000", "", PERSON),
    ("DoNotCall", "Do Not Call", "boolean", "", "d", PERSON),
    ("HasOptedOutOfEmail", "Email Opt Out", "boolean", "", "d", PERSON),
    ("HasOptedOutOfFax", "Fax Opt Out", "boolean", "", "d", PERSON),
    ("LeadSource", "Lead Source", "picklist", "255", "", {"choices": SOURCES, **PERSON}),
    ("CompanyOrAccount", "Company (Account)", "string", "255", "", PERSON),
    ("Type", "Member Type", "picklist", "40", "", {"choices": ("Lead", "Contact"), **PERSON}),
    ("LeadOrContactId", "Related Record ID", "reference", "", "", {"to": ("Contact", "Lead"), **PERSON}),
    (
        "LeadOrContactOwnerId", "Related Record Owner ID", "reference", "", "",
        {"to": ("Group", "User"), "via": "LeadOrContactOwner", **PERSON},
    ),
    *AUDIT,
)  # fmt: skip
