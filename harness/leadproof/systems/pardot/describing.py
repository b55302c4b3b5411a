"""What a business unit's objects are: the standard table, its own custom fields, and the JSON of each field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from leadproof.systems.pardot.standard import AUDIT, BY, CUSTOM_TYPES, DELETED, OBJECTS, OWNER, SUFFIX, StandardObject
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, parse
from leadterms.values import Value, decimal_text

Json: TypeAlias = Mapping[str, Any]
Reader: TypeAlias = Callable[[Any], Value]
PROSPECT = "prospects"
ONE_PROSPECT = "prospect"
"""The same in version 4, and as a key of requests."""
CUSTOM_FIELD_FIELDS = "id,name,fieldId,type,isRequired,isRecordMultipleResponses,isUseValues"
_SETS = frozenset({"checkbox", "multi-select"})


@dataclass(frozen=True, slots=True)
class Described:
    """One object: its definition, how its fields are read, and which of them only the reading of one record tells
    (the query of prospects leaves out custom fields that can have several values)."""

    spec: ObjectSpec
    readers: Mapping[str, Reader]
    single_only: frozenset[str] = frozenset()

    @property
    def standard(self) -> StandardObject:
        return OBJECTS[self.spec.id]

    def asked(self, fields: Iterable[str], *, single: bool) -> list[str]:
        """The `fields` parameter for these fields, and what a `Record` states on its own; each once."""
        told = dict.fromkeys((*AUDIT, *fields))
        for name, given in ((BY, self.standard.by), (DELETED, self.standard.bin), (OWNER, OWNER in self.spec.fields)):
            if given:
                told[name] = None
        return [name for name in told if single or name not in self.single_only]


def described(name: str, customs: Iterable[Json] = ()) -> Described:
    """The object, with the custom fields that the unit told (of prospects)."""
    standard = OBJECTS[name]
    fields = {row[0]: _standard(name, *row) for row in standard.rows}
    several = set()
    for raw in customs:
        spec = custom_field(raw)
        fields[spec.id] = spec
        if str(raw["type"]).lower() in _SETS or raw.get("isRecordMultipleResponses"):
            several.add(spec.id)
    readers = {id: reader(spec) for id, spec in fields.items()}
    return Described(ObjectSpec(name, standard.label, fields), readers, frozenset(several))


def _standard(object: str, id: str, label: str, type: str, flags: str, refers_to: str) -> FieldSpec:
    return FieldSpec(
        object, id, label, type, required="r" in flags, read_only="w" not in flags, refers_to=refers_to or None,
        scale=0 if type == "number" else None, default=_default(object, id, type),
    )  # fmt: skip


def _default(object: str, id: str, type: str) -> Value:
    """What a new record holds: a prospect begins with a score of 0."""
    if (object, id) == (PROSPECT, "score"):
        return Decimal(0)
    return False if type == "checkbox" else None


def custom_field(raw: Json) -> FieldSpec:
    """A custom field of prospects. A field that records several responses is read as all of them, a line each."""
    type = CUSTOM_TYPES.get(str(raw["type"]).lower(), "single_line")
    if type == "checkbox" and raw.get("isUseValues"):
        type = "multi_select"
    if raw.get("isRecordMultipleResponses") and type == "single_line":
        type = "multi_line"
    chosen = FIELD_TYPES[type].chosen
    return FieldSpec(
        PROSPECT, f"{raw['fieldId']}{SUFFIX}", str(raw.get("name") or raw["fieldId"]), type,
        required=raw.get("isRequired") is True, restricted=not chosen,
        default=False if type == "checkbox" else None,
    )  # fmt: skip


def moment(text: str) -> datetime:
    """The API's time as an aware datetime in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def reader(spec: FieldSpec) -> Reader:
    """How a stored value of this field is read; what the system holds is not validated again."""
    kind = FIELD_TYPES[spec.type].kind
    lenient = replace(spec, restricted=False, length=None, required=False, scale=None)

    def read(raw: Any) -> Value:
        if raw is None or raw == "" or raw == []:
            return False if kind == "checkbox" else None
        if kind == "text":
            return "\n".join(map(str, raw)) if isinstance(raw, list) else str(raw)
        if kind == "set":
            return frozenset(map(str, raw)) if isinstance(raw, list) else frozenset(str(raw).split(";"))
        if kind == "date":
            return date.fromisoformat(str(raw)[:10])
        if kind == "date_time":
            return moment(str(raw))
        return parse(lenient, raw if isinstance(raw, bool) else str(raw))

    return read


def written(spec: FieldSpec, value: Value) -> Any:
    """A value as version 5's JSON has it; null clears."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime | date):
        return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, frozenset | tuple):
        return sorted(value) or None
    if isinstance(value, str) and spec.type == "reference":
        return int(value) if value.isdigit() else value
    return value if value != "" else None


def written_v4(value: Value) -> str:
    """A value as version 4 takes it; "" clears."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def name_v4(id: str) -> str:
    """A field's name in version 4: snake case; a custom field's own id without the suffix."""
    if id.endswith(SUFFIX):
        return id.removesuffix(SUFFIX)
    return re.sub(r"(?<!^)([A-Z])", r"_\1", id).lower()


def _number(value: Decimal) -> int | float | str:
    """JSON's number where it is exact, else the digits as text."""
    if value == value.to_integral_value():
        return int(value)
    rounded = float(value)
    return rounded if Decimal(repr(rounded)) == value else decimal_text(value)
