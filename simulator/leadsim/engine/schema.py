"""The objects and fields of one org: the standard ones, and those that were added at run time.

Every record also has the system fields (SYSTEM_FIELDS), which live in columns of their own and can be queried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal

from leadsim.engine.refusals import Refused, unknown_object
from leadsim.engine.standard import crm, marketing
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES
from leadterms.values import plain

OrgKind = Literal["crm", "marketing"]

# An id becomes a part of SQL (the path of a JSON key), so its letters are limited.
ID_PATTERN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}\Z")
# Fields of these types are looked up all the time: by e-mail, by owner, by the record that they point at.
KEYED_TYPES = frozenset({"email", "user", "reference"})
SYSTEM_COLUMNS: Mapping[str, str] = {
    "id": "single_line",
    "created_at": "date_time",
    "created_by": "single_line",
    "modified_at": "date_time",
    "modified_by": "single_line",
    "version": "number",
    "deleted": "checkbox",
    "merged_into": "single_line",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What the engine must know of an object beyond its fields."""

    prefix: str
    email: str | None = None
    owner: str | None = None
    name: str | None = None
    person: bool = False


_TRAITS: dict[str, dict[str, Any]] = {
    "Lead": {"email": "Email", "owner": "Owner", "name": "LastName", "person": True},
    "Contact": {"email": "Email", "owner": "Owner", "name": "LastName", "person": True},
    "prospect": {"email": "email", "owner": "owner", "name": "last_name", "person": True},
    "Account": {"owner": "Owner", "name": "Name"},
    "Opportunity": {"owner": "Owner", "name": "Name"},
    "Campaign": {"owner": "Owner", "name": "Name"},
}


class OrgSchema:
    """The schema of one org. `version` rises with each change; the object tables are replaced, never changed."""

    def __init__(self, kind: OrgKind) -> None:
        self.kind: OrgKind = kind
        self.version = 0
        self._objects = dict(_standard(kind))
        self._traits = dict(_standard_traits(kind))
        self._added: list[dict[str, Any]] = []

    @property
    def objects(self) -> Mapping[str, ObjectSpec]:
        """All objects by id: leadterms' Schema."""
        return self._objects

    def get(self, object: str) -> ObjectSpec:
        """One object. Raises Refused("unknown_object")."""
        spec = self._objects.get(object)
        if spec is None:
            raise unknown_object(object, list(self._objects))
        return spec

    def traits(self, object: str) -> Traits:
        """What is known of an object beyond its fields."""
        return self._traits[object]

    def query_fields(self, object: str) -> Mapping[str, FieldSpec]:
        """The fields that criteria may name: the object's own and the system fields."""
        return {**_system_fields(object), **self.get(object).fields}

    def add_object(self, id: str, label: str, fields: Iterable[FieldSpec] = ()) -> bool:
        """Add a custom object. False when it is there already; Refused("invalid") when the id is no API name."""
        _check_id(id, "object")
        if id in self._objects:
            return False
        taken = {traits.prefix for traits in self._traits.values()}
        prefix = next(f"c{number:02d}" for number in range(100) if f"c{number:02d}" not in taken)
        self._objects = {**self._objects, id: ObjectSpec(id, label or id, {})}
        self._traits[id] = Traits(prefix)
        self._added.append({"object": id, "label": label or id, "prefix": prefix})
        self.version += 1
        for spec in fields:
            self.add_field(replace(spec, object=id))
        self._traits[id] = _deduced(self._objects[id], prefix)
        return True

    def add_field(self, spec: FieldSpec) -> bool:
        """Add a custom field. False when the same field is there; Refused("conflict") when another of that id is,
        Refused("invalid") when its id, type or formula is unusable."""
        owner = self.get(spec.object)
        _check_id(spec.id, "field")
        _check_definition(spec, owner, self._objects)
        present = owner.fields.get(spec.id)
        if present is not None:
            if present == spec:
                return False
            differs = [
                f"{key} is {mine!r}, not {theirs!r}"
                for (key, mine), theirs in zip(
                    present.to_json().items(), spec.to_json().values(), strict=True
                )
                if mine != theirs
            ]
            raise Refused(
                "conflict",
                f"{spec.object} already has a field {spec.id}, and it differs: {'; '.join(differs)}. "
                "Use that field, or choose another id.",
            )
        self._objects = {**self._objects, spec.object: replace(owner, fields={**owner.fields, spec.id: spec})}
        self._added.append({"field": spec.to_json()})
        self.version += 1
        return True

    def state(self) -> list[dict[str, Any]]:
        """What was added to the standard objects, in order, as plain JSON."""
        return list(self._added)

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Back to a saved state."""
        self._objects = dict(_standard(self.kind))
        self._traits = dict(_standard_traits(self.kind))
        self._added = []
        for entry in state:
            if "field" in entry:
                self.add_field(FieldSpec.from_json(entry["field"]))
            else:
                self.add_object(entry["object"], entry["label"])
        self.version += 1


def keyed_from_start(spec: FieldSpec) -> bool:
    """Whether records carry a look-up key for this field without anybody having filtered on it."""
    return spec.unique or spec.external_id or spec.type in KEYED_TYPES


@cache
def _standard(kind: OrgKind) -> Mapping[str, ObjectSpec]:
    table = crm.OBJECTS if kind == "crm" else marketing.OBJECTS
    return {
        object: ObjectSpec(
            object, label, {id: _spec(object, id, name, type, more) for id, name, type, more in rows}
        )
        for object, (label, _, rows) in table.items()
    }


def _spec(object: str, id: str, label: str, type: str, more: Mapping[str, Any]) -> FieldSpec:
    if type == "checkbox":
        more = {"default": False, **more}
    return FieldSpec(object=object, id=id, label=label, type=type, **more)


@cache
def _standard_traits(kind: OrgKind) -> Mapping[str, Traits]:
    table = crm.OBJECTS if kind == "crm" else marketing.OBJECTS
    return {object: Traits(prefix, **_TRAITS.get(object, {})) for object, (_, prefix, _) in table.items()}


@cache
def _system_fields(object: str) -> Mapping[str, FieldSpec]:
    return {
        id: FieldSpec(
            object=object, id=id, label=id.replace("_", " "), type=type, read_only=True, system=True
        )
        for id, type in SYSTEM_COLUMNS.items()
    }


def _deduced(spec: ObjectSpec, prefix: str) -> Traits:
    """A custom object's traits, from the types of its fields."""
    emails = [field.id for field in spec.fields.values() if field.type == "email"]
    owners = [field.id for field in spec.fields.values() if field.type == "user"]
    return Traits(prefix, email=emails[0] if emails else None, owner=owners[0] if owners else None)


