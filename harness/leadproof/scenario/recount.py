"""The four reports counted anew from the records of one side, without asking the system for its figures.

sync-semantics.md "Campaigns and reports": responded, converted and won count once per person; an opportunity counts
once, by its primary campaign and by the lead it came from; marketing's contribution is what came from a lead that
was created from marketing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from leadproof.scenario.checks.members import all_members
from leadproof.scenario.connected import Connected
from leadproof.systems.campaigns import ReportName
from leadproof.systems.ports import Record, System
from leadterms.values import Value

Figure = Decimal | str | None
"""A number, a text (a stage, a source, an owner), or None for what is not available."""
Figures = dict[str, Figure]
Table = dict[str, Figures]
"""Rows by their key (source, campaign id, contribution, person id); "" holds a blank source."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a side calls the things that reports count."""

    people: tuple[str, ...]
    source: str
    opportunity: str
    amount: str
    won: str
    stage: str
    status: str
    of_campaign: str
    campaign: str
    cost: str


CRM = Names(
    ("Lead", "Contact"),
    "LeadSource",
    "Opportunity",
    "Amount",
    "IsWon",
    "Stage",
    "Status",
    "Campaign",
    "Campaign",
    "ActualCost",
)
MARKETING = Names(
    ("prospect",), "source", "opportunity", "amount", "is_won", "stage", "status", "campaign", "campaign", "cost"
)


@dataclass(slots=True)
class Deal:
    """An opportunity, and the person (by id) that it came from."""

    id: str
    person: str | None
    campaign: str | None
    won: bool
    amount: Decimal
    stage: str
    created: datetime


@dataclass(slots=True)
class Ledger:
    """One side's records as the reports see them: people by id, a converted lead standing for its contact."""

    people: dict[str, Record] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    converted: set[str] = field(default_factory=set)
    from_marketing: set[str] = field(default_factory=set)
    handed_over: set[str] = field(default_factory=set)
    deals: list[Deal] = field(default_factory=list)
    costs: dict[str, Decimal] = field(default_factory=dict)
    members: dict[str, dict[str, bool]] = field(default_factory=dict)

    def is_lead(self, id: str) -> bool:
        return self.people[id].object in ("Lead", "prospect")


def read_ledger(connected: Connected, side: str, connector_users: Iterable[str]) -> Ledger:
    """Read every record that a report of this side counts."""
    system, names = connected.system(side), CRM if side == "crm" else MARKETING
    ledger, mine = Ledger(), set(connector_users)
    stands_for: dict[str, str] = {}
    for object in names.people:
        for record in system.find(object, None, connected.field_ids(side, object)):
            if record.id in stands_for:
                continue
            ledger.people[record.id] = record
            ledger.sources[record.id] = _text(record.values.get(names.source))
            _judge(ledger, system, side, record, mine)
            if record.converted_to is not None:
                stands_for[record.converted_to] = record.id
    origin = {
        str(one.values["ConvertedOpportunity"]): id
        for id, one in ledger.people.items()
        if one.values.get("ConvertedOpportunity")
    }
    for record in system.find(names.opportunity, None, connected.field_ids(side, names.opportunity)):
        ledger.deals.append(_deal(record, names, side, stands_for, origin, ledger))
    for record in system.find(names.campaign, None, [names.cost]):
        ledger.costs[record.id] = _number(record.values.get(names.cost))
    for member in all_members(system):
        if not member.deleted:
            people = ledger.members.setdefault(member.campaign, {})
            person = stands_for.get(member.person, member.person)
            people[person] = people.get(person, False) or member.responded
    return ledger


def _judge(ledger: Ledger, system: System, side: str, record: Record, mine: set[str]) -> None:
    """Who made the record tells whether it came from marketing: in the CRM the connector, in marketing all others."""
    created = next((one for one in system.history(record.object, record.id) if one.op == "create"), None)
    by_connector = created is not None and created.user in mine
    if record.converted_to is not None:
        ledger.converted.add(record.id)
    if by_connector == (side == "crm"):
        ledger.from_marketing.add(record.id)
    handed = by_connector if side == "crm" else record.values.get("crm_id") is not None
    if handed:
        ledger.handed_over.add(record.id)


def _deal(
    record: Record,
    names: Names,
    side: str,
    stands_for: Mapping[str, str],
    origin: Mapping[str, str],
    ledger: Ledger,
) -> Deal:
    holder = record.values.get("Contact" if side == "crm" else "prospect")
    person = origin.get(record.id) or stands_for.get(str(holder), str(holder) if holder else "")
    campaign = record.values.get(names.of_campaign)
    return Deal(
        record.id,
        person if person in ledger.people else None,
        str(campaign) if campaign else None,
        record.values.get(names.won) is True,
        _number(record.values.get(names.amount)),
        _text(record.values.get(names.stage)),
        record.created,
    )


