"""Whose record is it: matching, delivery, deletes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leadproof.mutation.ground import Changed, Ground
from leadproof.mutation.kind import Group, Site, kind


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


@kind(
    "duplicate_rule_on_switchboard",
    "matching",
    "A duplicate rule of the CRM takes people behind one telephone number for one",
    "DUP402",
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
    steps="check_delivered check_count check_no_duplicates",
)
def match_by_email_or_phone(ground: Ground) -> Iterator[Site]:
    held = list(ground.people.get("match") or ["email"])
    if "phone" in {one["marketing"] for _, one in ground.mapped()} and "phone" not in held:
        yield Site("match", lambda changed: changed.people.update(match=[*held, "phone"]), ("match",))
