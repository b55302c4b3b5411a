"""Worker processes: how many, and how they start.

A forked worker has everything that this process has imported; one that is spawned takes about a second to import it
again. Forking is safe where no other thread holds a lock, and on Linux only: macOS's own libraries do not bear it.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any


def forks() -> bool:
    """Whether workers are forked from this process."""
    return sys.platform == "linux" and threading.active_count() == 1


def cores() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def pool(workers: int, set_up: Callable[..., None] | None = None, *told: Any) -> Iterator[ProcessPoolExecutor]:
    """So many workers, each made ready by `set_up(*told)`. At the end, whatever brings it about (Ctrl-C, too), what was
    not begun is given up."""
    context = multiprocessing.get_context("fork" if forks() else "spawn")
    if forks():
        gc.freeze()  # what is here stays shared with the workers: their collectors do not touch it
    made = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(set_up, told))
    try:
        yield made
    finally:
        made.shutdown(cancel_futures=True)  # once: a second call, as its own `with` makes, would take this back


def _begin(set_up: Callable[..., None] | None, told: tuple[Any, ...]) -> None:
    # Ctrl-C reaches the whole group; the first process ends the others, which finish what they are doing.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if set_up is not None:
        set_up(*told)


def worthwhile(scenarios: int) -> int:
    """How many workers pay for so many scenarios, which take a few tenths of a second each."""
    return max(1, min(cores(), scenarios // (4 if forks() else 12)))
