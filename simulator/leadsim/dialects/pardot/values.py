"""From the vendor's values to the engine's: JSON's own types in v5, texts in v4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadsim.dialects.pardot.encoding import read_day, read_moment
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.ids import read_number, read_owner_id, read_person_id
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.view import View

TRUTH: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}
_NUMBER_DIGITS = 18


def read_field(field: Field, name: str, value: Any, view: View, *, strict: bool) -> Any:
    """The engine's value. `strict`: a text is no number and no truth value (v5). Raises PardotRefused."""
    if value is None or value == "":
        return None
    if field.source == "ref":
        return _reference(field, name, value, view, strict=strict)
    if field.key == "crm_id":
        return _person(name, value)
    if field.key == "crm_owner_id":
        owner = read_owner_id(value) if isinstance(value, str) else None
        if owner is None:
            raise PardotRefused(79, name)
        return owner
    read = _READERS.get(field.type, _text)
    return read(field, name, value, strict)


def _text(field: Field, name: str, value: Any, strict: bool) -> Any:
    if isinstance(value, str):
        return value
    if strict or isinstance(value, bool | list | dict):
        raise PardotRefused(154, name)
    return str(value)


def _boolean(field: Field, name: str, value: Any, strict: bool) -> Any:
    if isinstance(value, bool):
        return value
    if not strict and str(value).strip().lower() in TRUTH and not isinstance(value, float):
        return TRUTH[str(value).strip().lower()]
    raise PardotRefused(50, name)


def _number(field: Field, name: str, value: Any, strict: bool) -> Any:
    """A number, and no text that looks like one where JSON could have said it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str) or (strict and isinstance(value, str)):
        raise PardotRefused(56, name)
    whole = field.type == "Integer"
    try:
        number = int(str(value)) if whole else float(value)
    except (ValueError, OverflowError):
        raise PardotRefused(56, name) from None
    if abs(number) >= 10**_NUMBER_DIGITS or number != number:
        raise PardotRefused(56, name)
    return str(value) if not whole else str(number)


def _day(field: Field, name: str, value: Any, strict: bool) -> Any:
    day = read_day(value.strip()) if isinstance(value, str) else None
    if day is None:
        raise PardotRefused(57, name)
    return day.isoformat()


def _moment(field: Field, name: str, value: Any, strict: bool) -> Any:
    moment = read_moment(value.strip()) if isinstance(value, str) else None
    if moment is None:
        raise PardotRefused(57, name)
    return moment.isoformat()


def _several(field: Field, name: str, value: Any, strict: bool) -> Any:
    if isinstance(value, str) and not strict:
        return [part.strip() for part in value.split(";") if part.strip()]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise PardotRefused(154, name)
    return value


_READERS = {
    "Boolean": _boolean,
    "Integer": _number,
    "Float": _number,
    "Date": _day,
    "DateTime": _moment,
    "Array": _several,
}


def _person(name: str, value: Any) -> str:
    id = read_person_id(value.strip()) if isinstance(value, str) else None
    if id is None:
        raise PardotRefused(77, f"{name} must be the Salesforce id of a lead or contact")
    return id


def _reference(field: Field, name: str, value: Any, view: View, *, strict: bool) -> str:
    target = view.catalog.objects[field.of]
    if isinstance(value, bool) or (strict and not isinstance(value, int)):
        raise PardotRefused(target.table.missing, name)
    number = read_number(str(value))
    record = None if number is None else view.find(target, number, written=True)
    if record is None or record.deleted or record.stored is None:
        raise PardotRefused(target.table.missing, name)
    return record.stored.id
