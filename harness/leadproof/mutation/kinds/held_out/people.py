"""Held out: who may come in, users, assignment rules, matching, campaigns, forms and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import (
    MEMBERS,
    OWNERS,
    assignees,
    at_campaigns,
    at_rules,
    at_users,
    rows_of,
    rule_entry,
    spare_user,
    user_entry,
)

OPPOSITE = {"in": "not_in", "=": "!=", ">=": "<=", ">": "<", "<=": ">=", "<": ">", "contains": "not_contains"}


def _logins(org: Tree, actor: str) -> list[Tree]:
    return [one for one in org.get("logins") or [] if one["actor"] == actor]


# --- who may come in ------------------------------------------------------------------------------------------------


@kind(
    "connector_as_salesperson",
    "reports",
    "The connector was set up with a salesperson's own login",
    "RPT510",
    check="check_report: closed_loop in the CRM",
    steps="check_report",
)
def connector_as_salesperson(ground: Ground) -> Iterator[Site]:
    known = ground.org("crm").get("connector_users") or []
    for sales in dict.fromkeys(name for rule in ground.rules for name in assignees(rule)):

        def plant(changed: Changed, sales: str = sales) -> None:
            for login in _logins(changed.org("crm"), "connector"):
                login["user"] = sales

        if known and sales not in known:
            yield Site(sales, plant, (sales,))


@kind(
    "sales_counted_as_marketing",
    "reports",
    "The CRM takes the sales desk for one of the connector's users",
    "RPT510",
    check="check_report: closed_loop in the CRM, with a lead that sales typed in",
    steps="check_report",
)
def sales_counted_as_marketing(ground: Ground) -> Iterator[Site]:
    known = ground.org("crm").get("connector_users") or []
    for login in _logins(ground.org("crm"), "tester"):
        if known and login["user"] not in known:
            user = str(login["user"])
            yield Site(
                user,
                lambda changed, user=user: changed.org("crm")["connector_users"].append(user),  # type: ignore[misc]
                (user,),
            )


# --- users ----------------------------------------------------------------------------------------------------------


@kind(
    "user_map_backwards",
    "users",
    "The user map was written the wrong way round: CRM user first",
    "USR106 USR101",
    check="check_owner",
    steps=OWNERS,
)
def user_map_backwards(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        held = changed.integration["users"]
        held["map"] = {there: here for here, there in held["map"].items()}

    if ground.users and set(ground.users) != set(ground.users.values()):
        yield Site("map", plant, (*ground.users, *ground.users.values()))


@kind(
    "two_users_of_one_name",
    "users",
    "A second user of the CRM has the same user name, written otherwise",
    "USR103",
    check="check_owner",
    steps=OWNERS,
)
def two_users_of_one_name(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        second = {"id": f"{there}.2", "user_name": f"{there.title()} "}
        return lambda changed: changed.org("crm")["users"].append(second)

    for site in at_users(ground, plant):
        if ground.users[site.name] != ground.org("crm").get("default_owner"):
            yield site


@kind(
    "user_left_marketing",
    "users",
    "A salesperson's user was switched off in marketing",
    "USR102",
    check="check_owner with `in: marketing`",
    steps=OWNERS,
)
def user_left_marketing(ground: Ground) -> Iterator[Site]:
    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: user_entry(changed, "marketing", here).update(active="false")

    yield from at_users(ground, plant)


# --- assignment rules -----------------------------------------------------------------------------------------------


@kind(
    "default_owner_missing",
    "rules",
    "The CRM has no default owner",
    "ASG207",
    check="check_owner with `is: NAME` for a lead that no rule takes",
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
    check="check_owner with `is: NAME` for a lead that the rule is meant for",
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
    check="check_owner with `is: NAME` for two leads that the rule is meant for",
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


# --- matching -------------------------------------------------------------------------------------------------------


@kind(
    "duplicate_rule_on_switchboard",
    "matching",
    "A duplicate rule of the CRM takes people behind one telephone number for one",
    "DUP402",
    check="check_delivered for two colleagues behind one number",
    steps="check_delivered check_count",
)
def duplicate_rule_on_switchboard(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.org("crm").setdefault("duplicate_rules", []).append(
            {"name": "Same telephone number", "object": "Lead", "match": ["Phone"]}
        )

    yield Site("Same telephone number", plant, ("Same telephone number", "Phone"))


@kind(
    "match_by_email_or_phone",
    "matching",
    "People are matched by telephone number too, where no e-mail address fits",
    "DUP411",
    check="check_delivered for two colleagues behind one number",
    steps="check_delivered check_count check_no_duplicates",
)
def match_by_email_or_phone(ground: Ground) -> Iterator[Site]:
    held = list(ground.people.get("match") or ["email"])
    if "phone" in {one["marketing"] for _, one in ground.mapped()} and "phone" not in held:
        yield Site("match", lambda changed: changed.people.update(match=[*held, "phone"]), ("match",))


# --- campaigns ------------------------------------------------------------------------------------------------------


@kind(
    "campaign_of_another_master",
    "members",
    "The CRM decides the status of a campaign's members",
    "OWN310",
    check="check_member after the status was changed in marketing",
    steps=MEMBERS,
)
def campaign_of_another_master(ground: Ground) -> Iterator[Site]:
    def change(one: Tree) -> None:
        one["master"] = "crm" if one.get("master", "marketing") == "marketing" else "marketing"

    yield from at_campaigns(ground, change)


@kind(
    "campaign_of_last_year",
    "members",
    "Last year's campaign of the CRM is mapped instead of this year's",
    "RPT505",
    check="check_member in the CRM",
    steps=MEMBERS,
)
def campaign_of_last_year(ground: Ground) -> Iterator[Site]:
    held = {str(one["values"].get("Name")): one for one in ground.org("crm").get("campaigns") or []}

    def change(changed: Changed, number: int, this: Tree) -> None:
        last = {**deepcopy(this), "values": {**this["values"], "Name": f"{this['values']['Name']} (last year)"}}
        last.pop("as", None)
        changed.org("crm")["campaigns"].insert(0, last)
        changed.integration["campaigns"][number]["crm"] = last["values"]["Name"]

    for number, one in enumerate(ground.integration.get("campaigns") or []):
        this: Any = held.get(str(one["crm"]))
        if this is not None:
            yield Site(
                str(one["crm"]),
                lambda changed, n=number, this=this: change(changed, n, this),  # type: ignore[misc]
                (str(one["crm"]), str(one["marketing"])),
            )


@kind(
    "member_status_renamed",
    "members",
    "The CRM's administrator renamed a status of a campaign's members",
    "RPT504",
    check="check_member with each status",
    steps=MEMBERS,
)
def member_status_renamed(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("crm").get("campaigns") or []):
        if one.get("statuses"):

            def plant(changed: Changed, number: int = number) -> None:
                changed.org("crm")["campaigns"][number]["statuses"][-1]["name"] = "Attended"

            yield Site(str(one["values"].get("Name")), plant, (str(one["statuses"][-1]["name"]), "Attended"))


@kind(
    "form_of_another_source",
    "reports",
    "A form calls its leads' source by another name than agreed",
    "RPT509",
    check="check_report: lead_source, or check_field on the lead source",
    steps="check_report submit_form",
)
def form_of_another_source(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("marketing").get("forms") or []):
        if one.get("source"):
            yield Site(
                str(one["id"]),
                lambda changed, n=number: changed.org("marketing")["forms"][n].update(source="Trade show"),  # type: ignore[misc]
                (str(one["id"]), "Trade show"),
            )
