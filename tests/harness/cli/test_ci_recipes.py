"""docs/ci.md: the commands of each recipe, as they stand there, in a shell with the variables that the service sets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "ci.md").read_text("utf-8")
GITHUB, GITLAB = (YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S))
PART, PARTS = "1", "35"
"""A small part of the checklist: the recipes' own shares are as good, and longer."""


FAILING = {"LEADPROOF_RUN_CONNECTOR": "true"}
"""A connector that does nothing: the job fails."""


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell that finds leadproof."""
    program = folder / "bin" / "leadproof"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m leadproof "$@"\n', "utf-8")
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env={**os.environ, "PATH": path, **environment}, capture_output=True,
        text=True, timeout=300, check=False,
    )  # fmt: skip


def test_github(tmp_path: Path) -> None:
    """The steps run; the summary and the page are written where the recipe's artifact is taken from."""
    job: dict[str, Any] = GITHUB["jobs"]["leads"]
    assert set(job["env"]) == {"PART", "PARTS"}
    assert job["env"]["PARTS"] == len(job["strategy"]["matrix"]["part"])
    install, run, retry = (step["run"] for step in job["steps"] if "run" in step)
    assert install.startswith("pip install ")
    summary = tmp_path / "summary.md"
    told = {"PART": PART, "PARTS": PARTS, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = shell(run, tmp_path, **told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert summary.read_text("utf-8")
    assert (tmp_path / job["steps"][-1]["with"]["path"]).is_file()
    nothing = shell(retry, tmp_path, **told)
    assert nothing.returncode == 5
    assert "Nothing failed" in nothing.stdout + nothing.stderr


@pytest.mark.parametrize("status", ["success", "failed"])
def test_gitlab(status: str, tmp_path: Path) -> None:
    """The script runs; what the recipe's artifacts name is there; what follows is quiet unless the job failed."""
    job: dict[str, Any] = GITLAB["leads"]
    install, run = job["script"]
    assert install.startswith("pip install ")
    told = {"CI_NODE_INDEX": PART, "CI_NODE_TOTAL": PARTS, "CI_JOB_STATUS": status}
    done = shell(run, tmp_path, **told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(
        (tmp_path / name).is_file() for name in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"])
    )
    (after,) = job["after_script"]
    assert shell(after, tmp_path, **told).returncode == (5 if status == "failed" else 0)


RECIPES = [
    pytest.param([step["run"] for step in GITHUB["jobs"]["leads"]["steps"] if "run" in step], id="github"),
    pytest.param([*GITLAB["leads"]["script"], *GITLAB["leads"]["after_script"]], id="gitlab"),
]


@pytest.mark.slow
@pytest.mark.parametrize("commands", RECIPES)
def test_a_job_that_fails_says_why_and_is_tried_again(commands: list[str], tmp_path: Path) -> None:
    """The run ends with 1 and still leaves its page; what follows plays what failed once more, with its connector."""
    _, run, again = commands
    told = {"PART": PART, "PARTS": "70", "CI_NODE_INDEX": PART, "CI_NODE_TOTAL": "70", "CI_JOB_STATUS": "failed"}
    told |= FAILING | {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    done = shell(run, tmp_path, **told)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "<h1>Failed</h1>" in (tmp_path / "leads.html").read_text("utf-8")
    retried = shell(again, tmp_path, **told)
    assert retried.returncode == 1, retried.stdout + retried.stderr
    assert "error[" in retried.stdout


@pytest.mark.slow
def test_the_line_that_installs(tmp_path: Path) -> None:
    """`pip install .`, which both recipes begin with, in an environment that has nothing of ours: the program is there.
    What Leadproof needs comes from this interpreter's packages; no network is asked."""
    (install,) = {GITHUB["jobs"]["leads"]["steps"][2]["run"], GITLAB["leads"]["script"][0]}
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    programs = tmp_path / "venv" / "bin"
    (packages,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (programs / "pip").write_text(f'#!/bin/sh\nexec "{programs}/python" -m pip "$@"\n')
    (programs / "pip").chmod(0o755)
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_IGNORE_INSTALLED": "1"}
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | offline
    environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
    for command, folder in ((install, ROOT), ("leadproof run --list", tmp_path)):
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "first-lead" in done.stdout
    assert (packages / "leadproof" / "cli" / "contents.py").is_file()
