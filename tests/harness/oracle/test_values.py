"""Mapped values at quiet: right ones are accepted, wrong ones are named with the rule that they break."""

from __future__ import annotations

import pytest

from tests.harness.oracle.story import Story

PHONE = "  - {crm: Phone, marketing: phone}\n"


@pytest.mark.parametrize("hidden", [False, True])
def test_a_delivered_person_is_right(hidden: bool) -> None:
    """Created in the CRM with every value and tied both ways: nothing to say."""
    story = Story(PHONE)
    prospect = story.marketing(email="Kim@acme.example", last_name="Test", company="Acme", phone="+47 22 12 34 56")
    with story.cycle():
        lead = story.crm(
            Email="Kim@acme.example", LastName="Test", Company="Acme", Phone="+47 22 12 34 56",
            MarketingId__c=prospect, Owner="sync",
        )  # fmt: skip
        story.edit(prospect, crm_id=lead, owner="sync")
    assert story.judge(hidden=hidden) == []


@pytest.mark.parametrize("hidden", [False, True])
def test_a_value_that_did_not_arrive(hidden: bool) -> None:
    """The field, both values and the rule are named."""
    story = Story(PHONE)
    prospect = story.marketing(email="kim@acme.example", last_name="Test", company="Acme", phone="+47 22 12 34 56")
    with story.cycle():
        lead = story.crm(
            Email="kim@acme.example", LastName="Test", Company="Acme", MarketingId__c=prospect, Owner="sync"
        )
        story.edit(prospect, crm_id=lead)
    (violation,) = story.judge(hidden=hidden)
    assert (violation.check, violation.person, str(violation.place)) == (
        "oracle.value",
        "kim@acme.example",
        f"crm Lead.Phone {lead}",
    )
    assert (violation.expected, violation.found) == ("+47 22 12 34 56", "nothing")
    assert "created by the sync" in violation.because


@pytest.mark.parametrize("hidden", [False, True])
def test_a_false_phone_number_must_be_changed_back(hidden: bool) -> None:
    """Master crm, overwrite if_blank: marketing's new number goes, the CRM's comes back."""
    story = Story(PHONE)
    _, prospect = story.pair(crm_Phone="+47 22 12 34 56", marketing_phone="+47 22 12 34 56")
    story.edit(prospect, phone="00000000")
    with story.cycle():
        pass
    (violation,) = story.judge(hidden=hidden)
    assert (violation.check, violation.place.system, violation.expected) == (
        "oracle.changed_back",
        "marketing",
        "+47 22 12 34 56",
    )
    with story.cycle():
        story.edit(prospect, phone="+47 22 12 34 56")
    assert story.judge(hidden=hidden) == []


def test_seen_boundaries_exclude_what_hidden_ones_allow() -> None:
    """A CRM value, cleared again before anybody could see it, may stand in marketing only if a cycle could have
    run between the two edits."""
    story = Story("  - {crm: Phone, marketing: phone, clears: keep, overwrite: never}\n")
    lead, prospect = story.pair(crm_Phone="111111", marketing_phone="111111")
    story.edit(lead, Phone="222222")
    story.edit(lead, Phone=None)
    with story.cycle():
        story.edit(prospect, phone="222222")
    assert story.checks(hidden=True) == []
    assert story.checks() == ["oracle.value"]


@pytest.mark.parametrize("hidden", [False, True])
def test_two_spellings_of_one_value_are_left_alone(hidden: bool) -> None:
    """A phone number typed twice, in two ways: nothing is written."""
    for copied in (False, True):
        story = Story(PHONE)
        _, prospect = story.pair(crm_Phone="+47 22 12 34 56", marketing_phone="+4722123456")
        with story.cycle():
            if copied:
                story.edit(prospect, phone="+47 22 12 34 56")
        assert story.checks(hidden=hidden) == (["oracle.value"] if copied else [])
