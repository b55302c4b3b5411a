"""Recipes, snapshots, forks, files, the clock and the chance."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from leadsim.engine.chance import Chance
from leadsim.engine.change import Change
from leadsim.engine.clock import Clock
from leadsim.engine.refusals import Refused
from leadsim.engine.snapshot import Provider
from leadsim.recipe import Recipe
from leadsim.world import World
from leadterms.criteria import parse_criteria
from leadterms.documents import parse_text
from leadterms.fields import FieldSpec
from tests.engine.story import tell
from tests.engine.worlds import SYNC, create, crm_org, update, world

# formats.md "Recipe", with the kind of each org (its dialects come later).
WRITTEN = """
recipe: 1
clock: 2026-03-02T09:00:00Z
actors:
  connector: {address: 10.20.0.7}
  visitor: {address: 203.0.113.9}
orgs:
  acme-crm:
    kind: crm
    time_zone: Europe/Oslo
    allowlist: [10.20.0.0/24, "2001:db8::/48"]
    logins: [{actor: connector, user: sync, may: [api, write]}]
    quota: {calls_per_day: 15000}
    fields:
      - {object: Lead, id: Score__c, label: Score, type: number, scale: 0}
      - {object: Lead, id: Comments__c, label: Comments, type: multi_line}
    users: [{id: sync}, {id: kari.c}, {id: ola.c, active: false}]
    default_owner: sync
    assignment_rules:
      - {name: Nordic, criteria: {rows: [[Country, in, [NO, DK]]], logic: "1"}, assign: {round_robin: [kari.c]}}
    records:
      - {object: Campaign, as: spring, values: {Name: Spring test}}
      - {object: Account, count: 20, values: {Name: {fake: company}}}
  acme-marketing:
    kind: marketing
    connector: {switched_on: true, verified: true}
    users: [{id: kari.m}]
    forms: [{id: contact, fields: [email, phone, comments], captcha: pass}]
    records: [{object: campaign, as: spring, values: {name: spring}}]
