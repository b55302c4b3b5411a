"""B2 and C4: what is synced and used by nothing, used and not synced, required and filled by nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from leadproof.doctor.pairs import chosen
from leadproof.findings import At, Finding, find
from leadproof.integration import Integration, Mapping
from leadproof.oracle.translation import RuleBook
from leadproof.systems.failures import CallFailed
from leadproof.systems.organization import AssignmentRule
from leadproof.systems.ports import EVERY_ANSWER, Capability, Crm, Marketing, System
from leadterms.criteria import Criteria
from leadterms.fields import FieldSpec, Schema
from leadterms.fieldtypes import FIELD_TYPES
from leadterms.refusals import CriteriaRefused

_FILLED_BY_THE_ORG = frozenset({"user", "checkbox"})
"""A record's owner is found by rules, and a checkbox is never blank."""
_FAKED = frozenset({"phone", "email"})
"""What people give falsely in forms (product.md C5)."""


def look_at_uses(integration: Integration, crm: Crm, marketing: Marketing, book: RuleBook | None) -> list[Finding]:
    """Fields against what needs them, in the file's order."""
    here, there = crm.describe(), marketing.describe()
    rules = [one for one in book.rules if one.active] if book is not None else []
    found = list(_unused(integration, rules, marketing))
    found += _unsynced(integration, rules, here, crm.name)
    found += _without_source(integration, here, there, crm.name, marketing.name)
    found += _untold(integration, crm, marketing)
    return found + list(_faked(integration, here, there, marketing))


# --- synced and unused -----------------------------------------------------------------------------------------------


def _unused(integration: Integration, rules: Sequence[AssignmentRule], marketing: Marketing) -> Iterator[Finding]:
    """Mappings of which nothing says or shows a use, where the file says the uses of others."""
    if not any("used_by" in one.model_fields_set for one in integration.fields):
        return
    asked = _asked_for(integration, marketing)
    ruled = {row.field for rule in rules for row in rule.criteria.rows}
    told = set()
    for object in integration.people.crm:
        for one in integration.mappings(object):
            used = one.used_by or one.crm_field in ruled or one.marketing_field in asked or one.sticky
            if one.direction != "none" and not used and one.loc not in told:
                told.add(one.loc)
                cause = f"{one.crm_object}.{one.crm_field} <-> {one.marketing_field} is synced, and nothing uses it."
                yield find("MAP310", cause, places=[integration.place(*one.loc)])


def _asked_for(integration: Integration, marketing: Marketing) -> set[str]:
    """Marketing's fields that match keys, the delivery rule or a list ask for."""
    people = integration.people
    criteria: list[Criteria] = [people.deliver.criteria.parsed()] if people.deliver.criteria is not None else []
    if Capability.LISTS in marketing.can:
        with suppress(CallFailed, CriteriaRefused):  # lists that cannot be read use nothing that we know of
            criteria += [one.criteria for one in marketing.lists() if one.criteria is not None]
    return {*people.match, *(row.field for one in criteria for row in one.rows)}


# --- used and not synced ---------------------------------------------------------------------------------------------


def _unsynced(
    integration: Integration, rules: Sequence[AssignmentRule], crm: Schema, crm_org: str
) -> Iterator[Finding]:
    for position, written in enumerate(integration.fields):
        if written.used_by and written.direction == "none":
            name = written.crm if isinstance(written.crm, str) else written.marketing
            cause = f"{name} is used by {', '.join(written.used_by)} and is not synced (direction none)."
            yield find("MAP360", cause, places=[integration.place("fields", position)])
    object = integration.people.crm[0]
    fields = crm[object].fields if object in crm else {}
    written_to = {one.crm_field for one in integration.mappings(object) if one.writes_crm}
    for rule in rules:
        for field in dict.fromkeys(row.field for row in rule.criteria.rows):
            spec = fields.get(field)
            if spec is None or field in written_to or _fills_itself(spec):
                continue
            cause = f"Rule {rule.name} asks for {object}.{field}, and no mapping brings it to {crm_org}."
            places = [At("crm", crm_org, object, rule.name), At("crm", crm_org, object, "", field)]
            yield find("MAP360", cause, places=places)


def _fills_itself(spec: FieldSpec) -> bool:
    return spec.read_only or FIELD_TYPES[spec.type].computed or spec.default is not None or spec.type == "user"


# --- appended and not told ------------------------------------------------------------------------------------------


