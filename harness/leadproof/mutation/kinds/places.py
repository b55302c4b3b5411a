"""Where a mistake can be planted, part by part of both files: mappings, custom fields, users, rules, campaigns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site

FLOW = "check_delivered check_every_field"
OWNERS = "check_owner change_owner"
FIELDS = "check_field check_fields check_every_field"
EDITS = "edit submit_form clear check_field check_fields"
MEMBERS = "check_member set_member_status check_report"
"""Steps and checks that are likely to notice a mistake of one part of the files."""


# --- the integration ------------------------------------------------------------------------------------------------


def at_terms(ground: Ground, change: Callable[[Tree], dict[str, object]]) -> Iterator[Site]:
    """The mappings that the value table decides, each with a rule of its own changed."""
    for number, one in ground.mapped():
        if one.get("sticky") or one.get("only_on") or one.get("answers") == "append":
            continue
        changes = change(one)
        if not changes or all(one.get(key) == value for key, value in changes.items()):
            continue

        def plant(changed: Changed, number: int = number, changes: dict[str, object] = changes) -> None:
            for key, value in changes.items():
                held = changed.mapping(number)
                held.pop(key, None) if value is None else held.update({key: value})

        yield Site(str(one["marketing"]), plant, (str(one["marketing"]), *crm_names(one)))


def two_way(one: Tree) -> bool:
    """Whether a mapping says nothing of its direction, or both ways."""
    return bool(one.get("direction", "both") == "both")


def at_mappings(
    ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None] | None], more: tuple[str, ...] = ()
) -> Iterator[Site]:
    """The mappings that have both sides, where `plant` has something to plant."""
    for number, one in ground.mapped():
        planting = plant(number, one)
        if planting is not None:
            yield Site(str(one["marketing"]), planting, (str(one["marketing"]), *crm_names(one), *more))


def is_key(ground: Ground, mapping: Tree) -> bool:
    """Whether people are matched by this mapping's field."""
    return mapping["marketing"] in (ground.people.get("match") or ["email"])


def at_users(ground: Ground, plant: Callable[[str, str], Callable[[Changed], None]]) -> Iterator[Site]:
    """The pairs of the user map."""
    for here, there in ground.users.items():
        yield Site(here, plant(here, there), (here, there))


def at_campaigns(ground: Ground, change: Callable[[Tree], None], *words: str) -> Iterator[Site]:
    """The mapped campaigns."""
    for number, one in enumerate(ground.integration.get("campaigns") or []):

        def plant(changed: Changed, number: int = number) -> None:
            change(changed.integration["campaigns"][number])

        yield Site(str(one["marketing"]), plant, (str(one["marketing"]), str(one["crm"]), *words))


# --- the recipe -----------------------------------------------------------------------------------------------------


def at_fields(
    ground: Ground, side: str, fits: Callable[[Tree], bool], change: Callable[[Tree], dict[str, object]]
) -> Iterator[Site]:
    """A custom field of one side whose definition is changed, on every object that has it."""
    done = set()
    for _, one in ground.custom(side):
        if one["id"] in done or not fits(one):
            continue
        done.add(one["id"])

        def plant(changed: Changed, id: str = one["id"]) -> None:
            for field in changed.org(side)["fields"]:
                if field["id"] == id:
                    for key, value in change(field).items():
                        field.pop(key, None) if value is None else field.update({key: value})

        yield Site(str(one["id"]), plant, (str(one["id"]),))


def typed(*types: str) -> Callable[[Tree], bool]:
    """Whether a field is of one of these types."""
    return lambda one: one["type"] in types


def user_entry(changed: Changed, side: str, name: str) -> Tree:
    """A user of one side's recipe, to be changed; nothing that anybody keeps if there is none."""
    found: Tree = next(
        (one for one in changed.org(side).get("users") or [] if name in (one["id"], one.get("user_name"))), {}
    )
    return found


def at_rules(ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None] | None]) -> Iterator[Site]:
    """The CRM's assignment rules, where `plant` has something to plant."""
    for number, rule in enumerate(ground.rules):
        planting = plant(number, rule)
        if planting is not None:
            yield Site(str(rule["name"]), planting, (str(rule["name"]), *assignees(rule)))


def assignees(rule: Tree) -> list[str]:
    """To whom a rule assigns."""
    to = rule.get("assign") or {}
    return [str(one) for one in (to.get("user"), to.get("queue"), *(to.get("round_robin") or [])) if one]


def rule_entry(changed: Changed, number: int) -> Tree:
    """One assignment rule of the recipe, to be changed."""
    held: Tree = changed.org("crm")["assignment_rules"][number]
    return held


def rows_of(rule: Tree) -> list[list[Any]]:
    """The conditions of a rule."""
    return list((rule.get("criteria") or {}).get("rows") or [])


def numeric(row: list[Any]) -> bool:
    """Whether a condition compares numbers."""
    return row[1] in ("<", "<=", ">", ">=")


def spare_user(ground: Ground) -> str:
    """A user of the CRM to whom no rule assigns."""
    taken = {name for rule in ground.rules for name in assignees(rule)}
    taken |= {str(ground.org("crm").get("default_owner"))}
    names = [str(one["id"]) for one in ground.org("crm").get("users") or []]
    return next((one for one in names[::-1] if one not in taken), "")
