"""The four reports of sync-semantics.md "Campaigns and reports"; each figure is counted from the records.

Numbers are decimal texts; None is "not available" (ROI without a cost; what the side can't know).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING

from leadsim.engine.funnel import ZERO, Deal, Funnel, Person, read_funnel
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadterms.values import decimal_text

if TYPE_CHECKING:
    from leadsim.engine.records import Org

Cell = str | bool | None
ROI_DIGITS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Report:
    """A report's name, its columns in order, its rows and its totals."""

    name: str
    columns: tuple[str, ...]
    rows: list[dict[str, Cell]]
    totals: dict[str, Cell]


def make_report(org: Org, name: str) -> Report:
    """One of lead-source, campaign, hand-over, closed-loop. Raises Refused("invalid") for another name."""
    make = REPORTS.get(name)
    if make is None:
        raise Refused("invalid", f"There is no report {name!r}. Reports: {', '.join(REPORTS)}.")
    return make(org, read_funnel(org))


def _count(things: Iterable[object]) -> str:
    return str(sum(1 for _ in things))


def _sum(numbers: Iterable[Decimal]) -> Decimal:
    return sum(numbers, ZERO)


def _converted(people: list[Person]) -> Cell:
    if any(person.converted is None for person in people):
        return None
    return _count(person for person in people if person.converted)


def _deals(deals: list[Deal]) -> dict[str, Cell]:
    """Opportunities and their amount count once each; a person counts once as won, whatever it bought."""
    won = [deal for deal in deals if deal.won]
    winners = {deal.person or deal.record.id for deal in won}
    amount = decimal_text(_sum(deal.amount for deal in won))
    return {"opportunities": str(len(deals)), "won": str(len(winners)), "won_amount": amount}


def _roi(deals: list[Deal], cost: Decimal) -> dict[str, Cell]:
    won = _sum(deal.amount for deal in deals if deal.won)
    roi = None if cost == 0 else decimal_text(((won - cost) / cost).quantize(ROI_DIGITS, ROUND_HALF_EVEN))
    return {"cost": decimal_text(cost), "roi": roi}


def _is_lead(person: Person) -> bool:
    return person.record.object in ("Lead", "prospect")


def lead_source(org: Org, funnel: Funnel) -> Report:
    """Leads, converted, opportunities and won amount by lead source; blank sources are the row ""."""
    leads = {id: person for id, person in funnel.people.items() if _is_lead(person)}

    def figures(people: dict[str, Person]) -> dict[str, Cell]:
        deals = [deal for deal in funnel.deals if deal.person in people]
        listed = list(people.values())
        return {"leads": str(len(people)), "converted": _converted(listed), **_deals(deals)}

    rows: list[dict[str, Cell]] = [
        {"source": source, **figures({id: one for id, one in leads.items() if one.source == source})}
        for source in sorted({person.source for person in leads.values()})
    ]
    columns = ("source", "leads", "converted", "opportunities", "won", "won_amount")
    return Report("lead-source", columns, rows, figures(leads))


def campaign(org: Org, funnel: Funnel) -> Report:
    """Members, responded, leads, converted, opportunities, won, cost and ROI by campaign, in order of creation."""

    def figures(members: dict[str, bool], deals: list[Deal], cost: Decimal) -> dict[str, Cell]:
        people = [funnel.people[id] for id in members if id in funnel.people]
        leads = [person for person in people if _is_lead(person)]
        return {
            "members": str(len(members)), "responded": _count(id for id, responded in members.items() if responded),
            "leads": str(len(leads)), "converted": _converted(leads), **_deals(deals), **_roi(deals, cost),
        }  # fmt: skip

    rows: list[dict[str, Cell]] = []
    everybody: dict[str, bool] = {}
    named: list[Deal] = []
    for record, cost in funnel.campaigns:
        members = funnel.members.get(record.id, {})
        for id, responded in members.items():
            everybody[id] = everybody.get(id, False) or responded
        deals = [deal for deal in funnel.deals if deal.campaign == record.id]
        named += deals
        rows.append({"campaign": record.id, "name": _name(record), **figures(members, deals, cost)})
    columns = (
        "campaign", "name", "members", "responded", "leads", "converted", "opportunities",
        "won", "won_amount", "cost", "roi",
    )  # fmt: skip
    total = figures(everybody, named, _sum(cost for _, cost in funnel.campaigns))
    return Report("campaign", columns, rows, total)


