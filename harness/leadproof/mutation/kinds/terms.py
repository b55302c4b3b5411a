"""C5: master, overwrite, direction, clears, answers: a file that says something else than was agreed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind

EDITS = "edit submit_form clear check_field check_fields"


def _ruled(ground: Ground, change: Callable[[Tree], dict[str, str | None]]) -> Iterator[Site]:
    """The mappings that the value table decides, each with a rule of its own changed."""
    for number, one in ground.mapped():
        if one.get("sticky") or one.get("only_on") or one.get("answers") == "append":
            continue
        changes = change(one)
        if not changes or all(one.get(key) == value for key, value in changes.items()):
            continue

        def plant(changed: Changed, number: int = number, changes: dict[str, str | None] = changes) -> None:
            for key, value in changes.items():
                held = changed.mapping(number)
                held.pop(key, None) if value is None else held.update({key: value})

        yield Site(str(one["marketing"]), plant, (str(one["marketing"]), *crm_names(one)))


def _two_way(one: Tree) -> bool:
    return bool(one.get("direction", "both") == "both")


@kind(
    "master_swapped",
    "masters",
    "The other system is the master of a field",
    "OWN310",
    check="check_field after an edit on each side",
    steps=EDITS,
)
def master_swapped(ground: Ground) -> Iterator[Site]:
    default = str((ground.integration.get("defaults") or {}).get("master", "crm"))

    def change(one: Tree) -> dict[str, str | None]:
        held = one.get("master") or default
        if isinstance(held, dict) or not _two_way(one):
            return {}
        return {"master": "crm" if held == "marketing" else "marketing"}

    yield from _ruled(ground, change)


@kind(
    "default_master_swapped",
    "masters",
    "The default master is the other system",
    "OWN310",
    check="check_field after an edit on each side",
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
    check="check_field in the CRM after an edit in marketing",
    steps=EDITS,
)
def overwrite_allowed(ground: Ground) -> Iterator[Site]:
    yield from _ruled(ground, lambda one: {"overwrite": "always"} if _two_way(one) else {})


@kind(
    "overwrite_forbidden",
    "overwrite",
    "Marketing may not even fill what is blank in the CRM",
    "OWN311",
    check="check_field in the CRM after a blank was filled in marketing",
    steps=EDITS,
)
def overwrite_forbidden(ground: Ground) -> Iterator[Site]:
    yield from _ruled(ground, lambda one: {"overwrite": "never"} if _two_way(one) else {})


@kind(
    "default_overwrite_changed",
    "overwrite",
    "By default marketing may overwrite what the CRM holds",
    "OWN311",
    check="check_field in the CRM after an edit in marketing",
    steps=EDITS,
)
def default_overwrite_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "overwrite", "if_blank", {"if_blank": "always", "always": "never", "never": "always"})


@kind(
    "default_clears_changed",
    "clears",
    "By default a value that was emptied is emptied on the other side",
    "OWN312",
    check="check_field after a value was cleared",
    steps=EDITS,
)
def default_clears_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "clears", "keep", {"keep": "propagate", "propagate": "keep"})


@kind(
    "direction_to_marketing",
    "direction",
    "A field flows to marketing only",
    "OWN313",
    check="check_every_field from marketing",
    steps="check_every_field check_field",
)
def direction_to_marketing(ground: Ground) -> Iterator[Site]:
    yield from _ruled(
        ground,
        lambda one: (
            {"direction": "to_marketing"}
            if _two_way(one) and one["marketing"] not in ("email", "last_name", "company")
            else {}
        ),
    )


@kind(
    "direction_none",
    "direction",
    "A field is declared and not synced",
    "OWN313 MAP350",
    check="check_every_field",
    steps="check_every_field check_field",
)
def direction_none(ground: Ground) -> Iterator[Site]:
    yield from _ruled(
        ground, lambda one: {"direction": "none"} if one["marketing"] not in ("email", "last_name", "company") else {}
    )


@kind(
    "default_direction_changed",
    "direction",
    "By default fields flow to the CRM only",
    "OWN313",
    check="check_every_field from the CRM",
    steps="check_every_field check_field",
)
def default_direction_changed(ground: Ground) -> Iterator[Site]:
    yield from _default(ground, "direction", "both", {"both": "to_crm", "to_crm": "both", "to_marketing": "both"})


@kind(
    "answers_replaced",
    "answers",
    "A comments box overwrites the last answer",
    "OWN316",
    check="check_answers after two answers",
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
    check="check_answers",
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
    "source_overwritten",
    "overwrite",
    "The lead source is synced like any other field",
    "OWN315",
    check="check_field on the lead source after another one came",
    steps="check_field",
)
def source_overwritten(ground: Ground) -> Iterator[Site]:
    for number, one in ground.mapped():
        if one.get("only_on") == "create":
            yield Site(
                str(one["marketing"]),
                lambda changed, n=number: changed.mapping(n).pop("only_on"),  # type: ignore[misc]
                (str(one["marketing"]), *crm_names(one)),
            )
