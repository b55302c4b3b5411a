"""`leadproof mutate`."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_FAILED, EXIT_NOTHING, EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.mutation.kind import Kind
    from leadproof.mutation.mutants import Mutant
    from leadproof.mutation.trials import Bench, Trial
    from leadproof.reports.terminal import Bar
    from leadproof.scenario.document import Loaded
    from leadproof.stopwatch import Stopwatch

TRIALS_SHARE = 0.75
"""Of the time of a score; the rest is for clean runs."""
SCORED_PAIRS = 66
"""Pairs of a score, unless --pairs says how many."""


def mutate(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Scenario files or folders; none: the shipped checklist."),
    ] = None,
    keyword: Annotated[
        str, typer.Option("-k", metavar="EXPR", help="Plant the kinds that fit: words with and, or.")
    ] = "",
    seed: Annotated[str, typer.Option("--seed", help="Which places are drawn, and the seed of the runs.")] = "1",
    sites: Annotated[int, typer.Option("--sites", min=0, help="Places for each kind; 0: all there are.")] = 1,
    pairs: Annotated[
        int | None, typer.Option("--pairs", min=0, help="So many mutants more with two mistakes at once.")
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Run every scenario, not only until one notices.")
    ] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Try mutants in this many processes.")] = 1,
    listing: Annotated[bool, typer.Option("--list", help="List the mutants and plant nothing.")] = False,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every trial there.")] = None,
    score: Annotated[
        Path | None,
        typer.Option("--score", metavar="FILE", help="Measure all, pairs and clean runs too; write it there."),
    ] = None,
    minutes: Annotated[
        int, typer.Option("--minutes", min=0, help="With --score: stop after so long and publish what is done; 0: all.")
    ] = 0,
    clean: Annotated[int, typer.Option("--clean", min=0, help="With --score: so many clean runs.")] = 500,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell those that were caught too.")] = False,
) -> int:
    """Plant known mistakes in your integration, one at a time, and say which your scenarios notice."""
    from leadproof.mutation.mutants import grounds, singles
    from leadproof.mutation.mutants import pairs as paired
    from leadproof.mutation.report import tell, told_json
    from leadproof.mutation.trials import Bench, try_all
    from leadproof.reports.terminal import Bar

    chosen = _scenarios(list(paths or []))
    if not chosen:
        raise CommandRefused("RUN801", "No scenario was found.", "leadproof run --list", exit_code=EXIT_NOTHING)
    ground, members = next(grounds(chosen))
    left_out = len(chosen) - len(members)
    mutants = singles(ground, _kinds(keyword), seed=seed, sites=sites or None)
    wanted = SCORED_PAIRS if score is not None else 0
    mutants += paired(mutants, seed=seed, count=wanted if pairs is None else pairs)
    if listing:
        sys.stdout.writelines(f"{one.name}  {one.says}\n" for one in mutants)
        return EXIT_PASSED if mutants else EXIT_NOTHING
    if not mutants:
        raise CommandRefused(
            "RUN801", f"No kind of mutant fits -k {keyword!r}.", "leadproof mutate --list", exit_code=EXIT_NOTHING
        )
    if as_json is not None:
        as_json.touch()  # what cannot be written is told before the hour, not after it
    bench = Bench(ground, members, seed)
    _head(bench, len(mutants))
    bar = Bar(sys.stderr)
    progress = partial(_progress, bar)
    if score is not None:
        return _score(bench, mutants, score, bar, keyword, jobs=jobs, clean=clean, minutes=minutes, as_json=as_json)
    trials = try_all(bench, mutants, thorough=thorough, jobs=jobs, progress=progress)
    bar.clear()
    tell(trials, mutants, sys.stdout, verbose=verbose, left_out=left_out, width=_width())
    if as_json is not None:
        as_json.write_text(json.dumps(told_json(trials), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return EXIT_FAILED if any(one.fate == "survived" for one in trials) else EXIT_PASSED


def _score(
    bench: Bench,
    mutants: list[Mutant],
    file: Path,
    bar: Bar,
    keyword: str,
    *,
    jobs: int,
    clean: int,
    minutes: int,
    as_json: Path | None,
) -> int:
    """Measure, write the page, and say the figures."""
    from leadproof.mutation.mutants import shuffled
    from leadproof.mutation.report import told_json
    from leadproof.mutation.score import Score, caught, markdown, named, percent
    from leadproof.mutation.trials import run_all_clean, try_all
    from leadproof.stopwatch import Stopwatch

    watch = Stopwatch()
    mixed = shuffled(mutants, seed=bench.seed) if minutes else mutants
    progress = partial(_progress, bar)
    trials = try_all(bench, mixed, jobs=jobs, progress=progress, over=lambda: _over(watch, minutes * TRIALS_SHARE))
    bar.clear()
    ran, alarms = run_all_clean(bench, clean, jobs=jobs, progress=_clean_progress, over=lambda: _over(watch, minutes))
    file.parent.mkdir(parents=True, exist_ok=True)
    measured = Score(bench.seed, mixed[: len(trials)], trials, len(mutants), ran, alarms, file.name, keyword)
    file.write_text(markdown(measured), encoding="utf-8")
    if as_json is not None:
        as_json.write_text(json.dumps(told_json(trials), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for text, part in (
        ("caught", caught(trials)),
        ("named first", named(trials, 1)),
        ("among three", named(trials, 3)),
    ):
        sys.stdout.write(f"{text:<12} {part} of {len(trials)} ({percent(part, len(trials))})\n")
    sys.stdout.write(f"false alarms {len(alarms)} in {ran} clean runs\nwritten {file}\n")
    return EXIT_PASSED if caught(trials) == len(trials) and not alarms else EXIT_FAILED


def _over(watch: Stopwatch, minutes: float) -> bool:
    return bool(minutes) and watch.seconds > 60 * minutes


def _clean_progress(done: int, total: int) -> None:
    if done % 25 == 0 or done == total:
        sys.stderr.write(f"[{done}/{total}] clean runs\n")
        sys.stderr.flush()


def _scenarios(paths: list[Path]) -> list[Loaded]:
    from leadproof.library import checklist
    from leadproof.scenario.document import load_scenarios

    for path in paths:
        if not path.exists():
            raise CommandRefused("CFG801", f"{path} does not exist.", "Name a scenario file or a folder of them.")
    return load_scenarios(paths or [checklist()])


def _kinds(keyword: str) -> list[Kind]:
    from leadproof.mutation.kinds import load_all
    from leadproof.scenario.selection import SelectionRefused, compile_selection

    try:
        fits = compile_selection(keyword)
    except SelectionRefused as refused:
        raise CommandRefused("RUN805", str(refused), "Write it like -k 'rules or users'.") from None
    return [one for one in load_all().values() if fits(one.heard)]


def _head(bench: Bench, count: int) -> None:
    """What is about to happen, and to which files; none of them is written."""
    from leadproof.scenario.document import shown_path

    files = f"{shown_path(bench.ground.integration_path)}, {shown_path(bench.ground.recipe_path)}"
    mistakes = "1 mistake is" if count == 1 else f"{count} mistakes are"
    asked = "1 scenario" if len(bench.scenarios) == 1 else f"{len(bench.scenarios)} scenarios"
    text = (
        f"{mistakes} planted, one at a time, in copies of {files} or in the connector; {asked} must notice. "
        "The files stay as they are."
    )
    sys.stdout.write("\n".join(wrap(text, _width(), break_long_words=False, break_on_hyphens=False)) + "\n\n")
    sys.stdout.flush()


def _width() -> int:
    """Columns to keep to."""
    return min(max(get_terminal_size((100, 0)).columns, 40), 120)


def _progress(bar: Bar, done: int, total: int, trial: Trial) -> None:
    named = "" if trial.fate != "caught" else "named " if trial.right == 0 else "MISNAMED "
    codes = " ".join(dict.fromkeys(code for code, _ in trial.causes[:3]))
    bar.progress(done, total, f"{trial.fate:<8} {named}{trial.mutant}  {trial.check} {codes}".rstrip())
