"""The coverage table is honest: every row that works is called and answers, every refused one is called and refuses."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.dialects.salesforce.bulk2 import FILTERS
from leadsim.dialects.salesforce.coverage import REFUSED_PARTS, coverage
from leadsim.dialects.salesforce.table import DATA, OUTSIDE, REFUSED, REFUSED_OUTSIDE
from tests.dialects.salesforce.desk import DATA as BASE
from tests.dialects.salesforce.desk import Desk
from tests.gateway.caller import Reply

CSV = {"content-type": "text/csv"}
SPAN = {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}
GOOD = {"LastName": "Test", "Company": "Acme"}
LEAD = {"attributes": {"type": "Lead"}, **GOOD}


class Known:
    """Things that calls are about."""

    def __init__(self) -> None:
        desk = self.desk = Desk()
        self.lead = desk.lead(Key__c="k")
        self.other = desk.lead()
        self.ingest = self._ingest(b"LastName,Company\nA,B\n", close=True)
        self.opened = self._ingest(b"")
        self.query = desk.send("POST", "/jobs/query", {"operation": "query", "query": "SELECT Id FROM Lead"}).json["id"]
        about = desk.session.get("/acme-crm/services/oauth2/userinfo").json
        self.org, self.user = about["organization_id"], about["user_id"]
        job = {"operation": "insert", "object": "Lead", "contentType": "JSON"}
        self.bulk = desk.session.post("/acme-crm/services/async/59.0/job", job).json["id"]
        rows = desk.session.post(f"/acme-crm/services/async/59.0/job/{self.bulk}/batch", [GOOD])
        self.batch = rows.json["id"]
        self.asking, self.asked, self.found = self._bulk_query()

    def _bulk_query(self) -> tuple[str, str, str]:
        """A query job of Bulk 1.0, its batch, and the batch's result."""
        session, base = self.desk.session, "/acme-crm/services/async/59.0/job"
        job = session.post(base, {"operation": "query", "object": "Lead", "contentType": "JSON"}).json["id"]
        asked = b"SELECT Id FROM Lead"
        batch = session.post(f"{base}/{job}/batch", body=asked, headers={"content-type": "application/json"}).json["id"]
        return job, batch, session.get(f"{base}/{job}/batch/{batch}/result").json[0]

    def page(self) -> str:
        """The locator of a second page."""
        for _ in range(2):
            self.desk.send("POST", "/composite/sobjects", {"records": [LEAD] * 150})
        paged = self.desk.query("SELECT Id FROM Lead", headers={"Sforce-Query-Options": "batchSize=200"})
        locator: str = paged["nextRecordsUrl"].rpartition("/")[2]
        return locator

    def _ingest(self, data: bytes, *, close: bool = False) -> str:
        desk = self.desk
        id: str = desk.send("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json["id"]
        if data:
            desk.send("PUT", f"/jobs/ingest/{id}/batches", body=data, headers=CSV)
        if close:
            desk.send("PATCH", f"/jobs/ingest/{id}", {"state": "UploadComplete"})
        return id


SOAP = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<login xmlns="urn:partner.soap.sforce.com">'
    b"<username>sync</username><password>leadproof-sync</password></login></s:Body></s:Envelope>"
)
AS_XML = {"content-type": "text/xml", "soapaction": '""'}
FORM = {"content-type": "application/x-www-form-urlencoded"}
APP = b"grant_type=client_credentials&client_id=sync&client_secret=leadproof-sync"
PART = {"method": "GET", "url": "/services/data/v59.0/limits", "referenceId": "a"}
# Operation -> what a good call of it has: path values are taken from Known by name.
CALLS: dict[str, dict[str, Any]] = {
    "createRecord": {"json": GOOD}, "updateRecord": {"json": {"City": "x"}}, "upsertByKey": {"json": GOOD},
    "listUpdated": {"query": SPAN}, "listDeleted": {"query": SPAN},
    "query": {"query": {"q": "SELECT Id FROM Lead"}}, "queryAll": {"query": {"q": "SELECT Id FROM Lead"}},
    "composite": {"json": {"compositeRequest": [PART]}},
    "compositeBatch": {"json": {"batchRequests": [{"method": "GET", "url": "v59.0/limits"}]}},
    "compositeGraph": {"json": {"graphs": [{"graphId": "1", "compositeRequest": [PART]}]}},
    "createTree": {"json": {"records": [{"attributes": {"type": "Lead", "referenceId": "a"}, **GOOD}]}},
    "search": {"query": {"q": "FIND {Test} RETURNING Lead(Id)"}},
    "parameterizedSearch": {"query": {"q": "Test", "sobject": "Lead"}},
    "parameterizedSearchByPost": {"json": {"q": "Test", "sobjects": [{"name": "Lead"}]}},
    "createCollection": {"json": {"records": [LEAD]}},
    "updateCollection": {"json": {"records": [{"attributes": {"type": "Lead"}, "Id": "{lead}", "City": "x"}]}},
    "deleteCollection": {"query": {"ids": "{lead}"}},
    "readCollection": {"query": {"ids": "{lead}", "fields": "City"}},
    "readCollectionLong": {"json": {"ids": ["{lead}"], "fields": ["City"]}},
    "upsertCollection": {"json": {"records": [{**LEAD, "Key__c": "n"}]}},
    "createIngestJob": {"json": {"object": "Lead", "operation": "insert"}},
    "changeIngestJob": {"json": {"state": "Aborted"}, "job": "opened"},
    "uploadIngestData": {"body": b"LastName,Company\nA,B\n", "headers": CSV, "job": "opened"},
    "createQueryJob": {"json": {"operation": "query", "query": "SELECT Id FROM Lead"}},
    "token": {"body": APP, "headers": FORM}, "revoke": {"body": b"token={token}", "headers": FORM},
    "revokeByGet": {"query": {"token": "{token}"}},
    "soap": {"body": SOAP, "headers": AS_XML}, "soapOfOrg": {"body": SOAP, "headers": AS_XML},
    "createCustomField": {"json": {"FullName": "Lead.Fresh__c", "Metadata": {"label": "Fresh", "type": "Date"}}},
    "createBulk1Job": {"json": {"operation": "insert", "object": "Lead", "contentType": "CSV"}},
    "changeBulk1Job": {"json": {"state": "Closed"}}, "addBulk1Batch": {"json": [GOOD]},
}  # fmt: skip
# A query job is done as soon as it is made, so there is nothing left to abort: a documented refusal is its answer.
NEVER_FINE = {"changeQueryJob": {"json": {"state": "Aborted"}}}


