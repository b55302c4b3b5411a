"""C4: field ids, and which fields belong together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

from leadproof.mutation.ground import Changed, Ground, Tree, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import FIELDS, at_mappings, is_key

CUSTOM = "__c"
LOOK_ALIKES = (("phone", "mobile"), ("do_not_call", "opted_out"))
"""Marketing fields of one type and one meaning to a hasty eye."""


@kind("crm_id_misspelt", "ids", "A CRM field id is misspelt", "MAP301")
def crm_id_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if isinstance(one["crm"], dict):
            return None
        return lambda changed: changed.mapping(number).update(crm=_misspelt(str(one["crm"])))

    yield from at_mappings(ground, plant)


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
)
def marketing_id_misspelt(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if is_key(ground, one):
            return None
        return lambda changed: changed.mapping(number).update(marketing=_misspelt(str(one["marketing"])))

    yield from at_mappings(ground, plant)


@kind(
    "label_for_id",
    "ids",
    "A field's label was written in the place of its id",
    "MAP302",
)
def label_for_id(ground: Ground) -> Iterator[Site]:
    labels = {one["id"]: one.get("label") for one in ground.org("crm").get("fields") or []}

    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        label = labels.get(str(one["crm"]))
        return (lambda changed: changed.mapping(number).update(crm=label)) if label else None

    yield from at_mappings(ground, plant)


@kind(
    "mapping_missing",
    "ids",
    "A field is not mapped",
    "MAP350 MAP361",  # the second one where the other side requires the field
    steps=FIELDS,
)
def mapping_missing(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        return None if is_key(ground, one) else lambda changed: changed.integration["fields"].pop(number)

    yield from at_mappings(ground, plant)


@kind(
    "fields_swapped",
    "ids",
    "Two fields are mapped crosswise",
    "MAP351",
    steps=FIELDS,
)
def fields_swapped(ground: Ground) -> Iterator[Site]:
    plain = [(n, one) for n, one in ground.mapped() if _plain(ground, one) and not is_key(ground, one)]
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


@kind("two_into_one", "ids", "Two mappings go into one field", "MAP320")
def two_into_one(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if is_key(ground, one):
            return None
        key = (ground.people.get("match") or ["email"])[0]
        return lambda changed: changed.mapping(number).update(marketing=key)

    yield from at_mappings(ground, plant, ((ground.people.get("match") or ["email"])[0],))


@kind(
    "link_field_misspelt",
    "ids",
    "The field for the other side's id does not exist",
    "MAP301 MAP327 CYC603",
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
)
def object_unknown(ground: Ground) -> Iterator[Site]:
    yield Site(ground.prospect, lambda changed: changed.people.update(marketing="lead"), ("lead", ground.prospect))


@kind(
    "mapping_removed_one_object",
    "ids",
    "A field is mapped for one object and forgotten for the other",
    "MAP350 MAP315",
    steps=FIELDS,
)
def mapping_removed_one_object(ground: Ground) -> Iterator[Site]:
    def plant(number: int, one: Tree) -> Callable[[Changed], None] | None:
        if isinstance(one["crm"], dict) or one["marketing"] in ("email", "first_name", "last_name"):
            return None
        if one.get("sticky") or one.get("only_on"):
            return None
        return lambda changed: changed.mapping(number).update(crm={"Lead": one["crm"]})

    yield from at_mappings(ground, plant)


@kind(
    "look_alikes_crosswise",
    "ids",
    "Two fields that look alike are mapped crosswise",
    "MAP351",
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
