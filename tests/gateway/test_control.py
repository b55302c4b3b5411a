"""The control API: clock, snapshots, forks, journal and its verification, orgs and their settings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadsim.control import often
from leadsim.control.expectations import fits
from leadsim.engine import journal
from tests.gateway.caller import CRM, Caller, basic, build

WHOAMI = f"{CRM}/whoami"
LEAD = {"LastName": "Test", "Company": "Example"}
SETTINGS = "/_lab/orgs/acme-crm/settings"


def _ids(caller: Caller) -> list[str]:
    found = caller.post(f"{CRM}/query", {"object": "Lead"}, headers=basic()).json["records"]
    return [record["id"] for record in found]


def _create(caller: Caller, **values: str) -> str:
    made: str = caller.post(f"{CRM}/records/Lead", {"values": {**LEAD, **values}}, headers=basic()).json["id"]
    return made


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {"host": "localhost:1"}, 200),
        ("::1", {"host": "[::1]:1"}, 200),
        ("::ffff:127.0.0.1", {"host": "127.0.0.1"}, 200),
        ("10.0.0.5", {"host": "127.0.0.1"}, 401),
        ("10.0.0.5", {"host": "127.0.0.1", "x-lab-token": "lab-secret"}, 200),
        ("10.0.0.5", {"host": "127.0.0.1", "x-lab-token": ""}, 401),
        (None, {"host": "127.0.0.1"}, 401),
    ],
)
def test_control_from_elsewhere_needs_the_token(peer: str | None, headers: dict[str, str], status: int) -> None:
    """Loopback, in any spelling, is this machine; whatever else comes over a socket needs the token."""
    _, caller = build(token="lab-secret")
    stranger = Caller(caller.app, extensions=False, peer=peer)
    assert stranger.get("/_lab/state", headers=headers).status == status


def test_without_a_token_nobody_has_it() -> None:
    """An empty token is no token."""
    _, caller = build()
    stranger = Caller(caller.app, extensions=False, peer="10.0.0.5")
    assert stranger.get("/_lab/state", headers={"host": "127.0.0.1", "x-lab-token": ""}).status == 401


def test_the_clock() -> None:
    """Virtual moves a second a request, frozen not, both by hand; never backwards, never over the end of time."""
    _, caller = build()
    caller.get(WHOAMI)
    assert caller.get("/_lab/clock").json == {"now": "2026-03-02T09:00:01Z", "mode": "virtual"}
    assert caller.patch("/_lab/clock", {"mode": "frozen"}).json["mode"] == "frozen"
    caller.get(WHOAMI)
    assert caller.post("/_lab/clock/advance", {"seconds": 60}).json["now"] == "2026-03-02T09:01:01Z"
    assert caller.post("/_lab/clock/advance", {"seconds": -1}).status == 400
    century = 100 * 366 * 24 * 3600
    statuses = [caller.post("/_lab/clock/advance", {"seconds": century}).status for _ in range(85)]
    assert statuses[0] == 200
    assert statuses[-1] == 409


def test_snapshot_and_restore() -> None:
    """Records, settings, faults and clock go back; the journal goes on and says so."""
    sandbox, caller = build()
    first = _create(caller)
    caller.post("/_lab/snapshots/one")
    saved = caller.get("/_lab/clock").json
    _create(caller)
    caller.patch(SETTINGS, {"allowlist": ["192.0.2.0/24"]})
    caller.post("/_lab/faults", {"at": "crm", "kind": "status", "times": "always"})
    assert caller.get(WHOAMI, headers=basic()).status == 403
    assert caller.post("/_lab/snapshots/one/restore").status == 200
    assert caller.get("/_lab/clock").json == saved
    assert caller.get("/_lab/faults").json["faults"] == []
    assert _ids(caller) == [first]
    assert [fact["snapshot"] for fact in sandbox.world.journal.facts(kind="note") if fact["what"] == "restored"] == [
        "one"
    ]


def test_the_same_after_a_restore_as_before() -> None:
    """Ids, tokens and draws repeat: what is done again after a restore gives the same answers."""
    _, caller = build()
    caller.post("/_lab/snapshots/one")
    told = []
    for _ in range(2):
        session = caller.login()
        told.append([session.headers["authorization"], session.post(f"{CRM}/records/Lead", {"values": LEAD}).body])
        caller.post("/_lab/snapshots/one/restore")
    assert told[0] == told[1]


def test_a_fork_is_a_sandbox_of_its_own() -> None:
    """It begins as the saved state did; what is done in one doesn't show in the other."""
    _, caller = build()
    first = _create(caller)
    caller.post("/_lab/snapshots/one")
    made = caller.post("/_lab/snapshots/one/fork", {"as": "what-if"}).json
    assert made == {"fork": "what-if", "path": "/_fork/what-if"}
    reply = caller.post(f"/_fork/what-if{CRM}/records/Lead", {"values": LEAD}, headers=basic())
    assert reply.status == 201
    query = {"object": "Lead"}
    forked = caller.post(f"/_fork/what-if{CRM}/query", query, headers=basic()).json["records"]
    assert [record["id"] for record in forked] == [first, reply.json["id"]]
    assert _ids(caller) == [first]
    assert caller.get("/_fork/what-if/_lab/state").json["seed"] == 7
    assert caller.post("/_lab/snapshots/one/fork", {"as": "what-if"}).status == 409
    assert caller.delete("/_lab/forks/what-if").status == 204
    assert caller.get("/_fork/what-if/_lab/state").status == 404


