"""What the measurement of coverage counts, with the project's own settings, and whom the floor names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import coverage
import pytest

from tests.coverage_floor import ROOT, main

TOLD = """
import sys
if len(sys.argv) > 1:
    print("again")
else:
    print("alone")
"""
WORK = """
def work(number):
    if number:
        return number
    return None
"""
SERVE = """
for _ in iter(int, 1):
    print("ready", flush=True)
"""
ROOMS = {
    "simulator/leadsim/__init__.py": "", "simulator/leadsim/told.py": TOLD, "simulator/leadsim/forked.py": WORK,
    "simulator/leadsim/never.py": "print()\n",
    "harness/leadproof/__init__.py": "", "harness/leadproof/served.py": SERVE,
}  # fmt: skip
FORKS = """
import multiprocessing
from leadsim import forked
with multiprocessing.get_context("fork").Pool(1) as pool:
    pool.map(forked.work, [0, 1])
    pool.close()
    pool.join()
"""
STORY = """
import os, pathlib, subprocess, sys
forks = pathlib.Path("forks.py").resolve()
os.mkdir("elsewhere")
os.chdir("elsewhere")
subprocess.run([sys.executable, "-m", "leadsim.told"], check=True)
subprocess.run([sys.executable, "-m", "leadsim.told", "again"], check=True)
subprocess.run([sys.executable, forks], check=True)
server = subprocess.Popen([sys.executable, "-m", "leadproof.served"], stdout=subprocess.PIPE)
server.stdout.readline()
server.terminate()
server.wait()
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small tree with our settings."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, text in {**ROOMS, "forks.py": FORKS, "story.py": STORY}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def measure(checkout: Path, *words: str) -> None:
    """`coverage WORDS` in that tree, whatever measures this suite."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    known["PYTHONPATH"] = f"{checkout / 'simulator'}{os.pathsep}{checkout / 'harness'}"
    done = subprocess.run(
        [sys.executable, "-m", "coverage", *words], cwd=checkout, env=known, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_other_processes_run_counts_and_who_is_low_is_named(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Programs that are started elsewhere, forked workers and a server that SIGTERM ends are measured; a module that
    nothing imports is named, and the command fails for it alone."""
    told = ["--data", str(checkout / ".coverage"), "--settings", str(checkout / "pyproject.toml")]
    assert main(told) == 2
    measure(checkout, "run", "story.py")
    gathered = coverage.Coverage(str(checkout / ".coverage"), config_file=str(checkout / "pyproject.toml"))
    gathered.combine()
    gathered.save()
    capsys.readouterr()
    assert main(told) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(line.split()) for line in lines[1:]] == [
        "0.0 % 0 of 0 branches simulator/leadsim/never.py",
        "75.0 % 1 of 2 branches harness/leadproof/served.py",
        "100.0 % 2 of 2 branches simulator/leadsim/forked.py",
        "100.0 % 2 of 2 branches simulator/leadsim/told.py",
        "1 of 4 modules are under 75 %: simulator/leadsim/never.py",
    ]
    (checkout / "simulator" / "leadsim" / "never.py").write_text("")  # nothing to run
    assert main(told) == 0
