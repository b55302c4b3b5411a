"""docs/ci.md: the commands of each recipe, as they stand there, in a shell with the variables that the service sets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ci.md").read_text("utf-8")
GITHUB, GITLAB = (YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.S))
PART, PARTS = "1", "35"
"""A small part of the checklist: the recipes' own shares are as good, and longer."""


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
