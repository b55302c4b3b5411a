"""What the ports tell, in the journal's names: clients speak their vendors', facts and the oracle the engine's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from leadproof.names import Names, Renaming
from leadproof.oracle.violations import Spot, Violation
from leadproof.systems.organization import AssignmentRule, User
from leadterms.fields import FieldSpec, ObjectSpec, Schema


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The CRM's assignment rules and default owner, in the engine's ids, where the CRM itself tells them nobody."""

    rules: tuple[AssignmentRule, ...] = ()
    default_owner: str | None = None


def schema_in(schema: Schema, names: Renaming) -> Schema:
    """The objects and fields by other names."""
    if not names:
        return schema
    return {names.object(name): _object(one, names) for name, one in schema.items()}


def _object(spec: ObjectSpec, names: Renaming) -> ObjectSpec:
    fields = [_field(one, spec.id, names) for one in spec.fields.values()]
    return ObjectSpec(names.object(spec.id), spec.label, {one.id: one for one in fields})


def _field(spec: FieldSpec, object: str, names: Renaming) -> FieldSpec:
    refers_to = names.object(spec.refers_to) if spec.refers_to is not None else None
    return replace(spec, object=names.object(object), id=names.field(object, spec.id), refers_to=refers_to)


def users_in(users: Iterable[User], names: Renaming) -> list[User]:
    """The users by other ids; their user names are their own."""
    return [replace(one, id=names.user(one.id)) for one in users]


def violation_in(violation: Violation, crm: Names, marketing: Names) -> Violation:
    """A violation as people of these systems know its place."""
    spot = violation.place
    names = (crm if spot.system == "crm" else marketing).to_vendor
    place = Spot(spot.system, names.object(spot.object), spot.record, names.field(spot.object, spot.field))
    return replace(violation, place=place)
