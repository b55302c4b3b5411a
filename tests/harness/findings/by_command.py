"""A piece that is a command line of `leadproof`, run in a folder with `files`."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

from leadproof.cli import main
from leadproof.findings import FAMILIES
from tests.harness.findings.told import Words

KEYS = frozenset({"command", "files"})
CODE = re.compile(r"\b(?:" + "|".join(FAMILIES) + r")\d{3}\b")


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Words]:
    """The lines of its output that name a code."""
    for name, text in piece.get("files", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="")
    said = io.StringIO()
    commands = piece["command"] if isinstance(piece["command"], list) else [piece["command"]]
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "leadproof"
        said.seek(0)
        said.truncate()
        with chdir(folder), redirect_stdout(said), redirect_stderr(said), suppress(SystemExit):
            main(words)
    lines = said.getvalue().splitlines()
    return [Words(found, line.strip() + "\n") for line in lines for found in CODE.findall(line)]
