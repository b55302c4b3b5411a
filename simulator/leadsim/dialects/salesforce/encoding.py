"""Values as the vendor writes them in JSON and CSV, and what clients send as the engine reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from leadsim.dialects.salesforce.catalog import NUMBERS, SField
from leadsim.dialects.salesforce.view import Record
from leadterms.values import Value, decimal_text

ADDRESS_PARTS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


def moment_text(moment: datetime) -> str:
    """2026-03-02T09:00:00.000+0000"""
    return f"{moment.astimezone(UTC).isoformat(timespec='milliseconds')[:-6]}+0000"


def json_value(value: Value, type: str, choices: tuple[str, ...] = ()) -> Any:
    """A value by its vendor's type, as orjson can write it."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return int(value) if type == "int" and value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        order = {choice: place for place, choice in enumerate(choices)}
        return ";".join(sorted(value, key=lambda one: (order.get(one, len(order)), one)))
    if isinstance(value, tuple):
        return ";".join(value)
    if isinstance(value, int):
        return value
    return value


def field_json(record: Record, field: SField) -> Any:
    """One field of a record; an address is an object of its parts."""
    if field.type == "address":
        return address_json(record, field)
    return json_value(record.get(field), field.type, field.choices)


def whole_json(record: Record) -> dict[str, Any]:
    """All fields of a record. Most of them are blank, so what is there is written over what a blank record shows."""
    object, stored = record.object, record.stored
    shown = dict(object.blank)
    if stored is not None:
        fields, view = object.by_engine, record.view
        for key, value in stored.values.items():
            field = fields.get(key)
            if field is not None:
                shown[field.name] = json_value(view.shown(field, value), field.type, field.choices)
    for field in object.made:
        shown[field.name] = field_json(record, field)
    return shown


def address_json(record: Record, field: SField) -> dict[str, Any] | None:
    """A compound address; None when all its parts are blank."""
    prefix = field.name.removesuffix("Address")
    fields = record.object.fields
    parts: dict[str, Any] = {}
    for part in ADDRESS_PARTS:
        one = fields.get(prefix + part)
        parts[part[0].lower() + part[1:]] = None if one is None else json_value(record.get(one), one.type)
    return parts if any(value is not None for value in parts.values()) else None


def csv_value(value: Any) -> str:
    """A value of `json_value` as a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return decimal_text(Decimal(repr(value))) if value != int(value) else f"{value:.1f}"
    if isinstance(value, Mapping):
        return ""
    return str(value)


def attributes(object: str, url: str | None) -> dict[str, Any]:
    """What every record carries beside its fields."""
    return {"type": object} if url is None else {"type": object, "url": url}


def is_number(field: SField) -> bool:
    """Whether the field's values are numbers."""
    return field.type in NUMBERS
