"""What the org's objects and fields are in Salesforce's words: the names between the vendor and the engine.

A catalogue is made from the standard tables and the org's own custom fields, and kept until the schema changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

from leadsim.dialects.salesforce.ids import prefix_of
from leadsim.dialects.salesforce.standard import OBJECTS, StandardObject
from leadsim.dialects.salesforce.standard.rows import AUDIT, DELETED, ID, Row
from leadsim.engine.schema import OrgSchema
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, length_limit

Source = Literal["stored", "column", "computed", "row", "never"]

# Vendor's type -> (soapType, engine's type). A reference to users is the engine's `user`.
TYPES: Mapping[str, tuple[str, str]] = {
    "id": ("tns:ID", "single_line"),
    "string": ("xsd:string", "single_line"),
    "textarea": ("xsd:string", "multi_line"),
    "picklist": ("xsd:string", "dropdown"),
    "multipicklist": ("xsd:string", "multi_select"),
    "phone": ("xsd:string", "phone"),
    "email": ("xsd:string", "email"),
    "url": ("xsd:string", "single_line"),
    "boolean": ("xsd:boolean", "checkbox"),
    "currency": ("xsd:double", "currency"),
    "percent": ("xsd:double", "percent"),
    "double": ("xsd:double", "number"),
    "int": ("xsd:int", "number"),
    "date": ("xsd:date", "date"),
    "datetime": ("xsd:dateTime", "date_time"),
    "reference": ("tns:ID", "reference"),
    "address": ("urn:address", "address"),
    "anyType": ("xsd:anyType", "single_line"),
}
# Engine's type of a custom field -> vendor's type.
CUSTOM_TYPES: Mapping[str, str] = {
    "single_line": "string", "multi_line": "textarea", "number": "double", "auto_number": "string",
    "percent": "percent", "currency": "currency", "date": "date", "date_time": "datetime", "checkbox": "boolean",
    "dropdown": "picklist", "multi_select": "multipicklist", "radio": "picklist", "user": "reference",
    "email": "email", "phone": "phone", "messaging": "string", "social": "string", "address": "textarea",
    "url": "url", "formula": "string", "statistics": "double", "reference": "reference",
}  # fmt: skip
LONG_TEXT = 255
NUMBERS = frozenset({"double", "int", "currency", "percent"})
LISTS = frozenset({"picklist", "multipicklist"})


@dataclass(frozen=True, slots=True)
class SField:
    """One field as the vendor describes it. `key` is the engine's field, the record's column, or the function."""

    name: str
    label: str
    type: str
    source: Source
    key: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = False
    updateable: bool = False
    defaulted: bool = False
    name_field: bool = False
    id_lookup: bool = False
    unique: bool = False
    external_id: bool = False
    calculated: bool = False
    formula: str | None = None
    auto_number: bool = False
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    children: str | None = None
    choices: tuple[str, ...] = ()
    restricted: bool = False
    default: object = None
    part_of: str | None = None
    custom: bool = False

    @property
    def filterable(self) -> bool:
        """Whether WHERE may name it: long text and old and new values of histories may not."""
        return not ((self.type == "textarea" and self.length > LONG_TEXT) or self.type in ("address", "anyType"))

    @property
    def sortable(self) -> bool:
        """Whether ORDER BY may name it."""
        return self.filterable and self.type != "multipicklist"

    @property
    def groupable(self) -> bool:
        """Whether GROUP BY may name it: no fractions, no moments."""
        return self.sortable and self.type not in ("double", "currency", "percent", "datetime") and not self.auto_number

    @property
    def aggregatable(self) -> bool:
        """Whether MIN, MAX and COUNT may have it."""
        return self.filterable and self.type not in ("boolean", "multipicklist")


@dataclass(frozen=True, eq=False)
class SObject:
    """One object. `rows` of an object without an engine object are made from the org's settings."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: Mapping[str, SField]
    engine: str | None = None
    can: str = ""
    history_of: str | None = None
    custom: bool = False
    by_lower: Mapping[str, SField] = field(default_factory=dict)
    by_relationship: Mapping[str, SField] = field(default_factory=dict)

    def field(self, name: str) -> SField | None:
        """A field by its API name, in any letter case."""
        return self.by_lower.get(name.lower())

    @cached_property
    def by_engine(self) -> Mapping[str, SField]:
        """The stored fields by the engine's id."""
        return {one.key: one for one in self.fields.values() if one.source == "stored"}

    @cached_property
    def blank(self) -> Mapping[str, bool | None]:
        """What a record shows of which nothing is known: its fields in their order."""
        return {
            one.name: False if one.type == "boolean" and one.source == "stored" else None
            for one in self.fields.values()
        }

    @cached_property
    def made(self) -> tuple[SField, ...]:
        """The fields whose values are not just what a record stores."""
        return tuple(one for one in self.fields.values() if one.source in ("column", "computed", "row"))

    @cached_property
    def name_field(self) -> SField | None:
        """The field that shows a record to people."""
        return next((one for one in self.fields.values() if one.name_field), None)


