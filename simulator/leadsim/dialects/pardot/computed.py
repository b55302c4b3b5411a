"""Values that the vendor makes of others: literal tables, and one small function for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from leadsim.engine.engagement import form_setting
from leadsim.engine.stored import Stored

if TYPE_CHECKING:
    from leadsim.dialects.pardot.view import Record
    from leadsim.engine.records import Org

LEAD, CONTACT = "00Q", "003"
ADMINISTRATOR = "Administrator"
# The engine's kind of activity: the vendor's number and name, and what it says of it.
ACTIVITIES: Mapping[str, tuple[int, str, str]] = {
    "form_submission": (4, "Form", "Success"),
    "page_view": (2, "Visitor Page View", "View"),
    "download": (2, "File", "View"),
    "email_sent": (6, "Email", "Sent"),
    "email_open": (11, "Email", "Open"),
    "email_click": (1, "Email Tracker", "Click"),
    "email_bounce": (13, "Email", "Bounced"),
    "unsubscribe": (12, "Email", "Unsubscribe Page"),
    "list_added": (0, "Unknown", "Other"),
    "list_removed": (0, "Unknown", "Other"),
    "other": (0, "Unknown", "Other"),
}


ONLY: Mapping[str, tuple[str, str]] = {"emails": ("outcome", "sent"), "email-clicks": ("type", "email_click")}
"""Of some objects of the engine a collection shows only records with this value: what was held back is no e-mail."""


def _text(record: Record, field: str) -> str:
    assert record.stored is not None
    return str(record.stored.values.get(field) or "")


def _person_id(prefix: str) -> Callable[[Record], Any]:
    def made(record: Record) -> Any:
        id = _text(record, "crm_id")
        return id if id.startswith(prefix) else None

    return made


def _campaign_crm_id(record: Record) -> Any:
    campaign = record.related(record.object.fields["campaignId"])
    return None if campaign is None else campaign.named("salesforceId")


def _activities(record: Record) -> list[Stored]:
    assert record.stored is not None
    return record.view.org.lookup("activity", "prospect", record.stored.id)


def _recent_interaction(record: Record) -> Any:
    found = _activities(record)
    if not found:
        return "Never active."
    _, name, what = ACTIVITIES[str(found[-1].values["type"])]
    return f"{name}: {what}"


def _first_activity_at(record: Record) -> Any:
    found = _activities(record)
    return found[0].created_at if found else None


def _user_email(record: Record) -> Any:
    """A user without an address has one all the same: the vendor's users log in by theirs."""
    return _text(record, "email") or f"{_text(record, 'user_name')}@{record.view.org.name}.example"


def _user_name(last: bool) -> Callable[[Record], Any]:
    def made(record: Record) -> Any:
        first, _, rest = (_text(record, "name") or _text(record, "user_name")).partition(" ")
        return (rest or first) if last else (first if rest else None)

    return made


def _opportunity_status(record: Record) -> Any:
    assert record.stored is not None
    if record.stored.values.get("is_won") is True:
        return "Won"
    return "Lost" if record.stored.values.get("is_closed") is True else "Open"


def _closed_at(record: Record) -> Any:
    assert record.stored is not None
    day = record.stored.values.get("close_date")
    closed = record.stored.values.get("is_closed") is True
    if not closed or not isinstance(day, date):
        return None
    return datetime.combine(day, datetime.min.time(), record.view.zone)


def _inactive(record: Record) -> Any:
    assert record.stored is not None
    return record.stored.deleted or record.stored.values.get("is_active") is not True


def _tagged(record: Record) -> Any:
    assert record.stored is not None
    return len(record.view.org.lookup("tagged_object", "tag", record.stored.id))


def _form_campaign(record: Record) -> Any:
    assert record.stored is not None
    campaign = form_setting(record.view.org, record.stored).campaign
    return record.view.number(None if campaign is None else record.view.org.campaign_named(campaign))


def _embed_code(record: Record) -> Any:
    """The address that a form is posted to; below the org's own path it is answered without a login."""
    return f'<form method="post" action="https://go.{record.view.org.name}.example/l/form/{record.number}">'


def _user_salesforce_id(record: Record) -> Any:
    assert record.stored is not None
    return record.view.salesforce_users.get(record.stored.id)


def _sent_email(record: Record) -> Record | None:
    assert record.stored is not None
    number = record.view.number(record.stored.values.get("email"))
    return None if number is None else record.view.find(record.view.catalog.objects["list-emails"], number)


def _email_subject(record: Record) -> Any:
    email = _sent_email(record)
    return None if email is None else email.named("subject")


def _recipient_lists(record: Record) -> Any:
    lists = [record.view.number(id) for id in _text(record, "lists").split("\n") if id]
    return [number for number in lists if number is not None]


def _activity(place: int) -> Callable[[Record], Any]:
    return lambda record: ACTIVITIES[_text(record, "type")][place]


def _activity_about(kinds: tuple[str, ...], object: str, *, hosted: bool | None = None) -> Callable[[Record], Any]:
    """The number of the form or e-mail that an activity's detail names."""

    def made(record: Record) -> Any:
        if _text(record, "type") not in kinds:
            return None
        named = record.view.org.row(_text(record, "detail"))
        if named is None or named.object != object:
            return None
        if hosted is not None and is_hosted(record.view.org, named) != hosted:
            return None
        return record.view.number(named.id)

    return made


def is_hosted(org: Org, form: Stored) -> bool:
    """Whether a form is a page of the vendor's, with a CAPTCHA; the others are form handlers alone."""
    return form_setting(org, form).captcha != "none"


def _activity_details(record: Record) -> Any:
    """The name of what the activity is about, else the words that were recorded."""
    detail = _text(record, "detail")
    named = record.view.org.row(detail) if detail else None
    if named is not None and named.object in ("form", "email", "list"):
        return named.values.get("subject" if named.object == "email" else "name")
    return detail or None


MADE: Mapping[str, Callable[[Record], Any]] = {
    "lead_id": _person_id(LEAD),
    "contact_id": _person_id(CONTACT),
    "campaign_crm_id": _campaign_crm_id,
    "recent_interaction": _recent_interaction,
    "first_activity_at": _first_activity_at,
    "user_email": _user_email,
    "user_first_name": _user_name(last=False),
    "user_last_name": _user_name(last=True),
    "role": lambda record: ADMINISTRATOR,
    "inactive": _inactive,
    "opportunity_status": _opportunity_status,
    "closed_at": _closed_at,
    "is_dynamic": lambda record: _text(record, "kind") == "dynamic",
    "tagged": _tagged,
    "form_campaign": _form_campaign,
    "embed_code": _embed_code,
    "user_salesforce_id": _user_salesforce_id,
    "time_zone": lambda record: record.view.org.settings.time_zone,
    "email_subject": _email_subject,
    "client_type": lambda record: "Web",
    "email_type": lambda record: "html",
    "recipient_lists": _recipient_lists,
    "yes": lambda record: True,
    "no": lambda record: False,
    "activity_type": _activity(0),
    "activity_type_name": _activity(1),
    "activity_details": _activity_details,
    "activity_form": _activity_about(("form_submission",), "form", hosted=True),
    "activity_form_handler": _activity_about(("form_submission",), "form", hosted=False),
    "activity_email": _activity_about(("email_sent", "email_open", "email_click", "email_bounce"), "email"),
}
