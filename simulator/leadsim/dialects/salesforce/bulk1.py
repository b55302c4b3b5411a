"""Bulk API 1.0: jobs with batches, in CSV or JSON. Job and batch information is XML or JSON, as the client speaks.

A batch is done as soon as it is added. Batches in XML are refused by name.
"""

from __future__ import annotations

from typing import Any

import orjson

from leadsim.dialects.salesforce import bulk1_query, bulk_rows
from leadsim.dialects.salesforce.bulk1_wire import (
    CONTENTS,
    JSON,
    XML,
    BulkRefused,
    batch_text,
    document,
    elements,
    file_answer,
    job_body,
    refusal,
    show,
    speaks_json,
)
from leadsim.dialects.salesforce.bulk_rows import CsvRefused
from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.encoding import moment_text
from leadsim.dialects.salesforce.errors import ApiRefused
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.rows import Row, Wishes, check_rule
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.state import Job
from leadsim.gateway.credentials import permit
from leadsim.gateway.messages import Answer
from leadsim.gateway.strictness import LaxJson, check_json

JOB_PREFIX, BATCH_PREFIX = "750", "751"
MOST_ROWS = 10_000
NOT_SIMULATED_CONTENTS = ("XML", "ZIP_CSV", "ZIP_JSON", "ZIP_XML")
MODES = {"Parallel": "Parallel", "Serial": "Serial", "0": "Parallel", "1": "Serial"}
"""By name, or by number as simple-salesforce sends it."""
JOB_KEYS = ("operation", "object", "contentType", "concurrencyMode", "externalIdFieldName", "assignmentRuleId")


# --- handlers ---------------------------------------------------------------------------------------------------


def create(session: Session) -> Answer:
    """POST /job"""
    return _guarded(session, _create)


def read(session: Session) -> Answer:
    """GET /job/{job}"""
    return _guarded(session, lambda one: show(one, "jobInfo", _job_info(one, _job(one)), 200))


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
    return _guarded(session, lambda one: show(one, "batchInfo", _batch(one)["info"], 200))


def request(session: Session) -> Answer:
    """GET /job/{job}/batch/{batch}/request: what was sent."""
    return _guarded(session, lambda one: file_answer(_batch(one)["request"], _job(one)))


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
        return refusal(failure.code, failure.text, failure.status, json=speaks_json(session))
    return answer


def _check_right(session: Session, operation: str) -> None:
    """Who only reads may ask, and no more. Raises NotPermitted."""
    login = session.call.site.login_of(session.call.user)
    if login is not None and operation not in bulk1_query.OPERATIONS:
        permit(login, "write")


def _create(session: Session) -> Answer:
    info = job_body(session)
    _check_info(session, info)
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
    if content not in (*CONTENTS, *NOT_SIMULATED_CONTENTS):
        raise BulkRefused("InvalidJob", f"Unknown contentType: {content}")
    if content not in CONTENTS:
        raise BulkRefused("NOT_SIMULATED", f"Bulk 1.0 batches in {content} are not simulated by this sandbox.", 501)
    key = info.get("externalIdFieldName", "")
    if operation == "upsert" and not _is_key(object, key):
        raise BulkRefused("InvalidJob", f"Field name provided, {key} does not match an External ID for {object.name}")
    state = session.state
    now = moment_text(session.view.now)
    details = {
        "operation": operation, "object": object.name, "contentType": content, "externalIdFieldName": key,
        "concurrencyMode": MODES[info.get("concurrencyMode", "Parallel")], "version": session.version,
        "chunked": operation in bulk1_query.OPERATIONS and bulk1_query.chunked(session),
    }  # fmt: skip
    job = Job(session.next_id(JOB_PREFIX, "jobs"), "ingest", "1", session.call.user, now, now, "Open", details)
    state.jobs[job.id] = job
    return show(session, "jobInfo", _job_info(session, job), 201)


def _check_info(session: Session, info: dict[str, str]) -> None:
    """Raises BulkRefused for what no new job may say."""
    unknown = [name for name in info if name not in JOB_KEYS]
    if unknown:
        raise BulkRefused("InvalidJob", f"Unknown field in jobInfo: {unknown[0]}")
    mode = info.get("concurrencyMode", "Parallel")
    if mode not in MODES:
        raise BulkRefused("InvalidJob", f"Unknown concurrencyMode: {mode}")
    if "assignmentRuleId" in info:
        try:
            check_rule(session, info["assignmentRuleId"])
        except ApiRefused as refusal:
            raise BulkRefused("InvalidJob", str(refusal)) from None
    if not bulk1_query.readable(session):
        raise BulkRefused("InvalidJob", f"Invalid PK chunking header: {session.header(bulk1_query.CHUNKING)}")


