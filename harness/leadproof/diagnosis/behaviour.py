"""How the connector came to break the contract, as far as its own calls tell: pages, retries, doubles, silence.

These name the defect rather than one record, so they are told before what ended wrong at each place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadproof.diagnosis.calls import Call
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.contract import concerning
from leadproof.diagnosis.refused import for_the_moment, mappings_of, standing
from leadproof.findings import Evidence, find
from leadproof.oracle import Violation
from leadproof.oracle.standing import SideName, other
from leadproof.oracle.timelines import Life, typed

LOST = ("oracle.delivered",)
VALUES = ("oracle.value", "oracle.changed_back")
FEW, MOST_FIELDS = 2, 8
"""From how many fields on a connector is said not to know them, and how many of them are named."""
UNTICKED = "False"
UNWRITTEN = ("nothing", UNTICKED)
"""What a field that was never written holds, as violations say it: a checkbox has no blank."""
SIDES: tuple[SideName, SideName] = ("crm", "marketing")


def look_at_behaviour(case: Case) -> Iterator[Cause]:
    """What the journal shows of the connector's way of working, where the contract was broken."""
    yield from _against_direction(case)
    yield from _not_retried(case)
    broken = concerning(case)
    if not broken:
        return
    yield from _doubled(case, [one for one in broken if one.check == "oracle.single"])
    yield from _pages(case, broken)
    yield from _one_side(case, broken)
    yield from _never_written(case, broken)
    yield from _both_changed(case, broken)
    yield from _seen_and_left(case, broken)


# --- doubles --------------------------------------------------------------------------------------------------------


