"""/sobjects: describes, single records, records by external id, what was updated or deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.describe import describe, global_entry
from leadsim.dialects.salesforce.encoding import attributes, field_json, moment_text, whole_json
from leadsim.dialects.salesforce.errors import ApiRefused, not_found, refused
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.rows import (
    Row,
    Wishes,
    create_row,
    delete_row,
    save_rows,
    update_row,
    upsert_row,
)
from leadsim.dialects.salesforce.session import Session, object_body
from leadsim.dialects.salesforce.soql.naming import no_such_column
from leadsim.dialects.salesforce.view import Record
from leadsim.gateway.messages import Answer
from leadterms.criteria import Criteria
from leadterms.criteria import Row as Condition
from leadterms.logic import every_row

REPLICATED = timedelta(days=30)


def list_objects(session: Session) -> Answer:
    """GET /sobjects"""
    objects = [global_entry(one, session.base) for one in session.catalog.objects.values()]
    return session.answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def basic(session: Session) -> Answer:
    """GET /sobjects/{object}"""
    object = session.object(session.call.params["object"])
    return session.answer(200, {"objectDescribe": global_entry(object, session.base), "recentItems": []})


def describe_object(session: Session) -> Answer:
    """GET /sobjects/{object}/describe"""
    object = session.object(session.call.params["object"])
    return session.answer(200, describe(object, session.catalog, session.base))


# --- one record -------------------------------------------------------------------------------------------------


def create(session: Session) -> Answer:
    """POST /sobjects/{object}"""
    object = session.object(session.call.params["object"])
    raw = object_body(session.json())
    row = create_row(session, object, raw, Wishes.of(session), source=session.text())
    _save(session, row)
    location = f"{session.base}/sobjects/{object.name}/{row.id}"
    return session.answer(201, {"id": row.id, "success": True, "errors": []}, {"location": location})


def read(session: Session) -> Answer:
    """GET /sobjects/{object}/{id}"""
    object = session.object(session.call.params["object"])
    return session.answer(200, _shown(session, object, _live(session, object, session.call.params["id"])))


def update(session: Session) -> Answer:
    """PATCH /sobjects/{object}/{id}"""
    object = session.object(session.call.params["object"])
    id = _path_id(session.call.params["id"])
    raw = object_body(session.json())
    if any(name.lower() == "id" for name in raw):
        raise refused("INVALID_FIELD", "The Id field should not be specified in the sobject data.", fields=("Id",))
    row = update_row(session, object, id, raw, Wishes.of(session), source=session.text())
    _save(session, row)
    return session.answer(204)


def delete(session: Session) -> Answer:
    """DELETE /sobjects/{object}/{id}"""
    object = session.object(session.call.params["object"])
    row = delete_row(session, object, _path_id(session.call.params["id"]))
    _save(session, row)
    return session.answer(204)


def _path_id(text: str) -> str:
    """An id in a path. What is none is taken for the value of an external id that doesn't exist."""
    id = read_id(text)
    if id is None:
        raise refused("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {text}")
    return id


def _live(session: Session, object: SObject, text: str) -> Record:
    record = session.view.by_id(_path_id(text))
    if record is None or record.object is not object:
        raise not_found()
    if record.stored is not None and record.stored.deleted:
        raise not_found()
    return record


def _shown(session: Session, object: SObject, record: Record) -> dict[str, Any]:
    """A record with all fields, or with those that `fields` names."""
    shown: dict[str, Any] = {"attributes": attributes(object.name, session.url_of(record))}
    if not any(name == "fields" for name, _ in session.request.query):
        shown.update(whole_json(record))
        return shown
    for field in _wanted(session, object):
        shown[field.name] = field_json(record, field)
    return shown


def _wanted(session: Session, object: SObject) -> list[SField]:
    asked = [value for name, value in session.request.query if name == "fields"]
    fields = []
    for name in ",".join(asked).split(","):
        field = object.field(name.strip())
        if field is None:
            raise refused("INVALID_FIELD", no_such_column(name.strip(), object.name))
        fields.append(field)
    return list(dict.fromkeys([*fields, object.fields["Id"]]))


def _save(session: Session, row: Row) -> None:
    """Save a row that is the whole call. Raises ApiRefused."""
    save_rows(session, [row], alone=True)
    if row.errors:
        raise ApiRefused(row.errors)


# --- by external id ---------------------------------------------------------------------------------------------


def read_by_key(session: Session) -> Answer:
    """GET /sobjects/{object}/{field}/{value}; the field may be a relationship of the record whose id comes first."""
    object = session.object(session.call.params["object"])
    if read_id(session.call.params["field"]) is not None:
        return _read_parent(session, object)
    found = _by_key(session, object)
    return session.answer(200, _shown(session, object, found))


def _read_parent(session: Session, object: SObject) -> Answer:
    """GET /sobjects/{object}/{id}/{relationship}"""
    record = _live(session, object, session.call.params["field"])
    name = session.call.params["value"].lower()
    field = object.by_relationship.get(name)
    if field is None:
        child = session.catalog.child(object.name, name)
        if child is None:
            raise not_found()
        return _children(session, record, session.catalog.objects[child.object], child.field)
    parent = record.parent(field)
    if parent is None or (parent.stored is not None and parent.stored.deleted):
        raise refused("NOT_FOUND", f"The requested resource does not exist. {session.call.params['value']} is blank.")
    return session.answer(200, _shown(session, parent.object, parent))


