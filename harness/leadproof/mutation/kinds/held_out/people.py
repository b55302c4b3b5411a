"""Held out: who may come in, users, assignment rules, matching, delivery, campaigns and forms."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import (
    FLOW,
    MEMBERS,
    OWNERS,
    assignees,
    at_campaigns,
    at_rules,
    at_users,
    rows_of,
    rule_entry,
)

TRIAL = "60"
"""Calls a day: enough for a lead or two, and not for a scenario that edits them."""


def _sides(ground: Ground) -> Iterator[tuple[str, str]]:
    yield "crm", ground.crm_name
    yield "marketing", ground.marketing_name


# --- who may come in ------------------------------------------------------------------------------------------------


@kind(
    "allowlist_of_the_new_world",
    "address",
    "Somebody tidied the allowlist, and only the IPv6 network is left",
    "NET110",
    check="check_delivered",
    steps=FLOW,
)
def allowlist_of_the_new_world(ground: Ground) -> Iterator[Site]:
    for side, name in _sides(ground):
        networks = [one for one in ground.org(side).get("allowlist") or ["2001:db8:20::/48"] if ":" in one]
        if networks:
            yield Site(
                name,
                lambda changed, side=side, left=networks: changed.org(side).update(allowlist=left),  # type: ignore[misc]
                (name,),
            )


@kind(
    "connector_of_a_copy",
    "switch",
    "The marketing org is a fresh copy: its connector is neither verified nor switched on",
    "CON101 CON102",
    check="check_delivered",
    steps=FLOW,
)
def connector_of_a_copy(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.org("marketing")["connector"] = {"switched_on": "false", "verified": "false"}

    yield Site(ground.marketing_name, plant, (ground.marketing_name,))


@kind(
    "session_of_a_second",
    "credentials",
    "The connector's sessions end after a second",
    "CON104",
    check="check_delivered",
    steps=FLOW,
)
def session_of_a_second(ground: Ground) -> Iterator[Site]:
    for side, name in _sides(ground):

        def plant(changed: Changed, side: str = side) -> None:
            for login in changed.org(side).get("logins") or []:
                if login["actor"] == "connector":
                    login["expires_seconds"] = "1"

        if any(one["actor"] == "connector" for one in ground.org(side).get("logins") or []):
            yield Site(name, plant, (name,))


@kind(
    "quota_of_a_trial",
    "quota",
    "The org has the quota of a trial: enough for a first look, not for a day's work",
    "CON112",
    check="sync several times in one scenario, check_field",
    steps=FLOW,
)
def quota_of_a_trial(ground: Ground) -> Iterator[Site]:
    for side, name in _sides(ground):
        yield Site(
            name,
            lambda changed, side=side: changed.org(side).update(quota={"calls_per_day": TRIAL}),  # type: ignore[misc]
            (name,),
        )


# --- users ----------------------------------------------------------------------------------------------------------


@kind(
    "queue_in_the_user_map",
    "users",
    "The user map names a queue of the CRM where a user belongs",
    "USR106 USR101",
    check="check_owner",
    steps=OWNERS,
)
def queue_in_the_user_map(ground: Ground) -> Iterator[Site]:
    queue = next((str(one["id"]) for one in ground.org("crm").get("queues") or []), "")

    def plant(here: str, there: str) -> Callable[[Changed], None]:
        return lambda changed: changed.integration["users"]["map"].update({here: queue})

    for site in at_users(ground, plant):
        if queue and ground.users[site.name] != ground.org("crm").get("default_owner"):
            yield Site(site.name, site.plant, (*site.words, queue))


# --- assignment rules -----------------------------------------------------------------------------------------------


@kind(
    "rule_lost_a_value",
    "rules",
    "A rule's list lost its last value",
    "ASG220",
    check="check_owner with `is: NAME` for a lead with each value of the list",
    steps=OWNERS,
)
def rule_lost_a_value(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not any(row[1] == "in" and len(row[2]) > 1 for row in rows_of(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                if row[1] == "in":
                    row[2] = row[2][:-1]

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rule_took_a_value",
    "rules",
    "A rule's list was widened, and takes leads that a later rule is meant for",
    "ASG221",
    check="check_owner with `is: NAME` for a lead that a later rule is meant for",
    steps=OWNERS,
)
def rule_took_a_value(ground: Ground) -> Iterator[Site]:
    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        later = number + 1 < len(ground.rules)
        if not later or not any(row[1] == "in" and row[0] == "Country" for row in rows_of(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                if row[1] == "in" and row[0] == "Country":
                    row[2] = [*row[2], "PL", "CZ"]

        return planted

    yield from at_rules(ground, plant)


@kind(
    "rules_changed_places",
    "rules",
    "Two rules that overlap changed places",
    "ASG221",
    check="check_owner with `is: NAME` for a lead that both rules match",
    steps=OWNERS,
)
def rules_changed_places(ground: Ground) -> Iterator[Site]:
    for number in range(len(ground.rules) - 1):

        def plant(changed: Changed, number: int = number) -> None:
            rules = changed.org("crm")["assignment_rules"]
            rules[number], rules[number + 1] = rules[number + 1], rules[number]

        one, other = ground.rules[number : number + 2]
        words = (str(one["name"]), str(other["name"]), *assignees(one), *assignees(other))
        yield Site(f"{one['name']}/{other['name']}", plant, words)


@kind(
    "rule_bound_excluded",
    "rules",
    "A rule asks for more than a figure where at least that figure was agreed",
    "ASG220",
    check="check_owner with `is: NAME` for a lead exactly at the rule's bound",
    steps=OWNERS,
)
def rule_bound_excluded(ground: Ground) -> Iterator[Site]:
    stricter = {">=": ">", "<=": "<"}

    def plant(number: int, rule: Tree) -> Callable[[Changed], None] | None:
        if not any(row[1] in stricter for row in rows_of(rule)):
            return None

        def planted(changed: Changed) -> None:
            for row in rows_of(rule_entry(changed, number)):
                row[1] = stricter.get(row[1], row[1])

        return planted

    yield from at_rules(ground, plant)


# --- matching, delivery, deletes ------------------------------------------------------------------------------------


@kind(
    "match_by_second_address",
    "matching",
    "People are matched by their second e-mail address, which few have",
    "DUP411",
    check="check_delivered for somebody who is in both systems already",
    steps="check_no_duplicates check_linked",
)
def match_by_second_address(ground: Ground) -> Iterator[Site]:
    if "second_email" in {one["marketing"] for _, one in ground.mapped()}:
        yield Site("match", lambda changed: changed.people.update(match=["second_email"]), ("match",))


@kind(
    "import_of_web_leads",
    "delivery",
    "Of the CRM's people only those from the web are created in marketing",
    "OWN321",
    check="check_delivered `in: marketing` for a lead of another source",
    steps="check_delivered",
)
def import_of_web_leads(ground: Ground) -> Iterator[Site]:
    if ground.people.get("import", "all") == "all":
        rule = {"when": "criteria", "criteria": {"rows": [["LeadSource", "=", "Web"]]}}
        yield Site("import", lambda changed: changed.people.update({"import": rule}), ("import",))


@kind(
    "form_turns_people_away",
    "delivery",
    "Nobody passes a form's CAPTCHA: its key has run out",
    "REF709",
    check="submit_form",
    steps="submit_form",
)
def form_turns_people_away(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("marketing").get("forms") or []):
        yield Site(
            str(one["id"]),
            lambda changed, n=number: changed.org("marketing")["forms"][n].update(captcha="fail"),  # type: ignore[misc]
            (str(one["id"]),),
        )


@kind(
    "deletes_into_the_bin",
    "deletes",
    "Who is deleted on one side goes to the recycle bin on the other",
    "OWN322",
    check="delete a synced lead on one side, sync, check that it is still there on the other",
    steps="delete check_delivered check_absent",
)
def deletes_into_the_bin(ground: Ground) -> Iterator[Site]:
    if ground.people.get("deletes", "ignore") != "recycle":
        yield Site("deletes", lambda changed: changed.people.update(deletes="recycle"), ("deletes",))


# --- campaigns ------------------------------------------------------------------------------------------------------


@kind(
    "all_statuses_the_same",
    "members",
    "Every status of a campaign's members is mapped to the first one",
    "RPT507",
    check="check_member after the status was changed in marketing",
    steps=MEMBERS,
)
def all_statuses_the_same(ground: Ground) -> Iterator[Site]:
    def change(one: Tree) -> None:
        first = next(iter(one["statuses"].values()))
        one["statuses"] = dict.fromkeys(one["statuses"], first)

    yield from at_campaigns(ground, change)
