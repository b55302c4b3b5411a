"""docs/your-connector.md: its examples are run as they are written, and its table of variables is what programs get."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from leadproof.drivers import Command, Posting, Watch, parse_driver
from leadproof.drivers.reach import systems_environment
from leadproof.library import starter
from leadproof.sandbox import Sandbox
from tests.conftest import require
from tests.harness.cli import in_process

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "your-connector.md").read_text("utf-8")
EXAMPLES = [
    block for block in re.findall(r"```sh\n(.*?)```", PAGE, re.S) if "docs/connectors/" in block or "explain" in block
]
TOLD = [("OWN337", "CYC629"), ("RPT503", "CYC629"), ("CYC628", "CYC629")]
"""What the text says that the report names, block by block."""


def test_there_is_an_expectation_for_every_example() -> None:
    """A new example is not left untried."""
    assert len(EXAMPLES) == len(TOLD)


def test_the_four_ways_are_understood_as_they_are_written(tmp_path: Path) -> None:
    """The page's first block, with programs that a reader has: each line is a command that the program takes."""
    (block,) = (one for one in re.findall(r"```sh\n(.*?)```", PAGE, re.S) if "my_sync.py" in one)
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    drivers = [parse_driver(words[words.index("--connector") + 1]) for words in lines]
    assert [type(one) for one in drivers] == [Command, Posting, Watch, Watch]
    for words in lines[2:]:  # with the ports, and without
        done = in_process.leadproof(*words[1:], "--list", "-k", "first-lead", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("block", "codes"), list(zip(EXAMPLES, TOLD, strict=True)))
def test_an_example_runs_as_it_is_written(block: str, codes: tuple[str, ...], tmp_path: Path) -> None:
    """Every command of the block, in one folder that has docs/connectors; the codes that the text names are told. The
    long scenario is left to test_example_connectors.py."""
    if "node " in block:
        require("Node", ["node"])
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    said = ""
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if "many-records" in words:
            continue
        assert words[0] == "leadproof"
        done = subprocess.run(
            [sys.executable, "-m", "leadproof", *words[1:]],
            cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == (1 if words[1] == "run" else 0), done.stdout + done.stderr
        said += done.stdout
    assert [code for code in codes if code not in said] == []


ROWS = re.findall(r"^\| (`.*?) \| .* \| *(yes)? *\| *(yes)? *\| *(yes)? *\|$", PAGE, re.M)


@pytest.mark.parametrize(
    ("folder", "side", "dialect", "column"),
    [("", "CRM", "native", 0), ("salesforce-pardot", "CRM", "salesforce", 1),
     ("salesforce-pardot", "MARKETING", "pardot", 2)],
)  # fmt: skip
def test_the_table_of_variables_is_true(folder: str, side: str, dialect: str, column: int, tmp_path: Path) -> None:
    """Each variable is given, and not empty, where the table says so, and nothing of ours is given that it hides."""
    sandbox = Sandbox.start(starter() / folder / "recipe.yaml", seed="1", over="http")
    try:
        found = systems_environment(sandbox, "my-crm", "my-marketing", tmp_path / "ca.pem")
    finally:
        sandbox.close()
    assert found[f"LEADPROOF_{side}_DIALECT"] == dialect
    given = {name for name, value in found.items() if value}
    told, shared = set(), set()
    for names, *columns in ROWS:
        first = names.split("`")[1].removesuffix("_USERNAME").removesuffix("_CLIENT_ID").removesuffix("_INSTANCE_URL")
        for name in re.findall(r"`([A-Z_]+)`", names):
            full = first + name if name.startswith("_") else name
            if full != "LEADPROOF_STATE_DIR" and columns[column]:
                (told if "SYSTEM" in full else shared).add(full.replace("SYSTEM", side))
    assert {name for name in given if name.startswith(f"LEADPROOF_{side}_")} == told
    assert shared == {name for name in given if name.isupper() and not name.startswith("LEADPROOF_")}
