"""The README's section "Five minutes", done by the program: init, run, break it, read why, mend it, run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.harness.cli.test_cli import leadproof

README = Path(__file__).resolve().parents[3] / "README.md"
CODES = [0, 0, 0, 1, 0, 0, 0]
"""How the walk's commands end: only the broken run fails."""


def walk(title: str = "Five minutes") -> list[str]:
    """The commands of a section of the README, as they are written."""
    section = README.read_text("utf-8").partition(f"## {title}\n")[2]
    return re.findall(r"```sh\n(.*?)```", section, re.S)[0].splitlines()


def shown() -> str:
    """What the README shows of the red run, word for word."""
    return re.findall(r"```text\n(.*?)```", README.read_text("utf-8"), re.S)[0]


def typed(commands: Sequence[str], codes: Sequence[int], folder: Path) -> list[str]:
    """What each command says, typed into a shell in this folder; each must end with its code."""
    program = folder / "bin" / "leadproof"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leadproof "$@"\n', "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "100"}
    said = []
    for command, code in zip(commands, codes, strict=True):
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == code, command + done.stdout + done.stderr
        said.append(done.stdout)
    return said


def test_five_minutes(tmp_path: Path) -> None:
    """At most seven commands, typed into a shell in an empty folder: a newcomer's files pass; an address that is not
    allowed fails with NET110 and the recipe's line, which `explain` explains; mended, what failed passes with the
    digest of before."""
    assert len(walk()) <= len(CODES)
    said = typed(walk(), CODES, tmp_path)
    _, first, _, broken, explained, _, mended = said
    assert len(list((tmp_path / "demo").iterdir())) <= 6
    recipe = (tmp_path / "demo" / "recipe.yaml").read_text("utf-8")
    line = recipe[: recipe.index("10.20.0.0/24")].count("\n") + 1
    assert "PASSED" in first
    assert f"demo/recipe.yaml:{line}" in broken
    assert shown() in broken, broken
    assert "allowlist" in explained
    digests = [re.findall(r"digest (\w+)", text) for text in (first, mended)]
    assert digests[0] == digests[1] != []


@pytest.mark.slow
def test_the_cases_of_the_readme(tmp_path: Path) -> None:
    """What goes wrong is recorded, still reproduces, and a smaller case is made of it."""
    told = typed(["leadproof init demo", *walk("Cases")], [0, 0, 0, 1, 0], tmp_path)
    assert "recorded failed: NET110" in told[2]
    assert told[3].startswith("FAILED a.case")
    (left, before) = re.findall(r"(\d+) of (\d+) parts are left", told[4])[0]
    assert 0 < int(left) < int(before) / 2


def test_the_doctor_greets_a_newcomer_with_what_to_do(tmp_path: Path) -> None:
    """Before anything was installed there is one warning, and no error."""
    assert leadproof("init", "demo", cwd=tmp_path).returncode == 0
    told = leadproof("doctor", "--integration", "demo/leadproof.yaml", "--recipe", "demo/recipe.yaml", cwd=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "MAP327" in told.stdout
    assert "1 warning. 1 note not shown" in told.stdout
