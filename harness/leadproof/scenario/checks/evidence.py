"""Checks of what was found, what was sent, and what the histories tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from leadproof.findings import find
from leadproof.findings.catalogue import UnknownCode, entry
from leadproof.scenario.checks.fields import one_record
from leadproof.scenario.control import Fact
from leadproof.scenario.registry import Check, Entered, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.wording import listed, shown
from leadproof.systems.ports import Capability
from leadterms.fieldtypes import same

RULES = "ASG2"
"""How the codes of findings about assignment rules begin."""


@named("check_finding")
class CheckFinding(Check):
    """A cause is named: a finding with this code came out of a cycle or of the doctor (`by`), and its text names
    `says` if given. `absent: yes`: no such finding. A finding that was expected is no cause of later failures."""

    code: str = Field(description="The finding's code.")
    by: Literal["sync", "doctor", "either"] = Field(default="either", description="sync, doctor or either.")
    says: str = Field(default="", description="A part of its text.")
    absent: bool = Field(default=False, description="It must not be there.")

    def lacks(self, stage: Stage) -> str:
        """The doctor cannot judge rules that neither an API nor a sandbox tells."""
        if self.by == "doctor" and self.code.startswith(RULES):
            for connected in stage.connections.values():
                if Capability.ASSIGNMENT_RULES not in connected.crm.can and stage.rule_book(connected) is None:
                    return f"needs the assignment rules of {connected.crm.name}, which its API does not tell"
        return super().lacks(stage)

    def compare(self, stage: Stage) -> Result:
        try:
            title = entry(self.code).title
        except UnknownCode as unknown:
            raise stage.refused("CFG833", str(unknown)) from None
        told = list(stage.findings) if self.by != "doctor" else []
        if self.by != "sync":
            told += [one for connected in stage.connections.values() for one in stage.diagnose(connected)]
        match = [one for one in told if one.code == self.code and self.says.casefold() in one.cause.casefold()]
        others = sorted({f"{one.code} {one.title}" for one in told})
        what = f"{self.code} {title}"
        if bool(match) != self.absent:
            if match:
                stage.findings = [one for one in stage.findings if one.code != self.code]
            return passed(f"{what}: {match[0].cause}" if match else f"no {what}")
        if self.absent:
            return failed("findings", f"no {what}", match[0].cause, findings=match[:1])
        says = f", naming {self.says!r}" if self.says else ""
        return failed("findings", what + says, listed(others) if others else "no finding")


@named("check_no_findings")
class CheckNoFindings(Check):
    """Neither a cycle nor the doctor found anything of this level (error) or worse."""

    level: Literal["error", "warning", "note"] = Field(default="error", description="error, warning or note.")

    def compare(self, stage: Stage) -> Result:
        rank = {"error": 0, "warning": 1, "note": 2}
        told = list(stage.findings)
        told += [one for connected in stage.connections.values() for one in stage.diagnose(connected)]
        bad = [one for one in told if rank[one.level] <= rank[self.level]]
        if not bad:
            return passed(f"no finding of level {self.level} or worse, by the sync or the doctor")
        text = "; ".join(f"{one.code} {one.cause}" for one in bad[:3])
        return failed("findings", f"none of level {self.level}", text, findings=tuple(bad[:3]))


@named("check_exchanges", needs=("control",))
class CheckExchanges(Check):
    """Requests of this kind were made: `count` of them, or `at_least`/`at_most`. If none fits, the three nearest are
    shown with what differed. `method` and `path` (a part of it) say which; `status` what the system answered."""

    in_: str = Field(default="crm", alias="in", description="Where: crm, marketing or an org's name.")
    method: str = Field(default="", description="The HTTP method.")
    path: str | list[str] = Field(
        default="", description="A part of the path; of several, one that fits: vendors name their calls differently."
    )
    status: int | None = Field(default=None, description="The HTTP status that was answered.")
    by: str = Field(default="connector", description="The actor who called.")
    count: int | None = Field(default=None, ge=0, description="How many.")
    at_least: int | None = Field(default=None, ge=0, description="At least so many.")
    at_most: int | None = Field(default=None, ge=0, description="At most so many.")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        org = connected.system(side).name
        assert stage.lab is not None
        facts = [one for one in stage.lab.facts(org=org, kinds=("exchange",)) if one.get("actor") == self.by]
        paths = [self.path] if isinstance(self.path, str) else self.path
        wanted = [
            ("method", self.method.upper()),
            ("path", tuple(one for one in paths if one)),
            ("status", self.status),
        ]
        differing = [(_differences(fact, wanted), fact) for fact in facts]
        count = sum(1 for differences, _ in differing if not differences)
        low = self.count if self.count is not None else (self.at_least if self.at_least is not None else 1)
        high = self.count if self.count is not None else self.at_most
        if self.at_most is not None and self.at_least is None and self.count is None:
            low = 0
        what = " ".join(_worded(value) for _, value in wanted if value not in ("", (), None)) or "any request"
        if count >= low and (high is None or count <= high):
            return passed(f"{count} × {what} by {self.by} in {org}")
        expected = f"{low}" if low == high else f"at least {low}" if high is None else f"{low} to {high}"
        nearest = sorted(differing, key=lambda one: (len(one[0]), one[1].get("n", 0)))[:3]
        lines = tuple(
            f"{fact['method']} {fact['path']} {fact['status']}: " + ("; ".join(differences) or "fits")
            for differences, fact in nearest
        )
        return failed(f"{what} in {org}", expected, str(count), exchanges=lines, findings=stage.causes())


def _differences(fact: Fact, wanted: Sequence[tuple[str, object]]) -> list[str]:
    found = []
    for key, value in wanted:
        if value in ("", (), None):
            continue
        held = fact.get(key)
        fits = any(part in str(held) for part in value) if isinstance(value, tuple) else str(held) == str(value)
        if not fits:
            found.append(f"{key} is {held}, not {_worded(value)}")
    return found


def _worded(value: object) -> str:
    return " or ".join(value) if isinstance(value, tuple) else str(value)


@named("check_journal", needs=("control",))
class CheckJournal(Check):
    """The journal of the whole scenario verifies: no fact is missing, none is out of order."""

    def compare(self, stage: Stage) -> Result:
        assert stage.lab is not None
        problems = stage.lab.verify()
        if not problems:
            return passed("the journal is complete and in order")
        cause = find("SIM904", "; ".join(problems[:3]))
        return failed("journal", "complete and in order", "; ".join(problems[:3]), findings=(cause,))


@named("check_history", needs=("history",))
class CheckHistory(Check):
    """The record's own history tells that a field once held `held`, in the order given: who changed it is asked with
    `by` (the actor)."""

    lead: str = Field(description="The lead or group, as `$name`.")
    in_: str = Field(alias="in", description="Where: crm, marketing or an org's name.")
    field: str = Field(description="The field's id.")
    held: list[Entered] = Field(min_length=1, description="The values it held, in order.")
    by: str = Field(default="", description="The actor who changed it.")

    def lacks(self, stage: Stage) -> str:
        """A system that keeps no history."""
        return self.cannot(stage, self.in_, Capability.HISTORY, "the history of a field")

    def compare(self, stage: Stage) -> Result:
        connected, side = stage.located(self.in_)
        person = stage.person(self.lead)
        record = one_record(stage, connected, side, person)
        if isinstance(record, Result):
            return record
        system = connected.system(side)
        spec = stage.spec(connected, side, record.object, self.field)
        changes = [
            one
            for one in system.history(record.object, record.id)
            if one.field == spec.id and (not self.by or one.actor == self.by)
        ]
        wanted = [stage.typed(connected, side, record.object, {self.field: one})[spec.id] for one in self.held]
        remaining = list(wanted)
        for one in changes:
            if remaining and same(spec, one.after, remaining[0]):
                remaining.pop(0)
        told = ", then ".join(f"{shown(one.after)} (by {one.actor or one.user})" for one in changes)
        where = f"{system.name} {record.object}.{spec.id}"
        if not remaining:
            return passed(f"{where} was {told}")
        expected = ", then ".join(shown(one) for one in wanted)
        return failed(f"history of {where}", expected, told or "no change", findings=stage.causes())
