"""The client and the fake Account Engagement together, in process and over real sockets: two readings of one vendor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from leadproof.sandbox import Over, Sandbox, read_recipe
from leadproof.systems import failures
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.pardot import open_marketing
from leadproof.systems.ports import Marketing, Record, Write
from leadproof.transports import Faulty, WireFault
from leadterms.criteria import parse_criteria
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import parse

RECIPE = """
recipe: 1
clock: 2026-03-02T09:00:00Z
actors:
  connector: {address: 10.20.0.7}
  tester: {address: 10.20.0.30}
orgs:
  acme-crm:
    dialect: salesforce
    logins: [{actor: connector, user: sync}, {actor: tester, user: anne}]
    users:
      - {id: sync, user_name: sync@acme.example, email: sync@acme.example}
      - {id: anne, user_name: anne@acme.example, email: anne@acme.example}
    default_owner: sync
  acme-marketing:
    dialect: pardot
    time_zone: Europe/Oslo
    quota: {calls_per_day: 900}
    logins: [{actor: connector, user: sync}, {actor: tester, user: anne.m}]
    users: [{id: sync, email: sync@acme.example}, {id: anne.m, email: anne@acme.example}]
    fields:
      - {object: prospect, id: Tier, label: Tier, type: dropdown, choices: [Gold, Iron]}
      - {object: prospect, id: Budget, label: Budget, type: number, scale: 2}
      - {object: prospect, id: Ends, label: Ends, type: date}
      - {object: prospect, id: Topics, label: Topics, type: multi_select, choices: [A, B]}
    forms: [{id: contact, name: Contact us, fields: [first_name, email, comments], required: [email]}]
    lists: [{id: news, name: News}]
    campaigns:
      - {values: {name: spring}}
      - {values: {name: autumn}}
"""
ORG = "acme-marketing"
LEAD = "00Q000000000001EAA"


def started(over: Over = "process", recipe: str = RECIPE) -> Sandbox:
    """A sandbox of this recipe."""
    return Sandbox.start(read_recipe(recipe, "recipe"), seed=1, over=over)


@pytest.fixture(params=["process", "http"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """In process, and with a real socket for each org."""
    with started(request.param) as running:
        yield running


def made(client: Marketing, count: int = 1, start: int = 1) -> list[str]:
    """New prospects' ids."""
    rows = [Write("create", "prospects", values={"email": f"p{n}@acme.example"}) for n in range(start, start + count)]
    results = client.write(rows)
    assert {one.outcome for one in results} == {"created"}
    return [str(one.id) for one in results]


def all_changes(client: Marketing, cursor: str | None) -> tuple[list[Record], str]:
    """Everything that changed since, in pages of 25, and where the next reading begins."""
    told: list[Record] = []
    while True:
        page = client.changes("prospects", cursor, ["city"], 25)
        told += page.items
        cursor = page.next
        if not page.more:
            return told, cursor


def test_who_we_are_is_the_units_user(sandbox: Sandbox) -> None:
    """Logged in at Salesforce; known to the unit by the same e-mail address; quota, zone and time are the unit's."""
    client = sandbox.marketing(ORG, actor="tester")
    seen = client.connect()
    by_id = {one.id: one for one in client.users()}
    assert by_id[seen.user].user_name == "anne.m"
    assert (seen.time_zone, seen.quota.limit, seen.org) == ("Europe/Oslo", 900, ORG)
    assert seen.quota.left is not None
    assert seen.quota.left < 900


def test_everything_that_describe_names_can_be_read(sandbox: Sandbox) -> None:
    """No field of the vendor's table is unknown to the other reading of the vendor, on any object."""
    client = sandbox.marketing(ORG)
    made(client)
    for object, spec in client.describe().items():
        for one in client.find(object, None, []):
            assert one.values.keys() == spec.fields.keys()
    assert client.describe()["prospects"].fields["Topics__c"].type == "multi_select"


