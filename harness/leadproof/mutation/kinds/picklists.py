"""C4: the choices of picklists and the value maps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import FIELDS, at_fields, at_mappings, typed


def _valued(ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None]]) -> Iterator[Site]:
    yield from at_mappings(ground, lambda number, one: plant(number, one) if one.get("values") else None)


@kind(
    "value_without_partner",
    "picklists",
    "A value of a picklist has no partner in the value map",
    "MAP304 MAP311 MAP363",
    steps=FIELDS,
)
def value_without_partner(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None]:
        first = next(iter(one["values"]))
        return lambda changed: changed.mapping(number)["values"].pop(first)

    yield from _valued(ground, plant)


@kind(
    "values_crosswise",
    "picklists",
    "Two values of a picklist are mapped crosswise",
    "MAP352",
    steps=FIELDS,
)
def values_crosswise(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None]:
        first, second = list(one["values"])[:2]
        first_value, second_value = one["values"][first], one["values"][second]
        return lambda changed: changed.mapping(number)["values"].update({first: second_value, second: first_value})

    yield from _valued(ground, plant)


@kind(
    "value_misspelt",
    "picklists",
    "A value in the value map is misspelt",
    "MAP304 MAP311 MAP363",
    steps=FIELDS,
)
def value_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None]:
        first = next(iter(one["values"]))
        return lambda changed: changed.mapping(number)["values"].update({first: f"{one['values'][first]}e"})

    yield from _valued(ground, plant)


@kind(
    "choice_renamed",
    "picklists",
    "The CRM's administrator renamed a choice",
    "MAP304 MAP311 MAP363",
    steps=FIELDS,
)
def choice_renamed(ground: Ground) -> Iterator[Site]:
    fits = lambda one: one["type"] in ("radio", "dropdown", "multi_select")  # noqa: E731
    yield from at_fields(
        ground, "crm", fits, lambda one: {"choices": [f"{one['choices'][0]} (new)", *one["choices"][1:]]}
    )


@kind(
    "marketing_choice_removed",
    "picklists",
    "Marketing's administrator removed a choice",
    "MAP304 MAP311 MAP363",
    steps=FIELDS,
)
def marketing_choice_removed(ground: Ground) -> Iterator[Site]:
    yield from at_fields(
        ground,
        "marketing",
        typed("dropdown", "radio", "multi_select"),
        lambda one: {"choices": list(one["choices"])[1:]},
    )


@kind(
    "choice_renamed_on_contact",
    "picklists",
    "A choice was renamed on the CRM's contact and not on its lead",
    "MAP304 MAP311",
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
    steps=FIELDS,
)
def rare_choice_missing(ground: Ground) -> Iterator[Site]:
    def change(one: Tree) -> dict[str, object]:
        middle = len(one["choices"]) // 2
        return {"choices": [*one["choices"][:middle], *one["choices"][middle + 1 :]]}

    yield from at_fields(ground, "crm", lambda one: len(one.get("choices") or []) > 3, change)
