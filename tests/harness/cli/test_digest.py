"""One seed, one digest: whatever the process, the sockets, hash seed, zone, locale, jobs or folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadproof.library import checklist
from tests.harness.cli.test_cli import leadproof

STORIES = ("first-lead", "merge", "master-latest", "rows-locked")
HERE = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"}
ELSEWHERE: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "once more": (HERE, ()),
    "hash seed 2, Tokyo": ({"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "C"}, ()),
    "hash seed 3, half hours, UTF-8": ({"PYTHONHASHSEED": "3", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}, ()),
    "hash seed 4, two jobs": ({"PYTHONHASHSEED": "4", "TZ": "UTC", "LC_ALL": "C"}, ("--jobs", "2")),
    "hash seed 5, real sockets": ({"PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "LC_ALL": "C"}, ("--over", "http")),
}


def _digest(folder: Path, environment: dict[str, str], *arguments: str) -> str:
    files = [str(checklist() / f"{story}.yaml") for story in STORIES]
    folder.mkdir(parents=True, exist_ok=True)
    ran = leadproof("run", *files, *arguments, "--report", "json=run.json", cwd=folder, PYTHONUTF8="1", **environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    digest: str = json.loads((folder / "run.json").read_text())["digest"]
    return digest


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of seed 7, in process."""
    return _digest(tmp_path_factory.mktemp("first"), HERE, "--seed", "7")


@pytest.mark.parametrize("where", sorted(ELSEWHERE))
def test_one_seed_has_one_digest(where: str, first: str, tmp_path: Path) -> None:
    """Four shipped scenarios, faults and merges among them, in a folder of another name."""
    environment, arguments = ELSEWHERE[where]
    assert _digest(tmp_path / where, environment, "--seed", "7", *arguments) == first


def test_another_seed_has_another_digest(first: str, tmp_path: Path) -> None:
    """Every id and every dummy name is drawn from the seed."""
    assert _digest(tmp_path, HERE, "--seed", "8") != first
