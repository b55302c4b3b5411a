"""One org's database: its statements as text, run on the driver's cursor, nothing else.

tables.py declares the tables and compiles the statements (performance.md "What follows", 1). A record is one row: plain
columns, the fields as JSON text, and `keys`, the order keys (leadterms.values.order_key) of the fields that are looked
up. A field's key is added to all rows, and its index made, when it is first filtered on. Columns are TEXT and INTEGER
only, so that PostgreSQL can follow.

New rows wait until somebody asks the database something, or the transaction ends, and then go in together: the rows of
a batch that ask nothing of each other are one `executemany`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from leadsim.engine.statements import COLUMNS, DDL, STATEMENTS

__all__ = ["COLUMNS", "DDL", "Row", "Store", "template"]

Row = tuple[Any, ...]


@cache
def template() -> bytes:
    """The image of an empty database, made once in a process (performance.md, 4)."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in DDL:
            connection.execute(statement)
        return connection.serialize()
    finally:
        connection.close()


def _in_memory(image: bytes) -> sqlite3.Connection:
    """A database of its own that begins as an image."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, cached_statements=256)
    connection.deserialize(image)
    connection.execute("PRAGMA journal_mode=MEMORY")
    return connection


class Store:
    """One org's database: in memory, or a file that survives (WAL)."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.fresh = path is None or not path.exists()
        self._sql = STATEMENTS
        self._insert = self._sql["insert"]
        if path is None:
            self._connection = _in_memory(template())
        else:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if self.fresh:
                for statement in DDL:
                    self._connection.execute(statement)
        self._cursor = self._connection.cursor()
        self._new: dict[str, list[Row]] = {}
        """Rows that wait, by the statement that adds them."""
        self.writes = 0
        """Rises with everything that is written or undone: what was read stays true while it stands still, and whoever
        stands before a refusal knows whether there is anything to undo."""
        self._imaged: tuple[bytes, int] | None = None
        """The newest image that was taken or restored, and `writes` as it was then."""

    def close(self) -> None:
        """Close the database; a file stays."""
        self._cursor.close()
        self._connection.close()

    def _run(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Run a statement; it sees the rows that waited."""
        if self._new:
            self.write_out()
        return self._cursor.execute(statement, values)

    def _add(self, statement: str, row: Row) -> None:
        self.writes += 1
        waiting = self._new.get(statement)
        if waiting is None:
            self._new[statement] = [row]
        else:
            waiting.append(row)

    def write_out(self) -> None:
        """Write the rows that wait. Each statement adds to a table of its own, so their order among each other is
        without meaning."""
        new, self._new = self._new, {}
        for statement, rows in new.items():
            self._cursor.executemany(statement, rows)

    # --- transactions ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a transaction: one batch is one of these."""
        self._run("BEGIN")

    def commit(self) -> None:
        """Make the transaction's writes permanent."""
        self._run("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction."""
        self.writes += 1
        self._new.clear()
        self._run("ROLLBACK")

    def savepoint(self) -> None:
        """A point inside the transaction to return to: one row of a batch."""
        self._run("SAVEPOINT row")

    def release(self) -> None:
        """Keep what was written since the savepoint."""
        self._run("RELEASE row")

    def return_to_savepoint(self) -> None:
        """Undo what was written since the savepoint."""
        self.writes += 1
        self._new.clear()
        self._run("ROLLBACK TO row")
        self._run("RELEASE row")

    # --- records -----------------------------------------------------------------------------------------------

    def insert(self, row: Row) -> None:
        """Add a record's row: the columns in the order of the table."""
        self._add(self._insert, row)

    def update(self, row: Row) -> None:
        """Replace what can change in a record's row: the whole row, in the order of the table."""
        self.writes += 1
        self._run(self._sql["update"], (*row[3:7], *row[11:15], row[0]))

    def get(self, id: str) -> Row | None:
        """A record's row by its id."""
        found: Row | None = self._run(self._sql["get"], {"id": id}).fetchone()
        return found

    def at(self, seq: int) -> Row | None:
        """A record's row by its seq."""
        found: Row | None = self._run(self._sql["at"], {"of": seq}).fetchone()
        return found

    def changes(self, object: str, since: int, until: str, limit: int) -> list[Row]:
        """Rows of an object modified after `since` (a `mod`) and not later than `until`, in order."""
        values = {"of": object, "since": since, "until": until, "count": limit}
        return self._run(self._sql["changes"], values).fetchall()

    def newest(self, objects: str) -> dict[str, int]:
        """The `mod` of each object's newest change, 0 where there is none; the objects as the text of a JSON array."""
        return dict(self._run(self._sql["newest"], {"objects": objects}).fetchall())

    def select(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement that query.py has made."""
        return self._run(statement, values).fetchall()

    def plan(self, statement: str, values: Mapping[str, Any]) -> list[str]:
        """How SQLite would run a statement: for tests that prove an index is used."""
        rows = self._run("EXPLAIN QUERY PLAN " + statement, values).fetchall()
        return [str(row[3]) for row in rows]

    # --- audit trail and idempotency -----------------------------------------------------------------------------

    def audit(self, row: Row) -> None:
        """Add a change to the audit trail: ChangeRow's columns."""
        self._add(self._sql["audit"], row)

    def history(self, seq: int) -> list[Row]:
        """The changes of one record after its creation, oldest first, as ChangeRow's columns."""
        return self._run(self._sql["history"], {"of": seq}).fetchall()

    def remember(self, key: str, content: str, outcome: str, seq: int, version: int) -> None:
        """Keep the outcome of a write under its idempotency key."""
        self._add(self._sql["remember"], (key, content, outcome, seq, version))

    def remembered(self, key: str) -> Row | None:
        """What a key stands for: KeyRow's columns."""
        found: Row | None = self._run(self._sql["remembered"], {"of": key}).fetchone()
        return found

    # --- keys of fields ------------------------------------------------------------------------------------------

    def rekey(self, keys: Iterable[tuple[int, str]]) -> None:
        """Replace the keys of many records: (seq, JSON text)."""
        self.writes += 1
        self.write_out()
        self._cursor.executemany(self._sql["rekey"], [{"of": seq, "new_keys": text} for seq, text in keys])

    def make_index(self, name: str, object: str, expressions: Sequence[str]) -> None:
        """An index over expressions of one object's rows, unless it is there."""
        self.writes += 1
        listed = ", ".join(expressions)
        self._run(f"CREATE INDEX IF NOT EXISTS {name} ON record ({listed}) WHERE object = '{object}'")

    def rows_of(self, object: str, after: int, limit: int) -> list[Row]:
        """Rows of an object after a seq, deleted ones too."""
        return self._run(self._sql["rows_of"], {"of": object, "after": after, "count": limit}).fetchall()

    # --- state and images ----------------------------------------------------------------------------------------

    def set_state(self, name: str, value: str) -> None:
        """Remember a JSON text by name."""
        self.writes += 1
        self._run(self._sql["set_state"], {"name": name, "value": value})

    def get_state(self, name: str) -> str | None:
        """What was remembered by name."""
        found = self._run(self._sql["get_state"], {"of": name}).fetchone()
        return None if found is None else str(found[0])

    def dump(self) -> list[str]:
        """The whole database as SQL, in a fixed order: equal for equal contents."""
        return list(self._connection.iterdump())

    def image(self) -> bytes:
        """The whole database as bytes, for a snapshot; the same bytes as long as nothing is written."""
        if self._imaged is not None and self._imaged[1] == self.writes:
            return self._imaged[0]
        image = self._connection.serialize()
        if image[18:20] != b"\x01\x01":
            # An image of a WAL database can't be opened in memory until it says that it is none (performance.md, 4).
            image = image[:18] + b"\x01\x01" + image[20:]
        self._imaged = image, self.writes
        return image

    def restore(self, image: bytes) -> None:
        """Replace the whole database by an image, unless it is the same."""
        if self._imaged is not None and self._imaged[0] is image and self._imaged[1] == self.writes:
            return
        self._cursor.close()
        if self.path is None:
            # Anew: `deserialize` into a connection that has asked json_each leaves SQLite (3.40 at least) with a freed
            # schema behind that table, and the next question may end the process.
            self._connection.close()
            self._connection = _in_memory(image)
        else:
            source = sqlite3.connect(":memory:", isolation_level=None)
            try:
                source.deserialize(image)
                source.backup(self._connection)
            finally:
                source.close()
        self._cursor = self._connection.cursor()
        self.writes += 1
        self._imaged = image, self.writes
