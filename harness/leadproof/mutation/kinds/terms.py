"""C5: master, overwrite, direction, clears, answers: a file that says something else than was agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import EDITS, at_mappings, at_terms, two_way


@kind(
    "master_swapped",
    "masters",
    "The other system is the master of a field",
    "OWN310",
    steps=EDITS,
)
def master_swapped(ground: Ground) -> Iterator[Site]:
    default = str((ground.integration.get("defaults") or {}).get("master", "crm"))

    def change(one: Tree) -> dict[str, object]:
        held = one.get("master") or default
        if isinstance(held, dict) or not two_way(one):
            return {}
        return {"master": "crm" if held == "marketing" else "marketing"}

    yield from at_terms(ground, change)


@kind(
    "default_master_swapped",
    "masters",
    "The default master is the other system",
    "OWN310",
    steps=EDITS,
)
def default_master_swapped(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "master", "crm", {"crm": "marketing", "marketing": "crm", "latest": "marketing"})


def _default(ground: Ground, name: str, usual: str, other: dict[str, str]) -> Iterator[Site]:
    held = str((ground.integration.get("defaults") or {}).get(name, usual))
    wanted = other[held]
    yield Site(name, lambda changed: changed.integration.setdefault("defaults", {}).update({name: wanted}), (name,))


@kind(
    "overwrite_allowed",
    "overwrite",
    "Marketing may overwrite what the CRM holds",
    "OWN311",
    steps=EDITS,
)
def overwrite_allowed(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"overwrite": "always"} if two_way(one) else {})


@kind(
    "overwrite_forbidden",
    "overwrite",
    "Marketing may not even fill what is blank in the CRM",
    "OWN311",
    steps=EDITS,
)
def overwrite_forbidden(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"overwrite": "never"} if two_way(one) else {})


@kind(
    "default_overwrite_changed",
    "overwrite",
    "By default marketing may overwrite what the CRM holds",
    "OWN311",
    steps=EDITS,
)
def default_overwrite_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "overwrite", "if_blank", {"if_blank": "always", "always": "never", "never": "always"})


@kind(
    "default_clears_changed",
    "clears",
    "By default a value that was emptied is emptied on the other side",
    "OWN312",
    steps=EDITS,
)
def default_clears_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "clears", "keep", {"keep": "propagate", "propagate": "keep"})


@kind(
    "direction_to_marketing",
    "direction",
    "A field flows to marketing only",
    "OWN313",
    steps="check_every_field check_field",
)
def direction_to_marketing(ground: Ground) -> Iterator[Site]:
    yield from at_terms(
        ground,
        lambda one: (
            {"direction": "to_marketing"}
            if two_way(one) and one["marketing"] not in ("email", "last_name", "company")
            else {}
        ),
    )


@kind(
    "direction_none",
    "direction",
    "A field is declared and not synced",
    "OWN313 MAP350",
    steps="check_every_field check_field",
)
def direction_none(ground: Ground) -> Iterator[Site]:
    yield from at_terms(
        ground, lambda one: {"direction": "none"} if one["marketing"] not in ("email", "last_name", "company") else {}
    )


@kind(
    "default_direction_changed",
    "direction",
    "By default fields flow to the CRM only",
    "OWN313",
    steps="check_every_field check_field",
)
def default_direction_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "direction", "both", {"both": "to_crm", "to_crm": "both", "to_marketing": "both"})


@kind(
    "answers_replaced",
    "answers",
    "A comments box overwrites the last answer",
    "OWN316",
    steps="check_answers submit_form",
)
def answers_replaced(ground: Ground) -> Iterator[Site]:
    for number, one in ground.mapped():
        if one.get("answers") == "append":

            def plant(changed: Changed, number: int = number) -> None:
                changed.mapping(number).update(answers="replace", overwrite="always")

            yield Site(str(one["marketing"]), plant, (str(one["marketing"]), *crm_names(one)))


@kind(
    "answers_into_one_line",
    "answers",
    "Answers are appended to a field of one line",
    "MAP308 MAP305",
    steps="check_answers submit_form",
)
def answers_into_one_line(ground: Ground) -> Iterator[Site]:
    for _, one in ground.mapped():
        if one.get("answers") == "append":
            names = crm_names(one)

            def plant(changed: Changed, names: list[str] = names) -> None:
                for field in changed.org("crm").get("fields") or []:
                    if field["id"] in names:
                        field.update(type="single_line", length="255")

            yield Site(str(one["marketing"]), plant, (str(one["marketing"]), *names))


@kind(
    "master_latest",
    "masters",
    "The later edit wins, whoever made it",
    "OWN310",
    steps=EDITS,
)
def master_latest(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"master": "latest"} if two_way(one) else {})


@kind(
    "clears_one_field",
    "clears",
    "A value that was emptied is emptied on the other side",
    "OWN312",
    steps=EDITS,
)
def clears_one_field(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"clears": "propagate"} if two_way(one) else {})


@kind(
    "direction_to_crm",
    "direction",
    "A field flows to the CRM only",
    "OWN313",
    steps="check_every_field check_field",
)
def direction_to_crm(ground: Ground) -> Iterator[Site]:
    yield from at_terms(ground, lambda one: {"direction": "to_crm"} if two_way(one) else {})


@kind(
    "master_of_contacts",
    "masters",
    "Marketing is the master of a field, for contacts only",
    "OWN310",
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
