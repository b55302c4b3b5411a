"""Hypothesis over every operation of the dialect: whatever is asked is answered as the vendor documents it.

No 5xx but the documented one (501 names what is not simulated), every refusal in its endpoint's own form, and no lax
success: what was accepted is what is read back.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadsim.dialects.salesforce.routing import Route
from leadsim.dialects.salesforce.table import DATA, OUTSIDE
from tests.dialects.salesforce.desk import DATA as BASE
from tests.dialects.salesforce.desk import Desk
from tests.dialects.salesforce.test_coverage import CALLS
from tests.gateway.caller import Reply

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large]
SHORT = settings(
    max_examples=15, deadline=None, suppress_health_check=QUIET, phases=[Phase.generate], database=None,
    derandomize=True,
)  # fmt: skip
LONG = settings(max_examples=60, deadline=None, suppress_health_check=QUIET, database=None)
ROUTES = {route.name: (route, f"{BASE}{route.path.rstrip('/')}") for route in DATA}
ROUTES |= {route.name: (route, f"/acme-crm{route.path}") for route in OUTSIDE}

NAMES = ("Lead", "lead", "Contact", "Account", "Campaign", "CampaignMember", "LeadHistory", "User", "Group", "Nope", "")
FIELDS = ("Id", "Key__c", "key__c", "Loose__c", "Email", "LastName", "OwnerId", "Score__c", "Nope__c", "Address", "")
ODD = (
    "",
    "null",
    "0",
    "-1",
    "x",
    "{}",
    "[]",
    "00Q5g0000000001AAA",
    "' OR 1=1 --",
    "\u0000",
    "\U0001f600",
    "%2F",
    "a" * 300,
)
PARAMETERS = ("q", "explain", "ids", "fields", "start", "end", "allOrNone", "sObjects", "locator", "maxRecords",
              "token", "isPkChunkingEnabled", "jobType", "x")  # fmt: skip
WORDS = ("records", "attributes", "type", "referenceId", "compositeRequest", "batchRequests", "graphs", "graphId",
         "method", "url", "body", "allOrNone", "operation", "object", "query", "state", "contentType", "lineEnding",
         "LastName", "Company", "Id", "Key__c", "Score__c", "columnDelimiter", "externalIdFieldName", "ids", "fields",
         "haltOnError", "richInput", "httpHeaders", "Metadata", "FullName", "label")  # fmt: skip
HEADERS = st.dictionaries(
    st.sampled_from(["sforce-query-options", "sforce-auto-assign", "sforce-duplicate-rule-header", "accept",
                     "content-type", "if-match", "if-modified-since", "sforce-enable-pkchunking"]),
    st.sampled_from(["batchSize=1", "batchSize=x", "FALSE", "TRUE", "01Q5g0000000001AAA", "allowSave=true", "text/csv",
                     "application/xml", "application/json", "x", ""]),
    max_size=3,
)  # fmt: skip
SPAN = st.sampled_from(["2026-03-02T00:00:00Z", "2026-03-03T00:00:00+00:00", "2099-01-01T00:00:00Z", "now"])
SOQL = st.sampled_from(["SELECT Id FROM Lead", "SELECT COUNT() FROM Lead", "SELECT Nope FROM Lead", "SELECT", ";"])
LEAF = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8), st.sampled_from(ODD), st.sampled_from(NAMES), st.sampled_from(FIELDS), SOQL,
    st.sampled_from(["insert", "update", "upsert", "delete", "query", "Aborted", "Closed", "UploadComplete", "POST",
                     "CSV", "JSON", f"{BASE[9:]}/sobjects/Lead", "v59.0/limits", "@{a.id}", "@{a"]),
)  # fmt: skip
TREES = st.recursive(
    LEAF,
    lambda below: st.one_of(
        st.lists(below, max_size=3), st.dictionaries(st.sampled_from(WORDS), below, max_size=4),
        st.dictionaries(st.text(max_size=5), below, max_size=2),
    ),
    max_leaves=12,
)  # fmt: skip


@cache
def _desk() -> Desk:
    """One org for all: most requests change nothing, and none may depend on what others left."""
    desk = Desk(logins=[{"actor": "connector", "user": "sync", "expires_seconds": 10**8}])
    desk.lead(Key__c="k", Email="k@acme.example")
    return desk


@st.composite
def _changed(draw: st.DrawFn, content: Any) -> Any:
    """A good body with one thing in it replaced, left out, or added."""
    if isinstance(content, dict) and content:
        name = draw(st.sampled_from([*sorted(content), "x"]))
        how = draw(st.sampled_from(["inside", "replace", "drop"]))
        if how == "drop":
            return {key: value for key, value in content.items() if key != name}
        inside = content.get(name) if how == "inside" else None
        return {**content, name: draw(_changed(inside)) if inside is not None else draw(TREES)}
    if isinstance(content, list) and content:
        return [draw(_changed(content[0])), *content[1:]]
    return draw(TREES)


@st.composite
def _requests(draw: st.DrawFn, route: Route, path: str) -> dict[str, Any]:
    """A request to an operation: with a good body changed a little, with any JSON, or with any bytes."""
    pools: dict[str, Any] = {
        "object": st.sampled_from(NAMES), "field": st.sampled_from(FIELDS), "version": st.sampled_from(["59.0", "x"]),
    }  # fmt: skip
    for name in re.findall(r"\{(\w+)\}", path):
        text = draw(pools.get(name, st.one_of(st.sampled_from(ODD), st.text(max_size=20))))
        path = path.replace(f"{{{name}}}", text.replace("/", "").replace("?", "") or "x")
    good = CALLS.get(route.name, {})
    values = st.one_of(st.sampled_from(ODD), SOQL, SPAN, st.sampled_from(NAMES), st.text(max_size=10))
    query = draw(st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=3))
    if draw(st.booleans()):
        query = {**good.get("query", {}), **query}
    request: dict[str, Any] = {"method": route.method, "path": path, "query": query, "headers": draw(HEADERS)}
    if route.method in ("GET", "DELETE"):
        return request
    kind = draw(st.sampled_from(["changed", "changed", "tree", "bytes"]))
    if kind == "changed" and "json" in good:
        request["body"] = _dumps(draw(_changed(good["json"])))
    elif kind == "changed" and "body" in good:
        request["body"] = good["body"][: draw(st.integers(0, len(good["body"])))]
    elif kind == "tree":
        request["body"] = _dumps(draw(TREES))
    else:
        request["body"] = draw(st.binary(max_size=40))
    return request


def _dumps(content: Any) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError:  # a whole number that no 64 bits hold
        import json

        return json.dumps(content).encode()


def check_answer(reply: Reply, path: str) -> None:
    """What holds of every answer."""
    kind = reply.headers.get("content-type", "")
    assert reply.status < 500 or reply.status == 501 or "/Soap/" in path, (reply.status, reply.body[:300])
    if reply.status == 501:
        assert b"not simulated" in reply.body
    if reply.body and kind.startswith("application/json"):
        assert reply.json is not None
    if reply.status < 400 or not reply.body:
        return
    if reply.body == b"Bad_OAuth_Token":
        assert reply.status == 403
    elif "/services/oauth2/" in path and "/userinfo" not in path:
        assert set(reply.json) == {"error", "error_description"}
    elif "/services/async/" in path and kind.startswith("application/json") and isinstance(reply.json, dict):
        assert set(reply.json) == {"exceptionCode", "exceptionMessage"}
    elif kind.startswith("application/json") and "/tree/" not in path:
        assert all(one["errorCode"] and one["message"] for one in reply.json)
    elif "/Soap/" in path:
        assert b"<faultcode>" in reply.body
        assert b"<faultstring>" in reply.body
    elif "/tree/" not in path:
        assert b"<exceptionCode>" in reply.body


def _prove(name: str, how: settings) -> None:
    route, path = ROUTES[name]

    @how
    @given(request=_requests(route, path))
    def run(request: dict[str, Any]) -> None:
        desk = _desk()
        if name.startswith("revoke") or name == "soap":
            desk = Desk()
        headers = {key: value for key, value in request["headers"].items() if value}
        reply = desk.session.send(
            request["method"], request["path"], query=request["query"], body=request.get("body", b""), headers=headers
        )
        check_answer(reply, request["path"])

    run()


@pytest.mark.parametrize("name", ROUTES)
def test_any_request_has_a_documented_answer(name: str) -> None:
    """A few requests to each operation."""
    _prove(name, SHORT)


@pytest.mark.slow
@pytest.mark.parametrize("name", ROUTES)
def test_any_request_has_a_documented_answer_at_length(name: str) -> None:
    """Many."""
    _prove(name, LONG)


# --- no lax success ---------------------------------------------------------------------------------------------


@cache
def _fields() -> dict[str, Any]:
    described = _desk().send("GET", "/sobjects/Lead/describe").json["fields"]
    return {one["name"].lower(): one for one in described}


GIVEN = st.dictionaries(
    st.one_of(st.sampled_from(sorted(_fields())), st.sampled_from(["Nope", "Nope__c", "owner.name", ""])),
    st.one_of(
        LEAF, st.sampled_from(["NO", "12", "12.5", "true", "2026-03-02", "2026-03-02T09:00:00Z", "a@b.example",
                               "A;B", "C", "Gold", "Warm", "+47 22 33 44 55", "www.acme.example"]),
        st.lists(st.text(max_size=3), max_size=2),
    ),
    max_size=3,
)  # fmt: skip


@settings(LONG, max_examples=400, derandomize=True, phases=[Phase.generate])
@given(values=GIVEN)
def test_what_is_accepted_is_read_back(values: dict[str, Any]) -> None:
    """A record is made only of fields that exist and may be written, and holds what was sent, by the field's type."""
    desk = _desk()
    body = {"LastName": "Test", "Company": "Acme", **values}
    headers = {
        "sforce-duplicate-rule-header": "allowSave=true", "sforce-auto-assign": "false",
        "content-type": "application/json",
    }  # fmt: skip
    reply = desk.send("POST", "/sobjects/Lead", body=_dumps(body), headers=headers)
    check_answer(reply, BASE)
    if reply.status != 201:
        return
    id = reply.json["id"]
    record = {name.lower(): value for name, value in desk.send("GET", f"/sobjects/Lead/{id}").json.items()}
    for name, sent in values.items():
        if name.lower() in ("id", "attributes"):
            continue
        field = _fields().get(name.lower())
        assert field is not None, f"{name} is no field"
        assert field["createable"], f"{name} may not be written"
        assert _same(field, sent, record[name.lower()]), (name, field["type"], sent, record[name.lower()])
    desk.send("DELETE", f"/sobjects/Lead/{id}")


def _same(field: dict[str, Any], sent: Any, held: Any) -> bool:
    """Whether a value is what was sent, as its type shows it."""
    if sent is None or (isinstance(sent, str) and not sent.strip()):
        return held is None or field["defaultedOnCreate"] or held is False
    type = field["type"]
    if type == "boolean":
        return held is (str(sent).strip().lower() in ("true", "1"))
    if type in ("double", "currency", "percent", "int"):
        return abs(Decimal(str(held)) - Decimal(str(sent).strip())) <= Decimal(1).scaleb(-field["scale"])
    if type == "reference":
        return str(held)[:15].lower() == str(sent).strip()[:15].lower()
    if type == "multipicklist":
        return set(str(held).split(";")) == {part.strip() for part in str(sent).split(";") if part.strip()}
    if type in ("date", "datetime"):
        return str(held)[:10] == str(sent).strip()[:10]
    if type == "email":
        return str(held).lower() == str(sent).strip().lower()
    return "".join(str(held).split()) == "".join(str(sent).split())
