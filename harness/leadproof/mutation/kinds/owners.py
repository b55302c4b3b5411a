"""C2 and C3: users, the user map, assignment rules, the default owner."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind

OWNERS = "check_owner change_owner"
STRANGER = "nobody.here"


# --- users -------------------------------------------------------------------------------------------------------


def _mapped(ground: Ground, plant: Callable[[str, str], Callable[[Changed], None]]) -> Iterator[Site]:
    for here, there in ground.users.items():
        yield Site(here, plant(here, there), (here, there))


@kind("user_not_mapped", "users", "A pair is missing in the user map", "USR101", check="check_owner", steps=OWNERS)
def user_not_mapped(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: changed.integration["users"]["map"].pop(here)

    yield from _mapped(ground, plant)


@kind(
    "mapped_to_nobody",
    "users",
    "The user map names somebody who does not exist in the CRM",
    "USR106 USR101",
    check="check_owner",
    steps=OWNERS,
)
def mapped_to_nobody(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: changed.integration["users"]["map"].update({here: STRANGER})

    for site in _mapped(ground, plant):
        yield Site(site.name, site.plant, (*site.words, STRANGER))


@kind("users_swapped", "users", "Two users are mapped crosswise", "USR110", check="check_owner", steps=OWNERS)
def users_swapped(ground: Ground) -> Iterator[Site]:
    names = list(ground.users)
    for one, other in itertools.pairwise(names):

        def plant(changed: Changed, one: str = one, other: str = other) -> None:
            held = changed.integration["users"]["map"]
            held[one], held[other] = held[other], held[one]

        yield Site(f"{one}/{other}", plant, (one, other, ground.users[one], ground.users[other]))


@kind(
    "mapped_user_inactive",
    "users",
    "The mapped user left: inactive in the CRM",
    "USR102 ASG206",
    check="check_owner",
    steps=OWNERS,
)
def mapped_user_inactive(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: _user(changed, "crm", there).update(active="false")

    yield from _mapped(ground, plant)


@kind(
    "crm_user_renamed",
    "users",
    "The CRM's user has another user name now",
    "USR101 USR106",
    check="check_owner",
    steps=OWNERS,
)
def crm_user_renamed(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: _user(changed, "crm", there).update(user_name=f"{there}.new")

    yield from _mapped(ground, plant)


def _user(changed: Changed, side: str, name: str) -> Tree:
    found: Tree = next(
        (one for one in changed.org(side).get("users") or [] if name in (one["id"], one.get("user_name"))), {}
    )
    return found


# --- assignment rules ----------------------------------------------------------------------------------------------


def _rules(ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None] | None]) -> Iterator[Site]:
    for number, rule in enumerate(ground.rules):
        planting = plant(number, rule)
        if planting is not None:
            yield Site(str(rule["name"]), planting, (str(rule["name"]), *_assignees(rule)))


def _assignees(rule: Tree) -> list[str]:
    to = rule.get("assign") or {}
    return [str(one) for one in (to.get("user"), to.get("queue"), *(to.get("round_robin") or [])) if one]


def _rule(changed: Changed, number: int) -> Tree:
    held: Tree = changed.org("crm")["assignment_rules"][number]
    return held


def _rows(rule: Tree) -> list[list[Any]]:
    return list((rule.get("criteria") or {}).get("rows") or [])


@kind(
    "rule_impossible",
    "rules",
    "A rule asks for two values at once: no lead can match it",
    "ASG201",
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
    steps=OWNERS,
)
def rule_impossible(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not _rows(rule):
            return None
        field = _rows(rule)[0][0]

        def planted(changed: Changed) -> None:
            held = _rule(changed, number)
            if _numeric(_rows(rule)[0]):
                more = [[field, "<", "10"], [field, ">", "20"]]
            else:
                more = [[field, "=", "Atlantis"], [field, "=", "Lyonesse"]]
            held["criteria"] = {"rows": [*_rows(rule), *more]}

        return planted

    yield from _rules(ground, plant)


def _numeric(row: list[Any]) -> bool:
    return row[1] in ("<", "<=", ">", ">=")


@kind(
    "rule_shadowed",
    "rules",
    "A rule that takes every lead comes first",
    "ASG202 ASG221",
    check="check_owner with `is: NAME`",
    steps=OWNERS,
)
def rule_shadowed(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        rules = changed.org("crm").setdefault("assignment_rules", [])
        rules.insert(0, {"name": "Everybody", "assign": {"user": _spare_user(ground)}})

    if ground.rules and _spare_user(ground):
        yield Site("Everybody", plant, ("Everybody",))


def _spare_user(ground: Ground) -> str:
    """A user of the CRM to whom no rule assigns."""
    taken = {name for rule in ground.rules for name in _assignees(rule)}
    taken |= {str(ground.org("crm").get("default_owner"))}
    names = [str(one["id"]) for one in ground.org("crm").get("users") or []]
    return next((one for one in names[::-1] if one not in taken), "")


@kind(
    "rule_names_inactive_user",
    "rules",
    "A rule assigns to somebody who left",
    "ASG206 USR102",
    check="check_owner with `is: NAME`",
    steps=OWNERS,
)
def rule_names_inactive_user(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        user = (rule.get("assign") or {}).get("user")
        return (lambda changed: _user(changed, "crm", user).update(active="false")) if user else None

    yield from _rules(ground, plant)


@kind(
    "rule_value_misspelt",
    "rules",
    "A rule's value is written as no lead has it",
    "ASG220 ASG203",
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
    steps=OWNERS,
)
def rule_value_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        texts = [row for row in _rows(rule) if not _numeric(row)]
        if not texts:
            return None

        def planted(changed: Changed) -> None:
            for row in _rows(_rule(changed, number)):
                if not _numeric(row):
                    row[2] = [f"{one}land" for one in row[2]] if isinstance(row[2], list) else f"{row[2]}land"

        return planted

    yield from _rules(ground, plant)


@kind(
    "rule_to_another_user",
    "rules",
    "A rule assigns to somebody else than agreed",
    "ASG222",
    check="check_owner with `is: NAME`",
    steps=OWNERS,
)
def rule_to_another_user(ground: Ground) -> Iterator[Site]:
    spare = _spare_user(ground)

    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        return lambda changed: _rule(changed, number).update(assign={"user": spare})

    if spare:
        for site in _rules(ground, plant):
            yield Site(site.name, site.plant, (*site.words, spare))


@kind(
    "rule_switched_off",
    "rules",
    "A rule is not active",
    "ASG220 ASG222 ASG203 ASG225",
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
    steps=OWNERS,
)
def rule_switched_off(ground: Ground) -> Iterator[Site]:
    yield from _rules(ground, lambda number, rule: lambda changed: _rule(changed, number).update(active="false"))


@kind(
    "rule_removed",
    "rules",
    "A rule was deleted",
    "ASG222 ASG224 ASG203 ASG220",
    check="check_owner with `is: NAME` for a lead that the rule was meant for",
    steps=OWNERS,
)
def rule_removed(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        return lambda changed: changed.org("crm")["assignment_rules"].pop(number)

    for site in _rules(ground, plant):
        yield Site(site.name, site.plant, site.words[1:])


@kind(
    "rule_on_another_field",
    "rules",
    "A rule asks another field than the one that holds the value",
    "ASG220 ASG203",
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
    steps=OWNERS,
)
def rule_on_another_field(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        texts = [row for row in _rows(rule) if not _numeric(row) and row[0] != "LastName"]
        if not texts:
            return None

        def planted(changed: Changed) -> None:
            for row in _rows(_rule(changed, number)):
                if row[0] == texts[0][0]:
                    row[0] = "LastName"

        return planted

    yield from _rules(ground, plant)


@kind(
    "default_owner_changed",
    "rules",
    "What no rule takes goes to somebody else than agreed",
    "ASG224",
    check="check_owner with `is: NAME` for a lead that no rule takes",
    steps=OWNERS,
)
def default_owner_changed(ground: Ground) -> Iterator[Site]:
    spare = _spare_user(ground)
    held = ground.org("crm").get("default_owner")
    if held and spare:
        yield Site(str(held), lambda changed: changed.org("crm").update(default_owner=spare), (str(held), spare))


@kind(
    "assign_by_marketing",
    "rules",
    "The owner in marketing decides, not the CRM's rules",
    "ASG223",
    check="check_owner with `is: NAME` for a lead that has an owner in marketing",
    steps=OWNERS,
)
def assign_by_marketing(ground: Ground) -> Iterator[Site]:
    held = ground.people.get("assign_by", "crm_rules")
    other = "marketing" if held == "crm_rules" else "crm_rules"
    yield Site(other, lambda changed: changed.people.update(assign_by=other), ("assign_by",))
