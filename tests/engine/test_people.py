"""Campaign members, conversion, merges, deletes: what hangs together stays together."""

from __future__ import annotations

import pytest

from leadsim.engine.change import Change, Saved
from leadsim.engine.members import MemberWrite
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from tests.engine.worlds import KARI, SYNC, convert, create, crm_org, delete, marketing_org, update, world

STATUSES = (
    '[{"name": "Invited", "responded": false}, {"name": "Came", "responded": true}, '
    '{"name": "Bought", "responded": true}]'
)


def member(org: Org, person: Stored) -> Stored | None:
    """The live membership of a person, the newest."""
    found = org.lookup("CampaignMember" if org.kind == "crm" else "membership", person.object, person.id)
    return found[-1] if found else None


def put(org: Org, campaign: Stored, person: Stored, status: str | None = None) -> Saved | Refused:
    """Set one membership."""
    write = MemberWrite("set", campaign.id, person.object, person.id, status)
    return org.set_members([write], SYNC)[0]


def test_a_member_has_a_status_of_its_campaign() -> None:
    """The first by default, in the campaign's own spelling; another is refused with the list."""
    org = crm_org()
    campaign, lead = create(org, "Campaign", MemberStatuses=STATUSES), create(org, "Lead")
    saved = put(org, campaign, lead)
    assert isinstance(saved, Saved)
    assert (saved.outcome, saved.record.values["Status"], saved.record.values["HasResponded"]) == (
        "created",
        "Invited",
        False,
    )
    saved = put(org, campaign, lead, "came")
    assert isinstance(saved, Saved)
    assert (saved.outcome, saved.record.values["Status"], saved.record.values["HasResponded"]) == (
        "updated",
        "Came",
        True,
    )
    refused = put(org, campaign, lead, "Left")
    assert isinstance(refused, Refused)
    assert "Invited, Came, Bought" in refused.text


def test_first_responded_is_set_once() -> None:
    """sync-semantics.md "Campaigns and reports": a later status, or none any more, doesn't move it."""
    org = crm_org()
    campaign, lead = create(org, "Campaign", MemberStatuses=STATUSES), create(org, "Lead")
    put(org, campaign, lead, "Came")
    first = org.clock.now()
    org.clock.advance(60)
    for status in ("Bought", "Invited", "Came"):
        put(org, campaign, lead, status)
    held = member(org, lead)
    assert held is not None
    assert held.values["FirstRespondedDate"] == first


def test_a_change_of_status_is_in_the_member_feed_only() -> None:
    """The lead itself wasn't changed."""
    org = crm_org()
    campaign, lead = create(org, "Campaign"), create(org, "Lead")
    put(org, campaign, lead)
    _, leads, _ = org.changes("Lead")
    _, since, _ = org.members()
    put(org, campaign, lead, "Responded")
    assert org.changes("Lead", leads)[0] == []
    page, _, more = org.members(since)
    assert [(one.person, one.status, one.responded) for one in page] == [(lead.id, "Responded", True)]
    assert not more


def test_one_membership_a_person_and_campaign() -> None:
    """A second create is a duplicate; `remove` takes out; an unknown person, campaign or side is refused."""
    org = crm_org()
    campaign, lead = create(org, "Campaign"), create(org, "Lead")
    put(org, campaign, lead)
    with pytest.raises(Refused) as refused:
        create(org, "CampaignMember", Campaign=campaign.id, Lead=lead.id)
    assert refused.value.kind == "duplicate"
    writes = [
        MemberWrite("remove", campaign.id, "Lead", lead.id),
        MemberWrite("remove", campaign.id, "Lead", lead.id),
        MemberWrite("set", "cam0", "Lead", lead.id),
        MemberWrite("set", campaign.id, "Lead", "led0"),
        MemberWrite("set", campaign.id, "prospect", lead.id),
        MemberWrite("set", campaign.id, "Lead", lead.id),
    ]
    results = org.set_members(writes, SYNC)
    assert [one.kind if isinstance(one, Refused) else one.outcome for one in results] == [
        "deleted", "gone", "invalid", "invalid", "invalid", "created",
    ]  # fmt: skip


def test_a_repeated_member_write_has_one_effect() -> None:
    """With its idempotency key it is answered as the first time, though the membership is there by now."""
    org = marketing_org()
    campaign, prospect = create(org, "campaign"), create(org, "prospect")
    write = MemberWrite("set", campaign.id, "prospect", prospect.id, "sent", "key")
    first, again = (org.set_members([write], SYNC)[0] for _ in range(2))
    assert isinstance(first, Saved)
    assert isinstance(again, Saved)
    assert (first.outcome, again.outcome, first.record.id) == ("created", "created", again.record.id)


