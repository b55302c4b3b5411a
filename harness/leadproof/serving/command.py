"""`leadproof up --exec -- COMMAND`: one command beside the sandbox, and its end is ours."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from leadproof.serving.refusals import ServingRefused

SIGNALLED = 128
"""What shells add to a signal's number for the exit code."""


def run_command(
    command: Sequence[str], added: Mapping[str, str], on_signal: Callable[[Callable[[int], None]], None]
) -> int:
    """Run it with `added` in its environment; its exit code, 128 and the number where a signal ended it.

    `on_signal` is told what to do with a signal of ours: pass it on. Raises ServingRefused RUN819 when the command
    cannot be started.
    """
    try:
        process = subprocess.Popen(list(command), env={**os.environ, **added})
    except OSError as wrong:
        text = f"{command[0]} can't be started: {wrong.strerror}."
        raise ServingRefused(
            "RUN819", text, "Write the command behind --exec -- as in a shell, without quotes."
        ) from wrong

    def pass_on(number: int) -> None:
        # A terminal sends Ctrl-C to the command too, and twice often means "at once".
        if number != signal.SIGINT or not sys.stdin.isatty():
            process.send_signal(number)

    on_signal(pass_on)
    code = process.wait()
    return SIGNALLED - code if code < 0 else code
