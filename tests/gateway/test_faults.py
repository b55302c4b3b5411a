"""Faults that mean something: each kind, where it acts, and how it is picked (product.md H8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadsim.app import Sandbox
from tests.gateway.caller import CRM, Caller, Reply, basic, build

LEAD = {"LastName": "Test", "Company": "Example"}
WHOAMI = f"{CRM}/whoami"


def _with_fault(**fault: Any) -> tuple[Sandbox, Caller, Caller]:
    sandbox, caller = build()
    session = caller.login()
    assert caller.post("/_lab/faults", {"at": "crm", **fault}).status == 201
    return sandbox, caller, session


def _create(session: Caller, **values: str) -> Reply:
    return session.post(f"{CRM}/records/Lead", {"values": {**LEAD, **values}})


def _leads(session: Caller) -> int:
    return len(session.post(f"{CRM}/query", {"object": "Lead"}).json["records"])


def _batch(session: Caller, count: int, **more: Any) -> list[Any]:
    items = [{"op": "create", "object": "Lead", "values": {**LEAD, "LastName": f"Test {n}"}} for n in range(count)]
    results: list[Any] = session.post(f"{CRM}/batch", {"items": items, **more}).json["results"]
    return results


def test_a_status_is_answered_before_anything_is_done() -> None:
    """The call is refused with the status and the Retry-After, definitely, and nothing was written."""
    _, _, session = _with_fault(kind="status", status=502, retry_after=7, operation="create")
    refused = _create(session)
    assert (refused.status, refused.error["kind"], refused.error["definite"]) == (502, "fault", True)
    assert refused.headers["retry-after"] == "7"
    assert _leads(session) == 0
    assert _create(session).status == 201


@pytest.mark.parametrize(
    ("fault", "lost", "applied"),
    [
        ({"kind": "lost_after_apply"}, "reset", 1),
        ({"kind": "reset"}, "reset", 0),
        ({"kind": "reset", "after_apply": True}, "reset", 1),
        ({"kind": "timeout"}, "timeout", 0),
        ({"kind": "timeout", "after_apply": True}, "timeout", 1),
        ({"kind": "truncated"}, "truncated", 1),
        ({"kind": "refused"}, "refused", 0),
    ],
)
def test_a_lost_answer(fault: dict[str, Any], lost: str, applied: int) -> None:
    """No answer reaches the client; whether the write was applied is as the fault says, and the journal knows both."""
    sandbox, _, session = _with_fault(operation="create", **fault)
    assert _create(session).lost == lost
    assert _leads(session) == applied
    facts = sandbox.world.journal.facts(kind="fault")
    assert [(fact["kind_of"], fact["operation"], fact["nth"]) for fact in facts] == [(fault["kind"], "create", 1)]
    exchange = sandbox.world.journal.facts(kind="exchange")[1]
    assert facts[0]["request"] == exchange["n"]


def test_a_lost_answer_and_its_key() -> None:
    """The retry with the same Idempotency-Key gets the record that was made the first time."""
    _, _, session = _with_fault(kind="lost_after_apply", operation="create")
    keyed = Caller(session.app, session.actor, {**session.headers, "idempotency-key": "one"})
    assert _create(keyed).lost == "reset"
    assert _create(keyed).status == 201
    assert _leads(session) == 1


def test_a_delay_moves_the_clock() -> None:
    """The call is answered, later; a token may expire meanwhile for the next call."""
    _, caller, session = _with_fault(kind="delay", seconds=4000, operation="read")
    before = caller.get("/_lab/clock").json["now"]
    assert session.get(WHOAMI).status == 200
    assert before < "2026-03-02T09:01:00Z" < caller.get("/_lab/clock").json["now"]
    assert session.get(WHOAMI).error["kind"] == "expired"


def test_an_expired_token_stays_expired() -> None:
    """The presented token is revoked, so that the client must really log in again."""
    _, caller, session = _with_fault(kind="token_expired")
    assert session.get(WHOAMI).error["kind"] == "expired"
    assert session.get(WHOAMI).error["kind"] == "expired"
    assert caller.login().get(WHOAMI).status == 200


def test_a_batch_succeeds_in_part() -> None:
    """The picked rows are refused and leave no trace, the others are written, in the same order."""
    _, _, session = _with_fault(kind="partial", operation="batch", rows=[1, 3])
    results = _batch(session, 5)
    assert [result["outcome"] for result in results] == ["created", "refused", "created", "refused", "created"]
    assert {result["error"]["definite"] for result in results if result["error"]} == {True}
    assert _leads(session) == 3


def test_a_row_lock_hits_only_its_operation() -> None:
    """`operation` picks rows of a batch by what they do; a single write of that kind is its own row."""
    _, _, session = _with_fault(kind="row_lock", operation="update", times=2)
    id = _create(session).json["id"]
    items = [
        {"op": "create", "object": "Lead", "values": LEAD},
        {"op": "update", "object": "Lead", "id": id, "values": {"FirstName": "A"}},
    ]
    results = session.post(f"{CRM}/batch", {"items": items}).json["results"]
    assert [result["outcome"] for result in results] == ["created", "refused"]
    assert results[1]["error"]["kind"] == "locked"
    locked = session.patch(f"{CRM}/records/Lead/{id}", {"values": {"FirstName": "A"}})
    assert (locked.status, locked.error["kind"]) == (423, "locked")
    assert session.patch(f"{CRM}/records/Lead/{id}", {"values": {"FirstName": "A"}}).json["version"] == 2


def test_all_or_none_with_a_locked_row() -> None:
    """The locked row takes the others with it, and nothing is written."""
    _, _, session = _with_fault(kind="row_lock", rows=[1])
    results = _batch(session, 3, all_or_none=True)
    assert [result["error"]["kind"] for result in results] == ["conflict", "locked", "conflict"]
    assert _leads(session) == 0


def test_members_are_rows_too() -> None:
    """A membership that is locked is refused, the other one written."""
    _, _, session = _with_fault(kind="row_lock", operation="members", rows=[0])
    people = [_create(session, Email=f"p{n}@lead.example").json["id"] for n in range(2)]
    campaign = session.get(f"{CRM}/campaigns").json["campaigns"][0]["id"]
    items = [{"op": "set", "campaign": campaign, "person_object": "Lead", "person": id} for id in people]
    results = session.post(f"{CRM}/members", {"items": items}).json["results"]
    assert [result["outcome"] for result in results] == ["refused", "created"]


def test_a_stale_read_does_not_see_the_last_write() -> None:
    """What was just written is not there yet, in the feed, the query and the record; then it is."""
    _, caller, session = _with_fault(kind="stale_read", operation="changes")
    caller.post("/_lab/faults", {"at": "crm", "kind": "stale_read", "operation": "query"})
    old = _create(session, Email="old@lead.example").json["id"]
    caller.post("/_lab/clock/advance", {"seconds": 300})
    session.patch(f"{CRM}/records/Lead/{old}", {"values": {"FirstName": "New"}})
    _create(session, Email="new@lead.example")
    assert session.get(f"{CRM}/changes/Lead").json["records"] == []
    assert [r["id"] for r in session.post(f"{CRM}/query", {"object": "Lead"}).json["records"]] == [old]
    assert len(session.get(f"{CRM}/changes/Lead").json["records"]) == 2
    caller.post("/_lab/faults", {"at": "crm", "kind": "stale_read", "operation": "read"})
    assert "FirstName" not in session.get(f"{CRM}/records/Lead/{old}").json["values"]
    assert session.get(f"{CRM}/records/Lead/{old}").json["values"]["FirstName"] == "New"


def test_selectors() -> None:
    """By org or side, by operation, by object, from the nth, so many times."""
    _, caller = build()
    session = caller.login()
    marketing = caller.login("acme-marketing")
    caller.post("/_lab/faults", {"at": "acme-crm", "kind": "status", "operation": "read", "object": "Contact"})
    caller.post("/_lab/faults", {"at": "marketing", "kind": "status", "status": 500, "nth": 2, "times": 2})
    assert session.get(f"{CRM}/objects/Lead").status == 200
    assert session.get(f"{CRM}/objects/Contact").status == 503
    assert session.get(f"{CRM}/objects/Contact").status == 200
    told = [marketing.get("/acme-marketing/marketing/v1/whoami").status for _ in range(5)]
    assert told == [200, 500, 500, 200, 200]
    listed = caller.get("/_lab/faults").json["faults"]
    assert [(fault["seen"], fault["fired"]) for fault in listed] == [(2, 1), (5, 2)]


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), chance=st.sampled_from([0.0, 0.3, 1.0]))
def test_probability_is_drawn_from_the_seed(seed: int, chance: float) -> None:
    """The same seed gives the same faults; 0 none, 1 all."""
    told = []
    for _ in range(2):
        _, caller = build(seed=seed)
        caller.post("/_lab/faults", {"at": "crm", "kind": "status", "times": "always", "probability": chance})
        told.append([caller.get(WHOAMI, headers=basic()).status for _ in range(12)])
    assert told[0] == told[1]
    if chance in (0.0, 1.0):
        assert set(told[0]) == ({503} if chance else {200})


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nonsense"},
        {"kind": "status", "status": 200},
        {"kind": "status", "times": 0},
        {"kind": "status", "times": "never"},
        {"kind": "status", "nth": 0},
        {"kind": "status", "probability": 1.5},
        {"kind": "status", "operation": "explode"},
        {"kind": "status", "colour": "red"},
        {"kind": "partial", "rows": [-1]},
        {"kind": "refused", "after_apply": True},
        {"kind": "status", "at": "no-such-org"},
    ],
)
def test_a_fault_that_cannot_be_is_refused(fault: dict[str, Any]) -> None:
    """4xx, and nothing is switched on."""
    _, caller = build()
    refused = caller.post("/_lab/faults", {"at": "crm", **fault})
    assert refused.status in (400, 404)
    assert refused.error["message"]
    assert caller.get("/_lab/faults").json["faults"] == []