def test_values_of_every_type_come_back_as_they_were_sent(sandbox: Sandbox) -> None:
    """Create, read by id, find by criteria, change, clear."""
    client = sandbox.marketing(ORG)
    campaign = client.campaigns()[1].id
    owner = client.users()[1].id
    values = {
        "email": "a@acme.example", "firstName": "Anne", "score": Decimal(5), "optedOut": True, "comments": "one\ntwo",
        "Tier__c": "Gold", "Budget__c": Decimal("12.50"), "Ends__c": date(2026, 5, 1),
        "Topics__c": frozenset({"A", "B"}), "campaignId": campaign, "salesforceId": LEAD,
    }  # fmt: skip
    (result,) = client.write([Write("create", "prospects", values=values, owner=owner)])
    assert result.record is not None
    (read,) = client.read("prospects", [str(result.id)], list(values))
    (found,) = client.find("prospects", parse_criteria({"rows": [["email", "=", "A@ACME.example"]]}), list(values))
    (by_id,) = client.find("prospects", parse_criteria({"rows": [["salesforceId", "=", LEAD]]}), list(values))
    for one in (result.record, read, found, by_id):
        assert {name: one.values[name] for name in values} == values
        assert one.owner == owner
    assert result.record.values["salesforceLeadId"] == LEAD
    cleared = {"firstName": None, "Budget__c": None, "Ends__c": None, "Topics__c": None, "Tier__c": None}
    (changed,) = client.write([Write("update", "prospects", result.id, values=cleared)])
    assert changed.record is not None
    assert {name: changed.record.values[name] for name in cleared} == cleared


def test_a_hundred_and_twenty_records_page_by_page(sandbox: Sandbox) -> None:
    """Batches of fifty are applied to all rows; changes come in pages, each record once, and then nothing more."""
    client = sandbox.marketing(ORG)
    ids = made(client, 120)
    results = client.write(
        [Write("update", "prospects", id, values={"city": "Oslo", "score": Decimal(3)}) for id in ids]
    )
    assert [(one.outcome, one.record.values["city"] if one.record else None) for one in results] == [
        ("updated", "Oslo")
    ] * 120
    told, cursor = all_changes(client, None)
    assert sorted(one.id for one in told) == sorted(ids)
    again, cursor = all_changes(client, cursor)
    assert again == []
    sandbox.lab.advance(3600)
    client.write(
        [Write("update", "prospects", ids[7], values={"city": "Bergen"}), Write("delete", "prospects", ids[8])]
    )
    told, _ = all_changes(client, cursor)
    assert [(one.id, one.deleted) for one in told] == [(ids[7], False), (ids[8], True)]
    assert len(list(client.find("prospects", None, ["email"]))) == 119
    assert len(client.read("prospects", ids, ["city"])) == 119


def test_refused_rows_have_their_reason_and_the_others_are_done(sandbox: Sandbox) -> None:
    """A wrong choice, a record that is not there, a bad address; alone and in a batch."""
    client = sandbox.marketing(ORG)
    ids = made(client, 8)
    wrong = client.write(
        [
            Write("update", "prospects", ids[0], values={"Tier__c": "Tin"}),
            Write("update", "prospects", "99999999", values={"city": "Oslo"}),
            Write("create", "prospects", values={"email": "no address"}),
            Write("update", "prospects", ids[1], values={"city": "Oslo"}),
        ]
    )
    assert [one.refusal.kind if one.refusal else one.outcome for one in wrong] == [
        "invalid",
        "gone",
        "invalid",
        "updated",
    ]
    batch = client.write(
        [Write("update", "prospects", id, values={"Tier__c": "Tin" if id == ids[3] else "Gold"}) for id in ids]
    )
    assert [one.outcome for one in batch].count("updated") == 7
    assert batch[3].outcome == "refused"
    assert {one.values["Tier__c"] for one in client.read("prospects", ids, ["Tier__c"])} == {"Gold", None}


