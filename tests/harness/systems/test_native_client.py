"""The native client against documented responses: what it sends, what it makes of every answer."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest

from leadproof.systems import failures
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.credentials import Credentials
from leadproof.systems.native import NativeCrm, NativeMarketing
from leadproof.systems.ports import Capability, Write
from leadproof.systems.registry import UnknownDialect, dialects, open_system
from leadproof.transports import Request, Response, TransportFailed, WireKind
from leadterms.criteria import parse_criteria
from tests.harness.systems.scripted import LEAD, TOKEN, Scripted, ok, record, refused, spec

B = "/acme/crm/v1"
USER = Credentials(username="sync", password="canary")


def crm(script: dict[str, Any]) -> tuple[NativeCrm, Scripted]:
    scripted = Scripted(script)
    return NativeCrm(scripted, "acme", USER), scripted


def marketing(script: dict[str, Any]) -> tuple[NativeMarketing, Scripted]:
    scripted = Scripted(script)
    return NativeMarketing(scripted, "acme", Credentials(client_id="sync", client_secret="canary")), scripted


def created(request: Request) -> Response:
    """A batch answer that creates every row."""
    rows = json.loads(request.body)["items"]
    results = [
        {"outcome": "created", "id": f"L{n}", "version": 1, "record": None, "error": None} for n in range(len(rows))
    ]
    return ok({"results": results})


# --- logging in -----------------------------------------------------------------------------------


def test_it_logs_in_once_with_the_credentials_it_has() -> None:
    """A password or a client secret buys a token, which then serves every call."""
    system, scripted = crm({f"GET {B}/users": ok({"users": []})})
    system.users()
    system.users()
    assert [r.path for r in scripted.asked] == ["/acme/oauth/token", f"{B}/users", f"{B}/users"]
    assert parse_qs(scripted.asked[0].body.decode()) == {
        "grant_type": ["password"],
        "username": ["sync"],
        "password": ["canary"],
    }
    assert scripted.asked[1].headers["authorization"] == "Bearer t1"
    other, asked = marketing({"GET /acme/marketing/v1/users": ok({"users": []})})
    other.users()
    assert parse_qs(asked.asked[0].body.decode())["grant_type"] == ["client_credentials"]


def test_an_expired_token_is_renewed_once_and_the_call_repeated() -> None:
    """`expired` was turned away at the door, so the same call goes again with a new token; never twice."""
    gone = refused(401, "expired", "CON113")
    system, scripted = crm(
        {
            "POST /acme/oauth/token": [ok(TOKEN), ok({**TOKEN, "access_token": "t2"})],
            f"POST {B}/batch": [gone, created],
        }
    )
    assert system.write([Write("create", "Lead", values={"LastName": "Vik"})])[0].outcome == "created"
    assert [r.headers.get("authorization") for r in scripted.asked if r.path.endswith("batch")] == [
        "Bearer t1",
        "Bearer t2",
    ]
    always, scripted = crm({f"GET {B}/users": gone})
    with pytest.raises(failures.LoginRefused) as failed:
        always.users()
    assert failed.value.code == "CON110"
    assert len(scripted.asked) == 4


def test_a_token_that_the_org_forgot_is_renewed_and_a_new_one_is_not_doubted() -> None:
    """A restored sandbox does not know tokens issued since; but who is refused with a fresh one is refused."""
    unknown = refused(401, "login", "CON110")
    system, scripted = crm({f"GET {B}/users": [ok({"users": []}), unknown, ok({"users": []})]})
    system.users()
    system.users()
    assert [r.path for r in scripted.asked].count("/acme/oauth/token") == 2
    fresh, scripted = crm({f"GET {B}/users": unknown})
    with pytest.raises(failures.LoginRefused):
        fresh.users()
    assert len(scripted.asked) == 2


def test_a_token_alone_is_not_renewed() -> None:
    """Without a way to log in, an expired token is a refused login that says so."""
    scripted = Scripted({f"GET {B}/users": refused(401, "expired", "CON113")})
    with pytest.raises(failures.LoginRefused, match="only a token"):
        NativeCrm(scripted, "acme", Credentials(token="t0")).users()


@pytest.mark.parametrize(
    "answer",
    [
        refused(401, "login", "CON110"),
        ok({"error": "invalid_grant", "error_description": "login!"}, 400),
        refused(400, "invalid", "REF700"),
    ],
)
def test_a_wrong_password_is_a_refused_login(answer: Response) -> None:
    """In the API's words or in OAuth's, and the password is in no text."""
    system, _ = crm({"POST /acme/oauth/token": answer})
    with pytest.raises(failures.LoginRefused) as failed:
        system.connect()
    assert failed.value.definite
    assert "canary" not in str(failed.value) + repr(failed.value) + repr(USER)


def test_a_lost_login_leaves_the_call_certainly_undone() -> None:
    """Whatever became of the login, the write was never sent: definite, so that it may be tried again."""
    system, _ = crm({"POST /acme/oauth/token": TransportFailed("timeout")})
    with pytest.raises(failures.Unreachable) as failed:
        system.write([Write("create", "Lead", values={})])
    assert (failed.value.definite, failed.value.code) == (True, "NET105")
    system, _ = crm({"POST /acme/oauth/token": ok({"token_type": "Bearer"})})
    with pytest.raises(failures.BadAnswer) as empty:
        system.users()
    assert empty.value.definite


# --- what fails as a whole ------------------------------------------------------------------------

WHOLE: list[tuple[Any, type[failures.CallFailed], str, bool]] = [
    (refused(403, "address", "NET110"), failures.AddressRefused, "NET110", True),
    (refused(403, "permission", "CON111"), failures.Forbidden, "CON111", True),
    (refused(429, "quota", "CON112", headers={"retry-after": "60"}), failures.QuotaSpent, "CON112", True),
    (refused(501, "not_simulated", "SIM901"), failures.NotSimulated, "SIM901", True),
    (refused(503, "fault", "REF790", definite=False), failures.ServerFailed, "NET109", False),
    (refused(503, "fault", "REF790"), failures.ServerFailed, "NET109", True),
    (Response(502, {}, b"<html>Bad gateway"), failures.ServerFailed, "NET109", False),
    (Response(404, {"content-type": "text/html"}, b"<html>Not here"), failures.BadAnswer, "NET108", False),
    (Response(200, {"content-type": "text/html"}, b"<html>Sign in"), failures.BadAnswer, "NET108", False),
    (Response(200, {}, b'{"users": ['), failures.BadAnswer, "NET108", False),
    (ok(["users"]), failures.BadAnswer, "NET108", False),
    (ok({"people": []}), failures.BadAnswer, "NET108", False),
    (ok({"users": [{"id": "u"}]}), failures.BadAnswer, "NET108", False),
    (refused(400, "invalid", "REF710"), failures.Refused, "REF710", True),
]


@pytest.mark.parametrize(("answer", "failure", "code", "definite"), WHOLE)
def test_every_answer_that_is_no_success_has_its_name(
    answer: Response, failure: type[failures.CallFailed], code: str, definite: bool
) -> None:
    """The type says what to do, the code what to explain, `definite` whether it may be tried again."""
    system, _ = crm({f"GET {B}/users": answer})
    with pytest.raises(failures.CallFailed) as failed:
        system.users()
    assert type(failed.value) is failure
    assert (failed.value.code, failed.value.definite) == (code, definite)
    assert "GET /acme/crm/v1/users" in str(failed.value) or "GET users" in str(failed.value)


KINDS: list[tuple[WireKind, str, bool]] = [
    ("refused", "NET101", True),
    ("dns", "NET102", True),
    ("tls", "NET103", True),
    ("connect_timeout", "NET104", True),
    ("timeout", "NET105", False),
    ("reset", "NET106", False),
    ("truncated", "NET107", False),
]


@pytest.mark.parametrize(("kind", "code", "definite"), KINDS)
def test_every_wire_failure_has_its_code(kind: WireKind, code: str, definite: bool) -> None:
    """One code per cause, and only what was never sent is definite."""
    system, _ = crm({f"GET {B}/users": TransportFailed(kind)})
    with pytest.raises(failures.Unreachable) as failed:
        system.users()
    assert (failed.value.code, failed.value.definite, failed.value.kind) == (code, definite, kind)


def test_a_spent_quota_says_when_to_come_back() -> None:
    """In the sandbox's time where it states one; the seconds always."""
    spent = refused(429, "quota", "CON112", headers={"retry-after": "60", "x-time": "2026-03-02T09:00:00Z"})
    system, _ = crm({f"GET {B}/users": spent})
    with pytest.raises(failures.QuotaSpent) as failed:
        system.users()
    assert failed.value.retry_at == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
    assert failed.value.retry_after_seconds == 60


