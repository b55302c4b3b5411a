"""C4: field ids, types, lengths, required and read-only fields, picklists."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind

FIELDS = "check_field check_fields check_every_field"
CUSTOM = "__c"


# --- ids ---------------------------------------------------------------------------------------------------------


def _mappings(
    ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None] | None], more: tuple[str, ...] = ()
) -> Iterator[Site]:
    for number, one in ground.mapped():
        planting = plant(number, one)
        if planting is not None:
            yield Site(str(one["marketing"]), planting, (str(one["marketing"]), *crm_names(one), *more))


def _is_key(ground: Ground, mapping: Tree) -> bool:
    return mapping["marketing"] in (ground.people.get("match") or ["email"])


@kind("crm_id_misspelt", "ids", "A CRM field id is misspelt", "MAP301", check="any scenario: the file is refused")
def crm_id_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if isinstance(one["crm"], dict):
            return None
        return lambda changed: changed.mapping(number).update(crm=_misspelt(str(one["crm"])))

    yield from _mappings(ground, plant)


def _misspelt(name: str) -> str:
    """Two letters exchanged, as fingers do."""
    stem, suffix = (name[: -len(CUSTOM)], CUSTOM) if name.endswith(CUSTOM) else (name, "")
    place = next((n for n in range(1, len(stem) - 1) if stem[n] != stem[n + 1]), 0)
    swapped = stem[:place] + stem[place + 1] + stem[place] + stem[place + 2 :] if len(stem) > place + 1 else stem + "x"
    return swapped + suffix


@kind(
    "marketing_id_misspelt",
    "ids",
    "A marketing field id is misspelt",
    "MAP301",
    check="any scenario: the file is refused",
)
def marketing_id_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if _is_key(ground, one):
            return None
        return lambda changed: changed.mapping(number).update(marketing=_misspelt(str(one["marketing"])))

    yield from _mappings(ground, plant)


@kind(
    "label_for_id",
    "ids",
    "A field's label was written in the place of its id",
    "MAP302",
    check="any scenario: the file is refused",
)
def label_for_id(ground: Ground) -> Iterator[Site]:
    labels = {one["id"]: one.get("label") for one in ground.org("crm").get("fields") or []}

    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        label = labels.get(str(one["crm"]))
        return (lambda changed: changed.mapping(number).update(crm=label)) if label else None

    yield from _mappings(ground, plant)


@kind(
    "mapping_missing",
    "ids",
    "A field is not mapped",
    "MAP350 MAP361",  # the second one where the other side requires the field
    check="check_every_field, or check_field on it",
    steps=FIELDS,
)
def mapping_missing(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        return None if _is_key(ground, one) else lambda changed: changed.integration["fields"].pop(number)

    yield from _mappings(ground, plant)


@kind(
    "fields_swapped",
    "ids",
    "Two fields are mapped crosswise",
    "MAP351",
    check="check_field on each of them",
    steps=FIELDS,
)
def fields_swapped(ground: Ground) -> Iterator[Site]:
    plain = [(n, one) for n, one in ground.mapped() if _plain(ground, one) and not _is_key(ground, one)]
    for (first, one), (second, other) in itertools.pairwise(plain):

        def plant(changed: Changed, first: int = first, second: int = second) -> None:
            a, b = changed.mapping(first), changed.mapping(second)
            a["marketing"], b["marketing"] = b["marketing"], a["marketing"]

        words = (str(one["marketing"]), str(other["marketing"]), *crm_names(one), *crm_names(other))
        yield Site(f"{one['marketing']}/{other['marketing']}", plant, words)


def _plain(ground: Ground, mapping: Tree) -> bool:
    """A line of text on both sides: the standard fields of this kind, and custom ones that say so."""
    types = {one["id"]: one["type"] for one in ground.org("crm").get("fields") or []}
    known = {"FirstName", "Title", "City", "State", "Street", "MailingCity", "MailingState", "MailingStreet"}
    return all(types.get(name) == "single_line" or name in known for name in crm_names(mapping)) and not (
        mapping.get("values") or mapping.get("direction") or mapping.get("only_on")
    )


@kind("two_into_one", "ids", "Two mappings go into one field", "MAP320", check="any scenario: the file is refused")
def two_into_one(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if _is_key(ground, one):
            return None
        key = (ground.people.get("match") or ["email"])[0]
        return lambda changed: changed.mapping(number).update(marketing=key)

    yield from _mappings(ground, plant, ((ground.people.get("match") or ["email"])[0],))


@kind(
    "link_field_misspelt",
    "ids",
    "The field for the other side's id does not exist",
    "MAP301 MAP327 CYC603",
    check="check_delivered with `linked: both`",
    steps="check_delivered check_linked",
)
def link_field_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.people["link"] = {**(ground.people.get("link") or {}), "crm_id_in_marketing": "crm_idd"}

    yield Site("crm_id_in_marketing", plant, ("crm_idd",))


@kind(
    "object_unknown",
    "ids",
    "The object of people is called otherwise",
    "REF707",
    check="any scenario: the file is refused",
)
def object_unknown(ground: Ground) -> Iterator[Site]:
    yield Site(ground.prospect, lambda changed: changed.people.update(marketing="lead"), ("lead", ground.prospect))


# --- types ---------------------------------------------------------------------------------------------------------


def _custom(
    ground: Ground, side: str, fits: Callable[[Tree], bool], change: Callable[[Tree], dict[str, object]]
) -> Iterator[Site]:
    """A custom field of one side whose definition is changed, on every object that has it."""
    done = set()
    for _, one in ground.custom(side):
        if one["id"] in done or not fits(one):
            continue
        done.add(one["id"])

        def plant(changed: Changed, id: str = one["id"]) -> None:
            for field in changed.org(side)["fields"]:
                if field["id"] == id:
                    for key, value in change(field).items():
                        field.pop(key, None) if value is None else field.update({key: value})

        yield Site(str(one["id"]), plant, (str(one["id"]),))


def _typed(*types: str) -> Callable[[Tree], bool]:
    return lambda one: one["type"] in types


@kind(
    "type_of_another_kind",
    "types",
    "The CRM's field is of a type that the values cannot become",
    "MAP303 MAP312 MAP362",
    check="check_every_field",
    steps=FIELDS,
)
def type_of_another_kind(ground: Ground) -> Iterator[Site]:
    fits = _typed("currency", "percent", "single_line", "multi_select", "phone")
    yield from _custom(
        ground, "crm", fits, lambda one: {"type": "date", "length": None, "scale": None, "choices": None}
    )


@kind(
    "fewer_decimals",
    "types",
    "The CRM's field keeps fewer decimals than marketing's",
    "MAP312 MAP309 MAP362",
    check="check_every_field",
    steps=FIELDS,
)
def fewer_decimals(ground: Ground) -> Iterator[Site]:
    fits = lambda one: one["type"] in ("currency", "percent", "number") and int(one.get("scale") or 0) > 0  # noqa: E731
    yield from _custom(ground, "crm", fits, lambda one: {"scale": "0"})


@kind(
    "too_short",
    "types",
    "The CRM's field is shorter than the values",
    "MAP305 MAP309 MAP362",
    check="check_field with a long text",
    steps=FIELDS,
)
def too_short(ground: Ground) -> Iterator[Site]:
    yield from _custom(
        ground, "crm", _typed("single_line"), lambda one: {"length": "2"} if not one.get("unique") else {}
    )


@kind(
    "required_field",
    "types",
    "The CRM demands a field that nothing fills",
    "MAP306 MAP361",
    check="check_delivered for a lead that lacks it",
    steps="check_delivered",
)
def required_field(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.org("crm").setdefault("fields", []).append(
            {"object": "Lead", "id": "Region__c", "label": "Region", "type": "single_line", "required": "true"}
        )

    yield Site("Region__c", plant, ("Region__c",))


@kind(
    "read_only_field",
    "types",
    "The CRM's field cannot be written by the connector",
    "MAP307",
    check="check_every_field",
    steps=FIELDS,
)
def read_only_field(ground: Ground) -> Iterator[Site]:
    yield from _custom(
        ground,
        "crm",
        _typed("single_line", "phone", "url", "currency"),
        lambda one: {"read_only": "true"} if not one.get("unique") else {},
    )


@kind(
    "validation_rule",
    "types",
    "A validation rule of the CRM refuses the leads",
    "REF701",
    check="check_delivered",
    steps="check_delivered",
)
def validation_rule(ground: Ground) -> Iterator[Site]:
    def plant(changed: Changed) -> None:
        changed.org("crm").setdefault("validation_rules", []).append(
            {
                "name": "Title needed",
                "object": "Lead",
                "criteria": {"rows": [["Title", "is_blank", None]]},
                "message": "A lead needs a job title",
                "field": "Title",
            }
        )

    yield Site("Title needed", plant, ("job title", "Title"))


# --- picklists -----------------------------------------------------------------------------------------------------


def _valued(ground: Ground, plant: Callable[[int, Tree], Callable[[Changed], None]]) -> Iterator[Site]:
    yield from _mappings(ground, lambda number, one: plant(number, one) if one.get("values") else None)


@kind(
    "value_without_partner",
    "picklists",
    "A value of a picklist has no partner in the value map",
    "MAP304 MAP311 MAP363",
    check="check_field with each value of the picklist",
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
    check="check_field with a value said on each side",
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
    check="check_field with each value of the picklist",
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
    check="check_field with each value of the picklist",
    steps=FIELDS,
)
def choice_renamed(ground: Ground) -> Iterator[Site]:
    fits = lambda one: one["type"] in ("radio", "dropdown", "multi_select")  # noqa: E731
    yield from _custom(
        ground, "crm", fits, lambda one: {"choices": [f"{one['choices'][0]} (new)", *one["choices"][1:]]}
    )
