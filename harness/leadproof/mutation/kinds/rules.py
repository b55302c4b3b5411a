"""C3: assignment rules and the default owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import OWNERS, at_rules, numeric, rows_of, rule_entry, spare_user, user_entry

OPPOSITE = {"in": "not_in", "=": "!=", ">=": "<=", ">": "<", "<=": ">=", "<": ">", "contains": "not_contains"}


@kind(
    "rule_impossible",
    "rules",
    "A rule asks for two values at once: no lead can match it",
    "ASG201",
    steps=OWNERS,
)
def rule_impossible(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not rows_of(rule):
            return None
        field = rows_of(rule)[0][0]

        def planted(changed: Changed) -> None:
            held = rule_entry(changed, number)
            if numeric(rows_of(rule)[0]):
                more = [[field, "<", "10"], [field, ">", "20"]]
            else:
                more = [[field, "=", "Atlantis"], [field, "=", "Lyonesse"]]
            held["criteria"] = {"rows": [*rows_of(rule), *more]}

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rule_shadowed",
    "rules",
    "A rule that takes every lead comes first",
    "ASG202 ASG221",
    steps=OWNERS,
)
def rule_shadowed(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        rules = changed.org("crm").setdefault("assignment_rules", [])
        rules.insert(0, {"name": "Everybody", "assign": {"user": spare_user(ground)}})

    if ground.rules and spare_user(ground):
        yield Site("Everybody", plant, ("Everybody",))


@kind(
    "rule_names_inactive_user",
    "rules",
    "A rule assigns to somebody who left",
    "ASG206 USR102",
    steps=OWNERS,
)
def rule_names_inactive_user(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        user = (rule.get("assign") or {}).get("user")
        return (lambda changed: user_entry(changed, "crm", user).update(active="false")) if user else None

    yield from at_rules(ground, plant)


@kind(
    "rule_value_misspelt",
    "rules",
    "A rule's value is written as no lead has it",
    "ASG220 ASG203",
    steps=OWNERS,
)
def rule_value_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        texts = [row for row in rows_of(rule) if not numeric(row)]
        if not texts:
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                if not numeric(row):
                    row[2] = [f"{one}land" for one in row[2]] if isinstance(row[2], list) else f"{row[2]}land"

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rule_to_another_user",
    "rules",
    "A rule assigns to somebody else than agreed",
    "ASG222",
    steps=OWNERS,
)
def rule_to_another_user(ground: Ground) -> Iterator[Site]:
    spare = spare_user(ground)

    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        return lambda changed: rule_entry(changed, number).update(assign={"user": spare})

    if spare:
        for site in at_rules(ground, plant):
            yield Site(site.name, site.plant, (*site.words, spare))


@kind(
    "rule_switched_off",
    "rules",
    "A rule is not active",
    "ASG220 ASG222 ASG203 ASG225",
    steps=OWNERS,
)
def rule_switched_off(ground: Ground) -> Iterator[Site]:
    yield from at_rules(ground, lambda number, rule: lambda changed: rule_entry(changed, number).update(active="false"))


@kind(
    "rule_removed",
    "rules",
    "A rule was deleted",
    "ASG222 ASG224 ASG203 ASG220",
    steps=OWNERS,
)
def rule_removed(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        return lambda changed: changed.org("crm")["assignment_rules"].pop(number)

    for site in at_rules(ground, plant):
        yield Site(site.name, site.plant, site.words[1:])


@kind(
    "rule_on_another_field",
    "rules",
    "A rule asks another field than the one that holds the value",
    "ASG220 ASG203",
    steps=OWNERS,
)
def rule_on_another_field(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        texts = [row for row in rows_of(rule) if not numeric(row) and row[0] != "LastName"]
        if not texts:
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                if row[0] == texts[0][0]:
                    row[0] = "LastName"

        return planted

    yield from at_rules(ground, plant)


@kind(
    "default_owner_changed",
    "rules",
    "What no rule takes goes to somebody else than agreed",
    "ASG224",
    steps=OWNERS,
)
def default_owner_changed(ground: Ground) -> Iterator[Site]:
    spare = spare_user(ground)
    held = ground.org("crm").get("default_owner")
    if held and spare:
        yield Site(str(held), lambda changed: changed.org("crm").update(default_owner=spare), (str(held), spare))


@kind(
    "assign_by_marketing",
    "rules",
    "The owner in marketing decides, not the CRM's rules",
    "ASG223",
    steps=OWNERS,
)
def assign_by_marketing(ground: Ground) -> Iterator[Site]:
    held = ground.people.get("assign_by", "crm_rules")
    other = "marketing" if held == "crm_rules" else "crm_rules"
    yield Site(other, lambda changed: changed.people.update(assign_by=other), ("assign_by",))


@kind(
    "rule_bound_too_high",
    "rules",
    "A rule asks for more than anybody has",
    "ASG220 ASG203",
    steps=OWNERS,
)
def rule_bound_too_high(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not any(row[1] in (">", ">=") for row in rows_of(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                if row[1] in (">", ">="):
                    row[2] = f"{row[2]}000"

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rules_in_another_order",
    "rules",
    "A later rule takes the leads of an earlier one",
    "ASG221 ASG204 ASG202",
    steps=OWNERS,
)
def rules_in_another_order(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        rules = changed.org("crm")["assignment_rules"]
        broad = {"name": "All with a name", "criteria": {"rows": [["LastName", "not_blank", None]]}}
        rules.insert(0, {**broad, "assign": {"user": spare_user(ground)}})

    if ground.rules and spare_user(ground):
        yield Site("All with a name", plant, ("All with a name",))


@kind(
    "default_owner_missing",
    "rules",
    "The CRM has no default owner",
    "ASG207",
    steps=OWNERS,
)
def default_owner_missing(ground: Ground) -> Iterator[Site]:
    if ground.org("crm").get("default_owner"):
        yield Site(ground.crm_name, lambda changed: changed.org("crm").pop("default_owner"), (ground.crm_name,))


@kind(
    "rule_negated",
    "rules",
    "A rule's condition says the opposite",
    "ASG220 ASG221",
    steps=OWNERS,
)
def rule_negated(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not any(row[1] in OPPOSITE for row in rows_of(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                row[1] = OPPOSITE.get(row[1], row[1])

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rule_in_turns",
    "rules",
    "A rule gives the leads to two people in turns instead of one",
    "ASG222",
    steps=OWNERS,
)
def rule_in_turns(ground: Ground) -> Iterator[Site]:
    spare = spare_user(ground)

    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        user = (rule.get("assign") or {}).get("user")
        if not user or not spare:
            return None
        return lambda changed: rule_entry(changed, number).update(assign={"round_robin": [user, spare]})

    for site in at_rules(ground, plant):
        yield Site(site.name, site.plant, (*site.words, spare))