"""


def test_the_recipe_of_the_formats_page() -> None:
    """It is read from YAML, strings first (NO stays text), and every key has its effect."""
    built = World.build(parse_text(WRITTEN, Recipe).model, 7)
    crm, marketing = built.orgs["acme-crm"], built.orgs["acme-marketing"]
    assert built.clock.text() == "2026-03-02T09:00:00Z"
    assert create(crm, "Lead", Country="no").values["Owner"] == "kari.c"
    assert len(crm.find("Account").records) == 20
    assert len({one.values["Name"] for one in crm.find("Account").records}) > 15
    assert [user.active for user in crm.users] == [True, True, False]
    assert marketing.get("form", "contact").values["fields"] == "email\nphone\ncomments"
    facts = built.journal.facts(kind="change", object="Campaign")
    assert [(fact["actor"], fact["op"], fact["fields"]["Name"]) for fact in facts] == [
        ("recipe", "create", [None, "Spring test"])
    ]


def test_records_can_name_each_other_and_count() -> None:
    """`$name` is the id of an earlier record, `{n}` the number of a copy; dummy e-mails stay in .example."""
    contact = {"object": "Contact", "count": 3, "values": {
        "LastName": {"text": "Nr {n}"}, "Email": {"fake": "email"}, "Account": "$acme"}}  # fmt: skip
    org = crm_org(records=[{"object": "Account", "as": "acme", "values": {"Name": "$$ave"}}, contact])
    contacts = org.find("Contact").records
    assert [one.values["LastName"] for one in contacts] == ["Nr 1", "Nr 2", "Nr 3"]
    assert org.get("Account", str(contacts[0].values["Account"])).values["Name"] == "$ave"
    assert all(str(one.values["Email"]).endswith(".example") for one in contacts)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"object": "Lead", "values": {"LastName": "x"}}, "entry 1.*Company"),
        ({"object": "Lead", "values": {"LastName": "$nobody"}}, "nobody"),
        ({"object": "Lead", "values": {"LastName": {"fake": "no_such"}}}, "no_such"),
        ({"object": "Lead", "values": {"LastName": {"fake": "_x"}}}, "_x"),
        ({"object": "Lead", "values": {"LastName": {"fak": "name"}}}, "fak"),
        ({"object": "Leed", "values": {}}, "Leed"),
    ],
)
def test_a_recipe_that_breaks_the_rules_is_refused(record: dict[str, Any], said: str) -> None:
    """The refusal names the record and what is wrong with it."""
    with pytest.raises(Refused, match=said):
        crm_org(records=[record])


def test_an_unknown_key_is_refused() -> None:
    """Strict by default."""
    with pytest.raises(ValidationError, match="alowlist"):
        Recipe.model_validate({"orgs": {"crm": {"alowlist": []}}})


def test_an_orgs_side_must_be_known() -> None:
    """By its kind, its dialect or its name; else the recipe is asked."""
    with pytest.raises(ValueError, match="kind"):
        World.build(Recipe.model_validate({"orgs": {"acme": {}}}), 1)


def test_a_restore_brings_everything_back() -> None:
    """Records, fields, settings, counters, clock, what others provide; the journal goes on and says so."""
    one = tell()
    crm = one.orgs["crm"]
    box = {"quota": 1}
    one.provide("gateway", Provider(lambda: dict(box), lambda saved: (box.clear(), box.update(saved))[0]))
    crm.dialect_state["jobs"] = [1]
    one.snapshot("here")
    before = {name: org.store.dump() for name, org in one.orgs.items()}
    at, state, last = one.clock.text(), crm.kept.state(), one.journal.last

    def go_on() -> list[Any]:
        one.clock.tick()
        created = [create(crm, "Lead", Country="NO") for _ in range(3)]
        return [(lead.id, lead.values["Owner"], lead.created_at) for lead in created]

    first = go_on()
    crm.add_field(FieldSpec("Lead", "New__c", "New", "single_line"), SYNC)
    crm.configure(crm.settings.model_copy(update={"default_owner": "ola"}), SYNC)
    crm.dialect_state["jobs"].append(2)
    box["quota"] = 9
    one.restore("here")
    assert {name: org.store.dump() for name, org in one.orgs.items()} == before
    assert (one.clock.text(), crm.kept.state(), box) == (at, state, {"quota": 1})
    assert one.journal.last > last
    assert one.journal.facts()[-1]["what"] == "restored"
    assert go_on() == first


def test_a_question_after_a_restore_is_right() -> None:
    """A field that was first filtered on after the snapshot is asked of the restored database again."""
    org = crm_org()
    create(org, "Lead", City="Oslo")
    one = world()
    crm = one.orgs["crm"]
    create(crm, "Lead", City="Oslo")
    one.snapshot("here")
    asked = parse_criteria({"rows": [["City", "=", "oslo"]]})
    assert len(crm.find("Lead", asked).records) == 1
    one.restore("here")
    create(crm, "Lead", City="OSLO")
    assert len(crm.find("Lead", asked).records) == 2


def test_another_index_after_a_restore_is_not_taken_for_the_first() -> None:
    """What the database made ready for a question before a restore finds nothing of an index that is there no more."""
    crm = (one := world()).orgs["crm"]
    create(crm, "Lead", City="Oslo", Street="Home")
    one.snapshot("here")
    city = parse_criteria({"rows": [["City", "in", ["oslo", "bergen"]]]})
    street = parse_criteria({"rows": [["Street", "in", ["home", "away"]]]})
    for first, then in ((city, street), (street, city)) * 2:
        crm.find("Lead", first)
        crm.reading.newest()
        one.restore("here")
        create(crm, "Lead", City="Bergen", Street="Away")
        assert len(crm.find("Lead", then).records) == 2
        assert len(crm.find("Lead", first).records) == 2
        assert crm.reading.newest()["Lead"] == crm.counters["mod"]


def test_a_fork_is_a_world_of_its_own() -> None:
    """It goes on as the first would have, and neither sees the other."""
    one = tell()
    twin = one.fork()
    for each in (one, twin):
        each.clock.tick()
    mine, theirs = create(one.orgs["crm"], "Lead"), create(twin.orgs["crm"], "Lead")
    assert (mine.id, mine.created_at) == (theirs.id, theirs.created_at)
    update(twin.orgs["crm"], theirs, City="Oslo")
    assert "City" not in one.orgs["crm"].get("Lead", mine.id).values
    assert twin.orgs["marketing"].store.dump() == one.orgs["marketing"].store.dump()


def test_a_reset_is_to_the_recipe() -> None:
    """Also orgs that were added since are gone."""
    one = world()
    before = one.orgs["crm"].store.dump()
    create(one.orgs["crm"], "Lead")
    one.add_org("more-crm", one.recipes["crm"])
    one.reset()
    assert sorted(one.orgs) == ["crm", "marketing"]
    assert one.orgs["crm"].store.dump() == before
    one.drop_org("crm")
    with pytest.raises(ValueError, match="crm"):
        one.reset()
    with pytest.raises(ValueError, match="marketing"):
        one.add_org("marketing", one.recipes["marketing"])
    with pytest.raises(ValueError, match="slash/"):
        one.add_org("slash/", one.recipes["marketing"])


def recipe() -> Recipe:
    """One org with a round robin."""
    rules = [{"name": "turns", "assign": {"round_robin": ["a", "b"]}}]
    org = {"kind": "crm", "users": [{"id": "sync"}, {"id": "a"}, {"id": "b"}], "assignment_rules": rules}
    return Recipe.model_validate({"orgs": {"crm": org}})


def test_files_survive(tmp_path: Path) -> None:
    """After a restart, and after a kill without a close: records, fields, turns, ids and time go on."""
    first = World.build(recipe(), 7, data=tmp_path)
    org = first.orgs["crm"]
    org.add_field(FieldSpec("Lead", "Score__c", "Score", "number", scale=0), SYNC)
    one = create(org, "Lead", Score__c=5)
    asked = parse_criteria({"rows": [["Score__c", ">", 1]]})
    assert len(org.find("Lead", asked).records) == 1
    first.clock.advance(100)
    two = create(org, "Lead", Score__c=6)
    numbers = first.journal.last
    second = World.build(recipe(), 7, data=tmp_path)  # the first was never closed
    again = second.orgs["crm"]
    assert again.get("Lead", one.id).values["Score__c"] == 5
    assert second.clock.now() == two.modified_at
    assert second.journal.last >= numbers - 2
    three = create(again, "Lead", Score__c=7)
    assert three.id not in (one.id, two.id)
    assert [lead.values["Owner"] for lead in (one, two, three)] == ["a", "b", "a"]
    assert [lead.id for lead in again.find("Lead", asked).records] == [one.id, two.id, three.id]
    second.reset()
    assert again.find("Lead").records == []
    with pytest.raises(Refused):
        create(again, "Lead", Score__c=1)
    first.close()
    second.close()


def test_an_org_that_was_never_finished_is_built_again(tmp_path: Path) -> None:
    """A process that died while building leaves nothing half."""
    built = World.build(recipe(), 7, data=tmp_path)
    built.orgs["crm"].store._connection.execute("DELETE FROM state")
    built.close()
    again = World.build(recipe(), 7, data=tmp_path)
    assert sorted(user.id for user in again.orgs["crm"].users) == ["a", "b", "sync"]
    again.close()


def test_an_epoch_comes_once_also_over_a_restart(tmp_path: Path) -> None:
    """Each return to a saved state begins another; what was opened again goes on in the one it was left in."""
    first = World.build(recipe(), 7, data=tmp_path)
    seen = [first.orgs["crm"].epoch]
    for _ in range(2):
        first.reset()
        seen.append(first.orgs["crm"].epoch)
    first.close()
    second = World.build(recipe(), 7, data=tmp_path)
    assert second.orgs["crm"].epoch == seen[-1]
    second.reset()
    assert sorted({*seen, second.orgs["crm"].epoch}) == [*seen, second.orgs["crm"].epoch]
    second.close()


def test_memory_and_file_are_alike(tmp_path: Path) -> None:
    """The same steps give the same digest wherever the orgs are kept."""
    memory, file = World.build(recipe(), 7), World.build(recipe(), 7, data=tmp_path)
    for one in (memory, file):
        create(one.orgs["crm"], "Lead", City="Oslo")
        one.snapshot("x")
        create(one.orgs["crm"], "Lead")
        one.restore("x")
        create(one.orgs["crm"], "Lead", City="Bergen")
    assert memory.journal.digest() == file.journal.digest()
    file.close()


def test_a_read_lag() -> None:
    """What was written a moment ago is not in the feed or a query yet, but by its id it is there."""
    org = crm_org(reads_lag_seconds=10)
    org.clock.advance(60)
    before = len(org.changes("User")[0])
    lead = create(org, "Lead")
    assert before == 4
    assert (org.changes("Lead")[0], org.find("Lead").records) == ([], [])
    assert org.get("Lead", lead.id).id == lead.id
    org.clock.advance(10)
    assert [one.id for one in org.changes("Lead")[0]] == [one.id for one in org.find("Lead").records] == [lead.id]


def test_the_clock_moves_only_when_told() -> None:
    """Virtual: a second a request. Frozen: by hand. Never back."""
    clock = Clock()
    start = clock.now()
    assert clock.now() == start
    clock.tick()
    assert clock.now() == start + timedelta(seconds=1)
    clock.set_mode("frozen")
    clock.tick()
    clock.advance(59)
    assert clock.now() == start + timedelta(seconds=60)
    with pytest.raises(ValueError, match="go back"):
        clock.advance(-1)


@pytest.mark.parametrize("year", [2000, 2090])
def test_a_following_clock_never_goes_back(year: int) -> None:
    """Behind the wall it jumps to it; ahead of it, it keeps its lead."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    clock = Clock(start)
    clock.set_mode("follow")
    seen = clock.now()
    assert seen >= start
    assert (seen.year == 2090) == (year == 2090)
    clock.advance(60)
    assert clock.now() >= seen + timedelta(seconds=60)
    clock.set_mode("frozen")
    assert clock.now() >= seen + timedelta(seconds=60)
    assert clock.now().microsecond == 0