def _doubled(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Two records of one person, both made by the connector, or one beside another that it did not find."""
    for violation in broken:
        place = violation.place
        life = case.life(place.system, place.object, place.record)
        if life is None:
            continue
        side: SideName = "crm" if place.system == "crm" else "marketing"
        twins = [one for one in _sharing(case, side, life) if one is not life]
        if not twins:
            continue
        twin = min(twins, key=lambda one: one.born.n)
        keys = [_raw_key(case, side, one) for one in (twin, life)]
        both = [case.at(place.system, one.object, one.id) for one in (twin, life)]
        proofs = [
            Evidence(f"{one.born.user} created {one.object} {one.id} with {key}", case.org(place.system), one.born.n)
            for one, key in zip((twin, life), keys, strict=True)
        ]
        if keys[0] != keys[1] and keys[0].strip().casefold() == keys[1].strip().casefold():
            text = f"{keys[0]} and {keys[1]} are one address, and the connector made a second {life.object} of it."
            yield Cause(find("CYC628", text, places=both, evidence=proofs), Proof.PROVED)
        elif twin.born.own:
            text = (
                f"The connector created {twin.object} {twin.id} and then {life.object} {life.id} for the same person."
            )
            lost = [Evidence(f"{one.get('kind_of')}", str(one["org"]), int(one["n"])) for one in case.calls.lost[:2]]
            yield Cause(find("CYC623", text, places=both, evidence=[*proofs, *lost]), Proof.PROVED)


def _sharing(case: Case, side: SideName, life: Life) -> list[Life]:
    keys = case.agreement.keys_at(side, life, life.born.n)
    return list({id(one): one for key in keys for one in case.matching.holders(side, key)}.values())


def _raw_key(case: Case, side: SideName, life: Life) -> str:
    return next((str(life.at(spec.id, life.born.n) or "") for _, spec in case.agreement.keys(side, life.object)), "")


# --- reading --------------------------------------------------------------------------------------------------------


def _is_feed(call: Call) -> bool:
    return call.method == "GET" and "/changes" in call.path and isinstance(call.response, dict)


def _ids_on(call: Call) -> list[str]:
    records: Any = call.response.get("records") if isinstance(call.response, dict) else None
    return [str(one.get("id")) for one in records or () if isinstance(one, dict)]


def _pages(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Who was lost stood on later pages, or on pages that were never asked for."""
    lost = [one for one in broken if one.check in LOST and one.found != "a record that the connector created"]
    if not lost:
        return
    feeds = [call for call in case.calls.all if _is_feed(call)]
    later: dict[str, Call] = {}
    unread: list[Call] = []
    for place, call in enumerate(feeds):
        same = [one for one in feeds[place + 1 :] if one.path == call.path and one.cycle == call.cycle]
        if not same and isinstance(call.response, dict) and call.response.get("more"):
            unread.append(call)
        for one in same:
            later.update(dict.fromkeys(_ids_on(one), one))
    behind = [one for one in lost if one.place.record in later]
    if behind and len(behind) == len(lost):
        call = later[behind[0].place.record]
        text = f"{len(behind)} records behind the first page of {call.path} were not handled; those on it were."
        yield Cause(find("CYC622", text, places=_places(case, behind), evidence=[call.evidence()]), Proof.PROVED)
    elif unread:
        text = f"{unread[0].path} told that there is more, and the next page was never asked for."
        yield Cause(find("CYC622", text, places=_places(case, lost), evidence=[unread[0].evidence()]), Proof.PROVED)
    elif later and len(lost) > 1:
        text = f"{len(lost)} people were lost where a feed had more than one page."
        yield Cause(find("CYC622", text, places=_places(case, lost)), Proof.FITTING)


def _places(case: Case, broken: list[Violation]) -> list[Any]:
    return [case.at(one.place.system, one.place.object, one.place.record, one.place.field) for one in broken[:3]]


def _one_side(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Something was due on a side, and no cycle tried to write there, while it did on the other."""
    due = {side for one in broken for side in _due_sides(case, one)}
    for side in sorted(due):
        across = "marketing" if side == "crm" else "crm"
        calls = case.calls.to(case.org(side))
        if not calls or any(call.writes for call in calls) or case.calls.refusals():
            continue  # a system that was never called at all is told as such
        elsewhere = [call for call in case.calls.to(case.org(across)) if call.writes]
        cycles = f"{case.calls.cycles} cycle{'s' * (case.calls.cycles > 1)}"
        rest = f", but {len(elsewhere)} to {case.org(across)}" if elsewhere else ""
        text = f"In {cycles} the connector sent no write to {case.org(side)}{rest}."
        proofs = [call.evidence() for call in elsewhere[:2]] or [Evidence(f"no write in {cycles}", case.org(side))]
        yield Cause(find("CYC621", text, places=[case.at(side)], evidence=proofs), Proof.PROVED)


def _never_written(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Fields that stayed blank in records which the connector itself created of a partner that held them, and that no
    row it ever sent there names: it does not know them. One field alone may be a row that was decided wrongly."""
    for side in SIDES:
        blank: dict[str, Violation] = {}
        for violation in broken:
            place = violation.place
            life = case.life(place.system, place.object, place.record)
            stayed_blank = violation.check in (*VALUES, "oracle.source") and violation.found in UNWRITTEN
            if place.system != side or not stayed_blank or life is None or not life.born.own:
                continue
            if _held_at_birth(case, side, life, place.field):
                blank.setdefault(place.field, violation)
        calls = [call for call in case.calls.to(case.org(side)) if call.writes]
        sent = {field for call in calls for item in call.items for field in item.get("values") or ()}
        unknown = [field for field in blank if field not in sent]
        if len(unknown) < FEW or not sent or all(blank[field].found == UNTICKED for field in unknown):
            continue  # a connector that knows every field may lose the ticks alone
        first = blank[unknown[0]]
        rows = sum(len(call.items) for call in calls)
        text = (
            f"The connector never wrote {len(unknown)} mapped fields of {first.place.object} in {case.org(side)}: "
            f"{', '.join(unknown[:MOST_FIELDS])}{', ...' if len(unknown) > MOST_FIELDS else ''}."
        )
        told = f"fields in the {rows} row{'s' * (rows > 1)} to {case.org(side)}: {', '.join(sorted(sent))}"
        places = _places(case, [blank[field] for field in unknown])
        yield Cause(find("CYC637", text, places=places, evidence=[Evidence(told), calls[0].evidence()]), Proof.PROVED)


def _held_at_birth(case: Case, side: SideName, life: Life, field: str) -> bool:
    """Whether the partner held this field when the record was created of it; what is entered later may be lost by a
    connector that knows every field."""
    link = case.link_of(side, life)
    if link is None:
        return False
    there = other(side)
    source = link.begin(there)
    exchanges = [row.exchange for row in case.agreement.rows.get(link.begin("crm").object, {}).values()]
    partners = [one.spec(there) for one in exchanges if one.spec(side).id == field]
    return any(typed(partner, source.at(partner.id, life.born.n)) is not None for partner in partners)


def _due_sides(case: Case, violation: Violation) -> list[str]:
    if violation.check in LOST:
        return ["crm" if violation.place.system == "marketing" else "marketing"]
    if violation.check in ("oracle.value", "oracle.changed_back", "oracle.link", "oracle.member", "oracle.owner"):
        return [violation.place.system]
    return []


# --- deciding -------------------------------------------------------------------------------------------------------


def _against_direction(case: Case) -> Iterator[Cause]:
    """A row was refused for a field that the direction keeps out of this side: it should not have been sent."""
    for refusal in standing(case):
        side = "crm" if refusal.call.org == case.org("crm") else "marketing"
        object = str(refusal.item.get("object") or "")
        mappings = [one for one in mappings_of(case, side, object, refusal.field) if one.marketing_field is not None]
        if (refusal.item.get("values") or {}).get(refusal.field) in (None, ""):
            continue  # it was not sent
        if not mappings or any(one.writes_crm if side == "crm" else one.writes_marketing for one in mappings):
            continue
        one = mappings[0]
        text = (
            f"The connector tried to write {object}.{refusal.field}, and the mapping {one.crm_field} <-> "
            f"{one.marketing_field} says direction: {one.direction}."
        )
        at = case.at(side, object, refusal.id, refusal.field)
        yield Cause(find("OWN336", text, places=[at, one.place], evidence=[refusal.evidence()]), Proof.PROVED)
        return


def _not_retried(case: Case) -> Iterator[Cause]:
    """A row that was refused for the moment, and no later cycle sent it again."""
    for refusal in standing(case):
        if not for_the_moment(refusal):
            continue
        if refusal.call.cycle < case.calls.cycles - 1:
            row = f"{refusal.item.get('object')} {refusal.id}".strip()
            text = f"{row} was refused for the moment ({refusal.text.rstrip('.')}) and never sent again."
            at = case.at(
                "crm" if refusal.call.org == case.org("crm") else "marketing",
                str(refusal.item.get("object") or ""),
                refusal.id,
            )
            yield Cause(find("CYC632", text, places=[at], evidence=[refusal.evidence()]), Proof.PROVED)
            return


def _both_changed(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Both sides were edited between two cycles, and the connector wrote neither."""
    for violation in broken:
        if violation.check not in ("oracle.value", "oracle.changed_back"):
            continue
        life = case.life(violation.place.system, violation.place.object, violation.place.record)
        link = case.link_of(violation.place.system, life) if life is not None else None
        if life is None or link is None:
            continue
        edits = {
            side: [edit for edit in link.end(side).edits if not edit.own and edit.n > (link.opened or 0)]
            for side in SIDES
        }
        if not edits["crm"] or not edits["marketing"]:
            continue
        last = [edits["crm"][-1].n, edits["marketing"][-1].n]
        starts = [span.start for span in case.histories.cycles or ()]
        between = [start for start in starts if min(last) <= start < max(last)]
        after = [edit for side in SIDES for edit in link.end(side).edits if edit.own and edit.n > max(last)]
        if not between and not after:
            proofs = [
                Evidence(f"{edits[side][-1].user} edited {link.end(side).id}", case.org(side), edits[side][-1].n)
                for side in edits
            ]
            pair = f"{link.end('crm').id} and {link.end('marketing').id}"
            text = f"{pair} were both edited between two cycles, and the connector wrote neither."
            yield Cause(find("CYC636", text, places=_places(case, [violation]), evidence=proofs), Proof.PROVED)
            return


def _seen_and_left(case: Case, broken: list[Violation]) -> Iterator[Cause]:
    """Who was lost was read, or never read."""
    for violation in broken:
        if violation.check not in LOST or violation.found == "a record that the connector created":
            continue
        id = violation.place.record
        seen = [call for call in case.calls.all if _is_feed(call) and id in _ids_on(call)]
        if seen:
            text = f"{violation.place.object} {id} was on a page that the connector read, and no write names it."
            yield Cause(
                find("CYC626", text, places=_places(case, [violation]), evidence=[seen[0].evidence()]), Proof.FITTING
            )
        elif any(_is_feed(call) for call in case.calls.all):
            text = (
                f"{violation.place.object} {id} was in no answer to the connector, though cycles ran after its change."
            )
            yield Cause(find("CYC627", text, places=_places(case, [violation])), Proof.FITTING)
        return
