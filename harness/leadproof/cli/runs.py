"""`leadproof run`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.cleaning import journalled, unfinished
from leadproof.cli.endings import EXIT_NOTHING, CommandRefused

if TYPE_CHECKING:
    from leadproof.drivers import Driver
    from leadproof.reports.outputs import Outputs
    from leadproof.scenario.document import Loaded
    from leadproof.scenario.lastrun import LastRun
    from leadproof.scenario.live import Live
    from leadproof.scenario.pairs import Pair
    from leadproof.scenario.runner import Options
    from leadproof.systems.organization import Side

OVER = ("process", "http")
CLOCKS = ("follow", "virtual")
SHIPPED: Mapping[str, object] = {
    "over": "process",
    "crm": "",
    "marketing": "",
    "connector": "builtin",
    "deadline": 120.0,
    "quiet": 2.0,
    "clock": "follow",
    "crm_port": 0,
    "marketing_port": 0,
    "live": False,
    "org_ids": [],
    "k": "",
    "shard": "",
}
"""What the options of `run` are unless they are given, as far as they decide what a run is."""


def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Scenario files or folders; none: the shipped checklist."),
    ] = None,
    keyword: Annotated[str, typer.Option("-k", metavar="EXPR", help="Run what fits: words with and, or, not.")] = "",
    seed: Annotated[str, typer.Option("--seed", help="The same seed gives the same run, byte for byte.")] = "1",
    report: Annotated[
        list[str] | None,
        typer.Option("--report", metavar="KIND[=FILE]", help="html, junit, json, ndjson or github; repeatable."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, help="Run scenarios in this many processes; 0: as many as pay here.")
    ] = 0,
    listing: Annotated[bool, typer.Option("--list", help="List the scenarios and run nothing.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave dummy records and keep the journals.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every step and field.")] = False,
    over: Annotated[str, typer.Option("--over", help="process (no sockets) or http (real sockets).")] = "process",
    crm: Annotated[
        str, typer.Option("--crm", metavar="DIALECT", help="Run on a CRM of this vendor; unsaid: the recipe's.")
    ] = "",
    marketing: Annotated[
        str, typer.Option("--marketing", metavar="DIALECT", help="Run on this vendor's marketing tool.")
    ] = "",
    connector: Annotated[
        str,
        typer.Option(
            "--connector", help="Yours: a command, http://..., watch, or watch COMMAND; else the built-in one."
        ),
    ] = "builtin",
    deadline: Annotated[
        float, typer.Option("--deadline", min=0.1, help="Seconds that one turn of your connector may take.")
    ] = 120.0,
    quiet: Annotated[
        float, typer.Option("--quiet", min=0.1, help="Seconds without a change that count as at rest.")
    ] = 2.0,
    clock: Annotated[
        str, typer.Option("--clock", help="follow (the wall's) or virtual; for a connector of yours.")
    ] = "follow",
    crm_port: Annotated[int, typer.Option("--crm-port", help="For a connector that runs by itself; 0: free.")] = 0,
    marketing_port: Annotated[int, typer.Option("--marketing-port", help="The same of the marketing org.")] = 0,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="On the live systems that the integration names; credentials from the environment."
        ),
    ] = False,
    org_ids: Annotated[
        list[str] | None,
        typer.Option(
            "--org-id", metavar="ID", help="With --live: an org that may be production, by its id; repeatable."
        ),
    ] = None,
    part: Annotated[
        str, typer.Option("--shard", metavar="PART/PARTS", help="Run this part of them, such as 1/4.")
    ] = "",
    last_failed: Annotated[
        bool, typer.Option("--last-failed", help="Run those that did not pass last time in this folder.")
    ] = False,
    max_failures: Annotated[
        int, typer.Option("--max-failures", min=0, help="Stop after so many that did not pass; 0: never.")
    ] = 0,
) -> int:
    """Run scenarios against two fake systems and say whether leads flow."""
    from leadproof.reports.outputs import Outputs, parse_reports
    from leadproof.scenario.lastrun import LastRun
    from leadproof.scenario.runner import Options

    if over not in OVER:
        raise CommandRefused("RUN805", f"--over {over!r} is not known.", f"Use one of {', '.join(OVER)}.")
    pair = _pair(crm, marketing)
    if live and (pair is not None or over != "process" or connector != "builtin" or jobs > 1 or keep):
        text = "--live goes with none of --over, --crm, --marketing, --connector, --jobs and --keep."
        fix = "The integration says which systems they are, and dummy records never stay there."
        raise CommandRefused("RUN805", text, fix)
    driver = _driver(connector, deadline, quiet, clock)
    outputs = Outputs(parse_reports(report or []))
    chosen = _part(_chosen(list(paths or []), keyword), part, last_failed)
    if listing:
        return _list(chosen)
    if not chosen:
        asked = f" for -k {keyword!r}" if keyword else ""
        raise CommandRefused("RUN801", f"No scenario was found{asked}.", "leadproof run --list", exit_code=EXIT_NOTHING)
    if pair is not None:
        _must_have_files(pair, chosen)
    reached = _live(chosen, org_ids or []) if live else None
    repeated: dict[str, object] = {
        "paths": [str(one.resolve()) for one in paths or []],
        "seed": seed,
        "over": over,
        "crm": crm,
        "marketing": marketing,
        "connector": connector,
        "deadline": deadline,
        "quiet": quiet,
        "clock": clock,
        "crm_port": crm_port,
        "marketing_port": marketing_port,
        "live": live,
        "org_ids": org_ids or [],
    }
    options = Options(
        seed=seed,
        over="http" if over == "http" or driver is not None else "process",
        keep=Path("leadproof-kept") if keep else None,
        facts=outputs.wants_facts,
        pictures=outputs.wants_pictures,
        again=_spelled([str(one) for one in paths or []], {**repeated, "k": keyword, "shard": part}),
        connector=driver,
        pair=pair,
        live=reached,
        ports={"crm": crm_port, "marketing": marketing_port},
    )
    if not jobs:
        from leadproof.processes import worthwhile

        # A connector of the user's own, and real sockets and systems, are met by one scenario at a time.
        jobs = worthwhile(len(chosen)) if options.over == "process" and reached is None else 1
    with journalled(reached):
        return _go(chosen, outputs, options, LastRun(repeated), jobs=jobs, verbose=verbose, max_failures=max_failures)


def _live(chosen: list[Loaded], org_ids: list[str]) -> Live:
    """The live systems, after their plan was shown. Raises LiveRefused before anything was written."""
    from leadproof.scenario.live import Live, plan
    from leadproof.scenario.livejournal import LiveJournal

    live = Live(frozenset(org_ids))
    for line in plan(chosen, live):
        sys.stdout.write(f"live  {line}\n")
    for id in unfinished():
        # What it left counts as there before this run, so nothing of it is changed, and checks may fail for it.
        sys.stdout.write(
            f"live  {id} was killed and left dummy records there; remove them first: leadproof clean {id}\n"
        )
    journal = LiveJournal.begin()
    sys.stdout.write(f"live  What is made is noted in {journal.path}; after a crash: leadproof clean {journal.id}\n")
    sys.stdout.flush()
    return replace(live, journal=journal)


def _spelled(paths: list[str], asked: Mapping[str, object]) -> str:
    """The command that gives the same run, with the seed always, other options where they are not as shipped."""
    words = ["leadproof", "run", *paths]
    for name, value in asked.items():
        if name == "paths" or value == SHIPPED.get(name):
            continue
        if name == "live":
            words.append("--live")
        elif isinstance(value, list):
            words += [word for one in value for word in ("--org-id", str(one))]
        else:
            words += [f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}", str(value)]
    return shlex.join(words)


def retry(
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every step and field.")] = True,
) -> int:
    """Run again what did not pass last time in this folder, with the same seed and options."""
    from leadproof.scenario.lastrun import LastRun

    last = LastRun.read()
    if last is None or not last.not_passed:
        text = "Nothing failed in the last run here." if last is not None else "Nothing was run in this folder yet."
        raise CommandRefused("RUN801", text, "leadproof run", exit_code=EXIT_NOTHING)
    asked = {**last.options, "paths": [Path(one) for one in last.options["paths"]]}
    return run(**asked, last_failed=True, verbose=verbose)


def _part(chosen: list[Loaded], part: str, last_failed: bool) -> list[Loaded]:
    from leadproof.scenario.lastrun import LastRun
    from leadproof.scenario.selection import SelectionRefused, shard

    if last_failed:
        last = LastRun.read()
        if last is None:
            raise CommandRefused(
                "RUN801", "Nothing was run in this folder yet.", "leadproof run", exit_code=EXIT_NOTHING
            )
        chosen = last.among(chosen)
    if not part:
        return chosen
    try:
        return shard(chosen, part)
    except SelectionRefused as refused:
        raise CommandRefused("RUN805", f"{refused}.", "Write it like --shard 1/4.") from None


def _driver(connector: str, deadline: float, quiet: float, clock: str) -> Driver | None:
    from leadproof.drivers import parse_driver

    if clock not in CLOCKS:
        raise CommandRefused("RUN805", f"--clock {clock!r} is not known.", f"Use one of {', '.join(CLOCKS)}.")
    return parse_driver(connector, deadline=deadline, quiet=quiet, clock="virtual" if clock == "virtual" else "follow")


def _pair(crm: str, marketing: str) -> Pair | None:
    """The dialects that were asked for; None where the recipe says. Raises UnknownDialect."""
    from leadproof.sandbox import simulated
    from leadproof.scenario.pairs import NATIVE, Pair
    from leadproof.systems.registry import UnknownDialect, dialects

    if not crm and not marketing:
        return None
    pair = Pair(crm or NATIVE, marketing or NATIVE)
    sides: tuple[tuple[Side, str], ...] = (("crm", pair.crm), ("marketing", pair.marketing))
    for side, dialect in sides:
        known = [one for one in dialects(side) if one in simulated(side)]
        if dialect not in known:
            raise UnknownDialect(side, dialect, known)
    return pair


def _must_have_files(pair: Pair, chosen: list[Loaded]) -> None:
    """Raises CommandRefused for a pair that the scenarios' folder has no files for, though it has others'."""
    for folder in dict.fromkeys(one.path.parent for one in chosen):
        if others := pair.others(folder):
            known = "; ".join(f"--crm {one.crm} --marketing {one.marketing}" for one in others)
            text = f"The scenarios in {folder} have no files for --crm {pair.crm} --marketing {pair.marketing}."
            raise CommandRefused("RUN805", text, f"Use {known}, or leave both out.")


def _chosen(paths: list[Path], keyword: str) -> list[Loaded]:
    from leadproof.library import checklist
    from leadproof.scenario.document import load_scenarios
    from leadproof.scenario.selection import SelectionRefused, compile_selection

    for path in paths:
        if not path.exists():
            raise CommandRefused("CFG801", f"{path} does not exist.", "Name a scenario file or a folder of them.")
    try:
        fits = compile_selection(keyword)
    except SelectionRefused as refused:
        raise CommandRefused("RUN805", str(refused), "Write it like -k 'phone and not import'.") from None
    return [one for one in load_scenarios(paths or [checklist()]) if fits(one.words)]


def _list(chosen: list[Loaded]) -> int:
    width = max((len(one.id) for one in chosen), default=0)
    for one in chosen:
        sys.stdout.write(f"{one.id:<{width}}  {one.title}\n")
    return 0 if chosen else EXIT_NOTHING


def _go(
    chosen: list[Loaded],
    outputs: Outputs,
    options: Options,
    last: LastRun,
    *,
    jobs: int,
    verbose: bool,
    max_failures: int,
) -> int:
    from leadproof.reports.terminal import Terminal
    from leadproof.scenario.run import NOT_PASSED, run_all

    listeners = outputs.listeners()
    terminal = Terminal(outputs.gathered, verbose=verbose)
    summary = run_all(chosen, options, [*listeners, terminal], jobs=jobs, max_failures=max_failures)
    for loaded, told in zip(chosen, outputs.gathered.scenarios, strict=False):
        if told.verdict in NOT_PASSED:
            last.not_passed.append((str(loaded.path.resolve()), loaded.id))
    last.write()
    written = outputs.write()
    terminal.finish([str(one) for one in written], summary.exit_code)
    return summary.exit_code
