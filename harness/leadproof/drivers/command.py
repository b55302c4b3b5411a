"""`--connector "python my_sync.py"`: a program that is run for each cycle and ends when it is done."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from leadproof.drivers.driven import ClockMode, Driven, Place, failed
from leadproof.drivers.reach import reach
from leadproof.findings import Finding

GRACE_SECONDS = 3.0
"""How long a program has to end by itself when it is asked to."""


@dataclass(frozen=True, slots=True)
class Command:
    """Run `words` for each cycle; it must exit with 0 within `deadline_seconds`."""

    words: Sequence[str]
    deadline_seconds: float = 120.0
    clock: ClockMode = "follow"

    def drive(self, place: Place) -> Driven:
        return _Commanded(self, place)


class _Commanded(Driven):
    def __init__(self, command: Command, place: Place) -> None:
        super().__init__(place, command.clock)
        self._command = command
        self._environment = reach(place)
        self._output = place.folder / f"{place.name}.output"

    def _turn(self, before: int) -> Finding | None:
        said, told = self._output, " ".join(self._command.words)
        with said.open("wb") as output:
            try:
                process = start(self._command.words, self._environment, output)
            except OSError as wrong:
                return failed("CYC641", f"{told!r} can't be started: {wrong.strerror}.")
            try:
                code = process.wait(self._command.deadline_seconds)
            except subprocess.TimeoutExpired:
                end(process)
                return failed("CYC642", f"{told!r} ran for {self._command.deadline_seconds:g} s without ending.", said)
            except BaseException:  # whatever ends us, also Ctrl-C, must end the program that we started
                end(process)
                raise
        if code == 0:
            return None
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return failed("CYC640", f"{told!r} {how}.", said)

    def close(self) -> None:
        """Nothing: it ended with its turn."""


def start(words: Sequence[str], added: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it in a session of its own, so that what it starts can be ended with it. Raises OSError."""
    return subprocess.Popen(
        list(words),
        env={**os.environ, **added},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """End it and what it started: asked first, made to after a few seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_SECONDS)


def output_file(place: Place) -> Path:
    """Where the output of a program that runs along is kept."""
    return place.folder / f"{place.name}.output"
