"""Owners and campaign members through the real connector."""

from __future__ import annotations

import pytest

from leadproof.systems.campaigns import Member, MemberWrite
from leadproof.systems.ports import System, Write
from tests.harness.connector.pair import PEOPLE, RECIPE, Pair, integration, start, write


def linked(told: object = None, **values: str) -> tuple[Pair, str, str]:
    pair = start(told)  # type: ignore[arg-type]
    prospect = pair.prospect(email="p@x.example", **values)
    pair.sync()
    return pair, prospect, pair.lead_of(prospect).id


def own(pair: Pair, lead: str, owner: str) -> None:
    write(pair.sales, Write("update", "Lead", lead, owner=owner))


def test_marketings_change_of_owner_is_changed_back() -> None:
    """The CRM's owner is the master."""
    pair, prospect, lead = linked(country="Norway")
    assert pair.one_crm(lead).owner == "kari.c"
    write(pair.marketer, Write("update", "prospect", prospect, owner="ola.m"))
    report = pair.cycle()
    assert pair.one(prospect).owner == "kari.m"
    assert "OWN306" in {finding.code for finding in report.findings}
    assert pair.cycle().silent


def test_the_owner_follows_the_crm_and_no_update_runs_the_rules_again() -> None:
    """A new owner in the CRM becomes marketing's; values that would match a rule don't reassign."""
    pair, prospect, lead = linked()
    own(pair, lead, "ola.c")
    pair.sync()
    assert pair.one(prospect).owner == "ola.m"
    pair.edit(prospect, country="Norway")
    pair.sync()
    assert pair.one_crm(lead).values["Country"] == "Norway"
    assert pair.one_crm(lead).owner == "ola.c"


def test_a_queue_makes_marketings_owner_blank_and_an_unmapped_owner_leaves_it() -> None:
    """A queue is a note, an unmapped user a finding; both sync the rest."""
    pair, prospect, lead = linked(country="Norway")
    own(pair, lead, "nordic")
    reports = pair.sync()
    assert pair.one(prospect).owner is None
    assert "USR105" in {finding.code for report in reports for finding in report.findings}
    own(pair, lead, "kari.c")
    pair.sync()
    own(pair, lead, "solo.c")
    reports = pair.sync()
    assert pair.one(prospect).owner == "kari.m"
    assert "USR104" in {finding.code for report in reports for finding in report.findings}


def test_assignment_by_marketing_takes_the_partner_or_says_why_not() -> None:
    """`assign_by: marketing`: the owner's partner; without an owner the CRM's rules; unmapped: the default owner."""
    told = integration(
        people=PEOPLE.replace("deliver: all", "deliver: all, assign_by: marketing"),
        more="users: {map: {web: gone@acme.example}}\n",
    )
    pair = start(told)
    mapped = pair.prospect(email="a@x.example", owner="ola.m", country="Norway")
    nobody = pair.prospect(email="b@x.example", country="Norway")
    inactive = pair.prospect(email="c@x.example", owner="web", country="Norway")
    report = pair.cycle()
    assert pair.lead_of(mapped).owner == "ola.c"
    assert pair.lead_of(nobody).owner == "kari.c"
    assert pair.lead_of(inactive).owner == "sync"
    assert "USR102" in {finding.code for finding in report.findings}


def member(system: System, person: str) -> Member | None:
    found = [one for one in system.members(None, 100).items if one.person == person]
    return found[-1] if found else None


def set_status(pair: Pair, system: System, object: str, person: str, status: str) -> None:
    (campaign,) = system.campaigns()
    (result,) = system.set_members([MemberWrite("set", campaign.id, object, person, status)])
    assert result.refusal is None, result.refusal


def test_a_membership_is_written_in_the_cycle_of_its_lead() -> None:
    """The member waits for its person, and arrives with it."""
    pair = start()
    prospect = pair.prospect(email="p@x.example")
    set_status(pair, pair.marketer, "prospect", prospect, "sent")
    pair.cycle()
    made = member(pair.sales, pair.lead_of(prospect).id)
    assert made is not None
    assert made.status == "Sent"
    assert pair.cycle().silent


def test_a_change_of_status_travels_though_no_field_changed_and_the_master_wins() -> None:
    """Marketing is the status' master: its change goes over, the CRM's is changed back."""
    pair, prospect, lead = linked()
    set_status(pair, pair.marketer, "prospect", prospect, "sent")
    pair.sync()
    set_status(pair, pair.marketer, "prospect", prospect, "clicked")
    pair.sync()
    made = member(pair.sales, lead)
    assert made is not None
    assert (made.status, made.responded) == ("Responded", True)
    set_status(pair, pair.sales, "Lead", lead, "Sent")
    pair.sync()
    back = member(pair.sales, lead)
    assert back is not None
    assert back.status == "Responded"


def test_a_member_that_sales_adds_reaches_marketing() -> None:
    """The other way, with the status in marketing's words."""
    pair, prospect, lead = linked()
    set_status(pair, pair.sales, "Lead", lead, "Responded")
    pair.sync()
    made = member(pair.marketer, prospect)
    assert made is not None
    assert made.status == "clicked"


@pytest.mark.parametrize(("deletes", "stays"), [("ignore", True), ("propagate", False)])
def test_a_removal_follows_deletes(deletes: str, stays: bool) -> None:
    """Ignored, the other side's membership stands and nothing is made again; propagated, it goes."""
    told = integration(people=PEOPLE.replace("deliver: all", f"deliver: all, deletes: {deletes}"))
    pair, prospect, lead = linked(told)
    set_status(pair, pair.marketer, "prospect", prospect, "sent")
    pair.sync()
    (campaign,) = pair.marketer.campaigns()
    pair.marketer.set_members([MemberWrite("remove", campaign.id, "prospect", prospect)])
    pair.sync()
    made = member(pair.sales, lead)
    assert made is not None
    assert made.deleted is not stays
    gone = member(pair.marketer, prospect)
    assert gone is None or gone.deleted


def test_a_status_without_partner_is_refused_with_both_lists() -> None:
    """The finding names what each side has."""
    recipe = RECIPE.replace("{name: sent}, ", "{name: sent}, {name: bounced}, ")
    pair = start(recipe=recipe)
    prospect = pair.prospect(email="p@x.example")
    set_status(pair, pair.marketer, "prospect", prospect, "bounced")
    report = pair.cycle()
    (finding,) = [one for one in report.findings if one.code == "RPT504"]
    assert "bounced" in finding.cause
    assert "Sent, Responded" in finding.cause
    assert pair.cycle().silent


def test_a_membership_follows_a_conversion() -> None:
    """One person counts once: the contact is the member, and its status goes on."""
    pair, prospect, lead = linked()
    set_status(pair, pair.marketer, "prospect", prospect, "sent")
    pair.sync()
    contact = pair.sales.convert(lead).contact_id
    pair.sync()
    set_status(pair, pair.marketer, "prospect", prospect, "clicked")
    pair.sync()
    live = [one for one in pair.sales.members(None, 100).items if not one.deleted]
    assert [(one.person, one.status) for one in live] == [(contact, "Responded")]