def test_reset_with_another_seed_builds_another_world() -> None:
    """Other ids from another seed, the first ones again from the first."""
    _, caller = build()
    first = _create(caller)
    assert caller.post("/_lab/reset", {"seed": 8}).json["seed"] == 8
    assert _ids(caller) == []
    second = _create(caller)
    caller.post("/_lab/reset", {"seed": 7})
    assert _create(caller) == first != second


def test_orgs_side_by_side() -> None:
    """A new org is served at once, has its own records, and is gone when it is dropped."""
    _, caller = build()
    recipe = {"kind": "crm", "users": [{"id": "sync"}], "allowlist": ["10.20.0.0/24"]}
    assert caller.post("/_lab/orgs", {"name": "second", "recipe": recipe}).json["kind"] == "crm"
    assert caller.post("/_lab/orgs", {"name": "second", "recipe": recipe}).status == 409
    made = caller.post("/second/crm/v1/records/Lead", {"values": LEAD}, headers=basic())
    assert made.status == 201
    assert _ids(caller) == []
    assert caller.delete("/_lab/orgs/second").status == 204
    assert caller.get("/second/crm/v1/whoami", headers=basic()).error["code"] == "REF741"
    assert caller.delete("/_lab/orgs/second").status == 404


@pytest.mark.parametrize(
    ("recipe", "text"),
    [
        ({"kind": "crm", "allowlist": ["10.0.0.1/8"]}, "10.0.0.0/8"),
        ({"kind": "crm", "dialect": "nosuchvendor"}, "nosuchvendor"),
        ({}, "kind"),
        ({"kind": "crm", "colour": "red"}, "colour"),
        ({"kind": "crm", "records": [{"object": "Lead", "values": {"LastName": "A"}}]}, "Company"),
    ],
)
def test_an_org_that_cannot_be_is_refused_whole(recipe: dict[str, Any], text: str) -> None:
    """4xx that says why; no half-built org stays behind, so the mended recipe works under the same name."""
    _, caller = build()
    refused = caller.post("/_lab/orgs", {"name": "odd", "recipe": recipe})
    assert refused.status == 400
    assert text in refused.error["message"]
    assert caller.post("/_lab/orgs", {"name": "odd", "recipe": {"kind": "crm"}}).status == 201


def test_settings() -> None:
    """Users, rules, fields, allowlist, connector: each change works at the next call and stands in the journal."""
    sandbox, caller = build()
    caller.patch(SETTINGS, {"fields": [{"object": "Lead", "id": "Score__c", "type": "number"}]})
    caller.patch(SETTINGS, {"users": [{"id": "new.rep"}, {"id": "kari.c", "active": False}]})
    rule = {
        "name": "High",
        "criteria": {"rows": [["Score__c", ">=", "100"]], "logic": "1"},
        "assign": {"user": "new.rep"},
    }
    assert caller.patch(SETTINGS, {"assignment_rules": [rule]}).status == 200
    values = {**LEAD, "Score__c": "120"}
    made = caller.post(f"{CRM}/records/Lead", {"values": values}, headers=basic()).json["values"]
    assert (made["Owner"], made["Score__c"]) == ("new.rep", "120")
    users = {user["id"]: user["active"] for user in caller.get(f"{CRM}/users", headers=basic()).json["users"]}
    assert (users["new.rep"], users["kari.c"]) == (True, False)
    told = caller.get(f"{CRM}/assignment-rules", headers=basic()).json["rules"]
    assert told[0]["assign"] == {"user": "new.rep"}
    noted = {fact["what"] for fact in sandbox.world.journal.facts(kind="note", org="acme-crm")}
    assert {"field_added", "settings"} <= noted


