"""`leadproof init`: a folder to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from leadproof.cli.endings import CommandRefused

NATIVE = "native"


def init(
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is made if it does not exist.")] = Path(),
    crm: Annotated[str, typer.Option("--crm", metavar="DIALECT", help="The CRM's dialect: native or salesforce.")] = "",
    marketing: Annotated[
        str, typer.Option("--marketing", metavar="DIALECT", help="The marketing tool's dialect: native or pardot.")
    ] = "",
) -> int:
    """Write an integration, a recipe and a first scenario to start from; nothing is overwritten."""
    template = _template(crm or NATIVE, marketing or NATIVE)
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(one for one in template.iterdir() if one.is_file()):
        target = folder / source.name
        if target.exists():
            sys.stdout.write(f"kept     {target}\n")
            continue
        target.write_bytes(source.read_bytes())
        sys.stdout.write(f"written  {target}\n")
    sys.stdout.write(f"Now: leadproof run {folder}\n")
    return 0


def _template(crm: str, marketing: str) -> Path:
    """The files of a pair of dialects: the starter's own for the native pair, else its folder of the pair's name."""
    from leadproof.library import starter, starter_pairs

    pair = f"{crm}-{marketing}"
    if pair == f"{NATIVE}-{NATIVE}":
        return starter()
    if pair not in starter_pairs():
        known = "; ".join("--crm {} --marketing {}".format(*one.split("-")) for one in starter_pairs())
        text = f"There are no files to start from for the CRM {crm} and the marketing tool {marketing}."
        raise CommandRefused("RUN805", text, f"Use {known}, or leave both out.")
    return starter() / pair
