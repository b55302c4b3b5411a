"""A connector that dies at one durable point: as a process of its own by SIGKILL, or in this one by an exception.

`LEADPROOF_KILL_AT=POINT python -m tests.harness.connector.killed URLS STORE`: the systems are reached over HTTP and
the store is a file. Points are counted in turn: before and after each commit of the store, and before and after each
remote write.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from leadproof.connector import Connector, Store
from leadproof.connector.metered import Metered
from leadproof.connector.value_table import Side
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.credentials import Credentials
from leadproof.systems.ports import Write, WriteResult
from leadproof.systems.registry import open_system
from leadproof.transports.http import Http
from tests.harness.connector.pair import PEOPLE, integration
from tests.harness.connector.test_values import ANSWERS

POINT = "LEADPROOF_KILL_AT"
DELETES = PEOPLE.replace("deliver: all", "deliver: all, deletes: propagate")


class Dead(BaseException):
    """What a kill is inside one process: nothing may catch it."""


class Points:
    """Counts durable points and dies at the one it was told (0: at none)."""

    def __init__(self, deadly: int, die: Callable[[], None]) -> None:
        self.deadly, self.passed, self._die = deadly, 0, die

    def pass_one(self) -> None:
        self.passed += 1
        if self.passed == self.deadly:
            self._die()


def die_by_signal() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_by_exception() -> None:
    raise Dead


class MortalStore(Store):
    points: Points

    def commit(self) -> None:
        self.points.pass_one()
        super().commit()
        self.points.pass_one()


class MortalSystem(Metered):
    points: Points

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        self.points.pass_one()
        results = super().write(writes)
        self.points.pass_one()
        return results

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        self.points.pass_one()
        results = super().set_members(writes)
        self.points.pass_one()
        return results


class Mortal(Connector):
    """`points` is set before the first cycle; until then nothing is counted."""

    points: Points

    def open_store(self, path: Path | None) -> Store:
        self.points = Points(0, die_by_exception)
        store = MortalStore(path)
        store.points = self.points
        return store

    def live_until(self, points: Points) -> None:
        self.points = points
        self.store.points = points  # type: ignore[attr-defined]  # made by open_store

    def meter(self, side: Side) -> Metered:
        metered = MortalSystem(side, self.crm if side == "crm" else self.marketing)
        metered.points = self.points
        return metered


def main(urls: Path, store: Path) -> None:
    """One cycle, dying where the environment says."""
    told: dict[str, Any] = json.loads(urls.read_text())
    crm = open_system("crm", "native", Http(told["crm"]), "acme-crm", Credentials("sync", "leadproof-sync"))
    marketing = open_system(
        "marketing", "native", Http(told["marketing"]), "acme-marketing", Credentials("sync", "leadproof-sync")
    )
    connector = Mortal(integration(ANSWERS, DELETES), crm, marketing, store)
    connector.live_until(Points(int(os.environ.get(POINT, "0")), die_by_signal))
    report = connector.cycle()
    connector.close()
    crm.close()
    marketing.close()
    if report.stopped is not None:
        raise SystemExit(str(report.stopped))
    print(json.dumps({"points": connector.points.passed, "silent": report.silent}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
