"""Each figure of a report equals its count from the records (sync-semantics.md "Campaigns and reports")."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.engine.members import MemberWrite
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from tests.engine.worlds import KARI, SYNC, convert, create, crm_org, marketing_org, update


def rows(org: Org, report: str, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a report, the totals last."""
    made = org.report(report)
    assert all(column in made.columns for column in columns)
    return [tuple(row[column] for column in columns) for row in made.rows] + [
        tuple(made.totals.get(column) for column in columns)
    ]


def filled() -> Org:
    """Three leads from marketing (two sources), one from sales; one bought twice, one lost, one deal of nobody's."""
    org = crm_org()
    spring = create(org, "Campaign", Name="Spring", ActualCost="1000")
    free = create(org, "Campaign", Name="Free")
    web, event, other = (create(org, "Lead", SYNC, LastName=name, LeadSource=source) for name, source in
                         (("web", "Web"), ("event", "Event"), ("other", "Web")))  # fmt: skip
    own = create(org, "Lead", KARI, LastName="own")
    org.set_members(
        [
            MemberWrite("set", spring.id, "Lead", web.id, "Responded"),
            MemberWrite("set", spring.id, "Lead", other.id),
            MemberWrite("set", free.id, "Lead", web.id),
        ],
        SYNC,
    )
    won = {"Stage": "Closed Won", "Amount": "1500.50"}
    after = convert(org, web, opportunity={**won, "Campaign": spring.id})
    create(org, "Opportunity", Contact=after.values["ConvertedContact"], Campaign=spring.id, **won)
    convert(org, own, opportunity={"Stage": "Closed Lost", "Amount": "99"})
    create(org, "Opportunity", KARI, Stage="Closed Won", Amount="10")
    assert event.seq
    return org


def test_lead_source() -> None:
    """By source, blanks in a row of their own; only deals that came from a lead."""
    columns = ("source", "leads", "converted", "opportunities", "won", "won_amount")
    assert rows(filled(), "lead-source", *columns) == [
        ("", "1", "1", "1", "0", "0"),
        ("Event", "1", "0", "0", "0", "0"),
        ("Web", "2", "1", "2", "1", "3001"),
        (None, "4", "2", "3", "1", "3001"),
    ]


def test_campaign() -> None:
    """Members and answers by person, deals by primary campaign, ROI = (won - cost) / cost, none without cost."""
    columns = (
        "name",
        "members",
        "responded",
        "leads",
        "converted",
        "opportunities",
        "won",
        "won_amount",
        "cost",
        "roi",
    )
    assert rows(filled(), "campaign", *columns) == [
        ("Spring", "2", "1", "2", "1", "2", "1", "3001", "1000", "2.001"),
        ("Free", "1", "0", "1", "1", "0", "0", "0", "0", None),
        (None, "2", "1", "2", "1", "2", "1", "3001", "1000", "2.001"),
    ]


def test_hand_over() -> None:
    """The leads that marketing passed, and how far each has come."""
    columns = ("name", "source", "converted", "stage", "won_amount")
    assert rows(filled(), "hand-over", *columns) == [
        ("web", "Web", True, "Closed Won", "3001"),
        ("event", "Event", False, "Open", "0"),
        ("other", "Web", False, "Open", "0"),
        (None, None, "1", None, "3001"),
    ]


def test_closed_loop() -> None:
    """Marketing's deals are those whose lead was made from marketing, sales' are all others."""
    columns = ("contribution", "leads", "converted", "opportunities", "won", "won_amount", "roi")
    assert rows(filled(), "closed-loop", *columns) == [
        ("marketing", "3", "1", "2", "1", "3001", "2.001"),
        ("sales", "1", "1", "2", "1", "10", None),
        (None, "4", "2", "4", "2", "3011", "2.011"),
    ]


def test_marketings_side() -> None:
    """What marketing can't know is not available; the hand-over is when the prospect got its CRM id."""
    org = marketing_org()
    campaign = create(org, "campaign", name="spring", cost="200")
    here, there = create(org, "prospect", KARI, source="Web"), create(org, "prospect", SYNC, email="b@lead.example")
    org.clock.advance(60)
    update(org, here, crm_id="led1")
    at = org.clock.text()
    org.clock.advance(60)
    update(org, here, first_name="Kari")
    create(
        org, "opportunity", name="deal", amount="300", is_won=True, stage="Won", prospect=here.id, campaign=campaign.id
    )
    org.set_members([MemberWrite("set", campaign.id, "prospect", there.id, "clicked")], SYNC)
    assert rows(org, "lead-source", "source", "leads", "converted", "won_amount") == [
        ("", "1", None, "0"), ("Web", "1", None, "300"), (None, "2", None, "300"),
    ]  # fmt: skip
    assert rows(org, "campaign", "members", "responded", "won", "roi")[0] == ("1", "1", "1", "0.5")
    assert rows(org, "hand-over", "id", "passed_at", "stage")[0] == (here.id, at, "Won")
    assert rows(org, "closed-loop", "leads", "won_amount")[:2] == [("1", "300"), ("1", "0")]


def test_an_empty_org() -> None:
    """Every report can be made of nothing; another name is refused with the list."""
    for org in (crm_org(), marketing_org()):
        for name in ("lead-source", "campaign", "hand-over", "closed-loop"):
            assert org.report(name).totals["opportunities"] == "0"
        with pytest.raises(Refused, match="closed-loop"):
            org.report("roi")
