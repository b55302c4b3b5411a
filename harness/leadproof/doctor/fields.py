"""C4: field ids that do not exist, labels used as ids, types that do not convert, picklists that differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from leadproof.doctor.installing import lacking_fields, look_at_installation
from leadproof.doctor.pairs import look_at_pair, nearest
from leadproof.findings import At, Finding, find
from leadproof.findings.patches import replaced, where
from leadproof.integration import Integration, problems_with_schemas
from leadterms.fields import Schema
from leadterms.refusals import Place


def look_at_fields(
    integration: Integration, crm: Schema, marketing: Schema, crm_org: str, marketing_org: str
) -> list[Finding]:
    """The findings about the field mappings, in the file's order, each once."""
    person = integration.people.marketing
    found = look_at_names(integration, crm, marketing, crm_org, marketing_org)
    found += look_at_installation(lacking_fields(integration, crm, marketing), crm_org)
    pairs: list[Finding] = []
    prospects = marketing[person].fields if person in marketing else {}
    for object in integration.people.crm:
        fields = crm[object].fields if object in crm else {}
        for mapping in integration.mappings(object):
            here, there = fields.get(mapping.crm_field), prospects.get(str(mapping.marketing_field))
            if here is not None and there is not None and mapping.direction != "none":
                pairs += look_at_pair(integration, mapping, here, there, (crm_org, marketing_org))
    found += _per_mapping(pairs)
    for problem in (*integration.warnings, *problems_with_schemas(integration, crm, marketing)):
        found.append(find(problem.code, problem.text, places=[problem.place], fix=problem.suggestion))
    return _once(found)


def look_at_names(
    integration: Integration, crm: Schema, marketing: Schema, crm_org: str, marketing_org: str
) -> list[Finding]:
    """Objects and fields that the integration names and the orgs do not have: MAP301, MAP302, REF707. What the
    install module would add is none of them."""
    person = integration.people.marketing
    addable = {(one.object, one.field) for one in lacking_fields(integration, crm, marketing)}
    found: list[Finding | None] = []
    for object in integration.people.crm:
        for one in integration.mappings(object):
            if (object, one.crm_field) not in addable:
                place = integration.place(*one.loc, "crm", object)
                found.append(_unknown(place, "crm", crm_org, crm, object, one.crm_field))
            if one.marketing_field:
                place = integration.place(*one.loc, "marketing")
                found.append(_unknown(place, "marketing", marketing_org, marketing, person, one.marketing_field))
    if person in marketing:
        link = integration.people.link.crm_id_in_marketing
        place = integration.place("people", "link", "crm_id_in_marketing")
        found.append(_unknown(place, "marketing", marketing_org, marketing, person, link))
    for key, other in (("accounts", integration.accounts), ("opportunities", integration.opportunities)):
        for number, pair in enumerate(other.fields if other is not None else ()):
            assert other is not None
            place = integration.place(key, "fields", number, "crm")
            found.append(_unknown(place, "crm", crm_org, crm, other.crm, pair.crm))
            place = integration.place(key, "fields", number, "marketing")
            found.append(_unknown(place, "marketing", marketing_org, marketing, other.marketing, pair.marketing))
    return _per_name(_once([one for one in found if one is not None]))


def _per_name(names: Sequence[Finding]) -> list[Finding]:
    """A name that is written once and stands for a field of Lead and of Contact is mistyped once: with both places."""
    kept: dict[tuple[str, str, str], Finding] = {}
    for one in names:
        written = next((str(place) for place in one.places if isinstance(place, Place)), one.cause)
        key = (one.code, written, one.cause if one.code == "REF707" else one.fix)
        known = kept.get(key)
        kept[key] = one if known is None else replace(known, places=tuple(dict.fromkeys((*known.places, *one.places))))
    return list(kept.values())


def _per_mapping(pairs: Sequence[Finding]) -> list[Finding]:
    """What is wrong with a mapping for Lead and for Contact is said once, with both places."""
    kept: dict[tuple[str, Place | At, str], Finding] = {}
    for one in pairs:
        at = next(place for place in one.places if isinstance(place, At))
        key = (one.code, one.places[0], at.system)
        if key in kept:
            one = replace(kept[key], places=tuple(dict.fromkeys((*kept[key].places, *one.places))))
        kept[key] = one
    return list(kept.values())


def _once(found: Sequence[Finding]) -> list[Finding]:
    once: dict[tuple[str, str], Finding] = {}
    for one in found:
        once.setdefault((one.code, one.cause), one)
    return list(once.values())


def _unknown(place: Place | None, side: str, org: str, schema: Schema, object: str, field_id: str) -> Finding | None:
    """The finding that there is no such field, or None where there is one."""
    at = At(side, org, object, "", field_id)
    places: list[Place | At | None] = [place, at]
    described = schema.get(object)
    if described is None:
        return find("REF707", f"{org} has no object {object}.", places=places, fix=f"There are: {', '.join(schema)}.")
    if field_id in described.fields:
        return None
    for spec in described.fields.values():
        if spec.label.casefold() == field_id.casefold():
            there = f" at {where(place)}" if place is not None else ""
            fix = f"Write {spec.id} instead of {field_id}{there}."
            patch = replaced(place, field_id, spec.id)
            cause = f"{field_id} is the label of {object}.{spec.id} in {org}, not its id."
            return find("MAP302", cause, places=places, fix=fix, patch=patch)
    near = nearest(field_id, described.fields)
    fix = f"Did you mean {near}?" if near else ""
    return find("MAP301", f"{org} has no field {object}.{field_id}.", places=places, fix=fix)
