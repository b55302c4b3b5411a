"""Why a person is not there, is there twice, or is linked otherwise: refused rows, delivery rules, matching."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.diagnosis.calls import Refusal
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.refused import about, finding_of, for_the_moment, mappings_of, standing
from leadproof.diagnosis.subject import lives, people_of, side_of
from leadproof.findings import Evidence, Finding, find
from leadproof.integration import Mapping
from leadproof.oracle.histories import FOREVER
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.delivery import CheckAbsent, CheckCount, CheckDelivered, CheckLinked, CheckNoDuplicates

CHECKS = (CheckDelivered, CheckLinked, CheckAbsent, CheckCount, CheckNoDuplicates)
MISSING = ("CYC601", "RUN808", "DUP403", "CYC603")
"""What checks and steps of every kind suspect where a person is not there, or not once, or not linked."""


def look_at_delivery(case: Case) -> Iterator[Cause]:
    """The causes of a missing, doubled or wrongly linked person, as long as settings or data explain it."""
    suspected = any(one.code in MISSING for one in case.result.findings)
    links = (case.integration.people.link.crm_id_in_marketing, case.integration.people.link.marketing_id_in_crm)
    about_link = getattr(case.step, "field", "") in links
    if not isinstance(case.step, CHECKS) and not suspected and not about_link:
        return
    people = people_of(case)
    side = side_of(case) or "crm"
    broken = any(
        one.check in ("oracle.delivered", "oracle.single", "oracle.link", "oracle.deletes") for one in case.violations
    )
    for person in people:
        known = [life for one in ("crm", "marketing") for life in lives(case, one, person)]
        if not broken:
            yield from _rules(case, side, known)
        yield from _refused(case, known)
    if not people:
        yield from (Cause(finding_of(case, one), Proof.FITTING) for one in standing(case))
        if not broken:
            yield from _everybody(case, side)


def _refused(case: Case, known: list[Life]) -> Iterator[Cause]:
    for refusal in standing(case):
        if about(case, refusal, *known):
            yield from kept_at_home(case, refusal, known)
            side = "crm" if refusal.call.org == case.org("crm") else "marketing"
            there = refusal.kind == "duplicate" and any(_side(case, one) == side and one.live for one in known)
            passing = for_the_moment(refusal) and refusal.call.cycle < case.calls.cycles - 1
            yield Cause(finding_of(case, refusal), Proof.FITTING if there or passing else Proof.PROVED)


def kept_at_home(case: Case, refusal: Refusal, known: list[Life]) -> Iterator[Cause]:
    """A required field was blank in a refused row although the person has a value: direction keeps it at home."""
    side = "crm" if refusal.call.org == case.org("crm") else "marketing"
    if (refusal.item.get("values") or {}).get(refusal.field) not in (None, ""):
        return  # it was sent, and refused for another reason
    for mapping in mappings_of(case, side, str(refusal.item.get("object") or ""), refusal.field):
        allowed = mapping.writes_crm if side == "crm" else mapping.writes_marketing
        source = str(mapping.marketing_field) if side == "crm" else mapping.crm_field
        holders = [life for life in known if _side(case, life) != side and life.values.get(source)]
        if not holders:
            continue
        if allowed:
            yield Cause(_left_out(case, refusal, mapping, holders[0], source), Proof.PROVED)
            continue
        text = (
            f"{mapping.crm_field} <-> {mapping.marketing_field} says direction: {mapping.direction}, so the required "
            f"{refusal.field} stays blank in {case.org(side)}, and the row is refused."
        )
        default = case.integration.fields[int(mapping.loc[1])].direction is None
        place = case.integration.place("defaults") if default else mapping.place
        at = case.at(side, str(refusal.item.get("object") or ""), "", refusal.field)
        yield Cause(find("OWN313", text, places=[place, at], evidence=[refusal.evidence()]), Proof.PROVED)


def _left_out(case: Case, refusal: Refusal, mapping: Mapping, holder: Life, source: str) -> Finding:
    """The connector sent a row without a required field whose value may travel."""
    text = (
        f"{holder.object} {holder.id} holds {source} = {holder.values.get(source)}, the mapping lets it travel, and "
        f"the connector sent the row without {refusal.field}, which is required."
    )
    at = case.at(_side(case, holder), holder.object, holder.id, source)
    return find("OWN301", text, places=[at, mapping.place], evidence=[refusal.evidence()])


def _rules(case: Case, side: str, known: list[Life]) -> Iterator[Cause]:
    """Rules of `people` that explain what was found, for one person."""
    there = [life for life in known if _side(case, life) == side and life.live]
    here = [life for life in known if _side(case, life) != side and life.live]
    for life in here:
        if not there:
            yield from _not_due(case, side, life)
    yield from _ambiguous(case, known)
    yield from _matched(case, known)
    yield from _deleted(case, known)
    wanted = getattr(case.step, "object", "")
    for life in there:
        link = case.link_of(side, life)
        if wanted and life.object != wanted and link is not None and link.made == side and life.born.own:
            people = case.integration.people
            made = f"{life.id} was created as a {life.object}"
            text = f"deliver_as is {people.deliver_as}, so {made}; a {wanted} is expected."
            place = case.integration.place("people", "deliver_as")
            yield Cause(find("OWN323", text, places=[place, case.at(side, life.object, life.id)]), Proof.PROVED)


def _side(case: Case, life: Life) -> str:
    return "marketing" if life.object == case.agreement.marketing_object else "crm"


def _not_due(case: Case, side: str, life: Life) -> Iterator[Cause]:
    """The person stands on the other side, and a rule of `people` keeps it there."""
    people = case.integration.people
    at = case.at("marketing" if side == "crm" else "crm", life.object, life.id)
    if side == "crm" and not case.agreement.due_in_crm(life, FOREVER):
        text = f"The delivery rule (deliver: {_said(people.deliver)}) does not deliver {life.object} {life.id}."
        place = case.integration.place("people", "deliver")
        yield Cause(find("OWN320", text, places=[place, at]), Proof.PROVED)
    if side == "marketing" and life.object not in people.crm:
        text = f"people.crm names {', '.join(people.crm)}, and {life.id} is a {life.object}."
        yield Cause(find("OWN324", text, places=[case.integration.place("people", "crm"), at]), Proof.PROVED)
    elif side == "marketing" and not case.agreement.due_in_marketing(life, FOREVER):
        if not case.agreement.keys_at("crm", life, FOREVER):
            key = ", ".join(people.match)
            text = f"{life.object} {life.id} has no {key}, and without it nobody is created in marketing."
            yield Cause(find("DUP404", text, places=[at]), Proof.PROVED)
            return
        text = (
            f"The import rule (import: {_said(people.import_)}) does not create {life.object} {life.id} in marketing."
        )
        yield Cause(find("OWN321", text, places=[case.integration.place("people", "import"), at]), Proof.PROVED)


def _said(rule: object) -> str:
    when = getattr(rule, "when", "")
    criteria = getattr(rule, "criteria", None)
    rows = "; ".join(" ".join(str(part) for part in row) for row in criteria.rows) if criteria is not None else ""
    return f"{when}, {rows}" if rows else str(when)


def _ambiguous(case: Case, known: list[Life]) -> Iterator[Cause]:
    """Several records have the person's key: what became of it is what `ambiguous` says."""
    policy = case.integration.people.ambiguous
    for life in known:
        side: SideName = "marketing" if _side(case, life) == "crm" else "crm"
        found = (
            (text, [one for one in case.matching.holders(side, (name, text)) if not one.born.own])
            for name, text in case.agreement.keys_at(other(side), life, FOREVER)
        )
        text_of_key, holders = next(((text, held) for text, held in found if len(held) > 1), ("", []))
        if not holders:
            continue
        ids = ", ".join(f"{one.object} {one.id}" for one in holders)
        text = f"{len(holders)} records of {case.org(side)} match {text_of_key} ({ids}), and ambiguous is {policy}."
        place = case.integration.place("people", "ambiguous")
        places = [place, *(case.at(side, one.object, one.id) for one in holders[:3])]
        yield Cause(find("DUP410", text, places=places), Proof.PROVED if hasattr(case.step, "field") else Proof.FITTING)
        return


