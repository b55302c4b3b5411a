"""The check of several answers to one record (sync-semantics.md "Several answers to one record")."""

from __future__ import annotations

import re

from pydantic import Field

from leadproof.findings import At, find
from leadproof.scenario.checks.fields import one_record
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import listed
from leadproof.systems.ports import Capability

ENTRY = re.compile(r"^\[(?P<time>[^\]#]+?) #(?P<id>[^\]]+)\] ?", re.MULTILINE)


@named("check_answers")
class CheckAnswers(Check):
    """The field keeps every answer, each once, in order, as `[time #id] text`; no two with the same id."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    field: str = Field(description="The field's id.")
    texts: list[str] = Field(description="The answers, in order.")

    def lacks(self, stage: Stage) -> str:
        """A marketing tool that tells the newest answer only."""
        return self.cannot(stage, "marketing", Capability.ANSWERS, "every answer that was given")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        person = stage.person(self.lead)
        record = one_record(stage, connected, side, person)
        if isinstance(record, Result):
            return record
        spec = stage.spec(connected, side, record.object, self.field)
        held = str(record.values.get(spec.id) or "")
        found = entries(held)
        texts = [text for _, text in found]
        ids = [id for id, _ in found]
        where = f"{connected.system(side).name} {record.object}.{spec.id}"
        if texts == self.texts and len(set(ids)) == len(ids):
            return passed(f"{where} keeps {len(texts)} answers, each once")
        expected = listed([repr(one) for one in self.texts])
        at = At(side, connected.system(side).name, record.object, record.id, spec.id)
        cause = find("MAP316", f"{where} holds {listed([repr(one) for one in texts])}.", places=[at])
        return failed(where, expected, repr(held) if held else "(blank)", findings=stage.causes(cause))


def entries(text: str) -> list[tuple[str, str]]:
    """The (id, text) pairs of a field that answers were appended to."""
    marks = list(ENTRY.finditer(text))
    ends = [*(one.start() for one in marks[1:]), len(text)][: len(marks)]
    return [(mark["id"], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=True)]
