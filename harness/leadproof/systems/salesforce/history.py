"""Who changed which field, when: the vendor's history objects (Object Reference "LeadHistory" and its like).

They hold changes, not what a record was made with. So what a field held at first is taken from its oldest change, or,
where it never changed, from the record as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leadproof.systems.records import FieldChange
from leadproof.systems.salesforce.describing import Described, Json, moment
from leadproof.systems.salesforce.soql import quoted, select
from leadterms.fieldtypes import blank

OBJECTS: Mapping[str, tuple[str, str]] = {
    "Lead": ("LeadHistory", "LeadId"),
    "Contact": ("ContactHistory", "ContactId"),
    "Account": ("AccountHistory", "AccountId"),
    "Opportunity": ("OpportunityFieldHistory", "OpportunityId"),
}
"""The object that keeps an object's history, and its reference; a custom object's is named after it."""
FIELDS = ("Id", "CreatedById", "CreatedDate", "Field", "OldValue", "NewValue")
CUSTOM = "__c"


def kept_in(object: str) -> tuple[str, str] | None:
    """The history object and its reference to the record; None where the vendor keeps none."""
    if object.endswith(CUSTOM):
        return f"{object.removesuffix(CUSTOM)}__History", "ParentId"
    return OBJECTS.get(object)


def question(object: str, id: str) -> str | None:
    """The query for a record's history, oldest first."""
    kept = kept_in(object)
    if kept is None:
        return None
    return select(kept[0], FIELDS, f"{kept[1]} = {quoted(id)}", "ORDER BY CreatedDate, Id")


def as_changes(known: Described, record: Json, rows: Sequence[Json]) -> list[FieldChange]:
    """The record's life, oldest first: its creation field by field, then every change that is kept."""
    changes = [_change(known, row) for row in rows if _field(known, row["Field"]) in known.readers]
    first: dict[str, Any] = {}
    for change in changes:
        first.setdefault(change.field, change.before)
    by, at = record["CreatedById"], moment(record["CreatedDate"])
    made = [FieldChange(0, at, by, "", "create", "", None, None, None)]
    for name, reader in known.readers.items():
        held = first[name] if name in first else reader(record.get(name))
        if not known.spec.fields[name].system and not blank(held):
            made.append(FieldChange(0, at, by, "", "create", name, None, held, None))
    return [_numbered(number, one) for number, one in enumerate([*made, *changes], 1)]


def _change(known: Described, row: Json) -> FieldChange:
    field = _field(known, row["Field"])
    read: Callable[[Any], Any] = known.readers[field]
    return FieldChange(
        seq=0,
        at=moment(row["CreatedDate"]),
        user=row["CreatedById"],
        actor="",
        op="update",
        field=field,
        before=read(row["OldValue"]),
        after=read(row["NewValue"]),
        request=None,
    )


def _field(known: Described, name: str) -> str:
    """History names a reference by its relationship: `Owner` for OwnerId."""
    return name if name in known.readers else known.relationships.get(name, name)


def _numbered(number: int, change: FieldChange) -> FieldChange:
    return FieldChange(number, change.at, change.user, change.actor, change.op, change.field, change.before,
                       change.after, change.request)  # fmt: skip
