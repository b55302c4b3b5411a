"""C4: why a field does not hold what the check wants: not mapped, mapped elsewhere, refused, not convertible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.crosswise import NOT_MAPPED, mapped_elsewhere, not_mapped
from leadproof.diagnosis.refused import about, finding_of, standing
from leadproof.diagnosis.subject import Wanted, wanted
from leadproof.doctor.pairs import completed
from leadproof.findings import At, Evidence, Finding, find
from leadproof.integration import Mapping
from leadproof.oracle.links import Link
from leadproof.oracle.timelines import Life, typed
from leadproof.oracle.values import text_of
from leadproof.scenario.registry import Check
from leadterms.conversion import NO_PARTNER, convert
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, same
from leadterms.refusals import ConversionRefused

ANOTHER_VALUE = "MAP352"
ALMOST = 80
"""Percent of likeness (rapidfuzz) from which a name is taken for a misspelt one."""
NOT_INSTALLED, NO_FIELD, REQUIRED, NOT_LINKED = "MAP327", "MAP301", "MAP361", "CYC603"


def look_at_fields(case: Case) -> Iterator[Cause]:
    """The causes that lie in ids, types, lengths and picklists."""
    wants = wanted(case)
    names = {name for want in wants for name in _names(case, want)} | {getattr(case.step, "field", "")}
    names |= {one.field for one in standing(case)}
    names -= {""}
    for finding in case.seen:
        if not finding.code.startswith(("MAP", "DQ")) or finding.level == "note":
            continue
        about = names & _said(finding)
        if finding.code == NOT_INSTALLED:
            yield from _misspelt(case, finding, names)
        if finding.code == NOT_INSTALLED and _unlinkable(case, finding):
            yield Cause(finding, Proof.PROVED)
        elif about:
            sure = finding.level == "error" and not _kept_at_home(case, finding)
            yield Cause(finding, Proof.PROVED if sure else Proof.FITTING)
        elif finding.level == "error" or finding.code == NOT_INSTALLED or not isinstance(case.step, Check):
            yield Cause(finding, Proof.NEAR)
    for want in wants:
        yield from _why(case, want)


def _unlinkable(case: Case, finding: Finding) -> bool:
    """Whether people are not linked both ways, and one of the CRM's objects cannot hold the link."""
    link = case.integration.people.link.marketing_id_in_crm
    reported = case.stage.findings  # the connector says so of the org; the check, of a person
    suspected = any(one.code == NOT_LINKED and one not in reported for one in case.result.findings)
    return link in _said(finding) and (suspected or getattr(case.step, "field", "") == link)


def _kept_at_home(case: Case, finding: Finding) -> bool:
    """Whether a required field is mapped, and its mapping's direction keeps it at home: that is told (OWN313)."""
    fields = {one.field for one in finding.places if isinstance(one, At)}
    mappings = [one for object in case.integration.people.crm for one in case.integration.mappings(object)]
    mapped = {
        name for one in mappings if one.marketing_field is not None for name in (one.crm_field, one.marketing_field)
    }
    return finding.code == REQUIRED and bool(fields & mapped)


def _misspelt(case: Case, finding: Finding, names: set[str]) -> Iterator[Cause]:
    """A field that the install module would add, where the CRM has one of almost the same name that nothing maps."""
    from rapidfuzz.process import extractOne

    for name in sorted(names & _said(finding)):
        for object in case.integration.people.crm:
            mapped = {one.crm_field for one in case.integration.mappings(object)}
            described = case.histories.crm.schema.get(object)
            spare = [id for id in (described.fields if described is not None else ()) if id not in mapped]
            near = extractOne(name, spare, score_cutoff=ALMOST) if name in mapped else None
            if near is not None:
                text = f"{case.org('crm')} has no field {object}.{name}; it has {near[0]}, which nothing maps."
                place = next((one.place for one in case.integration.mappings(object) if one.crm_field == name), None)
                places = [place, case.at("crm", object, "", name)]
                yield Cause(find(NO_FIELD, text, places=places, fix=f"Write {near[0]}."), Proof.PROVED)
                return


def _names(case: Case, want: Wanted) -> Iterator[str]:
    """The wanted field and its partners, in both systems' words."""
    yield want.field
    for object in case.integration.people.crm:
        for one in case.integration.mappings(object):
            if want.field in (one.crm_field, one.marketing_field):
                yield from (one.crm_field, str(one.marketing_field))


def _said(finding: Finding) -> set[str]:
    """The words of a finding's sentence and the fields of its places."""
    words = {word.strip(".,:;'\"()`") for word in finding.cause.replace(".", " ").split()}
    return words | {one.field for one in finding.places if isinstance(one, At)}


def mapping_of(case: Case, want: Wanted) -> Mapping | None:
    """The mapping of the wanted field, for the CRM object that the person is now."""
    object = crm_object(case, want)
    for one in case.integration.mappings(object):
        if want.field == (one.crm_field if want.side == "crm" else one.marketing_field):
            return one
    return None


