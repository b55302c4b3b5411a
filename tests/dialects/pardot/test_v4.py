"""Versions 3 and 4: the oddity of one result, XML, criteria, upserts, batches, and the refusals in both forms."""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from leadsim.engine.change import Caller, Change
from tests.dialects.pardot.desk import Desk, refused
from tests.dialects.pardot.speaker import ORG

LEAD, OTHER = "00Q5g00000000a1EAA", "00Q5g00000000a2EAA"


@pytest.fixture
def desk() -> Desk:
    """A business unit whose prospects may share an address."""
    return Desk()


def _xml(desk: Desk, object: str, operation: str, **parameters: str) -> Element:
    reply = desk.session.post(f"/{ORG}/api/{object}/version/4/do/{operation}", query=parameters)
    assert reply.headers["content-type"].startswith("text/xml")
    root: Element = fromstring(reply.body)
    return root


def test_none_one_and_several(desk: Desk) -> None:
    """No key, an object, an array; in bulk nothing is counted."""
    assert desk.v4("prospect", "query").json["result"] == {"total_results": 0}
    assert desk.v4("prospect", "query", output="bulk").json["result"] is None
    desk.prospect()
    assert desk.v4("prospect", "query").json["result"]["prospect"]["email"] == "nord@acme.example"
    desk.prospect("b@acme.example")
    found = desk.v4("prospect", "query", output="mobile").json["result"]
    assert [sorted(one) for one in found["prospect"]] == [["company", "email", "first_name", "id", "last_name"]] * 2
    assert set(desk.v4("prospect", "query", output="bulk").json["result"]) == {"prospect"}


def test_xml_says_the_same(desk: Desk) -> None:
    """The default format: repeated elements, blanks empty, marks escaped; refusals too."""
    desk.prospect(firstName="A & <B>", optedOut=True)
    desk.prospect("b@acme.example")
    root = _xml(desk, "prospect", "query")
    assert (root.tag, root.attrib) == ("rsp", {"stat": "ok", "version": "1.0"})
    assert root.findtext("result/total_results") == "2"
    assert [one.findtext("first_name") for one in root.findall("result/prospect")] == ["A & <B>", ""]
    assert root.findtext("result/prospect/opted_out") == "1"
    failed = _xml(desk, "prospect", "read/id/5")
    assert failed.attrib["stat"] == "fail"
    error = failed.find("err")
    assert error is not None
    assert (error.attrib["code"], error.text) == ("3", "Invalid prospect ID")


def test_criteria(desk: Desk) -> None:
    """By id, score, grade, assignment, times, list; sorted, cut, with fields of one's own."""
    users = desk.query("users")
    ids = [desk.prospect(f"p{number}@acme.example", score=number * 10) for number in range(4)]
    desk.v4("prospect", f"assign/id/{ids[2]}", user_id=str(users[1]["id"]))
    news = desk.query("lists")[0]["id"]
    desk.v4("prospect", f"update/id/{ids[3]}", **{f"list_{news}": "1"})
    for asked, wanted in (
        ({"id_greater_than": str(ids[1])}, ids[2:]), ({"id_less_than": str(ids[1])}, ids[:1]),
        ({"score_equal_to": "20"}, [ids[2]]), ({"score_greater_than": "0", "score_less_than": "30"}, ids[1:3]),
        ({"assigned": "true"}, [ids[2]]), ({"assigned": "false"}, [ids[0], ids[1], ids[3]]),
        ({"assigned_to_user": "kari.m"}, [ids[2]]), ({"list_id": str(news)}, [ids[3]]),
        ({"created_after": "today"}, ids), ({"created_before": "today"}, []),
        ({"created_after": "2026-03-02 12:00"}, []),
        ({"sort_by": "id", "sort_order": "descending"}, ids[::-1]), ({"sort_by": "created_at"}, ids[::-1]),
        ({"limit": "2", "offset": "1"}, ids[1:3]), ({"is_starred": "true"}, []), ({"last_activity_never": "true"}, ids),
        ({"grade_equal_to": "A+"}, []), ({"deleted": "true"}, []),
    ):  # fmt: skip
        found = desk.v4("prospect", "query", output="bulk", **asked).json["result"]
        rows = [] if found is None else found["prospect"]
        assert [one["id"] for one in (rows if isinstance(rows, list) else [rows])] == wanted, asked
    assert desk.v4("prospect", "query", limit="1", fields="email").json["result"] == {
        "total_results": 4, "prospect": {"id": ids[0], "email": "p0@acme.example"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"shoe": "1"}, 5), ({"limit": "0"}, 23), ({"limit": "x"}, 23), ({"offset": "-1"}, 21),
        ({"sort_by": "city"}, 19),
        ({"sort_order": "up"}, 20), ({"sort_by": "id,created_at,updated_at"}, 133),
        ({"sort_by": "created_at,updated_at"}, 135),
        ({"id_greater_than": "x"}, 16), ({"created_after": "last week"}, 7), ({"created_after": "2026-13-01"}, 7),
        ({"score_equal_to": "x"}, 29), ({"score_equal_to": "1", "score_less_than": "2"}, 31),
        ({"score_greater_than": "3", "score_less_than": "2"}, 30), ({"grade_equal_to": "Z"}, 32),
        ({"grade_greater_than": "A", "grade_less_than": "B"}, 33), ({"assigned": "perhaps"}, 26),
        ({"assigned_to_user": "5"}, 10), ({"list_id": "5"}, 55), ({"deleted": "all"}, 27), ({"is_starred": "1"}, 25),
        ({"new": "x"}, 28), ({"output": "loud"}, 51), ({"format": "yaml"}, 51), ({"fields": "id,shoe"}, 130),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_answered_is_refused(desk: Desk, asked: dict[str, str], code: int) -> None:
    """Each with its own code, none ignored."""
    reply = desk.session.get(f"/{ORG}/api/prospect/version/4/do/query", query={"format": "json", **asked})
    if asked.get("format") == "yaml":
        assert f'code="{code}"'.encode() in reply.body
    else:
        assert refused(reply)[:2] == (400, code)