def test_delete_and_undelete(sandbox: Sandbox) -> None:
    """To the recycle bin and out of it; gone means neither read nor found."""
    client = sandbox.marketing(ORG)
    (id,) = made(client)
    assert client.write([Write("delete", "prospects", id)])[0].outcome == "deleted"
    again = client.write([Write("delete", "prospects", id)])[0]
    assert again.refusal is not None
    assert again.refusal.kind == "gone"
    assert client.read("prospects", [id], []) == []
    assert not client.undelete("prospects", id).deleted
    assert len(client.read("prospects", [id], [])) == 1


def test_upsert_finds_by_address(sandbox: Sandbox) -> None:
    """The first makes one, the second changes it."""
    client = sandbox.marketing(ORG)
    results = [
        client.write([Write("upsert", "prospects", key=("email", "u@acme.example"), values={"city": city})])[0]
        for city in ("Oslo", "Bergen")
    ]
    assert [one.outcome for one in results] == ["created", "updated"]
    assert results[0].id == results[1].id


def test_forms_are_posted_and_make_prospects(sandbox: Sandbox) -> None:
    """A handler's fields go by the prospect's; a second submission updates; without the address it is refused."""
    client = sandbox.marketing(ORG)
    (form,) = client.forms()
    assert {one.id: one.required for one in form.fields} == {"firstName": False, "email": True, "comments": False}
    first = client.submit_form(form.id, {"email": "f@acme.example", "firstName": "F"})
    second = client.submit_form(form.name, {"email": "f@acme.example", "comments": "hello"})
    assert (first.outcome, second.outcome) == ("created", "updated")
    assert first.prospect == second.prospect
    (stored,) = client.read("prospects", [str(first.prospect)], ["firstName", "comments"])
    assert stored.values == {"firstName": "F", "comments": "hello"}
    refused = client.submit_form(form.id, {"firstName": "F"})
    assert refused.outcome == "refused"
    assert refused.refusal is not None


def test_a_prospect_moves_between_campaigns(sandbox: Sandbox) -> None:
    """One campaign each, no status."""
    client = sandbox.marketing(ORG)
    (id,) = made(client)
    autumn = next(one for one in client.campaigns() if one.name == "autumn")
    assert client.set_members([MemberWrite("set", autumn.id, "prospects", id)])[0].outcome == "updated"
    assert [(one.person, one.campaign) for one in client.members(None, 100).items] == [(id, autumn.id)]
    assert [one.name for one in client.lists()] == ["News"]


def test_an_expired_session_is_renewed_and_a_wrong_unit_is_not(sandbox: Sandbox) -> None:
    """After two hours the next call logs in again by itself; another unit's id is refused."""
    client = sandbox.marketing(ORG)
    assert client.lists()
    sandbox.lab.advance(3 * 3600)
    assert client.lists()
    wire = sandbox._wire(ORG, "connector", None)
    stranger = open_marketing(wire, ORG, replace(sandbox.credentials(ORG), business_unit_id="0Uv000000000001AAA"))
    with pytest.raises(failures.LoginRefused):
        stranger.lists()


def test_a_wrong_password_is_a_refused_login(sandbox: Sandbox) -> None:
    """Nothing of the unit is reached."""
    known = replace(sandbox.credentials(ORG), password="wrong")
    with pytest.raises(failures.LoginRefused):
        open_marketing(sandbox._wire(ORG, "connector", None), ORG, known).lists()


def test_a_spent_quota_stops_with_its_name() -> None:
    """Code 122, and nothing of the call was done."""
    with started(recipe=RECIPE.replace("calls_per_day: 900", "calls_per_day: 5")) as sandbox:
        client = sandbox.marketing(ORG)
        for _ in range(5):
            client.lists()
        with pytest.raises(failures.QuotaSpent):
            client.lists()


