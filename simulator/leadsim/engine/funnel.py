"""What the reports count, read from the records of either side: people, opportunities, campaigns, memberships.

sync-semantics.md "Campaigns and reports": one person counts once (a converted lead as its contact), an opportunity
counts once, for the lead that it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from leadsim.engine.members import member_fields
from leadsim.engine.stored import Stored
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Person:
    """A lead, a contact that was never a lead, or a prospect. `converted` None: this side can't know.
    `from_marketing`: made by the sync in a CRM, made by anybody else in marketing."""

    record: Stored
    source: str
    converted: bool | None
    from_marketing: bool
    handed_over: bool
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity. `person`: the id of the lead, contact or prospect that it came from."""

    record: Stored
    person: str | None
    campaign: str | None
    stage: str
    won: bool
    amount: Decimal


@dataclass(slots=True)
class Funnel:
    """All of it, each in the order of creation. `persons` by id; `members`: campaign -> person -> responded."""

    people: dict[str, Person] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)
    campaigns: list[tuple[Stored, Decimal]] = field(default_factory=list)
    members: dict[str, dict[str, bool]] = field(default_factory=dict)

    def deals_of(self, person: str) -> list[Deal]:
        """The opportunities that came from a person."""
        return [deal for deal in self.deals if deal.person == person]


def read_funnel(org: Org) -> Funnel:
    """The funnel of one org, from its live records."""
    return _crm(org) if org.kind == "crm" else _marketing(org)


def _text(values: Mapping[str, Value], field: str) -> str:
    value = values.get(field)
    return value if isinstance(value, str) else ""


def _number(values: Mapping[str, Value], field: str) -> Decimal:
    value = values.get(field)
    return value if isinstance(value, Decimal) else ZERO


def _crm(org: Org) -> Funnel:
    funnel = Funnel()
    syncing = set(org.settings.connector_users)
    lead_of_contact: dict[str, str] = {}
    lead_of_deal: dict[str, str] = {}
    for lead in org.reading.all_of("Lead"):
        values = lead.values
        contact = _text(values, "ConvertedContact") or None
        made = lead.created_by in syncing
        converted = values.get("IsConverted") is True
        funnel.people[lead.id] = Person(lead, _text(values, "LeadSource"), converted, made, made, contact)
        if contact is not None:
            lead_of_contact.setdefault(contact, lead.id)
        if deal_id := _text(values, "ConvertedOpportunity"):
            lead_of_deal.setdefault(deal_id, lead.id)
    for one in org.reading.all_of("Contact"):
        if one.id not in lead_of_contact:
            made = one.created_by in syncing
            funnel.people[one.id] = Person(one, _text(one.values, "LeadSource"), False, made, made, one.id)
    for record in org.reading.all_of("Opportunity"):
        values = record.values
        contact_id = _text(values, "Contact")
        person = lead_of_deal.get(record.id) or lead_of_contact.get(contact_id) or contact_id or None
        funnel.deals.append(
            Deal(
                record,
                person if person in funnel.people else None, _text(values, "Campaign") or None, _text(values, "Stage"),
                values.get("IsWon") is True, _number(values, "Amount"),
            )
        )  # fmt: skip
    for campaign in org.reading.all_of("Campaign"):
        funnel.campaigns.append((campaign, _number(campaign.values, "ActualCost")))
    _members(org, funnel, lead_of_contact)
    return funnel


def _marketing(org: Org) -> Funnel:
    funnel = Funnel()
    syncing = set(org.settings.connector_users)
    for prospect in org.reading.all_of("prospect"):
        values = prospect.values
        here = prospect.created_by not in syncing
        handed = values.get("crm_id") is not None
        funnel.people[prospect.id] = Person(prospect, _text(values, "source"), None, here, handed)
    for deal in org.reading.all_of("opportunity"):
        values = deal.values
        person = _text(values, "prospect")
        funnel.deals.append(
            Deal(
                deal,
                person if person in funnel.people else None, _text(values, "campaign") or None, _text(values, "stage"),
                values.get("is_won") is True, _number(values, "amount"),
            )
        )  # fmt: skip
    for campaign in org.reading.all_of("campaign"):
        funnel.campaigns.append((campaign, _number(campaign.values, "cost")))
    _members(org, funnel, {})
    return funnel


def _members(org: Org, funnel: Funnel, lead_of_contact: Mapping[str, str]) -> None:
    names = member_fields(org)
    for member in org.reading.all_of(names.object):
        values = member.values
        person = next((_text(values, one) for one in names.people if values.get(one) is not None), "")
        person = lead_of_contact.get(person, person)
        of_campaign = funnel.members.setdefault(_text(values, names.campaign), {})
        of_campaign[person] = of_campaign.get(person, False) or values.get(names.responded) is True