def test_upsert(desk: Desk) -> None:
    """By id or fid what is there, the archived one brought back; by address alone always another one."""
    first = desk.v4("prospect", "upsert/email/a@acme.example", fid=LEAD, city="Oslo").json["prospect"]
    assert (first["crm_lead_fid"], first["salesforce_fid"]) == (LEAD, LEAD)
    again = desk.v4("prospect", f"upsert/fid/{LEAD}", city="Bergen").json["prospect"]
    assert (again["id"], again["city"], again["email"]) == (first["id"], "Bergen", "a@acme.example")
    another = desk.v4("prospect", "upsert/email/a@acme.example").json["prospect"]
    assert another["id"] != first["id"]
    assert desk.v4("prospect", f"delete/id/{first['id']}").status == 204
    assert refused(desk.v4("prospect", f"read/id/{first['id']}")) == (400, 132, "Prospect is archived")
    assert desk.v4("prospect", f"upsert/id/{first['id']}", zip="0150").json["prospect"]["zip"] == "0150"
    assert desk.v4("prospect", f"read/id/{first['id']}").status == 200
    for operation, asked, code in (
        ("upsert/id/5", {}, 14), ("upsert/id/x", {}, 16), ("upsert/fid/001", {}, 77), ("upsert", {}, 13),
        (f"upsert/id/{another['id']}", {"fid": LEAD}, 81), (f"update/fid/{OTHER}", {"city": "x"}, 77),
        ("update/email/a@acme.example", {"city": "x"}, 13), ("update/id/5", {"city": "x"}, 3),
        ("create", {}, 13), ("create/email/nobody", {}, 4), ("read/email/none@acme.example", {}, 4),
        ("create/email/z@acme.example", {"user_id": "5"}, 10), ("create/email/z@acme.example", {"grade": "A"}, 51),
        ("create/email/z@acme.example", {"list_5": "1"}, 55),
        ("create/email/z@acme.example", {"is_starred": "maybe"}, 50),
    ):  # fmt: skip
        assert refused(desk.v4("prospect", operation, **asked))[1] == code, (operation, asked)
    assert desk.query("prospects", email="z@acme.example") == []


def test_version_3_goes_by_the_address() -> None:
    """Create refuses a second one, update and upsert find it, delete too."""
    desk = Desk(duplicate_rules=[{"name": "Same", "object": "prospect", "match": ["email"]}])
    made = desk.v4("prospect", "create/email/a@acme.example", 3).json["prospect"]
    assert refused(desk.v4("prospect", "create/email/a@acme.example", 3))[1] == 9
    assert desk.v4("prospect", "update/email/a@acme.example", 3, city="Oslo").json["prospect"]["id"] == made["id"]
    assert desk.v4("prospect", "upsert/email/a@acme.example", 3, city="Bergen").json["prospect"]["id"] == made["id"]
    assert desk.v4("prospect", "delete/email/a@acme.example", 3).status == 204


def test_a_write_is_whole_or_nothing(desk: Desk) -> None:
    """A prospect whose list is not there is not made."""
    news = desk.query("lists")[0]["id"]
    both = {f"list_{news}": "1", "list_5": "1"}
    assert refused(desk.v4("prospect", "create/email/a@acme.example", **both))[1] == 55
    assert desk.query("prospects") == []
    made = desk.v4("prospect", "create/email/a@acme.example", **{f"list_{news}": "1"}).json["prospect"]
    assert made["lists"]["list_subscription"]["list"]["name"] == "News"
    gone = desk.v4("prospect", f"update/id/{made['id']}", **{f"list_{news}": "0"}).json["prospect"]
    assert "lists" not in gone


