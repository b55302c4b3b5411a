"""How things are measured: CPU time where one thread works, so that a busy machine disturbs the ratios little."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def wall(work: Callable[[], object]) -> float:
    """Seconds."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def best(rounds: int, *works: Callable[[], object], by: Callable[[Callable[[], object]], float] = cpu) -> list[float]:
    """The best time of each: all once per round, in turn, so that a disturbance hits them alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for mine, work in zip(times, works, strict=True):
            mine.append(by(work))
    return [min(mine) for mine in times]


def command_cpu(command: Sequence[str], **more: object) -> float:
    """CPU seconds of a command, its children included; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)  # type: ignore[call-overload]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def python(*arguments: str) -> list[str]:
    """This interpreter."""
    return [sys.executable, *arguments]


def process_cpu(pid: int) -> float:
    """CPU seconds that a running process has used so far, all its threads.

    The kernel tells it twice (proc(5)): `schedstat` in nanoseconds, of the threads that live; `stat` in ticks,
    with those that have ended, which matters for a server with a thread a request. The larger one is right."""
    alive = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread may end meanwhile
            alive += int((thread / "schedstat").read_text().split()[0])
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return max(alive / 1e9, ticks / os.sysconf("SC_CLK_TCK"))


def resident(pid: int | None = None) -> int:
    """Bytes of memory that a process holds (proc(5), statm)."""
    pages = int(Path(f"/proc/{pid or os.getpid()}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
