"""The standard objects of a simulated marketing-automation tool, in the form of crm.py."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from leadsim.engine.standard.crm import (
    COUNTRY_LENGTH,
    INDUSTRIES,
    READ_ONLY,
    REQUIRED,
    SOURCES,
    FieldRow,
    picklist,
    reference,
    text,
)

STATUSES = ("open", "working", "nurturing", "qualified", "unqualified")
RATINGS = ("hot", "warm", "cold")
GRADES = ("A+", "A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D+", "D", "D-", "F")
ACTIVITIES = (
    "form_submission", "page_view", "download", "email_sent", "email_open", "email_click", "email_bounce",
    "unsubscribe", "list_added", "list_removed", "other",
)  # fmt: skip
_CRM_ID: tuple[FieldRow, ...] = (text("crm_id", "CRM id", 40, unique=True, external_id=True),)
_SIZE: tuple[FieldRow, ...] = (
    ("employees", "Number of employees", "number", {"scale": 0}),
    ("annual_revenue", "Yearly revenue", "currency", {"scale": 2}),
)


def _count(activity: str) -> dict[str, Any]:
    """A statistics field that counts activities of one kind."""
    return {**READ_ONLY, "scale": 0, "formula": {"count": activity}}


def _latest(activity: str) -> dict[str, Any]:
    """A statistics field with the time of the newest activity of one kind."""
    return {**READ_ONLY, "formula": {"latest": activity}}


# object id -> (label, first letters of its ids, fields)
OBJECTS: dict[str, tuple[str, str, tuple[FieldRow, ...]]] = {
    "user": (
        "User", "mus",
        (
            text("user_name", "User name", 80, required=True, unique=True),
            text("name", "Full name", 121),
            ("email", "E-mail address", "email", {"length": 128}),
            ("is_active", "Active", "checkbox", {"default": True}),
        ),
    ),
    "account": (
        "Account", "mac",
        (
            text("name", "Account name", 255, **REQUIRED),
            *_CRM_ID,
            ("phone", "Switchboard", "phone", {"length": 40}),
            ("website", "Website address", "url", {"length": 255}),
            picklist("industry", "Line of business", INDUSTRIES, restricted=False),
            *_SIZE,
        ),
    ),
    "campaign": (
        "Campaign", "mca",
        (
            text("name", "Campaign name", 80, **REQUIRED),
            picklist("type", "Kind of campaign", ("advertisement", "email", "event", "search", "webinar", "other")),
            ("cost", "Cost so far", "currency", {"scale": 2}),
            *_CRM_ID,
            ("member_statuses", "Member statuses", "multi_line", {"length": 4000, "system": True}),
        ),
    ),
    "prospect": (
        "Prospect", "pro",
        (
            ("email", "E-mail address", "email", {"length": 255, "required": True}),
            text("first_name", "First name", 40),
            text("last_name", "Last name", 80),
            text("company", "Company name", 255),
            ("phone", "Business phone", "phone", {"length": 40}),
            ("mobile", "Mobile phone", "phone", {"length": 40}),
            text("job_title", "Job title", 128),
            ("address", "Street address", "multi_line", {"length": 255}),
            text("city", "City", 40),
            text("state", "State or province", COUNTRY_LENGTH),
            text("zip", "Postal code", 20),
            text("country", "Country", COUNTRY_LENGTH),
            ("website", "Website address", "url", {"length": 255}),
            picklist("industry", "Line of business", INDUSTRIES, restricted=False),
            *_SIZE,
            picklist("source", "Lead source", SOURCES, restricted=False),
            picklist("status", "Prospect status", STATUSES),
            picklist("rating", "Prospect rating", RATINGS),
            ("comments", "Comments", "multi_line", {"length": 32000}),
            ("score", "Activity score", "number", {"scale": 0, "default": Decimal(0)}),
            picklist("grade", "Profile grade", GRADES),
            ("opted_out", "Opted out of e-mail", "checkbox", {}),
            ("bounced", "E-mail bounced", "checkbox", {}),
            ("do_not_call", "Do not call", "checkbox", {}),
            ("birthday", "Date of birth", "date", {}),
            ("owner", "Assigned user", "user", {}),
            *_CRM_ID,
            ("is_qualified", "Qualified", "checkbox", {}),
            ("last_activity_at", "Last activity", "statistics", _latest("activity")),
            ("submissions", "Form submissions", "statistics", _count("form_submission")),
            ("page_views", "Page views", "statistics", _count("page_view")),
            ("downloads", "Downloads", "statistics", _count("download")),
            ("clicks", "E-mail clicks", "statistics", _count("email_click")),
            ("last_email_at", "Last e-mail received", "statistics", _latest("email_sent")),
        ),
    ),
    "opportunity": (
        "Opportunity", "mop",
        (
            text("name", "Opportunity name", 120, **REQUIRED),
            *_CRM_ID,
            ("amount", "Deal amount", "currency", {"scale": 2}),
            text("stage", "Sales stage", 60),
            ("close_date", "Expected close", "date", {}),
            ("probability", "Probability", "percent", {"scale": 0}),
            reference("campaign", "Primary campaign", "campaign"),
            reference("prospect", "Main prospect", "prospect"),
            reference("account", "Account", "account"),
            ("is_won", "Won", "checkbox", {}),
            ("is_closed", "Closed", "checkbox", {}),
        ),
    ),
    "membership": (
        "Campaign membership", "mbs",
        (
            reference("campaign", "Campaign", "campaign", **REQUIRED),
            reference("prospect", "Prospect", "prospect", **REQUIRED),
            text("status", "Member status", 40),
            ("responded", "Responded", "checkbox", READ_ONLY),
            ("first_responded_at", "First responded", "date_time", READ_ONLY),
        ),
    ),
    "list": (
        "List", "lst",
        (
            text("name", "List name", 120, required=True, unique=True),
            picklist("kind", "How it is filled", ("static", "dynamic"), default="static"),
            ("criteria", "Criteria", "multi_line", {"length": 8000}),
            ("removes_from", "Removes from lists", "multi_line", {"length": 4000}),
        ),
    ),
    "list_membership": (
        "List membership", "lmb",
        (
            reference("list", "List", "list", **REQUIRED),
            reference("prospect", "Prospect", "prospect", **REQUIRED),
            picklist("added_by", "How it got there", ("hand", "criteria", "form", "page"), default="hand"),
        ),
    ),
    "form": (
        "Form", "frm",
        (
            text("name", "Form name", 120, **REQUIRED),
            ("fields", "Fields", "multi_line", {"length": 4000}),
        ),
    ),
    "submission": (
        "Form submission", "sub",
        (
            reference("form", "Form", "form", **REQUIRED),
            reference("prospect", "Prospect", "prospect", **REQUIRED),
            ("answers", "Answers", "multi_line", {"length": 200_000}),
        ),
    ),
    "email": (
        "E-mail", "eml",
        (
            text("subject", "Subject", 200, **REQUIRED),
            ("body", "Body", "multi_line", {"length": 100_000}),
            ("lists", "Lists", "multi_line", {"length": 4000}),
        ),
    ),
    "email_send": (
        "E-mail send", "snd",
        (
            reference("email", "E-mail", "email", **REQUIRED),
            reference("prospect", "Prospect", "prospect", **REQUIRED),
            ("address", "Sent to", "email", {"length": 255}),
            picklist("outcome", "Outcome", ("sent", "suppressed", "duplicate"), required=True),
            text("reason", "Reason", 80),
        ),
    ),
    "activity": (
        "Activity", "act",
        (
            reference("prospect", "Prospect", "prospect", **REQUIRED),
            picklist("type", "Kind of activity", ACTIVITIES, required=True),
            text("detail", "Detail", 255),
        ),
    ),
}  # fmt: skip
