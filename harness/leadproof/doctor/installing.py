"""B1: what the install module would add to the CRM, told apart from ids that are misspelt.

Computed from the integration alone, as the connector's own install does it in a room of its own: the doctor judges
connectors, so it asks none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadproof.findings import At, Finding, find
from leadproof.integration import Integration, Mapping
from leadterms.fields import ObjectSpec, Schema
from leadterms.refusals import Place

NOT_INSTALLED = "MAP327"
CUSTOM = "__c"
"""How CRM ids of custom fields end: a standard field that is lacking is a wrong id, not a missing field."""
MISSPELT = 88
"""From this likeness (0-100, of the ids without their ending) on, a lacking field is taken for a typing error."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A field that the install module would add; `place` is where the integration asks for it."""

    object: str
    field: str
    place: Place | None

    def __str__(self) -> str:
        return f"{self.object}.{self.field}"


def lacking_fields(integration: Integration, crm: Schema, marketing: Schema) -> list[Lacking]:
    """The link field and the mapped custom fields that the CRM lacks and marketing can fill, in the file's order."""
    people = integration.people
    link = people.link.marketing_id_in_crm
    prospects = marketing[people.marketing].fields if people.marketing in marketing else {}
    found: list[Lacking] = []
    for object in people.crm:
        described = crm.get(object)
        if described is None:
            continue
        if link not in described.fields:
            found.append(Lacking(object, link, integration.place("people", "link", "marketing_id_in_crm")))
        mappings = integration.mappings(object)
        found += [
            Lacking(object, one.crm_field, one.place)
            for one in mappings
            if one.marketing_field in prospects and _addable(one.crm_field, described, mappings)
        ]
    return list({str(one): one for one in reversed(found)}.values())[::-1]


def _addable(field: str, described: ObjectSpec, mappings: Sequence[Mapping]) -> bool:
    """Whether the id is that of a new custom field, rather than a label or a misspelt id of one that is there."""
    if field in described.fields or not field.endswith(CUSTOM):
        return False
    if any(spec.label.casefold() == field.casefold() for spec in described.fields.values()):
        return False
    from rapidfuzz.fuzz import ratio

    mapped = {one.crm_field for one in mappings}
    spare = [id for id in described.fields if id.endswith(CUSTOM) and id not in mapped]
    stem = field.removesuffix(CUSTOM).casefold()
    return not any(ratio(stem, id.removesuffix(CUSTOM).casefold()) >= MISSPELT for id in spare)


def look_at_installation(lacking: Sequence[Lacking], crm_org: str) -> list[Finding]:
    """One finding for all of them: the install module has not been run."""
    if not lacking:
        return []
    names = ", ".join(str(one) for one in lacking)
    first = lacking[0]
    at = At("crm", crm_org, first.object, "", first.field)
    cause = f"{crm_org} lacks {len(lacking)} field{'s' * (len(lacking) > 1)} that the install module adds: {names}."
    return [find(NOT_INSTALLED, cause, places=[first.place, at])]
