"""C4: the wanted value arrives in another field, or the field is mapped for another of the CRM's objects only.

A text says by itself which value it is. A number, a date or a tick may stand in many fields: of those, one that
somebody entered is looked at, and a tick only in a field that is called like the wanted one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.subject import Wanted
from leadproof.findings import At, Evidence, Finding, find
from leadproof.integration import Mapping
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Life, typed
from leadproof.oracle.values import text_of
from leadterms.conversion import convert
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank
from leadterms.refusals import ConversionRefused, Place
from leadterms.values import Value

NOT_MAPPED, ELSEWHERE = "MAP350", "MAP351"
NEARER = 20
"""By so many percent (rapidfuzz) a field is called more like the wanted one than the field that is mapped to it."""


@dataclass(frozen=True)
class Source:
    """The wanted value, as it stands in a field of the partner's."""

    partner: Life
    spec: FieldSpec
    value: Value
    text: bool

    def held(self, case: Case, side: SideName) -> Evidence:
        """Where it stands, as a proof."""
        said = f"{self.partner.object} {self.partner.id} holds {self.spec.id} = {text_of(self.value)}"
        return Evidence(said, case.org(side))


def mapped_elsewhere(
    case: Case, want: Wanted, target: FieldSpec, mapping: Mapping, partner: Life, here: str
) -> Iterator[Cause]:
    """The wanted value stands on the other side in a field that is mapped to something else, or to nothing."""
    found = _sources(case, want, target, partner, here)
    if not found or not want.said:
        return
    source = found[0]
    text = (
        f"{text_of(source.value)} stands in {partner.object}.{source.spec.id}, and {want.life.object}.{want.field} is "
        f"mapped to {here} instead."
    )
    at = case.at(want.side, want.life.object, want.life.id, want.field)
    evidence = [source.held(case, other(_side(want.side)))]
    yield Cause(find(ELSEWHERE, text, places=[mapping.place, at], evidence=evidence), Proof.PROVED)


def not_mapped(case: Case, want: Wanted, target: FieldSpec | None, object: str, partner: Life) -> Iterator[Cause]:
    """No mapping of this CRM object fills the wanted field. Where one of another object does, the two are compared;
    else the field that took the wanted value is named."""
    at = case.at(want.side, want.life.object, want.life.id, want.field)
    mine = case.integration.mappings(object)
    for mapping in _of_other_objects(case, want, object):
        only = f"{mapping.crm_field} <-> {mapping.marketing_field} is mapped for {mapping.crm_object}"
        instead = next((one for one in mine if one.marketing_field == mapping.marketing_field), None)
        if instead is None:
            text = f"{only} and not for {object}, so nothing brings a value into {want.life.object}.{want.field}."
            yield Cause(find(NOT_MAPPED, text, places=[mapping.place, at]), Proof.PROVED)
        else:
            yield Cause(_instead(want, instead, f"{only}; ", [instead.place, at]), Proof.PROVED)
        return
    sources = _sources(case, want, target, partner, "") if target is not None and want.said else []
    carried = [_carrier(mine, want.side, one.spec.id) for one in sources]
    if not sources or not sources[0].text or None in carried:
        return  # what no mapping carries away is only not mapped
    carrier = carried[0]
    assert carrier is not None
    finding = _instead(
        want, carrier, f"{text_of(sources[0].value)} stands in {sources[0].spec.id}: ", [carrier.place, at]
    )
    yield Cause(finding, Proof.PROVED)


def _instead(want: Wanted, mapping: Mapping, before: str, places: list[Place | At | None]) -> Finding:
    name, field = (
        (mapping.marketing_field, mapping.crm_field)
        if want.side == "crm"
        else (mapping.crm_field, mapping.marketing_field)
    )
    object = mapping.crm_object if want.side == "crm" else want.life.object
    text = f"{before}{object}.{field} is mapped to {name}, and nothing to {want.life.object}.{want.field}."
    return find(ELSEWHERE, text, places=places)


def _of_other_objects(case: Case, want: Wanted, object: str) -> Iterator[Mapping]:
    """Mappings of the CRM's other objects that fill a field of the wanted one's name."""
    for one in case.integration.people.crm:
        for mapping in case.integration.mappings(one) if one != object else ():
            filled = mapping.crm_field if want.side == "crm" else mapping.marketing_field
            writes = mapping.writes_crm if want.side == "crm" else mapping.writes_marketing
            if filled == want.field and mapping.marketing_field is not None and writes:
                yield mapping


def _carrier(mappings: Sequence[Mapping], side: str, field: str) -> Mapping | None:
    """The mapping that carries a field of the other side's."""
    return next(
        (one for one in mappings if field == (one.marketing_field if side == "crm" else one.crm_field)),
        None,
    )


def _sources(case: Case, want: Wanted, target: FieldSpec, partner: Life, here: str) -> list[Source]:
    """The fields of the partner, other than `here`, that hold the wanted value; the likeliest first."""
    there = other(_side(want.side))
    beside = case.agreement.spec(there, partner.object, here) if here else None
    if beside is not None and _fits(want, typed(beside, partner.values.get(here)), beside, target):
        return []  # the field that is mapped holds it too: it is a matter of rules
    text = FIELD_TYPES[target.type].kind == "text"
    if not text and _broken(case, want):
        return []
    found = []
    for name in partner.values:
        spec = case.agreement.spec(there, partner.object, name)
        if spec is None or name == here or spec.system or (text and FIELD_TYPES[spec.type].kind != "text"):
            continue
        value = typed(spec, partner.values.get(name))
        if _fits(want, value, spec, target) and (text or _entered(partner, name)):
            found.append(Source(partner, spec, value, text))
    if text:
        return found
    like = _Likeness(target)
    found.sort(key=lambda one: -like.to(one.spec))
    near = [one for one in found if like.to(one.spec) >= (like.to(beside) if beside is not None else 0) + NEARER]
    sure = len(found) == 1 and FIELD_TYPES[target.type].kind != "checkbox"
    return near or (found if sure else [])


def _fits(want: Wanted, value: Value, source: FieldSpec, target: FieldSpec) -> bool:
    """Whether a value that says something would be the wanted one."""
    if blank(value) or value is False:
        return False
    if isinstance(value, str) and FIELD_TYPES[target.type].kind == "text":
        return bool(want.fits(value))
    try:
        return bool(want.fits(convert(value, source, target)))
    except ConversionRefused:
        return False


def _broken(case: Case, want: Wanted) -> bool:
    """Whether the connector did not obey the mapping here: then the mapping is not why."""
    return any((one.place.record, one.place.field) == (want.life.id, want.field) for one in case.violations)


def _entered(life: Life, field: str) -> bool:
    """Whether somebody, and not the connector, set the field last."""
    edits = [edit for edit in life.edits if field in edit.fields]
    return bool(edits) and not edits[-1].own


@dataclass(frozen=True)
class _Likeness:
    """How much a field is called like this one, by id or label: percent."""

    field: FieldSpec

    def to(self, other: FieldSpec) -> float:
        from rapidfuzz.fuzz import ratio

        return max(ratio(mine, theirs) for mine in _plain(self.field) for theirs in _plain(other))


def _plain(spec: FieldSpec) -> list[str]:
    return [re.sub("[^a-z0-9]", "", name.casefold().removesuffix("__c")) for name in (spec.id, spec.label)]


def _side(name: str) -> SideName:
    return "crm" if name == "crm" else "marketing"
