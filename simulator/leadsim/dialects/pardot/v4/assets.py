"""Objects other than prospects in versions 3 and 4: read, create, update, delete."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.ids import read_number
from leadsim.dialects.pardot.saving import change_of, save
from leadsim.dialects.pardot.search import Condition, Search, every
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v4.asking import Asked, answer
from leadsim.dialects.pardot.v4.shapes import full
from leadsim.dialects.pardot.values import read_field
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.gateway.messages import Answer


def read(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/read/id/{id}; users by e-mail too, memberships by list and prospect."""
    record = _found(asked, object)
    asked.end()
    return answer(session, {object.table.tag: full(record, asked.output)})


def _found(asked: Asked, object: PObject, *, written: bool = False) -> Record:
    """The record that the parameters name. Raises PardotRefused."""
    view = asked.session.view
    id = asked.take("id")
    if id is not None:
        number = read_number(id)
        if number is None:
            raise PardotRefused(16)
        found = view.find(object, number, written=written)
        if found is None or (found.deleted and object.table.v5 != "users"):
            raise PardotRefused(object.table.missing, status=404 if object.table.missing == 109 else None)
        return found
    if object.table.v5 == "users" and (email := asked.take("email")) is not None:
        alike = [one for one in view.rows(object) if str(one.named("email")).casefold() == email.casefold()]
        if not alike:
            raise PardotRefused(11)
        return alike[0]
    if object.table.v5 == "list-memberships":
        return _membership(asked, object)
    raise PardotRefused(13, "id")


def _membership(asked: Asked, object: PObject) -> Record:
    numbers = {}
    for name, field in (("list_id", "listId"), ("prospect_id", "prospectId")):
        text = asked.take(name)
        number = None if text is None else read_number(text)
        if text is None:
            raise PardotRefused(13, "id, or list_id and prospect_id")
        if number is None:
            raise PardotRefused(55 if name == "list_id" else 3)
        numbers[field] = number
    conditions = tuple(Condition(object.fields[field], "=", number) for field, number in numbers.items())
    found = next(iter(every(asked.session.view, Search(object, conditions))), None)
    if found is None:
        raise PardotRefused(109)
    return found


def create(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/create"""
    values = _values(asked, object, creating=True)
    missing = [one.v4 for one in object.v4_fields.values() if one.required and values.get(one.key) in (None, "")]
    if missing:
        raise PardotRefused(13, ", ".join(missing))
    record = save(session.call, session.view, object, change_of(session.view, object, "create", values))
    return answer(session, {object.table.tag: full(record, asked.output)})


def update(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/update/id/{id}"""
    session.view.lag_seconds = 0
    record = _found(asked, object, written=True)
    values = _values(asked, object, creating=False)
    assert record.stored is not None
    change = change_of(session.view, object, "update", values, record.stored.id)
    after = save(session.call, session.view, object, change)
    return answer(session, {object.table.tag: full(after, asked.output)})


def delete(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/delete/id/{id}: 204, by POST or DELETE alone."""
    if session.request.method not in ("POST", "DELETE"):
        raise PardotRefused(60)
    session.view.lag_seconds = 0
    record = _found(asked, object, written=True)
    asked.end()
    assert record.stored is not None
    save(session.call, session.view, object, Change("delete", object.table.engine, record.stored.id))
    return Answer(204)


def _values(asked: Asked, object: PObject, *, creating: bool) -> dict[str, Any]:
    """The engine's values of all parameters that are left. Raises PardotRefused."""
    values: dict[str, Any] = {}
    for name, value in asked.rest().items():
        field = object.v4_fields.get(name)
        if field is None or not (field.creatable if creating else field.writable):
            raise PardotRefused(51, name)
        values[field.key] = read_field(field, name, value, asked.session.view, strict=False)
    return values
