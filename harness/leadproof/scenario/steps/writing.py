"""The step that a program with the connector's login does: one write, as it is, whatever it is."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadproof.findings import UnknownCode, entry, find
from leadproof.scenario.registry import Done, Entered, Step, StepRefused, named
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.editing import record_of
from leadproof.systems.ports import Refusal, Write
from leadproof.systems.records import RefusalKind
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused
from leadterms.values import Value

Op = Literal["create", "update", "upsert", "delete"]
CODES: dict[RefusalKind, str] = {
    "invalid": "REF701",
    "duplicate": "DUP402",
    "locked": "REF703",
    "gone": "REF705",
    "permission": "CON111",
    "conflict": "REF706",
    "fault": "CYC604",
}
"""What a refusal of each kind is called, where the system's own code is none of the catalogue's."""


@named("write", needs=("nobody",))
class WriteRecord(Step):
    """A program with the connector's login writes one record, and nothing is checked or corrected before it is sent.

    What the system refuses stops the scenario with the finding that the refusal means, in the system's own words."""

    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    op: Op = Field(default="create", description="create, update, upsert or delete.")
    lead: str = Field(default="", description="The lead whose record it is, as `$name`.")
    object: str = Field(default="", description="The object, if not the usual one.")
    id: str = Field(default="", description="The record's id, if it is no lead of the scenario.")
    key: list[str] = Field(default_factory=list, description="For upsert: the external id's field and its value.")
    values: dict[str, Entered] = Field(default_factory=dict, description="Field id -> value, sent as it stands.")
    allow_duplicates: bool = Field(default=False, description="Let the duplicate rules pass.")

    def run(self, stage: Stage) -> Done:
        connected, side = stage.located(self.in_)
        object = self.object or (connected.prospect if side == "marketing" else connected.people_objects[0])
        id: str | None = self.id or None
        if self.lead:
            record = record_of(stage, connected, side, stage.person(self.lead))
            object, id = self.object or record.object, record.id
        crm, marketing = connected.eyes()
        system = crm if side == "crm" else marketing
        key = (self.key[0], self.key[1]) if len(self.key) == 2 else None
        values = {name: self._value(stage, side, object, name, text) for name, text in self.values.items()}
        write = Write(self.op, object, id, key, values, assign=False, allow_duplicates=self.allow_duplicates)
        (result,) = system.write([write])
        if result.refusal is not None:
            raise StepRefused(find(_code(result.refusal), _told(system.name, write, result.refusal), places=[stage.at]))
        return Done(f"{object} {result.id} {result.outcome}")

    def _value(self, stage: Stage, side: str, object: str, name: str, text: Entered) -> Value:
        """Typed where the field can read it; else as the text that it is: what is wrong is the point."""
        connected, _ = stage.located(self.in_)
        spec = connected.specs(side, object).get(name) if object in connected.schema(side) else None
        if spec is None:
            return text if not isinstance(text, list) else frozenset(text)
        try:
            return parse(spec, text)
        except ValueRefused:
            return text if not isinstance(text, list) else frozenset(text)


def _code(refusal: Refusal) -> str:
    try:
        return entry(refusal.code).code
    except UnknownCode:
        return CODES[refusal.kind]


def _told(org: str, write: Write, refusal: Refusal) -> str:
    what = " ".join(part for part in (write.op, write.object, write.id or "") if part)
    return f"{org} refused to {what}: {refusal.code}: {refusal.text}"
