"""The standard objects of a simulated CRM. A row is (id, label, type, further keys of leadterms.fields.FieldSpec)."""

from __future__ import annotations

from typing import Any

FieldRow = tuple[str, str, str, dict[str, Any]]

COUNTRY_LENGTH = 80
REQUIRED = {"required": True}
READ_ONLY = {"read_only": True, "system": True}

INDUSTRIES = (
    "Agriculture", "Banking", "Biotechnology", "Chemicals", "Construction", "Consulting", "Education", "Electronics",
    "Energy", "Engineering", "Entertainment", "Finance", "Food", "Government", "Healthcare", "Hospitality", "Insurance",
    "Machinery", "Manufacturing", "Media", "Not for profit", "Retail", "Shipping", "Technology", "Telecommunications",
    "Transportation", "Utilities", "Other",
)  # fmt: skip
SOURCES = (
    "Web", "Phone inquiry", "Partner referral", "Employee referral", "Trade show", "Webinar", "Advertisement",
    "Organic search", "Paid search", "Social media", "Email", "Imported", "Purchased list", "Other",
)  # fmt: skip
LEAD_STATUSES = ("Open", "Working", "Nurturing", "Qualified", "Unqualified")
CAMPAIGN_STATUSES = ("Planned", "In Progress", "Completed", "Aborted")
RATINGS = ("Hot", "Warm", "Cold")

# Stage, probability in percent, closed, won: the pipeline that an org starts with.
STAGES: tuple[tuple[str, int, bool, bool], ...] = (
    ("Prospecting", 10, False, False),
    ("Qualification", 20, False, False),
    ("Proposal", 50, False, False),
    ("Negotiation", 80, False, False),
    ("Closed Won", 100, True, True),
    ("Closed Lost", 0, True, False),
)


def text(id: str, label: str, length: int, **more: Any) -> FieldRow:
    """A single line of at most `length` characters."""
    return (id, label, "single_line", {"length": length, **more})


def picklist(id: str, label: str, choices: tuple[str, ...], **more: Any) -> FieldRow:
    """A dropdown with its choices."""
    return (id, label, "dropdown", {"choices": choices, **more})


def reference(id: str, label: str, refers_to: str, **more: Any) -> FieldRow:
    """A link to a record of another object."""
    return (id, label, "reference", {"refers_to": refers_to, **more})


def address_fields(prefix: str, label: str) -> tuple[FieldRow, ...]:
    """The five fields of a postal address, one data point a field (product.md F)."""
    start = f"{label} " if label else ""
    return (
        (f"{prefix}Street", f"{start}Street".capitalize(), "multi_line", {"length": 255}),
        text(f"{prefix}City", f"{start}City".capitalize(), 40),
        text(f"{prefix}State", f"{start}State or province".capitalize(), COUNTRY_LENGTH),
        text(f"{prefix}PostalCode", f"{start}Postal code".capitalize(), 20),
        text(f"{prefix}Country", f"{start}Country".capitalize(), COUNTRY_LENGTH),
    )


_PERSON: tuple[FieldRow, ...] = (
    text("FirstName", "First name", 40),
    text("LastName", "Last name", 80, **REQUIRED),
    ("Email", "E-mail address", "email", {"length": 80}),
    ("Phone", "Business phone", "phone", {"length": 40}),
    ("MobilePhone", "Mobile", "phone", {"length": 40}),
    text("Title", "Job title", 128),
)
_CONSENT: tuple[FieldRow, ...] = (
    ("DoNotCall", "Do not call", "checkbox", {}),
    ("HasOptedOutOfEmail", "E-mail opt-out", "checkbox", {}),
)
_SIZE: tuple[FieldRow, ...] = (
    ("NumberOfEmployees", "Employees", "number", {"scale": 0}),
    ("AnnualRevenue", "Annual revenue", "currency", {"scale": 2}),
)
_OWNER: tuple[FieldRow, ...] = (("Owner", "Record owner", "user", {}),)
_DESCRIPTION: tuple[FieldRow, ...] = (("Description", "Description", "multi_line", {"length": 32000}),)

