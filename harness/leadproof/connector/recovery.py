"""Recovery: what became of the writes that an earlier run left open is found out before anything else is done.

sync-semantics.md "Whose record is it": never two records because of a restart, or of an answer that was lost after
it was applied; "Cycles": retries only when it is certain that the first try did not apply.
"""

from __future__ import annotations

from leadproof.connector import creation, deletes, updates
from leadproof.connector.cycle import Cycle, Marks, describe_refusal
from leadproof.connector.intents import Intent
from leadproof.connector.value_table import OTHER, Side
from leadproof.findings import At
from leadproof.systems.ports import WriteResult

_SIDES: tuple[Side, ...] = ("crm", "marketing")


def settle_intents(cycle: Cycle) -> None:
    """Ask about every open write and mark its result. Raises CallFailed where a system can't be asked.

    A write whose values no longer fit the fields is asked about like any other and then decided again by today's
    fields; one of something that is no longer mapped stays open until it is mapped again. Both are findings.
    """
    for side in _SIDES:
        schema = cycle.schemas.crm if side == "crm" else cycle.schemas.marketing
        for intent in cycle.store.intents.pending(side, schema):
            kind = cycle.kinds.get(intent.kind)
            if kind is None or intent.write.object not in kind.objects(side):
                _tell_unmapped(cycle, intent)
                continue
            result = cycle.outboxes[side].ask(intent)
            if result.outcome != "unknown":
                _mark(cycle, intent, result)
            if intent.unfit:
                _tell_unfit(cycle, intent, result)
                _decide_again(cycle, intent)


def _mark(cycle: Cycle, intent: Intent, result: WriteResult) -> None:
    kind, marks = cycle.kinds[intent.kind], Marks()
    marks.close([intent])
    link = cycle.store.links.get(intent.link) if intent.link else None
    if intent.purpose == "create":
        if result.refusal is None and not _linked(cycle, intent):
            creation.apply_create(cycle, kind, intent, result, marks)
    elif link is not None and intent.purpose == "delete":
        deletes.apply_delete(cycle, kind, link, intent, result, marks)
    elif link is not None and result.refusal is None:
        updates.apply_update(cycle, kind, link, intent, result, marks)
    marks.commit(cycle)


def _linked(cycle: Cycle, intent: Intent) -> bool:
    """Whether the record that the create stands for was linked meanwhile."""
    links = cycle.store.links
    if intent.side == "crm":
        link = links.by_marketing(intent.kind, [intent.source]).get(intent.source)
    else:
        link = links.by_crm(intent.kind, intent.source_object, [intent.source]).get(intent.source)
    return link is not None and not link.gone


def _decide_again(cycle: Cycle, intent: Intent) -> None:
    """Look at the record in this cycle, though its change was read before; an applied create is found by its link,
    else by the match key."""
    kind = cycle.kinds[intent.kind]
    if intent.purpose == "create":
        cycle.wake(kind, OTHER[intent.side], intent.source_object, intent.source)
        return
    link = cycle.store.links.get(intent.link)
    if link is not None and not link.gone:
        cycle.wake(kind, "crm", link.crm_object, link.crm_id)


def _tell_unfit(cycle: Cycle, intent: Intent, result: WriteResult) -> None:
    became = {
        "created": "it had been created",
        "updated": "it had been applied",
        "unchanged": "it had been applied",
        "deleted": "it had been deleted",
        "unknown": "its result is still unknown",
    }.get(result.outcome, "it was not applied")
    if result.refusal is not None and result.outcome != "unknown":
        became += f" ({describe_refusal(result.refusal)})"
    cycle.find(
        "CYC610",
        f"{_named(intent)}, which was open when the connector stopped, holds values that "
        f"{', '.join(intent.unfit)} does not take any more; {became}, and the record is decided again.",
        _place(cycle, intent),
    )


def _tell_unmapped(cycle: Cycle, intent: Intent) -> None:
    cycle.find(
        "CYC611",
        f"{_named(intent)} was open when the connector stopped, and {intent.kind} of {intent.write.object} is not "
        "synced any more; the write may have been applied.",
        _place(cycle, intent),
    )


def _named(intent: Intent) -> str:
    record = f"{intent.write.object} {intent.write.id}" if intent.write.id else intent.write.object
    source = f" for {intent.source_object} {intent.source}" if intent.source else ""
    return f"The {intent.purpose} of {record}{source}"


def _place(cycle: Cycle, intent: Intent) -> At:
    return At(intent.side, cycle.system(intent.side).name, intent.write.object, intent.write.id or "")
