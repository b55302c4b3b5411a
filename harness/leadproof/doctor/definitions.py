"""Definitions side by side: each system's word and id for the same thing, in one table (product.md B3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from leadproof.integration import Integration, Mapping
from leadterms.fields import FieldSpec, Schema

HEADINGS = ("", "CRM", "its word", "marketing", "its word", "types", "master", "direction", "overwrite", "used by")


@dataclass(frozen=True, slots=True)
class Definition:
    """One thing in both systems. `thing`: object or field. `crm` and `marketing` are ids, the labels the systems'
    words; "" where a system does not have it."""

    thing: str
    crm: str
    crm_label: str
    marketing: str
    marketing_label: str
    types: str = ""
    master: str = ""
    direction: str = ""
    overwrite: str = ""
    used_by: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {**{name: getattr(self, name) for name in _KEYS}, "used_by": list(self.used_by)}

    def cells(self) -> tuple[str, ...]:
        """A row under HEADINGS."""
        return (
            self.thing, self.crm, self.crm_label, self.marketing, self.marketing_label, self.types, self.master,
            self.direction, self.overwrite, ", ".join(self.used_by),
        )  # fmt: skip


_KEYS = tuple(one.name for one in fields(Definition))


def definitions(integration: Integration, crm: Schema, marketing: Schema) -> list[Definition]:
    """Objects first, each followed by its fields in the file's order; fields that are declared and not synced too."""
    return list(_rows(integration, crm, marketing))


def _rows(integration: Integration, crm: Schema, marketing: Schema) -> Iterator[Definition]:
    person = integration.people.marketing
    for object in integration.people.crm:
        yield _object(object, person, crm, marketing)
        for mapping in integration.mappings(object):
            yield _field(mapping, _spec(crm, object, mapping.crm_field), _spec(marketing, person, mapping.id))
    for other in (integration.accounts, integration.opportunities):
        if other is not None:
            yield _object(other.crm, other.marketing, crm, marketing)
            for pair in other.fields:
                here = _spec(crm, other.crm, pair.crm)
                there = _spec(marketing, other.marketing, pair.marketing)
                yield Definition(
                    "field", f"{other.crm}.{pair.crm}", _label(here), pair.marketing, _label(there),
                    _types(here, there), "crm", "to_marketing",
                )  # fmt: skip


def _object(crm_id: str, marketing_id: str, crm: Schema, marketing: Schema) -> Definition:
    here, there = crm.get(crm_id), marketing.get(marketing_id)
    return Definition("object", crm_id, here.label if here else "", marketing_id, there.label if there else "")


def _field(mapping: Mapping, here: FieldSpec | None, there: FieldSpec | None) -> Definition:
    return Definition(
        "field",
        f"{mapping.crm_object}.{mapping.crm_field}",
        _label(here),
        mapping.marketing_field or "",
        _label(there),
        _types(here, there),
        mapping.master if mapping.direction != "none" else "",
        mapping.direction,
        mapping.overwrite if mapping.direction != "none" else "",
        mapping.used_by,
    )


def _spec(schema: Schema, object: str, field: str) -> FieldSpec | None:
    return schema[object].fields.get(field) if object in schema else None


def _label(spec: FieldSpec | None) -> str:
    return spec.label if spec is not None else ""


def _types(here: FieldSpec | None, there: FieldSpec | None) -> str:
    kinds = [_type(one) for one in (here, there) if one is not None]
    return kinds[0] if len(set(kinds)) == 1 else " / ".join(kinds)


def _type(spec: FieldSpec) -> str:
    return f"{spec.type}({spec.length})" if spec.length is not None else spec.type


def table(rows: Sequence[Definition]) -> str:
    """The rows as text in columns; objects stand out by an empty line before them."""
    cells = [HEADINGS, *(one.cells() for one in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    lines = []
    for row in cells:
        if row[0] == "object":
            lines.append("")
        lines.append("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    return "\n".join(lines) + "\n"
