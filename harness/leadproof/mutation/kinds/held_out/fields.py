"""Held out: fields, their types and choices, and the rules that decide their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import EDITS, FIELDS, at_fields, at_mappings, typed

LOOK_ALIKES = (("phone", "mobile"), ("do_not_call", "opted_out"))
"""Marketing fields of one type and one meaning to a hasty eye."""


# --- ids ------------------------------------------------------------------------------------------------------------


@kind(
    "look_alikes_crosswise",
    "ids",
    "Two fields that look alike are mapped crosswise",
    "MAP351",
    check="check_field on each of them",
    steps=FIELDS,
)
def look_alikes_crosswise(ground: Ground) -> Iterator[Site]:
    places = {str(one["marketing"]): (number, one) for number, one in ground.mapped()}
    for one, other in LOOK_ALIKES:
        if one not in places or other not in places:
            continue

        def plant(changed: Changed, first: int = places[one][0], second: int = places[other][0]) -> None:
            a, b = changed.mapping(first), changed.mapping(second)
            a["marketing"], b["marketing"] = b["marketing"], a["marketing"]

        words = (one, other, *crm_names(places[one][1]), *crm_names(places[other][1]))
        yield Site(f"{one}/{other}", plant, words)


@kind(
    "contact_phone_elsewhere",
    "ids",
    "A contact's telephone number is mapped to the private one",
    "MAP351",
    check="check_field with a contact's number",
    steps=f"{FIELDS} convert",
)
def contact_phone_elsewhere(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if one["crm"] != "Phone" or "Contact" not in (ground.people.get("crm") or ["Contact"]):
            return None
        return lambda changed: changed.mapping(number).update(crm={"Lead": "Phone", "Contact": "HomePhone"})

    yield from at_mappings(ground, plant, ("HomePhone",))


@kind(
    "link_field_not_on_contact",
    "ids",
    "The field for marketing's id was added to the lead and not to the contact",
    "MAP327 MAP301",
    check="check_delivered with `linked: both` for a contact",
    steps="check_delivered check_linked convert",
)
def link_field_not_on_contact(ground: Ground) -> Iterator[Site]:
    name = str((ground.people.get("link") or {}).get("marketing_id_in_crm", "MarketingId__c"))
    held = [one for one in ground.org("crm").get("fields") or [] if one["id"] == name]
    if {one["object"] for one in held} >= {"Lead", "Contact"}:

        def plant(changed: Changed) -> None:
            org = changed.org("crm")
            org["fields"] = [one for one in org["fields"] if (one["object"], one["id"]) != ("Contact", name)]

        yield Site(name, plant, (name,))


# --- types ----------------------------------------------------------------------------------------------------------


@kind(
    "day_without_time",
    "types",
    "The CRM's field keeps the day and not its time",
    "MAP362 MAP312",
    check="check_field with a time of day",
    steps=FIELDS,
)
def day_without_time(ground: Ground) -> Iterator[Site]:
    yield from at_fields(ground, "crm", typed("date_time"), lambda one: {"type": "date"})


@kind(
    "text_became_picklist",
    "types",
    "The CRM's administrator made a picklist of a field of free text",
    "MAP362 MAP304",
    check="check_every_field",
    steps=FIELDS,
)
def text_became_picklist(ground: Ground) -> Iterator[Site]:
    yield from at_fields(
        ground,
        "crm",
        lambda one: one["type"] == "single_line" and not one.get("unique"),
        lambda one: {"type": "dropdown", "length": None, "choices": ["Standard", "Special"]},
    )


@kind(
    "validation_rule_for_some",
    "types",
    "A validation rule of the CRM refuses the leads with a good score",
    "REF701",
    check="check_delivered for a lead with a good score",
    steps="check_delivered check_field",
)
def validation_rule_for_some(ground: Ground) -> Iterator[Site]:
    message = "Before a lead scores fifty, somebody looks at its web site"

    def plant(changed: Changed) -> None:
        changed.org("crm").setdefault("validation_rules", []).append(
            {
                "name": "Web site looked at",
                "object": "Lead",
                "criteria": {"rows": [["Score__c", ">=", "50"], ["Website", "is_blank", None]]},
                "message": message,
                "field": "Website",
            }
        )

    if any(one["id"] == "Score__c" for _, one in ground.custom("crm")):
        yield Site("Web site looked at", plant, (message, "Web site looked at"))


@kind(
    "answers_field_too_short",
    "answers",
    "The field that collects answers has room for one of them",
    "MAP305 MAP309",
    check="check_answers after several answers",
    steps="check_answers submit_form",
)
def answers_field_too_short(ground: Ground) -> Iterator[Site]:
    names = {name for _, one in ground.mapped() if one.get("answers") == "append" for name in crm_names(one)}
    yield from at_fields(ground, "crm", lambda one: one["id"] in names, lambda one: {"length": "80"})


# --- picklists ------------------------------------------------------------------------------------------------------


@kind(
    "choice_renamed_on_contact",
    "picklists",
    "A choice was renamed on the CRM's contact and not on its lead",
    "MAP304 MAP311",
    check="check_field with each value of the picklist for a contact",
    steps=FIELDS,
)
def choice_renamed_on_contact(ground: Ground) -> Iterator[Site]:
    plain = {name for _, one in ground.mapped() if not one.get("values") for name in crm_names(one)}
    for number, one in enumerate(ground.org("crm").get("fields") or []):
        if one["object"] == "Contact" and one["id"] in plain and one.get("choices"):

            def plant(changed: Changed, number: int = number) -> None:
                choices = changed.org("crm")["fields"][number]["choices"]
                choices[0] = f"{choices[0]} (new)"

            yield Site(str(one["id"]), plant, (str(one["id"]),))


@kind(
    "rare_choice_missing",
    "picklists",
    "The CRM's picklist lacks one choice of many",
    "MAP304 MAP311",
    check="check_field with each value of the picklist, or check_no_findings: warning",
    steps=FIELDS,
)
def rare_choice_missing(ground: Ground) -> Iterator[Site]:
    def change(one: Tree) -> dict[str, object]:
        middle = len(one["choices"]) // 2
        return {"choices": [*one["choices"][:middle], *one["choices"][middle + 1 :]]}

    yield from at_fields(ground, "crm", lambda one: len(one.get("choices") or []) > 3, change)


# --- terms ----------------------------------------------------------------------------------------------------------


def _at_special(ground: Ground, key: str, changes: dict[str, str]) -> Iterator[Site]:
    """The mappings that stand outside the value table, each with a rule of its own changed."""

    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        return (lambda changed: changed.mapping(number).update(changes)) if one.get(key) else None

    yield from at_mappings(ground, plant)


@kind(
    "opt_out_one_way",
    "direction",
    "Who opts out in marketing is still written to by sales",
    "OWN313",
    check="check_field on the opt-out after it was set in marketing",
    steps="opt_out check_field",
)
def opt_out_one_way(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "sticky", {"direction": "to_marketing"})


@kind(
    "opt_out_of_another_master",
    "masters",
    "Marketing decides whether an opt-out is taken back",
    "OWN310",
    check="check_field on the opt-out after it was taken back on each side",
    steps="opt_out check_field",
)
def opt_out_of_another_master(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "sticky", {"master": "marketing"})


@kind(
    "source_one_way",
    "direction",
    "Marketing does not learn the lead source of what sales typed in",
    "OWN313",
    check="check_field on the lead source of a lead that sales typed in",
    steps="check_field check_report",
)
def source_one_way(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "only_on", {"direction": "to_crm"})


@kind(
    "master_of_contacts",
    "masters",
    "Marketing is the master of a field, for contacts only",
    "OWN310",
    check="check_field for a contact after an edit in marketing",
    steps=f"{EDITS} convert",
)
def master_of_contacts(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        both = not isinstance(one["crm"], dict) or {"Lead", "Contact"} <= set(one["crm"])
        special = one.get("sticky") or one.get("only_on") or one.get("answers") or one.get("master")
        if not both or special or one.get("direction", "both") != "both":
            return None
        return lambda changed: changed.mapping(number).update(master={"Lead": "crm", "Contact": "marketing"})

    if (ground.integration.get("defaults") or {}).get("master", "crm") == "crm":
        yield from at_mappings(ground, plant)


# --- deals ----------------------------------------------------------------------------------------------------------


def _deal_fields(ground: Ground) -> list[Tree]:
    return list((ground.integration.get("opportunities") or {}).get("fields") or [])


@kind(
    "deal_closed_is_won",
    "reports",
    "A deal that is closed counts as won in marketing, and a won one as closed",
    "MAP351",
    check="check_report: closed_loop in marketing with a deal that was lost",
    steps="check_report convert",
)
def deal_closed_is_won(ground: Ground) -> Iterator[Site]:
    fields = _deal_fields(ground)
    for number, (one, other) in enumerate(pairwise(fields)):
        if (one["crm"], other["crm"]) != ("IsWon", "IsClosed"):
            continue

        def plant(changed: Changed, number: int = number) -> None:
            first, second = changed.integration["opportunities"]["fields"][number : number + 2]
            first["crm"], second["crm"] = second["crm"], first["crm"]

        yield Site("IsWon/IsClosed", plant, ("IsWon", "IsClosed", str(one["marketing"]), str(other["marketing"])))


@kind(
    "deal_amount_not_mapped",
    "reports",
    "Marketing does not learn what a deal is worth",
    "MAP350",
    check="check_report: closed_loop in marketing with a won deal's amount",
    steps="check_report convert",
)
def deal_amount_not_mapped(ground: Ground) -> Iterator[Site]:
    for number, one in enumerate(_deal_fields(ground)):
        if one["crm"] == "Amount":
            yield Site(
                "Amount",
                lambda changed, n=number: changed.integration["opportunities"]["fields"].pop(n),  # type: ignore[misc]
                ("Amount", str(one["marketing"])),
            )