def _check_id(id: str, what: str) -> None:
    if not ID_PATTERN.match(id):
        raise Refused(
            "invalid",
            f"{id!r} can't be the id of {'an' if what == 'object' else 'a'} {what}: it needs a letter first, then "
            "letters, digits and underscores, at most 80.",
        )
    if what == "field" and id in SYSTEM_COLUMNS:
        raise Refused("invalid", f"{id!r} is a system field that every record has; choose another id.")


FORMULAS = ("concat", "sum", "days_since")
STATISTICS = ("latest", "count")


def _check_definition(spec: FieldSpec, owner: ObjectSpec, objects: Mapping[str, ObjectSpec]) -> None:
    name = f"{spec.object}.{spec.id}"
    if spec.type not in FIELD_TYPES:
        raise Refused(
            "invalid", f"{name}: there is no field type {spec.type!r}. Types: {', '.join(FIELD_TYPES)}."
        )
    if spec.type in ("formula", "statistics"):
        known = FORMULAS if spec.type == "formula" else STATISTICS
        if spec.formula is None or len(spec.formula) != 1 or next(iter(spec.formula)) not in known:
            raise Refused(
                "invalid", f"{name}: a {spec.type} field needs one of {', '.join(known)} under `formula`."
            )
        kind, argument = next(iter(spec.formula.items()))
        names = argument if isinstance(argument, list | tuple) else [argument]
        missing = [
            part for part in names if spec.type == "formula" and part not in owner.fields and kind == "sum"
        ]
        if kind == "days_since":
            missing = [part for part in names if part not in owner.fields and part not in SYSTEM_COLUMNS]
        if missing:
            raise Refused(
                "invalid",
                f"{name}: its formula names {', '.join(map(repr, missing))}, not a field of {owner.id}.",
            )
    if spec.type == "reference" and (spec.refers_to is None or spec.refers_to not in objects):
        raise Refused("invalid", f"{name}: a reference needs `refers_to`, one of: {', '.join(objects)}.")
    if FIELD_TYPES[spec.type].chosen and spec.restricted and not spec.choices:
        raise Refused("invalid", f"{name}: a {spec.type} field needs `choices`, or `restricted: false`.")
    plain(spec.default)
