"""Form handlers: their fields, and what a visitor's browser posts to their address.

A handler answers a post with a page, because none of them has a place to send the visitor on to.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from leadsim.dialects.pardot.errors import PardotRefused, not_simulated
from leadsim.dialects.pardot.ids import read_number
from leadsim.dialects.pardot.saving import save
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v5.records import asked_back, written
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadsim.engine.rules.segmentation import read_names
from leadsim.gateway.messages import Answer

HTML = "text/html; charset=utf-8"
CAPTCHA = "g-recaptcha-response"


def submit(session: Session) -> Answer:
    """POST /l/form/{id}, without a login."""
    number = read_number(session.call.params["id"])
    handlers = session.catalog.objects["form-handlers"]
    record = None if number is None else session.view.find(handlers, number, written=True)
    if record is None or record.deleted or record.stored is None:
        return _page(404, "Not found")
    given = dict(parse_qsl(session.request.body.decode("utf-8", "replace"), keep_blank_values=True))
    prospects = session.catalog.objects["prospects"]
    values: dict[str, object] = {}
    for name, value in given.items():
        field = prospects.fields.get(name) or prospects.v4_fields.get(name)
        if name != CAPTCHA:
            values[field.key if field is not None else name] = value
    try:
        session.call.refuse_failing_row()
        session.call.org.submit_form(record.stored.id, values, session.call.by, captcha=given.get(CAPTCHA))
    except Refused as refused:
        problems = [problem.text for problem in refused.problems] or [refused.text]
        listed = "".join(f"<li>{escape(text)}</li>" for text in problems)
        return _page(200, f"There was an error with what was sent.<ul>{listed}</ul>")
    return _page(200, "Thank you.")


def _page(status: int, text: str) -> Answer:
    return Answer(status, f"<html><body><p>{text}</p></body></html>".encode(), {"content-type": HTML})


def add_field(session: Session) -> Answer:
    """POST /objects/form-handler-fields"""
    shown = asked_back(session)
    body = session.json()
    for name in body:
        if name not in _KINDS:
            raise PardotRefused(180, name)
        if type(body[name]) is not _KINDS[name]:
            raise PardotRefused(154, name)
    missing = [name for name in ("formHandlerId", "name", "prospectApiFieldId") if body.get(name) in (None, "")]
    if missing:
        raise PardotRefused(13, ", ".join(missing))
    record = session.view.find(session.catalog.objects["form-handlers"], body["formHandlerId"], written=True)
    if record is None or record.deleted:
        raise PardotRefused(109, "formHandlerId", status=400)
    prospects = session.catalog.objects["prospects"]
    field = prospects.fields.get(body["prospectApiFieldId"])
    if field is None or not field.writable or field.source != "field":
        raise PardotRefused(154, "prospectApiFieldId")
    if body["name"] != body["prospectApiFieldId"]:
        raise not_simulated("A form handler field with another name than the prospect's field")
    if body.get("isRequired") and field.key != "email":
        raise not_simulated("A required form handler field other than email")
    names = _own_fields(session, record)
    if field.key in names:
        raise PardotRefused(245)
    _keep(session, record, [*names, field.key])
    object = session.catalog.objects["form-handler-fields"]
    made = next(
        one
        for one in session.view.rows(object)
        if one.made["handler"] == record.number and one.made["field"] == body["prospectApiFieldId"]
    )
    return written(session, 201, made, shown)


_KINDS: dict[str, type] = {"formHandlerId": int, "name": str, "prospectApiFieldId": str, "isRequired": bool}


def remove_field(session: Session) -> Answer:
    """DELETE /objects/form-handler-fields/{id}"""
    session.query()
    number = read_number(session.call.params["id"])
    object = session.catalog.objects["form-handler-fields"]
    found = None if number is None else session.view.find(object, number)
    if found is None:
        raise PardotRefused(109 if number else 16)
    record = session.view.find(session.catalog.objects["form-handlers"], found.made["handler"], written=True)
    assert record is not None
    names = _own_fields(session, record)
    field = session.catalog.objects["prospects"].fields[found.made["field"]]
    if field.key == "email":
        raise PardotRefused(108)
    _keep(session, record, [name for name in names if name != field.key])
    return session.answer(204)


def _own_fields(session: Session, record: Record) -> list[str]:
    """The engine's fields that a handler asks for. Raises PardotRefused for one that the recipe sets up."""
    assert record.stored is not None
    if any(setting.id == record.stored.id for setting in session.call.org.settings.forms):
        raise not_simulated("Changing the fields of a form that the recipe sets up")
    return list(read_names(record.stored.values.get("fields")))


def _keep(session: Session, record: Record, names: list[str]) -> None:
    assert record.stored is not None
    values: dict[str, Any] = {"fields": "\n".join(names)}
    save(session.call, session.view, record.object, Change("update", "form", record.stored.id, values=values))