def _is_key(object: SObject, name: str) -> bool:
    field = object.field(name)
    return field is not None and (field.external_id or field.type == "id")


def _change(session: Session) -> Answer:
    job, info = _job(session), job_body(session)
    _check_right(session, job.info["operation"])
    wanted = info.get("state")
    if wanted not in ("Closed", "Aborted"):
        raise BulkRefused("InvalidJob", f"A job can be Closed or Aborted, not {wanted}")
    # Some clients send the job's id beside its state.
    unknown = [name for name, value in info.items() if name != "state" and (name != "id" or read_id(value) != job.id)]
    if unknown:
        raise BulkRefused("InvalidJob", f"A job's {unknown[0]} can't be changed")
    if job.state != "Open":
        raise BulkRefused("InvalidJobState", f"Job is {job.state}. Job Id: {job.id}")
    job.state, job.changed_at = wanted, moment_text(session.view.now)
    return show(session, "jobInfo", _job_info(session, job), 200)


def _add_batch(session: Session) -> Answer:
    job = _job(session)
    _check_right(session, job.info["operation"])
    if job.state != "Open":
        raise BulkRefused("InvalidJobState", f"Job is {job.state}. Job Id: {job.id}")
    text = batch_text(session, job)
    if job.info["operation"] in bulk1_query.OPERATIONS:
        return show(session, "batchInfo", _queued(_add_query(session, job, text)), 201)
    info = _new_batch(session, job)
    try:
        rows = list(_save(session, job, text))
        info["numberRecordsProcessed"] = len(rows)
        info["numberRecordsFailed"] = sum(bool(row.errors) for row in rows)
        answer = _results(job, rows)
    except CsvRefused as failure:
        info["state"], info["stateMessage"], answer = "Failed", str(failure), ""
    job.results[info["id"]] = {"info": info, "request": text, "result": answer}
    return show(session, "batchInfo", _queued(info), 201)


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
        bulk_rows.check_columns(names, object, session, job.info["operation"])
    else:
        rows = _json_rows(text)
        if job.info["operation"] == "delete":
            for row in rows:
                bulk_rows.check_columns(list(row), object, session, "delete")
    if len(rows) > MOST_ROWS:
        raise CsvRefused(f"InvalidBatch : Records not processed: more than {MOST_ROWS}")
    try:
        wishes = Wishes(assign=True, allow_duplicates=Wishes.of(session).allow_duplicates)
    except ApiRefused as refusal:
        raise BulkRefused("InvalidBatch", str(refusal)) from None
    csv, key = job.info["contentType"] == "CSV", job.info["externalIdFieldName"]
    done = bulk_rows.save(session, object, job.info["operation"], key, rows, wishes, csv=csv)
    return [one.row for one in done]


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        rows = orjson.loads(text)
        check_json(text.encode())
    except (orjson.JSONDecodeError, LaxJson) as error:
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
        return file_answer(batch["result"], _job(session))
    if speaks_json(session):
        return Answer(200, orjson.dumps(list(batch["results"])), {"content-type": JSON})
    inside = "".join(f"<result>{id}</result>" for id in batch["results"])
    return Answer(200, document("result-list", inside), {"content-type": XML})


def _query_result(session: Session) -> Answer:
    asked = session.call.params["result"]
    found = _batch(session).get("results", {}).get(read_id(asked) or "")
    if found is None:
        raise BulkRefused("InvalidBatch", f"Unable to find result: {asked}")
    return file_answer(found, _job(session))


def _list_batches(session: Session) -> Answer:
    infos = [batch["info"] for batch in _job(session).results.values()]
    if speaks_json(session):
        return Answer(200, orjson.dumps({"batchInfo": infos}), {"content-type": JSON})
    inside = "".join(f"<batchInfo>{elements(info)}</batchInfo>" for info in infos)
    return Answer(200, document("batchInfoList", inside), {"content-type": XML})


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
