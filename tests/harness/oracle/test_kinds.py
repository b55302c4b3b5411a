"""Consent, lead source, several answers, members, accounts, opportunities, reports and silence."""

from __future__ import annotations

import json

import pytest

from leadproof.oracle import State
from leadproof.systems.campaigns import Report
from tests.harness.oracle.story import CRM, MARKETING, Story, Thing

BOTH = pytest.mark.parametrize("hidden", [False, True])
CONSENT = "  - {crm: HasOptedOutOfEmail, marketing: opted_out, sticky: true}\n"
SOURCE = "  - {crm: LeadSource, marketing: source, direction: to_crm, only_on: create}\n"
COMMENTS = "  - {crm: Comments__c, marketing: comments, direction: to_crm, answers: append}\n"
CAMPAIGN = "campaigns:\n  - {crm: Spring, marketing: spring, statuses: {sent: Sent, clicked: Responded}}\n"
ACCOUNTS = (
    "accounts: {crm: Account, marketing: account, "
    "fields: [{crm: Name, marketing: name}, {crm: Phone, marketing: phone}]}"
)
DEALS = (
    "opportunities: {crm: Opportunity, marketing: opportunity, fields: [{crm: Name, marketing: name},"
    " {crm: Amount, marketing: amount}, {crm: Contact, marketing: prospect}]}"
)


@BOTH
def test_an_opt_out_is_an_opt_out_on_both_sides(hidden: bool) -> None:
    """True wins over every master; the master alone takes it back."""
    story = Story(CONSENT)
    lead, prospect = story.pair(crm_HasOptedOutOfEmail=False, marketing_opted_out=False)
    story.edit(prospect, opted_out=True)
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.consent"]
    with story.cycle():
        story.edit(lead, HasOptedOutOfEmail=True)
    assert story.judge(hidden=hidden) == []
    story.edit(prospect, opted_out=False)
    with story.cycle():
        story.edit(lead, HasOptedOutOfEmail=False)
    assert story.checks(hidden=hidden) == ["oracle.consent"]
    with story.cycle():
        story.edit(lead, HasOptedOutOfEmail=True)
        story.edit(prospect, opted_out=True)
    story.edit(lead, HasOptedOutOfEmail=False)
    with story.cycle():
        story.edit(prospect, opted_out=False)
    assert [v for v in story.judge(hidden=hidden) if v.check != "oracle.no_echo"] == []


@BOTH
def test_a_lead_source_that_is_filled_stays(hidden: bool) -> None:
    """A blank one is filled from the other side."""
    for here, there, wrong in (("Web", "Fair", True), ("Web", "Web", False), (None, "Fair", False)):
        story = Story(SOURCE)
        lead, _ = story.pair(crm_LeadSource=here, marketing_source="Fair")
        with story.cycle():
            if there != here:
                story.edit(lead, LeadSource=there)
        assert story.checks(hidden=hidden) == (["oracle.source"] if wrong else [])
    story = Story(SOURCE)
    story.pair(marketing_source="Fair")
    assert story.checks(hidden=hidden) == ["oracle.source"]


def submit(story: Story, prospect: Thing, text: str) -> None:
    """A form answer; the prospect holds the newest."""
    if prospect.values.get("comments") != text:
        story._request = len(story.facts) + 1
        story.edit(prospect, comments=text)
    story._request = story._request or len(story.facts) + 1
    story.marketing("submission", form="f", prospect=prospect, answers=json.dumps({"answers": {"comments": text}}))
    story._request = None


@BOTH
def test_every_answer_is_kept_once(hidden: bool) -> None:
    """Two answers between two cycles are two, the same words twice too; people's text stands."""
    first, second = "[2026-03-02T09:00:05Z #s1] Call me", "[2026-03-02T09:00:06Z #s2] Call me"
    right, late = f"From sales\n{first}\n{second}", f"From sales\n{first}"
    twice, lost = f"{right}\n{second}", f"{first}\n{second}"
    for text, wrong in ((right, False), (late, True), (twice, True), (lost, True)):
        story = Story(COMMENTS)
        lead, prospect = story.pair(crm_Comments__c="From sales")
        submit(story, prospect, "Call me")
        submit(story, prospect, "Call me")
        with story.cycle():
            story.edit(lead, Comments__c=text)
        assert story.checks(hidden=hidden) == (["oracle.answers"] if wrong else []), text
    story.edit(lead, Comments__c="cleaned up by sales")
    story = Story(COMMENTS)
    lead, prospect = story.pair()
    submit(story, prospect, "Call me")
    with story.cycle():
        story.edit(lead, Comments__c=first)
    story.edit(lead, Comments__c="cleaned up by sales")
    with story.cycle():
        pass
    assert story.judge(hidden=hidden) == []


def campaigns(story: Story) -> tuple[Thing, Thing]:
    return story.crm("Campaign", Name="Spring"), story.marketing("campaign", name="spring")


@BOTH
def test_a_status_of_marketing_reaches_the_crm_without_any_other_change(hidden: bool) -> None:
    """Joined, moved on, changed back."""
    story = Story(more=CAMPAIGN)
    there, here = campaigns(story)
    lead, prospect = story.pair()
    member = story.marketing("membership", campaign=here, prospect=prospect, status="sent", responded=False)
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.member"]
    with story.cycle():
        mirror = story.crm("CampaignMember", Campaign=there, Lead=lead, Status="Sent")
    assert story.judge(hidden=hidden) == []
    story.edit(member, status="clicked")
    with story.cycle():
        pass
    (violation,) = story.judge(hidden=hidden)
    assert (violation.check, violation.expected, violation.found) == ("oracle.member", "Responded", "Sent")
    with story.cycle():
        story.edit(mirror, Status="Responded")
    story.edit(mirror, Status="Sent")
    with story.cycle():
        story.edit(mirror, Status="Responded")
    assert story.judge(hidden=hidden) == []


