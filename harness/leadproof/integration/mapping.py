"""The resolved view of a field mapping: one CRM field, one marketing field, every rule said."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from leadterms.refusals import Place

if TYPE_CHECKING:
    from leadproof.integration.model import FieldMapping, Integration


@dataclass(frozen=True, slots=True)
class Mapping:
    """One mapping of one CRM object with all defaults applied (sync-semantics.md "Whose value is it").

    `id` is the marketing field, or "crm:<field>" for a CRM field that is declared and not synced. The value
    maps are None where values travel as they are. `loc` is its place among the file's parts."""

    id: str
    crm_object: str
    crm_field: str
    marketing_field: str | None
    master: Literal["crm", "marketing", "latest"]
    overwrite: Literal["always", "if_blank", "never"]
    direction: Literal["both", "to_crm", "to_marketing", "none"]
    clears: Literal["keep", "propagate"]
    answers: Literal["replace", "append"]
    only_on: Literal["create"] | None
    sticky: bool
    values_to_crm: MappingOf[str, str] | None
    values_to_marketing: MappingOf[str, str] | None
    used_by: tuple[str, ...]
    place: Place | None
    loc: tuple[str | int, ...]

    @property
    def writes_crm(self) -> bool:
        """Whether direction permits writing the CRM field."""
        return self.direction in ("both", "to_crm")

    @property
    def writes_marketing(self) -> bool:
        """Whether direction permits writing the marketing field."""
        return self.marketing_field is not None and self.direction in ("both", "to_marketing")


def resolve(integration: Integration, crm_object: str) -> tuple[Mapping, ...]:
    """The mappings of one CRM object, in the order of the file."""
    by_marketing = {one.marketing: one for one in integration.fields if one.marketing is not None and not one.extends}
    resolved = []
    for position, written in enumerate(integration.fields):
        crm_field = written.crm.get(crm_object) if isinstance(written.crm, dict) else written.crm
        if crm_field is not None:
            base = by_marketing.get(written.extends) if written.extends else None
            resolved.append(_resolve_one(integration, position, written, base, crm_object, crm_field))
    return tuple(resolved)


def _resolve_one(
    integration: Integration,
    position: int,
    written: FieldMapping,
    base: FieldMapping | None,
    crm_object: str,
    crm_field: str,
) -> Mapping:
    def rule(name: str, default: object = None) -> Any:
        for source in (written, base):
            value = getattr(source, name, None)
            if isinstance(value, dict) and name == "master":
                value = value.get(crm_object)
            if value is not None and value != []:
                return value
        return default

    defaults = integration.defaults
    values: dict[str, str] | None = rule("values")
    marketing = written.marketing
    direction = rule("direction", defaults.direction if marketing is not None else "none")
    loc = ("fields", position)
    return Mapping(
        id=marketing or f"crm:{crm_field}",
        crm_object=crm_object,
        crm_field=crm_field,
        marketing_field=marketing,
        master=rule("master", defaults.master),
        overwrite=rule("overwrite", defaults.overwrite),
        direction=direction,
        clears=rule("clears", defaults.clears),
        answers=rule("answers", defaults.answers),
        only_on=rule("only_on"),
        sticky=bool(rule("sticky", False)),
        values_to_crm={there: here for here, there in values.items()} if values else None,
        values_to_marketing=dict(values) if values else None,
        used_by=tuple(rule("used_by", ())),
        place=integration.place(*loc),
        loc=loc,
    )
