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


def _must_refuse(reply: Reply, status: int, code: str) -> None:
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
    _must_refuse(caller.post(path, body=body, headers=JSON_BODY), 400, "REF745")
    assert _written(caller) == []


def test_a_key_stands_once_in_the_rows_of_a_job() -> None:
    """The part is refused as a whole; the job stays open and empty."""
    caller = _crm()
    job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create"}).json["id"]
    rows = b'[{"LastName":"A","LastName":"B","Company":"x"}]'
    _must_refuse(caller.put(f"{CRM}/jobs/{job}/data", body=rows, headers=JSON_BODY), 400, "REF745")
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
    _must_refuse(reply, 412, "REF706")
    assert _written(caller) == []


def test_a_condition_on_an_upsert_of_a_record() -> None:
    """It writes at its version only, alone and in a batch; `*` asks for any."""
    caller = _crm()
    _two_leads(caller)
    path = f"{LEADS}/by/Email/{KEYED}"
    _must_refuse(caller.put(path, {"values": {"Title": "A"}}, headers={"if-match": '"2"'}), 412, "REF706")
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
    _must_refuse(reply, 400, "REF748")
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
        _must_refuse(reply, 400, "REF748")
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
    _must_refuse(reply, 400, "REF748")
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
        _must_refuse(caller.post(LEADS, body=body, headers=headers), 415, "REF744")
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
    _must_refuse(reply, 400, "REF745")
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
    _must_refuse(reply, 400, "REF745")
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
    _must_refuse(refused, 400, "REF701")
    assert refused.error["problems"][0]["field"] == "Email"
    assert _written(caller) == before
    assert caller.put(path, {"values": {**LEAD, "Email": KEYED.upper()}}).status == (200 if there else 201)


# --- cursors ---------------------------------------------------------------------------------------------------


def _page(caller: Caller, **asked: Any) -> Reply:
    return caller.post(f"{CRM}/query", {"object": "Lead", "limit": 1, **asked})


def test_a_cursor_fits_its_question_alone() -> None:
    """With another object, other criteria, another order or deleted records it is refused; another page size is fine.
    A wrong page that looks right would lose records."""
    caller = _crm()
    _two_leads(caller)
    asked = {"criteria": {"rows": [["LastName", "=", "Test"]]}, "order": [["LastName", "asc"]]}
    cursor = _page(caller, **asked).json["next"]
    assert cursor is not None
    assert _page(caller, **asked, cursor=cursor, limit=7).status == 200
    for other in (
        {**asked, "object": "Contact"},
        {**asked, "criteria": {"rows": [["LastName", "=", "Other"]]}},
        {**asked, "criteria": {"rows": [["LastName", "=", "Test"]], "logic": "NOT 1"}},
        {**asked, "order": [["LastName", "desc"]]},
        {**asked, "order": [["Company", "asc"]]},
        {**asked, "deleted": True},
        {"order": asked["order"]},
    ):
        _must_refuse(_page(caller, **{**other, "cursor": cursor}), 400, "REF747")


def test_a_cursor_fits_its_list_alone() -> None:
    """The pages of a list, of somebody's activities and of a job's results are apart."""
    session = _marketing()
    ids = [
        session.post(f"{MARKETING}/records/prospect", {"values": {"email": f"{n}@x.example"}}).json["id"] for n in "ab"
    ]
    other = session.post(f"{MARKETING}/lists", {"name": "Other"}).json["id"]
    for of_list in ("news", other):
        session.post(f"{MARKETING}/lists/{of_list}/members", {"prospects": ids})
    cursor = session.get(f"{MARKETING}/lists/news/members", query={"limit": "1"}).json["next"]
    assert session.get(f"{MARKETING}/lists/news/members", query={"cursor": cursor}).json["next"] is None
    _must_refuse(session.get(f"{MARKETING}/lists/{other}/members", query={"cursor": cursor}), 400, "REF747")
    _must_refuse(session.get(f"{MARKETING}/activities", query={"cursor": cursor}), 400, "REF747")
    job = session.post(f"{MARKETING}/jobs", {"object": "prospect", "op": "create"}).json["id"]
    for odd in ("2000", "0", cursor):
        _must_refuse(session.get(f"{MARKETING}/jobs/{job}/results", query={"cursor": odd}), 400, "REF747")


@pytest.mark.parametrize("since", ["999999999999999999", "beyond", "007", "+1", " 1", "1.0", "-1", ""])
def test_a_place_that_the_feed_has_not_reached(since: str) -> None:
    """It would give an empty page for ever: refused, on every feed. The newest place is fine."""
    session = _marketing()
    prospect = session.post(f"{MARKETING}/records/prospect", {"values": {"email": "a@x.example"}}).json["id"]
    feeds = (
        (f"{MARKETING}/changes/prospect", {}),
        (f"{MARKETING}/members", {}),
        (f"{MARKETING}/prospects/{prospect}/answers", {"field": "phone"}),
    )
    newest = session.get(f"{MARKETING}/changes/prospect").json["next"]
    asked = str(int(newest) + 1) if since == "beyond" else since
    for path, query in feeds:
        _must_refuse(session.get(path, query={**query, "since": asked}), 400, "REF747")
        assert session.get(path, query={**query, "since": newest}).status == 200