# object id -> (label, first letters of its ids, fields)
OBJECTS: dict[str, tuple[str, str, tuple[FieldRow, ...]]] = {
    "User": (
        "User", "usr",
        (
            text("UserName", "User name", 80, required=True, unique=True),
            text("Name", "Full name", 121),
            ("Email", "E-mail address", "email", {"length": 128}),
            ("IsActive", "Active", "checkbox", {"default": True}),
        ),
    ),
    "Queue": ("Queue", "que", (text("Name", "Queue name", 80, required=True, unique=True),)),
    "Account": (
        "Account", "acc",
        (
            text("Name", "Account name", 255, **REQUIRED),
            ("Phone", "Account phone", "phone", {"length": 40}),
            ("Website", "Website address", "url", {"length": 255}),
            picklist("Industry", "Line of business", INDUSTRIES, restricted=False),
            *_SIZE,
            picklist("Type", "Account type", ("Prospect", "Customer", "Partner", "Reseller", "Competitor", "Other")),
            *address_fields("Billing", "Billing"),
            *_DESCRIPTION,
            *_OWNER,
        ),
    ),
    "Contact": (
        "Contact", "con",
        (
            *_PERSON,
            ("HomePhone", "Home phone", "phone", {"length": 40}),
            reference("Account", "Account name", "Account"),
            *address_fields("Mailing", "Mailing"),
            picklist("LeadSource", "Lead source", SOURCES, restricted=False),
            *_DESCRIPTION,
            *_CONSENT,
            ("Birthdate", "Date of birth", "date", {}),
            *_OWNER,
        ),
    ),
    "Campaign": (
        "Campaign", "cam",
        (
            text("Name", "Campaign name", 80, **REQUIRED),
            picklist(
                "Type", "Campaign type",
                ("Advertisement", "Email", "Event", "Partners", "Search", "Telemarketing", "Webinar", "Other"),
            ),
            picklist("Status", "Campaign status", CAMPAIGN_STATUSES, default="Planned"),
            ("StartDate", "Start date", "date", {}),
            ("EndDate", "End date", "date", {}),
            ("BudgetedCost", "Budgeted cost", "currency", {"scale": 2}),
            ("ActualCost", "Actual cost", "currency", {"scale": 2}),
            ("IsActive", "Running", "checkbox", {}),
            ("MemberStatuses", "Member statuses", "multi_line", {"length": 4000, "system": True}),
            *_OWNER,
        ),
    ),
    "Opportunity": (
        "Opportunity", "opp",
        (
            text("Name", "Opportunity name", 120, **REQUIRED),
            reference("Account", "Account name", "Account"),
            reference("Contact", "Main contact", "Contact"),
            ("Amount", "Expected amount", "currency", {"scale": 2}),
            picklist("Stage", "Sales stage", tuple(stage[0] for stage in STAGES), required=True),
            ("CloseDate", "Expected close", "date", REQUIRED),
            ("Probability", "Probability", "percent", {"scale": 0}),
            picklist("Type", "Deal type", ("New business", "Existing business", "Renewal")),
            picklist("LeadSource", "Lead source", SOURCES, restricted=False),
            reference("Campaign", "Primary campaign", "Campaign"),
            ("IsWon", "Won", "checkbox", READ_ONLY),
            ("IsClosed", "Closed", "checkbox", READ_ONLY),
            *_OWNER,
        ),
    ),
    "Lead": (
        "Lead", "led",
        (
            *_PERSON,
            text("Company", "Company name", 255, **REQUIRED),
            *address_fields("", ""),
            ("Website", "Website address", "url", {"length": 255}),
            picklist("Industry", "Line of business", INDUSTRIES, restricted=False),
            *_SIZE,
            picklist("LeadSource", "Lead source", SOURCES, restricted=False),
            picklist("Status", "Lead status", LEAD_STATUSES, default="Open"),
            picklist("Rating", "Lead rating", RATINGS),
            *_DESCRIPTION,
            *_CONSENT,
            *_OWNER,
            ("IsConverted", "Converted", "checkbox", READ_ONLY),
            reference("ConvertedContact", "Converted contact", "Contact", **READ_ONLY),
            reference("ConvertedAccount", "Converted account", "Account", **READ_ONLY),
            reference("ConvertedOpportunity", "Converted opportunity", "Opportunity", **READ_ONLY),
            ("ConvertedDate", "Converted on", "date_time", READ_ONLY),
        ),
    ),
    "CampaignMember": (
        "Campaign member", "mem",
        (
            reference("Campaign", "Campaign name", "Campaign", **REQUIRED),
            reference("Lead", "Lead name", "Lead"),
            reference("Contact", "Contact name", "Contact"),
            text("Status", "Member status", 40),
            ("HasResponded", "Responded", "checkbox", READ_ONLY),
            ("FirstRespondedDate", "First responded", "date_time", READ_ONLY),
        ),
    ),
}  # fmt: skip

# A lead's field -> the contact's, the account's, the opportunity's field, when a lead is converted.
LEAD_TO_CONTACT: dict[str, str] = {
    "FirstName": "FirstName", "LastName": "LastName", "Email": "Email", "Phone": "Phone", "MobilePhone": "MobilePhone",
    "Title": "Title", "Street": "MailingStreet", "City": "MailingCity", "State": "MailingState",
    "PostalCode": "MailingPostalCode", "Country": "MailingCountry", "LeadSource": "LeadSource",
    "Description": "Description", "DoNotCall": "DoNotCall", "HasOptedOutOfEmail": "HasOptedOutOfEmail",
}  # fmt: skip
LEAD_TO_ACCOUNT: dict[str, str] = {
    "Company": "Name", "Phone": "Phone", "Website": "Website", "Industry": "Industry",
    "NumberOfEmployees": "NumberOfEmployees", "AnnualRevenue": "AnnualRevenue", "Street": "BillingStreet",
    "City": "BillingCity", "State": "BillingState", "PostalCode": "BillingPostalCode", "Country": "BillingCountry",
}  # fmt: skip