@pytest.mark.parametrize("written", ["Sent", "[]", '[{"name": ""}]', '[{"name": "a"}, {"name": "a"}]', "{}", "[1]"])
def test_odd_statuses_are_refused(written: str) -> None:
    """The statuses of a campaign are a list of names, each once."""
    with pytest.raises(Refused) as refused:
        create(crm_org(), "Campaign", MemberStatuses=written)
    assert refused.value.problems[0].rule == "statuses"


def test_a_converted_lead_goes_on_as_its_contact() -> None:
    """Values, owner, custom fields of the same id, memberships; the fact says what it became."""
    fields = [
        {"object": one, "id": "MarketingId__c", "type": "single_line", "unique": True} for one in ("Lead", "Contact")
    ]
    one = world(crm={"fields": fields})
    org = one.orgs["crm"]
    campaign = create(org, "Campaign")
    lead = create(org, "Lead", Email="a@lead.example", Company="Ask", City="Oslo", MarketingId__c="pro1", Owner="ola")
    put(org, campaign, lead, "Responded")
    after = convert(org, lead, opportunity={"Amount": "12.50"})
    contact = org.get("Contact", str(after.values["ConvertedContact"]))
    account = org.get("Account", str(after.values["ConvertedAccount"]))
    deal = org.get("Opportunity", str(after.values["ConvertedOpportunity"]))
    assert after.values["IsConverted"] is True
    assert (contact.values["Email"], contact.values["MailingCity"]) == ("a@lead.example", "Oslo")
    assert (contact.values["MarketingId__c"], contact.values["Owner"]) == ("pro1", "ola")
    assert (account.values["Name"], contact.values["Account"]) == ("Ask", account.id)
    assert (deal.values["Campaign"], deal.values["Stage"], deal.values["Probability"]) == (
        campaign.id,
        "Prospecting",
        10,
    )
    assert str(deal.values["CloseDate"]) == "2026-03-31"
    page, _, _ = org.members()
    assert [(one.person_object, one.person, one.responded) for one in page] == [("Contact", contact.id, True)]
    fact = one.journal.facts(kind="change", id=lead.id)[-1]
    assert fact["op"] == "convert"
    assert fact["converted_to"] == {"Account": account.id, "Contact": contact.id, "Opportunity": deal.id}


def test_a_converted_lead_is_history() -> None:
    """A write to it is refused as gone, and names the contact; so is a second conversion."""
    org = crm_org()
    lead = convert(org, create(org, "Lead"))
    contact = str(lead.values["ConvertedContact"])
    for write in (lambda: update(org, lead, City="Oslo"), lambda: convert(org, lead)):
        with pytest.raises(Refused) as refused:
            write()
        assert (refused.value.kind, refused.value.code, refused.value.matches) == ("gone", "REF708", (contact,))
    assert org.get("Lead", lead.id).version == lead.version


def test_conversion_to_an_existing_contact() -> None:
    """Its blanks are filled, its values stand; two memberships of one campaign become one, and the answer counts."""
    rule = {"name": "e-mail", "object": "Contact", "match": ["Email"], "across": ["Lead", "Contact"]}
    org = crm_org(duplicate_rules=[rule])
    campaign = create(org, "Campaign")
    contact, lead = (
        create(org, "Contact", LastName="Berg", FirstName="Kari"),
        create(org, "Lead", Title="Boss", FirstName="K"),
    )
    put(org, campaign, contact)
    put(org, campaign, lead, "Responded")
    convert(org, lead, contact_id=contact.id)
    after = org.get("Contact", contact.id)
    assert (after.values["FirstName"], after.values["LastName"], after.values["Title"]) == ("Kari", "Berg", "Boss")
    live = org.lookup("CampaignMember", "Campaign", campaign.id)
    assert [(one.values["Contact"], one.values["HasResponded"]) for one in live] == [(contact.id, True)]


def test_a_refused_conversion_leaves_nothing() -> None:
    """No account without its contact."""
    org = crm_org()
    lead = create(org, "Lead")
    for options in (
        {"contact_id": "con0"},
        {"opportunity": "yes"},
        {"oportunity": True},
        {"opportunity": {"Stage": "Won"}},
    ):
        with pytest.raises(Refused):
            convert(org, lead, **options)
    assert org.find("Account").records == []
    assert org.find("Contact").records == []
    assert org.get("Lead", lead.id).version == 1