def test_timers_run_in_order_and_survive_a_snapshot() -> None:
    """The earliest first; a restored clock has the timers that it had."""
    clock, ran = Clock(), list[str]()
    clock.on("note", ran.append)
    start = clock.now()
    for seconds, name in ((30, "late"), (10, "first"), (10, "second"), (90, "never")):
        clock.call_at(start + timedelta(seconds=seconds), "note", name)
    saved = clock.state()
    clock.advance(60)
    assert ran == ["first", "second", "late"]
    clock.restore(saved)
    clock.advance(10)
    assert ran[3:] == ["first", "second"]


@given(st.integers(1, 1000), st.text(max_size=5), st.text(max_size=5))
@settings(max_examples=50)
def test_streams_dont_touch_each_other(draws: int, org: str, name: str) -> None:
    """A draw from one stream doesn't move another; a restored state draws the same again."""
    chance, other = Chance(1), Chance(1)
    stream = chance.stream(org, name)
    for _ in range(draws % 7):
        chance.stream(org, name + "x").block()
    saved = chance.state()
    drawn = [stream.below(draws) for _ in range(5)]
    assert drawn == [other.stream(org, name).below(draws) for _ in range(5)]
    assert all(0 <= number < draws for number in drawn)
    chance.restore(saved)
    assert [stream.below(draws) for _ in range(5)] == drawn


