"""C4: types, lengths, required, unique and read-only fields, validation rules."""

from __future__ import annotations

from collections.abc import Iterator

from leadproof.mutation.ground import Changed, Ground, crm_names
from leadproof.mutation.kind import Site, kind
from leadproof.mutation.kinds.places import FIELDS, at_fields, typed


@kind(
    "type_of_another_kind",
    "types",
    "The CRM's field is of a type that the values cannot become",
    "MAP303 MAP312 MAP362",
    steps=FIELDS,
)
def type_of_another_kind(ground: Ground) -> Iterator[Site]:
    fits = typed("currency", "percent", "single_line", "multi_select", "phone")
    yield from at_fields(
        ground, "crm", fits, lambda one: {"type": "date", "length": None, "scale": None, "choices": None}
    )


@kind(
    "fewer_decimals",
    "types",
    "The CRM's field keeps fewer decimals than marketing's",
    "MAP312 MAP309 MAP362",
    steps=FIELDS,
)
def fewer_decimals(ground: Ground) -> Iterator[Site]:
    fits = lambda one: one["type"] in ("currency", "percent", "number") and int(one.get("scale") or 0) > 0  # noqa: E731
    yield from at_fields(ground, "crm", fits, lambda one: {"scale": "0"})


@kind(
    "too_short",
    "types",
    "The CRM's field is shorter than the values",
    "MAP305 MAP309 MAP362",
    steps=FIELDS,
)
def too_short(ground: Ground) -> Iterator[Site]:
    yield from at_fields(
        ground, "crm", typed("single_line"), lambda one: {"length": "2"} if not one.get("unique") else {}
    )


@kind(
    "required_field",
    "types",
    "The CRM demands a field that nothing fills",
    "MAP306 MAP361",
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
    steps=FIELDS,
)
def read_only_field(ground: Ground) -> Iterator[Site]:
    yield from at_fields(
        ground,
        "crm",
        typed("single_line", "phone", "url", "currency"),
        lambda one: {"read_only": "true"} if not one.get("unique") else {},
    )


@kind(
    "validation_rule",
    "types",
    "A validation rule of the CRM refuses the leads",
    "REF701",
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


@kind(
    "marketing_type_changed",
    "types",
    "Marketing's field is of a type that the values cannot become",
    "MAP303 MAP312 MAP362",
    steps=FIELDS,
)
def marketing_type_changed(ground: Ground) -> Iterator[Site]:
    yield from at_fields(
        ground,
        "marketing",
        typed("currency", "percent", "date", "phone"),
        lambda one: {"type": "checkbox", "scale": None},
    )


@kind(
    "marketing_too_short",
    "types",
    "Marketing's field is shorter than the CRM's values",
    "MAP305 MAP309 MAP362",
    steps=FIELDS,
)
def marketing_too_short(ground: Ground) -> Iterator[Site]:
    yield from at_fields(ground, "marketing", typed("single_line"), lambda one: {"length": "2"})


@kind(
    "field_made_unique",
    "types",
    "The CRM allows a value once only",
    "DUP402 REF702 REF701",
    steps="check_delivered check_count",
)
def field_made_unique(ground: Ground) -> Iterator[Site]:
    yield from at_fields(ground, "crm", lambda one: one["id"].startswith("Score"), lambda one: {"unique": "true"})


@kind(
    "day_without_time",
    "types",
    "The CRM's field keeps the day and not its time",
    "MAP362 MAP312",
    steps=FIELDS,
)
def day_without_time(ground: Ground) -> Iterator[Site]:
    yield from at_fields(ground, "crm", typed("date_time"), lambda one: {"type": "date"})


@kind(
    "text_became_picklist",
    "types",
    "The CRM's administrator made a picklist of a field of free text",
    "MAP362 MAP304",
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
    steps="check_answers submit_form",
)
def answers_field_too_short(ground: Ground) -> Iterator[Site]:
    names = {name for _, one in ground.mapped() if one.get("answers") == "append" for name in crm_names(one)}
    yield from at_fields(ground, "crm", lambda one: one["id"] in names, lambda one: {"length": "80"})
