"""Bulk jobs: many rows as JSON or CSV, written in chunks of 200, each chunk one transaction.

A job is closed and done in one step, so that under virtual time it is complete before the next request
(architecture.md "The rules of the house", 2).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import orjson

from leadsim.dialects.native import shapes
from leadsim.dialects.native.cursors import cursor_text, read_cursor
from leadsim.dialects.native.errors import (
    BAD_BODY,
    JOB_STATE,
    WRONG_MEDIA,
    NativeRefusal,
    detail,
    from_lax_json,
    problem,
)
from leadsim.engine.change import Change, Saved
from leadsim.engine.clock import iso
from leadsim.engine.records import BATCH_LIMIT
from leadsim.engine.refusals import Refused
from leadsim.gateway.call import Call
from leadsim.gateway.messages import JSON, Answer
from leadsim.gateway.strictness import LaxJson, check_parsed

CSV = "text/csv"
MEDIA = {"json": JSON, "csv": CSV}
ROWS_LIMIT = 150_000
JOBS_KEPT = 1000
PAGE = 2000
ID_LETTERS = 12
State = Literal["open", "complete", "failed", "aborted"]


@dataclass(slots=True)
class Job:
    """One bulk job; `rows` are emptied when it is done. Row numbers count from 1, the CSV header not counted."""

    id: str
    object: str
    op: Literal["create", "update", "upsert", "delete"]
    key: str | None
    format: Literal["json", "csv"]
    created_at: str
    state: State = "open"
    rows: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    message: str = ""

    def copy(self) -> Job:
        """For a snapshot."""
        return replace(self, rows=list(self.rows), results=list(self.results), counts=dict(self.counts))

    def to_json(self) -> dict[str, Any]:
        """The job without its rows."""
        return {
            "id": self.id,
            "object": self.object,
            "op": self.op,
            "key": self.key,
            "format": self.format,
            "state": self.state,
            "created_at": self.created_at,
            "rows": len(self.rows) if self.state == "open" else len(self.results),
            "counts": {outcome: self.counts.get(outcome, 0) for outcome in OUTCOMES},
            "message": self.message,
        }


OUTCOMES = ("created", "updated", "unchanged", "deleted", "refused")


def open_job(call: Call, query: None, body: shapes.NewJob) -> Answer:
    """POST jobs"""
    spec = call.org.schema.get(body.object)
    if (body.op == "upsert") != (body.key is not None):
        raise NativeRefusal(BAD_BODY, "key: an upsert names the field that finds its records, and nothing else does")
    if body.key is not None and body.key not in spec.fields:
        raise NativeRefusal(
            "REF701",
            f"{body.object} has no field {body.key!r}",
            problems=[problem(body.key, "unknown_field", f"{body.object} has no field {body.key!r}", body.key)],
        )
    id = call.org.chance.stream(call.org.name, "jobs").letters(ID_LETTERS)
    job = Job(id, body.object, body.op, body.key, body.format, iso(call.now))
    jobs = _jobs(call)
    jobs[job.id] = job
    while len(jobs) > JOBS_KEPT:
        del jobs[next(iter(jobs))]
    return Answer.json(201, job.to_json())


def add_data(call: Call, query: None, body: bytes) -> Answer:
    """PUT jobs/{id}/data: a part of the rows; parts are put together in the order they arrive."""
    job = _open(call)
    media = call.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != MEDIA[job.format]:
        raise NativeRefusal(
            WRONG_MEDIA,
            f"this job reads {job.format}, not {media or 'nothing'}",
            status=415,
            fix=f"Send {MEDIA[job.format]}",
        )
    rows = list(_json_rows(body) if job.format == "json" else _csv_rows(body))
    if len(job.rows) + len(rows) > ROWS_LIMIT:
        raise NativeRefusal(BAD_BODY, f"a job has at most {ROWS_LIMIT} rows", fix="Open another job for the rest")
    job.rows += rows
    return Answer.json(200, job.to_json())


def close_job(call: Call, query: None, body: None) -> Answer:
    """POST jobs/{id}/close: write the rows."""
    job = _open(call)
    unknown = _unknown_columns(call, job)
    if unknown:
        job.state = "failed"
        job.message = f"{job.object} has no field {', '.join(unknown)}; no row was written"
        job.rows = []
        return Answer.json(200, job.to_json())
    for start in range(0, len(job.rows), BATCH_LIMIT):
        chunk = [_change(job, row) for row in job.rows[start : start + BATCH_LIMIT]]
        for number, result in enumerate(call.org.save_batch(chunk, call.by), start + 1):
            told = _told(number, result)
            job.results.append(told)
            job.counts[told["outcome"]] = job.counts.get(told["outcome"], 0) + 1
    job.rows = []
    job.state = "complete"
    return Answer.json(200, job.to_json())


def _told(number: int, result: Saved | Refused) -> dict[str, Any]:
    """What became of one row; a job doesn't repeat the records."""
    if isinstance(result, Refused):
        return {"row": number, "outcome": "refused", "id": None, "version": None, "error": detail(result)}
    record = result.record
    return {"row": number, "outcome": result.outcome, "id": record.id, "version": record.version, "error": None}


