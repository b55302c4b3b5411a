"""Several answers to one record: why some of them are not there, as long as settings explain it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.subject import lives, people_of
from leadproof.findings import Evidence, find
from leadproof.findings.patches import replaced
from leadproof.integration import Mapping
from leadproof.oracle.answers import AROUND
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.answers import CheckAnswers, entries
from leadterms.fieldtypes import length_limit


def look_at_answers(case: Case) -> Iterator[Cause]:
    """The mapping keeps the last answer only, or carries answers the other way, or the field has no room for all."""
    if not isinstance(case.step, CheckAnswers):
        return
    side: SideName = "crm" if case.stage.located(case.step.in_)[1] == "crm" else "marketing"
    for life in [life for person in people_of(case) for life in lives(case, side, person)]:
        for mapping in _mappings(case, case.step, side, life):
            found = _last_only(case, mapping, side) if mapping.answers != "append" else None
            found = found or _another_way(case, case.step, mapping, side, life)
            found = found or _no_room(case, case.step, mapping, side, life)
            if found is not None:
                yield found
                return


def _mappings(case: Case, step: CheckAnswers, side: SideName, life: Life) -> Iterator[Mapping]:
    for object in [life.object] if side == "crm" else case.integration.people.crm:
        for mapping in case.integration.mappings(object):
            if step.field == (mapping.crm_field if side == "crm" else mapping.marketing_field):
                yield mapping


def _last_only(case: Case, mapping: Mapping, side: SideName) -> Cause:
    field = mapping.crm_field if side == "crm" else str(mapping.marketing_field)
    pair = f"{mapping.crm_field} <-> {mapping.marketing_field}"
    text = f"{pair} says answers: {mapping.answers}, so only the last answer stays."
    fix = "Write `answers: append` and `direction: to_crm`, or correct what the scenario expects."
    at = case.at(side, mapping.crm_object if side == "crm" else case.agreement.marketing_object, "", field)
    return Cause(find("OWN316", text, places=[mapping.place, at], fix=fix), Proof.PROVED)


def _another_way(case: Case, step: CheckAnswers, mapping: Mapping, side: SideName, life: Life) -> Cause | None:
    """Answers travel one way (sync-semantics.md "Several answers to one record"), and not to the side of the check."""
    field = mapping.crm_field if side == "crm" else str(mapping.marketing_field)
    held = Counter(text for _, text in entries(str(life.values.get(field) or "")))
    missing = list((Counter(step.texts) - held).elements())
    if (mapping.writes_crm if side == "crm" else mapping.writes_marketing) or not missing:
        return None
    pair, then = f"{mapping.crm_field} <-> {mapping.marketing_field}", f"direction: to_{side}"
    default = case.integration.fields[int(mapping.loc[1])].direction is None
    place = case.integration.place("defaults") if default else mapping.place
    at = case.at(side, life.object, life.id, field)
    return Cause(
        find(
            "OWN313",
            f"{pair} says direction: {mapping.direction}, so no answer comes into {life.object}.{field} of "
            f"{case.org(side)}, which lacks {missing[0]!r}.",
            places=[place, at],
            evidence=[Evidence(f"{life.object} {life.id} holds {held.total()} answers in {field}", case.org(side))],
            fix=f"Write `{then}` for {pair}, or correct what the scenario expects.",
            patch=replaced(place, f"direction: {mapping.direction}", then),
            breaks=f"Answers will be brought into {case.org(side)} and no longer the other way.",
        ),
        Proof.PROVED,
    )


def _no_room(case: Case, step: CheckAnswers, mapping: Mapping, side: SideName, life: Life) -> Cause | None:
    """An answer that does not fit is refused, never cut; so are those that came with it."""
    spec = case.agreement.spec(side, life.object, step.field)
    if spec is None:
        return None
    held, room = str(life.values.get(spec.id) or ""), length_limit(spec)
    missing = Counter(step.texts) - Counter(text for _, text in entries(held))
    needed = sum(len(text) + AROUND for text in missing.elements())
    if not needed or len(held) + needed <= room:
        return None
    lacking = f"{missing.total()} more answer{'s' * (missing.total() > 1)}"
    text = f"{life.object}.{spec.id} holds {room} characters; {lacking} need about {needed}, and {len(held)} are taken."
    at = case.at(side, life.object, life.id, spec.id)
    proof = Evidence(f"{life.object} {life.id} holds {len(held)} characters of {room} in {spec.id}", case.org(side))
    return Cause(find("MAP305", text, places=[mapping.place, at], evidence=[proof]), Proof.PROVED)
