"""`--connector watch`: one that runs by itself; a cycle is the time until it is quiet."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from leadproof.drivers.command import end, output_file, start
from leadproof.drivers.driven import ClockMode, Driven, Place, failed
from leadproof.drivers.quiet import wait_for_quiet
from leadproof.drivers.reach import reach
from leadproof.findings import Finding


@dataclass(frozen=True, slots=True)
class Watch:
    """Wait for quiet. `words`: a program that is started for each scenario and ended after it; without, yours is
    already running and calls the ports that the run was given."""

    words: Sequence[str] = ()
    deadline_seconds: float = 120.0
    quiet_seconds: float = 2.0
    clock: ClockMode = "follow"

    def drive(self, place: Place) -> Driven:
        return _Watched(self, place)


class _Watched(Driven):
    def __init__(self, watch: Watch, place: Place) -> None:
        super().__init__(place, watch.clock)
        self._watch = watch
        self._environment = reach(place) if watch.words else {}
        self._output: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def _turn(self, before: int) -> Finding | None:
        try:
            self._started()
        except OSError as wrong:
            return failed("CYC641", f"{' '.join(self._watch.words)!r} can't be started: {wrong.strerror}.")
        it, said = self._watch, output_file(self.place) if self._watch.words else None
        quiet = wait_for_quiet(
            self.place,
            before,
            quiet_seconds=it.quiet_seconds,
            deadline_seconds=it.deadline_seconds,
            must_look=True,
            ended=lambda: self._process is not None and self._process.poll() is not None,
        )
        if quiet is not None:
            return None
        if self._process is not None and self._process.poll() is not None:
            return failed("CYC640", f"{' '.join(it.words)!r} ended with exit code {self._process.poll()}.", said)
        changes = sum(self.changes_since(before))
        if changes == 0:
            return failed("CYC644", f"Within {it.deadline_seconds:g} s the connector did not read both systems.", said)
        return failed("CYC643", f"It still writes after {it.deadline_seconds:g} s: {changes} changes by now.", said)

    def _started(self) -> None:
        if self._watch.words and self._process is None:
            self._output = output_file(self.place).open("wb")
            self._process = start(self._watch.words, self._environment, self._output)

    def close(self) -> None:
        if self._process is not None:
            end(self._process)
        if self._output is not None:
            self._output.close()