def _call(known: Known, name: str, method: str, path: str) -> Reply:
    call = dict({**CALLS, **NEVER_FINE}.get(name, {}))
    jobs = {"ingest": known.ingest, "opened": known.opened}
    job = jobs[call.pop("job", "ingest")]
    if "Bulk1" in name:
        job = known.bulk
    elif "QueryJob" in name or name == "readQueryResults":
        job = known.query
    batch = known.batch
    if name == "readBulk1QueryResult":
        job, batch = known.asking, known.asked
    values = {
        "result": known.found, "object": "Lead", "id": known.lead, "field": "Key__c", "value": "k",
        "locator": known.page() if "{locator}" in path else "", "job": job,
        "version": "59.0", "org_id": known.org, "user": known.user, "batch": batch,
    }  # fmt: skip
    for part, value in values.items():
        path = path.replace(f"{{{part}}}", value)
    token = known.desk.session.headers["authorization"].removeprefix("Bearer ")
    return known.desk.session.send(method, path, **_filled(call, {"{lead}": known.lead, "{token}": token}))


def _filled(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, known) for one in value]
    if isinstance(value, str | bytes):
        for name, text in known.items():
            value = value.replace(name, text) if isinstance(value, str) else value.replace(name.encode(), text.encode())
    return value


WORKS = [(one.name, one.method, f"{BASE}{one.path.rstrip('/')}") for one in DATA]
WORKS += [(one.name, one.method, f"/acme-crm{one.path}") for one in OUTSIDE]


@pytest.fixture
def known() -> Known:
    """Made anew: many operations use up what they are about."""
    return Known()


