"""`leadproof case ...`: look at a case, verify it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

case_app = typer.Typer(
    help="Look at cases and change them: inspect, verify.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
File = Annotated[Path, typer.Argument(metavar="CASE", help="The case file.")]


@case_app.command("inspect")
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


@case_app.command("verify")
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
