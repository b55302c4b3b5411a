"""Create what has no partner: leads that are delivered to the CRM, records that are imported into marketing.

sync-semantics.md "Whose record is it": delivery and import rules gate creation only; never two records for one
person because of a retry, a restart or an answer lost after it was applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadproof.connector.answers import add_answers, mark_of, read_answers, target_of
from leadproof.connector.cycle import Cycle, Marks, Visit, describe_refusal
from leadproof.connector.intents import Intent
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.connector.matching import join, keys_of
from leadproof.connector.owners import crm_owner_for, marketing_owner_for
from leadproof.connector.refusals import after_refusal, unknown_outcome
from leadproof.connector.value_table import OTHER, Side, permits
from leadproof.connector.values import answer_pair, carry, refuse_answers, value_on
from leadproof.systems.ports import Record, Refusal, Write, WriteResult
from leadterms.criteria import evaluate
from leadterms.fieldtypes import blank
from leadterms.values import Plain, Value, plain

_TRIES = 4


@dataclass(slots=True)
class _Draft:
    values: dict[str, Value] = field(default_factory=dict)
    halves: dict[str, Plain] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)


def create(cycle: Cycle, kind: Kind, side: Side, visits: Sequence[Visit], marks: Marks) -> None:
    """Create on the other side what is due; each visit whose record was created has its new link and record."""
    left = [visit for visit in visits if _is_due(cycle, kind, side, visit, marks)]
    target = OTHER[side]
    for attempt in range(1, _TRIES + 1):
        intents = [_intent(cycle, kind, target, visit, marks) for visit in left]
        results = cycle.outboxes[target].send(intents)
        again = []
        for visit, intent, result in zip(left, intents, results, strict=True):
            if result.outcome == "unknown":
                unknown_outcome(kind, visit, result.refusal, marks)
                continue
            marks.close([intent])
            if result.refusal is None:
                visit.link = apply_create(cycle, kind, intent, result, marks)
                visit.put(target, result.record or _read(cycle, kind, target, intent, result))
                cycle.decided(kind, visit, "created", target)
            elif result.refusal.kind == "duplicate":
                _link_duplicate(cycle, kind, side, visit, result.refusal, marks)
            elif (
                after_refusal(
                    cycle, kind, visit, target, intent.write, result.refusal, last=attempt == _TRIES, marks=marks
                )
                != "aside"
            ):
                again.append(visit)
        marks.commit(cycle)
        left = again
        if not left:
            return


def apply_create(cycle: Cycle, kind: Kind, intent: Intent, result: WriteResult, marks: Marks) -> Link:
    """Mark a created record: its link, and the pair of every value that was sent, as it was read back."""
    target = intent.side
    new, source = str(result.id), intent.source
    link = (
        Link(kind.name, intent.write.object, new, source)
        if target == "crm"
        else Link(kind.name, intent.source_object, source, new)
    )
    link.fresh = target
    stored = result.record or _read(cycle, kind, target, intent, result)
    for twin in kind.twins.get(link.crm_object, ()):
        if twin.id not in intent.halves or stored is None:
            continue
        half = intent.halves[twin.id]
        if twin.manner == "append":
            link.pairs[twin.id] = answer_pair(twin, half)
            continue
        back = plain(value_on(twin, target, stored))
        link.pairs[twin.id] = [back, half] if target == "crm" else [half, back]
    marks.save(link)
    if intent.answers:
        marks.delivered.append((link, intent.answers))
    return link


def _read(cycle: Cycle, kind: Kind, side: Side, intent: Intent, result: WriteResult) -> Record | None:
    object = intent.write.object
    found = cycle.system(side).read(object, [str(result.id)], kind.fields(side, object))
    return found[0] if found else None


def _is_due(cycle: Cycle, kind: Kind, side: Side, visit: Visit, marks: Marks) -> bool:
    record = visit.asking
    if kind.keys and not any(keys_of(cycle, kind, side, record)):
        if side == "crm" and is_imported(cycle, record):
            text = f"{record.object} {record.id} has no {' or '.join(kind.keys)}, which marketing needs."
            cycle.find("DUP404", text, cycle.at(side, record))
            marks.set_aside(kind, side, record, "DUP404", text, "on_change")
        return side == "marketing" and is_delivered(cycle, record)
    if side == "marketing":
        return kind.name == "person" and is_delivered(cycle, record)
    return kind.name != "person" or is_imported(cycle, record)


def _intent(cycle: Cycle, kind: Kind, target: Side, visit: Visit, marks: Marks) -> Intent:
    source = visit.asking
    object = cycle.deliver_as if target == "crm" else kind.marketing_object
    crm_object = object if target == "crm" else source.object
    draft = _draft(cycle, kind, target, visit, crm_object, marks)
    link = kind.link_field(target)
    if link is not None:
        draft.values[link] = source.id
    owner, assign = (
        crm_owner_for(cycle, source)
        if target == "crm"
        else (marketing_owner_for(cycle, source) if kind.owned else None, False)
    )
    return Intent(
        side=target,
        purpose="create",
        kind=kind.name,
        write=Write(op="create", object=object, values=draft.values, assign=assign, owner=owner),
        source_object=source.object,
        source=source.id,
        halves=draft.halves,
        answers=draft.answers,
    )


def _draft(cycle: Cycle, kind: Kind, target: Side, visit: Visit, crm_object: str, marks: Marks) -> _Draft:
    """Every non-blank value that direction allows."""
    source, draft = visit.asking, _Draft()
    for twin in kind.twins.get(crm_object, ()):
        if twin.id in visit.barred or not permits(twin.rights.direction, target):
            continue
        if twin.manner == "append":
            if target_of(twin) == target:
                addition = add_answers(twin, None, read_answers(cycle, twin, source), set())
                if addition.refused:
                    refuse_answers(cycle, kind, visit, twin, addition.refused, marks)
                    continue
                draft.halves[twin.id] = mark_of(source)
                if addition.text is not None:
                    draft.values[twin.spec(target).id] = addition.text
                    draft.answers += [(twin.id, answer) for answer in addition.answers]
            continue
        value = value_on(twin, OTHER[target], source)
        if blank(value):
            continue
        carried = carry(cycle, kind, visit, twin, value, target, marks)
        if carried is not None:
            draft.values[twin.spec(target).id] = carried[0]
            draft.halves[twin.id] = plain(value)
    return draft


def _link_duplicate(cycle: Cycle, kind: Kind, side: Side, visit: Visit, refusal: Refusal, marks: Marks) -> None:
    """The duplicate rule named records: link if it is exactly one that shares the key and is free."""
    target, record = OTHER[side], visit.asking
    named: list[Record] = []
    for object in kind.objects(target):
        named += cycle.system(target).read(object, sorted(refusal.matches), kind.fields(target, object))
    named = [one for one in named if one.converted_to is None]
    mine = {key for key in keys_of(cycle, kind, side, record) if key}
    sharing = [one for one in named if mine & set(keys_of(cycle, kind, target, one))]
    links = cycle.links_of(kind, target, sharing)
    free = [one for one in sharing if (link := links.get((one.object, one.id))) is None or link.gone]
    if len(named) == 1 and len(free) == 1:
        join(cycle, kind, visit, side, free[0], marks)
        return
    text = f"{record.object} {record.id}: {describe_refusal(refusal)} (names {', '.join(refusal.matches) or 'none'})"
    cycle.find("DUP402", text, cycle.at(side, record))
    marks.set_aside(kind, side, record, "DUP402", text, "on_change")
    visit.troubled = True


def is_delivered(cycle: Cycle, record: Record) -> bool:
    """The delivery rule of a marketing record (`deliver`)."""
    deliver = cycle.integration.people.deliver
    if deliver.when == "assigned":
        return bool(record.owner)
    if deliver.when == "qualified":
        return cycle.deliver_criteria is not None and evaluate(cycle.deliver_criteria, record.values)
    if deliver.when == "on_request":
        return record.id in cycle.requested
    return True


def is_imported(cycle: Cycle, record: Record) -> bool:
    """The import gate of a CRM record (`import`)."""
    when = cycle.integration.people.import_.when
    if when == "criteria":
        criteria = cycle.import_criteria.get(record.object)
        return criteria is not None and evaluate(criteria, record.values)
    return when == "all"
