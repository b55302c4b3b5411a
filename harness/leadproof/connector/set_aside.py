"""The set-aside queue: records that could not be synced, each with its reason and when to try again.

A cursor may pass a failed record only because it stands here (sync-semantics.md "Cycles").
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Literal, TypeAlias

from leadproof.connector.value_table import Side

Policy: TypeAlias = Literal["on_change", "each_cycle", "users", "soon", "few"]
"""When a record is tried again although nothing about it changed.

`on_change`: not at all; it waits. `each_cycle`: every cycle, which costs reads only (what it waits for happens to
other records). `users`: when the user lists change. `soon`, for what passes by itself (a lock, a system that is down):
in each of the next three cycles, then in every second one for as long as it lasts. Two cycles are the most it ever
waits, because quiet has to be reached within three cycles after the fault is over, whenever that is. `few`, for what
only people can mend (a permission): four tries with the same waits, then it waits as `on_change` does.

Whatever the policy, a record is looked at again when it or its partner changes, when the rules change (integration
file, fields, the connector's permissions), and at `resync`. Waits are counted in cycles, never in seconds: the same
run tries the same things in the same cycles. quality.md R3, "retries bounded".
"""

_EAGER_TRIES = 3
_FEW_TRIES = 4


@dataclass(frozen=True, slots=True)
class Aside:
    """One record that waits. `code` is the finding's; `tries` are those that ended with it, 0 after `resync`;
    `next_cycle` is the first that may try again by itself."""

    kind: str
    side: Side
    object: str
    record: str
    code: str
    reason: str
    policy: Policy
    tries: int = 1
    next_cycle: int = 0


class SetAside:
    """The queue of one connection, ordered by side, object and record."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def put(self, aside: Aside, cycle: int) -> Aside:
        """Set a record aside, or once more: tries are counted as long as the code stays the same."""
        before = self._db.execute(
            "SELECT code, tries FROM set_aside WHERE kind = ? AND side = ? AND object = ? AND record = ?",
            (aside.kind, aside.side, aside.object, aside.record),
        ).fetchone()
        tries = before[1] + 1 if before and before[0] == aside.code else 1
        next_cycle = cycle + (1 if tries <= _EAGER_TRIES else 2)
        put = Aside(
            aside.kind, aside.side, aside.object, aside.record, aside.code, aside.reason, aside.policy,
            tries, next_cycle,
        )  # fmt: skip
        self._db.execute(
            "INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (put.kind, put.side, put.object, put.record, put.code, put.reason, put.policy, tries, next_cycle),
        )
        return put

    def drop(self, kind: str, side: Side, object: str, record: str) -> None:
        """The record is in order again, or gone."""
        self._db.execute(
            "DELETE FROM set_aside WHERE kind = ? AND side = ? AND object = ? AND record = ?",
            (kind, side, object, record),
        )

    def forget_tries(self) -> None:
        """`resync`: everything that waits is due, and has all its tries before it."""
        self._db.execute("UPDATE set_aside SET tries = 0, next_cycle = 0")

    def all(self) -> list[Aside]:
        rows = self._db.execute("SELECT * FROM set_aside ORDER BY kind, side, object, record")
        return [Aside(*row) for row in rows]

    def due(self, kind: str, cycle: int, *, users_changed: bool, rules_changed: bool) -> list[Aside]:
        """Whom to try again in this cycle although nothing about them changed."""
        return [
            aside
            for aside in self.all()
            if aside.kind == kind and (rules_changed or _is_due(aside, cycle, users_changed))
        ]


def _is_due(aside: Aside, cycle: int, users_changed: bool) -> bool:
    if aside.policy == "each_cycle" or not aside.tries:
        return True
    if aside.policy == "users":
        return users_changed
    if aside.policy == "few" and aside.tries >= _FEW_TRIES:
        return False
    return aside.policy in ("soon", "few") and aside.next_cycle <= cycle
