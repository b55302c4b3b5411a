"""Steps about the connector: install, sync, restart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field, model_validator

from leadproof.oracle import CycleSpan
from leadproof.scenario.connected import Connected, Cycle
from leadproof.scenario.registry import Done, Step, named
from leadproof.scenario.stage import Stage

AT_MOST = 10


@named("sync")
class Sync(Step):
    """Press Sync. `cycles: 1` runs that many cycles; `until: quiet` (the default) runs cycles until one writes
    nothing, at most 10. Where reads lag behind writes, the clock is moved on by the lag, and a cycle that sees all
    must be silent too. With several connections each takes its turn, unless `connection` names one."""

    until: Literal["quiet"] | None = Field(default=None, description="quiet: until a cycle writes nothing.")
    cycles: int | None = Field(default=None, ge=1, le=100, description="Exactly so many cycles.")
    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )

    @model_validator(mode="after")
    def _one_of(self) -> Sync:
        if self.until is not None and self.cycles is not None:
            raise ValueError("say either `cycles` or `until`, not both")
        return self

    def run(self, stage: Stage) -> Done:
        chosen = [stage.connection(self.connection)] if self.connection else list(stage.connections.values())
        if self.cycles is not None:
            ran = [run_cycle(stage, one) for _ in range(self.cycles) for one in chosen]
        else:
            ran = until_quiet(stage, chosen)
        written = sum(writes(one) for one in ran)
        stopped = [one.stopped.title for one in ran if one.stopped is not None]
        text = f"{_times(len(ran), 'cycle')}, {_times(written, 'write')}"
        return Done(f"{text}; stopped: {stopped[0]}" if stopped else text)


def until_quiet(stage: Stage, chosen: Sequence[Connected]) -> list[Cycle]:
    """Cycles until one of each connection writes nothing although it sees all that was written; at most 10 that
    write, or that see only a part."""
    ran: list[Cycle] = []
    for _ in range(AT_MOST):
        ran += (round_ := _round(stage, chosen))
        if _written(round_) == 0 and wait_for_reads(stage, chosen):
            ran += (round_ := _round(stage, chosen))
        if _written(round_) == 0:
            break
    return ran


def wait_for_reads(stage: Stage, chosen: Sequence[Connected]) -> bool:
    """Let the time pass after which reads tell all that was written (sync-semantics.md "Cycles"); whether there was
    any to wait for. On live systems nobody's clock can be moved."""
    if stage.lab is None:
        return False
    return stage.lab.wait_for_reads(system.name for one in chosen for system in (one.crm, one.marketing))


def _round(stage: Stage, chosen: Sequence[Connected]) -> list[Cycle]:
    return [run_cycle(stage, one) for one in chosen]


def _written(round_: Sequence[Cycle]) -> int:
    return sum(writes(one) for one in round_)


def run_cycle(stage: Stage, connected: Connected) -> Cycle:
    """One cycle, with its boundaries in the journal and its findings kept for the checks."""
    began = stage.lab.position() if stage.lab is not None else 0
    cycle = connected.connector.cycle()
    if stage.lab is not None:
        stage.spans.setdefault(connected.name, []).append(CycleSpan(began, stage.lab.position()))
    connected.cycles.append(cycle)
    stage.note(cycle.findings)
    if cycle.stopped is not None:
        stage.note([cycle.stopped])
    return cycle


def writes(cycle: Cycle) -> int:
    return cycle.writes_crm + cycle.writes_marketing


def _times(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


@named("install")
class Install(Step):
    """Add to the CRM the fields that the marketing tool needs and the CRM lacks (product.md B1).

    `expect: nothing` stops the scenario if there was something to add: a second time must change nothing."""

    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )
    expect: Literal["something", "nothing", "anything"] = Field(
        default="anything", description="something, nothing or anything: what it must find to add."
    )

    def run(self, stage: Stage) -> Done:
        chosen = [stage.connection(self.connection)] if self.connection else list(stage.connections.values())
        added = [id for one in chosen for id in one.connector.install()]
        for one in chosen:
            one.forget_schemas()
        if self.expect != "anything" and bool(added) != (self.expect == "something"):
            told = ", ".join(added) or "nothing"
            raise stage.refused("RUN808", f"The install module added {told}; the scenario expects {self.expect}.")
        return Done(f"added {', '.join(added)}" if added else "nothing to add")


@named("restart_connector", needs=("built_in",))
class RestartConnector(Step):
    """End the connector's process, as it were, and start it again on the store that it left behind."""

    connection: str | None = Field(
        default=None,
        description="One connection, by its integration file's name without ending; all of them unless said.",
    )

    def run(self, stage: Stage) -> Done:
        for one in [stage.connection(self.connection)] if self.connection else stage.connections.values():
            one.connector.close()
            one.connector = one.start()
        return Done("started again on its store")
