"""An object's describe as leadterms' field definitions, and how the JSON of each field is read and written.

Source: REST API guide "sObject Describe", Object Reference "Field Types".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

import orjson

from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, parse
from leadterms.values import Value, decimal_text

Json: TypeAlias = Mapping[str, Any]

TYPES: Mapping[str, str] = {
    "string": "single_line",
    "encryptedstring": "single_line",
    "textarea": "multi_line",
    "picklist": "dropdown",
    "combobox": "dropdown",
    "multipicklist": "multi_select",
    "phone": "phone",
    "email": "email",
    "url": "url",
    "boolean": "checkbox",
    "currency": "currency",
    "percent": "percent",
    "double": "number",
    "int": "number",
    "long": "number",
    "date": "date",
    "datetime": "date_time",
    "time": "single_line",
    "id": "single_line",
    "reference": "reference",
}
"""The vendor's type -> ours. Compound fields (address, location) are left out: their parts are fields of their own;
so are base64 and anyType, which hold no value of a person's."""
SYSTEM = frozenset(
    {
        "Id",
        "IsDeleted",
        "MasterRecordId",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    }
)
"""What every record has of itself: the `Record`'s own attributes, and no mapping's business."""
_EXTRA = ("CreatedDate", "SystemModstamp", "LastModifiedById", "IsDeleted", "MasterRecordId", "OwnerId",
          "ConvertedContactId", "IsConverted")  # fmt: skip
Reader: TypeAlias = Callable[[Any], Value]


@dataclass(frozen=True, slots=True)
class Described:
    """One object's describe: its definition, how its fields are read, and the relationship names of its references.

    `filterable`: the fields that a WHERE may name; long text may not."""

    spec: ObjectSpec
    readers: Mapping[str, Reader]
    relationships: Mapping[str, str]
    filterable: frozenset[str]
    deletable: bool = True

    @classmethod
    def of(cls, raw: Json) -> Described:
        """Read the vendor's describe. Raises KeyError or TypeError where it is none."""
        name = str(raw["name"])
        known = {one["name"]: spec for one in raw["fields"] if (spec := field_spec(name, one)) is not None}
        return cls(
            ObjectSpec(name, str(raw["label"]), known),
            {id: _reader(spec) for id, spec in known.items()},
            {one["relationshipName"]: one["name"] for one in raw["fields"] if one.get("relationshipName")},
            frozenset(one["name"] for one in raw["fields"] if one.get("filterable")),
            bool(raw.get("deletable", True)),
        )

    def wanted(self, fields: Any) -> list[str]:
        """The fields to ask for: those named (all if none is), and those that a `Record` states on its own."""
        asked = list(dict.fromkeys(fields or self.spec.fields))
        own = [one for one in ("Id", *_EXTRA) if one in self.spec.fields or one == "Id"]
        return [*own, *(one for one in asked if one not in own)]


def field_spec(object: str, raw: Json) -> FieldSpec | None:
    """One field's definition; None for what holds no value of its own."""
    type = TYPES.get(raw["type"])
    if type is None:
        return None
    targets = tuple(raw.get("referenceTo") or ())
    if type == "reference" and "User" in targets:
        type = "user"
    if raw.get("autoNumber"):
        type = "auto_number"
    elif raw.get("calculated") and type == "single_line":
        type = "formula"
    writable = bool(raw.get("createable")) or bool(raw.get("updateable"))
    choices = tuple(one["value"] for one in raw.get("picklistValues") or () if one.get("active"))
    chosen = FIELD_TYPES[type].chosen
    kind = FIELD_TYPES[type].kind
    return FieldSpec(
        object=object,
        id=str(raw["name"]),
        label=str(raw["label"]),
        type=type,
        required=bool(raw.get("createable")) and not raw.get("nillable") and not raw.get("defaultedOnCreate"),
        unique=bool(raw.get("unique")),
        external_id=bool(raw.get("externalId")),
        length=_length(raw) if kind == "text" and type not in ("user", "reference", "auto_number") else None,
        scale=int(raw.get("scale") or 0) if kind == "number" else None,
        choices=choices,
        restricted=bool(raw.get("restrictedPicklist")) if chosen else True,
        default=_default(raw, chosen),
        read_only=not writable,
        refers_to=targets[0] if type == "reference" and targets else None,
        system=raw["name"] in SYSTEM,
    )


def _length(raw: Json) -> int | None:
    return int(raw["length"]) if raw.get("length") else None


def _default(raw: Json, chosen: bool) -> Value:
    """What a new record holds where nothing was written: a picklist's default value, a box that is ticked."""
    if chosen:
        found = next((one["value"] for one in raw.get("picklistValues") or () if one.get("defaultValue")), None)
        return str(found) if found is not None else None
    return True if raw.get("defaultValue") is True else None


def _reader(spec: FieldSpec) -> Reader:
    """How a value of the vendor's JSON is read. What the org holds is not validated again: a choice or a length that
    was allowed when it was written may be gone today."""
    kind = FIELD_TYPES[spec.type].kind
    if kind == "checkbox":
        return lambda raw: raw is True or raw == "true"
    if kind == "number":
        return _number
    if spec.type == "date_time":
        return _moment
    if spec.type == "multi_select":
        return lambda raw: frozenset(raw.split(";")) if raw else None
    if kind == "text":
        return lambda raw: str(raw) if raw not in (None, "") else None
    lenient = replace(spec, restricted=False, length=None, required=False)
    return lambda raw: parse(lenient, raw)


def _number(raw: Any) -> Value:
    """JSON's numbers are the shortest text of what the vendor holds, so their text is exact."""
    if raw is None or raw == "":
        return None
    return Decimal(str(raw))


def moment(text: str) -> datetime:
    """`2026-03-02T09:00:00.000+0000` as an aware moment, UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _moment(raw: Any) -> Value:
    return moment(raw) if raw else None


def written(value: Value) -> Any:
    """A value as the body of a write has it."""
    if isinstance(value, Decimal):
        return orjson.Fragment(decimal_text(value))
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    if isinstance(value, tuple):
        return ";".join(value)
    return value
