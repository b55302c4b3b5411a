"""Runs one scenario: sets the stage, does its steps, and emits its events (formats.md "Events").

A check that does not hold fails the scenario and the next steps go on; a step that cannot be done is an error
and ends it, and one that the set-up refuses at the door fails and ends it. An error of ours is caught here too,
as SIM902: a person never sees a traceback as a result.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from leadproof.drivers.driven import Driver
from leadproof.findings import Finding, find
from leadproof.processes import WorkerEnded
from leadproof.scenario.agreed import lead_fields
from leadproof.scenario.checks.cleaning import CleanUp, causes_left, remove_all, told_of_others
from leadproof.scenario.document import Loaded
from leadproof.scenario.events import Event, Verdict
from leadproof.scenario.failures import check_causes, defect_finding, failure_finding, refusal_causes
from leadproof.scenario.journey import journey, timeline
from leadproof.scenario.live import Live, LiveRefused, open_live_stage
from leadproof.scenario.pairs import Pair
from leadproof.scenario.preparation import prepared
from leadproof.scenario.registry import Check, Done, Result, Step, StepNumber, StepRefused, rows_json
from leadproof.scenario.settings import Factory, SettingRefused, Target, open_stage
from leadproof.scenario.sources import Sources
from leadproof.scenario.stage import Stage
from leadproof.stopwatch import Stopwatch
from leadproof.systems.failures import CallFailed
from leadproof.systems.organization import Side
from leadterms.refusals import DocumentRefused, LeadtermsError

Emit = Callable[[Event], None]
SET_UP = frozenset({"NET110", "CON110", "CON111"})
"""A step refused at the org's door - address, login, permission - is a finding about the set-up: it fails."""
USAGE = ("CFG", "MAP", "RUN805")
"""How the codes of mistakes in our own files begin (quality.md "Ease": exit code 2)."""
ORDER: tuple[Verdict, ...] = ("error", "failed", "skipped", "passed")


