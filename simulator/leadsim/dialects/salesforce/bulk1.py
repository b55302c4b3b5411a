"""Bulk API 1.0: jobs with batches, in CSV or JSON. Job and batch information is XML or JSON, as the client speaks.

A batch is done as soon as it is added. Batches in XML are refused by name.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

import orjson

from leadsim.dialects.salesforce import bulk1_query, bulk_rows
from leadsim.dialects.salesforce.bulk_rows import CsvRefused
from leadsim.dialects.salesforce.encoding import moment_text
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.rows import Row, Wishes
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.state import Job
from leadsim.dialects.salesforce.xmltree import XmlRefused, local_name, read_xml
from leadsim.gateway.credentials import permit
from leadsim.gateway.messages import Answer

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
XML, JSON = "application/xml;charset=UTF-8", "application/json;charset=UTF-8"
JOB_PREFIX, BATCH_PREFIX = "750", "751"
MOST_ROWS = 10_000
JOB_KEYS = ("operation", "object", "contentType", "concurrencyMode", "externalIdFieldName", "assignmentRuleId")


class BulkRefused(Exception):
    """A refused call of Bulk 1.0."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def error_answer(error: ApiError, status: int) -> Answer:
    """A refusal by the gateway, as XML: the client may not have said yet that it speaks JSON."""
    code = {"INVALID_SESSION_ID": "InvalidSessionId", "REQUEST_LIMIT_EXCEEDED": "ExceededQuota"}.get(
        error.code, error.code
    )
    return _error(code, error.message, status, json=False)


def _error(code: str, text: str, status: int, *, json: bool) -> Answer:
    if json:
        return Answer(status, orjson.dumps({"exceptionCode": code, "exceptionMessage": text}), {"content-type": JSON})
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><error xmlns="{NAMESPACE}">'
        f"<exceptionCode>{escape(code)}</exceptionCode><exceptionMessage>{escape(text)}</exceptionMessage></error>"
    )
    return Answer(status, body.encode(), {"content-type": XML})


# --- handlers ---------------------------------------------------------------------------------------------------


def create(session: Session) -> Answer:
    """POST /job"""
    return _guarded(session, _create)


def read(session: Session) -> Answer:
    """GET /job/{job}"""
    return _guarded(session, lambda one: _show(one, "jobInfo", _job_info(one, _job(one)), 200))


def change(session: Session) -> Answer:
    """POST /job/{job}: close or abort it."""
    return _guarded(session, _change)


def add_batch(session: Session) -> Answer:
    """POST /job/{job}/batch: rows, done at once."""
    return _guarded(session, _add_batch)


def list_batches(session: Session) -> Answer:
    """GET /job/{job}/batch"""
    return _guarded(session, _list_batches)


def read_batch(session: Session) -> Answer:
    """GET /job/{job}/batch/{batch}"""
    return _guarded(session, lambda one: _show(one, "batchInfo", _batch(one)["info"], 200))


def request(session: Session) -> Answer:
    """GET /job/{job}/batch/{batch}/request: what was sent."""
    return _guarded(session, lambda one: _raw(_batch(one)["request"], _job(one)))


def result(session: Session) -> Answer:
    """GET /job/{job}/batch/{batch}/result: each row's outcome; of a query, the ids of its results."""
    return _guarded(session, _result)


def query_result(session: Session) -> Answer:
    """GET /job/{job}/batch/{batch}/result/{result}: what a query found."""
    return _guarded(session, _query_result)


def _guarded(session: Session, work: Any) -> Answer:
    try:
        answer: Answer = work(session)
    except BulkRefused as failure:
        return _error(failure.code, failure.text, failure.status, json=_speaks_json(session))
    return answer


def _speaks_json(session: Session) -> bool:
    sent = session.header("content-type") if session.request.method == "POST" else session.header("accept")
    if "json" in sent:
        return True
    if "xml" in sent or "csv" in sent:
        return False
    job = session.state.jobs.get(read_id(session.call.params.get("job", "")) or "")
    return job is not None and job.info.get("contentType") == "JSON"


def _check_right(session: Session, operation: str) -> None:
    """Who only reads may ask, and no more. Raises NotPermitted."""
    login = session.call.site.login_of(session.call.user)
    if login is not None and operation not in bulk1_query.OPERATIONS:
        permit(login, "write")


