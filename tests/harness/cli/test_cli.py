"""The program itself, as a person and as CI run it: exit codes, files, messages, what is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from leadproof.library import starter
from tests.harness.cli import in_process


def leadproof(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder; a real process."""
    return subprocess.run(
        [sys.executable, "-m", "leadproof", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": "0", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """`leadproof init` and `leadproof run` in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    assert leadproof("init", "mine", cwd=folder).returncode == 0
    return folder, leadproof("run", "mine", "--seed", "7", cwd=folder)


def test_the_first_five_minutes(started: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """init writes files that run passes; both reports are written; progress is on stderr, results on stdout."""
    folder, ran = started
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (folder / "leadproof-report.html").read_text().startswith("<!doctype html>")
    assert (folder / "leadproof-report.xml").read_text().startswith("<?xml")
    assert "PASSED" in ran.stdout
    assert "seed 7" in ran.stdout
    assert "[1/1]" in ran.stderr
    assert "\x1b" not in ran.stdout


def test_init_overwrites_nothing(started: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """A second init keeps what a person has changed."""
    folder, _ = started
    file = folder / "mine" / "recipe.yaml"
    before = file.read_text()
    file.write_text(before + "# mine\n")
    assert "kept" in leadproof("init", "mine", cwd=folder).stdout
    assert file.read_text().endswith("# mine\n")


def test_the_digest_does_not_depend_on_where_and_when(
    started: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """Another folder, hash seed, time zone and locale: the same digest."""
    _, ran = started
    assert leadproof("init", "other", cwd=tmp_path).returncode == 0
    environment = {"PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    result = leadproof(
        "run", "other", "--seed", "7", "--report", "json=a.json", cwd=tmp_path, PYTHONUTF8="1", **environment
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert json.loads((tmp_path / "a.json").read_text())["digest"][:16] in ran.stdout


ENDINGS = {
    "a failed check": (["run", "failing.yaml"], 1, "expected"),
    "an unknown option": (["run", "--bogus"], 2, "--bogus"),
    "an unknown command": (["frob"], 2, "frob"),
    "a file that is not there": (["run", "nowhere.yaml"], 2, "CFG801"),
    "a file with a mistake": (["run", "mistake.yaml"], 2, "check_delivered"),
    "an unknown code": (["explain", "XYZ1"], 2, "RUN805"),
    "a pair without files": (
        ["run", "-k", "first-lead", "--marketing", "pardot"],
        2,
        "--crm salesforce --marketing pardot",
    ),
    "no sandbox running": (["sync"], 3, "RUN811"),
    "a report that cannot be written": (["run", "failing.yaml", "--report", "html=no/such/x.html"], 3, "RUN804"),
    "a step that names nobody": (["run", "error.yaml"], 2, "CFG830"),
    "nothing collected": (["run", "-k", "nosuchword"], 5, "RUN801"),
    "the version": (["--version"], 0, "leadproof "),
    "a schema": (["schema", "integration"], 0, "draft-07"),
    "an explanation": (["explain", "usr101"], 0, "A user is not mapped"),
    "the list": (["run", "--list", "-k", "phone"], 0, "false-phone"),
}
PROCESSES = frozenset({"a failed check", "an unknown option", "no sandbox running", "the version"})
"""What is asked of a process of its own; that a process ends with the code of the others is known then."""


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the starter's orgs and scenarios that end in different ways."""
    folder = tmp_path_factory.mktemp("stories")
    for file in ("leadproof.yaml", "recipe.yaml"):
        (folder / file).write_bytes((starter() / file).read_bytes())
    (folder / "failing.yaml").write_text("scenario: F\nsteps:\n  - check_count: {in: crm, object: Lead, is: 3}\n")
    (folder / "error.yaml").write_text("scenario: E\nsteps:\n  - check_delivered: {lead: $nobody}\n")
    (folder / "mistake.yaml").write_text("scenario: M\nsteps:\n  - check_deliverd: {lead: $lead}\n")
    return folder


@pytest.mark.parametrize("case", sorted(ENDINGS))
def test_exit_codes_and_messages(case: str, stories: Path) -> None:
    """quality.md "Ease": the code says what kind of end it was, the message names the cause; never a traceback."""
    arguments, code, text = ENDINGS[case]
    ended = (leadproof if case in PROCESSES else in_process.leadproof)(*arguments, cwd=stories)
    told = ended.stdout + ended.stderr
    assert ended.returncode == code, told
    assert text in told
    assert "Traceback" not in told


@pytest.mark.parametrize("command", ["--help", "explain USR101", "schema integration", "schema scenario", "run --help"])
def test_light_commands_import_nothing_heavy(command: str, tmp_path: Path) -> None:
    """performance.md "What follows", 8: no FastAPI, SQLAlchemy or Faker for a text."""
    program = (
        "import sys\nfrom leadproof.cli import main\n"
        f"try: main({command.split()!r})\nexcept SystemExit: pass\n"
        "heavy = {'fastapi', 'sqlalchemy', 'sqlmodel', 'faker', 'leadsim'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_the_doctor_finds_what_the_install_module_would_add(stories: Path) -> None:
    """Without a running sandbox it looks at the recipe's orgs; a new org has one warning that lists the fields."""
    ended = in_process.leadproof("doctor", cwd=stories)
    assert ended.returncode == 0
    assert "MAP327" in ended.stdout
    assert "Contact.MarketingId__c, Contact.Score__c" in ended.stdout
    assert "leadproof install" in ended.stdout
    assert "1 warning. 1 note not shown" in ended.stdout
