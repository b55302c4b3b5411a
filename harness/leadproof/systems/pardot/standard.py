"""The objects and standard fields of Account Engagement, in one table: its API describes custom fields only.

A row is (id, label, type, flags, refers to). Flags: w written by a client, r required. Source: guide, v5 object pages
("Required Editable Fields", "Optional Editable Fields", "Read-Only Fields"). Amounts and numbers of employees are texts
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

Row: TypeAlias = tuple[str, str, str, str, str]

OWNER = "assignedToId"
"""Whose prospect it is, as it is read; it is written as `userId`."""
OWNER_WRITTEN = "userId"
AUDIT = ("id", "createdAt", "updatedAt")
BY = "updatedById"
DELETED = "isDeleted"

PROSPECT: tuple[Row, ...] = (
    ("email", "Email", "email", "wr", ""),
    ("salutation", "Salutation", "single_line", "w", ""),
    ("firstName", "First Name", "single_line", "w", ""),
    ("lastName", "Last Name", "single_line", "w", ""),
    ("company", "Company", "single_line", "w", ""),
    ("jobTitle", "Job Title", "single_line", "w", ""),
    ("department", "Department", "single_line", "w", ""),
    ("phone", "Phone", "phone", "w", ""),
    ("fax", "Fax", "phone", "w", ""),
    ("website", "Website", "single_line", "w", ""),
    ("addressOne", "Address One", "single_line", "w", ""),
    ("addressTwo", "Address Two", "single_line", "w", ""),
    ("city", "City", "single_line", "w", ""),
    ("state", "State", "single_line", "w", ""),
    ("territory", "Territory", "single_line", "w", ""),
    ("zip", "Zip", "single_line", "w", ""),
    ("country", "Country", "single_line", "w", ""),
    ("industry", "Industry", "single_line", "w", ""),
    ("employees", "Employees", "single_line", "w", ""),
    ("annualRevenue", "Annual Revenue", "single_line", "w", ""),
    ("yearsInBusiness", "Years In Business", "single_line", "w", ""),
    ("source", "Source", "single_line", "w", ""),
    ("comments", "Comments", "multi_line", "w", ""),
    ("notes", "Notes", "multi_line", "w", ""),
    ("score", "Score", "number", "w", ""),
    ("grade", "Grade", "single_line", "", ""),
    ("isDoNotEmail", "Do Not Email", "checkbox", "w", ""),
    ("isDoNotCall", "Do Not Call", "checkbox", "w", ""),
    ("optedOut", "Opted Out", "checkbox", "w", ""),
    ("isReviewed", "Reviewed", "checkbox", "w", ""),
    ("isStarred", "Starred", "checkbox", "w", ""),
    ("campaignId", "Campaign", "reference", "w", "campaigns"),
    ("prospectAccountId", "Prospect Account", "reference", "w", "prospect-accounts"),
    (OWNER, "Assigned To", "user", "", ""),
    ("salesforceId", "Salesforce ID", "single_line", "w", ""),
    ("salesforceLeadId", "Salesforce Lead ID", "single_line", "", ""),
    ("salesforceContactId", "Salesforce Contact ID", "single_line", "", ""),
    ("salesforceAccountId", "Salesforce Account ID", "single_line", "", ""),
    ("salesforceOwnerId", "Salesforce Owner ID", "single_line", "", ""),
    ("salesforceLastSync", "Last Salesforce Sync", "date_time", "", ""),
    ("firstActivityAt", "First Activity", "date_time", "", ""),
    ("lastActivityAt", "Last Activity", "date_time", "", ""),
    ("isEmailHardBounced", "Email Hard Bounced", "checkbox", "", ""),
)
PROSPECT_ACCOUNT: tuple[Row, ...] = (
    ("name", "Name", "single_line", "", ""),
    ("salesforceId", "Salesforce ID", "single_line", "", ""),
    ("phone", "Phone", "phone", "", ""),
    ("website", "Website", "single_line", "", ""),
    ("industry", "Industry", "single_line", "", ""),
    ("employees", "Employees", "single_line", "", ""),
    ("annualRevenue", "Annual Revenue", "single_line", "", ""),
)
OPPORTUNITY: tuple[Row, ...] = (
    ("name", "Name", "single_line", "", ""),
    ("salesforceId", "Salesforce ID", "single_line", "", ""),
    ("value", "Value", "currency", "", ""),
    ("probability", "Probability", "number", "", ""),
    ("stage", "Stage", "single_line", "", ""),
    ("status", "Status", "single_line", "", ""),
    ("type", "Type", "single_line", "", ""),
    ("closedAt", "Closed", "date_time", "", ""),
    ("campaignId", "Campaign", "reference", "", "campaigns"),
)
CAMPAIGN: tuple[Row, ...] = (
    ("name", "Name", "single_line", "", ""),
    ("cost", "Cost", "currency", "", ""),
    ("salesforceId", "Salesforce ID", "single_line", "", ""),
)


@dataclass(frozen=True, slots=True)
class StandardObject:
    """One object, by the name of its collection. `by`: whether it tells who changed it; `bin`: whether deleted ones
    stay."""

    name: str
    label: str
    rows: tuple[Row, ...]
    by: bool = True
    bin: bool = True


OBJECTS: Mapping[str, StandardObject] = {
    one.name: one
    for one in (
        StandardObject("prospects", "Prospect", PROSPECT),
        StandardObject("prospect-accounts", "Prospect Account", PROSPECT_ACCOUNT),
        StandardObject("opportunities", "Opportunity", OPPORTUNITY, bin=False),
        StandardObject("campaigns", "Campaign", CAMPAIGN),
    )
}

# A custom field's type -> ours. Choices are told by no query, so none is known.
CUSTOM_TYPES: Mapping[str, str] = {
    "text": "single_line",
    "textarea": "multi_line",
    "number": "number",
    "date": "date",
    "dropdown": "dropdown",
    "radio button": "radio",
    "checkbox": "checkbox",
    "multi-select": "multi_select",
    "hidden": "single_line",
    "crm user": "single_line",
}
SUFFIX = "__c"
"""What v5 puts behind a custom field's id, and v4 does not."""
