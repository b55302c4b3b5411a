"""`leadproof init`: a folder to start from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Where the files go; it is made if it does not exist.")] = Path(),
) -> int:
    """Write an integration, a recipe and a first scenario to start from; nothing is overwritten."""
    from leadproof.library import starter

    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(one for one in starter().rglob("*") if one.is_file()):
        target = folder / source.relative_to(starter())
        if target.exists():
            sys.stdout.write(f"kept     {target}\n")
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
        sys.stdout.write(f"written  {target}\n")
    sys.stdout.write(f"Now: leadproof run {folder}\n")
    return 0