def test_draws_of_another_world_differ() -> None:
    """Seed, scenario, org and stream each lead to other ids; a seed is its text, 7 as well as "7"."""
    names = [("a", "", "o", "s"), ("b", "", "o", "s"), ("a", "x", "o", "s"), ("a", "", "p", "s"), ("a", "", "o", "t")]
    drawn = {Chance(seed, scenario).stream(org, name).letters(13) for seed, scenario, org, name in names}
    assert len(drawn) == len(names)
    assert Chance(7).stream("o", "s").block() == Chance("7").stream("o", "s").block()
    with pytest.raises(ValueError, match="positive"):
        Chance(1).stream("", "x").below(0)
    assert 0 <= Chance(1).stream("", "x").fraction() < 1
    assert Chance(1).stream("", "x").pick("abc") in "abc"


def test_settings_that_dont_fit_are_refused_whole() -> None:
    """A rule over a field that isn't there changes nothing."""
    org = crm_org()
    rule = {"name": "x", "assign": {"user": "kari"}, "criteria": {"rows": [["Nope", "=", "1"]]}}
    bad = type(org.settings).model_validate({**org.settings.model_dump(), "assignment_rules": [rule]})
    before = org.settings
    with pytest.raises(Refused, match="Nope"):
        org.configure(bad, SYNC)
    assert org.settings is before
    with pytest.raises(ValidationError, match="exactly one"):
        type(org.settings).model_validate({"assignment_rules": [{"name": "x", "assign": {"user": "a", "queue": "b"}}]})