@dataclass(frozen=True, slots=True)
class Child:
    """A relationship seen from its parent."""

    object: str
    field: str
    name: str | None


class Catalog:
    """All objects of an org."""

    def __init__(self, schema: OrgSchema) -> None:
        self.version = schema.version
        objects = [_standard(one, schema) for one in OBJECTS]
        known = {one.engine for one in objects}
        customs = [id for id in schema.objects if id not in known]
        objects += [_custom(id, schema) for id in customs]
        objects.sort(key=lambda one: one.name)
        self.objects = {one.name: one for one in objects}
        self._by_lower = {one.name.lower(): one for one in objects}
        self._by_prefix = {one.prefix: one for one in objects if one.engine is not None}
        self.by_engine = {one.engine: one for one in objects if one.engine is not None}
        self.children: dict[str, list[Child]] = {one.name: [] for one in objects}
        for one in objects:
            for each in one.fields.values():
                for target in each.refers_to:
                    if target in self.children:
                        self.children[target].append(Child(one.name, each.name, each.children))

    def get(self, name: str) -> SObject | None:
        """An object by its API name, in any letter case."""
        return self._by_lower.get(name.lower())

    def of_id(self, id: str) -> SObject | None:
        """The object whose ids begin as this one."""
        return self._by_prefix.get(id[:3])

    def child(self, parent: str, relationship: str) -> Child | None:
        """A child relationship of an object by its name, in any letter case."""
        wanted = relationship.lower()
        return next((one for one in self.children[parent] if (one.name or "").lower() == wanted), None)


def _standard(table: StandardObject, schema: OrgSchema) -> SObject:
    rows = [_row_field(row, table, schema) for row in table.rows]
    fields = {one.name: one for one in rows}
    if table.engine is not None and table.engine in schema.objects:
        taken = {one.key for one in rows if one.source == "stored"}
        for spec in schema.objects[table.engine].fields.values():
            if spec.id not in taken and not spec.system and spec.id not in fields and spec.id not in _HIDDEN:
                fields[spec.id] = custom_field(spec)
    return _finished(SObject(
        table.name, table.label, table.plural, prefix_of(table.name), fields, table.engine, table.can, table.history_of
    ))  # fmt: skip


# Fields of the engine that Salesforce shows in another place: a campaign's statuses are records of their own.
_HIDDEN = frozenset({"MemberStatuses", "ConvertedDate", "FirstRespondedDate"})


_OWNER: Row = (
    "OwnerId", "Owner ID", "reference", "", "cud", {"to": ("Group", "User"), "via": "Owner", "engine": "Owner"},
)  # fmt: skip


def _custom(id: str, schema: OrgSchema) -> SObject:
    spec = schema.objects[id]
    owned: tuple[Row, ...] = (_OWNER,) if "Owner" in spec.fields else ()
    table = StandardObject(id, spec.label, spec.label, (ID, *owned, DELETED, *AUDIT), id, "cudn")
    rows = [_row_field(row, table, schema) for row in table.rows]
    fields = {one.name: one for one in rows}
    fields.update({one.id: custom_field(one) for one in spec.fields.values() if one.id != "Owner"})
    return _finished(SObject(id, spec.label, spec.label, prefix_of(id), fields, id, "cudn", custom=True))


def _finished(object: SObject) -> SObject:
    return replace(
        object,
        by_lower={name.lower(): one for name, one in object.fields.items()},
        by_relationship={one.relationship.lower(): one for one in object.fields.values() if one.relationship},
    )


