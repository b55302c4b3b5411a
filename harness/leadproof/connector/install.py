"""The install module: what the CRM lacks for this integration (product.md B1). Twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.integration import Integration, Mapping
from leadproof.systems.ports import Crm, Marketing
from leadterms.fields import FieldSpec, Schema
from leadterms.fieldtypes import FIELD_TYPES

_CUSTOM = "__c"
"""How CRM ids of custom fields end; a standard field that is lacking is a wrong id, not a missing field."""


def install(integration: Integration, crm: Crm, marketing: Marketing) -> list[str]:
    """Add the link field and the lacking mapped custom fields; answers the ids added, as "Object.Field"."""
    wanted = list(lacking_fields(integration, crm.describe(), marketing.describe()))
    return crm.install(wanted) if wanted else []


def lacking_fields(integration: Integration, crm: Schema, marketing: Schema) -> Iterator[FieldSpec]:
    """What to add, object by object in the order of the integration."""
    people = integration.people
    prospects = marketing[people.marketing].fields
    for object in people.crm:
        if object not in crm:
            continue
        known = set(crm[object].fields)
        link = people.link.marketing_id_in_crm
        if link not in known:
            known.add(link)
            yield FieldSpec(object, link, "Marketing id", "single_line", unique=True, external_id=True, length=64)
        for rule in integration.mappings(object):
            source = prospects.get(str(rule.marketing_field))
            if source is None or rule.crm_field in known or not rule.crm_field.endswith(_CUSTOM):
                continue
            known.add(rule.crm_field)
            yield _like(source, object, rule)


def _like(source: FieldSpec, object: str, rule: Mapping) -> FieldSpec:
    """The CRM's field for a marketing field: the same type and parameters, its choices in the CRM's words."""
    kind = FIELD_TYPES[source.type]
    written = source.type
    if rule.answers == "append":
        written = "multi_line"
    elif kind.computed:  # what marketing computes is a plain value in the CRM
        written = {"number": "number", "date_time": "date_time"}.get(kind.kind, "single_line")
    choices = source.choices
    if rule.values_to_crm is not None:
        choices = tuple(dict.fromkeys(rule.values_to_crm.values()))
    return FieldSpec(
        object=object,
        id=rule.crm_field,
        label=source.label,
        type=written,
        length=None if rule.answers == "append" else source.length,
        scale=source.scale,
        choices=choices,
        restricted=source.restricted,
    )