@dataclass(frozen=True, slots=True)
class Options:
    """How scenarios are run. `seed` is text, so that any word can be one; `facts`: emit the journal's facts too;
    `pictures`: the lead's journey, and where something failed the connector's calls;
    `again`: the command that repeats the run, for the reports;
    `sources`: where integrations and recipes are read; `pair`: the dialects to run on, if not the files' own;
    `ports`: those of the connector's actor, for a connector that runs by itself (free ones unless said)."""

    seed: str = "1"
    over: Literal["process", "http"] = "process"
    keep: Path | None = None
    facts: bool = False
    pictures: bool = False
    again: str = ""
    connector: Factory | Driver | None = None
    sources: Sources = field(default_factory=Sources)
    to_first_failure: bool = False
    pair: Pair | None = None
    live: Live | None = None
    ports: Mapping[Side, int] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What became of one scenario. `ours`: a defect of Leadproof was met; `usage`: a mistake in its files, and
    `environment`: something else, kept it from being done."""

    id: str
    verdict: Verdict
    digest: str
    reason: str = ""
    ours: bool = False
    usage: bool = False
    environment: bool = False
    events: list[Event] = field(default_factory=list)


def run_scenario(loaded: Loaded, options: Options, listener: Emit | None = None) -> Outcome:
    """Run one scenario in a world of its own. Never raises for what happens inside; KeyboardInterrupt passes."""
    return _Run(loaded, options, listener).run()


def lost_scenario(loaded: Loaded, options: Options) -> Outcome:
    """The outcome of one whose process was ended from outside, told as one whose stage could not be set."""
    cause = "The process that ran the scenario, and no other one beside it, was ended from outside."
    return _Run(loaded, options, None).run(StepRefused(find(WorkerEnded.code, cause)))


class _Run:
    """One scenario's run, from scenario_started to scenario_finished."""

    def __init__(self, loaded: Loaded, options: Options, listener: Emit | None) -> None:
        self._loaded, self._options, self._listener = loaded, options, listener
        self._outcome = Outcome(loaded.id, "passed", "")
        self._numbers = StepNumber()
        self._journalled = 0
        self._stage: Stage | None = None

    def run(self, lost: StepRefused | None = None) -> Outcome:
        """All of it; or what is told of one that was `lost`."""
        watch = Stopwatch()
        refused = self._own_telling()
        head = {"name": self._loaded.title, "file": self._loaded.file, "covers": self._loaded.scenario.covers}
        self._emit("scenario_started", None, {**head, "about": self._loaded.scenario.about})
        try:
            if lost is not None:
                raise lost
            if refused is not None:
                raise refused
            with ExitStack() as stack:
                self._play(stack)
        except (CallFailed, StepRefused, DocumentRefused, SettingRefused, LiveRefused) as failure:
            self._error(failure_finding(failure, None), isinstance(failure, DocumentRefused))
        except Exception as defect:  # a bug of ours or of a connector's: the run goes on and tells it as one
            self._defect(defect, None)
        self._emit(
            "scenario_finished",
            None,
            {
                "name": self._loaded.title,
                "file": self._loaded.file,
                "verdict": self._outcome.verdict,
                "reason": self._outcome.reason,
                "digest": self._outcome.digest,
                "seed": self._options.seed,
                "wall_seconds": watch.seconds,
            },
        )
        return self._outcome

    def _own_telling(self) -> DocumentRefused | None:
        """Take the pair's own telling of the scenario; its refusal, where it cannot be read."""
        if self._options.pair is not None and self._options.live is None:
            try:
                self._loaded = self._options.pair.own(self._loaded)
            except DocumentRefused as refused:
                return refused
        return None

    def _play(self, stack: ExitStack) -> None:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="leadproof-")))
        told = self._options
        if told.live is not None:
            self._play_live(told.live, work, stack)
            return
        target = Target(told.seed, told.over, told.connector, told.sources, told.pair, told.ports)
        stage, sandbox = open_stage(self._loaded, target, work, stack)
        self._stage = stage
        try:
            for number, step in enumerate(self._loaded.steps):
                stage.at = self._loaded.place(number)
                if not self._do(stage, number + 1, step):
                    break
                if self._options.to_first_failure and self._outcome.verdict == "failed":
                    break
            self._tidy(stage)
        finally:
            self._outcome.digest = sandbox.digest()
            self._keep(stage)
            if self._options.pictures:
                self._draw(stage)

    def _play_live(self, live: Live, work: Path, stack: ExitStack) -> None:
        """On live systems: no journal, so no digest; what was made is removed whatever became of the steps."""
        stage = open_live_stage(self._loaded, live, self._options.seed, self._options.connector, work, stack)
        self._stage = stage
        try:
            for number, step in enumerate(self._loaded.steps):
                stage.at = self._loaded.place(number)
                if not self._do(stage, number + 1, step):
                    break
        finally:
            self._tidy(stage)

    # --- steps -------------------------------------------------------------------------------------------------

    def _do(self, stage: Stage, number: int, step: Step) -> bool:
        """One step or check; False ends the scenario."""
        place = {"file": self._loaded.file, "line": stage.at.line}
        said = step.said()
        self._emit("step_started", number, {"name": step.step, "said": said, **place})
        reason = stage.excused.get(number) or step.lacks(stage) or stage.lacking(step)
        if reason:
            name = getattr(step, "as_", "")
            if name:
                stage.absent[f"${name.removeprefix('$')}"] = None
            self._worsen("skipped", f"{step.step}: {reason}")
            skipped = Result("skipped", reason)
            if isinstance(step, Check):
                self._check_finished(stage, number, step, said, place, skipped)
            else:
                self._step_finished(number, step, said, place, "skipped", Done(reason))
            return True
        try:
            if isinstance(step, Check):
                result = step.compare(stage)
            else:
                done = step.run(stage)
        except (CallFailed, StepRefused, LeadtermsError) as failure:
            finding = failure_finding(failure, stage)
            self._facts(stage, number)  # what was refused is what a reader wants to see
            self._failed_to_do(stage, number, step, said, place, finding)
            return False
        except Exception as defect:  # a bug of ours or of a connector's ends this scenario, not the run
            self._defect(defect, number)
            return False
        self._facts(stage, number)
        if isinstance(step, Check):
            if result.verdict == "failed":
                self._worsen("failed", f"{step.step.replace('_', ' ')}: {result.compared}")
            self._check_finished(stage, number, step, said, place, result)
        else:
            self._step_finished(number, step, said, place, "passed", done)
        return True

    def _step_finished(
        self, number: int, step: Step, said: str, place: dict[str, Any], verdict: Verdict, done: Done
    ) -> None:
        data = {"name": step.step, "said": said, **place, "verdict": verdict}
        self._emit("step_finished", number, {**data, "text": done.text, "rows": rows_json(done.rows)})

    def _check_finished(
        self, stage: Stage, number: int, step: Step, said: str, place: dict[str, Any], result: Result
    ) -> None:
        causes = list(result.findings)
        if result.verdict == "failed":
            causes = check_causes(stage, step, result)
        causes = [stage.placed(one) for one in causes]
        self._emit(
            "check_finished",
            number,
            {
                "id": self._numbers.next_id(self._loaded.id, step.step),
                "name": step.step,
                "said": said,
                "verdict": result.verdict,
                "compared": result.compared,
                "expected": result.expected,
                "found": result.found,
                **place,
                "finding": causes[0].code if causes else None,
                "findings": [one.to_json() for one in causes],
                "rows": rows_json(result.rows),
                "exchanges": list(result.exchanges),
            },
        )
        for one in causes:
            self._emit("finding", number, {"finding": one.to_json()})

    def _failed_to_do(
        self, stage: Stage, number: int, step: Step, said: str, place: dict[str, Any], finding: Finding
    ) -> None:
        finding = stage.placed(finding)
        verdict: Verdict = "failed" if finding.code in SET_UP else "error"
        causes = refusal_causes(stage, step, finding)
        if isinstance(step, Check):
            result = Result(verdict, finding.title, "an answer", finding.cause, findings=tuple(causes))
            self._check_finished(stage, number, step, said, place, result)
        else:
            self._step_finished(number, step, said, place, verdict, Done(finding.cause))
            for one in causes:
                self._emit("finding", number, {"finding": one.to_json()})
        self._worsen(verdict, f"{finding.code} {finding.cause}")
        if verdict == "error":
            self._blame(finding)

    # --- endings -----------------------------------------------------------------------------------------------

    def _tidy(self, stage: Stage) -> None:
        """`clean_up: always` removes the dummy records at the end; on live systems they always are (product.md A5).
        What could not be removed fails the scenario: somebody must do it."""
        live = self._options.live
        if live is None:
            if self._options.keep or self._loaded.scenario.clean_up != "always":
                return
            if any(isinstance(step, CleanUp) for step in self._loaded.steps):
                return
        removed, left = remove_all(stage)
        if live is not None and live.journal is not None and not left:
            live.journal.cleaned(self._loaded.id)  # before it is told: the terminal may be gone
        text = f"{removed} dummy records removed" + "".join(f"; left: {one.org} {one.object} {one.id}" for one in left)
        text += told_of_others(stage)
        self._emit("notice", None, {"level": "warning" if left else "note", "text": text})
        if left:
            finding = causes_left(left)[0]
            self._emit("finding", None, {"finding": finding.to_json()})
            self._worsen("failed", f"clean-up: {finding.code} {finding.cause}")

    def _draw(self, stage: Stage) -> None:
        """What a report draws: after the digest was taken and the journal kept, which both end where the scenario
        does; a system that does not answer any more leaves its part out."""
        for kind, tell in (("journey", journey), ("lead_fields", lead_fields)):
            with suppress(CallFailed):
                told = tell(stage)
                if told is not None:
                    self._emit(kind, None, told)
        if self._outcome.verdict in ("failed", "error"):
            self._emit("timeline", None, {"calls": timeline(stage)})
        for connected in stage.connections.values():
            with suppress(CallFailed):
                self._emit("prepared", None, prepared(connected))

    def _keep(self, stage: Stage) -> None:
        """With --keep the journal stays, for reading."""
        if self._options.keep is None or stage.lab is None:
            return
        import orjson

        folder = self._options.keep / self._loaded.id
        folder.mkdir(parents=True, exist_ok=True)
        lines = (orjson.dumps(fact, option=orjson.OPT_SORT_KEYS) for fact in stage.lab.facts())
        (folder / "journal.ndjson").write_bytes(b"\n".join(lines) + b"\n")
        self._emit("notice", None, {"level": "note", "text": f"kept {folder / 'journal.ndjson'}"})

    def _error(self, finding: Finding, in_a_file: bool) -> None:
        """The stage could not be set."""
        verdict: Verdict = "failed" if finding.code in SET_UP else "error"
        self._emit("finding", None, {"finding": finding.to_json()})
        self._worsen(verdict, f"{finding.code} {finding.cause}")
        if verdict == "error":
            self._blame(finding, in_a_file=in_a_file)

    def _blame(self, finding: Finding, *, in_a_file: bool = False) -> None:
        """Whose error it is decides the exit code: the files', or the environment's."""
        if in_a_file or finding.code.startswith(USAGE):
            self._outcome.usage = True
        else:
            self._outcome.environment = True

    def _defect(self, defect: Exception, number: int | None) -> None:
        """A state that should never be: a short report, no traceback in the result."""
        finding = defect_finding(defect, [self._stage.at] if self._stage else [])
        self._emit("finding", number, {"finding": finding.to_json()})
        self._worsen("error", f"SIM902 {finding.cause}")
        self._outcome.ours = True

    def _worsen(self, verdict: Verdict, reason: str) -> None:
        if ORDER.index(verdict) < ORDER.index(self._outcome.verdict):
            self._outcome.verdict, self._outcome.reason = verdict, reason

    # --- events ------------------------------------------------------------------------------------------------

    def _emit(self, kind: str, step: int | None, data: dict[str, Any]) -> None:
        event = Event(kind, len(self._outcome.events) + 1, "", self._loaded.id, step, data)
        self._outcome.events.append(event)
        if self._listener is not None:
            self._listener(event)

    def _facts(self, stage: Stage, number: int) -> None:
        if not self._options.facts or stage.lab is None:
            return
        for fact in stage.lab.facts(after=self._journalled):
            self._journalled = int(fact["n"])
            if fact["kind"] in ("exchange", "change", "decision", "fault"):
                self._emit(fact["kind"], number, {"fact": fact})
