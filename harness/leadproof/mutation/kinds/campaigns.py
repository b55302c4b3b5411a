"""Campaigns and the statuses of their members."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import MEMBERS, at_campaigns


@kind(
    "statuses_crosswise",
    "members",
    "Two member statuses are mapped crosswise",
    "RPT507",
    steps=MEMBERS,
)
def statuses_crosswise(ground: Ground) -> Iterator[Site]:
    def change(one: Tree) -> None:
        first, second = list(one["statuses"])[:2]
        one["statuses"][first], one["statuses"][second] = one["statuses"][second], one["statuses"][first]

    yield from at_campaigns(ground, change)


@kind(
    "status_without_partner",
    "members",
    "A member status has no partner",
    "RPT504",
    steps=MEMBERS,
)
def status_without_partner(ground: Ground) -> Iterator[Site]:
    yield from at_campaigns(ground, lambda one: one["statuses"].pop(list(one["statuses"])[-1]))


@kind("campaign_misspelt", "members", "A campaign's name is misspelt", "RPT506", steps=MEMBERS)
def campaign_misspelt(ground: Ground) -> Iterator[Site]:
    yield from at_campaigns(ground, lambda one: one.update(crm=f"{one['crm']}s"))


@kind("campaign_not_mapped", "members", "A campaign is not mapped", "RPT505", steps=MEMBERS)
def campaign_not_mapped(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.integration.get("campaigns") or []):
        yield Site(
            str(one["marketing"]),
            lambda changed, n=number: changed.integration["campaigns"].pop(n),  # type: ignore[misc]
            (str(one["marketing"]), str(one["crm"])),
        )


@kind(
    "campaign_of_another_name",
    "members",
    "Marketing's campaign is called otherwise",
    "RPT506",
    steps=MEMBERS,
)
def campaign_of_another_name(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.integration.get("campaigns") or []):

        def plant(changed: Changed, number: int = number) -> None:
            changed.integration["campaigns"][number]["marketing"] += "-2"

        yield Site(str(one["crm"]), plant, (str(one["marketing"]), str(one["crm"])))


@kind(
    "campaign_of_another_master",
    "members",
    "The CRM decides the status of a campaign's members",
    "OWN310",
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
    steps=MEMBERS,
)
def member_status_renamed(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("crm").get("campaigns") or []):
        if one.get("statuses"):

            def plant(changed: Changed, number: int = number) -> None:
                changed.org("crm")["campaigns"][number]["statuses"][-1]["name"] = "Attended"

            yield Site(str(one["values"].get("Name")), plant, (str(one["statuses"][-1]["name"]), "Attended"))
