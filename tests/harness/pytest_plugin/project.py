"""Shared: a user's project in a folder, and its pytest run in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from textwrap import dedent

INSTALLED = entry_points(group="pytest11", name="leadproof")
FOUND = () if INSTALLED else ("-p", "leadproof.pytest_plugin")
"""How pytest finds the plugin among all that are installed: by itself, or, on the path of a source tree, by name."""


@dataclass(frozen=True)
class Ran:
    """What a run of pytest said; `counts` is its last line: "2 passed, 1 failed"."""

    code: int
    text: str

    @property
    def counts(self) -> str:
        return self.text.strip().splitlines()[-1]


class Project:
    """A folder with a pytest.ini that is strict about markers, and whatever files a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pytest.ini", "[pytest]\naddopts = --strict-markers --strict-config -p no:cacheprovider\n")

    def write(self, name: str, text: str) -> Path:
        """Write one file, with its folders."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def test(
        self,
        *arguments: str,
        python: str = sys.executable,
        found: tuple[str, ...] | None = None,
        deadline: float = 300,
    ) -> Ran:
        """Run pytest there; warnings are errors. With `found` it loads all installed plugins, as a user's does, which
        takes four times as long as the plugin alone (and xdist, where there are workers)."""
        plugins = ("-p", "leadproof.pytest_plugin", *(("-p", "xdist") if "-n" in arguments else ()))
        command = [python, "-W", "error", "-m", "pytest", *(plugins if found is None else found), "-q", "--color=no"]
        command += arguments
        # The project's own settings, not those of the suite that runs this test.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        if found is None:
            environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        if python != sys.executable:
            environment.pop("PYTHONPATH", None)  # this checkout is not to be found from another environment
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=deadline, check=False
        )
        return Ran(done.returncode, done.stdout + done.stderr)
