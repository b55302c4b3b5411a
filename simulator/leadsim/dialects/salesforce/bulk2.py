"""Bulk API 2.0: ingest jobs and query jobs. A job that is closed is worked off at once: the next look finds it done.

States: Open, UploadComplete, (InProgress,) JobComplete, Failed, Aborted (vendors file 1A, rows 14 and 15).
"""

from __future__ import annotations

import re
from typing import Any

from leadsim.dialects.salesforce import bulk_query, bulk_rows
from leadsim.dialects.salesforce.bulk_rows import DELIMITERS, LINE_ENDS, CsvRefused
from leadsim.dialects.salesforce.charsets import charset_of
from leadsim.dialects.salesforce.encoding import moment_text
from leadsim.dialects.salesforce.errors import not_simulated, refused
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.queries import of_query, planned, runner
from leadsim.dialects.salesforce.rows import Wishes, check_rule
from leadsim.dialects.salesforce.session import Session, check_keys, limit_info, object_body
from leadsim.dialects.salesforce.soql.failures import QueryRefused
from leadsim.dialects.salesforce.soql.plans import Plan
from leadsim.dialects.salesforce.state import Job
from leadsim.gateway.messages import Answer

CSV = "text/csv"
JOB_PREFIX = "750"
MOST_BYTES = 150_000_000
INGEST_KEYS = (
    "object",
    "operation",
    "externalIdFieldName",
    "contentType",
    "lineEnding",
    "columnDelimiter",
    "assignmentRuleId",
)
QUERY_KEYS = ("operation", "query", "contentType", "lineEnding", "columnDelimiter")
_LOCATOR = re.compile("MTAw([0-9a-f]{1,8})L")
ONE_UPLOAD = (
    "Found multiple contents for job: <{job}>, please 'Close' / 'Abort' / 'Delete' the current Job then create "
    "a new Job "
    "and make sure you only do 'PUT' once on a given Job."
)


# --- jobs of both kinds -----------------------------------------------------------------------------------------


def _new_job(session: Session, kind: str, info: dict[str, Any]) -> Job:
    state = session.state
    now = moment_text(session.view.now)
    job = Job(session.next_id(JOB_PREFIX, "jobs"), kind, "2", session.call.user, now, now, info.pop("state"), info)
    state.jobs[job.id] = job
    return job


def _job(session: Session, kind: str) -> Job:
    """The job that the path names. Raises ApiRefused."""
    id = read_id(session.call.params["job"])
    job = session.state.jobs.get(id or "")
    if job is None or job.kind != kind or job.api != "2":
        raise refused("NOT_FOUND", "The requested resource does not exist")
    return job


def _moved(session: Session, job: Job, state: str) -> None:
    job.state = state
    job.changed_at = moment_text(session.view.now)


def _format(body: dict[str, Any]) -> dict[str, Any]:
    """The file format that a job asks for. Raises ApiRefused."""
    for name in ("contentType", "columnDelimiter", "lineEnding"):
        if not isinstance(body.get(name, ""), str):
            raise refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of string: {name}")
    content = body.get("contentType", "CSV")
    delimiter, line_end = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if content != "CSV":
        raise refused("INVALIDJOB", f"InvalidJob : Unsupported content type: {content}", status=400)
    if delimiter not in DELIMITERS:
        raise refused("INVALIDJOB", f"InvalidJob : Unsupported column delimiter: {delimiter}", status=400)
    if line_end not in LINE_ENDS:
        raise refused("INVALIDJOB", f"InvalidJob : Unsupported line ending: {line_end}", status=400)
    return {"contentType": "CSV", "columnDelimiter": delimiter, "lineEnding": line_end}


def _info(session: Session, job: Job) -> dict[str, Any]:
    shared = {
        "id": job.id,
        "operation": job.info["operation"],
        "object": job.info["object"],
        "createdById": session.view.user_id(job.user),
        "createdDate": job.made_at,
        "systemModstamp": job.changed_at,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.info["version"]),
        "lineEnding": job.info["lineEnding"],
        "columnDelimiter": job.info["columnDelimiter"],
    }
    if job.kind == "ingest":
        shared["contentUrl"] = f"services/data/v{job.info['version']}/jobs/ingest/{job.id}/batches"
        if job.info.get("externalIdFieldName"):
            shared["externalIdFieldName"] = job.info["externalIdFieldName"]
    return shared


