"""People, opportunities, campaigns and members of one side at the end of its history: what reports count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from leadproof.oracle.histories import SystemHistory
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Life

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Words:
    """What a side calls the things that reports count."""

    people: tuple[str, ...]
    source: str
    deal: str
    amount: str
    stage: str
    won: str
    campaign: str
    cost: str
    member: str
    of_campaign: str
    responded: str
    members: tuple[str, ...]


WORDS: Mapping[SideName, Words] = {
    "crm": Words(
        ("Lead", "Contact"),
        "LeadSource",
        "Opportunity",
        "Amount",
        "Stage",
        "IsWon",
        "Campaign",
        "ActualCost",
        "CampaignMember",
        "Campaign",
        "HasResponded",
        ("Contact", "Lead"),
    ),
    "marketing": Words(
        ("prospect",),
        "source",
        "opportunity",
        "amount",
        "stage",
        "is_won",
        "campaign",
        "cost",
        "membership",
        "campaign",
        "responded",
        ("prospect",),
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A person as reports count it; a converted lead stands for its contact. `converted`: None where the side
    cannot know. `lead`: a contact that never was a lead is none."""

    life: Life
    source: str
    lead: bool
    converted: bool | None
    from_marketing: bool
    handed_over: bool


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity: for whom, in which campaign, and what came of it."""

    id: str
    person: str | None
    campaign: str
    stage: str
    won: bool
    amount: Decimal


@dataclass(slots=True)
class Funnel:
    """All that one side's reports are about."""

    people: dict[str, Figure] = field(default_factory=dict)
    deals: list[Deal] = field(default_factory=list)
    costs: dict[str, Decimal] = field(default_factory=dict)
    responses: dict[str, dict[str, bool]] = field(default_factory=dict)


def funnel_of(history: SystemHistory, syncing: frozenset[str]) -> Funnel:
    """The funnel at the end. `syncing`: the users by whom connectors write; what they made in the CRM came from
    marketing, and what they made in marketing did not."""
    words = WORDS[history.side]
    funnel = Funnel()
    stands_for: dict[str, str] = {}
    opened: dict[str, str] = {}
    for life in _there(history, words.people[0]):
        made = life.born.user in syncing
        contact = str(life.values.get("ConvertedContact") or life.converted_to or "")
        if contact:
            stands_for.setdefault(contact, life.id)
        if life.values.get("ConvertedOpportunity"):
            opened.setdefault(str(life.values["ConvertedOpportunity"]), life.id)
        crm = history.side == "crm"
        handed = made if crm else bool(life.values.get("crm_id"))
        funnel.people[life.id] = Figure(
            life, _text(life, words.source), True, bool(contact) if crm else None, made == crm, handed
        )
    for object in words.people[1:]:
        for life in _there(history, object):
            if life.id not in stands_for:
                made = life.born.user in syncing
                funnel.people[life.id] = Figure(life, _text(life, words.source), False, False, made, made)
    _deals(history, words, funnel, stands_for, opened)
    _campaigns(history, words, funnel, stands_for)
    return funnel


def _there(history: SystemHistory, object: str) -> Iterator[Life]:
    return (life for life in history.lives.of(object).values() if not life.deleted)


def _deals(
    history: SystemHistory, words: Words, funnel: Funnel, stands_for: dict[str, str], opened: dict[str, str]
) -> None:
    for life in _there(history, words.deal):
        named = _text(life, "Contact" if history.side == "crm" else "prospect")
        person = opened.get(life.id) or stands_for.get(named, named)
        funnel.deals.append(
            Deal(
                life.id,
                person if person in funnel.people else None,
                _text(life, "Campaign" if history.side == "crm" else "campaign"),
                _text(life, words.stage),
                life.values.get(words.won) is True,
                _number(life, words.amount),
            )
        )


def _campaigns(history: SystemHistory, words: Words, funnel: Funnel, stands_for: dict[str, str]) -> None:
    for life in _there(history, words.campaign):
        funnel.costs[life.id] = _number(life, words.cost)
    for life in _there(history, words.member):
        person = next((_text(life, name) for name in words.members if life.values.get(name)), "")
        held = funnel.responses.setdefault(_text(life, words.of_campaign), {})
        person = stands_for.get(person, person)
        held[person] = held.get(person, False) or life.values.get(words.responded) is True


def _text(life: Life, name: str) -> str:
    return str(life.values.get(name) or "")


def _number(life: Life, name: str) -> Decimal:
    try:
        return Decimal(str(life.values.get(name) or 0))
    except InvalidOperation:
        return ZERO