# --- reading --------------------------------------------------------------------------------------


def test_values_come_typed_by_the_describe() -> None:
    """Each value has its field's Python type; a choice that is gone today is still read."""
    stored = record(
        LastName="Åse",
        Email="Ase@Example.com",
        Phone="+47 22 12 34 56",
        AnnualRevenue="12.50",
        Rating="Lukewarm",
        HasOptedOutOfEmail=False,
        Birthdate="2001-02-03",
        ConvertedDate="2026-03-02T09:00:00Z",
        Products=["B", "A"],
        Owner="kari.c",
        ConvertedContact="C9",
    )
    system, _ = crm({f"GET {B}/records/Lead/L1": ok(stored)})
    (found,) = system.read("Lead", ["L1"], [])
    assert found.values == {
        "LastName": "Åse",
        "Email": "Ase@Example.com",
        "Phone": "+47 22 12 34 56",
        "AnnualRevenue": Decimal("12.5"),
        "Rating": "Lukewarm",
        "HasOptedOutOfEmail": False,
        "Birthdate": date(2001, 2, 3),
        "ConvertedDate": datetime(2026, 3, 2, 9, tzinfo=UTC),
        "Products": frozenset({"A", "B"}),
        "Owner": "kari.c",
        "ConvertedContact": "C9",
    }
    assert (found.owner, found.converted_to, found.version, found.modified_by) == (
        "kari.c",
        "C9",
        "3",
        "kari.c",
    )
    assert (found.created.second, found.modified.second) == (1, 5)


