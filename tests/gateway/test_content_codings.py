"""A body in a content coding (RFC 9110, 8.4.1) is read where the vendor reads it, refused where not, never ignored."""

from __future__ import annotations

import gzip
import zlib
from typing import Any

import orjson
import pytest

from tests.dialects.pardot.desk import V5
from tests.dialects.pardot.desk import Desk as PardotDesk
from tests.dialects.salesforce.desk import DATA, Desk
from tests.gateway.caller import CRM, basic, build

LEAD = orjson.dumps({"LastName": "Test", "Company": "Acme"})
LEADS = f"{DATA}/sobjects/Lead"
ASYNC = "/acme-crm/services/async/59.0/job"
AS_JSON, AS_CSV = {"content-type": "application/json"}, {"content-type": "text/csv"}
SOAP_LOGIN = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><s:Body>'
    b"<login><username>sync</username><password>leadproof-sync</password></login></s:Body></s:Envelope>"
)
PACKED = {"gzip": gzip.compress, "x-gzip": gzip.compress, "GZIP": gzip.compress, "deflate": zlib.compress}


@pytest.fixture(scope="module")
def desk() -> Desk:
    """One org for all."""
    return Desk()


def _last(desk: Desk) -> dict[str, Any]:
    return [fact for fact in desk.sandbox.world.journal.facts() if fact["kind"] == "exchange"][-1]


@pytest.mark.parametrize("coding", PACKED)
def test_a_packed_body_is_read_and_journalled_as_it_can_be_read(coding: str) -> None:
    """The record is made; the journal has the plain body, so no coding, and the same digest as of a plain call."""
    desk, plain = Desk(), Desk()
    reply = desk.session.post(LEADS, body=PACKED[coding](LEAD), headers={**AS_JSON, "content-encoding": coding})
    assert reply.status == 201, reply.body
    assert desk.rows("SELECT LastName FROM Lead") == [{"LastName": "Test"}]
    plain.session.post(LEADS, body=LEAD, headers=AS_JSON)
    plain.rows("SELECT LastName FROM Lead")
    assert desk.sandbox.world.journal.digest() == plain.sandbox.world.journal.digest()


def test_every_kind_of_salesforces_bodies_may_be_packed() -> None:
    """A SOAP login (whose secret is in no journal), a file of Bulk 2.0, a batch of Bulk 1.0."""
    desk, packed = Desk(), {"content-encoding": "gzip"}
    xml = {"content-type": "text/xml", "soapaction": '""', **packed}
    login = desk.caller.post("/acme-crm/services/Soap/u/59.0", body=gzip.compress(SOAP_LOGIN), headers=xml)
    assert (login.status, b"<sessionId>" in login.body) == (200, True)
    assert "leadproof-sync" not in _last(desk)["request_body"]
    rows = gzip.compress(b"LastName,Company\nA,Acme\n")
    two = desk.send("POST", "/jobs/ingest", {"operation": "insert", "object": "Lead"}).json["id"]
    assert desk.send("PUT", f"/jobs/ingest/{two}/batches", body=rows, headers={**AS_CSV, **packed}).status == 201
    assert desk.send("PATCH", f"/jobs/ingest/{two}", {"state": "UploadComplete"}).status == 200
    about = {"operation": "insert", "object": "Lead", "contentType": "CSV"}
    one = desk.session.post(ASYNC, about).json["id"]
    assert desk.session.post(f"{ASYNC}/{one}/batch", body=rows, headers={**AS_CSV, **packed}).status == 201
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


@pytest.mark.parametrize(
    ("coding", "body", "status", "code"),
    [
        ("gzip", LEAD, 400, "JSON_PARSER_ERROR"),
        ("deflate", LEAD, 400, "JSON_PARSER_ERROR"),
        ("deflate", gzip.compress(LEAD), 400, "JSON_PARSER_ERROR"),
        ("gzip", gzip.compress(LEAD)[:-6], 400, "JSON_PARSER_ERROR"),
        ("gzip", gzip.compress(LEAD) + b"more", 400, "JSON_PARSER_ERROR"),
        ("gzip", gzip.compress(b" " * (17 * 1024 * 1024)), 413, "EXCEEDED_MAX_SIZE_REQUEST"),
        ("br", LEAD, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("gzip, gzip", gzip.compress(gzip.compress(LEAD)), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
    ids=["a lie", "a deflate lie", "another coding", "cut off", "and more", "a bomb", "unread", "twice"],
)
def test_what_is_not_what_it_says_is_refused(desk: Desk, coding: str, body: bytes, status: int, code: str) -> None:
    """Nothing is written, and nothing that nobody could read is recorded."""
    reply = desk.session.post(LEADS, body=body, headers={**AS_JSON, "content-encoding": coding})
    assert (reply.status, reply.json[0]["errorCode"]) == (status, code)
    assert (_last(desk)["request_body"], _last(desk)["request_headers"]["content-encoding"]) == ("", coding)
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_each_endpoint_refuses_in_its_own_form(desk: Desk) -> None:
    """Bulk 1.0 in XML, SOAP as a fault, the sign-in as OAuth has it."""
    lie = {"content-encoding": "gzip"}
    bulk = desk.session.post(ASYNC, body=b"{}", headers={**AS_JSON, **lie})
    assert (bulk.status, b"<exceptionCode>ClientInputError<" in bulk.body) == (400, True)
    soap = desk.caller.post(
        "/acme-crm/services/Soap/u/59.0",
        body=SOAP_LOGIN,
        headers={"content-type": "text/xml", "soapaction": "x", **lie},
    )
    assert (soap.status, b"<faultcode>soapenv:Client<" in soap.body) == (500, True)
    form = {"content-type": "application/x-www-form-urlencoded", **lie}
    token = desk.caller.post("/acme-crm/services/oauth2/token", body=b"grant_type=password", headers=form)
    assert (token.status, token.json["error"]) == (400, "invalid_request")


def test_where_no_coding_is_read() -> None:
    """The native API and Pardot refuse even what could be decoded; a body that says it is plain is plain."""
    _, caller = build()
    body = orjson.dumps({"values": {"LastName": "A", "Company": "B"}})
    for coding, sent in (("gzip", gzip.compress(body)), ("gzip", body), ("br", body)):
        headers = {**basic(), **AS_JSON, "content-encoding": coding}
        reply = caller.post(f"{CRM}/records/Lead", body=sent, headers=headers)
        assert (reply.status, reply.error["code"]) == (415, "REF744")
    headers = {**basic(), **AS_JSON, "content-encoding": "identity"}
    assert caller.post(f"{CRM}/records/Lead", body=body, headers=headers).status == 201
    pardot = PardotDesk()
    sent = gzip.compress(orjson.dumps({"email": "a@x.example"}))
    reply = pardot.session.post(f"{V5}/objects/prospects", body=sent, headers={**AS_JSON, "content-encoding": "gzip"})
    assert (reply.status, reply.json["code"]) == (400, 151)