def _untold(integration: Integration, crm: Crm, marketing: Marketing) -> Iterator[Finding]:
    """Several answers of a system whose API tells the newest only."""
    told = set()
    for one in _all(integration):
        side, source = ("marketing", marketing) if one.writes_crm else ("crm", crm)
        if one.answers != "append" or one.direction == "none" or one.loc in told or _tells_every_answer(source):
            continue
        told.add(one.loc)
        object, name = (
            (integration.people.marketing, str(one.marketing_field))
            if side == "marketing"
            else (one.crm_object, one.crm_field)
        )
        cause = f"{source.name} tells the newest answer of {object}.{name} only, so the answers cannot be appended."
        yield find("MAP317", cause, places=[integration.place(*one.loc), At(side, source.name, object, "", name)])


def _tells_every_answer(system: System) -> bool:
    return not EVERY_ANSWER.isdisjoint(system.can)


# --- required and without a source -----------------------------------------------------------------------------------


def _without_source(
    integration: Integration, crm: Schema, marketing: Schema, crm_org: str, marketing_org: str
) -> Iterator[Finding]:
    people = integration.people
    created = people.deliver_as.capitalize()
    sides = []
    if people.deliver.when != "on_request" or created in people.crm:
        filled = {one.crm_field for one in integration.mappings(created) if one.writes_crm}
        sides.append(("crm", crm_org, crm, created, filled))
    if people.import_.when != "none":
        filled = {str(one.marketing_field) for one in _all(integration) if one.writes_marketing}
        sides.append(("marketing", marketing_org, marketing, people.marketing, filled))
    for side, org, schema, object, filled in sides:
        for spec in schema[object].fields.values() if object in schema else ():
            open_ended = spec.required and spec.default is None and spec.type not in _FILLED_BY_THE_ORG
            if open_ended and not _fills_itself(spec) and not spec.system and spec.id not in filled:
                at = At(side, org, object, "", spec.id)
                kept = next(_kept(integration, side, created, spec.id), None)
                cause = f"{org} requires {object}.{spec.id}, and no mapping fills it."
                if kept is not None:
                    pair = f"{kept.crm_field} <-> {kept.marketing_field}"
                    cause = (
                        f"{org} requires {object}.{spec.id}, and {pair} (direction: {kept.direction}) does not fill it."
                    )
                place = integration.place("fields") if kept is None else integration.place(*kept.loc)
                yield find("MAP361", cause, places=[place, at])


def _kept(integration: Integration, side: str, created: str, field: str) -> Iterator[Mapping]:
    """The mappings of a field that lets nothing into it. `created`: the CRM object that new people become."""
    for one in integration.mappings(created) if side == "crm" else _all(integration):
        if one.marketing_field is not None and field == (one.crm_field if side == "crm" else one.marketing_field):
            yield one


def _all(integration: Integration) -> Iterator[Mapping]:
    for object in integration.people.crm:
        yield from integration.mappings(object)


# --- the master of what people fake ----------------------------------------------------------------------------------


def _faked(integration: Integration, crm: Schema, marketing: Schema, system: Marketing) -> Iterator[Finding]:
    """OWN350: a form's phone number goes over the one that sales knows. OWN351: the CRM is the master of a figure that
    marketing computes."""
    asked = {one.id for form in system.forms() for one in form.fields} if Capability.FORMS in system.can else set()
    fields = marketing[integration.people.marketing].fields if integration.people.marketing in marketing else {}
    told = set()
    for one in _all(integration):
        spec = fields.get(str(one.marketing_field))
        if spec is None or not one.writes_crm or one.loc in told or one.sticky or one.answers == "append":
            continue
        matched = spec.id in integration.people.match
        places = [integration.place(*one.loc), At("marketing", system.name, spec.object, "", spec.id)]
        name = f"{one.crm_object}.{one.crm_field}"
        if (
            spec.type in _FAKED
            and spec.id in asked
            and not matched
            and (one.master != "crm" or one.overwrite == "always")
        ):
            told.add(one.loc)
            why = f"master {one.master}" if one.master != "crm" else "overwrite always"
            yield find("OWN350", f"A form's {spec.id} replaces what sales knows in {name} ({why}).", places=places)
        elif (spec.read_only or FIELD_TYPES[spec.type].computed) and one.master == "crm" and not chosen(spec):
            told.add(one.loc)
            yield find("OWN351", f"{spec.id} is computed by marketing, and the CRM is master of {name}.", places=places)