def _create(session: Session) -> Answer:
    info = _body(session)
    unknown = [name for name in info if name not in JOB_KEYS]
    if unknown:
        raise BulkRefused("InvalidJob", f"Unknown field in jobInfo: {unknown[0]}")
    operation, content = info.get("operation", ""), info.get("contentType", "XML")
    object = session.catalog.get(info.get("object", ""))
    _check_right(session, operation)
    queried = operation in bulk1_query.OPERATIONS
    if object is None or (not queried and (object.engine is None or not object.can)):
        raise BulkRefused("InvalidEntity", f"Entity '{info.get('object', '')}' is not supported by the Bulk API.")
    if operation == "hardDelete":
        raise BulkRefused("NOT_SIMULATED", f"Bulk 1.0 {operation} jobs are not simulated by this sandbox.", 501)
    if operation not in (*bulk_rows.OPERATIONS, *bulk1_query.OPERATIONS):
        raise BulkRefused("InvalidJob", f"Unknown operation: {operation}")
    if content not in ("CSV", "JSON"):
        raise BulkRefused("NOT_SIMULATED", f"Bulk 1.0 batches in {content} are not simulated by this sandbox.", 501)
    key = info.get("externalIdFieldName", "")
    if operation == "upsert" and (not key or object.field(key) is None):
        raise BulkRefused("InvalidJob", f"Field name provided, {key} does not match an External ID for {object.name}")
    state = session.state
    now = moment_text(session.view.now)
    details = {
        "operation": operation, "object": object.name, "contentType": content, "externalIdFieldName": key,
        "concurrencyMode": info.get("concurrencyMode", "Parallel"), "version": session.version,
        "chunked": operation in bulk1_query.OPERATIONS and bulk1_query.chunked(session),
    }  # fmt: skip
    job = Job(session.next_id(JOB_PREFIX, "jobs"), "ingest", "1", session.call.user, now, now, "Open", details)
    state.jobs[job.id] = job
    return _show(session, "jobInfo", _job_info(session, job), 201)


def _change(session: Session) -> Answer:
    job, info = _job(session), _body(session)
    _check_right(session, job.info["operation"])
    wanted = info.get("state")
    if wanted not in ("Closed", "Aborted") or len(info) != 1:
        raise BulkRefused("InvalidJob", f"A job can be Closed or Aborted, not {wanted}")
    if job.state != "Open":
        raise BulkRefused("InvalidJobState", f"Job is {job.state}. Job Id: {job.id}")
    job.state, job.changed_at = wanted, moment_text(session.view.now)
    return _show(session, "jobInfo", _job_info(session, job), 200)


def _add_batch(session: Session) -> Answer:
    job = _job(session)
    _check_right(session, job.info["operation"])
    if job.state != "Open":
        raise BulkRefused("InvalidJobState", f"Job is {job.state}. Job Id: {job.id}")
    text = session.request.body.decode("utf-8", "replace")
    if job.info["operation"] in bulk1_query.OPERATIONS:
        return _show(session, "batchInfo", _queued(_add_query(session, job, text)), 201)
    info = _new_batch(session, job)
    try:
        rows = list(_save(session, job, text))
        info["numberRecordsProcessed"] = len(rows)
        info["numberRecordsFailed"] = sum(bool(row.errors) for row in rows)
        answer = _results(job, rows)
    except CsvRefused as failure:
        info["state"], info["stateMessage"], answer = "Failed", str(failure), ""
    job.results[info["id"]] = {"info": info, "request": text, "result": answer}
    return _show(session, "batchInfo", _queued(info), 201)


def _new_batch(session: Session, job: Job) -> dict[str, Any]:
    now = moment_text(session.view.now)
    return {
        "id": session.next_id(BATCH_PREFIX, "batches"), "jobId": job.id, "state": "Completed",
        "createdDate": now, "systemModstamp": now, "numberRecordsProcessed": 0, "numberRecordsFailed": 0,
        "totalProcessingTime": 0, "apiActiveProcessingTime": 0, "apexProcessingTime": 0,
    }  # fmt: skip


def _queued(info: dict[str, Any]) -> dict[str, Any]:
    """A batch as the answer to adding it shows it, before it was worked off."""
    return {**info, "state": "Queued", "numberRecordsProcessed": 0, "numberRecordsFailed": 0}


def _add_query(session: Session, job: Job, text: str) -> dict[str, Any]:
    """Run a batch's query. Of a job that is chunked by primary key, the batch itself is not processed: its chunks are
    batches that follow, here one."""
    first = info = _new_batch(session, job)
    if job.info["chunked"]:
        first["state"] = "NotProcessed"
        job.results[first["id"]] = {"info": first, "request": text, "results": {}}
        info = _new_batch(session, job)
    results: dict[str, str] = {}
    try:
        content, info["numberRecordsProcessed"] = bulk1_query.run(session, job, text)
        results[session.next_id(bulk1_query.RESULT_PREFIX, "results")] = content
    except bulk1_query.QueryFailed as failure:
        info["state"], info["stateMessage"] = "Failed", str(failure)
    job.results[info["id"]] = {"info": info, "request": text, "results": results}
    return first


