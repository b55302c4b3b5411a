"""`leadproof case ...`: what is in a case, whether it is sound, and what can be made of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from leadproof.cases.case import Case

case_app = typer.Typer(
    help="Look at cases and make others of them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
File = Annotated[Path, typer.Argument(metavar="CASE", help="The case file.")]


@case_app.command("inspect", short_help="Show what a case is about and holds")
def inspect(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help="The sheet and the file list as JSON.")] = False,
) -> int:
    """Show what a case is about and what it holds, without replaying it."""
    from leadproof.cases.case import read_case

    case = read_case(file)
    sheet = case.sheet
    if as_json:
        told = {**sheet.model_dump(mode="json"), "entries": {name: len(data) for name, data in case.files.items()}}
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        return 0
    out = sys.stdout.write
    out(f"{sheet.title}\n")
    if sheet.symptom:
        out(f"  symptom    {sheet.symptom}\n")
    out(f"  vendors    {sheet.vendors.crm} and {sheet.vendors.marketing}\n")
    out(f"  recorded   {sheet.expected.verdict} {', '.join(sheet.expected.findings)}".rstrip() + "\n")
    out(f"  connector  {sheet.connector}; seed {sheet.seed}; made by {sheet.made_by}\n")
    out(f"  redacted   secrets; people {'too' if sheet.redacted.people else 'are as they were'}\n")
    if sheet.mend is not None:
        out("  mended     the case says how (--mended)\n")
    out(f"  traffic    {len(case.traffic)} exchanges\n")
    for name in sorted(case.files):
        out(f"    {len(case.files[name]):>9}  {name}\n")
    return 0


@case_app.command("verify", short_help="Check that cases are sound")
def verify(
    files: Annotated[list[Path], typer.Argument(metavar="CASE", help="The case files.")],
) -> int:
    """Check that cases are sound: their names, their manifest, their sheet, their traffic and their scenario."""
    import tempfile

    from leadproof.cases.case import read_case
    from leadproof.scenario.document import load_scenario

    for file in files:
        case = read_case(file)
        count = len(case.traffic)
        told = f"{len(case.files)} files, {count} exchanges"
        if case.sheet.files is not None:
            with tempfile.TemporaryDirectory(prefix="leadproof-case-") as folder:
                told += f", {len(load_scenario(case.lay_out(Path(folder))).steps)} steps"
        sys.stdout.write(f"{file}: sound, {told}\n")
    return 0


@case_app.command("redact", short_help="Replace its people by pseudonyms")
def redact(
    file: File,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The case to write.")],
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="The key; unsaid: LEADPROOF_CASE_KEY, else .leadproof/case.key."),
    ] = None,
) -> int:
    """Replace the people in a case by pseudonyms; its scenario is recorded anew and must end as before."""
    from leadproof.cases.case import read_case
    from leadproof.cases.judging import recorded_connector
    from leadproof.cases.redacting import redacted_case
    from leadproof.cases.redaction.keys import pseudonym_key

    held = read_case(file)
    recorded_connector(held.sheet.connector)
    case = redacted_case(held, pseudonym_key(key_file))
    case.write(output)
    sys.stdout.write(f"{output}: people are pseudonyms now, and it still ends {case.sheet.expected.verdict}\n")
    return 0


@case_app.command("diff", short_help="Say in what two cases differ")
def diff(
    first: Annotated[Path, typer.Argument(metavar="CASE", help="A case.")],
    second: Annotated[Path, typer.Argument(metavar="CASE", help="Another.")],
) -> int:
    """Say in what two cases differ: sheet, set-up, and the first exchange; 1 if they do."""
    from leadproof.cases.case import read_case
    from leadproof.cases.comparing import compared

    told = compared(read_case(first), read_case(second))
    sys.stdout.write("".join(f"{line}\n" for line in told) or "The cases say the same.\n")
    return 1 if told else 0


@case_app.command("build", short_help="Make a library's cases anew")
def build(
    library: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with definitions, as fixtures/cases.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the cases go.")],
    only: Annotated[str, typer.Option("-k", help="Only those whose name holds this.")] = "",
) -> int:
    """Make the cases of a library from their definitions; each must show what its definition promises."""
    from leadproof.cases.definitions import build as built
    from leadproof.cases.definitions import defined

    count = 0
    for one in defined(library):
        if only in one.name:
            built(one).write(output / f"{one.name}.case")
            count += 1
            sys.stderr.write(f"{one.name}\n")
    sys.stdout.write(f"{count} cases in {output}\n")
    return 0


@case_app.command("minimize", short_help="Leave out what does not matter")
def minimize(
    file: File,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="The case to write.")],
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="Stop after so long, with what was reached.")] = 60,
    keep: Annotated[
        list[int] | None,
        typer.Option("--keep", metavar="N", help="Of traffic: an exchange that stays; unsaid: the refused ones."),
    ] = None,
    execute: Annotated[
        str, typer.Option("--exec", help="Of traffic: the command that the recorded systems answer.")
    ] = "",
    key_file: Annotated[
        Path | None,
        typer.Option("--key-file", help="The key; unsaid: LEADPROOF_CASE_KEY, else .leadproof/case.key."),
    ] = None,
) -> int:
    """Leave out steps, records, fields and rules while the verdict and the first finding stay; of a case of traffic,
    exchanges while a replay ends the same."""
    from leadproof.cases.case import read_case
    from leadproof.cases.judging import recorded_connector
    from leadproof.cases.minimizing import minimize as minimized

    case = read_case(file)
    if case.sheet.files is None:
        return _fewer(case, output, seconds, tuple(keep or ()), execute, key_file)
    recorded_connector(case.sheet.connector)
    told = minimized(case, seconds=seconds, progress=_progress)
    told.case.write(output)
    left = f"{told.after} of {told.before} parts are left"
    if told.larger:
        left = f"kept as it was: {told.after} of {told.before} parts would do, but take {told.larger} bytes"
    _ended(output, f"{left}, {output.stat().st_size} bytes", told.trials, finished=told.finished)
    return 0


def _fewer(case: Case, output: Path, seconds: float, keep: tuple[int, ...], execute: str, key_file: Path | None) -> int:
    """A case of traffic: with `--exec` the command's end is the verdict, else the answers of the recipe's sandbox."""
    import shlex

    from leadproof.cases.fewer import AsClient, AsSystems, Judge, drop_exchanges
    from leadproof.cases.redaction.keys import KEY_FILE, pseudonym_key
    from leadproof.cases.refusals import NotPossible
    from leadproof.cases.refused import refused

    judge: Judge
    if execute:
        key = pseudonym_key(key_file) if key_file is not None or KEY_FILE.exists() else None
        judge = AsSystems(case, shlex.split(execute), key, seconds)
    else:
        keep = keep or refused(case.traffic)
        if not keep:
            text = "No system refused anything in this case, but for calls before a login."
            raise NotPossible(text, "Say which exchange it is about: --keep N.")
        judge = AsClient(case)
    told = drop_exchanges(case, judge, keep=keep, seconds=seconds, progress=_progress)
    told.case.write(output)
    left = ", ".join(map(str, told.left[:20])) + (" ..." if len(told.left) > 20 else "")
    _ended(
        output, f"{len(told.left)} of {told.before} exchanges are left ({left})", told.trials, finished=told.finished
    )
    return 0


def _progress(kept: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{kept} of {total} are left ")
        sys.stderr.flush()


def _ended(output: Path, left: str, trials: int, *, finished: bool) -> None:
    ended = "nothing more can be left out" if finished else "the time is over"
    sys.stdout.write(f"{output}: {left}; {trials} replays, {ended}\n")
