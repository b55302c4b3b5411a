"""Merges: the loser's link moves to the winner; if both were linked, the winner's stays.

sync-semantics.md "Conversion, deletes, merges".
"""

from __future__ import annotations

from collections.abc import Sequence

from leadproof.connector import deletes
from leadproof.connector.cycle import Cycle, Marks
from leadproof.connector.kinds import Kind
from leadproof.connector.links import Link
from leadproof.connector.value_table import OTHER, Side
from leadproof.findings import At
from leadproof.systems.ports import Record
from leadterms.values import moment_text


def follow(cycle: Cycle, kind: Kind, side: Side, losers: Sequence[Record], marks: Marks) -> None:
    """Treat records of `side` that were merged into others."""
    if not losers:
        return
    into = {loser.id: str(loser.merged_into) for loser in losers}
    to_delete: list[Link] = []
    for loser in losers:
        marks.settle(kind, side, loser)
        link = cycle.links_of(kind, side, [loser]).get((loser.object, loser.id))
        if link is None or link.gone:
            continue
        winner = _last_winner(into, loser.id)
        if _live_link(cycle, kind, side, loser.object, winner) is None:
            _move(cycle, kind, side, link, winner, marks)
        else:
            _both_linked(cycle, kind, side, link, loser, winner, marks)
            if deletes.removes_partner(cycle, kind, side, link, marks):
                to_delete.append(link)
        # One by one: the next loser of the same winner must find what this one became.
        marks.commit(cycle)
    deletes.remove_partners(cycle, kind, OTHER[side], to_delete, marks)


def _last_winner(into: dict[str, str], id: str) -> str:
    seen = {id}
    while id in into and into[id] not in seen:
        id = into[id]
        seen.add(id)
    return id


def _live_link(cycle: Cycle, kind: Kind, side: Side, object: str, id: str) -> Link | None:
    links = cycle.store.links
    found = links.by_crm(kind.name, object, [id]) if side == "crm" else links.by_marketing(kind.name, [id])
    link = found.get(id)
    return None if link is None or link.gone else link


def _move(cycle: Cycle, kind: Kind, side: Side, link: Link, winner: str, marks: Marks) -> None:
    loser = link.id_on(side)
    object = link.crm_object if side == "crm" else kind.marketing_object
    if side == "crm":
        link.crm_id = winner
    else:
        link.marketing_id = winner
    marks.save(link)
    with cycle.store.transaction():
        cycle.store.memberships.move(side, f"{object}:{loser}", f"{object}:{winner}")
    cycle.wake(kind, side, object, winner)


def _both_linked(cycle: Cycle, kind: Kind, side: Side, link: Link, loser: Record, winner: str, marks: Marks) -> None:
    other = OTHER[side]
    left_over = link.id_on(other)
    cycle.find(
        "DUP405",
        f"{loser.object} {loser.id} was merged into {winner}; both were linked. {winner} keeps its link, and "
        f"{left_over} in {cycle.system(other).name} is left over ({cycle.deletes}).",
        cycle.at(side, loser),
        At(other, cycle.system(other).name, "", left_over),
    )
    deletes.bury(cycle, kind, side, link, moment_text(loser.modified), marks)
