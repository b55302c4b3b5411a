"""Two records of one person become one (product.md D): blanks are filled, what hung on the loser moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadsim.engine.members import MEMBER_OBJECTS, find_member, member_fields
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadterms.fieldtypes import FIELD_TYPES, blank

if TYPE_CHECKING:
    from leadsim.engine.writing import Writing

# Who has opted out in one of two records has opted out.
STICKY = frozenset({"HasOptedOutOfEmail", "DoNotCall", "opted_out", "do_not_call"})


def merge(transaction: Writing, loser: Stored, winner: Stored) -> Stored:
    """The winner after the merge. The loser is deleted with `merged_into`; its audit trail stays."""
    if loser.id == winner.id:
        raise Refused("invalid", f"{loser.object} {loser.id} can't be merged into itself.")
    if loser.values.get("IsConverted") is True or winner.values.get("IsConverted") is True:
        raise Refused("invalid", "A converted lead can't be merged; merge its contact.")
    org = transaction.org
    transaction.merge_away(loser, winner)
    values = {}
    for field, spec in org.schema.get(winner.object).fields.items():
        theirs = loser.values.get(field)
        if spec.read_only or FIELD_TYPES[spec.type].computed or blank(theirs):
            continue
        if blank(winner.values.get(field)) or (field in STICKY and theirs is True):
            values[field] = theirs
    with transaction.allowing_duplicates():
        after = transaction.update(winner, values, system=True, cause=f"merge:{loser.id}")
        _move_children(transaction, loser, winner)
    current = org.row(after.id)
    assert current is not None
    return current


def _move_children(transaction: Writing, loser: Stored, winner: Stored) -> None:
    org = transaction.org
    for object, spec in org.schema.objects.items():
        for field in spec.fields.values():
            if field.type != "reference" or field.refers_to != loser.object:
                continue
            for child in org.lookup(object, field.id, loser.id):
                if object in MEMBER_OBJECTS:
                    move_member(transaction, child, field.id, winner.id)
                elif object == "list_membership" and _on_list(transaction, child, winner.id):
                    transaction.delete(child, cause=f"merge:{loser.id}")
                else:
                    transaction.update(child, {field.id: winner.id}, system=True, cause=f"merge:{loser.id}")


def move_member(transaction: Writing, member: Stored, field: str, person: str) -> None:
    """Let a membership be another person's; where that person is a member already, the two become one, and an
    answer that either gave counts."""
    org = transaction.org
    names = member_fields(org)
    twin = find_member(org, str(member.values[names.campaign]), field, person)
    if twin is None or twin.id == member.id:
        transaction.update(member, {field: person}, system=True, cause=f"person:{person}")
        return
    transaction.delete(member, cause=f"person:{person}")
    if member.values.get(names.responded) is True and twin.values.get(names.responded) is not True:
        transaction.update(twin, {names.status: member.values.get(names.status)}, system=True, cause=f"person:{person}")


def _on_list(transaction: Writing, child: Stored, prospect: str) -> bool:
    others = transaction.org.lookup("list_membership", "prospect", prospect)
    return any(other.values["list"] == child.values["list"] for other in others)
