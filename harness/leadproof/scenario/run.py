"""A whole run: many scenarios, perhaps in several processes, one stream of events, one verdict, one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from leadproof.processes import WorkerEnded, forks, pool
from leadproof.sandbox import ready
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.events import Event, Listener, Verdict
from leadproof.scenario.filling import identity
from leadproof.scenario.runner import ORDER, Options, Outcome, lost_scenario, run_scenario
from leadproof.stopwatch import Stopwatch
from leadproof.version import VERSION

EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_ENVIRONMENT, EXIT_OURS, EXIT_NOTHING = range(6)
EXIT_INTERRUPTED = 130
NOT_PASSED = ("failed", "error")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run ends with; `exit_code` as in quality.md "Ease"; `left`: scenarios that were not begun any more."""

    verdict: Verdict
    digest: str
    counts: dict[Verdict, int]
    exit_code: int
    left: int = 0


def run_all(
    scenarios: Sequence[Loaded],
    options: Options,
    listeners: Sequence[Listener],
    *,
    jobs: int = 1,
    max_failures: int = 0,
) -> Summary:
    """Run them all. Listeners see the scenarios in their order; neither that nor the digest depends on `jobs`.

    After `max_failures` scenarios that did not pass the rest is left (0: never); the summary says how many.
    """
    stream = _Stream(listeners)
    watch = Stopwatch()
    head = {"seed": options.seed, "version": VERSION, "over": options.over, "jobs": jobs, "again": options.again}
    comparable = getattr(options.connector, "clock", "") != "follow"
    stream.emit(Event("run_started", data={**head, "scenarios": len(scenarios), "comparable": comparable}))
    outcomes: list[Outcome] = []
    with closing(_outcomes(scenarios, options, jobs, stream)) as running:
        for outcome in running:
            outcomes.append(outcome)
            stream.progress(len(outcomes), len(scenarios), scenarios[len(outcomes) - 1].title)
            if max_failures and sum(one.verdict in NOT_PASSED for one in outcomes) >= max_failures:
                break
    summary = summarise(outcomes, left=len(scenarios) - len(outcomes))
    tail = {
        "verdict": summary.verdict,
        "seed": options.seed,
        "digest": summary.digest,
        "counts": summary.counts,
        "left": summary.left,
    }
    stream.emit(Event("run_finished", data={**tail, "wall_seconds": watch.seconds}))
    return summary


def _outcomes(
    scenarios: Sequence[Loaded], options: Options, jobs: int, stream: _Stream
) -> Generator[Outcome, None, None]:
    """Each scenario's outcome in the order of the scenarios, its events told before it."""
    if jobs <= 1 or len(scenarios) <= 1:
        for loaded in scenarios:
            yield run_scenario(loaded, options, stream.emit)
        return
    with closing(_in_processes(scenarios, options, jobs)) as outcomes:
        for outcome in outcomes:
            for event in outcome.events:
                stream.emit(event)
            yield outcome


def summarise(outcomes: Sequence[Outcome], *, left: int = 0) -> Summary:
    """Failed where a check failed, error where the run could not say; all skipped is skipped."""
    counts = {verdict: sum(1 for one in outcomes if one.verdict == verdict) for verdict in reversed(ORDER)}
    verdict: Verdict = "passed"
    if counts["failed"]:
        verdict = "failed"
    elif counts["error"]:
        verdict = "error"
    elif not counts["passed"]:
        verdict = "skipped"
    if any(one.ours for one in outcomes):
        code = EXIT_OURS
    elif counts["failed"]:
        code = EXIT_FAILED
    elif counts["error"]:
        code = EXIT_USAGE if any(one.usage for one in outcomes) else EXIT_ENVIRONMENT
    else:
        code = EXIT_PASSED if counts["passed"] or _checked(outcomes) else EXIT_NOTHING
    return Summary(verdict, run_digest(outcomes), counts, code, left)


def _checked(outcomes: Sequence[Outcome]) -> bool:
    """Whether any check was made, and not only skipped."""
    return any(
        event.kind == "check_finished" and event.data["verdict"] != "skipped"
        for one in outcomes
        for event in one.events
    )


def run_digest(outcomes: Sequence[Outcome]) -> str:
    """SHA-256 over the sorted pairs (scenario id, digest), so that the order of running cannot matter."""
    folded = hashlib.sha256()
    for id, digest in sorted((one.id, one.digest) for one in outcomes):
        folded.update(f"{id}\x1f{digest}\x1e".encode())
    return folded.hexdigest()


class _Stream:
    """Numbers the events and hands them to every listener."""

    def __init__(self, listeners: Sequence[Listener]) -> None:
        self._listeners, self._n = listeners, 0

    def emit(self, event: Event) -> None:
        self._n += 1
        numbered = replace(event, n=self._n)
        for listener in self._listeners:
            listener(numbered)

    def progress(self, done: int, total: int, text: str) -> None:
        self.emit(Event("progress", data={"done": done, "total": total, "text": text}))


def _in_processes(scenarios: Sequence[Loaded], options: Options, jobs: int) -> Generator[Outcome, None, None]:
    """Each scenario in one of `jobs` processes; outcomes come in the order of the scenarios.

    When one of them is ended from outside, nobody can say which scenario it ran; what had no outcome yet runs again,
    one at a time, and whose process is ended then is an error."""
    if forks():
        ready()
        identity("", 0)
    done, workers, ended = 0, min(jobs, len(scenarios)), False
    while done < len(scenarios):
        try:
            with closing(_pooled(scenarios[done:], options, workers)) as outcomes:
                for outcome in outcomes:
                    done += 1
                    yield outcome
        except WorkerEnded:
            ended = True
        if ended and workers == 1:
            done += 1
            yield lost_scenario(scenarios[done - 1], options)
        workers, ended = 1, False


def _pooled(scenarios: Sequence[Loaded], options: Options, workers: int) -> Generator[Outcome, None, None]:
    """Each scenario's outcome, in their order. Raises WorkerEnded."""
    with pool(workers) as processes:
        futures: list[Future[Outcome]] = [
            processes.submit(_run_file, str(one.path), one.id, options) for one in scenarios
        ]
        for future in futures:
            yield future.result()


def _run_file(path: str, id: str, options: Options) -> Outcome:
    """In the worker process: read the file again (models do not travel) and run it."""
    return run_scenario(load_scenario(Path(path)), options)
