"""Actions of version 5 on prospects: upsertLatestByEmail, undelete; and tags on records of any kind."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.saving import change_of, save
from leadsim.dialects.pardot.search import Condition, Deleted, Search, every
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.v5.fields import Shown, read_fields
from leadsim.dialects.pardot.v5.records import live, read_values
from leadsim.dialects.pardot.view import Record
from leadsim.engine.change import Change
from leadsim.gateway.messages import Answer


def arguments(session: Session, required: dict[str, type], optional: dict[str, type]) -> dict[str, Any]:
    """The arguments of an action. Raises PardotRefused for one that is missing, unknown or of another type."""
    body = session.json()
    for name, value in body.items():
        kind = required.get(name) or optional.get(name)
        if kind is None:
            raise PardotRefused(208, name)
        if type(value) is not kind:
            raise PardotRefused(206, name)
    for name in required:
        if name not in body:
            raise PardotRefused(207, name)
    return body


def upsert_latest_by_email(session: Session) -> Answer:
    """POST /objects/prospects/do/upsertLatestByEmail"""
    given = arguments(session, {"matchEmail": str, "prospect": dict}, {"secondaryDeletedSearch": bool, "fields": list})
    object = session.object
    shown = _asked_back(session, given)
    email = given["matchEmail"].strip()
    if not email:
        raise PardotRefused(206, "matchEmail")
    found = _latest(session, email, "false")
    if found is None and given.get("secondaryDeletedSearch", True):
        found = _latest(session, email, "true")
    view = session.view
    if found is None:
        body = {"email": email, **given["prospect"]}
        values = read_values(session, object, body, creating=True)
        record = save(session.call, view, object, change_of(view, object, "create", values))
        location = {"location": f"{session.origin}/api/v5/objects/prospects/{record.number}"}
        return session.answer(201, _content(record, shown), location)
    values = read_values(session, object, given["prospect"], creating=False)
    assert found.stored is not None
    if found.deleted:
        save(session.call, view, object, Change("undelete", object.table.engine, found.stored.id))
    record = save(session.call, view, object, change_of(view, object, "update", values, found.stored.id))
    return session.answer(200, _content(record, shown))


def undelete(session: Session) -> Answer:
    """POST /objects/prospects/do/undelete: of those in the recycle bin the one that was active last."""
    given = arguments(session, {"email": str}, {"fields": list})
    shown = _asked_back(session, given)
    found = _latest(session, given["email"].strip(), "true")
    if found is None or found.stored is None:
        raise PardotRefused(109)
    record = save(session.call, session.view, session.object, Change("undelete", "prospect", found.stored.id))
    return session.answer(200, _content(record, shown))


def _latest(session: Session, email: str, deleted: Deleted) -> Record | None:
    """Of the prospects with an address the one that was active last; of those that never were, the one changed last.
    The vendor's pages disagree on which of the two counts; this obeys both where they don't contradict each other."""
    session.view.lag_seconds = 0
    search = Search(session.object, (Condition(session.object.fields["email"], "=", email),), (), deleted)
    found = [one for one in every(session.view, search) if one.stored is not None and one.stored.merged_into is None]
    if not found:
        return None
    return max(found, key=_activity)


def _activity(record: Record) -> tuple[bool, Any, Any, int]:
    last = record.named("lastActivityAt")
    assert record.stored is not None
    return (last is not None, last or record.stored.modified_at, record.stored.modified_at, record.number)


def _asked_back(session: Session, given: dict[str, Any]) -> Shown | None:
    """The fields to answer: a list in the body, or the query's parameter."""
    asked = session.query("fields")
    if "fields" not in given:
        return read_fields(asked["fields"], session.object, session.catalog) if "fields" in asked else None
    if "fields" in asked or not all(isinstance(name, str) for name in given["fields"]):
        raise PardotRefused(206, "fields")
    return read_fields(",".join(given["fields"]), session.object, session.catalog)


def _content(record: Record, shown: Shown | None) -> dict[str, Any]:
    return {"id": record.number} if shown is None else shown.of(record)


