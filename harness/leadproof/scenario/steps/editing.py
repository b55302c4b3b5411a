"""Steps that change a person's record on one side, as people, data providers and salespeople do."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from leadproof.integration import Mapping as FieldRule
from leadproof.scenario.connected import Connected
from leadproof.scenario.people import Person, crm_records, known_record, prospects
from leadproof.scenario.registry import Done, Entered, Step, named
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import listed, shown
from leadproof.systems.ports import Record, Write
from leadterms.values import Value

OPT_OUT = "HasOptedOutOfEmail"
"""The CRM's own field for it, in the engine's words."""


def record_of(stage: Stage, connected: Connected, side: str, person: Person) -> Record:
    """The person's one live record on this side; the one that the scenario made itself, whatever others there are.
    Without it, none or several stop the scenario."""
    own = known_record(connected, side, person)
    if own is not None:
        return own
    records = crm_records(connected, person) if side == "crm" else prospects(connected, person)
    org = connected.system(side).name
    if len(records) != 1:
        ids = listed([f"{one.object} {one.id}" for one in records])
        raise stage.refused("RUN808", f"{person.name} has {len(records)} records in {org} ({ids}); one is needed.")
    return records[0]


def change(
    stage: Stage, connected: Connected, side: str, person: Person, record: Record, values: dict[str, Value]
) -> None:
    """Write values into the person's record on this side and remember them."""
    system = connected.system(side)
    result = system.write([Write("update", record.object, id=record.id, values=values, assign=False)])[0]
    stage.settle(connected, side, result, record.object)
    person.entered.update({(system.name, key): value for key, value in values.items()})
    match_field = connected.match_field(side, record.object)
    if match_field in values:
        person.remember_key(values[match_field])


@named("edit")
class Edit(Step):
    """Change fields of a lead in one system. The values are remembered as entered there."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    values: dict[str, Entered] = Field(min_length=1, description="Field id -> value.")

    def run(self, stage: Stage) -> Done:
        return edited(stage, self.lead, self.in_, self.values)


def edited(stage: Stage, lead: str, where: str, entered: Mapping[str, Entered]) -> Done:
    """Write the values into the lead's record, or into each of a group."""
    connected, side = stage.located(where)
    ids: list[str] = []
    values: dict[str, Value] = {}
    for person in stage.people(lead):
        record = record_of(stage, connected, side, person)
        values = stage.typed(connected, side, record.object, entered)
        change(stage, connected, side, person, record, values)
        ids.append(record.id)
    changed = ", ".join(f"{key} = {shown(value)}" for key, value in values.items())
    return Done(f"{changed} on {listed(ids) if len(ids) <= 3 else f'{len(ids)} records'}")


@named("clear")
class Clear(Step):
    """Empty fields of a lead in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    fields: list[str] = Field(min_length=1, description="Field ids.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        for person in stage.people(self.lead):
            record = record_of(stage, connected, side, person)
            change(
                stage,
                connected,
                side,
                person,
                record,
                stage.typed(connected, side, record.object, dict.fromkeys(self.fields)),
            )
        return Done(f"{listed(self.fields)} emptied")


@named("change_owner")
class ChangeOwner(Step):
    """Give a lead to another user or queue in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    to: str = Field(description="The user or queue.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        owner = stage.user_id(connected, side, self.to)
        system = connected.system(side)
        for person in stage.people(self.lead):
            record = record_of(stage, connected, side, person)
            write = Write("update", record.object, id=record.id, owner=owner, assign=False)
            stage.settle(connected, side, system.write([write])[0], record.object)
        return Done(f"owner in {system.name} is now {self.to}")


def opt_out_of(connected: Connected, crm_object: str) -> FieldRule | None:
    """The mapping of the opt-out: the sticky one; else, where that is forgotten, the one of the systems' own field."""
    mappings = [one for one in connected.mappings(crm_object) if one.marketing_field is not None]
    own = [one for one in mappings if connected.engine_field("crm", crm_object, one.crm_field) == OPT_OUT]
    return next((one for one in mappings if one.sticky), own[0] if own else None)


@named("opt_out")
class OptOut(Step):
    """The person unsubscribes, or (with `undo`) subscribes again, in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    undo: bool = Field(default=False, description="Subscribe again.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        for person in stage.people(self.lead):
            record = record_of(stage, connected, side, person)
            objects = (record.object,) if side == "crm" else connected.people_objects
            consent = next((one for object in objects if (one := opt_out_of(connected, object)) is not None), None)
            if consent is None:
                of = f" of {objects[0]}" if side == "crm" else ""
                raise stage.refused("CFG833", f"The integration maps no opt-out field{of} (`sticky: true`).")
            field_id = consent.crm_field if side == "crm" else str(consent.marketing_field)
            change(stage, connected, side, person, record, {field_id: not self.undo})
        return Done("subscribed again" if self.undo else "opted out")


@named("provider_update")
class ProviderUpdate(Step):
    """A data provider writes better data into one system; it counts as an edit of that system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    values: dict[str, Entered] = Field(min_length=1, description="Field id -> value.")

    def run(self, stage: Stage) -> Done:
        return edited(stage, self.lead, self.in_, self.values)
