"""From the vendor's values to the engine's: names in any letter case, ids, dates, numbers as JSON or text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal

from leadsim.dialects.salesforce.catalog import NUMBERS, SField, SObject
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.row_errors import NO_RIGHT
from leadsim.dialects.salesforce.view import View

Way = Literal["create", "update"]


@dataclass(slots=True)
class Read:
    """One row as it was read: the engine's values, and what is wrong with it."""

    values: dict[str, object] = field(default_factory=dict)
    errors: list[ApiError] = field(default_factory=list)


class _Unfit(Exception):
    """A value that is none of its field's type."""

    def __init__(self, error: ApiError) -> None:
        super().__init__(error.message)
        self.error = error


Source = str | tuple[str, ...]
"""Where a row stands, for the places in complaints: in this JSON text, or under these columns of a file."""


def read_row(raw: Mapping[str, Any], object: SObject, way: Way, view: View, *, source: Source = "") -> Read:
    """The values of one row."""
    text = source if isinstance(source, str) else ""
    read = Read()
    forbidden: list[str] = []
    seen: set[str] = set()
    for name, value in raw.items():
        if name.lower() == "attributes":
            read.errors += _attributes(value, object)
        if name.lower() in ("attributes", "id"):
            continue
        found = object.field(name)
        if found is None:
            relationship = object.by_relationship.get(name.lower())
            if relationship is not None and isinstance(value, dict):
                if relationship.createable if way == "create" else relationship.updateable:
                    _by_external_id(read, relationship, value, view)
                else:
                    forbidden.append(relationship.name)
                continue
            read.errors.append(no_such_column(name, object))
            continue
        if found.name in seen:
            read.errors.append(ApiError("INVALID_FIELD", f"Duplicate field specified: {found.name}", (found.name,)))
        seen.add(found.name)
        allowed = found.createable if way == "create" else found.updateable
        if not allowed or found.source != "stored":
            forbidden.append(found.name)
            continue
        try:
            read.values[found.key] = _value(found, value, view, text)
        except _Unfit as unfit:
            unread = unfit.error.code == "JSON_PARSER_ERROR" and isinstance(source, tuple)
            read.errors.append(_of_file(found, name, value, source) if unread else unfit.error)
    if forbidden:
        text = NO_RIGHT.format(names=", ".join(forbidden))
        read.errors.append(ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", text, tuple(forbidden)))
    return read


def _attributes(given: object, object: SObject) -> list[ApiError]:
    """What is wrong with a row's attributes: they may say of what object it is, and then rightly so."""
    if not isinstance(given, Mapping):
        return [ApiError("JSON_PARSER_ERROR", "Cannot deserialize the attributes of a record from what is no object")]
    type = given.get("type", object.name)
    if isinstance(type, str) and type.lower() == object.name.lower():
        return []
    return [ApiError("INVALID_TYPE", f"sObject type '{type}' is not that of the record: {object.name}", ())]


def no_such_column(name: str, object: SObject) -> ApiError:
    """A row names a field that its object has not."""
    return ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {object.name}")


def _by_external_id(read: Read, field: SField, value: Mapping[str, Any], view: View) -> None:
    """A parent named by one of its external ids: `"Account": {"Key__c": "A-1"}`."""
    named = {name: one for name, one in value.items() if name != "attributes"}
    parent = view.catalog.objects.get(field.refers_to[0])
    key = parent.field(next(iter(named))) if parent is not None and len(named) == 1 else None
    if parent is None or parent.engine is None or key is None or not key.external_id:
        names = ", ".join(named)
        text = f"Foreign key external ID: {names} not found for field {names} in entity {field.refers_to[0]}"
        read.errors.append(ApiError("INVALID_FIELD", text, ()))
        return
    if "attributes" in value:
        read.errors += _attributes(value["attributes"], parent)
    wanted = next(iter(named.values()))
    found = view.keyed(parent, key, str(wanted)) if isinstance(wanted, str | int | float) else []
    if len(found) != 1:
        text = f"Foreign key external ID: {str(wanted).lower()} not found for field {key.name} in entity {parent.name}"
        read.errors.append(ApiError("INVALID_FIELD", text, ()))
        return
    stored = found[0].stored
    assert stored is not None
    read.values[field.key] = stored.id


# --- values by type ---------------------------------------------------------------------------------------------


def _value(field: SField, value: Any, view: View, source: str) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, dict | list):
        token = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
        raise _Unfit(_complaint(field, token, "", source))
    if field.type == "boolean":
        return _boolean(field, value, source)
    if field.type in NUMBERS:
        return _number(field, value, source)
    if field.type == "date":
        return _day(field, value, source)
    if field.type == "datetime":
        return _moment(field, value, source)
    if not isinstance(value, str):
        raise _Unfit(_complaint(field, _token(value), _shown(value), source))
    if field.type == "reference":
        return _id(field, value, view)
    if field.type == "multipicklist":
        return [part.strip() for part in value.split(";") if part.strip()]
    text = value.strip()
    # One line stays one line: the vendor keeps line breaks in text areas only.
    if field.type == "textarea" or ("\n" not in text and "\r" not in text):
        return text
    return re.sub(r"\s*[\r\n]+\s*", " ", text)


