"""The objects and fields of one org: the standard ones, and those that were added at run time.

Every record also has the system fields (SYSTEM_FIELDS), which live in columns of their own and can be queried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Literal

import orjson

from leadsim.engine.definitions import check_definition
from leadsim.engine.refusals import Refused, unknown_object
from leadsim.engine.standard import crm, marketing
from leadterms.fields import FieldSpec, ObjectSpec

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
    owner: str | None = None


ObjectTable = Mapping[str, tuple[str, str, tuple[crm.FieldRow, ...]]]


@dataclass(frozen=True, slots=True)
class Standard:
    """What an org of one vendor has from the start. `objects` is a table in the form of standard/crm.py (the engine's
    own field ids must be in it: Owner, Account, Stage ...); `new_id(object, seq)` makes a record's id, None leaves it
    to the org's chance; `ids_of(org)` gives an org's own `new_id` where ids differ from org to org; `stages`
    are the pipeline, the pairs what a lead's fields become when it is converted."""

    objects: ObjectTable
    new_id: Callable[[str, int], str] | None = None
    ids_of: Callable[[str], Callable[[str, int], str]] | None = None
    stages: tuple[tuple[str, int, bool, bool], ...] = crm.STAGES
    lead_to_contact: Mapping[str, str] = field(default_factory=lambda: crm.LEAD_TO_CONTACT)
    lead_to_account: Mapping[str, str] = field(default_factory=lambda: crm.LEAD_TO_ACCOUNT)


NATIVE: Mapping[OrgKind, Standard] = {"crm": Standard(crm.OBJECTS), "marketing": Standard(marketing.OBJECTS)}


@dataclass(frozen=True, slots=True)
class Parts:
    """What a schema holds; nobody changes it."""

    objects: dict[str, ObjectSpec]
    traits: Mapping[str, Traits]
    added: Sequence[dict[str, Any]]
    version: int


class OrgSchema:
    """The schema of one org. `version` rises with each change; the object tables are replaced, never changed."""

    def __init__(self, kind: OrgKind, standard: Standard | None = None) -> None:
        self.kind: OrgKind = kind
        self.standard = standard or NATIVE[kind]
        self.version = 0
        self._objects, self._traits = _start(self.standard)
        self._added: list[dict[str, Any]] = []
        self._query_fields: dict[str, tuple[ObjectSpec, Mapping[str, FieldSpec]]] = {}

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

    def described(self, object: str) -> bytes:
        """One object's describe as JSON. A connector asks for all of them in every cycle; they change with the object.
        Raises Refused("unknown_object")."""
        spec = self.get(object)
        held = _DESCRIBED.get(id(spec))
        if held is None:
            if len(_DESCRIBED) >= DESCRIBES_KEPT:
                _DESCRIBED.clear()
            held = _DESCRIBED[id(spec)] = spec, orjson.dumps(spec.to_json())
        return held[1]

    def traits(self, object: str) -> Traits:
        """What is known of an object beyond its fields."""
        return self._traits[object]

    def query_fields(self, object: str) -> Mapping[str, FieldSpec]:
        """The fields that criteria may name: the object's own and the system fields."""
        spec = self.get(object)
        held = self._query_fields.get(object)
        if held is None or held[0] is not spec:
            held = self._query_fields[object] = spec, {**_system_fields(object), **spec.fields}
        return held[1]

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
        check_definition(spec, owner, self._objects, SYSTEM_COLUMNS)
        present = owner.fields.get(spec.id)
        if present is not None:
            if present == spec:
                return False
            differs = [
                f"{key} is {mine!r}, not {theirs!r}"
                for (key, mine), theirs in zip(present.to_json().items(), spec.to_json().values(), strict=True)
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

    def replace_choices(self, object: str, id: str, choices: Sequence[str]) -> None:
        """Give a dropdown other choices: a pipeline's own stages."""
        owner = self.get(object)
        spec = replace(owner.fields[id], choices=tuple(choices))
        self._objects = {**self._objects, object: replace(owner, fields={**owner.fields, id: spec})}
        self._added.append({"choices": list(choices), "of": object, "choices_of": id})
        self.version += 1

    def state(self) -> list[dict[str, Any]]:
        """What was added to the standard objects, in order, as plain JSON."""
        return list(self._added)

    def parts(self) -> Parts:
        """All that the schema holds, for another org of the same standard."""
        return Parts(self._objects, dict(self._traits), list(self._added), self.version)

    def take(self, parts: Parts) -> None:
        """Be as another schema of the same standard was."""
        self._objects, self._traits = parts.objects, dict(parts.traits)
        self._added, self.version = list(parts.added), parts.version

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Back to a saved state."""
        self._objects, self._traits = _start(self.standard)
        self._added = []
        for entry in state:
            if "field" in entry:
                self.add_field(FieldSpec.from_json(entry["field"]))
            elif "choices" in entry:
                self.replace_choices(entry["of"], entry["choices_of"], entry["choices"])
            else:
                self.add_object(entry["object"], entry["label"])
        self.version += 1


def keyed_from_start(spec: FieldSpec) -> bool:
    """Whether records carry a look-up key for this field without anybody having filtered on it."""
    return spec.unique or spec.external_id or spec.type in KEYED_TYPES


def _start(standard: Standard) -> tuple[dict[str, ObjectSpec], dict[str, Traits]]:
    """The objects that an org starts with. Made once for each table: a hundred orgs share them."""
    key = id(standard.objects)
    held = _STARTS.get(key)
    if held is None:
        objects = {
            object: ObjectSpec(object, label, {row[0]: _spec(object, *row) for row in rows})
            for object, (label, _, rows) in standard.objects.items()
        }
        traits = {
            object: Traits(prefix, next((row[0] for row in rows if row[2] == "user"), None))
            for object, (_, prefix, rows) in standard.objects.items()
        }
        held = _STARTS[key] = (standard.objects, objects, traits)  # the table is held, so its id stays its own
    return dict(held[1]), dict(held[2])


DESCRIBES_KEPT = 1024
# By the spec's identity, which stays its own as long as it is held here: orgs of one recipe share their specs.
_DESCRIBED: dict[int, tuple[ObjectSpec, bytes]] = {}
_STARTS: dict[int, tuple[ObjectTable, dict[str, ObjectSpec], dict[str, Traits]]] = {}


def _spec(object: str, id: str, label: str, type: str, more: Mapping[str, Any]) -> FieldSpec:
    if type == "checkbox":
        more = {"default": False, **more}
    return FieldSpec(object=object, id=id, label=label, type=type, **more)


@cache
def _system_fields(object: str) -> Mapping[str, FieldSpec]:
    return {
        id: FieldSpec(object=object, id=id, label=id.replace("_", " "), type=type, read_only=True, system=True)
        for id, type in SYSTEM_COLUMNS.items()
    }


def _deduced(spec: ObjectSpec, prefix: str) -> Traits:
    """A custom object's traits, from the types of its fields."""
    return Traits(prefix, next((one.id for one in spec.fields.values() if one.type == "user"), None))


def _check_id(id: str, what: str) -> None:
    if not ID_PATTERN.match(id):
        raise Refused(
            "invalid",
            f"{id!r} can't be the id of {'an' if what == 'object' else 'a'} {what}: it needs a letter first, then "
            "letters, digits and underscores, at most 80.",
        )
    if what == "field" and id in SYSTEM_COLUMNS:
        raise Refused("invalid", f"{id!r} is a system field that every record has; choose another id.")