def _results(job: Job) -> dict[str, Any]:
    """What a look at a job adds: the counts."""
    counts: dict[str, Any] = {
        "jobType": "V2Ingest" if job.kind == "ingest" else "V2Query",
        "numberRecordsProcessed": job.results.get("processed", 0),
        "retries": 0,
        "totalProcessingTime": 0,
    }
    if job.kind == "ingest":
        counts["numberRecordsFailed"] = job.results.get("failed_count", 0)
        counts["apiActiveProcessingTime"] = counts["apexProcessingTime"] = 0
    if job.results.get("message"):
        counts["errorMessage"] = job.results["message"]
    return counts


FILTERS = ("concurrencyMode", "isPkChunkingEnabled", "jobType", "queryLocator")


def _list(session: Session, kind: str) -> Answer:
    asked = next((name for name, _ in session.request.query if name in FILTERS), None)
    if asked is not None:
        raise not_simulated(f"A list of jobs by {asked}")
    jobs = [job for job in session.state.jobs.values() if job.kind == kind and job.api == "2"]
    shown = [{**_info(session, job), "jobType": _results(job)["jobType"]} for job in jobs]
    return session.answer(200, {"done": True, "records": shown, "nextRecordsUrl": None})


def _delete(session: Session, kind: str) -> Answer:
    job = _job(session, kind)
    if job.state not in ("UploadComplete", "JobComplete", "Aborted", "Failed"):
        raise refused("INVALIDJOBSTATE", f"Deleting not allowed. Job Id: {job.id}, state: {job.state}")
    del session.state.jobs[job.id]
    return session.answer(204)


# --- ingest -----------------------------------------------------------------------------------------------------


def create_ingest(session: Session) -> Answer:
    """POST /jobs/ingest"""
    body = object_body(session.json())
    check_keys(body, INGEST_KEYS)
    name, operation = body.get("object"), body.get("operation")
    object = session.catalog.get(name) if isinstance(name, str) else None
    if object is None or object.engine is None or not object.can:
        raise refused("INVALIDENTITY", f"InvalidEntity : Entity '{name}' is not supported by the Bulk API.", status=400)
    if operation == "hardDelete":
        raise refused("NOT_SIMULATED", "hardDelete jobs are not simulated by this sandbox.")
    if operation not in bulk_rows.OPERATIONS:
        raise refused("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}", status=400)
    key = body.get("externalIdFieldName")
    if operation == "upsert":
        field = object.field(key) if isinstance(key, str) else None
        if field is None or not (field.external_id or field.type == "id"):
            raise refused(
                "INVALIDJOB", f"InvalidJob : Field name provided, {key} does not match an External ID", status=400
            )
    elif key is not None and not isinstance(key, str):
        raise refused("JSON_PARSER_ERROR", "Cannot deserialize instance of string: externalIdFieldName")
    if body.get("assignmentRuleId") is not None:
        check_rule(session, str(body["assignmentRuleId"]))
    version = session.version
    info = {"operation": operation, "object": object.name, "externalIdFieldName": key, "version": version}
    job = _new_job(session, "ingest", {**info, **_format(body), "state": "Open"})
    return session.answer(200, _info(session, job))


def list_ingest(session: Session) -> Answer:
    """GET /jobs/ingest"""
    return _list(session, "ingest")


def read_ingest(session: Session) -> Answer:
    """GET /jobs/ingest/{job}"""
    job = _job(session, "ingest")
    return session.answer(200, {**_info(session, job), **_results(job)})


def delete_ingest(session: Session) -> Answer:
    """DELETE /jobs/ingest/{job}"""
    return _delete(session, "ingest")


