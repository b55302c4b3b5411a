"""P13, P14: what records and orgs cost in memory. Each in a process of its own."""

from __future__ import annotations

import gc
import subprocess
from collections.abc import Iterator

import orjson

from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import python, resident
from tests.benchmarks.orgs import BATCH, CRM, Caller, lead, sandbox

ORG = {"kind": "crm", "users": [{"id": "sync"}]}


def records(sizes: Sizes) -> Iterator[Figure]:
    """P13: journal and audit trail included."""
    held, payload = _measured("creates", sizes.creates)
    yield Figure(
        "P13",
        f"memory after {sizes.creates:,} creates / payload bytes",
        held / payload,
        4,
        2,
        "lower",
        f"{held / 1e6:.1f} MB / {payload / 1e6:.1f} MB",
    )


def orgs(sizes: Sizes) -> Iterator[Figure]:
    """P14: of empty orgs, beyond the first."""
    held, _ = _measured("orgs", sizes.orgs)
    yield Figure(
        "P14",
        f"{sizes.orgs} orgs / one: additional memory",
        held / 1e6,
        40,
        10,
        "lower",
        f"{held / 1e3 / max(1, sizes.orgs - 1):.0f} kB an org",
        unit="MB",
    )


def _measured(what: str, count: int) -> tuple[int, int]:
    told = subprocess.run(
        python("-m", "tests.benchmarks.memory", what, str(count)), check=True, capture_output=True, text=True
    )
    held, payload = told.stdout.split()
    return int(held), int(payload)


def _creates(count: int) -> tuple[int, int]:
    with sandbox() as box:
        caller = Caller.of(box)
        caller.create("Lead", [lead(number) for number in range(BATCH)])  # what is loaded only once
        gc.collect()
        before, payload = resident(), 0
        for start in range(BATCH, BATCH + count, BATCH):
            rows = [lead(number) for number in range(start, min(start + BATCH, BATCH + count))]
            payload += sum(len(orjson.dumps({"values": row})) for row in rows)
            caller.create("Lead", rows)
        gc.collect()
        return resident() - before, payload


def _orgs(count: int) -> tuple[int, int]:
    with sandbox() as box:
        box.crm(CRM).users()
        gc.collect()
        before = resident()
        for number in range(count - 1):
            box.lab.add_org(f"org-{number}", ORG)
            box.crm(f"org-{number}", user="sync").users()
        gc.collect()
        return resident() - before, 0


if __name__ == "__main__":
    import sys

    print(*(_creates if sys.argv[1] == "creates" else _orgs)(int(sys.argv[2])))