def test_a_deleted_or_foreign_id_is_gone() -> None:
    """Reading says whether it never was, was deleted, or was merged into another."""
    org = crm_org()
    lead, other = create(org, "Lead"), create(org, "Lead")
    org.save(Change("merge", "Lead", id=lead.id, into=other.id), SYNC)
    with pytest.raises(Refused, match=other.id):
        org.get("Lead", lead.id)
    with pytest.raises(Refused, match="doesn't exist"):
        org.get("Contact", other.id)


def test_states_are_told_apart_however_often_they_are_saved_and_restored() -> None:
    """An org that nobody wrote to since is not read again; one that was, or whose write was undone, is right too."""
    one = world()
    org = one.orgs["crm"]
    create(org, "Lead", City="Oslo")
    one.snapshot("one")
    one.snapshot("still one")
    create(org, "Lead", City="Bergen")
    one.snapshot("two")
    for name, cities in (
        ("one", ["Oslo"]), ("one", ["Oslo"]), ("two", ["Oslo", "Bergen"]), ("still one", ["Oslo"]),
    ):  # fmt: skip
        one.restore(name)
        with pytest.raises(Refused):
            create(org, "Lead", LastName="", City="Bodø")
        assert [lead.values["City"] for lead in org.find("Lead").records] == cities, name
    create(org, "Lead", City="Voss")
    one.restore("still one")
    assert [lead.values["City"] for lead in org.find("Lead").records] == ["Oslo"]


def test_a_second_org_of_the_same_words_is_its_own() -> None:
    """Worlds of one recipe share what was made of its words, and are told of it alike; a field that one of them gets
    later is no other's."""
    fields = [{"object": "Lead", "id": "Shared__c", "type": "single_line"}]
    objects = [{"id": "Visit__c", "fields": [{"id": "Place__c", "type": "single_line"}]}]
    one, other = (world(crm={"fields": fields, "objects": objects}) for _ in range(2))
    assert one.journal.facts() == other.journal.facts()
    assert [fact["what"] for fact in one.journal.facts(org="crm", kind="note")][:2] == ["object_added", "field_added"]
    more = FieldSpec("Lead", "Later__c", "Later", "single_line")
    one.orgs["crm"].add_field(more, SYNC)
    one.orgs["crm"].add_object("Tour__c", "Tour", [], SYNC)
    third = world(crm={"fields": fields, "objects": objects})
    for untouched in (other.orgs["crm"].schema, third.orgs["crm"].schema):
        assert "Later__c" not in untouched.get("Lead").fields
        assert b"Later__c" not in untouched.described("Lead")
        assert "Tour__c" not in untouched.objects
        assert "Shared__c" in untouched.get("Lead").fields
        assert untouched.traits("Visit__c").prefix == one.orgs["crm"].schema.traits("Visit__c").prefix
        assert len(untouched.state()) == 3
    assert b"Later__c" in one.orgs["crm"].schema.described("Lead")