def _token(value: object) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    if isinstance(value, int):
        return "VALUE_NUMBER_INT"
    return "VALUE_NUMBER_FLOAT" if isinstance(value, float) else "VALUE_STRING"


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_XSD: Mapping[str, str] = {
    "boolean": "boolean", "int": "int", "double": "double", "currency": "double", "percent": "double", "date": "date",
    "datetime": "dateTime",
}  # fmt: skip
_KINDS: Mapping[str, str] = {
    "currency": "double", "percent": "double", "reference": "reference", "textarea": "string", "email": "string",
    "phone": "string", "url": "string", "picklist": "string", "multipicklist": "string",
}  # fmt: skip


def _complaint(field: SField, token: str, shown: str, source: str) -> ApiError:
    kind = _KINDS.get(field.type, field.type)
    value = f" value {shown}" if shown else ""
    text = f"Cannot deserialize instance of {kind} from {token}{value} or request may be missing a required field"
    return ApiError("JSON_PARSER_ERROR", f"{text} at [line:1, column:{_column(source, field.name)}]")


def _of_file(field: SField, name: str, value: object, columns: Source) -> ApiError:
    """A cell that is no value of its field, as the vendor's files of results tell it."""
    place = f"Failed to deserialize field at col {columns.index(name)}. Due to, " if name in columns else ""
    kind = _XSD.get(field.type, "string")
    return ApiError("INVALID_FIELD", f"{place}'{value}' is not a valid value for the type xsd:{kind}", (field.name,))


def _column(source: str, name: str) -> int:
    """Where a field's value begins in the JSON text; 1 where that can't be told."""
    found = re.search(rf'"{re.escape(name)}"\s*:\s*', source, re.IGNORECASE)
    return found.end() + 1 if found else 1


def _boolean(field: SField, value: Any, source: str) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("true", "1"):
        return True
    if word in ("false", "0"):
        return False
    raise _Unfit(_complaint(field, _token(value), _shown(value), source))


def _number(field: SField, value: Any, source: str) -> Decimal:
    """A number, rounded to the field's decimals as the vendor does."""
    if isinstance(value, bool):
        raise _Unfit(_complaint(field, _token(value), _shown(value), source))
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _Unfit(_complaint(field, _token(value), _shown(value), source)) from None
    if not number.is_finite():
        raise _Unfit(_complaint(field, _token(value), _shown(value), source))
    if field.type == "int" and number != number.to_integral_value():
        raise _Unfit(_complaint(field, _token(value), _shown(value), source))
    whole = max(1, field.precision - field.scale) if field.precision else 18
    if field.type == "int":
        whole = 10
    if number.adjusted() >= whole:
        text = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise _Unfit(ApiError("NUMBER_OUTSIDE_VALID_RANGE", text, (field.name,)))
    return number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)


_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?\Z", re.ASCII | re.DOTALL)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?\Z", re.ASCII)


def _day(field: SField, value: Any, source: str) -> date:
    found = _DAY.match(value.strip()) if isinstance(value, str) else None
    try:
        if found:
            return date.fromisoformat(found[1])
    except ValueError:
        pass
    raise _Unfit(_complaint(field, _token(value), _shown(value), source))


def _moment(field: SField, value: Any, source: str) -> datetime:
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _MOMENT.match(text):
            read = datetime.fromisoformat(text)
            # Without an offset a moment is in UTC.
            moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
            return moment.replace(microsecond=0)
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    raise _Unfit(_complaint(field, _token(value), _shown(value), source))


def _id(field: SField, value: str, view: View) -> str:
    """A reference. The engine knows users by their names, other records by their ids."""
    text = value.strip()
    id = read_id(text)
    if id is None:
        raise _Unfit(ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {text}", (field.name,)))
    target = view.catalog.of_id(id)
    if target is None or target.name not in field.refers_to:
        text = f"{field.label}: id value of incorrect type: {text}"
        raise _Unfit(ApiError("FIELD_INTEGRITY_EXCEPTION", text, (field.name,)))
    if "User" in field.refers_to:
        user = view.engine_user(id)
        if user is None:
            raise _Unfit(ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,)))
        return user
    return id
