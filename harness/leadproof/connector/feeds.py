"""Reading what changed: page by page, from where the last cycle stood, both sides.

Restart is inclusive where the vendor's cursor is a time stamp (the client's cursor sees to that); what comes twice
is recognised by its settled pair (sync-semantics.md "Cycles").
"""

from __future__ import annotations

from dataclasses import dataclass, field

from leadproof.connector.cycle import Cycle
from leadproof.connector.kinds import Kind
from leadproof.connector.value_table import Side
from leadproof.systems.ports import Record

PAGE = 2000
"""Records asked for at once: one page of each feed is held in memory."""


@dataclass(slots=True)
class Slice:
    """One page of each feed of a kind; `cursors` become durable when all of it was treated."""

    records: dict[Side, list[Record]] = field(default_factory=lambda: {"crm": [], "marketing": []})
    cursors: dict[str, str] = field(default_factory=dict)
    more: bool = False


def pull(cycle: Cycle, kind: Kind) -> Slice:
    """The next page of every feed of this kind."""
    page_of_each = Slice()
    sides: tuple[Side, ...] = ("marketing", "crm")
    for side in sides:
        for object in kind.objects(side):
            feed = f"{kind.name}:{side}:{object}"
            since = cycle.store.cursor(feed)
            page = cycle.system(side).changes(object, since, kind.fields(side, object), PAGE)
            page_of_each.records[side] += page.items
            if page.next and page.next != since:
                page_of_each.cursors[feed] = page.next
            page_of_each.more = page_of_each.more or page.more
    return page_of_each


def read_woken(cycle: Cycle, kind: Kind, side: Side, known: list[Record]) -> list[Record]:
    """The records that are looked at although no feed named them, without those that one did."""
    woken = cycle.woken.pop((kind.name, side), {})
    seen = {(record.object, record.id) for record in known}
    by_object: dict[str, list[str]] = {}
    for object, id in woken:
        if (object, id) not in seen and object in kind.objects(side):
            by_object.setdefault(object, []).append(id)
    found: list[Record] = []
    for object, ids in by_object.items():
        found += cycle.system(side).read(object, ids, kind.fields(side, object))
    return found
