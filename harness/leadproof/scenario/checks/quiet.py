"""Checks that the sync comes to rest, and that both systems satisfy the contract then."""

from __future__ import annotations

from pydantic import Field

from leadproof.findings import At, Evidence, Finding, find
from leadproof.oracle import Histories, Judged, Oracle, State, Violation
from leadproof.oracle.translation import violation_in
from leadproof.scenario.connected import Connected
from leadproof.scenario.registry import Check, Result, failed, named, passed
from leadproof.scenario.stage import Stage
from leadproof.scenario.steps.syncing import run_cycle, wait_for_reads, writes


class CycleStopped(Exception):
    """A cycle ended before it had read and written everything: its silence proves nothing."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"a cycle that stopped: {finding.cause}")
        self.finding = finding


@named("check_quiet")
class CheckQuiet(Check):
    """Without any outside change the sync comes to rest: a cycle writes nothing within `within_cycles` (3), and
    `then_silent` (2) further cycles write nothing. Counted in the systems' journal where there is one; where reads lag
    behind writes, the clock is moved on so that each cycle sees all. A cycle that was stopped (the connector is off,
    the address refused, the quota spent) is no silent one: the check fails."""

    within_cycles: int = Field(default=3, ge=1, description="Cycles until one writes nothing.")
    then_silent: int = Field(default=2, ge=0, description="Silent cycles after that.")
    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )

    def compare(self, stage: Stage) -> Result:
        chosen = [stage.connection(self.connection)] if self.connection else list(stage.connections.values())
        counts = []
        try:
            for _ in range(self.within_cycles):
                counts.append(self._round(stage, chosen))
                if counts[-1] == 0:
                    break
            came_to_rest = counts[-1] == 0
            after = [self._round(stage, chosen) for _ in range(self.then_silent)] if came_to_rest else []
        except CycleStopped as stopped:
            return failed("rest", "cycles that run to their end", str(stopped), findings=stage.causes())
        told = ", ".join(str(one) for one in counts + after)
        if came_to_rest and not any(after):
            cycles = "1 cycle" if len(counts) == 1 else f"{len(counts)} cycles"
            return passed(f"at rest after {cycles}, {self.then_silent} silent cycles after")
        expected = f"no write within {self.within_cycles} cycles, then {self.then_silent} silent cycles"
        cause = find("CYC602", f"The cycles wrote {told} times.", evidence=[Evidence(f"writes per cycle: {told}")])
        return failed("rest", expected, f"writes per cycle: {told}", findings=stage.causes(cause))

    def _round(self, stage: Stage, chosen: list[Connected]) -> int:
        """The writes of one cycle of each connection: as the systems saw them, else as the connector says."""
        wait_for_reads(stage, chosen)
        before = stage.lab.position() if stage.lab is not None else 0
        ran = [run_cycle(stage, one) for one in chosen]
        for cycle in ran:
            if cycle.stopped is not None:
                raise CycleStopped(cycle.stopped)
        said = sum(writes(one) for one in ran)
        if stage.lab is None:
            return said
        facts = stage.lab.facts(after=before, kinds=("change",))
        return max(said, sum(1 for fact in facts if fact.get("actor") == "connector"))


@named("check_oracle", needs=("control", "history"))
class CheckOracle(Check):
    """Both systems satisfy the whole contract at this moment: the oracle computes it from the integration file and
    both histories alone, without asking the connector. Where there is nobody and nothing to judge it fails."""

    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )

    def compare(self, stage: Stage) -> Result:
        chosen = [stage.connection(self.connection)] if self.connection else list(stage.connections.values())
        violations: list[Violation] = []
        judged = Judged()
        for one in chosen:
            wrong, looked_at = judge(stage, one)
            violations.extend(wrong)
            judged += looked_at
        if not violations and not judged:
            cause = find("RUN820", "The oracle found no person, account or opportunity in either system.")
            return failed("the contract of the sync", "somebody to judge", "nobody", findings=stage.causes(cause))
        if not violations:
            return passed(f"both systems satisfy the integration, by their histories: {judged} judged")
        causes = [_cause(one) for one in violations[:3]]
        expected = "; ".join(f"{one.place}: {one.expected}" for one in violations[:3])
        found = "; ".join(f"{one.place}: {one.found} ({one.because})" for one in violations[:3])
        more = f"; and {len(violations) - 3} more" if len(violations) > 3 else ""
        return failed("the contract of the sync", expected, found + more, findings=(*causes, *stage.causes()))


def judge(stage: Stage, connected: Connected) -> tuple[list[Violation], Judged]:
    """The oracle's violations at this moment, in a fixed order, and how much it looked at."""
    assert stage.lab is not None
    facts = stage.lab.facts()
    crm, marketing = connected.names["crm"], connected.names["marketing"]
    histories = Histories.read(
        facts,
        connected.crm,
        connected.marketing,
        cycles=stage.spans.get(connected.name, []),
        crm_names=crm.to_engine,
        marketing_names=marketing.to_engine,
        rules=stage.rule_book(connected),
    )
    oracle = Oracle(connected.judged_by or connected.integration, histories)
    found = oracle.judge(State.read(connected.crm, connected.marketing))
    return [violation_in(one, crm, marketing) for one in found], oracle.judged


def _cause(violation: Violation) -> Finding:
    place = violation.place
    at = At(place.system, "", place.object, place.record, place.field)
    text = f"{violation.because}: expected {violation.expected}, found {violation.found}"
    code = {
        "oracle.single": "DUP403",
        "oracle.delivered": "CYC601",
        "oracle.link": "CYC603",
        "oracle.changed_back": "OWN302",
        "oracle.owner": "OWN305",
        "oracle.consent": "OWN308",
        "oracle.member": "RPT503",
        "oracle.deletes": "CYC608",
        "oracle.report": "RPT501",
        "oracle.silent": "CYC602",
        "oracle.no_echo": "CYC602",
    }.get(violation.check, "CYC605")
    return find(code, f"{text} [{violation.check}]", places=[at])