@pytest.mark.parametrize(("name", "method", "path"), WORKS, ids=[row[0] for row in WORKS])
def test_what_works_works(known: Known, name: str, method: str, path: str) -> None:
    """A good call of every operation is answered with a 2xx."""
    reply = _call(known, name, method, path)
    if name in NEVER_FINE:
        assert (reply.status, reply.json[0]["errorCode"]) == (400, "INVALIDJOBSTATE")
    else:
        assert 200 <= reply.status < 300, (reply.status, reply.body)


@pytest.mark.parametrize(("path", "what"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_refused_is_refused_by_name(path: str, what: str) -> None:
    """501, and the name of what is not simulated."""
    reply = Desk().send("GET", f"/{path}")
    assert (reply.status, reply.json[0]["errorCode"]) == (501, "NOT_SIMULATED")
    assert what in reply.json[0]["message"]


@pytest.mark.parametrize(("path", "what"), REFUSED_OUTSIDE, ids=[row[0] for row in REFUSED_OUTSIDE])
def test_what_is_refused_elsewhere(path: str, what: str) -> None:
    """The same outside the versions."""
    reply = Desk().session.get(f"/acme-crm{path}")
    assert reply.status == 501
    assert what in reply.body.decode()


TOKEN = "/acme-crm/services/oauth2/token"
QUERIES = (
    "SELECT Id, TYPEOF Owner WHEN User THEN Id, Name ELSE Name END FROM Lead",
    "SELECT Id FROM Lead WITH SECURITY_ENFORCED",
    "SELECT Id FROM Lead USING SCOPE mine", "SELECT Id FROM Lead FOR VIEW", "SELECT Id FROM Lead FOR REFERENCE",
    "SELECT Id FROM Lead FOR UPDATE", "SELECT COUNT(Id) FROM Lead GROUP BY ROLLUP(Status)",
    "SELECT COUNT(Id) FROM Lead GROUP BY CUBE(Status)", "SELECT GROUPING(Status), COUNT(Id) FROM Lead GROUP BY Status",
    "SELECT Id FROM Lead WHERE DISTANCE(Address, GEOLOCATION(1, 2), 'km') < 5",
)  # fmt: skip
CONVERT = "SOAP convertLead"
SOAP_HEADERS = (
    "undelete AllOrNoneHeader", "merge AllowFieldTruncationHeader", "merge AssignmentRuleHeader",
    "convertLead DuplicateRuleHeader", "login LoginScopeHeader", "convertLead OwnerChangeOptions", "merge EmailHeader",
)  # fmt: skip
CONVERTING = (
    b"<u:opportunityId>006000000000001AAA</u:opportunityId>",
    b"<u:sendNotificationEmail>true</u:sendNotificationEmail>",
)
ENVELOPE = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:partner.soap.sforce.com">'
    b"HEADER<s:Body>BODY</s:Body></s:Envelope>"
)
CONVERSIONS = (
    "SELECT convertCurrency(AnnualRevenue) FROM Lead",
    "SELECT COUNT(Id) FROM Lead GROUP BY CALENDAR_YEAR(convertTimezone(CreatedDate))",
    "SELECT c.Id FROM Account a, a.Contacts c",
)


def _parts(desk: Desk) -> dict[tuple[str, str], list[Reply]]:
    """Calls of every part that is refused by name."""

    def asked(path: str, *queries: str) -> list[Reply]:
        return [desk.send("GET", path, query={"q": one}) for one in queries]

    def bulk_1(**job: str) -> Reply:
        about = {"operation": "insert", "object": "Lead", "contentType": "CSV", **job}
        return desk.session.post("/acme-crm/services/async/59.0/job", about)

    grants = ("authorization_code", "urn:ietf:params:oauth:grant-type:saml2-bearer", "device", "hybrid_refresh")
    envelope = SOAP.replace(b"login", b"describeSObject")
    token = desk.session.headers["authorization"].removeprefix("Bearer ").encode()
    header = b"<s:Header><SessionHeader><sessionId>" + token + b"</sessionId></SessionHeader></s:Header><s:Body>"
    called = envelope.replace(b"<s:Body>", header)

    def converting(wish: bytes) -> Reply:
        lead = f"<u:leadId>{desk.lead()}</u:leadId><u:convertedStatus>Closed - Converted</u:convertedStatus>".encode()
        body = b"<u:convertLead><u:leadConverts>" + lead + wish + b"</u:leadConverts></u:convertLead>"
        start, end = header.index(b"<s:Header>"), len(header) - len(b"<s:Body>")
        sent = ENVELOPE.replace(b"HEADER", header[start:end]).replace(b"BODY", body)
        return desk.session.post("/acme-crm/services/Soap/u/59.0", body=sent, headers=AS_XML)

    def undeleting(asked: str) -> Reply:
        operation, name = asked.split()
        wish = f"<u:{name} xmlns:u='urn:partner.soap.sforce.com'><u:x>1</u:x></u:{name}></s:Header>".encode()
        body = b"<u:%s xmlns:u='urn:partner.soap.sforce.com'/>" % operation.encode()
        start, end = header.index(b"<s:Header>"), len(header) - len(b"<s:Body>")
        sent = ENVELOPE.replace(b"HEADER", header[start:end].replace(b"</s:Header>", wish)).replace(b"BODY", body)
        return desk.session.post("/acme-crm/services/Soap/u/59.0", body=sent, headers=AS_XML)

    def said(kind: str) -> Reply:
        return desk.send("POST", "/sobjects/Lead", body=b"<Lead/>", headers={"content-type": kind})

    rows = [
        [said("application/xml"), said("multipart/form-data; boundary=x")],
        [desk.caller.form(TOKEN, grant_type=grant) for grant in grants],
        [desk.session.post("/acme-crm/services/Soap/u/59.0", body=called, headers=AS_XML)],
        [undeleting(header) for header in SOAP_HEADERS],
        [converting(wish) for wish in CONVERTING],
        asked("/query", *QUERIES),
        asked("/query", *CONVERSIONS),
        [desk.send("GET", "/query", query={"explain": "SELECT Id FROM Lead"})],
        [
            *asked("/search", "FIND {ab OR cd}", "FIND {ab AND NOT cd}"),
            *asked("/search", "FIND {ab} WITH SNIPPET", "FIND {ab} UPDATE TRACKING"),
            *(desk.send("GET", f"/search/{path}") for path in ("suggestions", "layout", "scopeOrder")),
        ],
        [
            desk.send("POST", "/jobs/ingest", {"object": "Lead", "operation": "hardDelete"}),
            *(desk.send("GET", f"/jobs/{kind}", query={name: "x"}) for kind in ("ingest", "query") for name in FILTERS),
        ],
        [bulk_1(operation="hardDelete"), bulk_1(contentType="XML"), bulk_1(contentType="ZIP_CSV")],
    ]  # fmt: skip
    return dict(zip(REFUSED_PARTS, rows, strict=True))


def test_parts_that_are_refused_are_refused_by_name(desk: Desk) -> None:
    """Every part that the table lists, in each of its forms: 501, and the words "not simulated"."""
    for (where, what), replies in _parts(desk).items():
        for reply in replies:
            if where == CONVERT:  # a row of an answer: the others of the same call may be done
                assert b"NOT_SIMULATED" in reply.body, reply.body
                assert b"<success>false</success>" in reply.body
                continue
            assert reply.status == 501, (where, what, reply.status, reply.body)
            assert b"not simulated" in reply.body


def test_every_row_is_listed_once() -> None:
    """The table of the documents has each operation once, and says of each whether it works."""
    rows = coverage()
    assert len({(row.name, row.method, row.path) for row in rows}) == len(rows)
    assert {row.state for row in rows} == {"works", "refused by name"}
    assert sum(row.state == "works" for row in rows) > 60


def test_what_is_nowhere(desk: Desk) -> None:
    """Nothing of the vendor's: 404. A wrong method: 405 with those that would do. A wrong version: 404."""
    assert desk.send("GET", "/nonsense").status == 404
    assert desk.session.get("/acme-crm/services/data/v999.0/limits").status == 404
    assert desk.session.get("/acme-crm/services/data/v59.0//sobjects//Lead/describe/").status == 200
    wrong = desk.send("DELETE", "/limits")
    assert (wrong.status, wrong.json[0]["message"]) == (405, "HTTP Method 'DELETE' not allowed. Allowed are GET,HEAD")
