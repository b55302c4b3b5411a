"""/composite/sobjects: up to 200 records in one call, each with its own result."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.encoding import attributes, field_json
from leadsim.dialects.salesforce.errors import ApiError, refused
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.routing import method_of
from leadsim.dialects.salesforce.rows import (
    MOST_ROWS,
    Row,
    Wishes,
    create_row,
    delete_row,
    save_rows,
    update_row,
    upsert_row,
)
from leadsim.dialects.salesforce.session import Session, check_keys, object_body
from leadsim.dialects.salesforce.soql.naming import no_such_column
from leadsim.gateway.messages import Answer

MOST_READ = 2000


def create(session: Session) -> Answer:
    """POST /composite/sobjects"""
    records, all_or_none = _body(session)
    wishes = Wishes.of(session)
    rows: list[Row] = []
    for record in records:
        object, complaint = _typed(session, record)
        rows.append(complaint or create_row(session, object, record, wishes))  # type: ignore[arg-type]
    return _saved(session, rows, all_or_none)


def update(session: Session) -> Answer:
    """PATCH /composite/sobjects"""
    records, all_or_none = _body(session)
    wishes = Wishes.of(session)
    rows: list[Row] = []
    for record in records:
        object, complaint = _typed(session, record)
        id = next((value for name, value in record.items() if name.lower() == "id"), None)
        rows.append(complaint or update_row(session, object, id, record, wishes))  # type: ignore[arg-type]
    return _saved(session, rows, all_or_none)


def upsert(session: Session) -> Answer:
    """PATCH /composite/sobjects/{object}/{field}"""
    object = session.object(session.call.params["object"])
    key = object.field(session.call.params["field"])
    if key is None or not (key.external_id or key.type == "id"):
        name = session.call.params["field"]
        raise refused("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {name}")
    records, all_or_none = _body(session)
    wishes = Wishes.of(session)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for record in records:
        _, complaint = _typed(session, record, object)
        value = next((one for name, one in record.items() if name.lower() == key.name.lower()), None)
        if complaint is not None:
            rows.append(complaint)
            continue
        row, several = upsert_row(session, object, key.name, value, record, wishes)
        folded = str(value).casefold()
        if not several and value not in (None, "") and folded in seen:
            row = Row(
                object, errors=[ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {value}", (key.name,))]
            )
        seen[folded] = len(rows)
        rows.append(row)
    return _saved(session, rows, all_or_none, created=True)


def delete(session: Session) -> Answer:
    """DELETE /composite/sobjects?ids="""
    query = dict(session.request.query)
    ids = [id.strip() for id in query.get("ids", "").split(",") if id.strip()]
    if not ids:
        raise refused("MISSING_ARGUMENT", "The ids parameter is required")
    _check_count(len(ids))
    rows: list[Row] = []
    for id in ids:
        known = read_id(id)
        object = session.catalog.of_id(known) if known else None
        if object is None:
            rows.append(Row(None, errors=[ApiError("MALFORMED_ID", f"malformed id {id}", ())]))
        else:
            rows.append(delete_row(session, object, id))
    return _saved(session, rows, flag(query.get("allOrNone", "false")))


def read(session: Session) -> Answer:
    """GET or POST /composite/sobjects/{object}: records by their ids, null where there is none."""
    object = session.object(session.call.params["object"])
    if method_of(session.request) == "POST":
        body = object_body(session.json())
        ids, names = body.get("ids"), body.get("fields")
    else:
        query = dict(session.request.query)
        ids, names = query.get("ids", "").split(","), query.get("fields", "").split(",")
    if not isinstance(ids, list) or not isinstance(names, list) or not any(ids) or not any(names):
        raise refused("MISSING_ARGUMENT", "The ids and fields parameters are required")
    if len(ids) > MOST_READ:
        raise refused("LIMIT_EXCEEDED", f"Maximum number of record IDs is {MOST_READ}")
    return session.answer(200, [_read(session, object, str(id), [str(name).strip() for name in names]) for id in ids])


def _read(session: Session, object: SObject, id: str, names: list[str]) -> dict[str, Any] | None:
    fields = []
    for name in names:
        field = object.field(name)
        if field is None:
            raise refused("INVALID_FIELD", no_such_column(name, object.name))
        fields.append(field)
    record = session.view.by_id(id)
    if record is None or record.object is not object or (record.stored is not None and record.stored.deleted):
        return None
    shown: dict[str, Any] = {"attributes": attributes(object.name, session.url_of(record)), "Id": record.id}
    shown.update({field.name: field_json(record, field) for field in fields})
    return shown


# --- reading the body -------------------------------------------------------------------------------------------


def _body(session: Session) -> tuple[list[dict[str, Any]], bool]:
    body = object_body(session.json())
    check_keys(body, ("allOrNone", "records"))
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise refused("JSON_PARSER_ERROR", "Cannot deserialize instance of list of sobjects from the field records")
    _check_count(len(records))
    return records, flag(body.get("allOrNone", False))


def flag(value: object) -> bool:
    """A true or false of a body; clients write it as text, too."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise refused("JSON_PARSER_ERROR", f"Cannot deserialize instance of boolean from VALUE_STRING value {value}")


def _check_count(count: int) -> None:
    if count > MOST_ROWS:
        text = f"record limit reached. cannot submit more than {MOST_ROWS} records into this call"
        raise refused("EXCEEDED_ID_LIMIT", text)


def _typed(session: Session, record: dict[str, Any], of: SObject | None = None) -> tuple[SObject | None, Row | None]:
    """The object that a record says it is, or the row that refuses it."""
    named = record.get("attributes")
    type = named.get("type") if isinstance(named, dict) else None
    if not isinstance(type, str):
        text = "The object type must be specified in the attributes of each record"
        return None, Row(None, errors=[ApiError("INVALID_TYPE", text, ())])
    object = session.catalog.get(type)
    if object is None or (of is not None and object is not of):
        return None, Row(None, errors=[ApiError("INVALID_TYPE", f"sObject type '{type}' is not supported.", ())])
    return object, None


def _saved(session: Session, rows: list[Row], all_or_none: bool, *, created: bool = False) -> Answer:
    save_rows(session, rows, all_or_none=all_or_none)
    for row in rows:
        if not created:
            row.created = None
        if row.errors and row.id is not None and not row.change:
            row.id = None
    return session.answer(200, [row.result() for row in rows])