def test_only_the_fields_asked_for_are_among_the_values() -> None:
    """The owner is fetched along, because a record states it, but is no value unless asked for."""
    page = {"records": [record(LastName="Vik", Owner="kari.c", ConvertedContact=None)], "next": None}
    system, scripted = crm({f"POST {B}/query": ok(page)})
    (found,) = system.find("Lead", parse_criteria({"rows": [["Email", "=", "a@b.example"]]}), ["LastName"])
    assert (found.values, found.owner, found.converted_to) == ({"LastName": "Vik"}, "kari.c", None)
    (asked,) = scripted.bodies("query")
    assert asked["fields"] == ["LastName", "Owner", "ConvertedContact"]
    assert asked["criteria"] == {"rows": [["Email", "=", "a@b.example"]], "logic": "1"}


def test_a_field_added_since_is_learnt_from_a_new_describe() -> None:
    """An unknown field makes the client describe the object again; if it stays unknown, the answer is bad."""
    wider = {**LEAD, "fields": [*LEAD["fields"], spec("Lead", "Score__c", "number")]}
    script = {f"GET {B}/records/Lead/L1": ok(record(Score__c="7"))}
    system, scripted = crm({**script, f"GET {B}/objects/Lead": [ok(LEAD), ok(wider)]})
    assert system.read("Lead", ["L1"], [])[0].values["Score__c"] == Decimal(7)
    assert [r.path for r in scripted.asked].count(f"{B}/objects/Lead") == 2
    never, _ = crm(script)
    with pytest.raises(failures.BadAnswer, match="Score__c"):
        never.read("Lead", ["L1"], [])


