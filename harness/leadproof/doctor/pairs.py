"""C4: two fields that sync: do all values of the one fit into the other?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leadproof.doctor.kinds import kind_of
from leadproof.findings import At, Finding, find
from leadproof.findings.patches import pair_of, paired, where
from leadproof.integration import Integration
from leadproof.integration import Mapping as FieldMapping
from leadterms.conversion import _CARRIERS
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, length_limit
from leadterms.refusals import Place

_SHORT_BY_NATURE = frozenset({"email", "url", "formula", "auto_number"})
"""Types whose values are never as long as their field allows."""
_SPELLED = {"email": "an e-mail address", "url": "a web address"}
_DIGITS = 18


def look_at_pair(
    integration: Integration, mapping: FieldMapping, crm: FieldSpec, marketing: FieldSpec, orgs: tuple[str, str]
) -> Iterator[Finding]:
    """Types, decimals, lengths and choices of two fields that sync, in each direction that writes. `orgs`: the CRM's
    name and marketing's."""
    place = integration.place(*mapping.loc)
    ways = []
    if mapping.writes_crm:
        ways.append((marketing, crm, mapping.values_to_crm, "crm"))
    if mapping.writes_marketing:
        ways.append((crm, marketing, mapping.values_to_marketing, "marketing"))
    for source, target, values, side in ways:
        places: list[Place | At | None] = [place, At(side, orgs[side == "marketing"], target.object, "", target.id)]
        name, other = _named(source), _named(target)
        if not converts(source, target):
            cause = f"{name} is a {source.type} and {other} a {target.type}; there is no lossless way."
            yield find("MAP303", cause, places=places)
            continue
        lost = "" if values or FIELD_TYPES[source.type].computed else _loss(source, target)
        if lost:
            cause = f"{name} ({source.type}) goes into {other} ({target.type}): {lost}."
            yield find("MAP362", cause, places=places)
        if chosen(target) and target.restricted and chosen(source):
            known = set(values) if values else set(target.choices)
            alone = [one for one in source.choices if one not in known]
            if alone:
                cause = f"{', '.join(alone)} of {name} {'has' if len(alone) == 1 else 'have'} no partner in {other}."
                fix, patch = completed(integration, mapping, alone, target, side)
                yield find("MAP311", cause, places=places, fix=fix, patch=patch)
        longest, room = length_limit(source), length_limit(target)
        text = kind_of(source) == kind_of(target) == "text" and not chosen(target) and not chosen(source)
        if text and room and longest > room and source.type not in _SHORT_BY_NATURE:
            yield find("MAP309", f"{name} holds {longest} characters and {other} only {room}.", places=places)
    if mapping.values_to_marketing:
        yield from _unknown_choices(integration, mapping, crm, marketing, orgs)


def _unknown_choices(
    integration: Integration, mapping: FieldMapping, crm: FieldSpec, marketing: FieldSpec, orgs: tuple[str, str]
) -> Iterator[Finding]:
    """Values of the value map that the fields do not have."""
    assert mapping.values_to_marketing is not None
    for here, there in mapping.values_to_marketing.items():
        place = integration.place(*mapping.loc, "values", here)
        for side, spec, value in (("crm", crm, here), ("marketing", marketing, there)):
            if chosen(spec) and spec.restricted and value not in spec.choices:
                at = At(side, orgs[side == "marketing"], spec.object, "", spec.id)
                near = nearest(value, spec.choices)
                fix = f"Did you mean {near}?" if near else f"Its choices are: {', '.join(spec.choices) or 'none'}."
                cause = f"`values` names {value}, which is no choice of {_named(spec)}."
                yield find("MAP363", cause, places=[place, at], fix=fix)


def completed(
    integration: Integration, mapping: FieldMapping, alone: Sequence[str], target: FieldSpec, side: str
) -> tuple[str, str | None]:
    """The pairs that complete `values`, where each choice without partner has one of the same name but for case; as
    the fix and its patch. Blank where nothing is sure. `side`: the target's."""
    place, values = integration.place(*mapping.loc), mapping.values_to_marketing
    partners = {one.casefold(): one for one in target.choices}
    if place is None or values is None or not all(one.casefold() in partners for one in alone):
        return "", None
    found = [(one, partners[one.casefold()]) for one in alone]
    crm_first = found if side == "marketing" else [(there, here) for here, there in found]
    pairs = ", ".join(pair_of(here, there) for here, there in crm_first)
    last = integration.place(*mapping.loc, "values", *list(values)[-1:])
    patch = paired(last, pairs) if values and last is not None and last.line == place.line else None
    return f"Add `{pairs}` to `values` of the mapping at {where(place)}, or make the choices equal.", patch


def nearest(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """The known name that was probably meant, or ""."""
    from rapidfuzz.process import extractOne

    by_folded = {one.casefold(): one for one in known}
    near = extractOne(name.casefold(), list(by_folded), score_cutoff=60)
    return by_folded[near[0]] if near else ""


def _loss(source: FieldSpec, target: FieldSpec) -> str:
    """Which values do not get through, although the types convert; "" for none."""
    here, there = kind_of(source), kind_of(target)
    if there == "number" and here == "number":
        decimals, room = (one.scale if one.scale is not None else _DIGITS for one in (source, target))
        return f"{room} decimals hold no number with {decimals}" if decimals > room else ""
    if (here, there) == ("date_time", "date"):
        return "only moments that are midnight in the org's time zone become a day"
    if here == "text" and there in ("number", "date", "date_time", "checkbox") and not chosen(source):
        return f"text that is no {there.replace('_', ' ').replace('date time', 'moment')} is refused"
    if here == "number" and there == "checkbox":
        return "numbers other than 0 and 1 are refused"
    if here == "set" and there == "text" and chosen(target):
        return "a record with several choices is refused"
    if here == "text" and there == "text":
        if chosen(target) and target.restricted and not chosen(source):
            return f"text that is none of its {len(target.choices)} choices is refused"
        if FIELD_TYPES[source.type].many_lines and not FIELD_TYPES[target.type].many_lines and not chosen(target):
            return "text of several lines is refused"
        if target.type in _SPELLED and source.type != target.type:
            return f"text that is not {_SPELLED[target.type]} is refused"
    return ""


def converts(source: FieldSpec, target: FieldSpec) -> bool:
    """Whether values of the one type can become values of the other at all (sync-semantics.md "Types")."""
    return (kind_of(source), kind_of(target)) in _CARRIERS


def chosen(spec: FieldSpec) -> bool:
    """Whether its values come from choices."""
    return FIELD_TYPES[spec.type].chosen


def _named(spec: FieldSpec) -> str:
    return f"{spec.object}.{spec.id}"
