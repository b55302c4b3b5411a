"""Links: which CRM record and which marketing record are one person (account, opportunity), and what both
held when each mapping was last decided (the settled pairs). sync-semantics.md "Memory"."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from leadproof.connector.value_table import Side
from leadterms.values import Plain

Gone: TypeAlias = Literal["", "crm", "marketing", "both"]
Pair: TypeAlias = list[Plain]
"""[what the CRM held, what marketing held], in JSON form."""

_COLUMNS = "id, kind, crm_object, crm_id, marketing_id, gone, gone_at, fresh, pairs"


@dataclass(slots=True)
class Link:
    """`gone`: the side whose record was deleted; such a link is a tombstone. `fresh`: the side whose record this
    sync created, until every mapping is settled once. `id` 0: not stored yet."""

    kind: str
    crm_object: str
    crm_id: str
    marketing_id: str
    gone: Gone = ""
    gone_at: str = ""
    fresh: Side | None = None
    pairs: dict[str, Pair] = field(default_factory=dict)
    id: int = 0

    def id_on(self, side: Side) -> str:
        return self.crm_id if side == "crm" else self.marketing_id


def _link(row: Sequence[Any]) -> Link:
    number, kind, crm_object, crm_id, marketing_id, gone, gone_at, fresh, pairs = row
    return Link(
        kind=str(kind),
        crm_object=str(crm_object),
        crm_id=str(crm_id),
        marketing_id=str(marketing_id),
        gone=gone,
        gone_at=str(gone_at),
        fresh=fresh or None,
        pairs=orjson.loads(str(pairs)),
        id=int(str(number)),
    )


def _row(link: Link) -> tuple[object, ...]:
    return (
        link.id,
        link.kind,
        link.crm_object,
        link.crm_id,
        link.marketing_id,
        link.gone,
        link.gone_at,
        link.fresh or "",
        orjson.dumps(link.pairs).decode(),
    )


class Links:
    """The links of one connection."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def by_crm(self, kind: str, object: str, ids: Iterable[str]) -> dict[str, Link]:
        """The links of these CRM records, by id; a live one stands before a tombstone, a late before an early."""
        return {link.crm_id: link for link in self._of("crm_object = ? AND crm_id", (kind, object), ids)}

    def by_marketing(self, kind: str, ids: Iterable[str]) -> dict[str, Link]:
        """The links of these marketing records, by id, as `by_crm`."""
        return {link.marketing_id: link for link in self._of("marketing_id", (kind,), ids)}

    def _of(self, where: str, leading: tuple[str, ...], ids: Iterable[str]) -> list[Link]:
        rows = self._db.execute(
            f"SELECT {_COLUMNS} FROM links WHERE kind = ? AND {where} IN (SELECT value FROM json_each(?))"  # fixed text
            " ORDER BY gone = '', id",
            (*leading, orjson.dumps(list(ids)).decode()),
        )
        return [_link(row) for row in rows]

    def get(self, number: int) -> Link | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM links WHERE id = ?", (number,)).fetchone()
        return None if row is None else _link(row)

    def all(self, kind: str) -> list[Link]:
        """Every link, tombstones included, in the order they were made."""
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM links WHERE kind = ? ORDER BY id", (kind,))
        return [_link(row) for row in rows]

    def save(self, links: Sequence[Link]) -> None:
        """Store links; new ones get their numbers, in their order."""
        new, known = [link for link in links if not link.id], [link for link in links if link.id]
        if new:
            (last,) = self._db.execute("SELECT coalesce(max(id), 0) FROM links").fetchone()
            for number, link in enumerate(new, last + 1):
                link.id = number
            self._db.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, new))
        self._db.executemany(
            "UPDATE links SET kind = ?, crm_object = ?, crm_id = ?, marketing_id = ?, gone = ?, gone_at = ?,"
            " fresh = ?, pairs = ? WHERE id = ?",
            [(*row[1:], row[0]) for row in map(_row, known)],
        )

    def succeed_tombstones(self, new: Sequence[Link]) -> None:
        """A new link of either record ends the tombstones of both; answers delivered then stay delivered."""
        for number, link in self._tombstones(new):
            self._db.execute("UPDATE OR IGNORE delivered SET link = ? WHERE link = ?", (link.id, number))
            self._db.execute("DELETE FROM delivered WHERE link = ?", (number,))
            self._db.execute("DELETE FROM links WHERE id = ?", (number,))

    def _tombstones(self, new: Sequence[Link]) -> Iterable[tuple[int, Link]]:
        """The number of each tombstone of a record of these links, with the first of them that succeeds it."""
        succeeded: dict[int, Link] = {}
        by_object: dict[tuple[str, str], list[Link]] = {}
        for link in new:
            by_object.setdefault((link.kind, link.crm_object), []).append(link)
        for (kind, object), links in by_object.items():
            gone = self._of("gone != '' AND marketing_id", (kind,), (link.marketing_id for link in links))
            gone += self._of("gone != '' AND crm_object = ? AND crm_id", (kind, object), (one.crm_id for one in links))
            for old in gone:
                succeeded[old.id] = next(
                    link
                    for link in links
                    if link.marketing_id == old.marketing_id
                    or (link.crm_object, link.crm_id) == (old.crm_object, old.crm_id)
                )
        return sorted(succeeded.items(), key=lambda one: one[0])

    def forget_pairs(self) -> None:
        """`resync`: every mapping of every link is a first link again."""
        self._db.execute("UPDATE links SET pairs = '{}', fresh = ''")

    def delivered(self, numbers: Iterable[int]) -> set[tuple[int, str, str]]:
        """(link, mapping, answer id) of every answer that reached its target."""
        rows = self._db.execute(
            "SELECT link, mapping, answer FROM delivered WHERE link IN (SELECT value FROM json_each(?))",
            (orjson.dumps(list(numbers)).decode(),),
        )
        return {(row[0], row[1], row[2]) for row in rows}

    def deliver(self, number: int, answers: Iterable[tuple[str, str]]) -> None:
        """Remember that these (mapping, answer id) reached the target."""
        self._db.executemany(
            "INSERT OR IGNORE INTO delivered VALUES (?, ?, ?)",
            [(number, mapping, answer) for mapping, answer in answers],
        )
