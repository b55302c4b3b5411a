"""The objects and fields of one org as both versions of the API name them, custom fields too.

A field that the vendor has not by default stands as a custom field: `mobile` is `mobile__c` in v5 and `mobile` in v4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from leadsim.dialects.pardot.standard import OBJECTS, Field, Row, Table
from leadsim.engine.schema import OrgSchema
from leadterms.fields import FieldSpec

CUSTOM_SUFFIX = "__c"
# What the engine calls a field's type, and the vendor its kind (v4: and its number).
KINDS: Mapping[str, tuple[str, int, str]] = {
    "single_line": ("Text", 1, "String"),
    "multi_line": ("Textarea", 6, "String"),
    "email": ("Text", 1, "String"),
    "phone": ("Text", 1, "String"),
    "url": ("Text", 1, "String"),
    "number": ("Number", 8, "Float"),
    "currency": ("Number", 8, "Float"),
    "percent": ("Number", 8, "Float"),
    "date": ("Date", 7, "Date"),
    "date_time": ("Date", 7, "DateTime"),
    "dropdown": ("Dropdown", 3, "String"),
    "radio": ("Radio Button", 2, "String"),
    "multi_select": ("Multi-Select", 5, "Array"),
    "checkbox": ("Checkbox", 4, "Boolean"),
    "user": ("CRM User", 9, "Integer"),
}
OTHER_KIND = ("Text", 1, "String")


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field of prospects: the engine's, and its place among them."""

    spec: FieldSpec
    number: int
    field: Field

    @property
    def field_id(self) -> str:
        """The name that the API knows it by, without v5's ending."""
        return self.field.v4


@dataclass(frozen=True, slots=True)
class PObject:
    """One object: its table, and its fields by name in each version."""

    table: Table
    fields: Mapping[str, Field]
    v4_fields: Mapping[str, Field]
    by_engine: Mapping[str, Field]
    relations: Mapping[str, Field]


class Catalog:
    """All objects of one org, for one version of its schema."""

    def __init__(self, schema: OrgSchema) -> None:
        self.version = schema.version
        self.custom_fields = tuple(_custom(schema))
        self.objects = {table.v5: _object(table, self._more(table)) for table in OBJECTS}
        self.v4 = {one.table.v4.casefold(): one for one in self.objects.values() if one.table.v4}
        # The last of several over one object of the engine is the one that stands for it.
        self.by_engine = {one.table.engine: one for one in self.objects.values() if one.table.engine}

    def _more(self, table: Table) -> list[Field]:
        return [one.field for one in self.custom_fields] if table.engine == "prospect" else []


_CATALOGS: WeakKeyDictionary[OrgSchema, Catalog] = WeakKeyDictionary()


def catalog_of(schema: OrgSchema) -> Catalog:
    """The org's catalogue; made anew when its schema has changed."""
    held = _CATALOGS.get(schema)
    if held is None or held.version != schema.version:
        held = _CATALOGS[schema] = Catalog(schema)
    return held


def read_row(row: Row, of: Mapping[str, str]) -> Field:
    """A row of a table as a field."""
    v5, v4, type, where, rights = row
    source, _, key = where.partition(":")
    return Field(v5, v4, type, source, key, rights, of.get(v5, ""))


def _object(table: Table, more: list[Field]) -> PObject:
    fields = [read_row(row, table.of) for row in table.rows] + more
    return PObject(
        table,
        {one.v5: one for one in fields if one.v5},
        {one.v4: one for one in fields if one.v4},
        # Of two fields over one of the engine's (userId, assignedToId) the first is the one that is written.
        {one.key: one for one in reversed(fields) if one.source in ("field", "ref")},
        {one.relation: one for one in fields if one.relation},
    )


STANDARD_FIELDS = frozenset(
    row[3].partition(":")[2]
    for table in OBJECTS
    if table.engine == "prospect"
    for row in table.rows
    if row[3].startswith(("field:", "ref:"))
)


def _custom(schema: OrgSchema) -> list[CustomField]:
    found = []
    own = [spec for id, spec in schema.get("prospect").fields.items() if id not in STANDARD_FIELDS]
    for number, spec in enumerate(own, 1):
        bare = spec.id.removesuffix(CUSTOM_SUFFIX)
        kind = KINDS.get(spec.type, OTHER_KIND)[2]
        if spec.type == "statistics":
            kind = "DateTime" if spec.scale is None else "Float"
        if spec.type == "formula" and spec.formula is not None and "concat" not in spec.formula:
            kind = "Float"
        computed = spec.read_only or spec.type in ("formula", "statistics", "auto_number")
        rights = "" if computed else "w"
        source = "ref" if spec.type in ("user", "reference") else "field"
        of = "users" if spec.type == "user" else ""
        field = Field(bare + CUSTOM_SUFFIX, bare, "Integer" if source == "ref" else kind, source, spec.id, rights, of)
        found.append(CustomField(spec, number, field))
    return found
