"""The tables of one org's database and the statements over them, nothing else.

SQLModel declares the tables; each statement is compiled once by SQLAlchemy and runs on the driver's cursor
(performance.md, 1). A record is one row: plain columns, the fields as JSON text, and `keys`, the order keys
(leadterms.values.order_key) of the fields that are looked up. A field's key is added to all rows, and its index
made, when it is first filtered on. Columns are TEXT and INTEGER only, so that PostgreSQL can follow.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Index, bindparam, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.sql import ClauseElement
from sqlmodel import Field, SQLModel

DIALECT = sqlite.dialect(paramstyle="named")
POSITIONAL = sqlite.dialect(paramstyle="qmark")  # the hot writes give their values in a tuple, in table order


class RecordRow(SQLModel, table=True):
    """One record. `seq` is its place in the order of creation, `mod` in the order of modification (both org-wide)."""

    __tablename__ = "record"
    seq: int = Field(primary_key=True)
    object: str
    id: str = Field(unique=True)
    mod: int
    version: int
    deleted: int
    merged_into: str | None = None
    created_at: str
    created_by: str
    created_actor: str
    created_request: int | None = None
    modified_at: str
    modified_by: str
    keys: str
    data: str
    __table_args__ = (
        Index("record_object_seq", "object", "seq"),
        Index("record_object_mod", "object", "mod"),
    )


class ChangeRow(SQLModel, table=True):
    """One change of a record after its creation: the audit trail. `fields` is `{field: [before, after]}`."""

    __tablename__ = "change"
    mod: int = Field(primary_key=True)
    record: int
    op: str
    version: int
    at: str
    user: str
    actor: str
    request: int | None = None
    cause: str | None = None
    fields: str
    __table_args__ = (Index("change_record", "record", "mod"),)


class KeyRow(SQLModel, table=True):
    """The outcome of a write that carried an idempotency key."""

    __tablename__ = "idempotency"
    key: str = Field(primary_key=True)
    content: str
    outcome: str
    record: int
    version: int


class StateRow(SQLModel, table=True):
    """What the org must remember beside its records, as JSON text by name."""

    __tablename__ = "state"
    name: str = Field(primary_key=True)
    value: str


RECORD = RecordRow.__table__  # type: ignore[attr-defined]
CHANGE = ChangeRow.__table__  # type: ignore[attr-defined]
KEY = KeyRow.__table__  # type: ignore[attr-defined]
STATE = StateRow.__table__  # type: ignore[attr-defined]
COLUMNS = tuple(column.name for column in RECORD.columns)
CHANGING = ("mod", "version", "deleted", "merged_into", "modified_at", "modified_by", "keys", "data")
Row = tuple[Any, ...]


def compiled(statement: ClauseElement) -> str:
    """The statement's text, with `:name` parameters, for the driver."""
    # The dialect writes an OFFSET of 0, as a parameter of its own, behind every LIMIT.
    return str(statement.compile(dialect=DIALECT)).replace(" OFFSET :param_1", "")


def positional(statement: ClauseElement) -> str:
    """The statement's text, with `?` parameters in the order of the text."""
    return str(statement.compile(dialect=POSITIONAL))


def _replacing() -> ClauseElement:
    statement = sqlite.insert(STATE)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})


