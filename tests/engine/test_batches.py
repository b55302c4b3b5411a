"""A batch is one transaction; a refused row leaves no trace; a repeated write has one effect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadsim.engine.change import Change, Saved
from leadsim.engine.refusals import Refused
from leadsim.world import World
from tests.engine.worlds import SYNC, create, crm_org, update, world

RULES = [{"name": "turns", "assign": {"round_robin": ["kari", "ola"]}}]
KEY = {"object": "Lead", "id": "Key__c", "type": "single_line", "unique": True, "external_id": True}


def small() -> World:
    """A CRM with a round robin and a unique key."""
    return world(crm={"assignment_rules": RULES, "fields": [KEY]})


def change(number: int, good: bool) -> Change:
    """A lead that goes in, or one without a last name."""
    values = {"LastName": f"test {number}" if good else "", "Company": "test", "Key__c": str(number)}
    return Change("create", "Lead", values=values)


@given(st.lists(st.booleans(), max_size=12))
@settings(max_examples=60, deadline=None)
def test_a_refused_row_leaves_no_trace(rows: list[bool]) -> None:
    """With or without the refused rows: the same ids, owners, sequence, journal and digest."""
    mixed, clean = small(), small()
    results = mixed.orgs["crm"].save_batch([change(number, good) for number, good in enumerate(rows)], SYNC)
    clean.orgs["crm"].save_batch([change(number, True) for number, good in enumerate(rows) if good], SYNC)
    assert [isinstance(one, Saved) for one in results] == rows
    assert mixed.orgs["crm"].store.dump() == clean.orgs["crm"].store.dump()
    assert mixed.journal.digest() == clean.journal.digest()


@given(st.lists(st.sampled_from(["good", "blank", "half"]), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_a_row_that_is_refused_half_way_leaves_no_trace(rows: list[str]) -> None:
    """A conversion makes the account and the contact before its opportunity is refused: they are gone again, and all
    is as without that row, whatever stands before and behind it."""
    mixed, clean = small(), small()
    for one in (mixed, clean):
        create(one.orgs["crm"], "Lead", LastName="half", Key__c="half")
    lead = mixed.orgs["crm"].lookup("Lead", "Key__c", "half")[0]
    clean.orgs["crm"].lookup("Lead", "Key__c", "half")
    half = Change("convert", "Lead", id=lead.id, values={"opportunity": {"Amount": "much"}})
    asked = [half if kind == "half" else change(number, kind == "good") for number, kind in enumerate(rows)]
    results = mixed.orgs["crm"].save_batch(asked, SYNC)
    clean.orgs["crm"].save_batch([change(number, True) for number, kind in enumerate(rows) if kind == "good"], SYNC)
    assert [isinstance(one, Saved) for one in results] == [kind == "good" for kind in rows]
    assert mixed.orgs["crm"].store.dump() == clean.orgs["crm"].store.dump()
    assert mixed.journal.digest() == clean.journal.digest()


@given(st.lists(st.booleans(), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_all_or_none(rows: list[bool]) -> None:
    """With one refused row nothing at all is applied, and every row says so."""
    one = small()
    org = one.orgs["crm"]
    before = (org.store.dump(), one.journal.digest(), dict(org.counters))
    results = org.save_batch([change(number, good) for number, good in enumerate(rows)], SYNC, all_or_none=True)
    if all(rows):
        assert all(isinstance(result, Saved) for result in results)
    else:
        assert all(isinstance(result, Refused) and result.definite for result in results)
        assert [result.kind for result in results if isinstance(result, Refused)] == [
            "conflict" if good else "invalid" for good in rows
        ]
        assert (org.store.dump(), one.journal.digest(), dict(org.counters)) == before


def test_a_batch_sees_its_own_rows() -> None:
    """The second row with a key that the first has taken is refused."""
    results = small().orgs["crm"].save_batch([change(1, True), change(1, True)], SYNC)
    assert isinstance(results[0], Saved)
    assert isinstance(results[1], Refused)
    assert (results[1].kind, results[1].matches) == ("duplicate", (results[0].record.id,))


def test_a_failed_create_takes_no_turn() -> None:
    """sync-semantics.md "Whose lead is it": the round robin goes on where the last good lead left it."""
    org = small().orgs["crm"]
    results = org.save_batch([change(1, True), change(2, False), change(3, True), change(4, True)], SYNC)
    owners = [one.record.values["Owner"] for one in results if isinstance(one, Saved)]
    assert owners == ["kari", "ola", "kari"]


def test_a_batch_has_a_limit() -> None:
    """201 rows are refused as a whole, before any is applied."""
    org = small().orgs["crm"]
    with pytest.raises(Refused, match="200"):
        org.save_batch([change(number, True) for number in range(201)], SYNC)
    assert org.changes("Lead") == ([], 0, False)


def test_the_same_key_gives_the_same_result() -> None:
    """A repeated write is answered as the first time, also after others have changed the record, and does nothing."""
    one = small()
    org = one.orgs["crm"]
    write = Change("create", "Lead", values={"LastName": "test", "Company": "test"}, idempotency_key="a")
    first = org.save(write, SYNC)
    update(org, first.record, City="Oslo")
    digest = one.journal.digest()
    again = org.save(write, SYNC)
    assert (again.outcome, again.record.id, again.record.version) == ("created", first.record.id, 1)
    assert dict(again.record.values) == dict(first.record.values)
    assert again.record.modified_at == first.record.modified_at
    assert one.journal.digest() == digest


@pytest.mark.parametrize(
    "other",
    [
        {"values": {"LastName": "else", "Company": "test"}},
        {"values": {"LastName": "test", "Company": "test"}, "assign": False},
        {"values": {"LastName": "test", "Company": "test", "City": None}},
    ],
)
def test_the_same_key_for_another_write_is_refused(other: dict[str, Any]) -> None:
    """A key stands for one write only."""
    org = small().orgs["crm"]
    org.save(Change("create", "Lead", values={"LastName": "test", "Company": "test"}, idempotency_key="a"), SYNC)
    with pytest.raises(Refused, match="'a'") as refused:
        org.save(Change("create", "Lead", idempotency_key="a", **other), SYNC)
    assert refused.value.kind == "conflict"


def test_a_refused_write_doesnt_use_up_its_key() -> None:
    """After the cause is mended the same key works."""
    org = small().orgs["crm"]
    bad = Change("create", "Lead", values={"Company": "test"}, idempotency_key="a")
    with pytest.raises(Refused):
        org.save(bad, SYNC)
    good = Change("create", "Lead", values={"LastName": "test", "Company": "test"}, idempotency_key="a")
    assert org.save(good, SYNC).outcome == "created"


def test_a_write_to_an_older_version_is_a_conflict() -> None:
    """`if_version` refuses when somebody was faster, and says which version there is."""
    org = crm_org()
    lead = create(org, "Lead")
    update(org, lead, City="Oslo")
    with pytest.raises(Refused, match="version 2, not 1") as refused:
        org.save(Change("update", "Lead", id=lead.id, values={"City": "Bergen"}, if_version=1), SYNC)
    assert refused.value.kind == "conflict"
    assert (
        org.save(Change("update", "Lead", id=lead.id, values={"City": "Bergen"}, if_version=2), SYNC).record.version
        == 3
    )


def test_an_unchanged_write_changes_nothing() -> None:
    """The same values again: outcome unchanged, no version, no fact, not in the change feed."""
    one = world()
    org = one.orgs["crm"]
    lead = create(org, "Lead", City="Oslo", NumberOfEmployees="12")
    _, cursor, _ = org.changes("Lead")
    digest = one.journal.digest()
    saved = update(org, lead, City="Oslo", NumberOfEmployees=12, Title=" ")
    assert (saved.outcome, saved.record.version) == ("unchanged", 1)
    assert org.changes("Lead", cursor) == ([], cursor, False)
    assert one.journal.digest() == digest


def test_an_upsert_makes_one_record() -> None:
    """By external id or e-mail, whatever the case: first a create, then updates."""
    org = small().orgs["crm"]
    values = {"LastName": "test", "Company": "test"}
    first = org.save(Change("upsert", "Lead", key=("Key__c", "k1"), values=values), SYNC)
    second = org.save(Change("upsert", "Lead", key=("Key__c", "K1"), values={"City": "Oslo"}), SYNC)
    assert (first.outcome, second.outcome) == ("created", "updated")
    assert second.record.id == first.record.id
    by_email = Change("upsert", "Lead", key=("Email", "a@lead.example"), values=values)
    assert [org.save(by_email, SYNC).outcome for _ in range(2)] == ["created", "unchanged"]


def test_an_upsert_wont_guess() -> None:
    """A blank key, a field that is no key, and a key that several records have are refused."""
    org = crm_org()
    twins = [create(org, "Lead", Email="a@lead.example").id for _ in range(2)]
    for key, kind in (
        (("Email", " "), "invalid"),
        (("City", "Oslo"), "invalid"),
        (("Email", "A@lead.example"), "duplicate"),
    ):
        with pytest.raises(Refused) as refused:
            org.save(Change("upsert", "Lead", key=key, values={}), SYNC)
        assert refused.value.kind == kind
    assert list(refused.value.matches) == twins


def test_steps_together_undo_only_themselves() -> None:
    """Rows that wait to be written belong to their own step: a step that is refused half way takes none with it that
    an earlier one has made, and what is asked in between sees them all."""
    mixed, clean = small(), small()
    for one in (mixed, clean):
        create(one.orgs["crm"], "Lead", LastName="half", Key__c="half")
        one.orgs["crm"].lookup("Lead", "Key__c", "half")
    org = mixed.orgs["crm"]
    lead = org.lookup("Lead", "Key__c", "half")[0]
    with org.together():
        org.save_batch([change(1, True), change(2, True)], SYNC)
        with pytest.raises(Refused):
            org.save(Change("convert", "Lead", id=lead.id, values={"opportunity": {"Amount": "much"}}), SYNC)
        org.save(change(3, True), SYNC)
        assert [len(org.lookup("Lead", "Key__c", str(number))) for number in (1, 2, 3)] == [1, 1, 1]
    with clean.orgs["crm"].together():
        clean.orgs["crm"].save_batch([change(number, True) for number in (1, 2, 3)], SYNC)
    assert org.store.dump() == clean.orgs["crm"].store.dump()
    assert mixed.journal.digest() == clean.journal.digest()


def test_steps_together_are_all_undone() -> None:
    """When the block ends in an error, also the rows that were not yet written are gone."""
    one = small()
    org = one.orgs["crm"]
    before = (org.store.dump(), one.journal.digest(), dict(org.counters))

    def stopped() -> None:
        with org.together():
            org.save_batch([change(1, True), change(2, True)], SYNC)
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        stopped()
    assert (org.store.dump(), one.journal.digest(), dict(org.counters)) == before
    assert isinstance(org.save_batch([change(1, True)], SYNC)[0], Saved)
