"""Prospects in versions 3 and 4: read, create, update, upsert, delete, assign, and up to 50 in one call.

Version 3 is for business units whose prospects have each an address of their own, version 4 for the others: an address
may then be that of several, so nothing is updated or deleted by it, and an upsert by it always creates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.ids import read_number, read_person_id
from leadsim.dialects.pardot.saving import change_of, of_engine, save
from leadsim.dialects.pardot.search import Condition, Deleted, Search, every
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v4.asking import Asked, answer, one_or_many
from leadsim.dialects.pardot.v4.shapes import full
from leadsim.dialects.pardot.values import read_field
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadsim.engine.transaction import Transaction
from leadsim.gateway.messages import Answer

FID = "fid"
_LIST = re.compile(r"list_([1-9][0-9]{0,17})\Z", re.ASCII)
_PART = re.compile(r"(.+)_([0-9]{1,3})\Z", re.ASCII)
# What v4 shows and doesn't take; and what it takes by another name than it shows.
NOT_TAKEN = frozenset({"opted_out", "salesforce_fid", "crm_owner_fid"})
TAKEN_AS = {FID: "salesforce_fid", "crm_owner_fid": "crm_owner_fid"}


RowWriter: TypeAlias = Callable[[Session, PObject, dict[str, Any]], Record]


def by_address(session: Session) -> bool:
    """Whether this version refers to prospects by their address."""
    return session.call.params["version"] == "3"


# --- finding ----------------------------------------------------------------------------------------------------


def _all(session: Session, object: PObject, name: str, value: Any, deleted: Deleted = "false") -> list[Record]:
    search = Search(object, (Condition(object.v4_fields[name], "=", value),), (), deleted)
    return [one for one in every(session.view, search) if one.stored is not None and one.stored.merged_into is None]


def _by_id(session: Session, object: PObject, text: str) -> Record:
    number = read_number(text)
    found = None if number is None else session.view.find(object, number)
    if found is None:
        raise PardotRefused(3)
    if found.deleted:
        raise PardotRefused(132)
    return found


def _by_fid(session: Session, object: PObject, text: str) -> Record:
    id = read_person_id(text)
    found = [] if id is None else _all(session, object, "salesforce_fid", id)
    if not found:
        raise PardotRefused(77)
    return found[0]


def _target(session: Session, object: PObject, given: dict[str, Any]) -> Record:
    """The prospect that a write is about; what names it is taken out of `given`. Raises PardotRefused."""
    session.view.lag_seconds = 0
    id, fid = _taken(given, "id"), _taken(given, FID)
    if id is not None:
        record = _by_id(session, object, id)
        if fid is not None and record.named("salesforceId") != read_person_id(fid):
            raise PardotRefused(81)
        return record
    if fid is not None:
        return _by_fid(session, object, fid)
    if by_address(session) and (email := _taken(given, "email")) is not None:
        found = _all(session, object, "email", email)
        if not found:
            raise PardotRefused(4)
        return found[0]
    raise PardotRefused(13, "id or fid" + (" or email" if by_address(session) else ""))


def _taken(given: dict[str, Any], name: str) -> str | None:
    value = given.pop(name, None)
    return None if value is None else str(value)


# --- operations -------------------------------------------------------------------------------------------------


def read(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/read/{id|fid|email}/{value}: of one address there may be several."""
    id, fid, email = asked.take("id"), asked.take(FID), asked.take("email")
    asked.take("limit_related_records")
    asked.end()
    if id is not None:
        found = [_by_id(session, object, id)]
    elif fid is not None:
        found = [_by_fid(session, object, fid)]
    elif email is not None:
        found = _all(session, object, "email", email)
        if not found:
            raise PardotRefused(4)
    else:
        raise PardotRefused(13, "id, fid or email")
    return answer(session, {"prospect": one_or_many([full(one, asked.output) for one in found])})


