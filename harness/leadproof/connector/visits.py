"""Persons (accounts, opportunities): every record that changed is linked, created or settled, page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadproof.connector import conversion, deletes
from leadproof.connector.creation import create
from leadproof.connector.cycle import Cycle, Marks, Visit
from leadproof.connector.departures import depart
from leadproof.connector.feeds import Slice, pull, read_woken
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.connector.matching import find_partners
from leadproof.connector.metered import BATCH
from leadproof.connector.updates import fetch, gone, settle
from leadproof.connector.value_table import OTHER, Side
from leadproof.connector.values import is_settled
from leadproof.systems.ports import Capability, Record
from leadterms.values import moment_text

# A new lead of marketing is delivered before the CRM's records are looked at, so that one person who is new on
# both sides is matched and not made twice.
_SIDES: tuple[Side, ...] = ("marketing", "crm")


def sync_kind(cycle: Cycle, kind: Kind) -> None:
    """Both sides of one kind, until no feed has more."""
    _wake_waiting(cycle, kind)
    while True:
        page, marks = pull(cycle, kind), Marks()
        cycle.visited.clear()
        depart(cycle, kind, page, marks)
        for side in _SIDES:
            _visit_side(cycle, kind, side, page, marks)
        marks.cursors.update(page.cursors)
        marks.commit(cycle)
        if not page.more and not any(cycle.woken.get((kind.name, side)) for side in _SIDES):
            return


def _wake_waiting(cycle: Cycle, kind: Kind) -> None:
    due = cycle.store.set_aside.due(
        kind.name, cycle.number, users_changed=cycle.users_changed, rules_changed=cycle.rules_changed
    )
    for aside in due:
        cycle.wake(kind, aside.side, aside.object, aside.record)
    if kind.name == "person":
        for record in sorted(cycle.requested):
            cycle.wake(kind, "marketing", kind.marketing_object, record)


def _visit_side(cycle: Cycle, kind: Kind, side: Side, page: Slice, marks: Marks) -> None:
    changed = [record for record in page.records[side] if not record.deleted]
    asked_for = set(cycle.woken.get((kind.name, side), ()))
    records = changed + read_woken(cycle, kind, side, changed)
    others = {(one.object, one.id): one for one in page.records[OTHER[side]] if not one.deleted}
    while records:
        chunk, records = records[:BATCH], records[BATCH:]
        deferred = _visit_chunk(cycle, kind, side, chunk, asked_for, others, marks)
        records = [visit.asking for visit in deferred] + records


def _visit_chunk(
    cycle: Cycle,
    kind: Kind,
    side: Side,
    records: Sequence[Record],
    asked_for: set[tuple[str, str]],
    others: Mapping[tuple[str, str], Record],
    marks: Marks,
) -> list[Visit]:
    """Visit up to a batch of records; answers those that must wait for the next chunk."""
    links = cycle.links_of(kind, side, records)
    linked: list[Visit] = []
    unlinked: list[Visit] = []
    for record in records:
        key = (record.object, record.id)
        link = links.get(key)
        visit = Visit(side)
        visit.put(side, record)
        if record.converted_to is not None or (link is not None and link.id in cycle.visited):
            continue
        if link is not None and not link.gone:
            if key in asked_for or not is_settled(kind, side, record, link):
                visit.link = link
                linked.append(visit)
                cycle.visited.add(link.id)
        elif link is None or _starts_anew(cycle, kind, side, record, link, key in asked_for, marks):
            unlinked.append(visit)
    _meet(cycle, kind, side, linked, others, marks)
    deferred = find_partners(cycle, kind, side, unlinked, marks) if unlinked else []
    marks.commit(cycle)
    apart = [one for one in unlinked if one.link is None and not one.troubled and one not in deferred]
    if apart:
        create(cycle, kind, side, apart, marks)
        marks.commit(cycle)
    together = [one for one in linked + unlinked if one.link is not None and one.crm and one.marketing]
    cycle.visited.update(one.link.id for one in together if one.link is not None)
    cycle.linked_now += [one.link.id for one in unlinked if one.link is not None]
    settle(cycle, kind, together, marks)
    return deferred


def _meet(
    cycle: Cycle,
    kind: Kind,
    side: Side,
    visits: Sequence[Visit],
    others: Mapping[tuple[str, str], Record],
    marks: Marks,
) -> None:
    """Give each linked visit its other record: from the page that was just read, else read by id."""
    other = OTHER[side]
    to_read = []
    for visit in visits:
        assert visit.link is not None
        object = visit.link.crm_object if other == "crm" else kind.marketing_object
        known = others.get((object, visit.link.id_on(other)))
        if known is not None:
            visit.put(other, known)
        else:
            to_read.append(visit)
    fetch(cycle, kind, other, to_read)
    converted = [one for one in visits if one.crm is not None and one.crm.converted_to is not None]
    if converted:
        conversion.follow(cycle, kind, [one.crm for one in converted if one.crm is not None], marks)
        marks.commit(cycle)
        for visit in converted:
            visit.crm = None  # its contact was woken and is visited in its own right
            cycle.visited.discard(visit.link.id if visit.link is not None else 0)
    for visit in to_read:
        if visit.record(other) is None and visit not in converted:
            gone(cycle, kind, side, visit.asking, marks)


def _starts_anew(
    cycle: Cycle, kind: Kind, side: Side, record: Record, link: Link, asked_for: bool, marks: Marks
) -> bool:
    """Whether the live record of a tombstone is treated as if it had never been linked."""
    if link.gone == "both":
        return True
    if _delete_is_due(cycle, kind, side, record, asked_for):
        deletes.remove_partners(cycle, kind, side, [link], marks)
        return False
    return side == "marketing" and _answered_since(cycle, kind, record, link.gone_at)


def _delete_is_due(cycle: Cycle, kind: Kind, side: Side, record: Record, asked_for: bool) -> bool:
    """Whether a delete that failed is tried now: the queue asked for it, or the survivor changed since."""
    return any(
        (one.kind, one.side, one.object, one.record, one.code)
        == (kind.name, side, record.object, record.id, deletes.NOT_DELETED)
        and (asked_for or one.next_cycle <= cycle.number)
        for one in cycle.store.set_aside.all()
    )


def _answered_since(cycle: Cycle, kind: Kind, record: Record, gone_at: str) -> bool:
    """Whether the person sent a form after its partner was deleted: that is delivered as new, an edit is not."""
    if Capability.ANSWERS not in cycle.marketing.can:
        return False
    for key in kind.keys:
        given = [one for one in cycle.marketing.answers(record.id, key) if moment_text(one.at) > gone_at]
        if not given:
            continue
        # A person's edit of the field counts as an answer too; the audit trail tells the two apart.
        edited = {
            change.at
            for change in cycle.marketing.history(record.object, record.id)
            if change.field == key and change.op != "create"
        }
        if any(one.at not in edited for one in given):
            return True
    return False
