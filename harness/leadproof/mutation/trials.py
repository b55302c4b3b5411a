"""Trials: a mutant against the user's own scenarios, until one of them notices it.

Scenarios that touch what was changed run first, the cheaper of equal ones before; the first that notices ends the
trial. A scenario notices where it does not pass with the mutant and passes without it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from leadproof.mutation.clean import Alarm, run_clean
from leadproof.mutation.ground import Ground
from leadproof.mutation.mutants import Mutant, Planted, by_name, connector_of
from leadproof.processes import pool
from leadproof.reports.collected import Entry, Gathered
from leadproof.scenario.document import Loaded, load_scenario
from leadproof.scenario.events import Event
from leadproof.scenario.runner import Options, Outcome, run_scenario

Fate = Literal["caught", "survived", "unusable"]
EVERYTHING = "every_mapped_field"
"""A scenario that fills every mapped field touches them all."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mutant. `causes`: (code, cause) of the first check that failed, as told; `right`: the place
    of the first cause that names it rightly, None where none does. `noticed`: every scenario that noticed it."""

    mutant: str
    says: str
    fate: Fate
    ran: int
    scenario: str = ""
    check: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    right: int | None = None
    noticed: tuple[str, ...] = ()
    defect: str = ""


@dataclass
class Bench:
    """One ground and the scenarios that stand on it."""

    ground: Ground
    scenarios: Sequence[Loaded]
    seed: str = "1"
    _sound: dict[str, bool] = field(default_factory=dict)
    _words: dict[str, frozenset[str]] = field(default_factory=dict)

    def try_one(self, mutant: Mutant, *, thorough: bool = False) -> Trial:
        """Run scenarios against a mutant: until one notices it, or all of them."""
        ran, first, noticed = 0, None, []
        for loaded in self._ordered(mutant):
            outcome = self._run(loaded, mutant)
            ran += 1
            if outcome.ours:
                return Trial(mutant.name, mutant.says, "caught", ran, loaded.id, defect=outcome.reason)
            if outcome.verdict not in ("failed", "error") or not self._is_sound(loaded):
                continue
            noticed.append(loaded.id)
            first = first or _noticed(mutant, loaded, outcome)
            if not thorough:
                break
        if first is None:
            return Trial(mutant.name, mutant.says, "survived", ran)
        check, causes, right = first
        return Trial(mutant.name, mutant.says, "caught", ran, noticed[0], check, causes, right, tuple(noticed))

    def _run(self, loaded: Loaded, mutant: Mutant) -> Outcome:
        options = Options(
            self.seed, sources=Planted(self.ground, mutant), connector=connector_of(mutant), to_first_failure=True
        )
        return run_scenario(loaded, options)

    def _is_sound(self, loaded: Loaded) -> bool:
        """Whether the scenario passes without any mutant: else it would notice everything."""
        if loaded.id not in self._sound:
            self._sound[loaded.id] = run_scenario(loaded, Options(self.seed)).verdict == "passed"
        return self._sound[loaded.id]

    @property
    def unsound(self) -> list[str]:
        """The scenarios that were found not to pass without a mutant, so they prove nothing about one."""
        return sorted(id for id, sound in self._sound.items() if not sound)

    def _ordered(self, mutant: Mutant) -> list[Loaded]:
        def rank(loaded: Loaded) -> tuple[int, int]:
            said = self._said(loaded)
            touched = 4 * len(mutant.words & said) + len(mutant.steps & said) + 2 * (EVERYTHING in said)
            return (-touched, cost(loaded))

        return sorted(self.scenarios, key=rank)

    def _said(self, loaded: Loaded) -> frozenset[str]:
        if loaded.id not in self._words:
            self._words[loaded.id] = frozenset(words_of(loaded))
        return self._words[loaded.id]


def words_of(loaded: Loaded) -> Iterator[str]:
    """Everything a scenario says: step names, keys and values."""

    def walk(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield str(key)
                yield from walk(value)
        elif isinstance(node, list | tuple):
            for one in node:
                yield from walk(one)
        elif node is not None:
            yield str(node)

    yield from walk(loaded.scenario.integration_changes)
    for step in loaded.steps:
        yield step.step
        yield from walk(step.model_dump(exclude_unset=True, by_alias=True))


def cost(loaded: Loaded) -> int:
    """How much work a scenario is, roughly: its steps, and the records that it makes."""
    many = sum(int(getattr(step, "count", 0) or 0) for step in loaded.steps)
    return len(loaded.steps) + many // 20


def _noticed(mutant: Mutant, loaded: Loaded, outcome: Outcome) -> tuple[str, tuple[tuple[str, str], ...], int | None]:
    """The first thing that failed, its causes as told, and which of them names the mutant rightly."""
    entry = first_failure(outcome)
    causes = entry.findings if entry is not None else []
    right = next(
        (place for place, one in enumerate(causes) if any(part.names(dict(one)) for part in mutant.parts)), None
    )
    check = entry.check or entry.name if entry is not None else f"{loaded.id}/start"
    return check, tuple((str(one["code"]), str(one["cause"])) for one in causes), right


def first_failure(outcome: Outcome) -> Entry | None:
    """The first step or check of a run that failed, with its causes; None where nothing did."""
    gathered = Gathered()
    for event in outcome.events:
        gathered(Event(event.kind, event.n, event.at, event.scenario, event.step, event.data))
    bad = [entry for told in gathered.scenarios for entry in told.bad]
    return bad[0] if bad else None


# --- many -----------------------------------------------------------------------------------------------------


def try_all(
    bench: Bench,
    mutants: Sequence[Mutant],
    *,
    thorough: bool = False,
    jobs: int = 1,
    progress: Callable[[int, int, Trial], None] = lambda done, total, trial: None,
    over: Callable[[], bool] = lambda: False,
) -> list[Trial]:
    """All trials, in the order of the mutants, in `jobs` processes; those that are done once `over` answers yes."""
    found: list[Trial] = []
    with closing(_trials(bench, mutants, thorough, jobs)) as trials:
        for trial in trials:
            found.append(trial)
            progress(len(found), len(mutants), trial)
            if over():
                break
    return found


def _trials(bench: Bench, mutants: Sequence[Mutant], thorough: bool, jobs: int) -> Generator[Trial, None, None]:
    if jobs <= 1 or len(mutants) <= 1:
        yield from (bench.try_one(one, thorough=thorough) for one in mutants)
        return
    with _pool(bench, jobs) as workers:
        yield from workers.map(_try_named, [one.name for one in mutants], [thorough] * len(mutants))


def run_all_clean(
    bench: Bench,
    count: int,
    *,
    jobs: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
    over: Callable[[], bool] = lambda: False,
) -> tuple[int, list[Alarm]]:
    """Clean runs 1 to `count`, or as many as were done once `over` answers yes: how many, and the alarms in order."""
    found: list[Alarm] = []
    done = 0
    with closing(_clean_runs(bench, count, jobs)) as runs:
        for done, alarm in enumerate(runs, 1):
            found += [alarm] if alarm is not None else []
            progress(done, count)
            if over():
                break
    return done, found


def _clean_runs(bench: Bench, count: int, jobs: int) -> Generator[Alarm | None, None, None]:
    numbers = range(1, count + 1)
    if jobs <= 1:
        yield from (run_clean(bench.ground, bench.scenarios, number) for number in numbers)
        return
    with _pool(bench, jobs) as workers:
        yield from workers.map(_clean_numbered, numbers, chunksize=5)


def _pool(bench: Bench, jobs: int) -> AbstractContextManager[ProcessPoolExecutor]:
    """Worker processes that have read the bench's files once."""
    paths = [str(one.path) for one in bench.scenarios]
    told = (str(bench.ground.integration_path), str(bench.ground.recipe_path), paths, bench.seed)
    return pool(jobs, _set_up, *told)


_BENCH: list[Bench] = []


def _set_up(integration: str, recipe: str, scenarios: list[str], seed: str) -> None:
    """In a worker process: read the files again, once (models do not travel)."""
    ground = Ground.read(Path(integration), Path(recipe))
    _BENCH[:] = [Bench(ground, [load_scenario(Path(one)) for one in scenarios], seed)]


def _try_named(name: str, thorough: bool) -> Trial:
    return _BENCH[0].try_one(by_name(_BENCH[0].ground, name), thorough=thorough)


def _clean_numbered(number: int) -> Alarm | None:
    return run_clean(_BENCH[0].ground, _BENCH[0].scenarios, number)
