"""Answers have the shape of documented ones: the same keys, the same kinds of values, the status, the headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.dialects.salesforce.desk import Desk
from tests.dialects.salesforce.speaker import log_in
from tests.gateway.caller import Reply

FIXTURES = Path(__file__).parents[3] / "fixtures" / "vendors" / "salesforce"
SHAPES: dict[str, Any] = orjson.loads((FIXTURES / "documented-shapes.json").read_bytes())
DESCRIBED: dict[str, dict[str, str]] = orjson.loads((FIXTURES / "describe-keys.json").read_bytes())
KINDS: dict[str, type | tuple[type, ...]] = {
    "text": str, "boolean": bool, "integer": int, "number": (int, float), "list": list, "object": dict,
}  # fmt: skip
GOOD = {"LastName": "Test", "Company": "Acme"}
JOB = {"object": "Lead", "operation": "insert"}
SPAN = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}


def _check_shape(shape: Any, value: Any, at: str) -> None:
    """Compare a value with its documented shape, all the way down."""
    if shape is None:
        assert value is None, at
    elif isinstance(shape, str):
        if shape.endswith("?") and value is None:
            return
        shape = shape.removesuffix("?")
        kind = KINDS[shape]
        assert isinstance(value, kind), (at, shape, value)
        assert isinstance(value, bool) == (shape == "boolean"), (at, shape, value)
    elif isinstance(shape, dict):
        assert set(shape) == set(value), (at, sorted(set(shape) ^ set(value)))
        for name, inner in shape.items():
            _check_shape(inner, value[name], f"{at}.{name}")
    else:
        assert isinstance(value, list), at
        for place, one in enumerate(value):
            _check_shape(shape[min(place, len(shape) - 1)], one, f"{at}[{place}]")
        assert bool(shape) == bool(value), at


def _answers(desk: Desk) -> dict[str, Reply]:
    part = {"method": "POST", "url": "/services/data/v59.0/sobjects/Lead", "referenceId": "a", "body": GOOD}
    rows = [{"attributes": {"type": "Lead"}, **GOOD}, {"attributes": {"type": "Lead"}, "LastName": "x"}]
    gone = desk.lead()
    desk.send("DELETE", f"/sobjects/Lead/{gone}")
    made = desk.send("POST", "/jobs/ingest", JOB)
    lead = desk.lead()
    return {
        "token": log_in(desk.caller),
        "token refused": log_in(desk.caller, password="x"),
        "versions": desk.caller.get("/acme-crm/services/data/"),
        "create": desk.send("POST", "/sobjects/Lead", GOOD),
        "create refused": desk.send("POST", "/sobjects/Lead", {"LastName": "x"}),
        "update": desk.send("PATCH", f"/sobjects/Lead/{lead}", {"City": "x"}),
        "upsert": desk.send("PATCH", "/sobjects/Lead/Key__c/k", GOOD),
        "query": desk.send("GET", "/query", query={"q": "SELECT Id, Name FROM Lead"}),
        "updated": desk.send("GET", "/sobjects/Lead/updated", query=SPAN),
        "deleted": desk.send("GET", "/sobjects/Lead/deleted", query=SPAN),
        "composite": desk.send("POST", "/composite", {"compositeRequest": [part]}),
        "batch": desk.send("POST", "/composite/batch", {"batchRequests": [{"method": "GET", "url": "v59.0/limits"}]}),
        "collection": desk.send("POST", "/composite/sobjects", {"records": rows}),
        "ingest job": made,
        "ingest job info": desk.send("GET", f"/jobs/ingest/{made.json['id']}"),
        "query job": desk.send("POST", "/jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}),
        "record count": desk.send("GET", "/limits/recordCount", query={"sObjects": "Lead"}),
        "objects": desk.send("GET", "/sobjects"),
        **_refusals(desk), **_more_queries(desk), **_more_batches(desk), **_older_bulk(desk), **_who(desk),
    }  # fmt: skip


def _who(desk: Desk) -> dict[str, Reply]:
    userinfo = desk.session.get("/acme-crm/services/oauth2/userinfo")
    about = userinfo.json
    identity = desk.session.get(f"/acme-crm/id/{about['organization_id']}/{about['user_id']}")
    return {"userinfo": userinfo, "identity": identity, "limits": desk.send("GET", "/limits")}


def _refusals(desk: Desk) -> dict[str, Reply]:
    for _ in range(2):
        desk.lead(Loose__c="twice")
    desk.lead(Email="a@acme.example")
    expired = desk.caller.get("/acme-crm/services/data/v59.0/limits", headers={"authorization": "Bearer x"})
    return {
        "session refused": expired,
        "not found": desk.send("GET", "/sobjects/Lead/00Q5g0000000zzzEAA"),
        "method refused": desk.send("PUT", "/sobjects/Lead"),
        "delete": desk.send("DELETE", f"/sobjects/Lead/{desk.lead()}"),
        "several by external id": desk.send("GET", "/sobjects/Lead/Loose__c/twice"),
        "duplicate": desk.send("POST", "/sobjects/Lead", {**GOOD, "Email": "A@acme.example"}),
        "query refused": desk.send("GET", "/query", query={"q": "SELECT Nmae FROM Lead"}),
    }


def _more_queries(desk: Desk) -> dict[str, Reply]:
    for _ in range(2):
        desk.send("POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Lead"}, **GOOD}] * 150})
    account = desk.make("Account", Name="Acme")
    desk.make("Contact", LastName="Nord", AccountId=account)
    family = "SELECT Owner.Name, (SELECT LastName FROM Contacts) FROM Account"
    page = {"sforce-query-options": "batchSize=200"}
    return {
        "query in pages": desk.send("GET", "/query", query={"q": "SELECT Id FROM Lead"}, headers=page),
        "query grouped": desk.send("GET", "/query", query={"q": "SELECT Status, COUNT(Id) FROM Lead GROUP BY Status"}),
        "query with parents and children": desk.send("GET", "/query", query={"q": family}),
        "search": desk.send("GET", "/search", query={"q": "FIND {Nord} RETURNING Contact(Id)"}),
    }


def _more_batches(desk: Desk) -> dict[str, Reply]:
    lead = {"attributes": {"type": "Lead"}, **GOOD}
    bad = {"attributes": {"type": "Lead"}, "LastName": "x"}
    url = "/services/data/v59.0/sobjects/Lead"
    parts = [{"method": "POST", "url": url, "referenceId": name, "body": one} for name, one in (("a", GOOD), ("b", {}))]
    known = desk.lead()
    named = {"attributes": {"type": "Lead", "referenceId": "a"}}
    read = {"ids": f"{known},00Q5g0000000zzzEAA", "fields": "LastName"}
    graph = {"graphId": "1", "compositeRequest": parts[:1]}
    return {
        "collection rolled back": desk.send("POST", "/composite/sobjects", {"allOrNone": True, "records": [lead, bad]}),
        "collection upserted": desk.send(
            "PATCH", "/composite/sobjects/Lead/Key__c", {"records": [{**lead, "Key__c": "new"}]}
        ),
        "collection read": desk.send("GET", "/composite/sobjects/Lead", query=read),
        "composite rolled back": desk.send("POST", "/composite", {"allOrNone": True, "compositeRequest": parts}),
        "tree": desk.send("POST", "/composite/tree/Lead", {"records": [{**named, **GOOD}]}),
        "tree refused": desk.send("POST", "/composite/tree/Lead", {"records": [named]}),
        "graph": desk.send("POST", "/composite/graph", {"graphs": [graph]}),
        "ingest jobs": desk.send("GET", "/jobs/ingest"),
    }


def _older_bulk(desk: Desk) -> dict[str, Reply]:
    base = "/acme-crm/services/async/59.0/job"
    job = desk.session.post(base, {"operation": "insert", "object": "Lead", "contentType": "JSON"})
    batches = f"{base}/{job.json['id']}/batch"
    batch = desk.session.post(batches, [GOOD])
    return {
        "bulk 1 job": job,
        "bulk 1 batch": batch,
        "bulk 1 result": desk.session.get(f"{batches}/{batch.json['id']}/result"),
        "bulk 1 refused": desk.session.post(base, {"operation": "nothing", "object": "Lead", "contentType": "CSV"}),
    }


def test_every_documented_answer(desk: Desk) -> None:
    """Key by key."""
    answers = _answers(desk)
    assert set(answers) == set(SHAPES) - {"source"}
    for name, reply in answers.items():
        shape = SHAPES[name]
        assert reply.status == shape["status"], (name, reply.body)
        assert set(shape.get("headers", ())) <= set(reply.headers), name
        _check_shape(shape["body"], reply.json if reply.body else None, name)


def _check_keys(kind: str, value: dict[str, Any], but: frozenset[str] = frozenset()) -> None:
    keys = DESCRIBED[kind]
    assert set(keys) - but == set(value) - but, sorted(set(keys) ^ set(value))
    for name, expected in keys.items():
        if name in but or expected == "null" or value[name] is None:
            continue
        _check_shape(expected, value[name], f"{kind}.{name}")


@pytest.mark.parametrize("object", ["Lead", "Contact", "Account", "Opportunity", "Campaign", "CampaignMember", "User"])
def test_describe_has_every_key(desk: Desk, object: str) -> None:
    """A describe has the keys, and the kinds of values, that real orgs answer."""
    described = desk.send("GET", f"/sobjects/{object}/describe").json
    _check_keys("sobject", described)
    for field in described["fields"]:
        _check_keys("field", field, frozenset({"defaultValue"}))
        for choice in field["picklistValues"]:
            _check_keys("picklistValue", choice)
    for child in described["childRelationships"]:
        _check_keys("childRelationship", child)
    for info in described["recordTypeInfos"]:
        _check_keys("recordTypeInfo", info)
