"""No lax success in bulk: wrong jobs, files and looks at them are refused or fail, in the vendor's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from tests.dialects.salesforce.desk import Desk
from tests.gateway.caller import Reply

ASYNC = "/acme-crm/services/async/59.0/job"
JOB = {"operation": "insert", "object": "Lead", "contentType": "CSV"}
INGEST = {"operation": "insert", "object": "Lead"}
ASKED = {"operation": "query", "query": "SELECT Id FROM Lead"}
AS_CSV, AS_JSON = {"content-type": "text/csv"}, {"content-type": "application/json"}
GOOD = b"LastName,Company\nA,Acme\n"
OPENED = '<jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
XML = f"{OPENED}<operation>insert</operation><object>Lead</object><contentType>CSV</contentType>"
NOT_CSV = "The batch of a CSV job must be text/csv, not "


@pytest.fixture(scope="module")
def desk() -> Desk:
    """One org for all."""
    return Desk()


def must_be_empty(desk: Desk) -> None:
    """No lead was made."""
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


# --- 1.0 -------------------------------------------------------------------------------------------------------

JOBS_1: dict[str, tuple[Any, str, str]] = {
    "a key twice": (b'{"operation":"insert","operation":"delete"}', "InvalidJob", "Unable to parse Job"),
    "an element twice": (f"{XML}<object>Contact</object></jobInfo>", "InvalidJob", "Unable to parse Job"),
    "an element of another namespace": (f"{XML}<x xmlns='urn:x'/></jobInfo>", "InvalidJob", "Unable to parse Job"),
    "an element within": (f"{OPENED}<operation><x/>insert</operation></jobInfo>", "InvalidJob", "Unable to parse Job"),
    "a list": ([JOB], "InvalidJob", "Unable to parse Job"),
    "no object": ({"operation": "insert"}, "InvalidEntity", "Entity '' is not supported by the Bulk API."),
    "no operation": ({"object": "Lead"}, "InvalidJob", "Unknown operation: "),
    "an operation in capitals": ({**JOB, "operation": "INSERT"}, "InvalidJob", "Unknown operation: INSERT"),
    "no format": ({**JOB, "contentType": "zork"}, "InvalidJob", "Unknown contentType: zork"),
    "no mode either": ({**JOB, "concurrencyMode": 2}, "InvalidJob", "Unknown concurrencyMode: 2"),
    "no mode": ({**JOB, "concurrencyMode": "zork"}, "InvalidJob", "Unknown concurrencyMode: zork"),
    "no rule": ({**JOB, "assignmentRuleId": "zork"}, "InvalidJob", "malformed id zork"),
    "nobody's rule": (
        {**JOB, "assignmentRuleId": "01Q5g0000000zzz"}, "InvalidJob",
        "An invalid AssignmentRuleHeader value was specified: 01Q5g0000000zzz",
    ),
    "no key": (
        {**JOB, "operation": "upsert"}, "InvalidJob", "Field name provided,  does not match an External ID for Lead"
    ),
    "a field that is no key": (
        {**JOB, "operation": "upsert", "externalIdFieldName": "City"}, "InvalidJob",
        "Field name provided, City does not match an External ID for Lead",
    ),
    "a state": ({**JOB, "state": "Closed"}, "InvalidJob", "Unknown field in jobInfo: state"),
}  # fmt: skip


def _job_1(desk: Desk, about: Any, headers: Mapping[str, str] = AS_JSON) -> Reply:
    if isinstance(about, str):
        about, headers = about.encode(), {"content-type": "application/xml"}
    body = about if isinstance(about, bytes) else orjson.dumps(about)
    return desk.session.post(ASYNC, body=body, headers=headers)


def _told_1(reply: Reply) -> tuple[str, str]:
    """Code and text of a refusal, in JSON or XML."""
    if reply.body.startswith(b"{"):
        return reply.json["exceptionCode"], reply.json["exceptionMessage"]
    found = re.findall(r"<exception(?:Code|Message)>([^<]*)<", reply.body.decode())
    return found[0], found[1]


@pytest.mark.parametrize(("about", "code", "text"), JOBS_1.values(), ids=JOBS_1.keys())
def test_a_job_of_1_0_that_can_not_be(desk: Desk, about: Any, code: str, text: str) -> None:
    """The reason, in the format that the client speaks."""
    reply = _job_1(desk, about)
    assert (reply.status, *_told_1(reply)) == (400, code, text)


@pytest.mark.parametrize("said", ["zork", "chunkSize=many", "chunkSize=0", "size=5", "TRUE;parent=", ";", " ; ;"])
def test_chunks_that_can_not_be(desk: Desk, said: str) -> None:
    """Settings that there are not."""
    reply = _job_1(desk, {**JOB, "operation": "query"}, {**AS_JSON, "sforce-enable-pkchunking": said})
    assert (reply.status, *_told_1(reply)) == (400, "InvalidJob", f"Invalid PK chunking header: {said}")


@pytest.mark.parametrize("kind", ["text/csv", "text/plain", "application/x-json", "application/x-www-form-urlencoded"])
def test_a_job_of_1_0_in_another_format(desk: Desk, kind: str) -> None:
    """A job is described in XML or JSON, and says so."""
    for body in (f"{XML}</jobInfo>".encode(), orjson.dumps(JOB)):
        reply = _job_1(desk, body, {"content-type": kind})
        assert (reply.status, *_told_1(reply)) == (400, "InvalidJob", f"Unsupported content type: {kind}")
    for good in ("application/xml; charset=UTF-8", "text/xml", ""):
        assert _job_1(desk, f"{XML}</jobInfo>".encode(), {"content-type": good}).status == 201


def test_what_a_job_of_1_0_may_become(desk: Desk) -> None:
    """Closed or aborted, once, and nothing else of it changes; its id beside the state is fine."""
    id = _job_1(desk, JOB).json["id"]
    for change, code in {"zork": "InvalidJob", "Open": "InvalidJob"}.items():
        assert _told_1(desk.session.post(f"{ASYNC}/{id}", {"state": change}))[0] == code
    for more in ({"object": "Contact"}, {"id": "750000000000001"}):
        assert _told_1(desk.session.post(f"{ASYNC}/{id}", {"state": "Closed", **more}))[0] == "InvalidJob"
    assert desk.session.post(f"{ASYNC}/{id}", {"state": "Closed", "id": id}).json["state"] == "Closed"
    assert _told_1(desk.session.post(f"{ASYNC}/{id}", {"state": "Aborted"}))[0] == "InvalidJobState"
    assert _told_1(desk.session.post(f"{ASYNC}/{id}/batch", body=GOOD, headers=AS_CSV))[0] == "InvalidJobState"
    assert _told_1(desk.session.get(f"{ASYNC}/{id}/batch/zork")) == ("InvalidBatch", "Unable to find batch: zork")
    of_the_other = desk.send("POST", "/jobs/ingest", INGEST).json["id"]
    assert _told_1(desk.session.get(f"{ASYNC}/{of_the_other}"))[0] == "InvalidJob"
    must_be_empty(desk)


BATCHES: dict[str, tuple[dict[str, str], bytes, str, str]] = {
    "JSON for a CSV job": ({}, GOOD, "application/json", f"{NOT_CSV}application/json"),
    "XML for a CSV job": ({}, GOOD, "application/xml", f"{NOT_CSV}application/xml"),
    "text for a CSV job": ({}, GOOD, "text/plain", f"{NOT_CSV}text/plain"),
    "CSV for a JSON job": (
        {"contentType": "JSON"}, GOOD, "text/csv", "The batch of a JSON job must be application/json, not text/csv"
    ),
    "another encoding": ({}, b"LastName,Company\n\xe5,Acme\n", "text/csv", "The batch is not encoded in utf-8"),
    "an unknown encoding": ({}, GOOD, "text/csv; charset=zork", "The batch is not encoded in zork"),
    **{
        f"charset {charset!r}": ({}, GOOD, f"text/csv; charset={charset}", f"The batch is not encoded in {charset}")
        for charset in ("undefined", "a\0b", "unicode_escape", "hex", "idna", "utf-7", "iso-8859-12", "punycode")
    },
    "a second parameter": ({}, GOOD, "text/csv; header=present; Charset=zork", "The batch is not encoded in zork"),
}  # fmt: skip


@pytest.mark.parametrize(("job", "body", "kind", "text"), BATCHES.values(), ids=BATCHES.keys())
def test_a_batch_in_another_format(desk: Desk, job: dict[str, str], body: bytes, kind: str, text: str) -> None:
    """Refused before a row is read."""
    id = _job_1(desk, {**JOB, **job}).json["id"]
    reply = desk.session.post(f"{ASYNC}/{id}/batch", body=body, headers={"content-type": kind})
    assert (reply.status, *_told_1(reply)) == (400, "InvalidBatch", text)
    must_be_empty(desk)


def test_a_batch_says_its_encoding() -> None:
    """It is read as such."""
    desk = Desk()
    id = _job_1(desk, JOB).json["id"]
    charsets = ("ISO-8859-1", "utf-16", "windows-1252", '"UTF-8"')
    for charset in charsets:
        body = "LastName,Company\nSørli,Acme\n".encode(charset.strip('"'))
        desk.session.post(f"{ASYNC}/{id}/batch", body=body, headers={"content-type": f"text/csv; charset={charset}"})
    assert desk.values("SELECT LastName FROM Lead") == ["Sørli"] * len(charsets)


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "zork"])
def test_a_file_of_2_0_is_in_utf_8(desk: Desk, charset: str) -> None:
    """One that says something else is not taken, even where its letters are the same in both."""
    id = desk.send("POST", "/jobs/ingest", INGEST).json["id"]
    said = {"content-type": f"text/csv; charset={charset}"}
    reply = desk.send("PUT", f"/jobs/ingest/{id}/batches", body=GOOD, headers=said)
    assert (reply.status, reply.json[0]["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


# --- files, of both --------------------------------------------------------------------------------------------

HEADERLESS = "InvalidBatch : Failed to parse CSV header. Header is missing"
IDS_ONLY = "InvalidBatch : The 'delete' batch must contain only ids"
FILES: dict[str, tuple[dict[str, str], bytes, str]] = {
    "nothing": ({}, b"", HEADERLESS),
    "a column twice": ({}, b"LastName,LastName\nA,B\n", "InvalidBatch : Duplicate field specified : LastName"),
    "an unknown column": ({}, b"LastName,Nope\nA,B\n", "InvalidBatch : Field name not found : Nope"),
    "a column without a name": ({}, b"LastName,,Company\nA,,B\n", "InvalidBatch : Field name not found : "),
    "a parent's unknown field": ({}, b"LastName,Owner.Zork\nA,B\n", "InvalidBatch : Field name not found : Owner.Zork"),
    "too few values": (
        {}, b"LastName,Company\nA\n", "InvalidBatch : Failed to parse CSV: row 1 has 1 values, the header has 2"
    ),
    "more than ids to delete": ({"operation": "delete"}, b"Id,City\nx,y\n", IDS_ONLY),
    "no ids to delete": ({"operation": "delete"}, b"City\ny\n", IDS_ONLY),
}  # fmt: skip


@pytest.mark.parametrize(("job", "body", "text"), FILES.values(), ids=FILES.keys())
def test_a_file_that_can_not_be(desk: Desk, job: dict[str, str], body: bytes, text: str) -> None:
    """The batch fails, the job of 2.0 fails, both with the reason."""
    id = _job_1(desk, {**JOB, **job}).json["id"]
    desk.session.post(f"{ASYNC}/{id}/batch", body=body, headers=AS_CSV)
    [batch] = desk.session.get(f"{ASYNC}/{id}/batch", headers={"accept": "application/json"}).json["batchInfo"]
    assert (batch["state"], batch["stateMessage"]) == ("Failed", text)
    if body:  # which 2.0 doesn't take for an upload
        assert _worked(desk, body, **job)[:2] == ("Failed", text)
    must_be_empty(desk)


def _worked(desk: Desk, body: bytes, **job: str) -> tuple[str, str, str]:
    """State and message of a job of 2.0, and its failed rows."""
    id = desk.send("POST", "/jobs/ingest", {**INGEST, **job}).json["id"]
    assert desk.send("PUT", f"/jobs/ingest/{id}/batches", body=body, headers=AS_CSV).status == 201
    desk.send("PATCH", f"/jobs/ingest/{id}", {"state": "UploadComplete"})
    told = desk.send("GET", f"/jobs/ingest/{id}").json
    failed = desk.send("GET", f"/jobs/ingest/{id}/failedResults").body.decode()
    return told["state"], told.get("errorMessage", ""), failed


@pytest.mark.parametrize(("said", "body"), [("LF", b"LastName\r\nA\r\n"), ("CRLF", b"LastName\nA\n")])
def test_lines_that_end_otherwise(desk: Desk, said: str, body: bytes) -> None:
    """A job says how its lines end."""
    text = f"ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {said}"
    assert _worked(desk, body, lineEnding=said)[:2] == ("Failed", text)


UNFIT = (
    "INVALID_FIELD:Failed to deserialize field at col 2. Due to, '{}' is not a valid value for the type xsd:{}:{} --"
)
CELLS: dict[str, tuple[str, str, str]] = {
    "a number": ("Score__c", "many", UNFIT.format("many", "double", "Score__c")),
    "a whole number": ("NumberOfEmployees", "1.5", UNFIT.format("1.5", "int", "NumberOfEmployees")),
    "a boolean": ("DoNotCall", "maybe", UNFIT.format("maybe", "boolean", "DoNotCall")),
    "an id": ("OwnerId", "zork", "MALFORMED_ID:Owner ID: id value of incorrect type: zork:OwnerId --"),
    "a field in two spellings": (
        "lastname", "B", "INVALID_FIELD:Duplicate field specified: LastName:LastName --"
    ),
    "an id of one's own": (
        "Id", "00Q5g0000000zzz", "INVALID_FIELD_FOR_INSERT_UPDATE:cannot specify Id in an insert call:Id --"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("column", "value", "text"), CELLS.values(), ids=CELLS.keys())
def test_a_cell_that_can_not_be(desk: Desk, column: str, value: str, text: str) -> None:
    """The row fails, in the words that tools look for, in both."""
    body = f"LastName,Company,{column}\nA,B,{value}\n".encode()
    state, message, failed = _worked(desk, body)
    assert (state, message, text in failed) == ("JobComplete", "", True), failed
    id = _job_1(desk, JOB).json["id"]
    batch = desk.session.post(f"{ASYNC}/{id}/batch", body=body, headers=AS_CSV).body.decode()
    batch = batch.partition("<id>")[2].partition("<")[0]
    assert text in desk.session.get(f"{ASYNC}/{id}/batch/{batch}/result").body.decode()
    must_be_empty(desk)


RECORDS: dict[str, tuple[bytes, str]] = {
    "a key twice": (b'[{"LastName":"A","LastName":"B","Company":"x"}]', "Failed to parse JSON"),
    "an object": (b"{}", "A JSON batch is a list of objects"),
    "of another object": (b'[{"attributes":{"type":"Contact"},"LastName":"A","Company":"x"}]', "INVALID_TYPE"),
    "a number for a text": (b'[{"LastName":1,"Company":"x"}]', "JSON_PARSER_ERROR"),
    "a parent's unknown field": (b'[{"LastName":"A","Company":"x","Owner":{"Zork":"x"}}]', "INVALID_FIELD"),
}


@pytest.mark.parametrize(("body", "text"), RECORDS.values(), ids=RECORDS.keys())
def test_a_batch_of_json_that_can_not_be(desk: Desk, body: bytes, text: str) -> None:
    """The batch or its row fails."""
    id = _job_1(desk, {**JOB, "contentType": "JSON"}).json["id"]
    batch = desk.session.post(f"{ASYNC}/{id}/batch", body=body, headers=AS_JSON).json["id"]
    told = (
        desk.session.get(f"{ASYNC}/{id}/batch/{batch}").body
        + desk.session.get(f"{ASYNC}/{id}/batch/{batch}/result").body
    )
    assert text in told.decode()
    must_be_empty(desk)


@pytest.mark.parametrize("row", [{"Id": "{id}", "City": "x"}, {"Id": "{id}", "id": "{id}"}, {"City": "x"}, {}])
def test_a_json_row_to_delete_has_an_id_alone(row: dict[str, str]) -> None:
    """As a file has: the batch fails, its good rows too, and the leads stay."""
    desk = Desk()
    lead, other = desk.lead(), desk.lead()
    id = _job_1(desk, {**JOB, "operation": "delete", "contentType": "JSON"}).json["id"]
    rows = [{"Id": other}, {name: value.replace("{id}", lead) for name, value in row.items()}]
    batch = desk.session.post(f"{ASYNC}/{id}/batch", rows).json["id"]
    told = desk.session.get(f"{ASYNC}/{id}/batch/{batch}").json
    assert (told["state"], told["stateMessage"]) == ("Failed", IDS_ONLY)
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


@pytest.mark.parametrize("said", ["allowSave=zork", "allowSave", "zork=true", ";", "allowSave=true; zork"])
def test_a_word_on_duplicates_that_there_is_not(desk: Desk, said: str) -> None:
    """Refused in both, before a row is saved; the job of 2.0 stays open."""
    wish = {"sforce-duplicate-rule-header": said}
    text = f"Invalid Sforce-Duplicate-Rule-Header: {said}"
    one = _job_1(desk, JOB).json["id"]
    reply = desk.session.post(f"{ASYNC}/{one}/batch", body=GOOD, headers={**AS_CSV, **wish})
    assert (reply.status, *_told_1(reply)) == (400, "InvalidBatch", text)
    two = desk.send("POST", "/jobs/ingest", INGEST).json["id"]
    desk.send("PUT", f"/jobs/ingest/{two}/batches", body=GOOD, headers=AS_CSV)
    reply = desk.send("PATCH", f"/jobs/ingest/{two}", {"state": "UploadComplete"}, headers=wish)
    assert (reply.status, reply.json[0]["message"]) == (400, text)
    assert desk.send("GET", f"/jobs/ingest/{two}").json["state"] == "Open"
    must_be_empty(desk)


# --- 2.0 -------------------------------------------------------------------------------------------------------

JOBS_2: dict[str, tuple[str, dict[str, Any], str]] = {
    "no rule": ("ingest", {**INGEST, "assignmentRuleId": "zork"}, "MALFORMED_ID"),
    "nobody's rule": ("ingest", {**INGEST, "assignmentRuleId": "01Q5g0000000zzz"}, "INVALID_ASSIGNMENT_RULE"),
    "a delimiter in small letters": ("ingest", {**INGEST, "columnDelimiter": "comma"}, "INVALIDJOB"),
    "a list of delimiters": ("ingest", {**INGEST, "columnDelimiter": ["COMMA"]}, "JSON_PARSER_ERROR"),
    "an object for a line's end": ("ingest", {**INGEST, "lineEnding": {}}, "JSON_PARSER_ERROR"),
    "a number for a key": ("ingest", {**INGEST, "externalIdFieldName": 5}, "JSON_PARSER_ERROR"),
    "a number for an object": ("ingest", {**INGEST, "object": 1}, "INVALIDENTITY"),
    "an operation in capitals": ("ingest", {**INGEST, "operation": "Insert"}, "INVALIDJOB"),
    "a state": ("ingest", {**INGEST, "state": "Open"}, "JSON_PARSER_ERROR"),
    "a query with an object": ("query", {**ASKED, "object": "Lead"}, "JSON_PARSER_ERROR"),
    "a query of nothing": ("query", {**ASKED, "query": ""}, "MALFORMED_QUERY"),
    "a query that is a number": ("query", {**ASKED, "query": 5}, "INVALIDJOB"),
    "a query that inserts": ("query", {**ASKED, "operation": "insert"}, "INVALIDJOB"),
}


@pytest.mark.parametrize(("kind", "about", "code"), JOBS_2.values(), ids=JOBS_2.keys())
def test_a_job_of_2_0_that_can_not_be(desk: Desk, kind: str, about: dict[str, Any], code: str) -> None:
    """400 and the reason."""
    reply = desk.send("POST", f"/jobs/{kind}", about)
    assert (reply.status, reply.json[0]["errorCode"]) == (400, code), reply.body


@pytest.mark.parametrize(
    ("name", "value"),
    [("maxRecords", "0"), ("maxRecords", "-1"), ("maxRecords", "ten"), ("locator", "x"), ("locator", "1"),
     ("locator", "MTAwffffL"), ("locator", "MTAw-1L")],
)  # fmt: skip
def test_a_page_that_can_not_be(desk: Desk, name: str, value: str) -> None:
    """Locators are those that were given, numbers are numbers."""
    id = desk.send("POST", "/jobs/query", ASKED).json["id"]
    reply = desk.send("GET", f"/jobs/query/{id}/results", query={name: value})
    code = "INVALID_QUERY_LOCATOR" if name == "locator" else "INVALIDJOB"
    assert (reply.status, reply.json[0]["errorCode"]) == (400, code)
