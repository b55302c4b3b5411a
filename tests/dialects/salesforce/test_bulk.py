"""Bulk jobs: states, results, failed and unprocessed rows, pages of queries, both generations."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.dialects.salesforce.desk import Desk

CSV = {"content-type": "text/csv; charset=UTF-8"}
ASYNC = "/acme-crm/services/async/59.0"


def _job(desk: Desk, data: str, **more: Any) -> str:
    body = {"object": "Lead", "operation": "insert", "contentType": "CSV", **more}
    made = desk.send("POST", "/jobs/ingest", body)
    assert (made.status, made.json["state"]) == (200, "Open"), made.body
    id: str = made.json["id"]
    assert desk.send("PUT", f"/jobs/ingest/{id}/batches", body=data.encode(), headers=CSV).status == 201
    closed = desk.send("PATCH", f"/jobs/ingest/{id}", {"state": "UploadComplete"})
    assert (closed.status, closed.json["state"]) == (200, "UploadComplete")
    return id


def _text(desk: Desk, id: str, which: str) -> str:
    return desk.send("GET", f"/jobs/ingest/{id}/{which}").body.decode()


def test_ingest_tells_each_row(desk: Desk) -> None:
    """Good rows with their new ids, bad rows with their reasons, in the file's own columns."""
    id = _job(desk, 'LastName,Company,Description\nOne,Acme,"a ""quoted""\nline"\nTwo,,x\n')
    info = desk.send("GET", f"/jobs/ingest/{id}").json
    assert (info["state"], info["numberRecordsProcessed"], info["numberRecordsFailed"]) == ("JobComplete", 2, 1)
    lead = desk.values("SELECT Id FROM Lead")[0]
    good = (
        '"sf__Id","sf__Created","LastName","Company","Description"\n'
        f'"{lead}","true","One","Acme","a ""quoted""\nline"\n'
    )
    assert _text(desk, id, "successfulResults") == good
    bad = (
        '"sf__Id","sf__Error","LastName","Company","Description"\n'
        '"","REQUIRED_FIELD_MISSING:Required fields are missing: [Company]:Company --","Two","","x"\n'
    )
    assert _text(desk, id, "failedResults") == bad
    assert _text(desk, id, "unprocessedrecords") == '"LastName","Company","Description"\n'


def test_upsert_update_delete_in_bulk(desk: Desk) -> None:
    """By external id and by id; #N/A empties a field, an empty cell leaves it alone."""
    _job(
        desk,
        "Key__c,LastName,Company,City\nk1,A,Acme,Oslo\nk2,B,Acme,Oslo\n",
        operation="upsert",
        externalIdFieldName="Key__c",
    )
    second = _job(desk, "Key__c,LastName,City\nk1,,#N/A\nk3,C,x\n", operation="upsert", externalIdFieldName="Key__c")
    assert desk.rows("SELECT LastName, City FROM Lead WHERE Key__c = 'k1'") == [{"LastName": "A", "City": None}]
    assert '"false","k1","","#N/A"' in _text(desk, second, "successfulResults")
    assert "[Company]" in _text(desk, second, "failedResults")
    id = desk.values("SELECT Id FROM Lead WHERE Key__c = 'k2'")[0]
    _job(desk, f"Id;City\n{id};Bergen\n", operation="update", columnDelimiter="SEMICOLON")
    assert desk.values(f"SELECT City FROM Lead WHERE Id = '{id}'") == ["Bergen"]
    _job(desk, f"Id\n{id}\n", operation="delete")
    assert desk.values("SELECT Key__c FROM Lead ORDER BY Key__c") == ["k1"]