@cache
def _statements() -> dict[str, str]:
    by_id = select(RECORD).where(RECORD.c.id == bindparam("id"))
    page = (
        select(RECORD)
        .where(
            RECORD.c.object == bindparam("of"),
            RECORD.c.mod > bindparam("since"),
            RECORD.c.modified_at <= bindparam("until"),
        )
        .order_by(RECORD.c.mod)
        .limit(bindparam("count"))
    )
    by_record = select(CHANGE).where(CHANGE.c.record == bindparam("of")).order_by(CHANGE.c.mod)
    return {
        "insert": positional(insert(RECORD)),
        "update": positional(
            update(RECORD)
            .where(RECORD.c.seq == bindparam("of"))
            .values({name: bindparam(f"new_{name}") for name in CHANGING})
        ),
        "get": compiled(by_id),
        "at": compiled(select(RECORD).where(RECORD.c.seq == bindparam("of"))),
        "changes": compiled(page),
        "audit": positional(insert(CHANGE)),
        "history": compiled(by_record),
        "remember": compiled(insert(KEY)),
        "remembered": compiled(select(KEY).where(KEY.c.key == bindparam("of"))),
        "rekey": compiled(update(RECORD).where(RECORD.c.seq == bindparam("of")).values(keys=bindparam("new_keys"))),
        "set_state": compiled(_replacing()),
        "get_state": compiled(select(STATE.c.value).where(STATE.c.name == bindparam("of"))),
    }


