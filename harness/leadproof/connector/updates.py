"""Bring both records of each link to what they must hold: decide, write both sides in batches, mark.

Writes are conditional on the version read; what changed in between is read again and decided again, a few times.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadproof.connector import conversion
from leadproof.connector.answers import mark_of, target_of
from leadproof.connector.cycle import Cycle, Marks, Visit
from leadproof.connector.intents import Intent
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.connector.owners import OWNER
from leadproof.connector.refusals import after_refusal, unknown_outcome
from leadproof.connector.value_table import OTHER, Side
from leadproof.connector.values import HALF, Plan, answer_pair, plan, value_on
from leadproof.systems.ports import Capability, Record, Write, WriteResult
from leadterms.fieldtypes import same
from leadterms.values import plain

_TRIES = 4


def settle(cycle: Cycle, kind: Kind, visits: Sequence[Visit], marks: Marks) -> None:
    """Settle these links, all of which have both their records; `marks` is committed."""
    left = list(visits)
    for attempt in range(1, _TRIES + 1):
        delivered = _delivered(cycle, kind, left)
        planned = [(visit, plan(cycle, kind, visit, delivered, marks)) for visit in left]
        for visit, decided in planned:
            _store_settled(visit, decided, marks)
        again: dict[int, Visit] = {}
        for side in HALF:
            for visit in _push(cycle, kind, side, planned, attempt == _TRIES, marks):
                again[id(visit)] = visit
        for visit in left:
            _finish(kind, visit, marks)
        marks.commit(cycle)
        left = _read_again(cycle, kind, list(again.values()), marks)
        if not left:
            return


def fetch(cycle: Cycle, kind: Kind, side: Side, visits: Sequence[Visit]) -> None:
    """Read the records of a side anew, by the ids of their links; what is gone becomes None."""
    by_object: dict[str, list[Visit]] = {}
    for visit in visits:
        assert visit.link is not None
        object = visit.link.crm_object if side == "crm" else kind.marketing_object
        by_object.setdefault(object, []).append(visit)
    for object, group in by_object.items():
        ids = [visit.link.id_on(side) for visit in group if visit.link is not None]
        found = {one.id: one for one in cycle.system(side).read(object, ids, kind.fields(side, object))}
        for visit in group:
            assert visit.link is not None
            visit.put(side, found.get(visit.link.id_on(side)))


def _delivered(cycle: Cycle, kind: Kind, visits: Sequence[Visit]) -> set[tuple[int, str, str]]:
    if not any(twin.manner == "append" for twins in kind.twins.values() for twin in twins):
        return set()
    return cycle.store.links.delivered([visit.link.id for visit in visits if visit.link is not None])


def _store_settled(visit: Visit, decided: Plan, marks: Marks) -> None:
    assert visit.link is not None
    if any(visit.link.pairs.get(id) != pair for id, pair in decided.settled.items()):
        visit.link.pairs.update(decided.settled)
        marks.save(visit.link)


def _push(
    cycle: Cycle, kind: Kind, side: Side, planned: Sequence[tuple[Visit, Plan]], last: bool, marks: Marks
) -> list[Visit]:
    """Write one side; answers the visits that must be decided again."""
    out = [(visit, decided) for visit, decided in planned if decided.side(side)]
    intents = [_intent(cycle, kind, side, visit, decided) for visit, decided in out]
    again = []
    for (visit, decided), intent, result in zip(out, intents, cycle.outboxes[side].send(intents), strict=True):
        if result.outcome == "unknown":
            unknown_outcome(kind, visit, result.refusal, marks)
            continue
        marks.close([intent])
        if result.refusal is not None:
            step = after_refusal(cycle, kind, visit, side, intent.write, result.refusal, last=last, marks=marks)
            if step != "aside":
                again.append(visit)
            continue
        assert visit.link is not None
        for mapping, because in decided.side(side).because.items():
            cycle.decided(kind, visit, because, side, mapping)
        apply_update(cycle, kind, visit.link, intent, result, marks)
    return again


def _intent(cycle: Cycle, kind: Kind, side: Side, visit: Visit, decided: Plan) -> Intent:
    record = visit.record(side)
    told = decided.side(side)
    assert record is not None
    assert visit.link is not None
    halves = dict(told.halves)
    if told.owner is not None:
        halves[OWNER] = visit.crm.owner if visit.crm is not None else ""
    conditional = Capability.CONDITIONAL_WRITE in cycle.system(side).can
    return Intent(
        side=side,
        purpose="update",
        kind=kind.name,
        write=Write(
            op="update",
            object=record.object,
            id=record.id,
            values=told.values,
            assign=False,
            owner=told.owner,
            if_version=record.version if conditional else None,
        ),
        link=visit.link.id,
        halves=halves,
        answers=told.answers,
    )


def apply_update(cycle: Cycle, kind: Kind, link: Link, intent: Intent, result: WriteResult, marks: Marks) -> None:
    """Mark an applied update: each pair gets the other side's half and the value *read back*."""
    side = intent.side
    stored = result.record or _read_back(cycle, kind, side, intent)
    if stored is None:
        return
    for twin in kind.twins.get(link.crm_object, ()):
        if twin.id not in intent.halves:
            continue
        half = intent.halves[twin.id]
        if twin.manner == "append":
            link.pairs[twin.id] = answer_pair(twin, half)
            continue
        back = value_on(twin, side, stored)
        ours = plain(back)
        link.pairs[twin.id] = [ours, half] if side == "crm" else [half, ours]
        sent = intent.write.values.get(twin.spec(side).id)
        if twin.spec(side).id not in intent.unfit and not same(twin.spec(side), sent, back):
            cycle.find(
                "MAP314",
                f"{stored.object} {stored.id}: {twin.spec(side).id} was sent as {plain(sent)!r} and is stored as "
                f"{ours!r}.",
                cycle.at(side, stored, twin.spec(side).id),
            )
    if OWNER in intent.halves:
        link.pairs[OWNER] = [intent.halves[OWNER], stored.owner or ""]
    _own_write_is_no_answer(kind, link, side, intent, stored)
    if intent.answers:
        marks.delivered.append((link, intent.answers))
    marks.save(link)