def _children(session: Session, record: Record, object: SObject, key: str) -> Answer:
    field = object.fields[key]
    name = field.key if object.engine is not None else field.name
    criteria = Criteria((Condition(name, "=", record.id),), every_row(1))
    found = [one for one in session.view.records(object, criteria) if one.get(field) == record.id][:2000]
    shown = [_shown(session, object, one) for one in found]
    return session.answer(200, {"totalSize": len(shown), "done": True, "records": shown})


def _by_key(session: Session, object: SObject) -> Record:
    field = object.field(session.call.params["field"])
    if field is None or not field.external_id or object.engine is None:
        name = session.call.params["field"]
        raise refused("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
    found = session.view.keyed(object, field, session.call.params["value"])
    if not found:
        raise not_found()
    if len(found) > 1:
        raise Several([f"{session.base}/sobjects/{object.name}/{one.id}" for one in found])
    return found[0]


class Several(Exception):
    """Several records have the external id."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__("several records have this external id")
        self.urls = urls


def upsert(session: Session) -> Answer:
    """PATCH /sobjects/{object}/{field}/{value}"""
    object = session.object(session.call.params["object"])
    key, value = session.call.params["field"], session.call.params["value"]
    raw = object_body(session.json())
    row, several = upsert_row(session, object, key, value, raw, Wishes.of(session), source=session.text())
    if several:
        raise Several([f"{session.base}/sobjects/{object.name}/{id}" for id in several])
    _save(session, row)
    content: dict[str, Any] = {"id": row.id, "success": True, "errors": [], "created": row.created}
    if not row.created:
        return session.answer(200, content)
    return session.answer(201, content, {"location": f"{session.base}/sobjects/{object.name}/{row.id}"})


def delete_by_key(session: Session) -> Answer:
    """DELETE /sobjects/{object}/{field}/{value}"""
    object = session.object(session.call.params["object"])
    row = delete_row(session, object, _by_key(session, object).id)
    _save(session, row)
    return session.answer(204)


# --- what changed -----------------------------------------------------------------------------------------------


def updated(session: Session) -> Answer:
    """GET /sobjects/{object}/updated?start&end"""
    found, _, end = _changed(session)
    ids = [one.id for one in found if one.stored is not None and not one.stored.deleted]
    return session.answer(200, {"ids": ids, "latestDateCovered": moment_text(end)})


def deleted(session: Session) -> Answer:
    """GET /sobjects/{object}/deleted?start&end"""
    found, _, end = _changed(session)
    records = [
        {"deletedDate": moment_text(one.stored.modified_at), "id": one.id}
        for one in found
        if one.stored is not None and one.stored.deleted
    ]
    earliest = session.view.now - REPLICATED
    covered = {"earliestDateAvailable": moment_text(earliest), "latestDateCovered": moment_text(end)}
    return session.answer(200, {"deletedRecords": records, **covered})


def _changed(session: Session) -> tuple[list[Record], datetime, datetime]:
    """The records that were changed in the span that is asked for, from its first to its last second."""
    object = session.object(session.call.params["object"])
    if object.engine is None:
        raise refused("INVALID_TYPE_FOR_OPERATION", f"entity type {object.name} is not replicateable")
    start, end = _moment(session, "start"), _moment(session, "end")
    if start >= end:
        raise refused("INVALID_REPLICATION_DATE", "startDate should be before endDate")
    if start < session.view.now - REPLICATED:
        raise refused("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago")
    end = min(end, session.view.now)
    rows = (Condition("modified_at", ">=", start), Condition("modified_at", "<=", end))
    found = session.view.records(object, Criteria(rows, every_row(2)), deleted=True)
    return list(found), start, end


def _moment(session: Session, name: str) -> datetime:
    text = next((value for key, value in session.request.query if key == name), None)
    if text is None:
        raise refused("MISSING_ARGUMENT", f"{name} parameter is required")
    try:
        # A plus sign that was not encoded has become a space on its way.
        read = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise refused("INVALID_REPLICATION_DATE", f"{name} is not a valid date: {text}") from None


# --- limits -----------------------------------------------------------------------------------------------------


def limits(session: Session) -> Answer:
    """GET /limits"""
    quota = session.call.site.quota
    most = quota.limit if quota.limit is not None else 15_000_000
    left = most - quota.used
    return session.answer(
        200,
        {
            "DailyApiRequests": {"Max": most, "Remaining": left},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyStreamingApiEvents": {"Max": 10_000, "Remaining": 10_000},
            "DataStorageMB": {"Max": 1024, "Remaining": 1024},
            "FileStorageMB": {"Max": 1024, "Remaining": 1024},
        },
    )


def record_count(session: Session) -> Answer:
    """GET /limits/recordCount?sObjects=Lead,Contact"""
    named = next((value for key, value in session.request.query if key.lower() == "sobjects"), "")
    objects = [session.object(name.strip()) for name in named.split(",") if name.strip()]
    if not objects:
        objects = [one for one in session.catalog.objects.values() if one.engine is not None]
    counts = [{"count": sum(1 for _ in session.view.records(one)), "name": one.name} for one in objects]
    return session.answer(200, {"sObjects": counts})
