"""Kinds that nobody looks at while writing the doctor or the diagnosis: a fifth of all.

They measure whether causes are found that were not in mind when the rules were written. No module of
`leadproof.doctor` or `leadproof.diagnosis` reads this file (they import nothing of `leadproof.mutation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.connection import FLOW
from leadproof.mutation.kinds.fields import FIELDS, _custom, _mappings, _typed
from leadproof.mutation.kinds.owners import OWNERS, _mapped, _rows, _rule, _rules, _spare_user, _user
from leadproof.mutation.kinds.people import MEMBERS
from leadproof.mutation.kinds.terms import EDITS, _ruled, _two_way


@kind(
    "network_of_neighbours",
    "address",
    "The network on the allowlist is the neighbours'",
    "NET110",
    check="check_delivered",
    steps=FLOW,
)
def network_of_neighbours(ground: Ground) -> Iterator[Site]:
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):

        def plant(changed: Changed, side: str = side) -> None:
            changed.org(side)["allowlist"] = ["10.20.0.16/28", "2001:db8:99::/48"]

        yield Site(name, plant, (name,))


@kind(
    "login_of_another",
    "permission",
    "The connector logs in as a user with fewer rights",
    "CON111",
    check="check_delivered",
    steps=FLOW,
)
def login_of_another(ground: Ground) -> Iterator[Site]:
    for side, name in (("crm", ground.crm_name), ("marketing", ground.marketing_name)):

        def plant(changed: Changed, side: str = side) -> None:
            for login in changed.org(side).get("logins") or []:
                if login["actor"] == "connector":
                    login["may"] = ["api", "read"]

        yield Site(name, plant, (name,))


@kind(
    "owner_left_marketing",
    "users",
    "The user map's marketing user is called otherwise now",
    "USR101 USR106",
    check="check_owner",
    steps=OWNERS,
)
def owner_left_marketing(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: _user(changed, "marketing", here).update(user_name=f"{here}.old")

    yield from _mapped(ground, plant)


@kind(
    "all_to_one",
    "users",
    "Everybody in marketing is mapped to the same CRM user",
    "USR110",
    check="check_owner with `is: NAME`",
    steps=OWNERS,
)
def all_to_one(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        first = next(iter(ground.users.values()))
        changed.integration["users"]["map"] = dict.fromkeys(ground.users, first)

    if len(ground.users) > 1:
        yield Site("map", plant, tuple(ground.users))


@kind(
    "rule_bound_too_high",
    "rules",
    "A rule asks for more than anybody has",
    "ASG220 ASG203",
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
    steps=OWNERS,
)
def rule_bound_too_high(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not any(row[1] in (">", ">=") for row in _rows(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in _rows(_rule(changed, number)):
                if row[1] in (">", ">="):
                    row[2] = f"{row[2]}000"

        return planted

    yield from _rules(ground, plant)


@kind(
    "rules_in_another_order",
    "rules",
    "A later rule takes the leads of an earlier one",
    "ASG221 ASG204 ASG202",
    check="check_owner with `is: NAME` for a lead that two rules match",
    steps=OWNERS,
)
def rules_in_another_order(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        rules = changed.org("crm")["assignment_rules"]
        broad = {"name": "All with a name", "criteria": {"rows": [["LastName", "not_blank", None]]}}
        rules.insert(0, {**broad, "assign": {"user": _spare_user(ground)}})

    if ground.rules and _spare_user(ground):
        yield Site("All with a name", plant, ("All with a name",))


@kind(
    "marketing_type_changed",
    "types",
    "Marketing's field is of a type that the values cannot become",
    "MAP303 MAP312 MAP362",
    check="check_every_field",
    steps=FIELDS,
)
def marketing_type_changed(ground: Ground) -> Iterator[Site]:
    yield from _custom(
        ground,
        "marketing",
        _typed("currency", "percent", "date", "phone"),
        lambda one: {"type": "checkbox", "scale": None},
    )


@kind(
    "marketing_too_short",
    "types",
    "Marketing's field is shorter than the CRM's values",
    "MAP305 MAP309 MAP362",
    check="check_field with a long text",
    steps=FIELDS,
)
def marketing_too_short(ground: Ground) -> Iterator[Site]:
    yield from _custom(ground, "marketing", _typed("single_line"), lambda one: {"length": "2"})


@kind(
    "field_made_unique",
    "types",
    "The CRM allows a value once only",
    "DUP402 REF702 REF701",
    check="check_delivered for two leads that have the same value",
    steps="check_delivered check_count",
)
def field_made_unique(ground: Ground) -> Iterator[Site]:
    yield from _custom(ground, "crm", lambda one: one["id"].startswith("Score"), lambda one: {"unique": "true"})


@kind(
    "marketing_choice_removed",
    "picklists",
    "Marketing's administrator removed a choice",
    "MAP304 MAP311 MAP363",
    check="check_field with each value of the picklist",
    steps=FIELDS,
)
def marketing_choice_removed(ground: Ground) -> Iterator[Site]:
    yield from _custom(
        ground,
        "marketing",
        _typed("dropdown", "radio", "multi_select"),
        lambda one: {"choices": list(one["choices"])[1:]},
    )


@kind(
    "master_latest",
    "masters",
    "The later edit wins, whoever made it",
    "OWN310",
    check="check_field in the CRM after an edit in marketing",
    steps=EDITS,
)
def master_latest(ground: Ground) -> Iterator[Site]:
    yield from _ruled(ground, lambda one: {"master": "latest"} if _two_way(one) else {})


@kind(
    "clears_one_field",
    "clears",
    "A value that was emptied is emptied on the other side",
    "OWN312",
    check="check_field after the value was cleared",
    steps=EDITS,
)
def clears_one_field(ground: Ground) -> Iterator[Site]:
    yield from _ruled(ground, lambda one: {"clears": "propagate"} if _two_way(one) else {})


@kind(
    "direction_to_crm",
    "direction",
    "A field flows to the CRM only",
    "OWN313",
    check="check_every_field from the CRM",
    steps="check_every_field check_field",
)
def direction_to_crm(ground: Ground) -> Iterator[Site]:
    yield from _ruled(ground, lambda one: {"direction": "to_crm"} if _two_way(one) else {})


@kind(
    "opt_out_not_sticky",
    "masters",
    "An opt-out is synced like any other checkbox",
    "OWN314 OWN308 OWN310",
    check="check_field on the opt-out after it was set in marketing",
    steps="opt_out check_field",
)
def opt_out_not_sticky(ground: Ground) -> Iterator[Site]:
    for number, one in ground.mapped():
        if one.get("sticky"):
            yield Site(
                str(one["marketing"]),
                lambda changed, n=number: changed.mapping(n).pop("sticky"),  # type: ignore[misc]
                (str(one["marketing"]), *crm_names(one)),
            )


@kind(
    "matched_newest",
    "matching",
    "Of several matches the newest is taken",
    "DUP410",
    check="check_linked where two records match",
    steps="check_linked check_delivered merge",
)
def matched_newest(ground: Ground) -> Iterator[Site]:
    if ground.people.get("ambiguous") != "newest":
        yield Site("ambiguous", lambda changed: changed.people.update(ambiguous="newest"), ("ambiguous",))


@kind(
    "delivered_when_assigned",
    "delivery",
    "Only leads that have an owner in marketing are delivered",
    "OWN320",
    check="check_delivered for a lead without an owner",
    steps="check_delivered",
)
def delivered_when_assigned(ground: Ground) -> Iterator[Site]:
    yield Site("deliver", lambda changed: changed.people.update(deliver="assigned"), ("deliver",))


@kind(
    "campaign_of_another_name",
    "members",
    "Marketing's campaign is called otherwise",
    "RPT506",
    check="check_member",
    steps=MEMBERS,
)
def campaign_of_another_name(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.integration.get("campaigns") or []):

        def plant(changed: Changed, number: int = number) -> None:
            changed.integration["campaigns"][number]["marketing"] += "-2"

        yield Site(str(one["crm"]), plant, (str(one["marketing"]), str(one["crm"])))


@kind(
    "mapping_removed_one_object",
    "ids",
    "A field is mapped for one object and forgotten for the other",
    "MAP350 MAP315",
    check="check_every_field for a contact",
    steps=FIELDS,
)
def mapping_removed_one_object(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if isinstance(one["crm"], dict) or one["marketing"] in ("email", "first_name", "last_name"):
            return None
        if one.get("sticky") or one.get("only_on"):
            return None
        return lambda changed: changed.mapping(number).update(crm={"Lead": one["crm"]})

    yield from _mappings(ground, plant)
