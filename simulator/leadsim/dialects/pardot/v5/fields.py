"""`fields`: which fields of a record are answered, of records that it points at too, up to three objects deep."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leadsim.dialects.pardot.catalog import Catalog, PObject
from leadsim.dialects.pardot.encoding import v5_json
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.view import Record

DEEPEST = 3


@dataclass(slots=True)
class Shown:
    """What is shown of one object: its own fields, and of each record that it points at."""

    object: PObject
    fields: dict[str, Field] = field(default_factory=dict)
    related: dict[str, Shown] = field(default_factory=dict)

    def of(self, record: Record) -> dict[str, Any]:
        """A record as JSON."""
        zone = record.view.zone
        shown = {name: v5_json(record.get(one), zone) for name, one in self.fields.items()}
        for name, inner in self.related.items():
            found = record.related(self.object.relations[name])
            shown[name] = None if found is None else inner.of(found)
        return shown


def read_fields(text: str | None, object: PObject, catalog: Catalog) -> Shown:
    """What a `fields` parameter asks for. Raises PardotRefused: none is asked for, one that isn't there, too deep."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if not names:
        raise PardotRefused(13, "fields")
    shown = Shown(object)
    for name in names:
        path = name.split(".")
        if len(path) > DEEPEST + 1:
            raise PardotRefused(224, name)
        _add(shown, path, name, catalog)
    return shown


def _add(shown: Shown, path: list[str], name: str, catalog: Catalog) -> None:
    first, rest = path[0], path[1:]
    if not rest:
        found = shown.object.fields.get(first)
        if found is None:
            raise PardotRefused(224, name)
        shown.fields[first] = found
        return
    relation = shown.object.relations.get(first)
    if relation is None:
        raise PardotRefused(224, name)
    inner = shown.related.setdefault(first, Shown(catalog.objects[relation.of]))
    _add(inner, rest, name, catalog)
