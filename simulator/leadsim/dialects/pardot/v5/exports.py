"""POST /exports: all records of an object that were made or changed in a span of time, as CSV files.

The procedures are those that version 4 documents (filter_by_created_at, filter_by_updated_at), in version 5's spelling,
which no page that could be read confirms: coverage.py says so.
An export is complete at the next request; its files are kept for a week.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from leadsim.dialects.pardot.encoding import read_moment, v5_json
from leadsim.dialects.pardot.errors import PardotRefused, not_simulated
from leadsim.dialects.pardot.jobs import COMPLETE, WAITING, expired, job_of, new_job
from leadsim.dialects.pardot.search import Condition, Deleted, Search, every
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.v5.fields import read_fields
from leadsim.gateway.messages import Answer

CSV = "text/csv; charset=utf-8"
ROWS_OF_A_FILE, MOST_FIELDS = 10_000, 150
YEAR = timedelta(days=366)
OBJECTS: Mapping[str, str] = {
    "prospect": "prospects", "listmembership": "list-memberships", "visitoractivity": "visitor-activities",
}  # fmt: skip
# Procedure: (field, argument after, argument before).
PROCEDURES: Mapping[str, tuple[str, str, str]] = {
    "filterByCreatedAt": ("createdAt", "createdAfter", "createdBefore"),
    "filterByUpdatedAt": ("updatedAt", "updatedAfter", "updatedBefore"),
}
NOT_SIMULATED = ("name", "includeByteOrderMark", "legacyDateFormat", "maxFileSizeBytes")
_DELETED: Mapping[object, Deleted] = {"all": "all", "true": "true", "false": "false", True: "true", False: "false"}


def create(session: Session) -> Answer:
    """POST /exports"""
    asked_back = session.query("fields").get("fields")
    body = session.json()
    for name in body:
        if name in NOT_SIMULATED:
            raise not_simulated(f"{name} of exports")
        if name not in ("object", "fields", "procedure"):
            raise PardotRefused(180, name)
    collection = OBJECTS.get(str(body.get("object", "")).replace("_", "").lower())
    if collection is None:
        raise PardotRefused(154 if "object" in body else 153, "object")
    object = session.catalog.objects[collection]
    names = body.get("fields", [name for name, one in object.fields.items() if one.type != "Array"])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise PardotRefused(154, "fields")
    if len(names) > MOST_FIELDS:
        raise PardotRefused(52, "fields")
    related = [name for name in names if name.partition(".")[0] in object.relations]
    if related:
        raise not_simulated(f"A related object's field ({related[0]}) in exports")
    unknown = [name for name in names if name not in object.fields]
    if unknown:
        raise PardotRefused(180, ", ".join(unknown))
    search = _search(session, Search(object), body.get("procedure"))
    fields = [object.fields[name] for name in names]
    files = _files(session, search, fields)
    content = {
        "object": body["object"], "status": COMPLETE, "files": files, "names": names, "procedure": body["procedure"],
    }  # fmt: skip
    job = new_job(session, "exports", content)
    return _answer(session, job, asked_back)


def _search(session: Session, search: Search, procedure: Any) -> Search:
    """What a procedure selects. Raises PardotRefused."""
    if not isinstance(procedure, dict) or set(procedure) - {"name", "arguments"}:
        raise PardotRefused(153 if procedure is None else 154, "procedure")
    known = PROCEDURES.get(str(procedure.get("name")))
    if known is None or (search.object.table.v5 == "prospects" and known[0] == "createdAt"):
        raise PardotRefused(174)
    given = procedure.get("arguments") or {}
    if not isinstance(given, dict):
        raise PardotRefused(177)
    field, after, before = known
    deletable = search.object.table.binned
    for name in given:
        if name not in (after, before) and not (name == "deleted" and deletable):
            raise PardotRefused(175, name)
    if after not in given:
        raise PardotRefused(176, after)
    start = read_moment(str(given[after]))
    end = read_moment(str(given[before])) if before in given else session.call.now
    if start is None or end is None:
        raise PardotRefused(177, after if start is None else before)
    if start >= end or end - start > YEAR:
        raise PardotRefused(177, before)
    conditions = [Condition(search.object.fields[field], ">", start)]
    conditions.append(Condition(search.object.fields[field], "<" if before in given else "<=", end))
    deleted: Deleted = "false"
    if "deleted" in given:
        if given["deleted"] not in _DELETED or isinstance(given["deleted"], list | dict):
            raise PardotRefused(177, "deleted")
        deleted = _DELETED[given["deleted"]]
    return Search(search.object, tuple(conditions), (), deleted if deletable else "all")


def _files(session: Session, search: Search, fields: list[Field]) -> list[str]:
    """The files: each begins with the fields' names."""
    files: list[str] = []
    rows = [
        [_text(v5_json(one.get(field), session.view.zone)) for field in fields] for one in every(session.view, search)
    ]
    for start in range(0, len(rows), ROWS_OF_A_FILE):
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([field.v5 for field in fields])
        writer.writerows(rows[start : start + ROWS_OF_A_FILE])
        files.append(out.getvalue())
    return files


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)


def _answer(session: Session, job: dict[str, Any], fields: str | None) -> Answer:
    """The export, which still waits."""
    exports = session.catalog.objects["exports"]
    record = next(one for one in session.view.rows(exports) if one.number == job["id"])
    shown = read_fields(fields or "id,status", exports, session.catalog).of(record)
    told = {"status": WAITING, "resultRefs": None}
    location = {"location": f"{session.origin}/api/v5/exports/{job['id']}"}
    return session.answer(201, {name: told.get(name, value) for name, value in shown.items()}, location)


def results(session: Session) -> Answer:
    """GET /exports/{id}/results/{file}"""
    session.query()
    job = job_of(session, "exports", session.call.params["id"])
    place = session.call.params["file"]
    if job is None or expired(job, session.call.now) or not place.isascii() or not place.isdigit():
        raise PardotRefused(109)
    if int(place) >= len(job["files"]):
        raise PardotRefused(109)
    return Answer(200, job["files"][int(place)].encode(), {"content-type": CSV})
