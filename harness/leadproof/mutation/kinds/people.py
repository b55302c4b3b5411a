"""Whose record is it: matching, delivery, deletes; and campaigns, their members and what the reports count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadproof.mutation.ground import Changed, Ground, Tree
from leadproof.mutation.kind import Group, Site, kind
from leadproof.mutation.kinds.places import MEMBERS, at_campaigns


def _people(name: str, group: Group, says: str, label: str, key: str, value: Any, steps: str) -> None:
    """A kind that says something else in `people`."""

    def sites(ground: Ground) -> Iterator[Site]:
        if ground.people.get(key) != value:
            yield Site(key, lambda changed: changed.people.update({key: value}), (key,))

    kind(name, group, says, label, steps=steps)(sites)


_people(
    "ambiguous_oldest",
    "matching",
    "Of several matches the oldest is taken",
    "DUP410",
    "ambiguous",
    "oldest",
    "check_linked check_delivered merge",
)


_people(
    "delivered_as_contact",
    "delivery",
    "New people are delivered as contacts",
    "OWN323",
    "deliver_as",
    "contact",
    "check_delivered check_count check_owner",
)


_people(
    "delivered_on_request",
    "delivery",
    "Leads are delivered on request only",
    "OWN320",
    "deliver",
    "on_request",
    "check_delivered",
)


_people(
    "delivered_when_qualified",
    "delivery",
    "The delivery rule asks for a score that no lead reaches",
    "OWN320",
    "deliver",
    {"when": "qualified", "criteria": {"rows": [["score", ">=", "100000"]]}},
    "check_delivered",
)


_people(
    "import_none",
    "delivery",
    "People of the CRM are not created in marketing",
    "OWN321",
    "import",
    "none",
    "check_delivered",
)


_people(
    "deletes_propagate",
    "deletes",
    "A delete on one side deletes on the other",
    "OWN322",
    "deletes",
    "propagate",
    "delete check_delivered check_absent",
)


_people(
    "contacts_left_out",
    "matching",
    "Contacts are not synced",
    "OWN324 MAP322",
    "crm",
    ["Lead"],
    "check_delivered convert",
)


@kind(
    "match_by_phone",
    "matching",
    "People are matched by telephone number",
    "DUP411",
    steps="check_no_duplicates check_linked",
)
def match_by_phone(ground: Ground) -> Iterator[Site]:
    mapped = {one["marketing"] for _, one in ground.mapped()}
    if "phone" in mapped:
        yield Site("match", lambda changed: changed.people.update(match=["phone"]), ("match",))


@kind(
    "duplicate_rule_blocks",
    "matching",
    "A duplicate rule of the CRM takes colleagues for one person",
    "DUP402",
    steps="check_delivered check_count",
)
def duplicate_rule_blocks(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.org("crm").setdefault("duplicate_rules", []).append(
            {"name": "Same status", "object": "Lead", "match": ["Status"]}
        )

    yield Site("Same status", plant, ("Same status", "Status", "duplicate"))


@kind(
    "matched_newest",
    "matching",
    "Of several matches the newest is taken",
    "DUP410",
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
    steps="check_delivered",
)
def delivered_when_assigned(ground: Ground) -> Iterator[Site]:
    yield Site("deliver", lambda changed: changed.people.update(deliver="assigned"), ("deliver",))


# --- campaigns -----------------------------------------------------------------------------------------------------


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
    "status_does_not_count",
    "reports",
    "The CRM's status for an answer does not count as one",
    "RPT508",
    steps=MEMBERS,
)
def status_does_not_count(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("crm").get("campaigns") or []):
        answered = [status["name"] for status in one.get("statuses") or [] if status.get("responded")]
        if answered:

            def plant(changed: Changed, number: int = number) -> None:
                for status in changed.org("crm")["campaigns"][number]["statuses"]:
                    status.pop("responded", None)

            yield Site(str(one["values"].get("Name")), plant, tuple(answered))


@kind(
    "form_without_source",
    "reports",
    "A form no longer says where its leads come from",
    "RPT509",
    steps="check_report submit_form",
)
def form_without_source(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(ground.org("marketing").get("forms") or []):
        if one.get("source"):
            yield Site(
                str(one["id"]),
                lambda changed, n=number: changed.org("marketing")["forms"][n].pop("source"),  # type: ignore[misc]
                (str(one["id"]), str(one["source"])),
            )


@kind(
    "connector_not_known",
    "reports",
    "The CRM does not know that the connector's user is marketing",
    "RPT510",
    steps="check_report",
)
def connector_not_known(ground: Ground) -> Iterator[Site]:
    yield Site(ground.crm_name, lambda changed: changed.org("crm").update(connector_users=[]), ("marketing", "closed"))


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
