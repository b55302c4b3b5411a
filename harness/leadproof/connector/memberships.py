"""What the connector remembers of campaign members: the last state seen on each side, and the settled pair.

A membership is keyed (campaign link, person link); its status is a mapping (sync-semantics.md "Campaigns and
reports"). The ports have no read of one member, so the last state seen in the feed stands for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from leadproof.connector.links import Gone
from leadproof.connector.value_table import Side


@dataclass(frozen=True, slots=True)
class Seen:
    """A member as its side last told of it. `campaign` is that side's id."""

    side: Side
    campaign: str
    person: str
    status: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What both sides held when the membership was last decided. `gone`: the side that removed it."""

    campaign: str
    link: int
    crm_status: str
    marketing_status: str
    gone: Gone = ""


class Memberships:
    """The memberships of one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def see(self, seen: Iterable[Seen]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO seen_members VALUES (?, ?, ?, ?, ?)",
            [(one.side, one.campaign, one.person, one.status, int(one.removed)) for one in seen],
        )

    def seen_of(self, side: Side, persons: Iterable[str]) -> dict[tuple[str, str], Seen]:
        """The members of these persons by (campaign, person)."""
        rows = self._db.execute(
            "SELECT side, campaign, person, status, removed FROM seen_members"
            " WHERE side = ? AND person IN (SELECT value FROM json_each(?)) ORDER BY campaign, person",
            (side, orjson.dumps(list(persons)).decode()),
        )
        return {(row[1], row[2]): Seen(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows}

    def move(self, side: Side, before: str, after: str) -> None:
        """The person goes on as another record (converted, merged): what was seen of it moves along."""
        self._db.execute(
            "UPDATE OR IGNORE seen_members SET person = ? WHERE side = ? AND person = ?", (after, side, before)
        )
        self._db.execute("DELETE FROM seen_members WHERE side = ? AND person = ?", (side, before))

    def settled(self, links: Iterable[int]) -> dict[tuple[str, int], Settled]:
        """The settled memberships of these links by (campaign, link)."""
        rows = self._db.execute(
            "SELECT campaign, link, crm_status, marketing_status, gone FROM memberships"
            " WHERE link IN (SELECT value FROM json_each(?)) ORDER BY campaign, link",
            (orjson.dumps(list(links)).decode(),),
        )
        return {(row[0], row[1]): Settled(*row) for row in rows}

    def settle(self, settled: Iterable[Settled]) -> None:
        self._db.executemany(
            "INSERT OR REPLACE INTO memberships VALUES (?, ?, ?, ?, ?)",
            [(one.campaign, one.link, one.crm_status, one.marketing_status, one.gone) for one in settled],
        )