def _save(session: Session, job: Job, text: str) -> list[Row]:
    object = session.catalog.objects[job.info["object"]]
    if job.info["contentType"] == "CSV":
        names, rows = bulk_rows.read_csv(text, ",")
        bulk_rows.check_columns(names, object, session)
    else:
        rows = _json_rows(text)
    if len(rows) > MOST_ROWS:
        raise CsvRefused(f"InvalidBatch : Records not processed: more than {MOST_ROWS}")
    wishes = Wishes(assign=True, allow_duplicates=Wishes.of(session).allow_duplicates)
    done = bulk_rows.save(session, object, job.info["operation"], job.info["externalIdFieldName"], rows, wishes)
    return [one.row for one in done]


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise CsvRefused(f"InvalidBatch : Failed to parse JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CsvRefused("InvalidBatch : A JSON batch is a list of objects")
    return rows


def _results(job: Job, rows: list[Row]) -> str:
    creating = job.info["operation"] in ("insert", "upsert")
    if job.info["contentType"] == "JSON":
        shown = [
            {
                "success": row.success, "created": row.success and creating and row.created is not False,
                "id": row.id if row.success else None, "errors": [error.row() for error in row.errors],
            }
            for row in rows
        ]  # fmt: skip
        return orjson.dumps(shown).decode()
    cells = [
        [
            row.id or "" if row.success else "", "true" if row.success else "false",
            "true" if row.success and creating and row.created is not False else "false", bulk_rows.error_text(row),
        ]
        for row in rows
    ]  # fmt: skip
    return bulk_rows.write_csv(("Id", "Success", "Created", "Error"), cells)


def _result(session: Session) -> Answer:
    batch = _batch(session)
    if "results" not in batch:
        return _raw(batch["result"], _job(session))
    if _speaks_json(session):
        return Answer(200, orjson.dumps(list(batch["results"])), {"content-type": JSON})
    inside = "".join(f"<result>{id}</result>" for id in batch["results"])
    return Answer(200, _document("result-list", inside), {"content-type": XML})


def _query_result(session: Session) -> Answer:
    asked = session.call.params["result"]
    found = _batch(session).get("results", {}).get(read_id(asked) or "")
    if found is None:
        raise BulkRefused("InvalidBatch", f"Unable to find result: {asked}")
    return _raw(found, _job(session))


def _list_batches(session: Session) -> Answer:
    infos = [batch["info"] for batch in _job(session).results.values()]
    if _speaks_json(session):
        return Answer(200, orjson.dumps({"batchInfo": infos}), {"content-type": JSON})
    inside = "".join(f"<batchInfo>{_elements(info)}</batchInfo>" for info in infos)
    return Answer(200, _document("batchInfoList", inside), {"content-type": XML})


# --- reading and showing ----------------------------------------------------------------------------------------


def _job(session: Session) -> Job:
    job = session.state.jobs.get(read_id(session.call.params["job"]) or "")
    if job is None or job.api != "1":
        raise BulkRefused("InvalidJob", f"Unable to find object: {session.call.params['job']}")
    return job


def _batch(session: Session) -> dict[str, Any]:
    batch = _job(session).results.get(read_id(session.call.params["batch"]) or "")
    if batch is None:
        raise BulkRefused("InvalidBatch", f"Unable to find batch: {session.call.params['batch']}")
    found: dict[str, Any] = batch
    return found


def _body(session: Session) -> dict[str, str]:
    body = session.request.body
    if "json" in session.header("content-type"):
        try:
            read = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise BulkRefused("InvalidJob", "Unable to parse Job") from None
        if not isinstance(read, dict):
            raise BulkRefused("InvalidJob", "Unable to parse Job")
        return {str(name): str(value) for name, value in read.items() if value is not None}
    try:
        root = read_xml(body)
    except XmlRefused:
        raise BulkRefused("InvalidJob", "Unable to parse Job") from None
    if root.tag != f"{{{NAMESPACE}}}jobInfo":
        raise BulkRefused("InvalidJob", "Unable to parse Job")
    return {local_name(one): (one.text or "").strip() for one in root}


def _job_info(session: Session, job: Job) -> dict[str, Any]:
    infos = [batch["info"] for batch in job.results.values()]
    failed = sum(info["state"] == "Failed" for info in infos)
    shown = {
        "id": job.id,
        "operation": job.info["operation"],
        "object": job.info["object"],
        "createdById": session.view.user_id(job.user),
        "createdDate": job.made_at,
        "systemModstamp": job.changed_at,
        "state": job.state,
        "externalIdFieldName": job.info["externalIdFieldName"],
        "concurrencyMode": job.info["concurrencyMode"],
        "contentType": job.info["contentType"],
        "numberBatchesQueued": 0,
        "numberBatchesInProgress": 0,
        "numberBatchesCompleted": len(infos) - failed,
        "numberBatchesFailed": failed,
        "numberBatchesTotal": len(infos),
        "numberRecordsProcessed": sum(info["numberRecordsProcessed"] for info in infos),
        "numberRetries": 0,
        "apiVersion": float(job.info["version"]),
        "numberRecordsFailed": sum(info["numberRecordsFailed"] for info in infos),
        "totalProcessingTime": 0,
        "apiActiveProcessingTime": 0,
        "apexProcessingTime": 0,
    }
    if not shown["externalIdFieldName"]:
        del shown["externalIdFieldName"]
    return shown


def _show(session: Session, name: str, values: dict[str, Any], status: int) -> Answer:
    if _speaks_json(session):
        return Answer(status, orjson.dumps(values), {"content-type": JSON})
    return Answer(status, _document(name, _elements(values)), {"content-type": XML})


def _elements(values: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def _document(name: str, inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{NAMESPACE}">{inside}</{name}>'.encode()


def _raw(text: str, job: Job) -> Answer:
    kind = JSON if job.info["contentType"] == "JSON" else "text/csv"
    return Answer(200, text.encode(), {"content-type": kind})