def test_a_merge_moves_what_hung_on_the_loser() -> None:
    """Memberships, submissions and list places go to the winner, each once; the loser points at it."""
    org = marketing_org(
        forms=[{"id": "contact", "fields": ["email", "comments"]}], lists=[{"id": "warm"}, {"id": "cold"}]
    )
    campaign, other = create(org, "campaign"), create(org, "campaign", name="other")
    submitted = org.submit_form("contact", {"email": "a@lead.example", "comments": "hello"}, KARI)
    loser, winner = submitted.prospect, create(org, "prospect", email="b@lead.example", first_name="Kari")
    for person in (loser, winner):
        create(org, "list_membership", list="warm", prospect=person.id)
    create(org, "list_membership", list="cold", prospect=loser.id)
    put(org, campaign, loser, "responded")
    put(org, campaign, winner)
    put(org, other, loser)
    saved = org.save(Change("merge", "prospect", id=loser.id, into=winner.id), SYNC)
    assert saved.record.id == winner.id
    assert (saved.record.values["email"], saved.record.values["comments"]) == ("b@lead.example", "hello")
    lost = org.get("prospect", loser.id, deleted=True)
    assert (lost.deleted, lost.merged_into) == (True, winner.id)
    assert [one.text for one in org.answers(winner.id, "comments")[0]] == ["hello"]
    members = org.lookup("membership", "prospect", winner.id)
    assert sorted((one.values["campaign"], one.values["responded"]) for one in members) == sorted(
        [(campaign.id, True), (other.id, False)]
    )
    assert sorted(str(one.values["list"]) for one in org.lookup("list_membership", "prospect", winner.id)) == [
        "cold",
        "warm",
    ]
    with pytest.raises(Refused, match=winner.id):
        org.save(Change("undelete", "prospect", id=loser.id), SYNC)


def test_a_deleted_person_takes_its_memberships_along() -> None:
    """And brings them back, but not those that were removed before, nor those of a campaign that is gone."""
    org = crm_org()
    campaigns = [create(org, "Campaign", Name=name) for name in "abc"]
    lead = create(org, "Lead")
    for campaign in campaigns:
        put(org, campaign, lead)
    org.set_members([MemberWrite("remove", campaigns[0].id, "Lead", lead.id)], SYNC)
    delete(org, lead)
    assert org.lookup("CampaignMember", "Lead", lead.id) == []
    delete(org, campaigns[1])
    org.save(Change("undelete", "Lead", id=lead.id), SYNC)
    assert [one.values["Campaign"] for one in org.lookup("CampaignMember", "Lead", lead.id)] == [campaigns[2].id]


def test_a_stage_says_whether_a_deal_is_won() -> None:
    """By the org's own pipeline; somebody's probability stands until the stage moves."""
    pipeline = [
        {"name": "Talk", "probability": 30},
        {"name": "Signed", "probability": 100, "closed": True, "won": True},
    ]
    org = crm_org(pipeline=pipeline)
    deal = create(org, "Opportunity", Stage="Talk", Probability="55")
    assert (deal.values["Probability"], deal.values["IsClosed"]) == (55, False)
    after = update(org, deal, Stage="Signed").record
    assert (after.values["Probability"], after.values["IsClosed"], after.values["IsWon"]) == (100, True, True)
    with pytest.raises(Refused, match="Talk, Signed"):
        update(org, deal, Stage="Prospecting")


def test_the_audit_trail_says_who_when_what() -> None:
    """product.md F: who changed this value, when, from what; deletes and merges are versions too."""
    org = crm_org()
    lead = create(org, "Lead", City="Oslo")
    org.clock.advance(5)
    update(org, lead, KARI, City="Bergen", State=None)
    delete(org, lead)
    trail = [one for one in org.history("Lead", lead.id) if one.field == "City"]
    assert [(one.op, one.user, one.actor, one.before, one.after) for one in trail] == [
        ("create", "sync", "connector", None, "Oslo"),
        ("update", "kari", "sales", "Oslo", "Bergen"),
    ]
    assert [one.at for one in trail] == ["2026-03-02T09:00:00Z", "2026-03-02T09:00:05Z"]
    assert org.get("Lead", lead.id, deleted=True).version == 3