def create(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/create/email/{email}"""
    return _written(session, asked, object, create_row)


def update(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/update/{id|fid}/{value}"""
    return _written(session, asked, object, update_row)


def upsert(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/upsert: by id or fid what is there, else a new prospect with the address; what was archived comes back."""
    return _written(session, asked, object, upsert_row)


def _written(session: Session, asked: Asked, object: PObject, write: RowWriter) -> Answer:
    """The answer to the write of one prospect, with all that the parameters say."""
    given: dict[str, Any] = dict(asked.rest())
    try:
        session.call.refuse_failing_row()
        record = write(session, object, given)
    except Refused as refused:
        raise of_engine(refused, object, session.view) from None
    return answer(session, {"prospect": full(record, asked.output)})


def delete(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/delete/{id|fid}/{value}: 204, by POST or DELETE alone."""
    if session.request.method not in ("POST", "DELETE"):
        raise PardotRefused(60)
    record = _alone(session, asked, object)
    asked.end()
    assert record.stored is not None
    save(session.call, session.view, object, Change("delete", "prospect", record.stored.id))
    return Answer(204)


def _alone(session: Session, asked: Asked, object: PObject) -> Record:
    """The prospect that an operation without values is about."""
    names = ("id", FID, "email") if by_address(session) else ("id", FID)
    given = {name: value for name in names if (value := asked.take(name)) is not None}
    return _target(session, object, dict(given))


def assign(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/assign/{id|fid}/{value}?user_id= or user_email="""
    record = _alone(session, asked, object)
    id, email, group = asked.take("user_id"), asked.take("user_email"), asked.take("group_id")
    asked.end()
    if group is not None:
        raise PardotRefused(12 if id is None and email is None else 47)
    if id is None and email is None:
        raise PardotRefused(13, "user_id, user_email or group_id")
    users = session.catalog.objects["users"]
    alike = [
        one
        for one in session.view.rows(users)
        if (id is None or str(one.number) == id) and (email is None or str(one.named("email")) == email)
    ]
    if not alike or alike[0].stored is None or alike[0].deleted:
        raise PardotRefused(45 if id is not None and email is not None else 10 if id is not None else 11)
    return _set_owner(session, asked, record, alike[0].stored.id)


def unassign(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/unassign/{id|fid}/{value}"""
    record = _alone(session, asked, object)
    asked.end()
    return _set_owner(session, asked, record, None)


def _set_owner(session: Session, asked: Asked, record: Record, owner: str | None) -> Answer:
    assert record.stored is not None
    change = Change("update", "prospect", record.stored.id, values={"owner": owner})
    after = save(session.call, session.view, record.object, change)
    return answer(session, {"prospect": full(after, asked.output)})


# --- one row ----------------------------------------------------------------------------------------------------


def create_row(session: Session, object: PObject, given: dict[str, Any]) -> Record:
    """A new prospect. Raises PardotRefused and Refused."""
    if not str(given.get("email") or "").strip():
        raise PardotRefused(13, "email")
    return _write(session, object, None, given)


def update_row(session: Session, object: PObject, given: dict[str, Any]) -> Record:
    """A prospect that is there. Raises PardotRefused and Refused."""
    return _write(session, object, _target(session, object, given), given)


def upsert_row(session: Session, object: PObject, given: dict[str, Any]) -> Record:
    """A prospect that is there, or a new one. Raises PardotRefused and Refused."""
    session.view.lag_seconds = 0
    id, fid, email = _taken(given, "id"), given.get(FID), given.get("email")
    if id is None and fid is None and email is None:
        raise PardotRefused(13, "id, fid or email")
    found = _known(session, object, id, None if fid is None else str(fid), None if email is None else str(email))
    if found is None and not str(email or "").strip():
        raise PardotRefused(14)
    return _write(session, object, found, given)


def _known(session: Session, object: PObject, id: str | None, fid: str | None, email: str | None) -> Record | None:
    """The prospect that an upsert means, archived ones too."""
    number = None if id is None else read_number(id)
    if id is not None and number is None:
        raise PardotRefused(16)
    by_id = None if number is None else session.view.find(object, number)
    person = None if fid is None else read_person_id(fid)
    if fid is not None and person is None:
        raise PardotRefused(77)
    by_fid = [] if person is None else _all(session, object, "salesforce_fid", person, "all")
    if by_id is not None and by_fid and by_fid[0].number != by_id.number:
        raise PardotRefused(81)
    found = by_id or (by_fid[0] if by_fid else None)
    if found is None and by_address(session) and email is not None:
        return next(iter(_all(session, object, "email", email, "all")), None)
    return found


def _write(session: Session, object: PObject, record: Record | None, given: Mapping[str, Any]) -> Record:
    """Write a prospect and its places on lists in one step. Raises PardotRefused and Refused."""
    values, lists = read_values(session, object, given)
    view = session.view
    view.lag_seconds = 0
    stored = None if record is None else record.stored
    change = change_of(view, object, "create" if stored is None else "update", values, stored.id if stored else None)
    places = [(_list(session, number), wanted) for number, wanted in lists.items()]

    def work(transaction: Transaction) -> str:
        if record is not None and record.deleted and stored is not None:
            transaction.apply(Change("undelete", "prospect", stored.id))
        id = transaction.apply(change).record.id
        for of_list, wanted in places:
            if (placing := _placing(session, id, of_list, wanted)) is not None:
                transaction.apply(placing)
        return id

    return Record(view, object, session.call.org.row(session.call.org.step(session.call.by, work)))


def read_values(session: Session, object: PObject, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[int, bool]]:
    """The engine's values of parameters, and the lists to join or to leave. Raises PardotRefused."""
    values: dict[str, Any] = {}
    lists: dict[int, bool] = {}
    several: dict[str, list[str]] = {}
    if given.get("user_id") and given.get("crm_owner_fid"):
        raise PardotRefused(125)
    for name, value in given.items():
        if found := _LIST.match(name):
            if str(value) not in ("0", "1"):
                raise PardotRefused(50, name)
            lists[int(found[1])] = str(value) == "1"
            continue
        part = _PART.match(name)
        if name not in object.v4_fields and part and part[1] in object.v4_fields:
            several.setdefault(part[1], []).append(str(value))
            continue
        field = object.v4_fields.get(TAKEN_AS.get(name, name))
        if field is None or not field.creatable or (name in NOT_TAKEN and name not in TAKEN_AS):
            raise PardotRefused(51, name)
        values[field.key] = read_field(field, name, value, session.view, strict=False)
    for name, parts in several.items():
        field = object.v4_fields[name]
        if field.type != "Array" or not field.creatable:
            raise PardotRefused(51, name)
        values[field.key] = [part for part in parts if part]
    return values, lists


def _list(session: Session, number: int) -> Record:
    lists = session.catalog.objects["lists"]
    found = session.view.find(lists, number, written=True)
    if found is None or found.deleted or found.named("isDynamic"):
        raise PardotRefused(55)
    return found


def _placing(session: Session, prospect: str, of_list: Record, wanted: bool) -> Change | None:
    """What puts a prospect on a list or takes it off; None where it is so already."""
    assert of_list.stored is not None
    id = of_list.stored.id
    held = [one for one in session.call.org.lookup("list_membership", "prospect", prospect) if one.values["list"] == id]
    if wanted and not held:
        return Change("create", "list_membership", values={"list": id, "prospect": prospect})
    return Change("delete", "list_membership", held[0].id) if held and not wanted else None
