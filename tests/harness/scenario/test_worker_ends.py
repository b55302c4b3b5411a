"""Workers end with the run that started them, however it ends."""

from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from leadproof.cli.endings import end_of
from leadproof.library import checklist
from leadproof.processes import WorkerEnded, pool
from tests.harness.scenario.killed import Killing, run_in_two

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the workers are found in /proc")
PATIENCE = 60.0
"""Seconds after which a process that should be there, or gone, is given up."""


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """The two workers of a run, as soon as they are there."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + PATIENCE
    while len(found := listed.read_text().split()) < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, found
    return [int(one) for one in found]


@contextmanager
def under_way(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`leadproof run --jobs 2` of some scenarios, and a handle of each of its workers that tells their end."""
    some = [str(one) for one in sorted(checklist().glob("[a-c]*.yaml"))]
    command = [sys.executable, "-m", "leadproof", "run", *some, "--jobs", "2"]
    with ExitStack() as stack:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        stack.callback(process.communicate)
        stack.callback(process.kill)
        handles = []
        for worker in workers_of(process):
            handles.append(os.pidfd_open(worker))
            stack.callback(os.close, handles[-1])
            stack.callback(_kill, handles[-1])
        yield process, handles


def _kill(handle: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def assert_ended(handles: list[int]) -> None:
    """Each of these processes ends in time."""
    for handle in handles:
        assert select.select([handle], [], [], PATIENCE)[0], "a worker is still there"


@LINUX
def test_a_request_to_end_ends_the_workers(tmp_path: Path) -> None:
    """SIGTERM ends a run in order, as Ctrl-C does."""
    with under_way(tmp_path) as (process, workers):
        process.terminate()
        said = process.communicate(timeout=PATIENCE)[1]
        assert (process.returncode, "RUN809" in said, "Traceback" in said) == (130, True, False), said
        assert_ended(workers)


@LINUX
def test_a_killed_run_leaves_no_workers(tmp_path: Path) -> None:
    """Nobody can tell them that the run is over: they see it. Whoever reads the run's output gets to its end."""
    with under_way(tmp_path) as (process, workers):
        process.kill()
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL
        assert_ended(workers)


def test_a_scenario_whose_worker_is_ended_is_an_error(tmp_path: Path) -> None:
    """It is the environment's, with a reason of its own; every other scenario has its result, in their order."""
    summary, events = run_in_two(tmp_path, Killing())
    finished = [one for one in events if one.kind == "scenario_finished"]
    told = [(one.scenario, one.data["verdict"]) for one in finished]
    assert told == [(f"story-{number}", "error" if number == 2 else "passed") for number in range(1, 6)]
    assert finished[1].data["reason"].startswith("RUN829 ")
    assert [one.data["finding"]["code"] for one in events if one.kind == "finding"] == ["RUN829"]
    assert summary.exit_code == 3


def test_what_a_worker_ran_that_was_ended_once_runs_again(tmp_path: Path) -> None:
    """Alone it has the memory that two had to share: no scenario is told twice, and the run says what one process
    says of the same."""
    summary, events = run_in_two(tmp_path, Killing(tmp_path / "once"))
    assert (tmp_path / "once").exists()
    told = [one.scenario for one in events if one.kind == "scenario_finished"]
    assert told == [f"story-{one}" for one in range(1, 6)]
    assert (summary.exit_code, summary.counts["passed"]) == (0, 5)


def test_a_pool_says_that_a_worker_was_ended() -> None:
    """As what ends the command: an error of the environment, and no defect of ours."""
    with pytest.raises(WorkerEnded) as ended, pool(2) as workers:
        workers.submit(signal.raise_signal, signal.SIGKILL).result()
    assert end_of(ended.value) == 3


def test_a_pool_takes_its_frozen_objects_back() -> None:
    """Whoever goes on after a run has its garbage collected."""
    before = gc.get_freeze_count()
    with pool(2) as workers:
        assert workers.submit(abs, -1).result() == 1
    assert gc.get_freeze_count() == before
