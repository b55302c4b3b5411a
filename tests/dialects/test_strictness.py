"""No lax success: what is contradictory, repeated, ignored or out of bounds is refused, and nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadsim.gateway.strictness import LaxJson, check_json
from tests.gateway.caller import CRM, MARKETING, Caller, Reply, build

LEAD = {"LastName": "Test", "Company": "Example"}
LEADS = f"{CRM}/records/Lead"
JSON_BODY = {"content-type": "application/json"}


def _crm() -> Caller:
    return build()[1].login()


def _marketing() -> Caller:
    return build()[1].login("acme-marketing")


def _written(caller: Caller, object: str = "Lead", base: str = CRM) -> list[Any]:
    records: list[Any] = caller.get(f"{base}/changes/{object}").json["records"]
    return records


def _refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.error["code"]) == (status, code), reply.body
    assert reply.error["message"]


# --- JSON ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LEADS, b'{"values":{"LastName":"A","LastName":"B","Company":"x"}}'),
        (LEADS, b'{"values":{"LastName":"A","Company":"x"},"values":{"LastName":"B","Company":"x"}}'),
        (LEADS, b'{"values":{"LastName":"A","Last\\u004eame":"B","Company":"x"}}'),
        (LEADS, b'{ "values" : {"LastName" : "A", "Company": "x"}, "assign" : true , "assign" : true}'),
        (
            f"{CRM}/batch",
            b'{"items":[{"op":"create","op":"delete","object":"Lead","values":{"LastName":"A","Company":"x"}}]}',
        ),
        ("/_lab/clock/advance", b'{"seconds":1,"seconds":2}'),
        ("/_lab/faults", b'{"at":"crm","at":"crm","operation":"any","kind":"status"}'),
    ],
)
def test_a_key_stands_once(path: str, body: bytes) -> None:
    """RFC 8259, 4: whoever picks one of two loses the other silently, so neither is taken."""
    caller = _crm()
    _refused(caller.post(path, body=body, headers=JSON_BODY), 400, "REF745")
    assert _written(caller) == []


def test_a_key_stands_once_in_the_rows_of_a_job() -> None:
    """The part is refused as a whole; the job stays open and empty."""
    caller = _crm()
    job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create"}).json["id"]
    rows = b'[{"LastName":"A","LastName":"B","Company":"x"}]'
    _refused(caller.put(f"{CRM}/jobs/{job}/data", body=rows, headers=JSON_BODY), 400, "REF745")
    assert caller.get(f"{CRM}/jobs/{job}").json["rows"] == 0


def test_a_number_is_one_of_json() -> None:
    """NaN and Infinity are words of another language."""
    caller = _crm()
    for number in (b"NaN", b"Infinity", b"-Infinity"):
        body = b'{"values":{"LastName":"A","Company":"x","AnnualRevenue":' + number + b"}}"
        assert caller.post(LEADS, body=body, headers=JSON_BODY).status == 400
    assert _written(caller) == []


class _Pairs(list):  # type: ignore[type-arg]
    """An object whose keys may repeat."""


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.lists(st.tuples(st.sampled_from(['"', ":", "a", "b", '":', "å"]), inner), max_size=3).map(_Pairs),
    max_leaves=12,
)  # fmt: skip


def _spelled(tree: Any, space: str, ascii: bool) -> str:
    if isinstance(tree, _Pairs):
        parts = (f"{json.dumps(k, ensure_ascii=ascii)}{space}:{_spelled(v, space, ascii)}" for k, v in tree)
        return "{" + f"{space},".join(parts) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(_spelled(one, space, ascii) for one in tree) + "]"
    return json.dumps(tree, ensure_ascii=ascii)


def _repeats(tree: Any) -> bool:
    if isinstance(tree, _Pairs):
        return len({key for key, _ in tree}) < len(tree) or any(_repeats(value) for _, value in tree)
    return isinstance(tree, list) and any(_repeats(one) for one in tree)


@given(tree=TREES, space=st.sampled_from(["", " ", "\n\t"]), ascii=st.booleans())
def test_repeated_keys_are_seen_in_any_spelling(tree: Any, space: str, ascii: bool) -> None:
    """Exactly the documents that repeat a key in one object are refused, by the quick way and by the slow one."""
    body = _spelled(tree, space, ascii).encode()
    if _repeats(tree):
        with pytest.raises(LaxJson, match="twice"):
            check_json(body)
    else:
        check_json(body)


# --- conditions and keys ---------------------------------------------------------------------------------------

KEYED = "dddd@x.example"


def _two_leads(caller: Caller) -> tuple[str, str]:
    first, second = (
        caller.post(LEADS, {"values": {**LEAD, "Email": f"{name}@x.example"}}).json["id"] for name in ("dddd", "eeee")
    )
    return first, second


@pytest.mark.parametrize("tag", ['"99"', "*"])
def test_a_condition_on_a_record_that_is_not_there(tag: str) -> None:
    """RFC 9110, 13.1.1: If-Match is false where there is nothing, so an upsert creates nothing."""
    caller = _crm()
    reply = caller.put(f"{LEADS}/by/Email/{KEYED}", {"values": LEAD}, headers={"if-match": tag})
    _refused(reply, 412, "REF706")
    assert _written(caller) == []


def test_a_condition_on_an_upsert_of_a_record() -> None:
    """It writes at its version only, alone and in a batch; `*` asks for any."""
    caller = _crm()
    _two_leads(caller)
    path = f"{LEADS}/by/Email/{KEYED}"
    _refused(caller.put(path, {"values": {"Title": "A"}}, headers={"if-match": '"2"'}), 412, "REF706")
    assert caller.put(path, {"values": {"Title": "A"}}, headers={"if-match": '"1"'}).json["version"] == 2
    assert caller.put(path, {"values": {"Title": "B"}}, headers={"if-match": "*"}).json["version"] == 3
    row = {"op": "upsert", "object": "Lead", "key": ["Email", KEYED], "values": {"Title": "C"}, "if_version": 2}
    result = caller.post(f"{CRM}/batch", {"items": [row]}).json["results"][0]
    assert (result["outcome"], result["error"]["code"]) == ("refused", "REF706")
    row = {**row, "key": ["Email", "new@x.example"], "values": LEAD}
    result = caller.post(f"{CRM}/batch", {"items": [row]}).json["results"][0]
    assert (result["outcome"], result["error"]["code"]) == ("refused", "REF706")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", LEADS, {"values": LEAD}),
        ("POST", LEADS + "/{id}/merge", {"losers": ["{other}"]}),
        ("POST", LEADS + "/{id}/undelete", None),
        ("POST", f"{CRM}/leads/{{id}}/convert", {}),
        ("POST", f"{CRM}/batch", {"items": [{"op": "delete", "object": "Lead", "id": "{id}"}]}),
        ("GET", LEADS + "/{id}", None),
    ],
)
def test_a_condition_that_is_not_honoured(method: str, path: str, body: Any) -> None:
    """Whoever makes a call conditional must not be told that it was done without looking."""
    caller = _crm()
    id, other = _two_leads(caller)
    if body is not None:
        body = json.loads(json.dumps(body).replace("{id}", id).replace("{other}", other))
    before = _written(caller)
    reply = caller.send(method, path.replace("{id}", id), body, headers={"if-match": '"99"'})
    _refused(reply, 400, "REF748")
    assert _written(caller) == before


@pytest.mark.parametrize(
    "header", [{"if-unmodified-since": "Mon, 01 Jan 2001 00:00:00 GMT"}, {"if-none-match": "*"}, {"if-range": '"1"'}]
)
def test_conditions_of_other_kinds(header: dict[str, str]) -> None:
    """Writes honour If-Match alone, and say so; a read may leave out what only spares bytes (RFC 9110, 13.1)."""
    caller = _crm()
    id, _ = _two_leads(caller)
    path = f"{LEADS}/{id}"
    for reply in (
        caller.patch(path, {"values": {"Title": "A"}}, headers=header),
        caller.delete(path, headers=header),
        caller.put(f"{LEADS}/by/Email/{KEYED}", {"values": {"Title": "A"}}, headers=header),
    ):
        _refused(reply, 400, "REF748")
    assert caller.get(path).json["version"] == 1
    read = caller.get(path, headers=header)
    assert read.status == (400 if "if-unmodified-since" in header else 200)


@pytest.mark.parametrize(
    ("org", "method", "path", "body"),
    [
        ("acme-marketing", "POST", f"{MARKETING}/emails", {"lists": ["news"], "subject": "Test"}),
        ("acme-marketing", "POST", f"{MARKETING}/forms/contact/submissions", {"values": {"email": "a@x.example"}}),
        ("acme-marketing", "POST", f"{MARKETING}/lists/news/members", {"prospects": ["x"]}),
        ("acme-crm", "POST", f"{CRM}/batch", {"items": [{"op": "create", "object": "Lead", "values": LEAD}]}),
        ("acme-crm", "POST", f"{CRM}/members", {"items": []}),
        ("acme-crm", "POST", f"{CRM}/jobs", {"object": "Lead", "op": "create"}),
    ],
)
def test_a_key_that_is_not_honoured(org: str, method: str, path: str, body: Any) -> None:
    """An Idempotency-Key that would be ignored is refused, or a repeat would do it twice. Rows have their own keys."""
    sandbox, caller = build()
    session = caller.login(org)
    before = sandbox.world.journal.last
    reply = session.send(method, path, body, headers={"idempotency-key": "once-1"})
    _refused(reply, 400, "REF748")
    assert [fact["kind"] for fact in sandbox.world.journal.facts(after=before)] == ["exchange"]
    if path.endswith("/batch"):
        assert "idempotency_key" in reply.error["message"]


def test_a_body_in_another_encoding() -> None:
    """What is not read is not taken: a compressed body, a charset other than UTF-8 (RFC 9110, 15.5.16)."""
    caller = _crm()
    body = json.dumps({"values": LEAD}).encode()
    for headers in (
        {"content-type": "application/json", "content-encoding": "gzip"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset=utf-16"},
    ):
        _refused(caller.post(LEADS, body=body, headers=headers), 415, "REF744")
    assert _written(caller) == []
    for media in ("application/json; charset=UTF-8", 'application/json;charset="utf-8"'):
        assert caller.post(LEADS, body=body, headers={"content-type": media}).status == 201


# --- rows ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"op": "create", "id": "{id}", "values": LEAD}, "id"),
        ({"op": "create", "key": ["Email", KEYED], "values": LEAD}, "key"),
        ({"op": "create", "if_version": 9, "values": LEAD}, "if_version"),
        ({"op": "update", "id": "{id}", "key": ["Email", "eeee@x.example"], "values": {"Title": "A"}}, "key"),
        ({"op": "upsert", "id": "{id}", "key": ["Email", "new@x.example"], "values": LEAD}, "id"),
        ({"op": "delete", "id": "{id}", "values": {"Title": "A"}}, "values"),
        ({"op": "delete", "id": "{id}", "assign": True}, "assign"),
        ({"op": "undelete", "id": "{id}", "values": {"Title": "A"}}, "values"),
    ],
)
def test_a_row_that_contradicts_itself(row: dict[str, Any], field: str) -> None:
    """Nothing of a row is ignored: what its operation has no use for is refused, and nothing of the batch is done."""
    caller = _crm()
    id, _ = _two_leads(caller)
    before = _written(caller)
    asked = json.loads(json.dumps({"object": "Lead", **row}).replace("{id}", id))
    good = {"op": "create", "object": "Lead", "values": LEAD}
    reply = caller.post(f"{CRM}/batch", {"items": [good, asked]})
    _refused(reply, 400, "REF745")
    assert [one["field"] for one in reply.error["problems"]] == [f"items.1.{field}"]
    assert _written(caller) == before


def test_a_member_that_is_taken_out_has_no_status() -> None:
    """The surplus status is refused, not ignored."""
    caller = _crm()
    lead, _ = _two_leads(caller)
    campaign = caller.get(f"{CRM}/campaigns").json["campaigns"][0]["id"]
    row = {"campaign": campaign, "person_object": "Lead", "person": lead}
    caller.post(f"{CRM}/members", {"items": [{**row, "op": "set"}]})
    reply = caller.post(f"{CRM}/members", {"items": [{**row, "op": "remove", "status": "Sent"}]})
    _refused(reply, 400, "REF745")
    assert not caller.get(f"{CRM}/members").json["members"][0]["deleted"]


@pytest.mark.parametrize("there", [False, True])
def test_an_upsert_has_one_key(there: bool) -> None:
    """Another value of the key among the values would make a record that the key doesn't find."""
    caller = _crm()
    if there:
        _two_leads(caller)
    before = _written(caller)
    path = f"{LEADS}/by/Email/{KEYED}"
    refused = caller.put(path, {"values": {**LEAD, "Email": "other@x.example"}})
    _refused(refused, 400, "REF701")
    assert refused.error["problems"][0]["field"] == "Email"
    assert _written(caller) == before
    assert caller.put(path, {"values": {**LEAD, "Email": KEYED.upper()}}).status == (200 if there else 201)
