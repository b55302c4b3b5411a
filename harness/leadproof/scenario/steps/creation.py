"""Steps that make dummy records (product.md A1)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadproof.scenario.connected import Connected, Shared
from leadproof.scenario.filling import Identity, dummy_value, fillable
from leadproof.scenario.people import Person
from leadproof.scenario.registry import Done, Entered, Row, Step, named
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.campaigns import join
from leadproof.scenario.wording import cell, shown
from leadproof.systems.ports import Capability, Write
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import convert
from leadterms.refusals import ConversionRefused
from leadterms.values import Value

Fill = Literal["every_mapped_field", "basics", "nothing"]
BATCH = 200
BASICS = frozenset({"first_name", "last_name", "email", "company", "phone"})


@named("create_lead")
class CreateLead(Step):
    """Make a dummy lead in one system, as a person would type it in.

    `fill: every_mapped_field` (the default) fills each mapped field: free text holds the word `test`, picklists,
    checkboxes, dates and numbers an allowed value that the run remembers, names come from seeded Faker. `basics`
    fills names, e-mail, company and phone. `values` come on top. `object` is Lead unless Contact is wanted."""

    as_: str = Field(alias="as", description="The name by which later steps say `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    fill: Fill = Field(default="every_mapped_field", description="every_mapped_field, basics or nothing.")
    object: str = Field(default="", description="The object, if not the usual one.")
    values: dict[str, Entered] = Field(default_factory=dict, description="Field id -> value.")
    campaign: str = Field(default="", description="The campaign's name on either side of the integration.")
    status: str = Field(default="", description="The member status.")
    owner: str = Field(default="", description="The user name of its owner.")
    allow_duplicates: bool = Field(default=False, description="Let the duplicate rules pass.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        object = connected.object_id(side, self.object) or connected.person_object(side)
        who = stage.new_identity()
        typed = stage.typed(connected, side, object, self.values)
        values = {**dummy_values(stage, side, filled_fields(connected, side, object, self.fill), who), **typed}
        owner = stage.user_id(connected, side, self.owner) if self.owner else None
        write = Write(
            "create",
            object,
            values={key: value for key, value in values.items() if value is not None},
            assign=True,
            owner=owner,
            allow_duplicates=self.allow_duplicates,
        )
        person = keep(stage, connected, side, self.as_, write)
        stage.name(self.as_, person)
        members = Capability.MEMBERS in connected.system(side).can
        if self.campaign and members:
            join(stage, connected, side, person, self.campaign, self.status)
        specs = connected.specs(side, object)
        rows = tuple(_row(side, connected, specs[key], value) for key, value in values.items())
        made = f"{object} {person.ids[connected.system(side).name][1]} with {len(rows)} fields filled"
        if self.campaign and not members:
            made += f"; in no campaign, because {connected.system(side).name}'s API keeps no members"
        return Done(made, rows)


@named("create_records")
class CreateRecords(Step):
    """Make many dummy people at once, each with names, e-mail, company and phone of its own.

    `as` names them as a group: `$many` in a check means all of them. `{n}` in a value becomes the number."""

    as_: str = Field(alias="as", description="The name by which later steps say `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    count: int = Field(ge=1, le=100_000, description="How many.")
    object: str = Field(default="", description="The object, if not the usual one.")
    fill: Fill = Field(default="basics", description="every_mapped_field, basics or nothing.")
    values: dict[str, Entered] = Field(default_factory=dict, description="Field id -> value.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        object = connected.object_id(side, self.object) or connected.person_object(side)
        fields = filled_fields(connected, side, object, self.fill)
        group: list[Person] = []
        for start in range(0, self.count, BATCH):
            people = [stage.new_identity() for _ in range(start, min(start + BATCH, self.count))]
            writes = []
            for number, who in enumerate(people, start + 1):
                raw = {key: _numbered(value, number) for key, value in self.values.items()}
                values = {**dummy_values(stage, side, fields, who), **stage.typed(connected, side, object, raw)}
                writes.append(Write("create", object, values=values, assign=True))
            results = connected.system(side).write(writes)
            for write, result in zip(writes, results, strict=True):
                name = f"{self.as_}{len(group) + 1}"
                id = stage.settle(connected, side, result, object)
                group.append(remembered(stage, connected, side, name, write, id))
        stage.name(self.as_, group)
        return Done(f"{len(group)} × {object} in {connected.system(side).name}")


@named("create_record")
class CreateRecord(Step):
    """Make one record of any object, such as an Opportunity. `$lead` as a value is that person's id there."""

    as_: str = Field(default="", alias="as", description="The name by which later steps say `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    object: str = Field(description="The object, such as Opportunity.")
    values: dict[str, Entered] = Field(description="Field id -> value.")
    owner: str = Field(default="", description="The user name of its owner.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        raw = {key: reference(stage, connected, side, value) for key, value in self.values.items()}
        object = connected.object_id(side, self.object)
        values = stage.typed(connected, side, object, raw)
        owner = stage.user_id(connected, side, self.owner) if self.owner else None
        write = Write("create", object, values=values, assign=True, owner=owner)
        result = connected.system(side).write([write])[0]
        id = stage.settle(connected, side, result, object)
        stage.made.append((connected.system(side).name, object, id))
        if self.as_:
            stage.things[self.as_] = (connected.system(side).name, object, id)
        return Done(f"{object} {id}")


def _shared_value(stage: Stage, side: str, spec: FieldSpec, shared: Shared, who: Identity) -> Value:
    """A value of this field that the field's partner on the other side can hold too. Where the field says less of
    what it takes than the partner does (a text for a number, choices that the API does not tell), it is the
    partner's value as this field holds it."""
    value = dummy_value(shared.spec, who, stage.seed, choices=shared.choices)
    for mapping, partner in shared.partners:
        there, back = mapping.values_to_marketing, mapping.values_to_crm
        if side == "marketing":
            there, back = back, there
        try:
            if value is not None:
                convert(value, spec, partner, values=there)
                continue
            known = [one for one in partner.choices if back is None or one in back]
            return convert(dummy_value(partner, who, stage.seed, choices=known), partner, spec, values=back)
        except ConversionRefused:
            value = None
    return value


def reference(stage: Stage, connected: Connected, side: str, value: Entered) -> Entered:
    """`$lead` becomes the id of that person, or thing, on this side; other values stay."""
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    thing = stage.things.get(value[1:])
    if thing is not None:
        return str(thing[2])
    from leadproof.scenario.steps.editing import record_of

    return record_of(stage, connected, side, stage.person(value)).id


Filled = dict[str, tuple[FieldSpec, Shared | None, bool]]
"""By id, the fields that a dummy record fills: what a field's partners can hold too (None for one that is filled only
because it is required), and whether it is a consent."""


def filled_fields(connected: Connected, side: str, object: str, fill: Fill) -> Filled:
    """Every mapped field that a person could fill, or the basic ones; and those that must be filled."""
    if fill == "nothing":
        return {}
    crm_object = object if side == "crm" else connected.people_objects[0]
    specs = connected.specs(side, object)
    fields: Filled = {}
    for mapping in connected.mappings(crm_object):
        spec = specs.get(str(mapping.crm_field if side == "crm" else mapping.marketing_field))
        basic = connected.engine_field("marketing", connected.prospect, str(mapping.marketing_field)) in BASICS
        if spec is None or not fillable(spec) or (fill == "basics" and not basic):
            continue
        fields[spec.id] = spec, connected.shared(side, object, spec), mapping.sticky
    for spec in specs.values():
        if spec.required and fillable(spec) and spec.id not in fields and spec.default is None:
            fields[spec.id] = spec, None, False
    return fields


def dummy_values(stage: Stage, side: str, fields: Filled, who: Identity) -> dict[str, Value]:
    """The values of a dummy record of this person."""
    values: dict[str, Value] = {}
    for id, (spec, shared, consent) in fields.items():
        if shared is None:
            values[id] = dummy_value(spec, who, stage.seed)
        else:
            # An opted-out dummy lead would be left out of campaigns; consent has scenarios of its own.
            values[id] = False if consent else _shared_value(stage, side, spec, shared, who)
    return values


def keep(stage: Stage, connected: Connected, side: str, name: str, write: Write) -> Person:
    """Send one create and remember whom it made."""
    result = connected.system(side).write([write])[0]
    return remembered(stage, connected, side, name, write, stage.settle(connected, side, result, write.object))


def remembered(stage: Stage, connected: Connected, side: str, name: str, write: Write, id: str) -> Person:
    """The person that a create made, with what was entered."""
    org = connected.system(side).name
    person = Person(name, made_in=org, ids={org: (write.object, id)})
    person.entered.update({(org, key): value for key, value in write.values.items()})
    match_field = connected.match_field(side, write.object)
    if match_field:
        person.remember_key(write.values.get(match_field))
    stage.made.append((org, write.object, id))
    return person


def _row(side: str, connected: Connected, spec: FieldSpec, value: Value) -> Row:
    made = cell(connected.system(side).name, spec, value)
    marketing, crm = (made, None) if side == "marketing" else (None, made)
    return Row(marketing, crm, shown(value), "passed")


def _numbered(value: Entered, number: int) -> Entered:
    return value.replace("{n}", str(number)) if isinstance(value, str) else value
