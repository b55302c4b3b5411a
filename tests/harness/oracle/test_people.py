"""Links, delivery, duplicates and deletes: each check fires on its own wrong history and on no right one."""

from __future__ import annotations

import pytest

from tests.harness.oracle.story import Story

BOTH = pytest.mark.parametrize("hidden", [False, True])
KIM = {"email": "kim@acme.example", "last_name": "Test", "company": "Acme"}
LEAD = {"Email": "kim@acme.example", "LastName": "Test", "Company": "Acme", "Owner": "sync"}


@BOTH
def test_nothing_happened(hidden: bool) -> None:
    """A prospect that is due and was not delivered."""
    story = Story()
    story.marketing(**KIM)
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.delivered"]


def test_a_record_that_the_target_cannot_take_is_not_due() -> None:
    """A lead needs a last name and a company; without them it is set aside."""
    story = Story()
    story.marketing(email="kim@acme.example")
    with story.cycle():
        pass
    assert story.judge() == []


@BOTH
def test_a_value_without_a_partner_excuses_nobody(hidden: bool) -> None:
    """The value is refused and the other fields go on, whatever the mapping's direction."""
    for direction in ("both", "to_crm", "to_marketing", "none"):
        fields = f"  - {{crm: Rating, marketing: rating, direction: {direction}, values: {{Hot: hot, Cold: cold}}}}\n"
        story = Story(fields)
        story.marketing(**KIM, rating="warm")
        with story.cycle():
            pass
        assert story.checks(hidden=hidden) == ["oracle.delivered"], direction


@BOTH
def test_a_lead_of_the_crm_must_be_imported(hidden: bool) -> None:
    """The other way: import all."""
    story = Story()
    lead = story.crm(**LEAD)
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.delivered"]
    with story.cycle():
        prospect = story.marketing(**KIM, crm_id=lead, owner="")
        story.edit(lead, MarketingId__c=prospect)
    assert story.judge(hidden=hidden) == []


def test_import_none_leaves_crm_records_alone() -> None:
    """`import: none` creates nobody in marketing; creating one all the same is a violation."""
    story = Story(people="import: none")
    lead = story.crm(**LEAD)
    with story.cycle():
        pass
    assert story.judge() == []
    with story.cycle():
        prospect = story.marketing(**KIM, crm_id=lead)
        story.edit(lead, MarketingId__c=prospect)
    assert story.checks() == ["oracle.delivered"]


@BOTH
def test_a_delivery_rule_gates_creation_only(hidden: bool) -> None:
    """Qualified by score: below the mark nobody is created; who fell below it after delivery stays linked."""
    people = 'deliver: {when: qualified, criteria: {rows: [[score, ">=", 100]]}}'
    story = Story(people=people)
    prospect = story.marketing(**KIM, score="120")
    with story.cycle():
        lead = story.crm(**LEAD, MarketingId__c=prospect)
        story.edit(prospect, crm_id=lead)
    story.edit(prospect, score="10")
    with story.cycle():
        pass
    assert story.judge(hidden=hidden) == []
    early = story.marketing(**{**KIM, "email": "bo@acme.example"}, score="10")
    with story.cycle():
        bo = story.crm(**{**LEAD, "Email": "bo@acme.example"}, MarketingId__c=early)
        story.edit(early, crm_id=bo)
    assert story.checks(hidden=hidden) == ["oracle.delivered"]


@BOTH
def test_an_existing_match_is_linked_whatever_the_case(hidden: bool) -> None:
    """One lead with the same address in other letters: linked; a second lead is one too many."""
    story = Story()
    lead = story.crm(**{**LEAD, "Email": "KIM@acme.example"})
    prospect = story.marketing(**KIM)
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.link"]
    with story.cycle():
        twin = story.crm(**LEAD, MarketingId__c=prospect)
        story.edit(prospect, crm_id=twin)
    assert "oracle.single" in story.checks(hidden=hidden)
    story = Story()
    lead = story.crm(**{**LEAD, "Email": "KIM@acme.example"})
    prospect = story.marketing(**KIM)
    with story.cycle():
        story.linked(lead, prospect)
    assert story.judge(hidden=hidden) == []


@BOTH
def test_a_repeated_create_is_a_second_record(hidden: bool) -> None:
    """A retry that creates again leaves an orphan: one person, two records."""
    story = Story()
    prospect = story.marketing(**KIM)
    with story.cycle():
        story.crm(**LEAD)
        lead = story.crm(**LEAD, MarketingId__c=prospect)
        story.edit(prospect, crm_id=lead)
    assert story.checks(hidden=hidden) == ["oracle.single"]


@BOTH
def test_both_sides_name_each_other(hidden: bool) -> None:
    """The CRM's id never reached marketing."""
    story = Story()
    prospect = story.marketing(**KIM)
    with story.cycle():
        story.crm(**LEAD, MarketingId__c=prospect)
    (violation,) = story.judge(hidden=hidden)
    assert (violation.check, violation.place.field) == ("oracle.link", "crm_id")