def _number(value: Value) -> Decimal:
    return Decimal(value) if isinstance(value, Decimal | int) and not isinstance(value, bool) else Decimal(0)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _funnel(ledger: Ledger, side: str, people: Iterable[str], deals: list[Deal]) -> Figures:
    leads = [one for one in people if one in ledger.people and ledger.is_lead(one)]
    won = [one for one in deals if one.won]
    winners = {one.person or one.id for one in won}  # won counts once per person
    converted = Decimal(sum(1 for one in leads if one in ledger.converted))
    return {
        "leads": Decimal(len(leads)),
        "converted": converted if side == "crm" or not leads else None,
        "opportunities": Decimal(len(deals)),
        "won": Decimal(len(winners)),
        "won_amount": sum((one.amount for one in won), Decimal(0)),
    }


def _roi(figures: Figures, cost: Decimal) -> Figures:
    won = figures["won_amount"]
    assert isinstance(won, Decimal)
    return {"cost": cost, "roi": None if cost == 0 else (won - cost) / cost}


def lead_source(ledger: Ledger, side: str) -> Table:
    """Leads, converted, opportunities, won and won amount by lead source."""
    table: Table = {}
    leads = [one for one in ledger.people if ledger.is_lead(one)]
    for source in sorted({ledger.sources[one] for one in leads}):
        of_it = [one for one in leads if ledger.sources[one] == source]
        table[source] = _funnel(ledger, side, of_it, [one for one in ledger.deals if one.person in of_it])
    return table


def campaign(ledger: Ledger, side: str) -> Table:
    """Members, responded, leads, converted, opportunities, won, cost and ROI by campaign."""
    table: Table = {}
    for id, cost in ledger.costs.items():
        members = ledger.members.get(id, {})
        figures = _funnel(ledger, side, members, [one for one in ledger.deals if one.campaign == id])
        counts: Figures = {"members": Decimal(len(members)), "responded": Decimal(sum(members.values()))}
        table[id] = {**counts, **figures, **_roi(figures, cost)}
    return table


def hand_over(ledger: Ledger, side: str) -> Table:
    """The leads passed to sales, each with its source, owner, stage and opportunities."""
    table: Table = {}
    for id, record in ledger.people.items():
        if id in ledger.handed_over:
            deals = [one for one in ledger.deals if one.person == id]
            figures = _funnel(ledger, side, [id], deals)
            table[id] = {
                "source": ledger.sources[id],
                "owner": record.owner or "",
                "stage": _stage(ledger, side, id, deals),
                **{key: figures[key] for key in ("opportunities", "won", "won_amount")},
            }
    return table


def _stage(ledger: Ledger, side: str, id: str, deals: list[Deal]) -> str:
    """Where the lead stands in the sales cycle: its newest opportunity's stage, else its own status."""
    if deals:
        return sorted(deals, key=lambda one: one.created)[-1].stage
    if id in ledger.converted or ledger.people[id].object == "Contact":
        return "Contact"
    return _text(ledger.people[id].values.get((CRM if side == "crm" else MARKETING).status))


def closed_loop(ledger: Ledger, side: str) -> Table:
    """Marketing's and sales' contribution; all campaign cost is marketing's."""
    table: Table = {}
    for who in ("marketing", "sales"):
        people = [one for one in ledger.people if (one in ledger.from_marketing) == (who == "marketing")]
        deals = [one for one in ledger.deals if (one.person in ledger.from_marketing) == (who == "marketing")]
        figures = _funnel(ledger, side, people, deals)
        cost = sum(ledger.costs.values(), Decimal(0)) if who == "marketing" else Decimal(0)
        table[who] = {**figures, **_roi(figures, cost)}
    return table


def totals(name: ReportName, ledger: Ledger, side: str) -> Figures:
    """The last line of a report: everybody and every opportunity once, however many rows they are in."""
    cost = sum(ledger.costs.values(), Decimal(0))
    leads = [one for one in ledger.people if ledger.is_lead(one)]
    if name == "lead-source":
        return _funnel(ledger, side, leads, [one for one in ledger.deals if one.person in leads])
    if name == "hand-over":
        passed = [one for one in ledger.people if one in ledger.handed_over]
        figures = _funnel(ledger, side, passed, [one for one in ledger.deals if one.person in ledger.handed_over])
        return {**figures, "leads": Decimal(len(passed))}
    if name == "closed-loop":
        figures = _funnel(ledger, side, leads, ledger.deals)
        return {**figures, **_roi(figures, cost)}
    everybody: dict[str, bool] = {}
    for id in ledger.costs:
        for person, responded in ledger.members.get(id, {}).items():
            everybody[person] = everybody.get(person, False) or responded
    figures = _funnel(ledger, side, everybody, [one for one in ledger.deals if one.campaign in ledger.costs])
    counts: Figures = {"members": Decimal(len(everybody)), "responded": Decimal(sum(everybody.values()))}
    return {**counts, **figures, **_roi(figures, cost)}


KEYS: Mapping[str, str] = {
    "lead-source": "source",
    "campaign": "campaign",
    "hand-over": "id",
    "closed-loop": "contribution",
}
COUNTS: Mapping[ReportName, Callable[[Ledger, str], Table]] = {
    "lead-source": lead_source,
    "campaign": campaign,
    "hand-over": hand_over,
    "closed-loop": closed_loop,
}