# --- tags -------------------------------------------------------------------------------------------------------


def add_tag(session: Session) -> Answer:
    """POST /objects/{object}/{id}/do/addTag: the tag is made where there is none of that name."""
    record, name = _tagging(session)
    tag = _tag(session, name)
    if tag is None:
        tags = session.catalog.objects["tags"]
        tag = save(session.call, session.view, tags, Change("create", "tag", values={"name": name}))
    if _tagged(session, record, tag) is None:
        assert tag.stored is not None
        values = {
            "tag": tag.stored.id,
            "object_type": record.object.table.label,
            "object_name": _name(record),
            "object_number": record.number,
        }
        tagged = session.catalog.objects["tagged-objects"]
        save(session.call, session.view, tagged, Change("create", "tagged_object", values=values))
    return session.answer(200, {"id": tag.number, "name": tag.named("name")})


def remove_tag(session: Session) -> Answer:
    """POST /objects/{object}/{id}/do/removeTag"""
    record, name = _tagging(session)
    tag = _tag(session, name)
    tagged = _tagged(session, record, tag) if tag is not None else None
    if tagged is None or tagged.stored is None:
        raise PardotRefused(242)
    save(session.call, session.view, tagged.object, Change("delete", "tagged_object", tagged.stored.id))
    return session.answer(204)


def _tagging(session: Session) -> tuple[Record, str]:
    session.query()
    record = live(session)
    name = arguments(session, {"tagName": str}, {})["tagName"].strip()
    if not name:
        raise PardotRefused(206, "tagName")
    return record, name


def _name(record: Record) -> str | None:
    for field in ("name", "email", "username"):
        if field in record.object.fields:
            return str(record.named(field))
    return None


def _tag(session: Session, name: str) -> Record | None:
    session.view.lag_seconds = 0
    tags = session.catalog.objects["tags"]
    search = Search(tags, (Condition(tags.fields["name"], "=", name),))
    return next(iter(every(session.view, search)), None)


def _tagged(session: Session, record: Record, tag: Record) -> Record | None:
    tagged = session.catalog.objects["tagged-objects"]
    conditions = (
        Condition(tagged.fields["tagId"], "=", tag.number),
        Condition(tagged.fields["objectId"], "=", record.number),
        Condition(tagged.fields["objectType"], "=", record.object.table.label),
    )
    return next(iter(every(session.view, Search(tagged, conditions))), None)


def merge_tags(session: Session) -> Answer:
    """POST /objects/tags/{id}/do/mergeTags: what has the other tags has this one afterwards."""
    session.query()
    tag = live(session)
    given = arguments(session, {"tagIds": list}, {})["tagIds"]
    others = [_other(session, tag.object, number, tag.number) for number in given]
    for other in others:
        _move(session, other, tag)
    return session.answer(200, {"id": tag.number})


def _other(session: Session, tags: PObject, number: Any, own: int) -> Record:
    if type(number) is not int:
        raise PardotRefused(206, "tagIds")
    found = session.view.find(tags, number, written=True)
    if found is None or found.deleted or number == own:
        raise PardotRefused(242)
    return found


def _move(session: Session, other: Record, tag: Record) -> None:
    tagged = session.catalog.objects["tagged-objects"]
    search = Search(tagged, (Condition(tagged.fields["tagId"], "=", other.number),))
    assert tag.stored is not None
    assert other.stored is not None
    for one in list(every(session.view, search)):
        assert one.stored is not None
        twin = Search(
            tagged,
            (
                Condition(tagged.fields["tagId"], "=", tag.number),
                Condition(tagged.fields["objectId"], "=", one.named("objectId")),
                Condition(tagged.fields["objectType"], "=", one.named("objectType")),
            ),
        )
        if next(iter(every(session.view, twin)), None) is None:
            change = Change("update", "tagged_object", one.stored.id, values={"tag": tag.stored.id})
        else:
            change = Change("delete", "tagged_object", one.stored.id)
        save(session.call, session.view, tagged, change)
    save(session.call, session.view, tag.object, Change("delete", "tag", other.stored.id))
