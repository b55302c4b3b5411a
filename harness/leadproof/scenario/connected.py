"""One connection of a running scenario: its integration, both systems as the tester sees them, its connector."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from leadproof.findings import Finding
from leadproof.names import Names
from leadproof.systems.ports import Crm, Marketing, System
from leadterms.fields import FieldSpec, Schema
from leadterms.fieldtypes import FIELD_TYPES, convert
from leadterms.refusals import ConversionRefused
from leadterms.values import Value

if TYPE_CHECKING:
    from leadproof.integration import Integration, Mapping


class Cycle(Protocol):
    """What a scenario needs to know of one cycle, whoever's connector ran it."""

    @property
    def writes_crm(self) -> int: ...
    @property
    def writes_marketing(self) -> int: ...
    @property
    def findings(self) -> list[Finding]: ...
    @property
    def set_aside(self) -> Sequence[object]: ...
    @property
    def stopped(self) -> Finding | None: ...


class Syncs(Protocol):
    """A connector, as a scenario drives it."""

    def cycle(self) -> Cycle: ...
    def install(self) -> list[str]: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What of one field its partners can hold too: `spec`, with the digits after the point that all have; `choices`,
    those that all know, or None where it is no picklist; `partners`: the fields of the other side that it is mapped
    to."""

    spec: FieldSpec
    choices: tuple[str, ...] | None
    partners: tuple[tuple[Mapping, FieldSpec], ...]


@dataclass(slots=True)
class Connected:
    """`crm` and `marketing` are the tester's clients, never the connector's: a scenario acts and looks by itself.
    `start` makes the connector anew on its store; `eyes` are clients with the connector's own login. `names`: what each
    side calls the engine's things; `judged_by`: the integration in the engine's names, for the oracle."""

    name: str
    integration: Integration
    crm: Crm
    marketing: Marketing
    connector: Syncs
    start: Callable[[], Syncs]
    eyes: Callable[[], tuple[Crm, Marketing]]
    cycles: list[Cycle] = field(default_factory=list)
    names: dict[str, Names] = field(default_factory=lambda: {"crm": Names(), "marketing": Names()})
    judged_by: Integration | None = None
    _schemas: dict[str, Schema] = field(default_factory=dict)
    _shared: dict[tuple[str, str, str], Shared] = field(default_factory=dict)
    _zones: dict[str, str] = field(default_factory=dict)

    @property
    def people_objects(self) -> tuple[str, ...]:
        """The CRM objects that hold people, as the integration names them: Lead, Contact."""
        return tuple(self.integration.people.crm)

    @property
    def prospect(self) -> str:
        """The marketing object that holds people."""
        return self.integration.people.marketing

    @property
    def crm_id_field(self) -> str:
        """The marketing field that holds the CRM's id, or ""."""
        return self.integration.people.link.crm_id_in_marketing or ""

    @property
    def marketing_id_field(self) -> str:
        """The CRM field that holds the marketing id, or ""."""
        return self.integration.people.link.marketing_id_in_crm or ""

    # --- names ---------------------------------------------------------------------------------

    def object_id(self, side: str, name: str) -> str:
        """An object by its own id, where a scenario may have written the engine's."""
        return self.names[side].to_vendor.object(name)

    def field_id(self, side: str, object: str, name: str) -> str:
        """A field of this object by its own id, where a scenario may have written the engine's."""
        names = self.names[side]
        return names.to_vendor.field(names.to_engine.object(object), name) if names else name

    def engine_field(self, side: str, object: str, name: str) -> str:
        """The engine's id of a field."""
        return self.names[side].to_engine.field(object, name)

    def system(self, side: str) -> System:
        """The client of `crm` or `marketing`."""
        return self.crm if side == "crm" else self.marketing

    def side_of(self, org: str) -> str:
        """Which side an org is in this connection; raises KeyError for another org."""
        sides = {self.crm.name: "crm", self.marketing.name: "marketing"}
        return sides[org]

    def schema(self, side: str) -> Schema:
        """The org's objects and fields, asked for once; `forget_schemas` after they changed."""
        if side not in self._schemas:
            self._schemas[side] = self.system(side).describe()
        return self._schemas[side]

    def time_zone(self, side: str) -> str:
        """The org's time zone, asked for once."""
        if side not in self._zones:
            self._zones[side] = self.system(side).connect().time_zone
        return self._zones[side]

    def forget_schemas(self) -> None:
        """The org's fields changed: ask again."""
        self._schemas.clear()
        self._shared.clear()

    def specs(self, side: str, object: str) -> dict[str, FieldSpec]:
        """The fields of an object by id; raises KeyError for an object that the org does not have."""
        return dict(self.schema(side)[object].fields)

    def person_object(self, side: str) -> str:
        """The object that a new person becomes on this side."""
        return self.prospect if side == "marketing" else self.people_objects[0]

    def field_ids(self, side: str, object: str) -> list[str]:
        return list(self.schema(side)[object].fields)

    def match_field(self, side: str, object: str) -> str:
        """The field that holds the match key on this side; "" if the mapping has none."""
        key = self.integration.people.match[0] if self.integration.people.match else ""
        if side == "marketing":
            return key
        for mapping in self.integration.mappings(object):
            if mapping.marketing_field == key and mapping.crm_field:
                return mapping.crm_field
        return ""

    def mappings(self, crm_object: str) -> list[Mapping]:
        """The field mappings of this CRM object that name a field on both sides."""
        return [one for one in self.integration.mappings(crm_object) if one.crm_field and one.marketing_field]

    def shared(self, side: str, object: str, spec: FieldSpec) -> Shared:
        """What the partners of a field can hold too; found out once, and anew after `forget_schemas`."""
        known = self._shared.get((side, object, spec.id))
        if known is None:
            partners = tuple(self._partners(side, object, spec))
            scales = [one.scale for one in (spec, *(target for _, target in partners)) if one.scale is not None]
            known = Shared(
                replace(spec, scale=min(scales, default=None)), _shared_choices(side, spec, partners), partners
            )
            self._shared[side, object, spec.id] = known
        return known

    def _partners(self, side: str, object: str, spec: FieldSpec) -> Iterator[tuple[Mapping, FieldSpec]]:
        for crm_object in self.people_objects:
            for mapping in self.mappings(crm_object):
                here, there = (
                    (mapping.crm_field, mapping.marketing_field)
                    if side == "crm"
                    else (mapping.marketing_field, mapping.crm_field)
                )
                if here != spec.id or (side == "crm" and crm_object != object):
                    continue
                other_object = self.prospect if side == "crm" else crm_object
                target = self.specs("marketing" if side == "crm" else "crm", other_object).get(str(there))
                if target is not None:
                    yield mapping, target


def _shared_choices(
    side: str, spec: FieldSpec, partners: Sequence[tuple[Mapping, FieldSpec]]
) -> tuple[str, ...] | None:
    if not FIELD_TYPES[spec.type].chosen:
        return None
    allowed = spec.choices
    for mapping, target in partners:
        values = mapping.values_to_marketing if side == "crm" else mapping.values_to_crm
        allowed = tuple(one for one in allowed if _converts(one, spec, target, values))
    return allowed


def _converts(choice: str, source: FieldSpec, target: FieldSpec, values: object) -> bool:
    value: Value = frozenset({choice}) if source.type == "multi_select" else choice
    try:
        convert(value, source, target, values=values or None)  # type: ignore[arg-type]
    except ConversionRefused:
        return False
    return True
