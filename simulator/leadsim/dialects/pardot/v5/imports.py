"""POST /imports: prospects by CSV. Columns are fields of version 5, and what a row is matched by.

An import is worked on as soon as it is ready, in chunks of 200 rows, and is complete at the next request.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused, not_simulated
from leadsim.dialects.pardot.ids import read_number, read_person_id
from leadsim.dialects.pardot.jobs import COMPLETE, OPEN, READY, WAITING, expired, job_of, new_job
from leadsim.dialects.pardot.saving import change_of, of_engine
from leadsim.dialects.pardot.search import Condition, Search, every
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v4.asking import parts_of
from leadsim.dialects.pardot.v5.fields import read_fields
from leadsim.dialects.pardot.values import read_field
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadsim.engine.transaction import Transaction
from leadsim.gateway.messages import Answer

MOST_BATCHES, CHUNK = 10, 200
MATCHES = ("matchId", "matchSalesforceId", "matchEmail")
LISTS = ("addToList", "removeFromList")
MOST_LISTS = 20
CSV = "text/csv; charset=utf-8"
_GIVEN: dict[str, type] = {
    "operation": str,
    "object": str,
    "restoreDeleted": bool,
    "createOnNoMatch": bool,
    "status": str,
}


def create(session: Session) -> Answer:
    """POST /imports: JSON, or a form with `input` (JSON) and `file`."""
    fields = session.query("fields").get("fields")
    if session.request.headers.get("content-type", "").lower().startswith("multipart/"):
        body, text = _parts(session)
    else:
        body, text = session.json(), None
    if "fields" in body:
        raise not_simulated("Field options of imports")
    for name, value in body.items():
        if name not in _GIVEN:
            raise PardotRefused(180, name)
        if type(value) is not _GIVEN[name]:
            raise PardotRefused(154, name)
    for name, only in (("operation", "Upsert"), ("object", "Prospect")):
        if name not in body:
            raise PardotRefused(153, name)
        if body[name].lower() != only.lower():
            raise PardotRefused(154, name)
    if body.get("status", OPEN) not in (OPEN, READY):
        raise PardotRefused(154, "status")
    if body.get("status") == READY and text is None:
        raise PardotRefused(156)
    batches = [] if text is None else [_checked(session, text)]
    job = new_job(
        session,
        "imports",
        {
            "object": "Prospect", "operation": "Upsert", "status": OPEN, "batches": batches,
            "restore": body.get("restoreDeleted", False), "create": body.get("createOnNoMatch", True),
            "created": 0, "updated": 0, "errors": 0, "refused": "",
        },
    )  # fmt: skip
    if body.get("status") == READY:
        _work(session, job)
    return _answer(session, job, fields, 201)


def _parts(session: Session) -> tuple[dict[str, Any], str | None]:
    from leadsim.dialects.pardot.session import read_json

    parts = parts_of(session.request)
    given = [text for name, _, text in parts if name == "input"]
    files = [text for name, _, text in parts if name == "file"]
    if len(given) != 1 or len(given) + len(files) != len(parts):
        raise PardotRefused(166)
    if len(files) > 1:
        raise PardotRefused(163)
    return read_json(given[0].encode(), ""), files[0] if files else None


def _answer(session: Session, job: dict[str, Any], fields: str | None, status: int) -> Answer:
    """The import; one that was just submitted still waits."""
    imports = session.catalog.objects["imports"]
    record = next(one for one in session.view.rows(imports) if one.number == job["id"])
    shown = read_fields(fields or "id,status", imports, session.catalog).of(record)
    if job["status"] == COMPLETE and "status" in shown:
        shown = {**shown, "status": WAITING}
    location = {"location": f"{session.origin}/api/v5/imports/{job['id']}"} if status == 201 else {}
    return session.answer(status, shown, location)


def _open(session: Session) -> dict[str, Any]:
    job = job_of(session, "imports", session.call.params["id"])
    if job is None:
        raise PardotRefused(109)
    if expired(job, session.call.now):
        raise PardotRefused(161)
    return job


def add_batch(session: Session) -> Answer:
    """POST /imports/{id}/batches: a form with one `file`."""
    session.query()
    job = _open(session)
    if job["status"] != OPEN:
        raise PardotRefused(161)
    if len(job["batches"]) >= MOST_BATCHES:
        raise PardotRefused(160)
    if not session.request.headers.get("content-type", "").lower().startswith("multipart/"):
        raise PardotRefused(151)
    files = [text for name, _, text in parts_of(session.request) if name == "file"]
    if len(files) != 1:
        raise PardotRefused(163 if files else 162)
    job["batches"].append(_checked(session, files[0]))
    session.call.org.kept.setup()
    return session.answer(204)


def submit(session: Session) -> Answer:
    """PATCH /imports/{id}: status Ready."""
    fields = session.query("fields").get("fields")
    job = _open(session)
    body = session.json()
    if set(body) != {"status"} or body["status"] != READY:
        raise PardotRefused(154, "status")
    if job["status"] != OPEN:
        raise PardotRefused(155)
    if not job["batches"]:
        raise PardotRefused(156)
    _work(session, job)
    return _answer(session, job, fields, 200)


def errors(session: Session) -> Answer:
    """GET /imports/{id}/errors: the rows that were refused, with the reason."""
    session.query()
    job = _open(session)
    if job["status"] != COMPLETE or not job["errors"]:
        raise PardotRefused(109)
    return Answer(200, job["refused"].encode(), {"content-type": CSV})


# --- rows -------------------------------------------------------------------------------------------------------


def _checked(session: Session, text: str) -> str:
    """A batch whose columns are known and whose rows have as many values. Raises PardotRefused."""
    rows = _read(text)
    if len(rows) < 2 or any(len(row) != len(rows[0]) for row in rows):
        raise PardotRefused(159)
    header = rows[0]
    known = session.catalog.objects["prospects"].fields
    unknown = [
        name for name in header if name not in (*MATCHES, *LISTS) and (name not in known or not known[name].creatable)
    ]
    if unknown:
        raise PardotRefused(130, ", ".join(unknown))
    if len(set(header)) != len(header) or sum(name in MATCHES for name in header) > 1:
        raise PardotRefused(130, "each column once, and one to match by")
    return text


def _read(text: str) -> list[list[str]]:
    try:
        return [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error:
        raise PardotRefused(159) from None


def _work(session: Session, job: dict[str, Any]) -> None:
    """Do all rows of all batches."""
    session.view.lag_seconds = 0
    out = io.StringIO()
    writer = csv.writer(out)
    for text in job["batches"]:
        header, *rows = _read(text)
        if not job["errors"]:
            writer.writerow([*header, "error"])
        for start in range(0, len(rows), CHUNK):
            with session.call.org.together():
                for row in rows[start : start + CHUNK]:
                    try:
                        made = _row(session, job, dict(zip(header, row, strict=True)))
                        job["created" if made else "updated"] += 1
                    except PardotRefused as failure:
                        job["errors"] += 1
                        writer.writerow([*row, failure.message])
    job["status"], job["changed"] = COMPLETE, session.call.now.isoformat()
    job["refused"], job["batches"] = out.getvalue(), []
    session.call.org.kept.setup()


def _row(session: Session, job: dict[str, Any], row: dict[str, str]) -> bool:
    """One row; True when it made a prospect. Raises PardotRefused."""
    view, object = session.view, session.catalog.objects["prospects"]
    found = _matched(session, object, row)
    if found is not None and found.deleted and not job["restore"]:
        raise PardotRefused(132)
    if found is None and not job["create"]:
        raise PardotRefused(92)
    values = {
        object.fields[name].key: read_field(object.fields[name], name, value.strip(), view, strict=False)
        for name, value in row.items()
        if name not in (*MATCHES, *LISTS)
    }
    if found is None:
        values.setdefault("email", row.get("matchEmail", "").strip() or None)
    placing = [(_list(session, part), name == LISTS[0]) for name in LISTS for part in _parts_of(row.get(name, ""))]
    stored = None if found is None else found.stored
    change = change_of(view, object, "create" if stored is None else "update", values, stored.id if stored else None)

    def work(transaction: Transaction) -> None:
        if found is not None and found.deleted and stored is not None:
            transaction.apply(Change("undelete", "prospect", stored.id))
        id = transaction.apply(change).record.id
        for of_list, wanted in placing:
            held = [one for one in view.org.lookup("list_membership", "prospect", id) if one.values["list"] == of_list]
            if wanted and not held:
                transaction.apply(Change("create", "list_membership", values={"list": of_list, "prospect": id}))
            elif held and not wanted:
                transaction.apply(Change("delete", "list_membership", held[0].id))

    try:
        session.call.org.step(session.call.by, work)
    except Refused as refused:
        raise of_engine(refused, object, view) from None
    return stored is None


def _parts_of(text: str) -> list[str]:
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if len(parts) > MOST_LISTS:
        raise PardotRefused(52, "lists")
    return parts


def _list(session: Session, text: str) -> str:
    number = read_number(text)
    found = None if number is None else session.view.find(session.catalog.objects["lists"], number)
    if found is None or found.deleted or found.stored is None or found.named("isDynamic"):
        raise PardotRefused(55, text)
    return found.stored.id


def _matched(session: Session, object: PObject, row: dict[str, str]) -> Record | None:
    """The prospect that a row is about; None where it is about a new one. Raises PardotRefused."""
    name = next((one for one in MATCHES if row.get(one, "").strip()), None)
    if name is None:
        return None
    text = row[name].strip()
    if name == "matchId":
        number = read_number(text)
        found = None if number is None else session.view.find(object, number)
        if found is None:
            raise PardotRefused(3)
        return found
    if name == "matchSalesforceId":
        person = read_person_id(text)
        if person is None:
            raise PardotRefused(77)
        text = person
    field = object.fields["salesforceId" if name == "matchSalesforceId" else "email"]
    alike = list(every(session.view, Search(object, (Condition(field, "=", text),), (), "all")))
    live = [one for one in alike if not one.deleted]
    found_alike = live or alike
    return found_alike[-1] if found_alike else None
