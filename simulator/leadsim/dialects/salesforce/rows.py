"""Saving rows: the one way that single calls, collections, composite and bulk jobs all go to the engine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.errors import ApiError, refused
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.row_errors import ROLLED_BACK, of_engine
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.writing import Source, read_row
from leadsim.engine.change import Change, Saved
from leadsim.engine.refusals import Refused
from leadsim.gateway.call import Call

MOST_ROWS = 200
DUPLICATE_SETTING = re.compile("(allowsave|includerecorddetails|runascurrentuser)=(true|false)")


@dataclass(slots=True)
class Row:
    """One row on its way: what is to be done, or why not."""

    object: SObject | None
    change: Change | None = None
    errors: list[ApiError] = field(default_factory=list)
    id: str | None = None
    created: bool | None = None

    @property
    def success(self) -> bool:
        """Whether it was saved."""
        return not self.errors

    def result(self) -> dict[str, Any]:
        """As a collection's answer lists it."""
        if self.errors:
            shown: dict[str, Any] = {"success": False, "errors": [one.row() for one in self.errors]}
            return {"id": self.id, **shown} if self.id else shown
        made = {} if self.created is None else {"created": self.created}
        return {"id": self.id, "success": True, "errors": [], **made}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the headers of a call ask for. Assignment rules run unless a REST call says otherwise; `reassign`: on
    updates, too."""

    assign: bool = True
    allow_duplicates: bool = False
    reassign: bool = True

    @classmethod
    def of(cls, session: Session) -> Wishes:
        """Sforce-Auto-Assign, Sforce-Duplicate-Rule-Header. Raises ApiRefused for a rule that is none, and for words
        that are no setting."""
        assign = session.header("sforce-auto-assign", "TRUE").strip()
        said = assign.lower()
        if said not in ("true", "false"):
            check_rule(session, assign)  # the vendor has one rule; its entries are the org's rules
        return cls(said != "false", _allows_duplicates(session), said == "true")


def _allows_duplicates(session: Session) -> bool:
    """Whether a call saves in spite of duplicate rules. Raises ApiRefused for a header that says nothing known."""
    header = session.header("sforce-duplicate-rule-header")
    said = [one for one in re.split("[;,]", header.replace(" ", "").lower()) if one]
    wrong = [one for one in said if not DUPLICATE_SETTING.fullmatch(one)]
    if wrong or (header.strip() and not said):
        raise refused("INVALID_ARGUMENT_TYPE", f"Invalid Sforce-Duplicate-Rule-Header: {header}")
    return "allowsave=true" in said


def check_rule(session: Session, given: str) -> None:
    """An assignment rule that a call names. Raises ApiRefused for what is no id, or not that of the org's rule: SOAP's
    AssignmentRuleHeader says how."""
    id = read_id(given)
    if id is None:
        raise refused("MALFORMED_ID", f"malformed id {given}")
    if id not in [one.id for one in session.view.records(session.catalog.objects["AssignmentRule"])]:
        raise refused("INVALID_ASSIGNMENT_RULE", f"An invalid AssignmentRuleHeader value was specified: {given}")


def create_row(session: Session, object: SObject, raw: dict[str, Any], wishes: Wishes, *, source: Source = "") -> Row:
    """A row that makes a record."""
    row = Row(object)
    if not _can(row, object, "c", "create"):
        return row
    read = read_row(raw, object, "create", session.view, source=source)
    if any(name.lower() == "id" and value not in (None, "") for name, value in raw.items()):
        text = "cannot specify Id in an insert call"
        read.errors.append(ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", text, ("Id",)))
    if read.errors:
        row.errors = read.errors
        return row
    assert object.engine is not None
    row.created = True
    row.change = Change(
        "create", object.engine, values=read.values, assign=wishes.assign, allow_duplicates=wishes.allow_duplicates
    )
    return row


def update_row(
    session: Session, object: SObject, id: object, raw: dict[str, Any], wishes: Wishes, *, source: Source = ""
) -> Row:
    """A row that changes a record."""
    row = Row(object)
    if not _can(row, object, "u", "update") or not _take_id(row, object, id, "update"):
        return row
    read = read_row(raw, object, "update", session.view, source=source)
    if read.errors:
        row.errors = read.errors
        return row
    assert object.engine is not None
    # An update runs the rules only where there are any: a record keeps its owner in an org without them.
    assign = wishes.assign and wishes.reassign and _has_rules(session, object)
    row.change = Change(
        "update", object.engine, row.id, values=read.values, assign=assign, allow_duplicates=wishes.allow_duplicates
    )
    return row


def delete_row(session: Session, object: SObject, id: object) -> Row:
    """A row that puts a record into the bin."""
    row = Row(object)
    if _can(row, object, "d", "delete") and _take_id(row, object, id, "delete"):
        assert object.engine is not None
        row.change = Change("delete", object.engine, row.id)
    return row


def upsert_row(
    session: Session, object: SObject, key: str, value: Any, raw: dict[str, Any], wishes: Wishes, *, source: Source = ""
) -> tuple[Row, tuple[str, ...]]:
    """A row that changes the record with this key, or makes it; and the ids, when several have the key."""
    field = object.field(key)
    if field is not None and field.type == "id":
        if value in (None, ""):
            return create_row(session, object, raw, wishes, source=source), ()
        row = update_row(session, object, value, raw, wishes, source=source)
        row.created = False
        return row, ()
    if field is None or not field.external_id or object.engine is None:
        text = f"Provided external ID field does not exist or is not accessible: {key}"
        return Row(object, errors=[ApiError("NOT_FOUND", text)]), ()
    if value in (None, ""):
        return Row(object, errors=[ApiError("MISSING_ARGUMENT", f"{field.name} not specified", ())]), ()
    keyed = read_row({field.name: value}, object, "create", session.view, source=source)
    if keyed.errors:
        return Row(object, errors=keyed.errors), ()
    found = session.view.org.lookup(object.engine, field.key, keyed.values[field.key])  # type: ignore[arg-type]
    if len(found) > 1:
        ids = tuple(one.id for one in found)
        text = f"External ID value {value} matches {len(ids)} records"
        return Row(object, errors=[ApiError("DUPLICATE_EXTERNAL_ID", text, ())]), ids
    rest = {name: one for name, one in raw.items() if name.lower() != field.name.lower()}
    if found:
        row = update_row(session, object, found[0].id, rest, wishes, source=source)
        row.created = False
        return row, ()
    return create_row(session, object, {**rest, field.name: value}, wishes, source=source), ()


def _has_rules(session: Session, object: SObject) -> bool:
    rules = session.view.org.settings.assignment_rules
    return any(rule.active and (rule.object or "Lead") == object.engine for rule in rules)


def _can(row: Row, object: SObject, flag: str, word: str) -> bool:
    if flag in object.can and object.engine is not None:
        return True
    text = f"entity type cannot be {'inserted' if flag == 'c' else word + 'd'}: {object.label}"
    code = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" if flag == "c" else "INSUFFICIENT_ACCESS_OR_READONLY"
    row.errors.append(ApiError(code, text, ()))
    return False


def _take_id(row: Row, object: SObject, id: object, word: str) -> bool:
    if id in (None, ""):
        row.errors.append(
            ApiError("MISSING_ARGUMENT", f"Id not specified in {'an' if word == 'update' else 'a'} {word} call", ())
        )
        return False
    known = read_id(id) if isinstance(id, str) else None
    if known is None:
        row.errors.append(ApiError("MALFORMED_ID", f"malformed id {id}", ()))
        return False
    if known[:3] != object.prefix:
        row.errors.append(ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ()))
        return False
    row.id = known
    return True


def save_rows(session: Session, rows: Sequence[Row], *, all_or_none: bool = False, alone: bool = False) -> None:
    """Save up to 200 rows in one step; each row then has its id or its errors. With `all_or_none` one bad row undoes
    them all. `alone`: the row is the whole call, so its refusal is not that of a batch."""
    call = session.call
    for place, refusal in call.failing_rows().items():
        if place < len(rows) and not rows[place].errors:
            row = rows[place]
            row.errors = of_engine(refusal, row.object, session.view) if row.object is not None else []
    if all_or_none and not alone and any(row.errors for row in rows):
        _roll_back(rows)
        return
    good = [row for row in rows if not row.errors and row.change is not None]
    changes = [row.change for row in good if row.change is not None]
    results = _save(call, changes, all_or_none)
    for row, result in zip(good, results, strict=True):
        assert row.object is not None
        if isinstance(result, Refused):
            row.errors = of_engine(result, row.object, session.view)
        else:
            row.id = session.view.id_of(result.record)
    session.view.forget()


def _save(call: Call, changes: list[Change], all_or_none: bool) -> list[Saved | Refused]:
    if not changes:
        return []
    if len(changes) == 1:
        try:
            return [call.org.save(changes[0], call.by)]
        except Refused as refused:
            return [refused]
    return call.org.save_batch(changes, call.by, all_or_none=all_or_none)


def _roll_back(rows: Sequence[Row]) -> None:
    for row in rows:
        if not row.errors:
            row.id = None
            row.errors = [ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", ROLLED_BACK, ())]