def _row_field(row: Row, table: StandardObject, schema: OrgSchema) -> SField:
    name, label, type, size, flags, more = row
    digits, _, decimals = size.partition(".")
    source, key = _source(name, more, table)
    choices = more.get("choices", ())
    default = more.get("default", False if type == "boolean" else None)
    if source == "stored" and table.engine is not None and table.engine in schema.objects:
        spec = schema.objects[table.engine].fields.get(key)
        if spec is not None and spec.choices:
            choices, default = spec.choices, spec.default
    elif type == "boolean":
        default = False
    length = int(digits or 0) if type not in NUMBERS else 0
    return SField(
        name, label.format(label=table.label) if "{" in label else label, type, source, key,
        length=18 if type in ("reference", "id") else length,
        precision=int(digits or 0) if type in NUMBERS else 0, scale=int(decimals or 0),
        nillable="r" not in flags and "d" not in flags and type != "boolean", createable="c" in flags,
        updateable="u" in flags, defaulted="d" in flags, name_field="n" in flags, id_lookup="k" in flags,
        refers_to=more.get("to", ()), relationship=more.get("via"), children=more.get("children"),
        choices=tuple(choices), restricted=more.get("restricted", False), default=default, part_of=more.get("part"),
    )  # fmt: skip


def _source(name: str, more: Mapping[str, object], table: StandardObject) -> tuple[Source, str]:
    if "never" in more:
        return "never", ""
    if "column" in more:
        return ("column", str(more["column"])) if table.engine is not None else ("row", name)
    if "computed" in more:
        return "computed", str(more["computed"])
    if table.engine is None:
        return "row", name
    return "stored", str(more.get("engine", name))


def custom_field(spec: FieldSpec) -> SField:
    """A custom field of the org in the vendor's words."""
    type = CUSTOM_TYPES[spec.type]
    if spec.type in ("formula", "statistics"):
        type = _computed_type(spec)
    computed = FIELD_TYPES[spec.type].computed
    refers_to: tuple[str, ...] = ()
    relationship = None
    if spec.type == "user":
        refers_to = ("User",)
    elif spec.type == "reference" and spec.refers_to:
        refers_to = (spec.refers_to,)
    if refers_to:
        relationship = f"{spec.id[:-3]}__r" if spec.id.endswith("__c") else f"{spec.id}__r"
    text = FIELD_TYPES[spec.type].kind in ("text", "set") and type not in NUMBERS | {"reference"}
    number = type in NUMBERS
    return SField(
        spec.id, spec.label, type, "stored", spec.id,
        length=18 if type == "reference" else length_limit(spec) if text else 0,
        precision=18 if number else 0, scale=(spec.scale if spec.scale is not None else 2) if number else 0,
        nillable=not spec.required and type != "boolean", createable=not (spec.read_only or computed),
        updateable=not (spec.read_only or computed), defaulted=type == "boolean",
        id_lookup=spec.external_id, unique=spec.unique, external_id=spec.external_id,
        calculated=spec.type in ("formula", "statistics"), formula=_formula_text(spec),
        auto_number=spec.type == "auto_number", refers_to=refers_to, relationship=relationship, choices=spec.choices,
        restricted=bool(spec.choices) and spec.restricted, default=spec.default, custom=True,
    )  # fmt: skip


def _formula_text(spec: FieldSpec) -> str | None:
    """A formula as the vendor's set-up pages show it; None for what is computed in another way."""
    if spec.type != "formula" or spec.formula is None:
        return None
    kind, argument = next(iter(spec.formula.items()))
    if kind == "days_since":
        column = {"created_at": "CreatedDate", "modified_at": "LastModifiedDate"}.get(argument)
        return f"TODAY() - DATEVALUE({column})" if column else f"TODAY() - {argument}"
    parts = [argument] if isinstance(argument, str) else argument
    return (" & " if kind == "concat" else " + ").join(
        part if part.isidentifier() else f'"{part.translate(_ESCAPES)}"' for part in parts
    )


_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\"})


def _computed_type(spec: FieldSpec) -> str:
    if spec.type == "formula":
        return "string" if spec.formula is not None and "concat" in spec.formula else "double"
    return "datetime" if spec.scale is None else "double"
