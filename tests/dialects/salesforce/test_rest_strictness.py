"""No lax success over REST: what Salesforce refuses is refused in its words, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import pytest

from tests.dialects.salesforce.desk import Desk

GOOD = {"LastName": "Test", "Company": "Acme"}
LEAD = {"attributes": {"type": "Lead"}, **GOOD}
GOOD_BODY = orjson.dumps(GOOD)
JSON = {"content-type": "application/json"}
ANOTHER = {"attributes": {"type": "Contact"}, **GOOD}
TWICE = b'{"LastName":"A","LastName":"B","Company":"x"}'


class Wrong(NamedTuple):
    """A wrong request; `{lead}` in its path is a lead's id. `json` or `body` is sent."""

    method: str
    path: str
    status: int
    code: str
    json: Any = None
    body: bytes = b""
    headers: Mapping[str, str] = MappingProxyType({})
    query: Mapping[str, str] = MappingProxyType({})


def _said(kind: str, body: bytes = GOOD_BODY) -> dict[str, Any]:
    return {"body": body, "headers": {"content-type": kind}}


KIND = "application/json"
SOBJECTS, ROWS = "/sobjects/Lead", "/composite/sobjects"
CASES: dict[str, Wrong] = {
    "text": Wrong("POST", SOBJECTS, 415, "UNSUPPORTED_MEDIA_TYPE", **_said("text/plain")),
    "text in a charset": Wrong("POST", SOBJECTS, 415, "UNSUPPORTED_MEDIA_TYPE", **_said("Text/Plain; charset=utf-8")),
    "a form, as curl -d says": Wrong(
        "POST", SOBJECTS, 415, "UNSUPPORTED_MEDIA_TYPE", **_said("application/x-www-form-urlencoded")
    ),
    "text in an update": Wrong("PATCH", f"{SOBJECTS}/{{lead}}", 415, "UNSUPPORTED_MEDIA_TYPE", **_said("text/plain")),
    "text in a collection": Wrong("POST", ROWS, 415, "UNSUPPORTED_MEDIA_TYPE", **_said("text/plain")),
    "text in a composite": Wrong("POST", "/composite", 415, "UNSUPPORTED_MEDIA_TYPE", **_said("text/plain")),
    "text about a job": Wrong("POST", "/jobs/ingest", 415, "UNSUPPORTED_MEDIA_TYPE", **_said("text/csv")),
    "XML": Wrong("POST", SOBJECTS, 501, "NOT_SIMULATED", **_said("application/xml", b"<Lead/>")),
    **{
        f"charset {name!r}": Wrong("POST", SOBJECTS, 415, "UNSUPPORTED_MEDIA_TYPE", **_said(f"{KIND}; charset={name}"))
        for name in ("zork", "undefined", "a\0b", "unicode_escape")
    },
    "not in its charset": Wrong("POST", SOBJECTS, 400, "JSON_PARSER_ERROR", **_said(f"{KIND}; charset=utf-16", b"{")),
    "several parts": Wrong("POST", SOBJECTS, 501, "NOT_SIMULATED", **_said("multipart/form-data; boundary=x")),
    "a key twice": Wrong("POST", SOBJECTS, 400, "INVALID_FIELD", body=TWICE, headers=JSON),
    "a key twice in an update": Wrong("PATCH", f"{SOBJECTS}/{{lead}}", 400, "INVALID_FIELD", body=TWICE, headers=JSON),
    "a key twice in an upsert": Wrong("PATCH", f"{SOBJECTS}/Key__c/k", 400, "INVALID_FIELD", body=TWICE, headers=JSON),
    "a key twice in a row": Wrong(
        "POST", ROWS, 400, "INVALID_FIELD", headers=JSON,
        body=b'{"records":[{"attributes":{"type":"Lead"},"LastName":"A","LastName":"B","Company":"x"}]}',
    ),
    "a key twice in a part": Wrong(
        "POST", "/composite", 400, "INVALID_FIELD", headers=JSON,
        body=b'{"compositeRequest":[{"method":"POST","url":"/services/data/v59.0/sobjects/Lead","referenceId":"a",'
        b'"body":{"LastName":"A","LastName":"B","Company":"x"}}]}',
    ),
    "a key twice in two cases": Wrong("POST", SOBJECTS, 400, "INVALID_FIELD", {**GOOD, "lastname": "B"}),
    "no number of JSON": Wrong(
        "POST", SOBJECTS, 400, "JSON_PARSER_ERROR", headers=JSON, body=b'{"LastName":"A","Company":"x","Score__c":NaN}'
    ),
    "of another object": Wrong("POST", SOBJECTS, 400, "INVALID_TYPE", ANOTHER),
    "of another object, updated": Wrong("PATCH", f"{SOBJECTS}/{{lead}}", 400, "INVALID_TYPE", ANOTHER),
    "of another object, upserted": Wrong("PATCH", f"{SOBJECTS}/Key__c/k", 400, "INVALID_TYPE", ANOTHER),
    "attributes that are none": Wrong("POST", SOBJECTS, 400, "JSON_PARSER_ERROR", {**GOOD, "attributes": "Lead"}),
    "a type that is no name": Wrong("POST", SOBJECTS, 400, "INVALID_TYPE", {**GOOD, "attributes": {"type": 1}}),
    "no rule": Wrong("POST", SOBJECTS, 400, "MALFORMED_ID", GOOD, headers={"sforce-auto-assign": "zork"}),
    "no rule, said empty": Wrong("POST", SOBJECTS, 400, "MALFORMED_ID", GOOD, headers={"sforce-auto-assign": ""}),
    "nobody's rule": Wrong(
        "POST", SOBJECTS, 400, "INVALID_ASSIGNMENT_RULE", GOOD, headers={"sforce-auto-assign": "01Q5g0000000zzz"}
    ),
    "a rule that is a lead": Wrong(
        "PATCH", f"{SOBJECTS}/{{lead}}", 400, "INVALID_ASSIGNMENT_RULE", {"City": "x"},
        headers={"sforce-auto-assign": "00Q5g0000000zzz"},
    ),
    **{
        f"duplicates: {said}": Wrong(
            "POST", path, 400, "INVALID_ARGUMENT_TYPE", json, headers={"sforce-duplicate-rule-header": said}
        )
        for path, json in ((SOBJECTS, GOOD), (ROWS, {"records": [LEAD]}))
        for said in ("allowSave=zork", "allowSave", "save=true", ",")
    },
    "no rule in a collection": Wrong(
        "POST", ROWS, 400, "MALFORMED_ID", {"records": [LEAD]}, headers={"sforce-auto-assign": "yes"}
    ),
    "neither true nor false": Wrong("POST", ROWS, 400, "JSON_PARSER_ERROR", {"allOrNone": "yes", "records": [LEAD]}),
    "neither true nor false in a query": Wrong(
        "DELETE", ROWS, 400, "JSON_PARSER_ERROR", query={"ids": "{lead}", "allOrNone": "yes"}
    ),
    "an unknown key of a collection": Wrong("POST", ROWS, 400, "JSON_PARSER_ERROR", {"recrods": [], "records": [LEAD]}),
    "records that are none": Wrong("POST", ROWS, 400, "JSON_PARSER_ERROR", {"records": LEAD}),
    "a list for a record": Wrong("POST", SOBJECTS, 400, "JSON_PARSER_ERROR", [GOOD]),
    "nothing": Wrong("POST", SOBJECTS, 400, "JSON_PARSER_ERROR"),
    "no object": Wrong("POST", "/sobjects/Nope", 404, "NOT_FOUND", GOOD),
    "no page size": Wrong(
        "GET", "/query", 400, "INVALID_BATCH_SIZE", query={"q": "SELECT Id FROM Lead"},
        headers={"sforce-query-options": "batchSize=many"},
    ),
    "no query": Wrong("GET", "/query", 400, "MALFORMED_QUERY", query={"query": "SELECT Id FROM Lead"}),
    "no start": Wrong("GET", f"{SOBJECTS}/updated", 400, "MISSING_ARGUMENT", query={"end": "2026-03-02T10:00:00Z"}),
    "a field that is none": Wrong("GET", f"{SOBJECTS}/{{lead}}", 400, "INVALID_FIELD", query={"fields": "Id,Nope"}),
    "a method that is none": Wrong("POST", f"{SOBJECTS}/{{lead}}", 405, "METHOD_NOT_ALLOWED", {"City": "x"}),
    "a method in the query that is none": Wrong(
        "POST", f"{SOBJECTS}/{{lead}}", 405, "METHOD_NOT_ALLOWED", {"City": "x"}, query={"_HttpMethod": "ZORK"}
    ),
    "an id that is not the object's": Wrong(
        "PATCH", "/sobjects/Contact/{lead}", 400, "INVALID_CROSS_REFERENCE_KEY", {"Title": "x"}
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def org() -> tuple[Desk, str]:
    """One org for all: nothing of what is refused changes it. And a lead of it."""
    desk = Desk()
    return desk, desk.lead(City="Oslo")


@pytest.mark.parametrize("wrong", CASES.values(), ids=CASES.keys())
def test_a_wrong_request_writes_nothing(org: tuple[Desk, str], wrong: Wrong) -> None:
    """Status and code are the vendor's, the text is not empty, and all leads are as they were."""
    desk, lead = org
    query = {name: value.replace("{lead}", lead) for name, value in wrong.query.items()}
    path = wrong.path.replace("{lead}", lead)
    reply = desk.send(wrong.method, path, wrong.json, body=wrong.body, headers=wrong.headers, query=query)
    assert reply.status == wrong.status, reply.body
    [error] = reply.json
    assert (error["errorCode"], bool(error["message"])) == (wrong.code, True)
    assert desk.rows("SELECT Id, LastName, City FROM Lead") == [{"Id": lead, "LastName": "Test", "City": "Oslo"}]


def test_what_is_right_beside_it(desk: Desk) -> None:
    """JSON in any spelling of its name, the right type in any case, the org's own rule, and POST for PATCH."""
    [rule] = desk.values("SELECT Id FROM AssignmentRule")
    owner = "SELECT Owner.Username FROM Lead WHERE Id = '{}'"
    body = orjson.dumps({"attributes": {"type": "lead"}, **GOOD, "Country": "NO"})
    said = {"content-type": "Application/JSON; charset=UTF-8", "sforce-auto-assign": rule}
    lead = desk.send("POST", SOBJECTS, body=body, headers=said).json["id"]
    assert desk.query(owner.format(lead))["records"][0]["Owner"]["Username"] == "kari.c"
    mine = {"OwnerId": desk.values("SELECT Id FROM User WHERE Username = 'sync'")[0]}
    quiet = {"sforce-auto-assign": "FALSE"}
    assert desk.send("PATCH", f"{SOBJECTS}/{lead}", mine, headers=quiet).status == 204
    # A rule that is named is for what is created only.
    assert desk.send("PATCH", f"{SOBJECTS}/{lead}", {"City": "x"}, headers={"sforce-auto-assign": rule}).status == 204
    assert desk.query(owner.format(lead))["records"][0]["Owner"]["Username"] == "sync"
    by_post = desk.send("POST", f"{SOBJECTS}/{lead}", {"City": "Bodo"}, query={"_HttpMethod": "patch"})
    assert (by_post.status, desk.values("SELECT City FROM Lead")) == (204, ["Bodo"])
    assert desk.send("GET", "/query", query={"q": "SELECT Id FROM Lead", "zork": "1"}).status == 200


@pytest.mark.parametrize("charset", ["ISO-8859-1", "utf-16", "windows-1252", "UTF-8", '"utf-8"'])
def test_a_body_says_its_charset(desk: Desk, charset: str) -> None:
    """It is read as such."""
    body = '{"LastName":"Sørli","Company":"Acme","Score__c":7}'.encode(charset.strip('"'))
    reply = desk.send("POST", SOBJECTS, body=body, headers={"content-type": f"{KIND}; charset={charset}"})
    assert reply.status == 201, reply.body
    assert desk.values("SELECT LastName FROM Lead") == ["Sørli"]