def test_batches(desk: Desk) -> None:
    """All good is 201 and an empty `errors`; a bad row is told by its place and the others are written; at most 50;
    a fault that picks a row fails that row alone."""
    rows = [{"email": f"b{number}@acme.example"} for number in range(3)]
    made = desk.v4("prospect", "batchCreate", prospects=json.dumps({"prospects": rows}))
    assert (made.status, made.json) == (201, {"@attributes": {"stat": "ok", "version": 1}, "errors": {}})
    ids = [one["id"] for one in desk.query("prospects")]
    changes = [{"id": ids[0], "city": "Oslo"}, {"id": 5, "city": "x"}, {"id": ids[2], "shoe": "x"}]
    changed = desk.v4("prospect", "batchUpdate", prospects=json.dumps(changes))
    assert (changed.status, changed.json["@attributes"]["stat"]) == (200, "fail")
    assert changed.json["errors"] == {"1": "Invalid prospect ID", "2": "Invalid parameter: shoe"}
    assert desk.query("prospects", "city")[0] == {"city": "Oslo"}
    xml = f"<prospects><prospect><id>{ids[1]}</id><city>Bergen</city></prospect></prospects>"
    assert desk.v4("prospect", "batchUpsert", prospects=xml).status == 201
    assert desk.query("prospects", "city")[1] == {"city": "Bergen"}
    many = json.dumps([{"email": f"m{number}@acme.example"} for number in range(51)])
    for given, code in ((many, 70), ("{", 71), ("[]", 36), ('[{"email":{"a":1}}]', 90), ("<a/>", 71), ('["x"]', 90)):
        assert refused(desk.v4("prospect", "batchCreate", prospects=given))[1] == code
    desk.caller.post("/_lab/faults", {"at": ORG, "kind": "row_lock", "operation": "batch", "rows": [1]})
    locked = desk.v4("prospect", "batchCreate", prospects=json.dumps([{"email": f"l{n}@a.example"} for n in range(3)]))
    assert locked.json["errors"] == {"1": "Conflicting Update"}
    assert len(desk.query("prospects")) == 5


def test_places_on_lists(desk: Desk) -> None:
    """By id, or by list and prospect."""
    news, prospect = desk.query("lists")[0]["id"], desk.prospect()
    pair = f"list_id/{news}/prospect_id/{prospect}"
    made = desk.v4("listMembership", f"create/{pair}").json["list_membership"]
    assert (made["list_id"], made["prospect_id"]) == (news, prospect)
    assert refused(desk.v4("listMembership", f"create/{pair}"))[1] == 58
    assert desk.v4("listMembership", f"read/{pair}").json["list_membership"]["id"] == made["id"]
    assert desk.v4("listMembership", f"update/{pair}", opted_out="1").json["list_membership"]["opted_out"] is True
    assert refused(desk.v4("listMembership", f"delete/{pair}", method="GET"))[:2] == (405, 60)
    assert desk.v4("listMembership", f"delete/{pair}").status == 204
    assert refused(desk.v4("listMembership", f"read/{pair}"))[1] == 109


def test_versions_and_sign_in(desk: Desk) -> None:
    """Other versions, and the sign-in by API key, are refused."""
    for version, code in (("x", 94), ("2", 22)):
        reply = desk.session.get(f"/{ORG}/api/prospect/version/{version}/do/query", query={"format": "json"})
        assert refused(reply)[1] == code
    keys = {"email": "a@acme.example", "password": "x", "user_key": "y"}
    reply = desk.caller.form(f"/{ORG}/api/login/version/4", **keys, format="json")
    assert refused(reply) == (401, 15, "Login failed")


def test_clicks(desk: Desk) -> None:
    """Only clicks, by id on and on, as exports of warehouses ask for them."""
    org = desk.sandbox.gateway.sites[ORG].org
    prospect = desk.prospect()
    for kind in ("email_click", "email_open", "email_click"):
        values = {"prospect": str(prospect), "type": kind, "detail": "https://acme.example/a"}
        org.save(Change("create", "activity", values=values), Caller("sync", "connector"))
    asked = {"output": "bulk", "sort_by": "id", "sort_order": "ascending", "created_after": "2026-03-01 00:00:00"}
    first, second = desk.v4("emailClick", "query", **asked).json["result"]["emailClick"]
    assert (first["prospect_id"], first["url"]) == (prospect, "https://acme.example/a")
    rest = desk.v4("emailClick", "query", **asked, id_greater_than=str(first["id"])).json["result"]
    assert rest["emailClick"]["id"] == second["id"]