def upload(session: Session) -> Answer:
    """PUT /jobs/ingest/{job}/batches: the whole file, once."""
    job = _job(session, "ingest")
    if job.state != "Open" or job.data:
        raise refused("INVALIDJOBSTATE", ONE_UPLOAD.format(job=job.id))
    said = session.header("content-type")
    if said.partition(";")[0].strip().lower() != CSV:
        raise refused("UNSUPPORTED_MEDIA_TYPE", "Content-Type must be text/csv")
    if charset_of(said).lower() not in ("utf-8", "utf8"):
        raise refused("UNSUPPORTED_MEDIA_TYPE", "The charset must be UTF-8")
    if len(session.request.body) > MOST_BYTES:
        raise refused("EXCEEDED_MAX_SIZE_REQUEST", "The upload exceeds the limit of 150 MB")
    try:
        job.data = session.request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise refused("INVALIDBATCH", "InvalidBatch : The file is not encoded in UTF-8", status=400) from None
    return session.answer(201)


def change_ingest(session: Session) -> Answer:
    """PATCH /jobs/ingest/{job}: close it (UploadComplete) or abort it (Aborted)."""
    job = _job(session, "ingest")
    wanted = _wanted_state(session, ("UploadComplete", "Aborted"))
    if job.state != "Open":
        raise refused("INVALIDJOBSTATE", f"Job state can't be changed from {job.state} to {wanted}. Job Id: {job.id}")
    wishes = Wishes.of(session)
    _moved(session, job, wanted)
    shown = _info(session, job)
    if wanted == "UploadComplete":
        _work(session, job, Wishes(assign=True, allow_duplicates=wishes.allow_duplicates))
    return session.answer(200, shown)


def _wanted_state(session: Session, known: tuple[str, ...]) -> str:
    body = object_body(session.json())
    check_keys(body, ("state",))
    wanted = body.get("state")
    if wanted not in known:
        raise refused("INVALIDJOBSTATE", f"Unsupported job state: {wanted}")
    return str(wanted)


def _work(session: Session, job: Job, wishes: Wishes) -> None:
    """Do all rows of a job."""
    object = session.catalog.objects[job.info["object"]]
    delimiter = DELIMITERS[job.info["columnDelimiter"]]
    try:
        bulk_rows.check_line_ends(job.data, job.info["lineEnding"])
        names, rows = bulk_rows.read_csv(job.data, delimiter)
        bulk_rows.check_columns(names, object, session, job.info["operation"])
    except CsvRefused as failure:
        job.results = {"message": str(failure), "header": [], "unprocessed": job.data}
        _moved(session, job, "Failed")
        return
    key = str(job.info.get("externalIdFieldName") or "")
    good: list[list[str]] = []
    bad: list[list[str]] = []
    for done in bulk_rows.save(session, object, job.info["operation"], key, rows, wishes):
        values = list(done.values.values())
        if done.row.errors:
            bad.append([done.row.id or "", bulk_rows.error_text(done.row), *values])
        else:
            created = done.row.created if job.info["operation"] == "upsert" else job.info["operation"] == "insert"
            good.append([done.row.id or "", "true" if created else "false", *values])
    job.results = {
        "header": names, "good": good, "bad": bad, "processed": len(rows), "failed_count": len(bad), "unprocessed": "",
    }  # fmt: skip
    _moved(session, job, "JobComplete")


def successful(session: Session) -> Answer:
    """GET /jobs/ingest/{job}/successfulResults"""
    return _rows_of(session, ("sf__Id", "sf__Created"), "good")


def failed(session: Session) -> Answer:
    """GET /jobs/ingest/{job}/failedResults"""
    return _rows_of(session, ("sf__Id", "sf__Error"), "bad")


def unprocessed(session: Session) -> Answer:
    """GET /jobs/ingest/{job}/unprocessedrecords: what a job that failed or was aborted left undone."""
    job = _job(session, "ingest")
    text = job.results.get("unprocessed", "") if job.state != "Aborted" else job.data
    if not text and job.results.get("header"):
        text = _file(job, job.results["header"], [])
    return _csv(session, text)


