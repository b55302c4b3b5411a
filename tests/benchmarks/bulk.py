"""P5: a bulk job against the driver's own executemany of the same rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import orjson

from leadsim.engine.store import COLUMNS, DDL
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.measure import cpu
from tests.benchmarks.orgs import Caller, connection, lead, sandbox


def bulk(sizes: Sizes) -> Iterator[Figure]:
    """The job: upload, validate, match, assign, store, journal. Raw: the rows it stored, into the same table."""
    body = orjson.dumps([lead(number) for number in range(sizes.bulk)])
    jobs, raws = [], []
    for _ in range(sizes.rounds):
        with sandbox() as box:
            caller = Caller.of(box)
            jobs.append(cpu(lambda caller=caller: _job(caller, body)))  # type: ignore[misc]
            rows = connection(box).execute("SELECT * FROM record WHERE object = 'Lead'").fetchall()
        if len(rows) != sizes.bulk:
            raise RuntimeError(f"the job stored {len(rows)} of {sizes.bulk} rows")
        raws.append(cpu(lambda rows=rows: _raw(body, rows)))  # type: ignore[misc]
    job, raw = min(jobs), min(raws)
    yield Figure(
        "P5",
        f"bulk job of {sizes.bulk:,} JSON rows / raw executemany",
        raw / job,
        0.25,
        0.45,
        "higher",
        f"{job / sizes.bulk * 1e6:.0f} us / {raw / sizes.bulk * 1e6:.1f} us a row, in process",
    )


def _job(caller: Caller, body: bytes) -> None:
    asked = caller.request("POST", "jobs", {"object": "Lead", "op": "create", "format": "json"})
    job = orjson.loads(caller.send(asked))["id"]
    caller.send(caller.request("PUT", f"jobs/{job}/data", body))
    caller.send(caller.request("POST", f"jobs/{job}/close"))


def _raw(body: bytes, rows: list[tuple[object, ...]]) -> None:
    """Read the same JSON, insert the same rows."""
    orjson.loads(body)
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in DDL:
        database.execute(statement)
    marks = ", ".join("?" * len(COLUMNS))
    database.execute("BEGIN")
    database.executemany(f"INSERT INTO record VALUES ({marks})", rows)
    database.execute("COMMIT")
    database.close()
