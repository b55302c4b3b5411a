"""`leadproof record` and `leadproof replay`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadproof.cli.endings import EXIT_NOTHING, CommandRefused

if TYPE_CHECKING:
    from leadproof.cases.judging import Replayed

OVER = ("process", "http")
WAYS = ("scenario", "systems", "client")


def record(
    scenario: Annotated[Path, typer.Argument(metavar="SCENARIO", help="The scenario to run and record.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The case to write.")],
    title: Annotated[str, typer.Option("--title", help="What the case is called; unsaid: as the scenario.")] = "",
    symptom: Annotated[str, typer.Option("--symptom", help="What people saw.")] = "",
    seed: Annotated[str, typer.Option("--seed", help="Of ids and dummy data.")] = "1",
    over: Annotated[str, typer.Option("--over", help="process (no sockets) or http (real sockets).")] = "process",
    connector: Annotated[
        str, typer.Option("--connector", help="builtin, planted:BUG or package.module:name.")
    ] = "builtin",
) -> int:
    """Run a scenario and keep everything that reproduces it in one file."""
    from leadproof.cases.recording import About, record_scenario

    _known("--over", over, OVER)
    if not scenario.exists():
        raise CommandRefused("CFG801", f"{scenario} does not exist.", "Name a scenario file.")
    case = record_scenario(
        scenario,
        seed=seed,
        over="http" if over == "http" else "process",
        connector=connector,
        about=About(title=title, symptom=symptom),
    )
    case.write(output)
    wanted = case.sheet.expected
    sys.stdout.write(f"{output}: {case.sheet.title}\n")
    sys.stdout.write(f"  recorded {wanted.verdict}{': ' if wanted.findings else ''}{', '.join(wanted.findings)}\n")
    sys.stdout.write(f"  {len(case.traffic)} exchanges, {output.stat().st_size} bytes\n")
    return 0


def replay(
    cases: Annotated[list[Path], typer.Argument(metavar="CASE", help="Case files, or folders of them.")],
    as_: Annotated[
        str,
        typer.Option("--as", help="scenario: state and steps into the sandbox, with the connector under test."),
    ] = "scenario",
    connector: Annotated[
        str,
        typer.Option("--connector", help="builtin, recorded (the case's own), planted:BUG or package.module:name."),
    ] = "builtin",
    mended: Annotated[bool, typer.Option("--mended", help="With the case's own mend laid over its files.")] = False,
    over: Annotated[str, typer.Option("--over", help="process (no sockets) or http (real sockets).")] = "process",
    jobs: Annotated[int, typer.Option("-j", "--jobs", min=1, help="Replay in this many processes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON for each case.")] = False,
) -> int:
    """Replay cases and say FIXED, FAILED (still reproduces) or ERROR (cannot be judged)."""
    from leadproof.cases.judging import Replay, exit_code, replay_all

    _known("--over", over, OVER)
    _known("--as", as_, WAYS[:1])
    paths = _cases(cases)
    if not paths:
        raise CommandRefused("RUN801", "No case was found.", "Name .case files.", exit_code=EXIT_NOTHING)
    how = Replay(connector, "http" if over == "http" else "process", mended)
    results = replay_all(paths, how, jobs=jobs, progress=_json if as_json else _line)
    if not as_json and len(results) > 1:
        counts = {word: sum(1 for one in results if one.judgement == word) for word in ("FIXED", "FAILED", "ERROR")}
        sys.stdout.write(", ".join(f"{count} {word}" for word, count in counts.items()) + f" of {len(results)}\n")
    return exit_code(results)


def _cases(named: list[Path]) -> list[Path]:
    """The files named, and the .case files of the folders named."""
    found: list[Path] = []
    for path in named:
        if not path.exists():
            raise CommandRefused("CFG801", f"{path} does not exist.", "Name a case file or a folder of them.")
        found += sorted(path.rglob("*.case")) if path.is_dir() else [path]
    return found


def _json(_done: int, _total: int, one: Replayed) -> None:
    sys.stdout.write(json.dumps(one.to_json(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _line(done: int, total: int, one: Replayed) -> None:
    out = sys.stdout.write
    counted = f"[{done}/{total}] " if total > 1 else ""
    out(f"{counted}{one.judgement:<6} {one.path}  {one.title}\n")
    out(f"        {one.reason}\n")
    if one.judgement == "FAILED" and one.findings:
        first = next((told for told in one.findings if told.code in one.expected[:1]), one.findings[0])
        out(f"        {first.code} {first.title}: {first.cause}\n")
        out(f"        fix: {first.fix}\n")
    if one.judgement == "FAILED":
        same = "the journal is that of the recording, byte for byte"
        out(f"        {'first divergence: ' + one.divergence if one.divergence else same}\n")
    sys.stdout.flush()


def _known(option: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise CommandRefused("RUN805", f"{option} {given!r} is not known.", f"Use one of {', '.join(known)}.")