# --- queries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "name", "value", "code"),
    [
        *((f"{CRM}/changes/Lead", "limit", odd, "REF746")
          for odd in ("5.0", " 5 ", "+5", "1_0", "05", "5e0", "", "٥", "true")),
        *((f"{LEADS}/{{id}}", "deleted", odd, "REF746") for odd in ("on", "1", "yes", "True", "t", "", " true")),
        *((f"{LEADS}/{{id}}", "fields", odd, "REF701") for odd in ("Email,", "", " Email", "Email, Phone")),
        *((f"{LEADS}/{{id}}", "fields", odd, "REF746") for odd in ("Email,Email", ",")),
        ("/_lab/journal", "limit", "5.0", "REF745"),
        ("/_lab/journal", "after", "+1", "REF745"),
    ],
)  # fmt: skip
def test_a_query_is_read_in_one_spelling(path: str, name: str, value: str, code: str) -> None:
    """What only looks like a number, a truth value or a list of fields is refused."""
    caller = _crm()
    id, _ = _two_leads(caller)
    _must_refuse(caller.get(path.replace("{id}", id), query={name: value}), 400, code)


def test_a_parameter_of_the_control_api_stands_once() -> None:
    """As in every other API here."""
    _must_refuse(_crm().get("/_lab/journal", query=[("limit", "1"), ("limit", "2")]), 400, "REF746")


@pytest.mark.parametrize(
    "asked",
    [
        {"order": [["LastName", "asc"], ["LastName", "desc"]]},
        {"order": [["Interests__c", "asc"]]},
        {"order": [["LastName", "up"]]},
        {"criteria": {"rows": []}},
        {"fields": ["Email", "Email"]},
    ],
)
def test_a_query_that_contradicts_itself(asked: dict[str, Any]) -> None:
    """An order that says two things, or none; criteria without a row, which would select everything."""
    caller = _crm()
    field = {"id": "Interests__c", "type": "multi_select", "choices": ["A", "B"]}
    assert caller.post(f"{CRM}/objects/Lead/fields", field).status == 201
    reply = caller.post(f"{CRM}/query", {"object": "Lead", **asked})
    assert (reply.status, reply.error["kind"]) == (400, "invalid")


# --- what is pointed at ----------------------------------------------------------------------------------------


def test_what_is_pointed_at_is_there() -> None:
    """A list that is to be emptied, the prospect whose activities are asked for, an account that is blank text."""
    session = _marketing()
    _must_refuse(session.post(f"{MARKETING}/lists", {"name": "B", "removes_from": ["nowhere"]}), 404, "REF705")
    campaign = session.get(f"{MARKETING}/campaigns").json["campaigns"][0]["id"]
    _must_refuse(session.get(f"{MARKETING}/activities", query={"prospect": campaign}), 404, "REF705")
    assert session.post(f"{MARKETING}/lists", {"name": "B", "removes_from": ["news"]}).status == 201
    caller = _crm()
    lead, _ = _two_leads(caller)
    for blank in ({"account_id": ""}, {"contact_id": ""}):
        _must_refuse(caller.post(f"{CRM}/leads/{lead}/convert", blank), 400, "REF745")


# --- fields ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "single_line", "length": 0},
        {"type": "single_line", "length": 10_000_000},
        {"type": "checkbox", "length": 5},
        {"type": "single_line", "scale": 2},
        {"type": "number", "scale": 1_000_000_000},
        {"type": "number", "choices": ["a"]},
        {"type": "dropdown", "choices": ["a", "a"]},
        {"type": "dropdown", "choices": ["a", " "]},
        {"type": "dropdown"},
        {"type": "checkbox", "unique": True},
        {"type": "multi_select", "choices": ["a"], "external_id": True},
        {"type": "single_line", "formula": {"concat": ["LastName"]}},
        {"type": "single_line", "refers_to": "Account"},
        {"type": "reference", "refers_to": "Nothing"},
        {"type": "formula", "formula": {"concat": ["Nope"]}},
        {"type": "formula", "formula": {"concat": ["Odd__c"]}},
        {"type": "formula", "formula": {"concat": []}},
        {"type": "formula", "formula": {"concat": [7]}},
        {"type": "formula", "formula": {"sum": ["Nope"]}},
        {"type": "formula", "formula": {"sum": ["LastName"]}},
        {"type": "formula", "formula": {"days_since": ["LastName"]}},
        {"type": "formula", "formula": {"days_since": {"a": 1}}},
        {"type": "formula", "formula": {"concat": ["LastName"]}, "required": True},
        {"type": "formula"},
        {"type": "single_line", "required": True, "read_only": True},
        {"type": "nothing"},
    ],
)
def test_a_definition_that_contradicts_itself(definition: dict[str, Any]) -> None:
    """A field that could never work, or that names what isn't there, is not made."""
    caller = _crm()
    before = caller.get(f"{CRM}/objects/Lead").json
    reply = caller.post(f"{CRM}/objects/Lead/fields", {"id": "Odd__c", **definition})
    _must_refuse(reply, 400, "REF729")
    assert caller.get(f"{CRM}/objects/Lead").json == before


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "single_line", "length": 1, "unique": True},
        {"type": "number", "scale": 0, "external_id": True},
        {"type": "multi_select", "choices": ["a", "A"]},
        {"type": "dropdown", "restricted": False},
        {"type": "formula", "formula": {"concat": ["LastName", ", ", "FirstName"]}},
        {"type": "formula", "formula": {"sum": ["NumberOfEmployees", "AnnualRevenue"]}},
        {"type": "formula", "formula": {"days_since": "created_at"}},
        {"type": "auto_number", "unique": True},
        {"type": "reference", "refers_to": "Account"},
    ],
)
def test_a_definition_that_is_fine(definition: dict[str, Any]) -> None:
    """The near misses of those that are refused."""
    assert _crm().post(f"{CRM}/objects/Lead/fields", {"id": "Fine__c", **definition}).status == 201


