"""A cycle asks no feed and no list that the system said to have nothing new, and misses nothing by that."""

from __future__ import annotations

import pytest

from tests.harness.connector.pair import Pair, integration, start

STILL = [
    "GET /acme-marketing/marketing/v1/whoami",
    "GET /acme-crm/crm/v1/whoami",
    "GET /acme-marketing/marketing/v1/connector",
]


@pytest.fixture
def pair() -> Pair:
    """One lead that both systems have, at rest."""
    pair = start()
    pair.prospect(email="a@x.example", phone="+47 22 12 34 56")
    pair.sync()
    return pair


def asked(pair: Pair) -> list[str]:
    """The requests of one cycle, in order."""
    before = pair.sandbox.lab.last_fact()
    pair.cycle()
    facts = pair.sandbox.lab.journal(kind="exchange", after=before)
    return [f"{fact['method']} {fact['path']}" for fact in facts]


def test_a_silent_cycle_asks_who_it_is_and_whether_it_may(pair: Pair) -> None:
    """Three requests, however many feeds and lists there are."""
    assert asked(pair) == STILL


def test_an_edit_is_asked_for_where_it_was_made(pair: Pair) -> None:
    """Of all feeds only the one that has something new is read."""
    pair.edit(pair.prospects()[0].id, phone="+47 22 65 43 21")
    feeds = [one for one in asked(pair) if "/changes/" in one or one.endswith("/members")]
    assert feeds == ["GET /acme-marketing/marketing/v1/changes/prospect"]


def test_a_stale_read_of_a_feed_is_read_again(pair: Pair) -> None:
    """The system says at once that there is something new, and its feed tells it later: nothing is passed over."""
    pair.edit_crm(pair.leads()[0].id, Phone="+47 22 65 43 21")
    fault = {"at": "acme-crm", "operation": "changes", "kind": "stale_read", "nth": 1, "times": 1}
    pair.sandbox.lab.add_fault(fault)
    assert pair.cycle().silent
    pair.sync()
    assert pair.prospects()[0].values["phone"] == "+47 22 65 43 21"


def test_a_user_made_later_is_noticed(pair: Pair) -> None:
    """The list of users is read again when it changes, and only then."""
    assert asked(pair) == STILL
    user = {"id": "new.m", "user_name": "solo@acme.example"}
    pair.sandbox.lab.set_org("acme-marketing", {"users": [user]})
    assert "GET /acme-marketing/marketing/v1/users" in asked(pair)
    assert asked(pair) == STILL


def test_a_restarted_connector_reads_the_lists_anew(pair: Pair) -> None:
    """What is kept of a system is this object's alone; the cursors are the store's."""
    pair.restart(integration())
    first = asked(pair)
    assert {one.rpartition("/")[2] for one in first} >= {"users", "campaigns"}
    assert asked(pair) == STILL


def test_lists_are_read_again_after_a_restore(pair: Pair) -> None:
    """Back at a saved state the same number of changes is reached again, with other users changed."""
    lab = pair.sandbox.lab

    def leaves(user: str) -> None:
        gone = {"id": user, "active": False, "user_name": f"{user[:-2]}@acme.example"}
        lab.set_org("acme-crm", {"users": [gone]})

    lab.save("before")
    leaves("solo.c")
    pair.cycle()
    lab.restore("before")
    leaves("ola.c")
    assert "GET /acme-crm/crm/v1/users" in asked(pair)
    pair.prospect(email="b@x.example")
    pair.sync()
    assert len(pair.leads()) == 2


def test_a_resync_reads_the_lists_anew(pair: Pair) -> None:
    """It forgets what it knows of both systems, and lists are part of that."""
    pair.connector.resync()
    assert {one.rpartition("/")[2] for one in asked(pair)} >= {"users", "campaigns"}
