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
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import Any

REQUESTS = frozenset({signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)})
"""How somebody asks a run to end."""


class WorkerEnded(Exception):
    """A worker process ended before its work did. Nobody says which of several it was, nor what it was doing."""

    code, exit_code = "RUN829", 3
    text = "The operating system, or somebody, ended a worker process before its work was done."
    fix = "Give it more memory, or ask for fewer processes: --jobs 1."

    def __str__(self) -> str:
        return self.text


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
    not begun is given up. Raises WorkerEnded."""
    forked = forks()
    context = multiprocessing.get_context("fork" if forked else "spawn")
    if forked:
        gc.freeze()  # what is here stays shared with the workers: their collectors do not touch it
    made = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(set_up, told))
    try:
        with _requests_wait():
            made.submit(int)  # forks all of them
        yield made
    except BrokenProcessPool:
        raise WorkerEnded from None
    finally:
        made.shutdown(cancel_futures=True)  # once: a second call, as its own `with` makes, would take this back
        if forked:
            gc.unfreeze()


@contextmanager
def _requests_wait() -> Iterator[None]:
    """Ctrl-C and SIGTERM come after this: an exception out of the hooks that run around a fork would be lost."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, REQUESTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(set_up: Callable[..., None] | None, told: tuple[Any, ...]) -> None:
    # Ctrl-C reaches the whole group; the first process ends the others, which finish what they are doing. A SIGTERM
    # ends a worker at once, whatever the first process made of its own.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_first, name="first-process", daemon=True).start()
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, REQUESTS)
    if set_up is not None:
        set_up(*told)


def _end_with_the_first() -> None:
    """A first process that was killed ends nobody: its workers would wait for work for good."""
    first = multiprocessing.parent_process()
    assert first is not None  # a worker has been started by somebody
    wait([first.sentinel])
    os._exit(1)


def worthwhile(scenarios: int) -> int:
    """How many workers pay for so many scenarios, which take a few tenths of a second each."""
    return max(1, min(cores(), scenarios // (4 if forks() else 12)))