# --- settings and the control API ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("org", "patch"),
    [
        ("acme-crm", {"duplicate_rules": [{"name": "A", "object": "Lead", "match": ["Zork"]}]}),
        ("acme-crm", {"duplicate_rules": [{"name": "A", "object": "Leed", "match": ["Email"]}]}),
        ("acme-crm", {"duplicate_rules": [{"name": "A", "object": "Lead", "match": []}]}),
        ("acme-crm", {"duplicate_rules": [{"name": "A", "object": "Lead", "match": ["Email"]}] * 2}),
        ("acme-crm", {"forms": [{"id": "f", "fields": ["Email"]}]}),
        ("acme-crm", {"default_owner": "ghost"}),
        ("acme-crm", {"connector_users": ["ghost"]}),
        ("acme-crm", {"assignment_rules": [{"name": "A", "assign": {"user": "ghost"}}]}),
        ("acme-crm", {"assignment_rules": [{"name": "A", "assign": {"round_robin": ["sync", "ghost"]}}]}),
        ("acme-crm", {"assignment_rules": [{"name": "A", "object": "Leed", "assign": {"user": "sync"}}]}),
        ("acme-marketing", {"forms": [{"id": "contact", "fields": ["email", "zork"]}]}),
        ("acme-marketing", {"forms": [{"id": "contact", "fields": ["email"], "required": ["city"]}]}),
    ],
)
def test_settings_that_can_never_work(org: str, patch: dict[str, Any]) -> None:
    """A rule or form that names what the org doesn't have is refused when it is set, and nothing is changed."""
    sandbox, caller = build()
    before = sandbox.world.orgs[org].settings
    reply = caller.patch(f"/_lab/orgs/{org}/settings", patch)
    assert (reply.status, reply.error["kind"]) == (400, "invalid"), reply.body
    assert sandbox.world.orgs[org].settings == before


def test_an_org_that_never_was_has_no_journal() -> None:
    """A misspelt org would have an empty page, an equal digest and no exchange; a dropped one still has its facts."""
    caller = _crm()
    for reply in (
        caller.get("/_lab/journal", query={"org": "zork"}),
        caller.get("/_lab/journal/digest", query={"org": "zork"}),
        caller.post("/_lab/journal/verify", {"expect": [{"org": "zork", "exactly": 0}]}),
    ):
        _must_refuse(reply, 404, "REF742")
    caller.delete("/_lab/orgs/acme-marketing")
    assert caller.get("/_lab/journal", query={"org": "acme-marketing"}).json["facts"]


@pytest.mark.parametrize("phone", ["hello", "+47", "1234", "+4722123456789012345", "22 12 34 56 or so"])
def test_a_form_refuses_what_is_no_telephone_number(phone: str) -> None:
    """product.md D: e-mail and phone are validated in forms, else the form is refused."""
    session = _marketing()
    path = f"{MARKETING}/forms/contact/submissions"
    reply = session.post(path, {"values": {"email": "v@x.example", "phone": phone}})
    _must_refuse(reply, 400, "REF709")
    assert _written(session, "prospect", MARKETING) == []
    for number, fine in enumerate(("+47 22 12 34 56", "(022) 12.34-56", "0047 22123456 ext. 12")):
        values = {"email": f"v{number}@x.example", "phone": fine}
        assert session.post(path, {"values": values}).status == 201


@pytest.mark.parametrize("surplus", [{"kind": "status", "rows": [1]}, {"kind": "delay", "status": 503},
                                     {"kind": "reset", "seconds": 5}])  # fmt: skip
def test_a_fault_says_nothing_that_its_kind_ignores(surplus: dict[str, Any]) -> None:
    """It would look as if it acted by it."""
    reply = _crm().post("/_lab/faults", {"at": "crm", **surplus})
    _must_refuse(reply, 400, "REF745")