@BOTH
def test_a_removed_membership_follows_deletes(hidden: bool) -> None:
    """Ignore: the other stays and is not recreated; propagate: it goes."""
    for policy in ("ignore", "propagate"):
        for removed in (False, True):
            story = Story(people=f"deletes: {policy}", more=CAMPAIGN)
            there, here = campaigns(story)
            lead, prospect = story.pair()
            member = story.marketing("membership", campaign=here, prospect=prospect, status="sent")
            with story.cycle():
                mirror = story.crm("CampaignMember", Campaign=there, Lead=lead, Status="Sent")
            story.delete(member)
            with story.cycle():
                if removed:
                    story.delete(mirror)
            assert story.checks(hidden=hidden) == ([] if removed == (policy == "propagate") else ["oracle.member"])


def test_a_campaign_that_is_not_mapped_is_not_synced() -> None:
    """Nor are its members."""
    story = Story()
    there, here = campaigns(story)
    lead, prospect = story.pair()
    story.marketing("membership", campaign=here, prospect=prospect, status="sent")
    with story.cycle():
        pass
    assert story.judge() == []
    with story.cycle():
        story.crm("CampaignMember", Campaign=there, Lead=lead, Status="Sent")
    assert story.checks() == ["oracle.member"]


@BOTH
def test_an_account_stands_once_in_marketing(hidden: bool) -> None:
    """Missing, right, stale, changed in marketing, doubled."""
    story = Story(more=ACCOUNTS)
    account = story.crm("Account", Name="Acme", Phone="111111")
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.account"]
    with story.cycle():
        mirror = story.marketing("account", name="Acme", phone="111111", crm_id=account)
    assert story.judge(hidden=hidden) == []
    story.edit(mirror, phone="222222")
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.account"]
    with story.cycle():
        story.edit(mirror, phone="111111")
    assert story.judge(hidden=hidden) == []
    with story.cycle():
        story.marketing("account", name="Acme", phone="111111", crm_id=account)
    assert story.checks(hidden=hidden) == ["oracle.account"]


@BOTH
def test_an_opportunity_names_its_prospect(hidden: bool) -> None:
    """A reference becomes the partner's."""
    story = Story(people="import: none", more=DEALS)
    lead, prospect = story.pair()
    contact = story.convert(lead)
    deal = story.crm("Opportunity", Name="Big", Amount="12.50", Contact=contact)
    with story.cycle():
        story.edit(prospect, crm_id=contact)
        mirror = story.marketing("opportunity", name="Big", amount="12.5", crm_id=deal)
    assert story.checks(hidden=hidden) == ["oracle.opportunity"]
    with story.cycle():
        story.edit(mirror, prospect=prospect)
    assert story.judge(hidden=hidden) == []


def test_a_reports_figures_are_recomputed() -> None:
    """A converted lead counts once; a wrong figure, a missing column, a missing row and an extra one are named."""
    story = Story()
    lead = story.crm(Email="a@acme.example", LastName="A", Company="Acme", LeadSource="Web")
    story.crm(Email="b@acme.example", LastName="B", Company="Acme")
    contact = story.convert(lead)
    story.crm("Opportunity", Name="Big", Amount="100", Contact=contact, IsWon=True, Stage="Closed Won")
    story.integration = Story(people="import: none").integration
    web = {"source": "Web", "leads": "1", "converted": "1", "opportunities": "1", "won": "1", "won_amount": "100"}
    blank = {"source": "", "leads": "1", "converted": "0", "opportunities": "0", "won": "0", "won_amount": "0"}
    totals = {"leads": "2", "converted": "1", "opportunities": "1", "won": "1", "won_amount": "100"}
    columns = tuple(web)
    for rows, wrong in (
        ([web, blank], []),
        ([web | {"leads": "2"}, blank], ["leads"]),
        ([{name: web[name] for name in web if name != "won_amount"}, blank], ["won_amount"]),
        ([web], [""]),
        ([web, blank, blank | {"source": "Fair"}], [""]),
    ):
        report = Report("lead-source", columns, tuple(rows), totals)
        story.state = State({("crm", "lead-source"): report})
        found = story.judge()
        assert [one.check for one in found] == ["oracle.report"] * len(wrong)
        assert [one.place.field for one in found] == wrong


def test_two_further_cycles_write_nothing() -> None:
    """Content after three cycles; an attempt in a later one is named, also when the system changed nothing."""
    for late in (False, True):
        story = Story()
        story.pair()
        for _ in range(4):
            with story.cycle():
                pass
        with story.cycle():
            if late:
                story.call(CRM)
        assert story.checks() == (["oracle.silent"] if late else [])


@BOTH
def test_the_connectors_own_write_does_not_come_back(hidden: bool) -> None:
    """Written to marketing, then back to the CRM, though nobody touched either."""
    story = Story("  - {crm: Phone, marketing: phone}\n")
    lead, prospect = story.pair(crm_Phone="111111", marketing_phone="111111")
    story.edit(lead, Phone="222222")
    with story.cycle():
        story.edit(prospect, phone="222222")
    with story.cycle():
        story.edit(lead, Phone="+222222")
        story.edit(lead, Phone="222222")
    assert story.checks(hidden=hidden) == ["oracle.no_echo"]


def test_attempts_of_reading_are_no_writes() -> None:
    """A query is a POST, and no write."""
    story = Story()
    story.pair()
    for _ in range(5):
        with story.cycle():
            story.call(MARKETING, "POST", "/acme-marketing/marketing/v1/query")
    assert story.judge() == []
