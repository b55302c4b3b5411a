"""Makes a case smaller while its verdict and its first finding stay: steps, records, fields, rules, mappings. Nothing
is left out without which the systems would be asked more than they were: that is more to read, not less.

Where the mended set-up or the built-in connector passes the whole case, it must pass the smaller one too: else a case
could shrink to one that fails for whatever reason. Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating
Failure-Inducing Input", 2002) over the parts of the scenario's files, within a time that the caller sets. What is left
is recorded anew.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadproof.cases.case import BUILTIN, RECIPE, SCENARIO, Case, scenario_files
from leadproof.cases.judging import play
from leadproof.cases.mending import FOLDER, mended
from leadproof.cases.recording import About, record_scenario
from leadproof.cases.refusals import NotPossible
from leadproof.cases.story import story_of
from leadproof.cases.yamltext import yaml_text
from leadproof.scenario.runner import Outcome
from leadproof.stopwatch import Stopwatch
from leadterms.yamltree import read_tree

Way = tuple[str | int, ...]
Part = tuple[str, Way]
"""A file of the case, and the way to one of its parts."""
_KEPT = frozenset({"scenario", "recipe", "integration", "systems", "leadproof", "actors", "dialect", "kind", "link"})


@dataclass(frozen=True, slots=True)
class Minimized:
    """What came of it. `finished` False: the time was over before every part had been tried. `larger`: the bytes that
    the parts that are left would take, where those are more than the case's own, which was then kept as it was."""

    case: Case
    before: int
    after: int
    trials: int
    finished: bool
    larger: int = 0


def minimize(case: Case, *, seconds: float = 60.0, progress: Callable[[int, int], None] | None = None) -> Minimized:
    """The smallest case found in that time. Raises NotPossible for a case without scenario or finding."""
    if case.sheet.files is None or not case.sheet.expected.findings:
        text = "Only a case with a scenario and a finding can be made smaller."
        raise NotPossible(text, "Record the scenario that shows it.")
    search = _Search(case, seconds, progress)
    kept = search.run()
    smaller = search.recorded(kept)
    size = len(smaller.to_bytes())
    larger = size if size > len(case.to_bytes()) else 0
    told = case if larger else smaller
    return Minimized(told, len(search.parts), len(kept), search.trials, search.finished, larger)