def test_a_job_that_fails(desk: Desk) -> None:
    """An unknown column fails the whole job, with the text that clients look for; its rows are unprocessed."""
    id = _job(desk, "LastName,Nope\nA,B\n")
    info = desk.send("GET", f"/jobs/ingest/{id}").json
    assert (info["state"], info["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Nope")
    assert _text(desk, id, "unprocessedrecords") == "LastName,Nope\nA,B\n"
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_states_that_do_not_follow(desk: Desk) -> None:
    """A closed job takes no data and can't be closed again; an open one can't be deleted; an aborted one can."""
    id = _job(desk, "LastName,Company\nA,B\n")
    assert (
        desk.send("PUT", f"/jobs/ingest/{id}/batches", body=b"x", headers=CSV).json[0]["errorCode"] == "INVALIDJOBSTATE"
    )
    assert desk.send("PATCH", f"/jobs/ingest/{id}", {"state": "UploadComplete"}).status == 400
    opened = desk.send("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}).json["id"]
    assert desk.send("DELETE", f"/jobs/ingest/{opened}").status == 400
    assert desk.send("PATCH", f"/jobs/ingest/{opened}", {"state": "Aborted"}).json["state"] == "Aborted"
    assert desk.send("DELETE", f"/jobs/ingest/{opened}").status == 204
    assert desk.send("GET", f"/jobs/ingest/{opened}").status == 404


REFUSED = {
    "unknown object": ({"object": "Nope", "operation": "insert"}, "INVALIDENTITY"),
    "unknown operation": ({"object": "Lead", "operation": "x"}, "INVALIDJOB"),
    "no key": ({"object": "Lead", "operation": "upsert"}, "INVALIDJOB"),
    "no field": ({"object": "Lead", "operation": "upsert", "externalIdFieldName": "City"}, "INVALIDJOB"),
    "hard delete": ({"object": "Lead", "operation": "hardDelete"}, "NOT_SIMULATED"),
    "unknown key": ({"object": "Lead", "operation": "insert", "nope": 1}, "JSON_PARSER_ERROR"),
    "not CSV": ({"object": "Lead", "operation": "insert", "contentType": "XML"}, "INVALIDJOB"),
}


@pytest.mark.parametrize(("body", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refused_jobs(desk: Desk, body: dict[str, Any], code: str) -> None:
    """What no job can be."""
    assert desk.send("POST", "/jobs/ingest", body).json[0]["errorCode"] == code


def test_query_jobs_page_by_locator(desk: Desk) -> None:
    """Every row once; the last page's locator is the word null."""
    _job(desk, "LastName,Company\n" + "".join(f"L{n:03d},Acme\n" for n in range(25)))
    made = desk.send(
        "POST",
        "/jobs/query",
        {"operation": "query", "query": "SELECT LastName, Owner.Name FROM Lead ORDER BY LastName"},
    )
    assert made.json["state"] == "UploadComplete"
    url = f"/jobs/query/{made.json['id']}"
    assert desk.send("GET", url).json["numberRecordsProcessed"] == 25
    names, locator = [], ""
    while locator != "null":
        query = {"maxRecords": "10", **({"locator": locator} if locator else {})}
        page = desk.send("GET", f"{url}/results", query=query)
        header, *lines = page.body.decode().splitlines()
        assert header == '"LastName","Owner.Name"'
        assert page.headers["sforce-numberofrecords"] == str(len(lines))
        names += [line.split(",")[0].strip('"') for line in lines]
        locator = page.headers["sforce-locator"]
    assert names == [f"L{n:03d}" for n in range(25)]
    assert desk.send("GET", f"{url}/results", query={"locator": "x"}).status == 400


def test_queries_that_bulk_refuses(desk: Desk) -> None:
    """With the texts that connectors look for before they fall back to REST."""
    texts = {
        "SELECT Address FROM Lead": "Selecting compound data not supported in Bulk Query",
        "SELECT MasterLabel FROM LeadStatus": "Entity 'LeadStatus' is not supported by the Bulk API.",
        "SELECT COUNT(Id) FROM Lead": "Aggregate Relationships not supported in Bulk Query",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account": "Nested queries are not supported in Bulk Query",
    }
    for soql, text in texts.items():
        assert desk.send("POST", "/jobs/query", {"operation": "query", "query": soql}).json[0]["message"] == text


def test_bulk_1_in_xml_and_csv(desk: Desk) -> None:
    """As older clients do it: XML about the job, CSV for the rows."""
    xml = {"content-type": "application/xml; charset=UTF-8"}
    token = desk.session.headers["authorization"].removeprefix("Bearer ")
    old = desk.caller
    space = 'xmlns="http://www.force.com/2009/06/asyncapi/dataload"'
    body = (
        f"<jobInfo {space}><operation>insert</operation><object>Lead</object><contentType>CSV</contentType></jobInfo>"
    )
    made = old.post(f"{ASYNC}/job", body=body.encode(), headers={**xml, "x-sfdc-session": token})
    assert made.status == 201
    id = made.body.decode().partition("<id>")[2].partition("</id>")[0]
    session = {"x-sfdc-session": token}
    added = old.post(
        f"{ASYNC}/job/{id}/batch",
        body=b"LastName,Company\nA,Acme\nB,\n",
        headers={**session, "content-type": "text/csv"},
    )
    batch = added.body.decode().partition("<id>")[2].partition("</id>")[0]
    status = old.get(f"{ASYNC}/job/{id}/batch/{batch}", headers=session).body.decode()
    assert "<state>Completed</state>" in status
    assert "<numberRecordsFailed>1</numberRecordsFailed>" in status
    lines = old.get(f"{ASYNC}/job/{id}/batch/{batch}/result", headers=session).body.decode().splitlines()
    assert lines[0] == '"Id","Success","Created","Error"'
    assert lines[1].endswith('"true","true",""')
    assert "REQUIRED_FIELD_MISSING" in lines[2]
    refused = old.get(f"{ASYNC}/job/{id}", headers={"x-sfdc-session": "no"})
    assert (refused.status, "InvalidSessionId" in refused.body.decode()) == (401, True)


def _bulk_1_query(desk: Desk, soql: str, content: str = "CSV", **job: str) -> tuple[str, list[Any]]:
    """The address of a query job of Bulk 1.0, and its batches."""
    headers = {"sforce-enable-pkchunking": "TRUE"} if job.pop("chunked", "") else {}
    about = {"operation": "query", "object": "Lead", "contentType": content, **job}
    made = desk.session.post(f"{ASYNC}/job", about, headers=headers)
    assert made.status == 201, made.body
    url = f"{ASYNC}/job/{made.json['id']}"
    added = desk.session.post(f"{url}/batch", body=soql.encode(), headers={"content-type": "application/json"})
    assert (added.status, added.json["numberRecordsProcessed"]) == (201, 0)
    batches = desk.session.get(f"{url}/batch", headers={"accept": "application/json"}).json["batchInfo"]
    return url, batches


def _bulk_1_results(desk: Desk, url: str, batch: str) -> list[bytes]:
    ids = desk.session.get(f"{url}/batch/{batch}/result", headers={"accept": "application/json"}).json
    return [desk.session.get(f"{url}/batch/{batch}/result/{id}").body for id in ids]


def test_bulk_1_query(desk: Desk) -> None:
    """One file for each batch, in CSV or JSON; deleted rows with queryAll; the list of results is XML or JSON."""
    kept, gone = desk.lead(LastName="Kept", Country="NO"), desk.lead(LastName="Gone")
    desk.send("DELETE", f"/sobjects/Lead/{gone}")
    soql = "SELECT Id, LastName, Owner.Name FROM Lead ORDER BY LastName DESC"
    url, [batch] = _bulk_1_query(desk, soql)
    assert (batch["state"], batch["numberRecordsProcessed"]) == ("Completed", 1)
    [content] = _bulk_1_results(desk, url, batch["id"])
    assert content.decode().splitlines() == ['"Id","LastName","Owner.Name"', f'"{kept}","Kept","kari.c"']
    listed = desk.session.get(f"{url}/batch/{batch['id']}/result").body.decode()
    assert listed.startswith('<?xml version="1.0" encoding="UTF-8"?><result-list ')
    url, [batch] = _bulk_1_query(desk, soql, "JSON", operation="queryAll")
    [content] = _bulk_1_results(desk, url, batch["id"])
    assert [row["LastName"] for row in orjson.loads(content)] == ["Kept", "Gone"]
    assert desk.session.get(f"{url}/batch/{batch['id']}/result/{kept}").status == 400


def test_bulk_1_query_in_chunks_of_primary_keys(desk: Desk) -> None:
    """The batch that was added is not processed; what follows it is."""
    desk.lead()
    url, batches = _bulk_1_query(desk, "SELECT Id FROM Lead", chunked="yes")
    assert [one["state"] for one in batches] == ["NotProcessed", "Completed"]
    assert [len(_bulk_1_results(desk, url, one["id"])) for one in batches] == [0, 1]


def test_bulk_1_queries_that_fail(desk: Desk) -> None:
    """The batch fails with the reason; an object that is none fails the job; nothing found is said in a sentence."""
    for soql, text in {
        "SELECT Nmae FROM Lead": "InvalidBatch : Failed to process query: INVALID_FIELD: ",
        "SELECT Id FROM Contact": "InvalidBatch : The query is of Contact, the job of Lead",
        "SELECT COUNT(Id) FROM Lead": "FeatureNotEnabled : Failed to process query: FEATURENOTENABLED: ",
        "nonsense": "InvalidBatch : Failed to process query: MALFORMED_QUERY: ",
    }.items():
        _, [batch] = _bulk_1_query(desk, soql)
        assert batch["state"] == "Failed"
        assert batch["stateMessage"].startswith(text), batch
    url, [batch] = _bulk_1_query(desk, "SELECT Id FROM Lead")
    assert _bulk_1_results(desk, url, batch["id"]) == [b"Records not found for this query"]
    job = {"operation": "query", "object": "Nothing", "contentType": "CSV"}
    assert desk.session.post(f"{ASYNC}/job", job).json["exceptionCode"] == "InvalidEntity"


def test_bulk_1_for_who_only_reads() -> None:
    """A query job is theirs, an insert job is not."""
    desk = Desk()
    reader = desk.log_in("reader")
    job = {"operation": "query", "object": "Lead", "contentType": "JSON"}
    made = reader.post(f"{ASYNC}/job", job)
    json = {"content-type": "application/json"}
    asked = reader.post(f"{ASYNC}/job/{made.json['id']}/batch", body=b"SELECT Id FROM Lead", headers=json)
    assert (made.status, asked.status) == (201, 201)
    refused = reader.post(f"{ASYNC}/job", {**job, "operation": "insert"})
    assert (refused.status, b"INSUFFICIENT_ACCESS_OR_READONLY" in refused.body) == (403, True)