def crm_object(case: Case, want: Wanted) -> str:
    """The CRM object of the person whose field is wanted."""
    if want.side == "crm":
        return want.life.object
    link = case.link_of("marketing", want.life)
    return link.crm_end.object if link is not None else case.integration.people.crm[0]


def spec_of(case: Case, want: Wanted) -> FieldSpec | None:
    """The wanted field's definition, in the journal's names."""
    return case.agreement.spec("crm" if want.side == "crm" else "marketing", want.life.object, want.field)


def _why(case: Case, want: Wanted) -> Iterator[Cause]:
    """The causes that concern one wanted value."""
    link, mapping = case.link_of(want.side, want.life), mapping_of(case, want)
    if link is None:
        return
    yield from _refused_rows(case, want, link)
    at = case.at(want.side, want.life.object, want.life.id, want.field)
    if want.field in (case.agreement.link_fields.crm_id, case.agreement.link_fields.marketing_id):
        return  # who is linked with whom is no matter of mappings
    if mapping is None or mapping.marketing_field is None:
        yield from _nearly_mapped(case, want)
        object, there = crm_object(case, want), link.end("marketing" if want.side == "crm" else "crm")
        named = list(not_mapped(case, want, spec_of(case, want), object, there))
        yield from named
        if named:
            return
        text = f"Nothing brings a value into {want.life.object}.{want.field}: the integration does not map it."
        place = mapping.place if mapping is not None else case.integration.place("fields")
        yield Cause(find(NOT_MAPPED, text, places=[place, at]), Proof.PROVED)
        return
    partner = link.end("marketing" if want.side == "crm" else "crm")
    here = str(mapping.marketing_field) if want.side == "crm" else mapping.crm_field
    yield from _converted(case, want, mapping, partner, here)
    target = spec_of(case, want)
    if target is not None:
        yield from mapped_elsewhere(case, want, target, mapping, partner, here)


def _nearly_mapped(case: Case, want: Wanted) -> Iterator[Cause]:
    """No mapping names the field, and one names almost the same, which does not exist: it is misspelt there."""
    from rapidfuzz.process import extractOne

    crm = want.side == "crm"
    described = (case.histories.crm if crm else case.histories.marketing).schema.get(want.life.object)
    mappings = case.integration.mappings(crm_object(case, want))
    named = {str(one.crm_field if crm else one.marketing_field): one for one in mappings}
    unknown = [name for name in named if described is not None and name not in described.fields]
    near = extractOne(want.field, unknown, score_cutoff=ALMOST)
    if near is None:
        return
    text = f"{case.org(want.side)} has no field {want.life.object}.{near[0]}, which is mapped; it has {want.field}."
    places = [named[near[0]].place, case.at(want.side, want.life.object, "", near[0])]
    yield Cause(find(NO_FIELD, text, places=places, fix=f"Write {want.field} instead of {near[0]}."), Proof.PROVED)


def _refused_rows(case: Case, want: Wanted, link: Link) -> Iterator[Cause]:
    for refusal in standing(case):
        if not about(case, refusal, link.crm_end, link.marketing_end):
            continue
        values = refusal.item.get("values") or {}
        if refusal.field in ("", want.field) or want.field in values:
            sure = refusal.field == want.field or want.field in refusal.text
            yield Cause(finding_of(case, refusal), Proof.PROVED if sure else Proof.FITTING)


def _converted(case: Case, want: Wanted, mapping: Mapping, partner: Life, here: str) -> Iterator[Cause]:
    """The value that the other side holds cannot become this field's, or becomes another one."""
    source = case.agreement.spec("marketing" if want.side == "crm" else "crm", partner.object, here)
    target = spec_of(case, want)
    if source is None or target is None:
        return
    value = typed(source, partner.values.get(here))
    values = mapping.values_to_crm if want.side == "crm" else mapping.values_to_marketing
    at = case.at(want.side, want.life.object, want.life.id, want.field)
    held = Evidence(f"{partner.object} {partner.id} holds {here} = {text_of(value)}")
    try:
        arrived = convert(value, source, target, values=values)
    except ConversionRefused as refused:
        fix, patch = "", None
        if refused.code == NO_PARTNER and isinstance(value, str):
            fix, patch = completed(case.integration, mapping, [value], target, want.side)
        fix = fix or refused.fix
        yield Cause(
            find(refused.code, refused.text, places=[mapping.place, at], evidence=[held], fix=fix, patch=patch),
            Proof.PROVED,
        )
        return
    if values and not blank(arrived) and same(target, arrived, want.held) and _meant(want, values.values(), target):
        text = (
            f"The value map of {mapping.crm_field} <-> {mapping.marketing_field} turns {text_of(value)} into "
            f"{text_of(arrived)}; the check wants {want.text}."
        )
        # A rule of the mapping with which the check would hold is a better cause than the map.
        yield Cause(find(ANOTHER_VALUE, text, places=[mapping.place, at], evidence=[held]), Proof.FITTING)


def _meant(want: Wanted, choices: Iterable[str], target: FieldSpec) -> bool:
    """Whether the check would hold with another choice of the map."""
    if FIELD_TYPES[target.type].kind == "choices":
        return True
    return any(want.fits(one) for one in choices)
