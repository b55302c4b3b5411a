"""Steps that end or change what a record is: convert, delete, undelete, merge."""

from __future__ import annotations

from pydantic import Field

from leadproof.scenario.registry import Done, Step, named
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.editing import record_of
from leadproof.systems.ports import Capability, Write


@named("convert")
class Convert(Step):
    """A salesperson converts the lead into a contact with its account, and an opportunity if one is named."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    opportunity: str = Field(default="", description="The name of an opportunity to make with it.")

    def run(self, stage: Stage) -> Done:
        connected, _ = stage.located(self.in_)
        person = stage.person(self.lead)
        record = record_of(stage, connected, "crm", person)
        made = connected.crm.convert(record.id, opportunity=self.opportunity or None)
        org = connected.crm.name
        person.ids[org] = ("Contact", made.contact_id)
        ids = (
            ("Contact", made.contact_id),
            ("Account", made.account_id),
            ("Opportunity", made.opportunity_id),
        )
        stage.made.extend((org, object, id) for object, id in ids if id is not None)
        return Done(", ".join(f"{object} {id}" for object, id in ids if id is not None))


@named("delete")
class Delete(Step):
    """Delete a lead in one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        system = connected.system(side)
        for person in stage.people(self.lead):
            record = record_of(stage, connected, side, person)
            result = system.write([Write("delete", record.object, id=record.id)])[0]
            stage.settle(connected, side, result, record.object)
            person.ids[system.name] = (record.object, record.id)
        return Done(f"deleted in {system.name}")


@named("undelete")
class Undelete(Step):
    """Bring a deleted lead back from the recycle bin of one system."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        system = connected.system(side)
        for person in stage.people(self.lead):
            if system.name not in person.ids:
                raise stage.refused("RUN808", f"{self.lead} was not deleted in {system.name} by this scenario.")
            object, id = person.ids[system.name]
            system.undelete(object, id)
        return Done(f"back in {system.name}")


@named("merge")
class Merge(Step):
    """Merge another record into a lead's record in one system; the lead's record stays."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    loser: str = Field(description="The record that is merged away, as `$name`.")

    def lacks(self, stage: Stage) -> str:
        """A system that cannot merge."""
        return self.cannot(stage, self.in_, Capability.MERGE, "merging")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        winner = record_of(stage, connected, side, stage.person(self.lead))
        loser = record_of(stage, connected, side, stage.person(self.loser))
        connected.system(side).merge(winner.object, winner.id, [loser.id])
        return Done(f"{loser.object} {loser.id} is now part of {winner.id}")
