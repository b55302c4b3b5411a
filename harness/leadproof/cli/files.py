"""`leadproof init`: a folder to start from."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from leadproof.cli.endings import CommandRefused

NATIVE = "native"
SCHEMAS_FOLDER = Path(".leadproof") / "schemas"
MODELINE = "# yaml-language-server: $schema="
"""What editors look for (the comment that Red Hat's YAML language server reads)."""


def init(
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is made if it does not exist.")] = Path(),
    crm: Annotated[str, typer.Option("--crm", metavar="DIALECT", help="The CRM's dialect: native or salesforce.")] = "",
    marketing: Annotated[
        str, typer.Option("--marketing", metavar="DIALECT", help="The marketing tool's dialect: native or pardot.")
    ] = "",
) -> int:
    """Write an integration, a recipe and a first scenario to start from; nothing is overwritten.

    Beside them stand the files' JSON Schemas, which the first line of each file names: an editor that knows YAML
    completes and checks by them, without the network. These are written anew each time."""
    template = _template(crm or NATIVE, marketing or NATIVE)
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(one for one in template.iterdir() if one.is_file()):
        target = folder / source.name
        if target.exists():
            sys.stdout.write(f"kept     {target}\n")
            continue
        line = f"{MODELINE}{(SCHEMAS_FOLDER / f'{_kind(source.name)}.json').as_posix()}\n"
        target.write_bytes(line.encode() + source.read_bytes())
        sys.stdout.write(f"written  {target}\n")
    _write_schemas(folder / SCHEMAS_FOLDER)
    sys.stdout.write(f"Now: leadproof run {shlex.quote(str(folder))}\n")
    return 0


def _kind(name: str) -> str:
    """Which schema a file of the template holds by."""
    if name.endswith("recipe.yaml"):
        return "recipe"
    return "integration" if name == "leadproof.yaml" else "scenario"


def _write_schemas(folder: Path) -> None:
    """Those of this version."""
    import orjson

    from leadproof.cli.texts import SCHEMAS

    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in SCHEMAS.items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(schema(), option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(f"written  {folder}, by which an editor completes and checks these files\n")


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