def _matched(case: Case, known: list[Life]) -> Iterator[Cause]:
    """Records that share an e-mail address, which is not what people are matched by."""
    match = case.integration.people.match
    address: dict[str, list[Life]] = {}
    for life in known:
        for name, value in life.values.items():
            if name.casefold() == "email" and value:
                address.setdefault(str(value).strip().casefold(), []).append(life)
    for text_of, holders in address.items():
        sides = {_side(case, one) for one in holders if one.live}
        same_side = len([one for one in holders if one.live]) > len(sides)
        if "email" not in match and (same_side or len(sides) == 2 or len(holders) == 1):
            by = ", ".join(match)
            text = f"People are matched by {by}; {text_of} alone does not make {holders[0].id} anybody's partner."
            place = case.integration.place("people", "match")
            yield Cause(find("DUP411", text, places=[place]), Proof.FITTING)
            return


def _deleted(case: Case, known: list[Life]) -> Iterator[Cause]:
    """Somebody deleted one side, the connector the other: `deletes` says so."""
    policy = case.integration.people.deletes
    own = [(life, edit) for life in known for edit in life.deaths() if edit.own]
    others = [(life, edit) for life in known for edit in life.deaths() if not edit.own]
    if not others:
        return
    life, edit = (own or others)[0]
    done = "deleted it too" if own else "left the other record alone"
    text = f"deletes is {policy}: after {others[0][0].object} {others[0][0].id} was deleted, the sync {done}."
    proof = Evidence(f"{edit.user} deleted {life.object} {life.id}", case.org(_side(case, life)), edit.n)
    place = case.integration.place("people", "deletes")
    at = case.at(_side(case, life), life.object, life.id)
    yield Cause(find("OWN322", text, places=[place, at], evidence=[proof]), Proof.PROVED if own else Proof.FITTING)


def _everybody(case: Case, side: str) -> Iterator[Cause]:
    """A check of all records: the rules of `people` that kept some of them, or merged, or doubled them."""
    people = case.links.people("marketing" if side == "crm" else "crm")
    for life in people:
        if life.live and case.link_of("marketing" if side == "crm" else "crm", life) is None:
            yield from _not_due(case, side, life)
            yield from _ambiguous(case, [life])
            return
    everybody = [*case.links.people("crm"), *case.links.people("marketing")]
    yield from _matched(case, everybody)
    yield from _deleted(case, everybody)