@BOTH
@pytest.mark.parametrize(("policy", "right"), [("refuse", None), ("oldest", 0), ("newest", 1)])
def test_several_matches(policy: str, right: int | None, hidden: bool) -> None:
    """`ambiguous` decides: link none, the oldest or the newest."""
    for chosen in (None, 0, 1):
        story = Story(people=f"ambiguous: {policy}")
        leads = [story.crm(**LEAD), story.crm(**LEAD)]
        prospect = story.marketing(**KIM)
        with story.cycle():
            if chosen is not None:
                story.linked(leads[chosen], prospect)
        wrong = [check for check in story.checks(hidden=hidden) if check == "oracle.link"]
        assert bool(wrong) == (chosen != right), (policy, chosen)


@BOTH
def test_contacts_come_before_leads(hidden: bool) -> None:
    """A contact and a lead with the same address: the contact is the person."""
    for first in ("contact", "lead"):
        story = Story(people="import: none")
        lead, contact = story.crm(**LEAD), story.crm("Contact", Email="kim@acme.example", LastName="Test", Owner="sync")
        prospect = story.marketing(**KIM)
        with story.cycle():
            story.linked(contact if first == "contact" else lead, prospect)
        assert story.checks(hidden=hidden) == ([] if first == "contact" else ["oracle.link"])


@BOTH
def test_a_converted_lead_goes_on_as_its_contact(hidden: bool) -> None:
    """The link's CRM id becomes the contact's; a field mapped elsewhere on the contact goes on from there."""
    story = Story("  - {crm: {Lead: Phone, Contact: HomePhone}, marketing: phone}\n")
    lead, prospect = story.pair(crm_Phone="111111", marketing_phone="111111")
    contact = story.convert(lead)
    with story.cycle():
        pass
    assert "oracle.link" in story.checks(hidden=hidden)
    with story.cycle():
        story.edit(prospect, crm_id=contact)
        story.edit(contact, HomePhone="111111")
    assert story.judge(hidden=hidden) == []


@BOTH
def test_deletes_ignore(hidden: bool) -> None:
    """The survivor stays, and no edit of it recreates the other."""
    story = Story()
    lead, prospect = story.pair()
    story.delete(lead)
    with story.cycle():
        pass
    story.edit(prospect, company="New")
    with story.cycle():
        pass
    assert story.judge(hidden=hidden) == []
    with story.cycle():
        again = story.crm(**{**LEAD, "Company": "New"}, MarketingId__c=prospect)
        story.edit(prospect, crm_id=again)
    assert story.checks(hidden=hidden) == ["oracle.deletes"]


@BOTH
def test_a_form_answer_after_a_delete_is_delivered_as_new(hidden: bool) -> None:
    """A tombstone blocks creation by edits only."""
    story = Story()
    lead, prospect = story.pair()
    story.delete(lead)
    with story.cycle():
        pass
    story.marketing("submission", form="f", prospect=prospect, answers="{}")
    with story.cycle():
        pass
    assert story.checks(hidden=hidden) == ["oracle.delivered"]
    with story.cycle():
        again = story.crm(**LEAD, MarketingId__c=prospect)
        story.edit(prospect, crm_id=again)
    assert story.judge(hidden=hidden) == []


@BOTH
def test_the_connector_deletes_only_what_the_policy_wants(hidden: bool) -> None:
    """Under ignore the survivor stays; under propagate it goes."""
    for policy in ("ignore", "propagate"):
        for deleted in (False, True):
            story = Story(people=f"deletes: {policy}")
            lead, prospect = story.pair()
            story.delete(lead)
            with story.cycle():
                if deleted:
                    story.delete(prospect)
            assert story.checks(hidden=hidden) == ([] if deleted == (policy == "propagate") else ["oracle.deletes"])


@BOTH
def test_a_merge_moves_the_losers_link(hidden: bool) -> None:
    """Only the loser was linked: the winner takes its place."""
    story = Story(people="import: none")
    lead, prospect = story.pair()
    winner = story.crm(**{**LEAD, "Email": None, "Company": "Acme"})
    story.merge(winner, lead, Email="kim@acme.example")
    with story.cycle():
        story.edit(prospect, crm_id=winner)
        story.edit(winner, MarketingId__c=prospect)
    assert story.judge(hidden=hidden) == []


def test_of_two_linked_records_the_winners_link_stays() -> None:
    """The loser's prospect is treated by `deletes`: it stays under ignore, goes under propagate."""
    for policy, gone in (("ignore", False), ("ignore", True), ("propagate", False), ("propagate", True)):
        story = Story(people=f"deletes: {policy}")
        lead, _ = story.pair()
        other = story.crm(**{**LEAD, "Email": "bo@acme.example"})
        loser = story.marketing(**{**KIM, "email": "bo@acme.example"})
        with story.cycle():
            story.linked(other, loser)
        story.merge(lead, other)
        with story.cycle():
            if gone:
                story.delete(loser)
        assert story.checks() == ([] if gone == (policy == "propagate") else ["oracle.deletes"])


def test_a_merge_and_a_delete_in_one_cycle() -> None:
    """The loser's prospect was deleted by a person meanwhile: the winner belongs to another link and stays."""
    story = Story(people="deletes: propagate")
    lead, _ = story.pair()
    other = story.crm(**{**LEAD, "Email": "bo@acme.example"})
    loser = story.marketing(**{**KIM, "email": "bo@acme.example"})
    with story.cycle():
        story.linked(other, loser)
    story.merge(lead, other)
    story.delete(loser)
    with story.cycle():
        pass
    assert story.judge() == []
