"""`leadproof mutate`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_FAILED, EXIT_NOTHING, EXIT_PASSED, CommandRefused

if TYPE_CHECKING:
    from leadproof.mutation.kind import Kind
    from leadproof.mutation.trials import Trial
    from leadproof.scenario.document import Loaded


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
    pairs: Annotated[int, typer.Option("--pairs", min=0, help="So many mutants more with two mistakes at once.")] = 0,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Run every scenario, not only until one notices.")
    ] = False,
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Try mutants in this many processes.")] = 1,
    listing: Annotated[bool, typer.Option("--list", help="List the mutants and plant nothing.")] = False,
    as_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write every trial there.")] = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell those that were caught too.")] = False,
) -> int:
    """Plant known mistakes in your integration, one at a time, and say which your scenarios notice."""
    from leadproof.mutation.mutants import grounds, singles
    from leadproof.mutation.mutants import pairs as paired
    from leadproof.mutation.report import tell, told_json
    from leadproof.mutation.trials import Bench, try_all

    chosen = _scenarios(list(paths or []))
    if not chosen:
        raise CommandRefused("RUN801", "No scenario was found.", "leadproof run --list", exit_code=EXIT_NOTHING)
    ground, members = next(grounds(chosen))
    left_out = len(chosen) - len(members)
    mutants = singles(ground, _kinds(keyword), seed=seed, sites=sites or None)
    mutants += paired(mutants, seed=seed, count=pairs)
    if listing:
        sys.stdout.writelines(f"{one.name}  {one.says}\n" for one in mutants)
        return EXIT_PASSED if mutants else EXIT_NOTHING
    if not mutants:
        raise CommandRefused(
            "RUN801", f"No kind of mutant fits -k {keyword!r}.", "leadproof mutate --list", exit_code=EXIT_NOTHING
        )
    bench = Bench(ground, members, seed)
    trials = try_all(bench, mutants, thorough=thorough, jobs=jobs, progress=_progress)
    tell(trials, mutants, sys.stdout, verbose=verbose, left_out=left_out)
    if as_json is not None:
        as_json.write_text(json.dumps(told_json(trials), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return EXIT_FAILED if any(one.fate == "survived" for one in trials) else EXIT_PASSED


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


def _progress(done: int, total: int, trial: Trial) -> None:
    sys.stderr.write(f"[{done}/{total}] {trial.fate:<8} {trial.mutant}\n")
    sys.stderr.flush()
