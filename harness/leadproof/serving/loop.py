"""A connector that runs by itself: a cycle every so many seconds of the wall's clock (`--sync-every`)."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Cadence:
    """Calls `cycle` every `seconds`, in a thread of its own; a cycle that takes longer delays the next."""

    def __init__(self, seconds: float, cycle: Callable[[], object], failed: Callable[[Exception], None]) -> None:
        self._seconds = seconds
        self._cycle = cycle
        self._failed = failed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="leadproof-sync", daemon=True)

    def start(self) -> None:
        """The first cycle comes after one interval."""
        self._thread.start()

    def stop(self) -> None:
        """No further cycle; waits for a running one."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._cycle()
            except Exception as failed:  # the next cycle may succeed, and somebody must hear of this one
                self._failed(failed)