class _Search:
    """One minimisation: all parts, and which of them are still needed."""

    def __init__(self, case: Case, seconds: float, progress: Callable[[int, int], None] | None) -> None:
        self._case = case
        self._seconds = seconds
        self._progress = progress
        self._watch = Stopwatch()
        self._trees: dict[str, Any] = {
            name: read_tree(data.decode("utf-8-sig"), name)[0]
            for name, data in case.files.items()
            if name.endswith(".yaml")
        }
        names = case.sheet.files
        outside = {} if names is None else scenario_files(names)
        self._mended = {name: f"{FOLDER}/{one}" for name, one in outside.items() if f"{FOLDER}/{one}" in case.files}
        # The steps first: with fewer of them every further trial is faster.
        order = sorted(self._trees.items(), key=lambda one: (one[0] != SCENARIO, one[0]))
        plain = [(name, tree) for name, tree in order if not name.startswith(f"{FOLDER}/")]
        self.parts = [part for name, tree in plain for part in _parts(name, tree)]
        self.trials = 0
        self.finished = True
        self._sound = self._passes(case)
        self._asked = _exchanges(play(case, over="process", connector=case.sheet.connector, facts=True))

    def run(self) -> list[Part]:
        """The parts that are needed."""
        kept = list(self.parts)
        size = max(1, len(kept) // 2)
        while True:
            at, removed = 0, False
            while at < len(kept):
                if self._watch.seconds > self._seconds:
                    self.finished = False
                    return kept
                without = _outermost(kept[:at] + kept[at + size :], kept[at : at + size])
                if self._still(without):
                    kept, removed = without, True
                else:
                    at += size
                if self._progress is not None:
                    self._progress(len(kept), len(self.parts))
            if size == 1 and not removed:
                return kept
            size = max(1, size // 2)

    def _still(self, kept: Sequence[Part]) -> bool:
        self.trials += 1
        wanted = self._case.sheet.expected
        try:
            outcome = play(self._smaller(kept), over="process", connector=self._case.sheet.connector, facts=True)
        except Exception:  # a scenario that cannot even be read is no smaller case of this one
            return False
        if _exchanges(outcome) > self._asked:
            return False
        story = story_of(outcome)
        if story.verdict != wanted.verdict or wanted.findings[0] not in story.codes:
            return False
        return not self._sound or self._passes(self._smaller(kept))

    def _passes(self, case: Case) -> bool:
        """Whether the case passes without its defect, where it says how: mended, or with the built-in connector."""
        sheet = case.sheet
        if sheet.mend is None and sheet.connector == BUILTIN:
            return False
        sound = mended(case) if sheet.mend is not None else case.with_sheet(connector=BUILTIN)
        try:
            outcome = play(sound, over="process", connector=sound.sheet.connector, facts=False)
        except Exception:  # nor does a connector that breaks down show that the mend helps
            return False
        return outcome.verdict == "passed"

    def _smaller(self, kept: Sequence[Part]) -> Case:
        gone = set(self.parts) - set(kept)
        files: dict[str, bytes] = {}
        for name in sorted({file for file, _ in self.parts}):
            paths = [path for file, path in gone if file == name]
            files[name] = yaml_text(_without(self._trees[name], paths)).encode()
            if name in self._mended:
                files[self._mended[name]] = yaml_text(_without(self._trees[self._mended[name]], paths)).encode()
        return self._case.with_files(files)

    def recorded(self, kept: Sequence[Part]) -> Case:
        """The smaller case, recorded."""
        smaller = self._smaller(kept)
        sheet = self._case.sheet
        about = About(sheet.title, sheet.symptom, tuple(sheet.catalogue), sheet.message, sheet.mend)
        with tempfile.TemporaryDirectory(prefix="leadproof-case-") as folder:
            made = record_scenario(
                smaller.lay_out(Path(folder)), seed=sheet.seed, connector=sheet.connector, about=about
            )
        primary = sheet.expected.findings[0]
        codes = [primary, *(code for code in made.sheet.expected.findings if code != primary)]
        expected = made.sheet.expected.model_copy(update={"findings": codes})
        mended_files = {name: data for name, data in smaller.files.items() if name.startswith(f"{FOLDER}/")}
        return made.with_files(mended_files).with_sheet(expected=expected, redacted=sheet.redacted)


def _exchanges(outcome: Outcome) -> int:
    """How often the systems were asked."""
    return sum(1 for event in outcome.events if event.kind == "exchange")


def _outermost(kept: Sequence[Part], gone: Sequence[Part]) -> list[Part]:
    """Those that are left when others go: what is inside of one goes with it."""
    ways = set(gone)
    return [(name, way) for name, way in kept if not any((name, way[:length]) in ways for length in range(1, len(way)))]


def _parts(name: str, tree: Any) -> Iterator[Part]:
    """What could be left out, the large before the small: list items, then values inside them."""
    if not isinstance(tree, dict):
        return
    if name == SCENARIO:
        for number, step in enumerate(tree.get("steps") or ()):
            yield name, ("steps", number)
            for kind, keys in step.items() if isinstance(step, dict) else ():
                values = keys.get("values") if isinstance(keys, dict) else None
                for key in values if isinstance(values, dict) else ():
                    yield name, ("steps", number, kind, "values", key)
        yield from ((name, (key,)) for key in ("about", "covers", "integration_changes", "faults") if tree.get(key))
    elif name == RECIPE:
        for org, held in (tree.get("orgs") or {}).items():
            for key, value in held.items():
                if key in _KEPT:
                    continue
                yield name, ("orgs", org, key)
                for number in range(len(value) if isinstance(value, list) else 0):
                    yield name, ("orgs", org, key, number)
    else:
        for key, value in tree.items():
            if key in _KEPT or key == "people":
                continue
            yield name, (key,)
            for number in range(len(value) if isinstance(value, list) else 0):
                yield name, (key, number)


def _without(tree: Any, paths: Sequence[Way]) -> Any:
    """The tree without these parts; positions in lists are those of the whole."""
    made = copy.deepcopy(tree)
    # From the back, so that the positions before stay what they were; an inner part goes with its outer one.
    for path in sorted(paths, key=lambda one: [(isinstance(step, int), step) for step in one], reverse=True):
        held = made
        with suppress(KeyError, IndexError, TypeError):  # the mended file may lack what the defect added
            for step in path[:-1]:
                held = held[step]
            del held[path[-1]]
    return made
