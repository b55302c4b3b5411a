"""Worker processes: as many as pay, and none that goes on when nobody listens any more."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from leadproof.library import checklist
from leadproof.processes import cores, pool, worthwhile
from leadproof.scenario.document import load_scenarios
from leadproof.scenario.events import Event
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options

SCENARIOS = 20


def _touch(folder: Path, number: int) -> int:
    (folder / str(number)).touch()
    return number


def test_what_was_not_begun_is_given_up(tmp_path: Path) -> None:
    """Whoever leaves early, as Ctrl-C makes us do, waits for what runs and not for the hundreds behind it."""

    def leave_early() -> None:
        with pool(2) as workers:
            futures = [workers.submit(_touch, tmp_path, number) for number in range(3000)]
            assert futures[0].result() == 0
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        leave_early()
    assert len(list(tmp_path.iterdir())) < 3000


def test_ctrl_c_ends_a_run_in_processes_soon(tmp_path: Path) -> None:
    """The scenarios behind the running ones are left, and no worker stays. One that was run leaves its journal."""
    text = (checklist() / "connector-off.yaml").read_text()
    for number in range(SCENARIOS):
        (tmp_path / f"connector-off-{number:02}.yaml").write_text(text)
    for name in ("leadproof.yaml", "recipe.yaml"):
        (tmp_path / name).write_text((checklist() / name).read_text())

    def interrupt(event: Event) -> None:
        if event.kind == "scenario_finished":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_all(load_scenarios([tmp_path]), Options(keep=tmp_path / "kept"), [interrupt], jobs=2)
    assert 1 <= len(list((tmp_path / "kept").iterdir())) < SCENARIOS
    assert multiprocessing.active_children() == []


def test_workers_that_pay() -> None:
    """Never more than the machine has processors, never fewer than one, and for a few scenarios none beside this."""
    assert [worthwhile(number) for number in (0, 1, 3)] == [1, 1, 1]
    assert worthwhile(10_000) == cores()