def read_job(call: Call, query: None, body: None) -> Answer:
    """GET jobs/{id}"""
    return Answer.json(200, _job(call).to_json())


def abort_job(call: Call, query: None, body: None) -> Answer:
    """DELETE jobs/{id}"""
    job = _open(call)
    job.state = "aborted"
    job.rows = []
    return Answer(204)


def results(call: Call, query: shapes.JobResultsParameters, body: None) -> Answer:
    """GET jobs/{id}/results"""
    job = _job(call)
    question = (call.org.name, "results", job.id)
    place = read_cursor(query.cursor, 1, question)
    start = place[0] if place is not None else 0
    end = start + PAGE
    following = (end,) if end < len(job.results) else None
    return Answer.json(200, {"results": job.results[start:end], "next": cursor_text(following, question)})


def _jobs(call: Call) -> dict[str, Job]:
    return call.site.jobs


def _job(call: Call) -> Job:
    job = _jobs(call).get(call.params["id"])
    if job is None:
        raise Refused("gone", f"There is no job {call.params['id']}.")
    return job


def _open(call: Call) -> Job:
    job = _job(call)
    if job.state != "open":
        raise NativeRefusal(
            JOB_STATE, f"job {job.id} is {job.state}", status=409, kind="conflict", fix="Open another job for more rows"
        )
    return job


def _json_rows(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        rows = orjson.loads(body)
        check_parsed(body, rows)
    except orjson.JSONDecodeError as error:
        raise NativeRefusal(BAD_BODY, f"the data is no JSON: {error}") from None
    except LaxJson as lax:
        raise from_lax_json(lax) from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NativeRefusal(BAD_BODY, "the data is no JSON array of objects", fix='Send [{"LastName": "Test"}, ...]')
    yield from rows


def _csv_rows(body: bytes) -> Iterator[dict[str, Any]]:
    """Rows of a CSV part; each part begins with the header (RFC 4180). A row of another length is refused by row."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NativeRefusal(BAD_BODY, f"the CSV is not UTF-8 at byte {error.start}") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header) or "" in header:
            raise NativeRefusal(BAD_BODY, "the CSV needs a header row of field ids, each named once")
        for row in reader:
            if not row:
                continue  # a blank line
            if len(row) != len(header):
                told = f"line {reader.line_num} has {len(row)} values for {len(header)} columns"
                raise NativeRefusal(BAD_BODY, f"{told}; nothing of this part was taken")
            yield dict(zip(header, row, strict=True))
    except csv.Error as error:
        raise NativeRefusal(BAD_BODY, f"the CSV cannot be read at line {reader.line_num}: {error}") from None


def _unknown_columns(call: Call, job: Job) -> list[str]:
    fields = call.org.schema.get(job.object).fields
    named: set[str] = set().union(*job.rows)
    if job.op in ("update", "delete"):
        named.discard("id")
    return sorted(column for column in named if column not in fields)


def _change(job: Job, row: dict[str, Any]) -> Change:
    """One row. Blank text of a CSV empties nothing on create, and empties the field on update."""
    if job.op == "upsert":
        assert job.key is not None
        return Change("upsert", job.object, key=(job.key, row.get(job.key)), values=row)
    if job.op == "create":
        return Change("create", job.object, values=row)
    id = row.get("id")
    return Change(
        job.op,
        job.object,
        id=id if isinstance(id, str) else "",
        values={} if job.op == "delete" else {column: value for column, value in row.items() if column != "id"},
        assign=False,
    )
