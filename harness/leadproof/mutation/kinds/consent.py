"""C5: opt-outs and the lead source, which the value table does not decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import at_mappings


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
    steps="opt_out check_field",
)
def opt_out_one_way(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "sticky", {"direction": "to_marketing"})


@kind(
    "opt_out_of_another_master",
    "masters",
    "Marketing decides whether an opt-out is taken back",
    "OWN310",
    steps="opt_out check_field",
)
def opt_out_of_another_master(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "sticky", {"master": "marketing"})


@kind(
    "source_one_way",
    "direction",
    "Marketing does not learn the lead source of what sales typed in",
    "OWN313",
    steps="check_field check_report",
)
def source_one_way(ground: Ground) -> Iterator[Site]:
    yield from _at_special(ground, "only_on", {"direction": "to_crm"})


@kind(
    "source_overwritten",
    "overwrite",
    "The lead source is synced like any other field",
    "OWN315",
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


@kind(
    "opt_out_not_sticky",
    "masters",
    "An opt-out is synced like any other checkbox",
    "OWN314 OWN308 OWN310",
    steps="opt_out check_field",
)
def opt_out_not_sticky(ground: Ground) -> Iterator[Site]:
    for number, one in ground.mapped():
        if one.get("sticky"):
            yield Site(
                str(one["marketing"]),
                lambda changed, n=number: changed.mapping(n).pop("sticky"),  # type: ignore[misc]
                (str(one["marketing"]), *crm_names(one)),
            )