def hand_over(org: Org, funnel: Funnel) -> Report:
    """Each lead that was passed to sales, and its stage through the sales cycle: the newest opportunity's, else the
    lead's own status (a contact without opportunity: "Contact")."""
    rows: list[dict[str, Cell]] = []
    passed = {id: person for id, person in funnel.people.items() if person.handed_over}
    for id, person in passed.items():
        deals = funnel.deals_of(id)
        values = person.record.plain
        converted = person.converted is True or person.record.object == "Contact"
        status = "Contact" if converted else str(values.get("Status", values.get("status", "")))
        email = values.get("Email", values.get("email"))
        owner = values.get("Owner", values.get("owner"))
        rows.append(
            {
                "id": id, "object": person.record.object, "name": _name(person.record),
                "email": None if email is None else str(email), "source": person.source,
                "owner": None if owner is None else str(owner), "passed_at": _passed_at(org, person.record),
                "converted": person.converted, "stage": deals[-1].stage if deals else status, **_deals(deals),
            }
        )  # fmt: skip
    columns = (
        "id", "object", "name", "email", "source", "owner", "passed_at", "converted", "stage",
        "opportunities", "won", "won_amount",
    )  # fmt: skip
    deals = [deal for deal in funnel.deals if deal.person in passed]
    totals: dict[str, Cell] = {
        "leads": str(len(passed)),
        "converted": _converted(list(passed.values())),
        **_deals(deals),
    }
    return Report("hand-over", columns, rows, totals)


def closed_loop(org: Org, funnel: Funnel) -> Report:
    """Sales' and marketing's contribution in one report: marketing's are the opportunities whose lead was made from
    marketing, sales' are all others. All campaign cost is marketing's."""
    cost = _sum(cost for _, cost in funnel.campaigns)

    def figures(marketing: bool, cost: Decimal) -> dict[str, Cell]:
        people = {id: one for id, one in funnel.people.items() if one.from_marketing == marketing}
        deals = [
            deal for deal in funnel.deals
            if (deal.person is not None and funnel.people[deal.person].from_marketing) == marketing
        ]  # fmt: skip
        leads = [person for person in people.values() if _is_lead(person)]
        return {
            "leads": str(len(leads)),
            "converted": _converted(leads),
            **_deals(deals),
            **_roi(deals, cost),
        }

    rows: list[dict[str, Cell]] = [
        {"contribution": "marketing", **figures(True, cost)},
        {"contribution": "sales", **figures(False, ZERO)},
    ]
    leads = [person for person in funnel.people.values() if _is_lead(person)]
    columns = ("contribution", "leads", "converted", "opportunities", "won", "won_amount", "cost", "roi")
    totals: dict[str, Cell] = {"leads": str(len(leads)), "converted": _converted(leads)}
    return Report("closed-loop", columns, rows, {**totals, **_deals(funnel.deals), **_roi(funnel.deals, cost)})


def _name(record: Stored) -> str:
    values = record.plain
    for first, last in (("FirstName", "LastName"), ("first_name", "last_name")):
        if values.get(first) or values.get(last):
            return f"{values.get(first, '')} {values.get(last, '')}".strip()
    return str(values.get("Name", values.get("name", "")))


def _passed_at(org: Org, record: Stored) -> str | None:
    """When a person came to sales: in a CRM when the sync made it, in marketing when it got its CRM id."""
    if record.object != "prospect":
        return record.created_text
    linked = (change for change in org.reading.history(record) if change.field == "crm_id" and change.after is not None)
    first = next(linked, None)
    return None if first is None else first.at


REPORTS: dict[str, Callable[[Org, Funnel], Report]] = {
    "lead-source": lead_source,
    "campaign": campaign,
    "hand-over": hand_over,
    "closed-loop": closed_loop,
}