@cache
def template() -> bytes:
    """The image of an empty database, made once in a process (performance.md, 4)."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for statement in ddl():
            connection.execute(statement)
        return connection.serialize()
    finally:
        connection.close()


def ddl() -> Iterator[str]:
    """The statements that make an empty database."""
    for table in (RECORD, CHANGE, KEY, STATE):
        yield str(CreateTable(table).compile(dialect=DIALECT))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield str(CreateIndex(index).compile(dialect=DIALECT))


class Store:
    """One org's database: in memory, or a file that survives (WAL)."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.fresh = path is None or not path.exists()
        self._sql = _statements()
        self._insert = self._sql["insert"]
        if path is None:
            self._connection = sqlite3.connect(
                ":memory:", isolation_level=None, check_same_thread=False, cached_statements=256
            )
            self._connection.deserialize(template())
            self._connection.execute("PRAGMA journal_mode=MEMORY")
        else:
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, cached_statements=256
            )
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            if self.fresh:
                for statement in ddl():
                    self._connection.execute(statement)
        self._cursor = self._connection.cursor()
        self.writes = 0
        """Rises with everything that is written, so that whoever stands before a refusal knows whether there is
        anything to undo."""

    def close(self) -> None:
        """Close the database; a file stays."""
        self._cursor.close()
        self._connection.close()

    # --- transactions ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Start a transaction: one batch is one of these."""
        self._cursor.execute("BEGIN")

    def commit(self) -> None:
        """Make the transaction's writes permanent."""
        self._cursor.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction."""
        self._cursor.execute("ROLLBACK")

    def savepoint(self) -> None:
        """A point inside the transaction to return to: one row of a batch."""
        self._cursor.execute("SAVEPOINT row")

    def release(self) -> None:
        """Keep what was written since the savepoint."""
        self._cursor.execute("RELEASE row")

    def return_to_savepoint(self) -> None:
        """Undo what was written since the savepoint."""
        self._cursor.execute("ROLLBACK TO row")
        self._cursor.execute("RELEASE row")

    # --- records -----------------------------------------------------------------------------------------------

    def insert(self, row: Row) -> None:
        """Add a record's row: the columns in the order of the table."""
        self.writes += 1
        self._cursor.execute(self._insert, row)

    def update(self, row: Row) -> None:
        """Replace what can change in a record's row: the whole row, in the order of the table."""
        self.writes += 1
        self._cursor.execute(self._sql["update"], (*row[3:7], *row[11:15], row[0]))

    def get(self, id: str) -> Row | None:
        """A record's row by its id."""
        found: Row | None = self._cursor.execute(self._sql["get"], {"id": id}).fetchone()
        return found

    def at(self, seq: int) -> Row | None:
        """A record's row by its seq."""
        found: Row | None = self._cursor.execute(self._sql["at"], {"of": seq}).fetchone()
        return found

    def changes(self, object: str, since: int, until: str, limit: int) -> list[Row]:
        """Rows of an object modified after `since` (a `mod`) and not later than `until`, in order."""
        values = {"of": object, "since": since, "until": until, "count": limit}
        return self._cursor.execute(self._sql["changes"], values).fetchall()

    def select(self, statement: str, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement that query.py has made."""
        return self._cursor.execute(statement, values).fetchall()

    def plan(self, statement: str, values: Mapping[str, Any]) -> list[str]:
        """How SQLite would run a statement: for tests that prove an index is used."""
        rows = self._cursor.execute("EXPLAIN QUERY PLAN " + statement, values).fetchall()
        return [str(row[3]) for row in rows]

    # --- audit trail and idempotency -----------------------------------------------------------------------------

    def audit(self, row: Row) -> None:
        """Add a change to the audit trail: ChangeRow's columns."""
        self.writes += 1
        self._cursor.execute(self._sql["audit"], row)

    def history(self, seq: int) -> list[Row]:
        """The changes of one record after its creation, oldest first, as ChangeRow's columns."""
        return self._cursor.execute(self._sql["history"], {"of": seq}).fetchall()

    def remember(self, key: str, content: str, outcome: str, seq: int, version: int) -> None:
        """Keep the outcome of a write under its idempotency key."""
        row = {"key": key, "content": content, "outcome": outcome, "record": seq, "version": version}
        self.writes += 1
        self._cursor.execute(self._sql["remember"], row)

    def remembered(self, key: str) -> Row | None:
        """What a key stands for: KeyRow's columns."""
        found: Row | None = self._cursor.execute(self._sql["remembered"], {"of": key}).fetchone()
        return found

    # --- keys of fields ------------------------------------------------------------------------------------------

    def rekey(self, keys: Iterable[tuple[int, str]]) -> None:
        """Replace the keys of many records: (seq, JSON text)."""
        self.writes += 1
        self._cursor.executemany(self._sql["rekey"], [{"of": seq, "new_keys": text} for seq, text in keys])

    def make_index(self, name: str, object: str, expressions: Sequence[str]) -> None:
        """An index over expressions of one object's rows, unless it is there."""
        self.writes += 1
        listed = ", ".join(expressions)
        self._cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON record ({listed}) WHERE object = '{object}'")

    def rows_of(self, object: str, after: int, limit: int) -> list[Row]:
        """Rows of an object after a seq, deleted ones too."""
        statement = _rows_of()
        return self._cursor.execute(statement, {"of": object, "after": after, "count": limit}).fetchall()

    # --- state and images ----------------------------------------------------------------------------------------

    def set_state(self, name: str, value: str) -> None:
        """Remember a JSON text by name."""
        self.writes += 1
        self._cursor.execute(self._sql["set_state"], {"name": name, "value": value})

    def get_state(self, name: str) -> str | None:
        """What was remembered by name."""
        found = self._cursor.execute(self._sql["get_state"], {"of": name}).fetchone()
        return None if found is None else str(found[0])

    def dump(self) -> list[str]:
        """The whole database as SQL, in a fixed order: equal for equal contents."""
        return list(self._connection.iterdump())

    def image(self) -> bytes:
        """The whole database as bytes, for a snapshot."""
        image = self._connection.serialize()
        if image[18:20] != b"\x01\x01":
            # An image of a WAL database can't be opened in memory until it says that it is none (performance.md, 4).
            image = image[:18] + b"\x01\x01" + image[20:]
        return image

    def restore(self, image: bytes) -> None:
        """Replace the whole database by an image."""
        self._cursor.close()
        if self.path is None:
            self._connection.deserialize(image)
            self._connection.execute("PRAGMA journal_mode=MEMORY")
        else:
            source = sqlite3.connect(":memory:", isolation_level=None)
            try:
                source.deserialize(image)
                source.backup(self._connection)
            finally:
                source.close()
        self._cursor = self._connection.cursor()


@cache
def _rows_of() -> str:
    return compiled(
        select(RECORD)
        .where(RECORD.c.object == bindparam("of"), RECORD.c.seq > bindparam("after"))
        .order_by(RECORD.c.seq)
        .limit(bindparam("count"))
    )
