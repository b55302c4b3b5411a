"""Worker processes: as many as pay, and none that goes on when nobody listens any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.library import checklist
from leadproof.processes import cores, pool, worthwhile
from leadproof.scenario.document import load_scenarios
from leadproof.scenario.events import Event
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options


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


def test_ctrl_c_ends_a_run_in_processes_soon() -> None:
    """The scenarios behind the running ones are left."""
    finished: list[str] = []

    def interrupt(event: Event) -> None:
        if event.kind == "scenario_finished":
            finished.append(event.scenario)
            raise KeyboardInterrupt

    few = [one for one in load_scenarios([checklist()]) if one.id in ("connector-off", "ip-not-allowed")]
    with pytest.raises(KeyboardInterrupt):
        run_all(few, Options(), [interrupt], jobs=2)
    assert len(finished) == 1


def test_workers_that_pay() -> None:
    """Never more than the machine has processors, never fewer than one, and for a few scenarios none beside this."""
    assert [worthwhile(number) for number in (0, 1, 3)] == [1, 1, 1]
    assert worthwhile(10_000) == cores()
