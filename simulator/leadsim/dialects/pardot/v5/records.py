"""Single records in version 5: read, create, update, delete."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.ids import read_number
from leadsim.dialects.pardot.saving import change_of, save
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v5.fields import Shown, read_fields
from leadsim.dialects.pardot.values import read_field
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.gateway.messages import Answer

IN_BIN = "201;Record In Recycle Bin"


def read(session: Session) -> Answer:
    """GET /objects/{object}/{id}"""
    asked = session.query("fields", "deleted") if session.object.table.binned else session.query("fields")
    shown = read_fields(asked.get("fields"), session.object, session.catalog)
    record = _found(session, session.call.params["id"], asked.get("deleted", "false"))
    changed = record.stored.modified_at if record.stored is not None else None
    headers = {} if changed is None else {"last-modified": format_datetime(changed, usegmt=True)}
    since = session.request.headers.get("if-modified-since")
    if since and changed is not None:
        try:
            known = parsedate_to_datetime(since)
        except ValueError:
            raise PardotRefused(182, "If-Modified-Since") from None
        if changed <= (known if known.tzinfo else known.replace(tzinfo=UTC)):
            return session.answer(304, None, headers)
    return session.answer(200, shown.of(record), headers)


def read_only_one(session: Session) -> Answer:
    """GET /objects/{object}: of an object that there is one of."""
    asked = session.query("fields")
    shown = read_fields(asked.get("fields"), session.object, session.catalog)
    return session.answer(200, shown.of(next(iter(session.view.rows(session.object)))))


def _found(session: Session, text: str, deleted: str) -> Record:
    """The record of a path. Raises PardotRefused: no id, none there, in the recycle bin."""
    if deleted not in ("false", "true", "all"):
        raise PardotRefused(51, "deleted")
    number = read_number(text)
    if number is None:
        raise PardotRefused(16)
    record = session.view.find(session.object, number)
    if record is None:
        raise PardotRefused(109)
    if deleted != "all" and record.deleted != (deleted == "true"):
        raise in_bin(record)
    return record


def in_bin(record: Record) -> PardotRefused:
    """The refusal of a record that is in the recycle bin (or is not, where only such are asked for)."""
    refusal = PardotRefused(109)
    if record.deleted:
        refusal.headers["pardot-warning"] = IN_BIN
    return refusal


def live(session: Session) -> Record:
    """The record of a path that is to be written, as it is. Raises PardotRefused."""
    number = read_number(session.call.params["id"])
    if number is None:
        raise PardotRefused(16)
    record = session.view.find(session.object, number, written=True)
    if record is None:
        raise PardotRefused(109)
    if record.deleted and record.object.table.v5 != "users":
        refusal = in_bin(record)
        if session.request.method == "PATCH":
            refusal = PardotRefused(219, status=404)
            refusal.headers["pardot-warning"] = IN_BIN
        raise refusal
    return record


def create(session: Session) -> Answer:
    """POST /objects/{object}"""
    object = session.object
    shown = asked_back(session)
    values = read_values(session, object, session.json(), creating=True)
    record = save(session.call, session.view, object, change_of(session.view, object, "create", values))
    return written(session, 201, record, shown)


def update(session: Session) -> Answer:
    """PATCH /objects/{object}/{id}"""
    object = session.object
    shown = asked_back(session)
    record = live(session)
    values = read_values(session, object, session.json(), creating=False)
    assert record.stored is not None
    change = change_of(session.view, object, "update", values, record.stored.id)
    return written(session, 200, save(session.call, session.view, object, change), shown)


def delete(session: Session) -> Answer:
    """DELETE /objects/{object}/{id}"""
    session.query()
    object = session.object
    record = live(session)
    assert record.stored is not None
    save(session.call, session.view, object, Change("delete", object.table.engine, record.stored.id))
    return session.answer(204)


def asked_back(session: Session) -> Shown | None:
    """The fields of the written record that are to be answered; None where none is asked for."""
    asked = session.query("fields")
    return read_fields(asked["fields"], session.object, session.catalog) if "fields" in asked else None


def written(session: Session, status: int, record: Record, shown: Shown | None) -> Answer:
    """The answer to a write: the fields that were asked for; without any the id of a new record, and else nothing."""
    location = f"{session.origin}/api/v5/objects/{record.object.table.v5}/{record.number}"
    headers = {"location": location} if status == 201 else {}
    record.view.lag_seconds = 0  # what was just written is answered as it is
    if shown is None and status != 201:
        return session.answer(204, None, headers)
    content: dict[str, Any] = {"id": record.number} if shown is None else shown.of(record)
    return session.answer(status, content, headers)


def read_values(session: Session, object: PObject, body: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """The engine's values of a body. Raises PardotRefused for a field that isn't there or can't be written, for a
    value that is none of its type, for a required field that is missing."""
    values: dict[str, Any] = {}
    for name, value in body.items():
        field = object.fields.get(name)
        if field is None or not (field.creatable if creating else field.writable) or field.source not in _STORED:
            raise PardotRefused(180, name)
        values[field.key] = read_field(field, name, value, session.view, strict=True)
    if creating:
        missing = [one.v5 for one in object.fields.values() if one.required and values.get(one.key) in (None, "")]
        if missing:
            raise PardotRefused(13, ", ".join(missing))
    return values


_STORED = ("field", "ref")