def test_absent_and_deleted_records_are_left_out_and_the_order_is_the_caller_s() -> None:
    """One id is a GET whose 404 means nothing found; more are queries of at most 200."""
    system, _ = crm({f"GET {B}/records/Lead/L%2F1": refused(404, "gone", "REF705")})
    assert system.read("Lead", ["L/1"], []) == []

    def some(request: Request) -> Response:
        (row,) = json.loads(request.body)["criteria"]["rows"]
        assert len(row[2]) <= 200
        return ok({"records": [record(one) for one in sorted(row[2]) if one != "L7"], "next": None})

    system, scripted = crm({f"POST {B}/query": some})
    ids = [f"L{n}" for n in range(450, 0, -1)]
    assert [found.id for found in system.read("Lead", ids, [])] == [one for one in ids if one != "L7"]
    assert len(scripted.bodies("query")) == 3


def test_pages_are_followed_to_their_end() -> None:
    """`find` goes on until there is no cursor, and asks with the cursor it was given."""
    system, scripted = crm(
        {
            f"POST {B}/query": [
                ok({"records": [record("L1")], "next": "c1"}),
                ok({"records": [record("L2")], "next": None}),
            ]
        }
    )
    assert [r.id for r in system.find("Lead", None, [])] == ["L1", "L2"]
    assert [body.get("cursor") for body in scripted.bodies("query")] == [None, "c1"]


def test_changes_keep_their_cursor_when_nothing_is_new() -> None:
    """A page tells where the next cycle starts, also when the server says nothing new."""
    full = ok({"records": [{**record("L1"), "deleted": True, "merged_into": "L2"}], "next": "7", "more": True})
    system, scripted = crm({f"GET {B}/changes/Lead": [full, ok({"records": [], "next": None, "more": False})]})
    page = system.changes("Lead", None, ["Email"], 9999)
    assert (page.next, page.more, page.items[0].deleted, page.items[0].merged_into) == ("7", True, True, "L2")
    assert system.changes("Lead", page.next, ["Email"], 10).next == "7"
    first, second = [dict(r.query) for r in scripted.asked if "/changes/" in r.path]
    assert first == {"limit": "2000", "fields": "Email,Owner,ConvertedContact"}
    assert (second["since"], second["limit"]) == ("7", "10")


# --- writing --------------------------------------------------------------------------------------


def test_rows_go_out_in_batches_of_200_with_all_that_they_say() -> None:
    """450 rows are three requests, in order; a row carries key, values in JSON form, owner, version, key."""
    system, scripted = crm({f"POST {B}/batch": created})
    rows = [Write("create", "Lead", values={"AnnualRevenue": Decimal("12.50")}) for _ in range(449)]
    rows.append(
        Write(
            "upsert",
            "Lead",
            key=("Email", "a@b.example"),
            values={"Products": frozenset({"B", "A"}), "Birthdate": date(2001, 2, 3)},
            assign=True,
            idempotency_key="k1",
            owner="",
            if_version="3",
        )
    )
    assert len(system.write(rows)) == 450
    batches = [body["items"] for body in scripted.bodies("batch")]
    assert [len(batch) for batch in batches] == [200, 200, 50]
    assert batches[0][0]["values"] == {"AnnualRevenue": "12.5"}
    assert batches[0][0]["assign"] is False
    assert batches[2][-1] == {
        "op": "upsert",
        "object": "Lead",
        "id": None,
        "key": ["Email", "a@b.example"],
        "values": {"Products": ["A", "B"], "Birthdate": "2001-02-03", "Owner": None},
        "assign": True,
        "idempotency_key": "k1",
        "if_version": 3,
    }


def test_a_refused_row_says_why_and_the_others_stand() -> None:
    """One result a row: the refusal's kind, field and matches; the stored record where there is one."""
    error = json.loads(refused(409, "duplicate", "REF702", matches=["L8"], problems=[{"field": "Email"}]).body)["error"]
    answer = {
        "results": [
            {"outcome": "updated", "id": "L1", "version": 4, "record": record(LastName="Vik"), "error": None},
            {"outcome": "refused", "id": None, "version": None, "record": None, "error": error},
        ]
    }
    system, _ = crm({f"POST {B}/batch": ok(answer)})
    good, bad = system.write([Write("update", "Lead", id="L1"), Write("create", "Lead")])
    assert good.record is not None
    assert good.record.values["LastName"] == "Vik"
    assert good.record.values["Email"] is None
    assert bad.refusal is not None
    assert (bad.outcome, bad.refusal.kind, bad.refusal.field, bad.refusal.matches) == (
        "refused",
        "duplicate",
        "Email",
        ("L8",),
    )