def test_a_rule_that_names_no_field_is_refused_and_the_old_ones_stay() -> None:
    """Criteria that don't fit the fields are refused when they are set, not at the next lead."""
    _, caller = build()
    good = {"name": "All", "assign": {"user": "kari.c"}}
    caller.patch(SETTINGS, {"assignment_rules": [good]})
    bad = {**good, "criteria": {"rows": [["NoSuch", "=", "1"]], "logic": "1"}}
    assert caller.patch(SETTINGS, {"assignment_rules": [bad]}).status == 400
    assert caller.get(f"{CRM}/assignment-rules", headers=basic()).json["rules"][0]["criteria"] is None


def test_facts_are_the_same_however_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without a filter, which is sent as the journal keeps it, tells what the engine's own reader tells, over
    blocks that are packed and the newest facts that are not."""
    monkeypatch.setattr(journal, "BLOCK_CHARACTERS", 50_000)
    sandbox, caller = build()
    for _ in range(150):
        _create(caller)
    facts = sandbox.world.journal.facts()
    assert len(facts) > 256
    for after in (0, 1, 60, 61, 62, 255, 256, 257, facts[-2]["n"], facts[-1]["n"]):
        page = caller.get("/_lab/journal", query={"after": str(after)}).json
        assert (page["facts"], page["next"]) == ([fact for fact in facts if fact["n"] > after], None)
    exact = caller.get("/_lab/journal", query={"limit": str(len(facts))}).json
    assert (len(exact["facts"]), exact["next"]) == (len(facts), None)


def test_the_journal_by_filter_and_page() -> None:
    """Following `next` gives every fact once; filters narrow; clearing keeps the digest."""
    _, caller = build()
    ids = [_create(caller, Email=f"p{n}@x.example") for n in range(5)]
    whole = caller.get("/_lab/journal").json
    paged, after = [], 0
    while True:
        page = caller.get("/_lab/journal", query={"limit": "3", "after": str(after)}).json
        paged += page["facts"]
        if page["next"] is None:
            break
        after = page["next"]
    assert paged == whole["facts"]
    one = caller.get("/_lab/journal", query={"kind": "change", "object": "Lead", "id": ids[2]}).json["facts"]
    assert [fact["op"] for fact in one] == ["create"]
    assert one[0]["request"] in {fact["n"] for fact in paged if fact["kind"] == "exchange"}
    assert caller.post("/_lab/reset", {}).status < 300
    world = caller.get("/_lab/journal", query={"org": ""}).json["facts"]
    assert world, "a reset is a fact of the world, of no org"
    assert {fact["org"] for fact in world} == {""}
    whole = caller.get("/_lab/journal").json
    digest = caller.get("/_lab/journal/digest").json["digest"]
    assert caller.delete("/_lab/journal").status == 204
    emptied = caller.get("/_lab/journal").json
    assert (emptied["facts"], emptied["next"]) == ([], None)
    assert caller.get("/_lab/journal/digest").json["digest"] == digest == whole["digest"]


def _verify(caller: Caller, *expect: dict[str, Any], **more: Any) -> Any:
    return caller.post("/_lab/journal/verify", {"expect": list(expect), **more}).json


def test_expectations_are_counted() -> None:
    """Exactly, at least, at most; one is expected where no count is given."""
    _, caller = build()
    for number in range(3):
        _create(caller, Email=f"p{number}@x.example")
    create = {"method": "POST", "path": "/*/records/Lead", "status": 201, "values": {"Email": "*@x.example"}}
    for count, met in (
        ({}, True), ({"exactly": 3}, True), ({"exactly": 2}, False), ({"at_least": 4}, False),
        ({"at_most": 2}, False), ({"at_least": 1, "at_most": 3}, True),
    ):  # fmt: skip
        told = _verify(caller, {**create, **count})
        assert (told["met"], told["results"][0]["found"]) == (met, 3)
    assert _verify(caller, {"path": "/nowhere", "exactly": 0})["met"]
    assert _verify(caller, {"path": "/nowhere", "at_most": 1})["met"]


def test_an_unmet_expectation_shows_the_three_nearest() -> None:
    """The nearest first, each with what is expected and found, down to the value in a batch's row."""
    _, caller = build()
    for number in range(4):
        _create(caller, Email=f"p{number}@x.example")
    items = [{"op": "create", "object": "Lead", "values": {**LEAD, "Email": "row@x.example"}}]
    caller.post(f"{CRM}/batch", {"items": items}, headers=basic())
    told = _verify(caller, {"method": "POST", "path": "/*/batch", "values": {"Email": "other@x.example"}})
    result = told["results"][0]
    assert not told["met"]
    assert result["because"] == "wanted at least 1, found 0"
    assert len(result["nearest"]) == 3
    assert result["nearest"][0]["path"] == f"{CRM}/batch"
    assert result["nearest"][0]["differences"] == [
        {"what": "values.Email", "expected": "other@x.example", "found": "row@x.example"}
    ]
    assert len(result["nearest"][1]["differences"]) == 2


