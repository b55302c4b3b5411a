"""What a delete on one side means for the other (`deletes: ignore | propagate | recycle`).

sync-semantics.md "Conversion, deletes, merges": a delete beats an edit in the same cycle; the link becomes a
tombstone, and edits of the survivor never recreate what was deleted.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadproof.connector.cycle import Cycle, Marks, describe_refusal
from leadproof.connector.intents import Intent
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Gone, Link
from leadproof.connector.refusals import policy_of
from leadproof.connector.set_aside import Policy
from leadproof.connector.value_table import OTHER, Side
from leadproof.findings import At
from leadproof.systems.ports import Capability, Record, Write, WriteResult
from leadterms.values import moment_text

NOT_DELETED = "CYC608"
"""Why a survivor waits: the system refused to delete it."""


def treat(cycle: Cycle, kind: Kind, side: Side, records: Sequence[Record], marks: Marks) -> None:
    """Records of `side` were deleted: their links become tombstones, their partners are treated by `deletes`."""
    links = cycle.links_of(kind, side, records)
    to_delete: list[Link] = []
    for record in records:
        marks.settle(kind, side, record)
        link = links.get((record.object, record.id))
        if link is None:
            continue
        cycle.visited.add(link.id)
        if link.gone and link.gone != side:
            link.gone = "both"
            marks.save(link)
        elif not link.gone:
            bury(cycle, kind, side, link, moment_text(record.modified), marks)
            if removes_partner(cycle, kind, side, link, marks):
                to_delete.append(link)
    marks.commit(cycle)
    remove_partners(cycle, kind, OTHER[side], to_delete, marks)


def bury(cycle: Cycle, kind: Kind, side: Side, link: Link, at: str, marks: Marks) -> None:
    """The link becomes a tombstone."""
    gone: Gone = side
    link.gone, link.gone_at = gone, at
    # A delete beats an edit: what this page says of the survivor is older than what becomes of it now.
    cycle.visited.add(link.id)
    marks.save(link)
    survivor = (kind.name, OTHER[side], _object(kind, OTHER[side], link), link.id_on(OTHER[side]))
    marks.in_order[survivor] = None
    marks.aside.pop(survivor, None)


def removes_partner(cycle: Cycle, kind: Kind, side: Side, link: Link, marks: Marks) -> bool:
    """Whether `deletes` asks to delete the survivor; a recycle bin that is not there is a finding.

    The survivor stands in the queue from the commit of the tombstone on: a connector that dies before the delete
    finds it there.
    """
    if cycle.deletes == "ignore":
        return False
    survivor = cycle.system(OTHER[side])
    if cycle.deletes == "recycle" and Capability.RECYCLE_BIN not in survivor.can:
        cycle.find(
            "CYC609",
            f"{survivor.name} has no recycle bin; {link.id_on(OTHER[side])} stays although its partner was deleted.",
            At(OTHER[side], survivor.name, _object(kind, OTHER[side], link), link.id_on(OTHER[side])),
        )
        return False
    waiting = (kind.name, OTHER[side], _object(kind, OTHER[side], link), link.id_on(OTHER[side]))
    marks.put_aside(waiting, NOT_DELETED, "Its partner was deleted.", "soon")
    return True


def remove_partners(cycle: Cycle, kind: Kind, side: Side, links: Sequence[Link], marks: Marks) -> None:
    """Delete the records on `side` of these tombstones."""
    intents = [
        Intent(
            side=side,
            purpose="delete",
            kind=kind.name,
            write=Write(op="delete", object=_object(kind, side, link), id=link.id_on(side)),
            link=link.id,
        )
        for link in links
    ]
    for link, intent, result in zip(links, intents, cycle.outboxes[side].send(intents), strict=True):
        if result.outcome == "unknown":
            continue  # the intent stays open, and is settled when the next cycle begins
        marks.close([intent])
        apply_delete(cycle, kind, link, intent, result, marks)
    marks.commit(cycle)


def apply_delete(cycle: Cycle, kind: Kind, link: Link, intent: Intent, result: WriteResult, marks: Marks) -> None:
    """Mark a delete: both are gone, or the survivor waits with the reason."""
    side, refusal = intent.side, result.refusal
    place = At(side, cycle.system(side).name, intent.write.object, str(intent.write.id))
    key = (kind.name, side, intent.write.object, str(intent.write.id))
    if refusal is None or refusal.kind == "gone":
        link.gone = "both"
        marks.save(link)
        marks.in_order[key] = None
        return
    cycle.find(
        NOT_DELETED,
        f"{intent.write.object} {intent.write.id} should have been deleted with its partner: "
        f"{describe_refusal(refusal)}",
        place,
    )
    # Nothing tells that what forbade a delete (a child, a right) is gone: a few tries, then it waits for a change.
    policy: Policy = "soon" if policy_of(refusal) == "soon" else "few"
    marks.put_aside(key, NOT_DELETED, describe_refusal(refusal), policy)


def revive(cycle: Cycle, kind: Kind, side: Side, records: Sequence[Record], marks: Marks) -> None:
    """Undelete revives a link whose survivor is still there; a live record whose partner is gone too starts anew."""
    for (object, id), link in cycle.links_of(kind, side, records).items():
        if link.gone == side and id == link.id_on(side):
            link.gone, link.gone_at = "", ""
            marks.save(link)
            cycle.wake(kind, side, object, id)


def _object(kind: Kind, side: Side, link: Link) -> str:
    return link.crm_object if side == "crm" else kind.marketing_object