@pytest.mark.parametrize(
    ("lost", "code"),
    [
        (TransportFailed("timeout"), "NET105"),
        (TransportFailed("reset"), "NET106"),
        (Response(200, {}, b"<html>"), "NET108"),
        (Response(500, {}, b"oops"), "NET109"),
        (ok({"results": []}), "NET108"),
        (ok({"rows": []}), "NET108"),
        (ok({"results": [{"id": "L1"}] * 200}), "NET108"),
    ],
)
def test_a_lost_answer_is_unknown_and_the_next_batches_are_still_tried(lost: Any, code: str) -> None:
    """Nobody knows what became of those 200 rows, and nothing is repeated; the other rows have results."""
    system, scripted = crm({f"POST {B}/batch": [created, lost, created]})
    results = system.write([Write("create", "Lead") for _ in range(600)])
    assert [r.outcome for r in results] == ["created"] * 200 + ["unknown"] * 200 + ["created"] * 200
    assert {r.refusal.code for r in results if r.refusal} == {code}
    assert len(scripted.bodies("batch")) == 3


def test_a_definite_failure_is_raised_only_if_nothing_was_done_before_it() -> None:
    """Otherwise the results so far would be lost: the rest is refused, definitely, and not tried."""
    spent = refused(429, "quota", "CON112")
    rows = [Write("create", "Lead") for _ in range(600)]
    system, _ = crm({f"POST {B}/batch": spent})
    with pytest.raises(failures.QuotaSpent):
        system.write(rows)
    system, scripted = crm({f"POST {B}/batch": [created, spent]})
    results = system.write(rows)
    assert [r.outcome for r in results] == ["created"] * 200 + ["refused"] * 400
    assert {(r.refusal.kind, r.refusal.code, r.refusal.definite) for r in results if r.refusal} == {
        ("fault", "CON112", True)
    }
    assert len(scripted.bodies("batch")) == 2


def test_members_are_set_and_removed_in_batches() -> None:
    """A removal names no status."""
    system, scripted = crm({f"POST {B}/members": created})
    system.set_members([MemberWrite("set", "c1", "Lead", "L1", "Sent"), MemberWrite("remove", "c1", "Contact", "C1")])
    assert scripted.bodies("members") == [
        {
            "items": [
                {"op": "set", "campaign": "c1", "person_object": "Lead", "person": "L1", "status": "Sent"},
                {"op": "remove", "campaign": "c1", "person_object": "Contact", "person": "C1"},
            ]
        }
    ]


# --- forms, registry ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (ok({"submission": "s1", "prospect": "p1", "outcome": "created"}, 201), "created"),
        (refused(400, "invalid", "REF711", problems=[{"field": "email"}]), "refused"),
        (TransportFailed("timeout"), "unknown"),
    ],
)
def test_a_form_is_taken_refused_or_nobody_knows(answer: Any, outcome: str) -> None:
    """A refused form and a lost answer raise nothing; a refused connection does."""
    path = "POST /acme/marketing/v1/forms/contact/submissions"
    system, _ = marketing({path: answer})
    assert system.submit_form("contact", {"email": "a@b.example"}).outcome == outcome
    system, _ = marketing({path: TransportFailed("refused")})
    with pytest.raises(failures.Unreachable):
        system.submit_form("contact", {})


def test_the_registry_opens_each_side_and_names_what_it_knows() -> None:
    """Unknown dialects are refused with those that exist."""
    scripted = Scripted({})
    opened = open_system("marketing", "native", scripted, "acme", USER)
    assert opened.name == "acme"
    assert Capability.FORMS in opened.can
    assert Capability.CONVERT not in opened.can
    assert "native" in dialects("crm")
    with pytest.raises(UnknownDialect, match=r"No crm client speaks 'nativ'\. Known for crm: .*native"):
        open_system("crm", "nativ", scripted, "acme", USER)
    opened.close()
    assert scripted.closed
