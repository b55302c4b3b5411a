"""One cycle per connection at a time (sync-semantics.md "Cycles").

The lease is an exclusive lock on a small SQLite file beside the store: the operating system lets go of it when
its process dies, however it dies, so a killed connector never locks its successor out.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LeaseHeld(Exception):
    """Another cycle of this connection is running."""


class Lease:
    """`path` None: the store is in memory, and only threads of this process can compete."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lock = threading.Lock()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lease inside the block; raises LeaseHeld at once if another has it."""
        if not self._lock.acquire(blocking=False):
            raise LeaseHeld
        try:
            if self._path is None:
                yield
                return
            with self._file_locked(self._path):
                yield
        finally:
            self._lock.release()

    @contextmanager
    def _file_locked(self, path: Path) -> Iterator[None]:
        file = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            try:
                file.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as locked:
                raise LeaseHeld from locked
            yield
            file.execute("ROLLBACK")
        finally:
            file.close()