def _own_write_is_no_answer(kind: Kind, link: Link, side: Side, intent: Intent, stored: Record) -> None:
    """Our own write moves the source's version on, and nothing came between: the condition saw to that."""
    if intent.write.if_version is None:
        return
    for twin in kind.twins.get(link.crm_object, ()):
        pair = link.pairs.get(twin.id)
        if twin.manner == "append" and target_of(twin) != side and pair is not None:
            half = HALF[side]
            if pair[half] == intent.write.if_version:
                pair[half] = mark_of(stored)


def _read_back(cycle: Cycle, kind: Kind, side: Side, intent: Intent) -> Record | None:
    object = intent.write.object
    found = cycle.system(side).read(object, [str(intent.write.id)], kind.fields(side, object))
    return found[0] if found else None


def _finish(kind: Kind, visit: Visit, marks: Marks) -> None:
    link = visit.link
    assert link is not None
    if link.fresh is not None and all(twin.id in link.pairs for twin in kind.twins.get(link.crm_object, ())):
        link.fresh = None
        marks.save(link)
    if not visit.troubled:
        for side in HALF:
            record = visit.record(side)
            if record is not None:
                marks.settle(kind, side, record)


def _read_again(cycle: Cycle, kind: Kind, visits: list[Visit], marks: Marks) -> list[Visit]:
    """Both records of each visit, read anew; a lead that was converted meanwhile goes on as its contact."""
    if not visits:
        return []
    fetch(cycle, kind, "marketing", visits)
    fetch(cycle, kind, "crm", visits)
    converted = [visit for visit in visits if visit.crm is not None and visit.crm.converted_to]
    if converted:
        conversion.follow(cycle, kind, [visit.crm for visit in converted if visit.crm is not None], marks)
        _relink(cycle, kind, converted)
    whole = [visit for visit in visits if visit.crm is not None and visit.marketing is not None]
    for visit in visits:
        if visit.crm is None or visit.marketing is None:
            partner = visit.crm or visit.marketing
            if partner is not None:
                side: Side = "crm" if visit.crm is not None else "marketing"
                gone(cycle, kind, side, partner, marks)
    return [visit for visit in whole if visit.crm is not None and not visit.crm.converted_to]


def _relink(cycle: Cycle, kind: Kind, visits: list[Visit]) -> None:
    for visit in visits:
        assert visit.link is not None
        visit.link = cycle.store.links.get(visit.link.id) or visit.link
    fetch(cycle, kind, "crm", [visit for visit in visits if visit.link is not None and not visit.link.gone])


def gone(cycle: Cycle, kind: Kind, side: Side, survivor: Record, marks: Marks) -> None:
    """The partner is not there and the feed has not told why yet: wait for it, cycle by cycle."""
    other = cycle.system(OTHER[side]).name
    text = f"{survivor.object} {survivor.id}: its partner in {other} is gone; waiting to be told how."
    marks.set_aside(kind, side, survivor, "REF705", text, "each_cycle")
