"""Each figure of a report equals its recomputation from the records (sync-semantics.md "Campaigns and reports")."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from leadproof.oracle.funnel import Deal, Figure, Funnel, funnel_of
from leadproof.oracle.histories import Histories
from leadproof.oracle.standing import SideName
from leadproof.oracle.violations import Spot, Violation
from leadproof.systems.campaigns import Report, ReportName

Cells: TypeAlias = dict[str, str | Decimal | None]
Table: TypeAlias = dict[str, Cells]
TOTALS = "totals"
KEYS: Mapping[ReportName, str] = {
    "lead-source": "source",
    "campaign": "campaign",
    "hand-over": "id",
    "closed-loop": "contribution",
}
ROUNDING = Decimal("0.0001")


class Reports:
    """Judges the reports of both sides."""

    def __init__(self, histories: Histories) -> None:
        self._histories = histories
        self.judged = 0

    def judge(self, reports: Mapping[tuple[SideName, ReportName], Report]) -> Iterator[Violation]:
        """Every figure that is not its recomputation, every row too many, every row and column missing."""
        funnels = {side: self._funnel(side) for side in dict.fromkeys(side for side, _ in reports)}
        for (side, name), report in sorted(reports.items()):
            wanted = RECOMPUTE[name](funnels[side])
            self.judged += sum(len(cells) for cells in wanted.values())
            yield from _compare(side, name, report, wanted)

    def _funnel(self, side: SideName) -> Funnel:
        history = self._histories.of(side)
        users = {edit.user for life in history.lives for edit in life.edits if edit.own}
        return funnel_of(history, frozenset(users))


def _compare(side: SideName, name: ReportName, report: Report, wanted: Table) -> Iterator[Violation]:
    found = {str(row.get(KEYS[name], "") or ""): row for row in report.rows}
    found[TOTALS] = report.totals
    for key in dict.fromkeys([*wanted, *found]):
        if key not in wanted or key not in found:
            there = key in found
            yield _wrong(side, name, key, "", "no row" if there else "a row", "a row" if there else "no row")
            continue
        for column, figure in wanted[key].items():
            text = "not available" if figure is None else str(figure)
            if column not in found[key]:
                yield _wrong(side, name, key, column, text, "no such column")
            elif not _equal(figure, found[key][column]):
                yield _wrong(side, name, key, column, text, str(found[key][column] or "not available"))


def _equal(figure: str | Decimal | None, cell: str) -> bool:
    if figure is None or isinstance(figure, str):
        return (figure or "") == str(cell or "")
    try:
        return abs(Decimal(cell) - figure) < ROUNDING
    except InvalidOperation:
        return False


def _wrong(side: SideName, name: str, row: str, column: str, expected: str, found: str) -> Violation:
    place = Spot(side, f"report {name}", row, column)
    return Violation("oracle.report", "", place, expected, found, "each figure is recomputed from the records")


# --- the four reports ------------------------------------------------------------------------------------------


def _deals(deals: Iterable[Deal]) -> Cells:
    """Opportunities count once; won counts once per person."""
    counted = list(deals)
    won = [deal for deal in counted if deal.won]
    winners = {deal.person or deal.id for deal in won}
    return {
        "opportunities": Decimal(len(counted)),
        "won": Decimal(len(winners)),
        "won_amount": sum((deal.amount for deal in won), Decimal(0)),
    }


def _people(people: Iterable[Figure]) -> Cells:
    leads = [one for one in people if one.lead]
    known = all(one.converted is not None for one in leads)
    return {
        "leads": Decimal(len(leads)),
        "converted": Decimal(sum(1 for one in leads if one.converted)) if known else None,
    }


def _worth(deals: Iterable[Deal], cost: Decimal) -> Cells:
    won = sum((deal.amount for deal in deals if deal.won), Decimal(0))
    return {"cost": cost, "roi": (won - cost) / cost if cost else None}


def _lead_source(funnel: Funnel) -> Table:
    leads = {id: one for id, one in funnel.people.items() if one.lead}

    def row(of: Mapping[str, Figure]) -> Cells:
        return {**_people(of.values()), **_deals(deal for deal in funnel.deals if deal.person in of)}

    sources = dict.fromkeys(one.source for one in leads.values())
    rows = {source: row({id: one for id, one in leads.items() if one.source == source}) for source in sources}
    return {**rows, TOTALS: row(leads)}


def _campaign(funnel: Funnel) -> Table:
    def row(responses: Mapping[str, bool], deals: list[Deal], cost: Decimal) -> Cells:
        return {
            "members": Decimal(len(responses)),
            "responded": Decimal(sum(responses.values())),
            **_people(funnel.people[id] for id in responses if id in funnel.people),
            **_deals(deals),
            **_worth(deals, cost),
        }

    table: Table = {}
    anywhere: dict[str, bool] = {}
    for id, cost in funnel.costs.items():
        responses = funnel.responses.get(id, {})
        for person, responded in responses.items():
            anywhere[person] = anywhere.get(person, False) or responded
        table[id] = row(responses, [deal for deal in funnel.deals if deal.campaign == id], cost)
    named = [deal for deal in funnel.deals if deal.campaign in funnel.costs]
    table[TOTALS] = row(anywhere, named, sum(funnel.costs.values(), Decimal(0)))
    return table


def _hand_over(funnel: Funnel) -> Table:
    passed = {id: one for id, one in funnel.people.items() if one.handed_over}
    table: Table = {}
    for id, one in passed.items():
        deals = [deal for deal in funnel.deals if deal.person == id]
        sold = one.converted or not one.lead
        status = "Contact" if sold else str(one.life.values.get("Status") or one.life.values.get("status") or "")
        table[id] = {"source": one.source, "stage": deals[-1].stage if deals else status, **_deals(deals)}
    every = _deals(deal for deal in funnel.deals if deal.person in passed)
    leads = [one for one in passed.values() if one.lead]
    table[TOTALS] = {**_people(leads), "leads": Decimal(len(passed)), **every}
    return table


def _closed_loop(funnel: Funnel) -> Table:
    cost = sum(funnel.costs.values(), Decimal(0))

    def row(marketing: bool, cost: Decimal) -> Cells:
        people = {id: one for id, one in funnel.people.items() if one.from_marketing == marketing}
        deals = [deal for deal in funnel.deals if (deal.person in people) or (deal.person is None and not marketing)]
        return {**_people(people.values()), **_deals(deals), **_worth(deals, cost)}

    totals: Cells = {**_people(funnel.people.values()), **_deals(funnel.deals), **_worth(funnel.deals, cost)}
    return {"marketing": row(True, cost), "sales": row(False, Decimal(0)), TOTALS: totals}


RECOMPUTE: Mapping[ReportName, Callable[[Funnel], Table]] = {
    "lead-source": _lead_source,
    "campaign": _campaign,
    "hand-over": _hand_over,
    "closed-loop": _closed_loop,
}
"""Report -> how it is recomputed."""