def test_expectations_in_order() -> None:
    """What happened the other way round is told, with where it stood."""
    _, caller = build()
    id = _create(caller)
    caller.delete(f"{CRM}/records/Lead/{id}", headers=basic())
    create, delete = {"method": "POST", "path": "*/Lead"}, {"method": "DELETE"}
    assert _verify(caller, create, delete, ordered=True)["met"]
    swapped = _verify(caller, delete, create, ordered=True)
    assert [result["met"] for result in swapped["results"]] == [True, False]
    assert "not after" in swapped["results"][1]["because"]
    assert _verify(caller, delete, create)["met"]


@given(parts=st.lists(st.text("ab/", max_size=4), min_size=1, max_size=4), gaps=st.lists(st.text("ab/", max_size=4)))
def test_a_star_stands_for_anything(parts: list[str], gaps: list[str]) -> None:
    """A text made of the pattern's parts with anything between them fits; without stars only the text itself does."""
    filled = [*gaps, *[""] * len(parts)]
    joined = parts[0] + "".join(gap + part for gap, part in zip(filled, parts[1:], strict=False))
    assert fits("*".join(parts), joined)
    assert fits("*", joined)
    assert fits(parts[0], parts[0])
    assert not fits(parts[0], parts[0] + "c")
    assert not fits("c*" + "*".join(parts), joined)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/_lab/orgs", {}),
        ("/_lab/orgs", {"limit": "1"}),
        ("/_lab/journal", {}),
        ("/_lab/journal", {"kind": "change", "object": "Lead", "org": "acme-crm", "limit": "1"}),
        ("/_lab/journal", {"org": "acme+crm"}),
        ("/_lab/journal", {"after": "x"}),
        ("/_lab/journal/digest", {}),
        ("/_lab/journal/digest", {"org": "acme-crm"}),
        ("/_lab/journal/digest", {"org": "nowhere"}),
    ],
)
def test_what_is_asked_often_is_answered_alike_by_the_door_and_by_the_application(
    path: str, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The short way gives the bytes and headers of the documented operation, and leaves it what is wrong to tell."""
    _, caller = build()
    _create(caller)
    _create(caller)
    short = caller.get(path, query=query)
    monkeypatch.setattr(often, "OFTEN", {})
    long = caller.get(path, query=query)
    assert (short.status, short.json, short.headers) == (long.status, long.json, long.headers)
    assert short.json


def test_a_restore_is_answered_alike_by_the_door_and_by_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both go back to the saved state and tell the same; a state that isn't there, a parameter or a dropped org are
    the application's to refuse, and nothing was done by then."""
    sandbox, caller = build()
    _create(caller)
    assert caller.post("/_lab/snapshots/one", {}).status == 201
    held = _ids(caller)
    answers = []
    for short in (True, False):
        if not short:
            monkeypatch.setattr(often, "RESTORE", "/nowhere")
        _create(caller)
        told = caller.post("/_lab/snapshots/one/restore", {})
        answers.append({**told.json, "last": 0})
        assert (told.status, _ids(caller)) == (200, held)
    assert answers[0] == answers[1]
    monkeypatch.undo()
    last = sandbox.world.journal.last
    assert caller.post("/_lab/snapshots/two/restore", {}).status == 404
    assert caller.post("/_lab/snapshots/one/restore?x=1", {}).status in (400, 404)
    assert caller.delete("/_lab/orgs/acme-crm").status == 204
    assert caller.post("/_lab/snapshots/one/restore", {}).status == 409
    assert sandbox.world.journal.last == last
