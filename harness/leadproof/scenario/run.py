"""A whole run: many scenarios, perhaps in several processes, one stream of events, one verdict, one digest."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.events import Event, Listener, Verdict
from leadproof.scenario.runner import ORDER, Options, Outcome, run_scenario
from leadproof.stopwatch import Stopwatch
from leadproof.version import VERSION

EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_ENVIRONMENT, EXIT_OURS, EXIT_NOTHING = range(6)
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run ends with; `exit_code` as in quality.md "Ease"."""

    verdict: Verdict
    digest: str
    counts: dict[Verdict, int]
    exit_code: int


def run_all(scenarios: Sequence[Loaded], options: Options, listeners: Sequence[Listener], *, jobs: int = 1) -> Summary:
    """Run them all. Listeners see the scenarios in their order; neither that nor the digest depends on `jobs`."""
    stream = _Stream(listeners)
    watch = Stopwatch()
    head = {"seed": options.seed, "version": VERSION, "over": options.over, "jobs": jobs}
    stream.emit(Event("run_started", data={**head, "scenarios": len(scenarios)}))
    outcomes: list[Outcome] = []
    if jobs <= 1 or len(scenarios) <= 1:
        for number, loaded in enumerate(scenarios, 1):
            outcomes.append(run_scenario(loaded, options, stream.emit))
            stream.progress(number, len(scenarios), loaded.title)
    else:
        for outcome in _in_processes(scenarios, options, jobs, stream.progress):
            for event in outcome.events:
                stream.emit(event)
            outcomes.append(outcome)
    summary = summarise(outcomes)
    tail = {
        "verdict": summary.verdict,
        "seed": options.seed,
        "digest": summary.digest,
        "counts": summary.counts,
    }
    stream.emit(Event("run_finished", data={**tail, "wall_seconds": watch.seconds}))
    return summary


def summarise(outcomes: Sequence[Outcome]) -> Summary:
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
        code = EXIT_PASSED
    return Summary(verdict, run_digest(outcomes), counts, code)


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


def _in_processes(
    scenarios: Sequence[Loaded], options: Options, jobs: int, progress: Callable[[int, int, str], None]
) -> Iterator[Outcome]:
    """Each scenario in one of `jobs` processes; outcomes come in the order of the scenarios."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=min(jobs, len(scenarios)), mp_context=context) as pool:
        try:
            futures: list[Future[Outcome]] = [
                pool.submit(_run_file, str(one.path), one.id, options) for one in scenarios
            ]
            for number, (loaded, future) in enumerate(zip(scenarios, futures, strict=True), 1):
                yield future.result()
                progress(number, len(scenarios), loaded.title)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run_file(path: str, id: str, options: Options) -> Outcome:
    """In the worker process: read the file again (models do not travel) and run it."""
    return run_scenario(load_scenario(Path(path)), options)