def _rows_of(session: Session, first: tuple[str, str], which: str) -> Answer:
    job = _job(session, "ingest")
    if job.state not in ("JobComplete", "Failed", "Aborted"):
        raise refused("INVALIDJOBSTATE", f"Results are not available yet. Job Id: {job.id}, state: {job.state}")
    return _csv(session, _file(job, [*first, *job.results.get("header", [])], job.results.get(which, [])))


def _file(job: Job, header: list[str], rows: list[list[str]]) -> str:
    return bulk_rows.write_csv(header, rows, DELIMITERS[job.info["columnDelimiter"]], LINE_ENDS[job.info["lineEnding"]])


def _csv(session: Session, text: str, headers: dict[str, str] | None = None) -> Answer:
    shared = {
        "content-type": f"{CSV};charset=UTF-8",
        "sforce-limit-info": limit_info(session.call.site.quota),
        **(headers or {}),
    }
    return Answer(200, text.encode(), shared)


# --- query ------------------------------------------------------------------------------------------------------


def create_query(session: Session) -> Answer:
    """POST /jobs/query"""
    body = object_body(session.json())
    check_keys(body, QUERY_KEYS)
    operation, text = body.get("operation"), body.get("query")
    if operation not in ("query", "queryAll") or not isinstance(text, str):
        raise refused("INVALIDJOB", f"InvalidJob : Unsupported operation: {operation}", status=400)
    form = _format(body)
    try:
        made = planned(session, text)
        bulk_query.check(made)
        runner(session, text, deleted=False).check(made)
    except QueryRefused as failure:
        raise of_query(failure) from None
    info = {"operation": operation, "object": made.object.name, "query": text, "version": session.version}
    job = _new_job(session, "query", {**info, **form, "state": "UploadComplete"})
    shown = _info(session, job)
    _run(session, job, made)
    return session.answer(200, shown)


def _run(session: Session, job: Job, made: Plan) -> None:
    running = runner(session, job.info["query"], deleted=job.info["operation"] == "queryAll")
    header, rows = bulk_query.cells(made, running)
    job.results = {"header": header, "rows": rows, "processed": len(rows)}
    _moved(session, job, "JobComplete")


def list_query(session: Session) -> Answer:
    """GET /jobs/query"""
    return _list(session, "query")


def read_query(session: Session) -> Answer:
    """GET /jobs/query/{job}"""
    job = _job(session, "query")
    return session.answer(200, {**_info(session, job), **_results(job)})


def change_query(session: Session) -> Answer:
    """PATCH /jobs/query/{job}: abort it. One that is done can't be aborted any more."""
    job = _job(session, "query")
    wanted = _wanted_state(session, ("Aborted",))
    raise refused("INVALIDJOBSTATE", f"Job state can't be changed from {job.state} to {wanted}. Job Id: {job.id}")


def delete_query(session: Session) -> Answer:
    """DELETE /jobs/query/{job}"""
    return _delete(session, "query")


def results(session: Session) -> Answer:
    """GET /jobs/query/{job}/results?locator&maxRecords; the last page's locator is the word null."""
    job = _job(session, "query")
    query = dict(session.request.query)
    rows = job.results["rows"]
    start = _start_of(query.get("locator", ""))
    if start is None or start > max(0, len(rows) - 1):
        raise refused("INVALID_QUERY_LOCATOR", f"invalid locator: {query['locator']}")
    asked = query.get("maxRecords", "")
    if asked and (not (asked.isascii() and asked.isdecimal()) or int(asked) == 0):
        raise refused("INVALIDJOB", f"invalid maxRecords: {asked}", status=400)
    most = int(asked) if asked else len(rows)
    page = rows[start : start + most]
    following = start + len(page)
    locator = "null" if following >= len(rows) else _locator(following)
    text = _file(job, job.results["header"], page)
    return _csv(session, text, {"sforce-locator": locator, "sforce-numberofrecords": str(len(page))})


def _locator(start: int) -> str:
    """A page's name: opaque to clients."""
    return f"MTAw{start:x}L"


def _start_of(locator: str) -> int | None:
    if not locator:
        return 0
    found = _LOCATOR.fullmatch(locator)
    return int(found[1], 16) if found else None
