"""A program of yours as the connector under test: `--connector "python my_sync.py"`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from leadproof.drivers import Command
from tests.harness.drivers.programs import SMALL_SYNC, findings, played, program


def test_the_small_connector_of_the_docs_delivers(tmp_path: Path) -> None:
    """Forty lines of Python deliver a lead once, linked both ways, and come to rest."""
    outcome = played(tmp_path, Command([sys.executable, str(SMALL_SYNC)]))
    assert outcome.verdict == "passed", findings(outcome)


def test_it_finds_its_state_again_and_another_scenario_does_not(tmp_path: Path) -> None:
    """LEADPROOF_STATE_DIR lasts for the scenario's turns and is empty at the start of the next scenario."""
    words = program(
        tmp_path,
        """
        import os, pathlib
        state = pathlib.Path(os.environ["LEADPROOF_STATE_DIR"], "turns")
        turns = len(state.read_text()) if state.exists() else 0
        state.write_text("x" * (turns + 1))
        print("turn", turns + 1)
        raise SystemExit(9 if turns == 3 else 0)
        """,
    )
    for name in ("one", "two"):
        outcome = played(tmp_path / name, Command(words), "sync: {cycles: 3}\ncheck_quiet: {}")
        assert "ended with exit code 9. Its last words: turn 4" in findings(outcome)["CYC640"]


FAILURES = [
    ("raise KeyError('Phone')", "CYC640", "ended with exit code 1. Its last words: KeyError: 'Phone'"),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "CYC640", "was ended by SIGKILL. It said nothing."),
    ("import threading; print('waiting', flush=True); threading.Event().wait()", "CYC642", "Its last words: waiting"),
]


@pytest.mark.parametrize(("text", "code", "told"), FAILURES)
def test_a_program_that_fails_is_a_finding_with_its_last_output(
    text: str, code: str, told: str, tmp_path: Path
) -> None:
    """An exception, a signal, a hang: the check fails, and its first cause is the program's end."""
    outcome = played(tmp_path, Command(program(tmp_path, text), deadline_seconds=3))
    assert outcome.verdict == "failed"
    assert told in findings(outcome)[code]


def test_what_a_hanging_program_started_ends_with_it(tmp_path: Path) -> None:
    """The whole session is ended, children too: the pipe that the child holds is closed."""
    words = program(
        tmp_path,
        """
        import os, subprocess, sys
        reading, writing = os.pipe()
        child = [sys.executable, "-c", "import threading; threading.Event().wait()"]
        started = subprocess.Popen(child)
        print(started.pid, flush=True)
        started.wait()
        """,
    )
    outcome = played(tmp_path, Command(words, deadline_seconds=3), "sync: {cycles: 1}\ncheck_quiet: {}")
    child = int(findings(outcome)["CYC642"].rsplit(" ", 1)[1])
    assert not Path(f"/proc/{child}/cmdline").exists() or not Path(f"/proc/{child}/cmdline").read_bytes()


def test_a_command_that_is_not_there(tmp_path: Path) -> None:
    """Said as such; exit codes of shells are not guessed."""
    outcome = played(tmp_path, Command(["no-such-program-here"]))
    assert "can't be started: No such file or directory" in findings(outcome)["CYC641"]


def test_the_builtin_connectors_restart_is_not_asked_of_yours(tmp_path: Path) -> None:
    """A step that only our own connector can do is skipped with the reason."""
    outcome = played(
        tmp_path,
        Command([sys.executable, str(SMALL_SYNC)]),
        "sync: {cycles: 1}\nrestart_connector: {}\ncheck_journal: {}",
    )
    assert outcome.verdict == "skipped"
    assert "built-in connector" in outcome.reason
