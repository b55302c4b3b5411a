"""Whose record is it? sync-semantics.md "Whose lead is it": ordered rules, the first that matches decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org

# Whose rules name no object are about these; a contact that is delivered as such is assigned as a lead is.
ASSIGNED_OBJECTS = ("Lead",)


class Assignment(TypedDict):
    """Who owns the record, by which rule (None = no rule matched), and why: as the decision fact says it."""

    owner: str | None
    rule: str | None
    because: str


def choose_owner(org: Org, object: str, values: Mapping[str, Value], caller: str) -> Assignment:
    """The owner by the org's rules. A round robin's turn is one of the org's counters, so a refused record gives
    it back. An inactive or unknown assignee gives the default owner; without one, the caller."""
    for rule, fits in org.bound.assignment(object):
        if fits is not None and not fits(values):
            continue
        if rule.assign.queue is not None:
            assignee = rule.assign.queue
        elif rule.assign.user is not None:
            assignee = rule.assign.user
        else:
            users = rule.assign.round_robin or []
            slot = f"turn:{rule.name}"
            turn = org.counters.get(slot, 0)
            org.counters[slot] = turn + 1
            assignee = users[turn % len(users)]
        user = org.users.get(assignee)
        if user is not None and user.active:
            return {"owner": assignee, "rule": rule.name, "because": f"rule {rule.name!r} matched"}
        state = "is inactive" if user is not None else "doesn't exist"
        return _default(org, caller, rule.name, f"rule {rule.name!r} matched, but its assignee {assignee!r} {state}")
    return _default(org, caller, None, "no assignment rule matched")


def _default(org: Org, caller: str, rule: str | None, because: str) -> Assignment:
    default = org.settings.default_owner
    if default is not None:
        user = org.users.get(default)
        if user is not None and user.active:
            return {"owner": default, "rule": rule, "because": f"{because}: the default owner"}
        because += f"; the default owner {default!r} is missing or inactive"
    owner = caller if caller in org.users else None
    return {"owner": owner, "rule": rule, "because": f"{because}: no default owner, so the caller"}