def test_a_lost_answer_is_unknown_and_can_be_looked_up() -> None:
    """The create was applied and its answer lost: the row is unknown, and a search by address finds the prospect."""
    with started() as sandbox:
        fault = WireFault("timeout_after_apply", method="POST", path="/prospects")
        client = sandbox.marketing(ORG, through=lambda wire: Faulty(wire, [fault]))
        (result,) = client.write([Write("create", "prospects", values={"email": "lost@acme.example"})])
        assert result.outcome == "unknown"
        same = parse_criteria({"rows": [["email", "=", "lost@acme.example"]]})
        assert len(list(client.find("prospects", same, ["email"]))) == 1


def test_reads_may_lag_a_minute_behind_writes() -> None:
    """The vendor's cache: our own writes are seen at once, nothing is missed, and nobody is created twice."""
    lagging = RECIPE.replace("time_zone: Europe/Oslo", "time_zone: Europe/Oslo\n    reads_lag_seconds: 50")
    with started(recipe=lagging) as sandbox:
        ours, theirs = sandbox.marketing(ORG), sandbox.marketing(ORG, actor="tester")
        (id,) = made(ours)
        (other,) = made(theirs, start=50)
        assert [one.id for one in ours.read("prospects", [id], ["email"])] == [id]
        by_mail = parse_criteria({"rows": [["email", "in", ["p1@acme.example", "p50@acme.example"]]]})
        assert {one.id for one in ours.find("prospects", by_mail, ["email"])} >= {id}
        ours.write([Write("update", "prospects", id, values={"city": "Oslo"})])
        assert ours.read("prospects", [id], ["city"])[0].values["city"] == "Oslo"
        told, cursor = set(), None
        for _ in range(10):
            page = ours.changes("prospects", cursor, ["city"], 100)
            told |= {(one.id, one.values["city"]) for one in page.items}
            cursor = page.next
            sandbox.lab.advance(10)
        assert (id, "Oslo") in told
        assert {one for one, _ in told} == {id, other}


def test_the_same_calls_give_the_same_digest_in_process_and_over_http() -> None:
    """What the orgs see does not depend on the wire."""
    digests = []
    for over in ("process", "http"):
        with started(over) as sandbox:  # type: ignore[arg-type]
            client = sandbox.marketing(ORG)
            ids = made(client, 7)
            client.write([Write("update", "prospects", id, values={"city": "Oslo"}) for id in ids])
            list(client.find("prospects", None, ["email"]))
            client.connect()
            digests.append(sandbox.digest())
    assert digests[0] == digests[1]


def test_a_unit_with_one_prospect_an_address_is_served_by_version_3() -> None:
    """A duplicate is refused as one; many changes go one by one; a search by address still finds past the cache."""
    rule = "duplicate_rules: [{name: One, object: prospect, match: [email]}]\n    lists:"
    with started(recipe=RECIPE.replace("lists:", rule)) as sandbox:
        client = sandbox.marketing(ORG)
        ids = made(client, 7)
        (twice,) = client.write([Write("create", "prospects", values={"email": "P1@acme.example"})])
        assert twice.refusal is not None
        assert twice.refusal.kind == "duplicate"
        results = client.write([Write("update", "prospects", id, values={"city": "Oslo"}) for id in ids])
        assert {one.outcome for one in results} == {"updated"}
        nobody = parse_criteria({"rows": [["email", "=", "nobody@acme.example"]]})
        assert list(client.find("prospects", nobody, ["email"])) == []


def test_the_describe_fits_what_the_unit_checks() -> None:
    """A value that our reading of a custom field refuses is refused by the unit too, and the other way round."""
    with started() as sandbox:
        client = sandbox.marketing(ORG)
        fields = client.describe()["prospects"].fields
        (id,) = made(client)
        for field, value in (("Ends__c", "2026-05-01"), ("Budget__c", "7"), ("score", "4"), ("isDoNotCall", "true")):
            spec: FieldSpec = fields[field]
            (result,) = client.write([Write("update", "prospects", id, values={field: parse(spec, value)})])
            assert result.outcome == "updated", (field, result.refusal)
