"""Held out: fields, their types and choices, and the rules that decide their values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import EDITS, FIELDS, at_fields, at_mappings, at_terms, is_key, two_way, typed

SPECIAL = ("sticky", "only_on", "answers", "values", "master", "direction", "extends")
"""What makes a mapping one that obeys rules of its own."""


def _plain(one: Tree) -> bool:
    return not any(one.get(key) for key in SPECIAL)


# --- ids ------------------------------------------------------------------------------------------------------------


@kind(
    "old_twin_field",
    "ids",
    "A field is mapped to the one that it replaced, which was never removed from the CRM",
    "MAP351 MAP350",  # marketing's field goes to another one; the one that people look at gets nothing
    check="check_field on the field that people use",
    steps=FIELDS,
)
def old_twin_field(ground: Ground) -> Iterator[Site]:
    held = {one["id"] for _, one in ground.custom("crm") if one["type"] in ("url", "email", "phone", "multi_line")}

    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if str(one["crm"]) not in held or not _plain(one):
            return None
        old = str(one["crm"]).replace("__c", "_old__c")

        def planted(changed: Changed) -> None:
            fields = changed.org("crm")["fields"]
            fields += [{**field, "id": old} for field in fields if field["id"] == one["crm"]]
            changed.mapping(number).update(crm=old)

        return planted

    yield from at_mappings(ground, plant)


@kind(
    "opt_out_of_leads_only",
    "ids",
    "The opt-out is mapped for leads and forgotten for contacts",
    "MAP350 MAP315",
    check="check_field on the opt-out of a contact",
    steps="opt_out convert",
)
def opt_out_of_leads_only(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if not one.get("sticky") or isinstance(one["crm"], dict):
            return None
        return lambda changed: changed.mapping(number).update(crm={"Lead": one["crm"]})

    yield from at_mappings(ground, plant)


# --- types and choices ----------------------------------------------------------------------------------------------


@kind(
    "locked_on_contacts",
    "permission",
    "The connector's profile may edit a field of leads, and only read it on contacts",
    "MAP307",
    check="check_field for a contact after an edit in marketing",
    steps=FIELDS,
)
def locked_on_contacts(ground: Ground) -> Iterator[Site]:
    fits = typed("messaging", "social", "address", "multi_line")
    for number, one in ground.custom("crm"):
        if one["object"] == "Contact" and fits(one):
            yield Site(
                str(one["id"]),
                lambda changed, n=number: changed.org("crm")["fields"][n].update(read_only="true"),  # type: ignore[misc]
                (str(one["id"]),),
            )


@kind(
    "one_choice_only",
    "types",
    "The CRM's field takes one choice where marketing's takes several",
    "MAP362 MAP312",
    check="check_field with two choices at once",
    steps=FIELDS,
)
def one_choice_only(ground: Ground) -> Iterator[Site]:
    yield from at_fields(ground, "crm", typed("multi_select"), lambda one: {"type": "dropdown"})


@kind(
    "marketing_requires",
    "types",
    "Marketing demands a field that sales mostly leaves empty",
    "MAP306",
    check="check_delivered `in: marketing` for a lead without the field",
    steps="check_delivered check_linked",
)
def marketing_requires(ground: Ground) -> Iterator[Site]:
    plain = {str(one["marketing"]) for _, one in ground.mapped() if _plain(one)}
    fits = typed("single_line", "date", "url", "radio")
    yield from at_fields(
        ground, "marketing", lambda one: fits(one) and one["id"] in plain, lambda one: {"required": "true"}
    )


@kind(
    "values_backwards",
    "picklists",
    "The value map was written the wrong way round: marketing's choice first",
    "MAP363 MAP304",
    check="check_field with a value of the picklist",
    steps=FIELDS,
)
def values_backwards(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        values = one.get("values")
        if not values or set(values) == set(values.values()):
            return None
        return lambda changed: changed.mapping(number).update(values={there: here for here, there in values.items()})

    yield from at_mappings(ground, plant)


@kind(
    "values_forgotten",
    "picklists",
    "The value map of a picklist was forgotten; the choices differ by their letters' case",
    "MAP304 MAP311",
    check="check_field with a value of the picklist",
    steps=FIELDS,
)
def values_forgotten(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        values = one.get("values")
        if not values or any(here == there for here, there in values.items()):
            return None
        return lambda changed: changed.mapping(number).pop("values")

    yield from at_mappings(ground, plant)


# --- terms ----------------------------------------------------------------------------------------------------------


@kind(
    "latest_everywhere",
    "masters",
    "By default the later edit wins, whoever made it",
    "OWN310",
    check="check_field on both sides after an edit in marketing",
    steps=EDITS,
)
def latest_everywhere(ground: Ground) -> Iterator[Site]:
    if (ground.integration.get("defaults") or {}).get("master", "crm") != "latest":
        yield Site(
            "master",
            lambda changed: changed.integration.setdefault("defaults", {}).update(master="latest"),
            ("master",),
        )


@kind(
    "filled_once",
    "overwrite",
    "A field is filled once and never brought up to date, like a lead source",
    "OWN315",
    check="edit the field in the CRM, sync, check_field in marketing",
    steps=EDITS,
)
def filled_once(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"only_on": "create"} if _plain(one) and not is_key(ground, one) else {})


@kind(
    "extends_another",
    "direction",
    "A mapping was copied from one that flows to marketing only, and extends it",
    "OWN313",
    check="check_field in the CRM after an edit in marketing",
    steps=EDITS,
)
def extends_another(ground: Ground) -> Iterator[Site]:
    copied = next((str(one["marketing"]) for _, one in ground.mapped() if one.get("direction") == "to_marketing"), "")
    custom = {one["id"] for _, one in ground.custom("crm")}

    def change(one: Tree) -> dict[str, object]:
        return {"extends": copied} if copied and _plain(one) and str(one["crm"]) in custom else {}

    yield from at_terms(ground, change)


@kind(
    "marketing_empties",
    "clears",
    "What marketing empties is emptied in the CRM",
    "OWN312 OWN311",  # both rules of the mapping say so
    check="clear the field in marketing, sync, check_field in the CRM",
    steps=EDITS,
)
def marketing_empties(ground: Ground) -> Iterator[Site]:
    yield from at_terms(
        ground,
        lambda one: {"overwrite": "always", "clears": "propagate"} if two_way(one) and _plain(one) else {},
    )


@kind(
    "answers_the_wrong_way",
    "answers",
    "Answers flow from sales to marketing instead of to sales",
    "OWN313",
    check="check_answers",
    steps="check_answers submit_form",
)
def answers_the_wrong_way(ground: Ground) -> Iterator[Site]:
    other = {"to_crm": "to_marketing", "to_marketing": "to_crm"}
    for number, one in ground.mapped():
        if one.get("answers") == "append":
            turned = other[str(one["direction"])]
            yield Site(
                str(one["marketing"]),
                lambda changed, n=number, turned=turned: changed.mapping(n).update(direction=turned),  # type: ignore[misc]
                (str(one["marketing"]), *crm_names(one)),
            )


# --- deals ----------------------------------------------------------------------------------------------------------


@kind(
    "deal_amount_for_probability",
    "reports",
    "A deal's amount and its probability are mapped crosswise",
    "MAP351",
    check="check_report: closed_loop in marketing with a won deal's amount",
    steps="check_report convert",
)
def deal_amount_for_probability(ground: Ground) -> Iterator[Site]:
    fields = list((ground.integration.get("opportunities") or {}).get("fields") or [])
    places = {str(one["crm"]): (number, str(one["marketing"])) for number, one in enumerate(fields)}
    if {"Amount", "Probability"} <= set(places):
        (amount, worth), (chance, likely) = places["Amount"], places["Probability"]

        def plant(changed: Changed) -> None:
            held = changed.integration["opportunities"]["fields"]
            held[amount]["marketing"], held[chance]["marketing"] = likely, worth

        yield Site("Amount/Probability", plant, ("Amount", "Probability", worth, likely))
