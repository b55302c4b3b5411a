"""Putting prospects on lists and taking them off, as rules/segmentation.py decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.engine.rules.segmentation import wanted_lists

if TYPE_CHECKING:
    from leadsim.engine.stored import Stored
    from leadsim.engine.writing import Writing


def place_on_lists(transaction: Writing, prospect: Stored) -> None:
    """Let a prospect stand on exactly the lists that it should, now."""
    org = transaction.org
    segments = org.segments.all()
    if not any(segment.fits is not None or segment.removes_from for segment in segments):
        return
    places = org.lookup("list_membership", "prospect", prospect.id)
    by_hand = frozenset(str(one.values["list"]) for one in places if one.values.get("added_by") != "criteria")
    wanted, removed = wanted_lists(segments, prospect.values, by_hand)
    held: set[str] = set()
    for place in places:
        of_list = str(place.values["list"])
        if of_list in removed or (of_list not in wanted and place.values.get("added_by") == "criteria"):
            transaction.delete(place, cause="segmentation")
            transaction.decide("list", prospect, {"list": of_list, "action": "removed", "by_other": of_list in removed})
        else:
            held.add(of_list)
    for of_list in wanted:
        if of_list not in held:
            values = {"list": of_list, "prospect": prospect.id, "added_by": "criteria"}
            transaction.create("list_membership", values, system=True)
            transaction.decide("list", prospect, {"list": of_list, "action": "added"})


def fill_list(transaction: Writing, before: Stored | None, after: Stored) -> None:
    """Ask every prospect again when a list is new or asks for something else."""
    asks = ("kind", "criteria", "removes_from")
    if before is not None and all(before.values.get(key) == after.values.get(key) for key in asks):
        return
    if after.values.get("kind") == "dynamic" or after.values.get("removes_from") or before is not None:
        for prospect in list(transaction.org.reading.all_of("prospect")):
            place_on_lists(transaction, prospect)
