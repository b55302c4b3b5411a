"""Values that no record holds: made from others when they are asked for. Each by the name in the standard tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.dialects.salesforce.catalog import SField
    from leadsim.dialects.salesforce.view import Record

# Of a closed or open stage with this probability: (ForecastCategory, ForecastCategoryName).
FORECASTS = ((0, ("Omitted", "Omitted")), (70, ("Pipeline", "Pipeline")), (90, ("BestCase", "Best Case")))
COMMIT, CLOSED = ("Forecast", "Commit"), ("Closed", "Closed")


def value(record: Record, field: SField) -> Value:
    """The value of a computed field."""
    return FUNCTIONS[field.key](record, field)


def forecast_of(probability: Decimal | int, closed: bool, won: bool) -> tuple[str, str]:
    """How a stage counts in forecasts."""
    if closed:
        return CLOSED if won else FORECASTS[0][1]
    return next((names for most, names in FORECASTS[1:] if probability <= most), COMMIT)


def _full_name(record: Record, field: SField) -> Value:
    assert record.stored is not None
    values = record.stored.values
    parts = [str(values[part]) for part in ("FirstName", "LastName") if values.get(part)]
    return " ".join(parts) or None


def _address(record: Record, field: SField) -> Value:
    return None  # a compound value: encoding.py shows it


def _converted_day(record: Record, field: SField) -> Value:
    return _day_of(record, "ConvertedDate")


def _first_responded(record: Record, field: SField) -> Value:
    return _day_of(record, "FirstRespondedDate")


def _day_of(record: Record, key: str) -> Value:
    assert record.stored is not None
    moment = record.stored.values.get(key)
    return moment.astimezone(record.view.zone).date() if isinstance(moment, datetime) else None


def _email_bounced(record: Record, field: SField) -> Value:
    assert record.stored is not None
    return record.stored.values.get("EmailBouncedReason") is not None


def _expected_revenue(record: Record, field: SField) -> Value:
    amount, probability = record.named("Amount"), record.named("Probability")
    if not isinstance(amount, Decimal) or not isinstance(probability, Decimal):
        return None
    return (amount * probability / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _forecast(record: Record, field: SField) -> Value:
    return _forecast_pair(record)[0]


def _forecast_name(record: Record, field: SField) -> Value:
    return _forecast_pair(record)[1]


def _forecast_pair(record: Record) -> tuple[str, str]:
    probability = record.named("Probability")
    share = probability if isinstance(probability, Decimal) else Decimal(0)
    return forecast_of(share, record.named("IsClosed") is True, record.named("IsWon") is True)


def _fiscal_year(record: Record, field: SField) -> Value:
    day = record.named("CloseDate")
    return Decimal(day.year) if isinstance(day, date) else None


def _fiscal_quarter(record: Record, field: SField) -> Value:
    day = record.named("CloseDate")
    return Decimal((day.month - 1) // 3 + 1) if isinstance(day, date) else None


def _fiscal(record: Record, field: SField) -> Value:
    day = record.named("CloseDate")
    return f"{day.year} {(day.month - 1) // 3 + 1}" if isinstance(day, date) else None


def _campaign(record: Record, field: SField) -> Value:
    """A campaign's sums, counted from its members and opportunities."""
    assert record.stored is not None
    org, id = record.view.org, record.stored.id
    if "Opportunit" in field.name:
        deals = org.lookup("Opportunity", "Campaign", id)
        if "Won" in field.name:
            deals = [deal for deal in deals if deal.values.get("IsWon") is True]
        if field.name.startswith("Amount"):
            amounts = [deal.values.get("Amount") for deal in deals]
            return sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
        return Decimal(len(deals))
    members = org.lookup("CampaignMember", "Campaign", id)
    if field.name == "NumberOfResponses":
        return Decimal(sum(one.values.get("HasResponded") is True for one in members))
    if field.name == "NumberOfContacts":
        return Decimal(sum(one.values.get("Contact") is not None for one in members))
    if field.name == "NumberOfConvertedLeads":
        both = [one for one in members if one.values.get("Lead") is not None and one.values.get("Contact") is not None]
        return Decimal(len(both))
    return Decimal(sum(one.values.get("Lead") is not None and one.values.get("Contact") is None for one in members))


_OF_CONTACT = {"Street": "MailingStreet", "City": "MailingCity", "State": "MailingState",
               "PostalCode": "MailingPostalCode", "Country": "MailingCountry"}  # fmt: skip


def _person(record: Record, field: SField) -> Value:
    """What a campaign member shows of its person: the contact, where there is one."""
    fields = record.object.fields
    contact = record.parent(fields["ContactId"])
    person = contact or record.parent(fields["LeadId"])
    if person is None:
        return False if field.type == "boolean" else None
    if field.name == "Type":
        return person.object.name
    if field.name == "LeadOrContactId":
        return person.id
    if field.name == "LeadOrContactOwnerId":
        return person.named("OwnerId")
    if field.name == "CompanyOrAccount":
        if contact is None:
            return person.named("Company")
        account = contact.parent(contact.object.fields["AccountId"])
        return None if account is None else account.named("Name")
    name = _OF_CONTACT.get(field.name, field.name) if contact is not None else field.name
    return person.named(name)


def _user(record: Record, field: SField) -> Value:
    assert record.stored is not None
    values = record.stored.values
    name = str(values.get("Name") or values.get("UserName") or "")
    user_name = str(values.get("UserName") or "")
    first, _, last = name.rpartition(" ")
    made: Mapping[str, Value] = {
        "LastName": last,
        "FirstName": first or None,
        "Alias": user_name[:8],
        "CommunityNickname": user_name[:40],
        "TimeZoneSidKey": record.view.org.settings.time_zone,
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "ProfileId": record.view.ids.make("00e", 1),
        "UserType": "Standard",
    }
    return made[field.name]


def _queue(record: Record, field: SField) -> Value:
    assert record.stored is not None
    if field.type == "boolean":
        return False
    if field.name == "Type":
        return "Queue"
    return "".join(letter if letter.isalnum() else "_" for letter in record.stored.id)


FUNCTIONS: Mapping[str, Callable[[Record, SField], Value]] = {
    "full_name": _full_name,
    "address": _address,
    "converted_day": _converted_day,
    "first_responded": _first_responded,
    "email_bounced": _email_bounced,
    "expected_revenue": _expected_revenue,
    "forecast": _forecast,
    "forecast_name": _forecast_name,
    "fiscal_year": _fiscal_year,
    "fiscal_quarter": _fiscal_quarter,
    "fiscal": _fiscal,
    "campaign": _campaign,
    "person": _person,
    "user": _user,
    "queue": _queue,
}
