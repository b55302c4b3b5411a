"""The tables of one org's database, as SQLModel declares them, and the texts that SQLAlchemy compiles for them.

Not imported when a sandbox runs: importing SQLModel costs more than starting the sandbox, and all that the store needs
of it is text (performance.md "What follows", 1). The texts stand in statements.py, which
`python -m leadsim.engine.tables` writes; a test proves that they are these.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Index, bindparam, func, insert, select, text, update
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
# `+:of`, not `:of`: the keys' indexes are partial (`WHERE object = 'Lead'`), and beside such a condition SQLite plans a
# bare parameter anew at every binding, as its value might fit the index: ten times the cost of the reading itself.
# https://www.sqlite.org/queryplanner-ng.html "query planner stability guarantee"
OBJECT = text("+:of")
CHANGING = ("mod", "version", "deleted", "merged_into", "modified_at", "modified_by", "keys", "data")


def compiled(statement: ClauseElement) -> str:
    """The statement's text, with `:name` parameters, for the driver."""
    # The dialect writes an OFFSET of 0, as a parameter of its own, behind every LIMIT.
    return _one_line(str(statement.compile(dialect=DIALECT)).replace(" OFFSET :param_1", ""))


def positional(statement: ClauseElement) -> str:
    """The statement's text, with `?` parameters in the order of the text."""
    return _one_line(str(statement.compile(dialect=POSITIONAL)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _replacing() -> ClauseElement:
    statement = sqlite.insert(STATE)
    return statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})


def statements() -> dict[str, str]:
    """All statements by name."""
    by_id = select(RECORD).where(RECORD.c.id == bindparam("id"))
    page = (
        select(RECORD)
        .where(
            RECORD.c.object == OBJECT,
            RECORD.c.mod > bindparam("since"),
            RECORD.c.modified_at <= bindparam("until"),
        )
        .order_by(RECORD.c.mod)
        .limit(bindparam("count"))
    )
    rows_of = (
        select(RECORD)
        .where(RECORD.c.object == OBJECT, RECORD.c.seq > bindparam("after"))
        .order_by(RECORD.c.seq)
        .limit(bindparam("count"))
    )
    listed = func.json_each(bindparam("objects")).table_valued("value", name="listed")
    # For each object a step to the end of its part of the index, however many records there are.
    last = select(func.max(RECORD.c.mod)).where(RECORD.c.object == listed.c.value).scalar_subquery()
    newest = select(listed.c.value, func.coalesce(last, text("0")))
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
        "rows_of": compiled(rows_of),
        "newest": compiled(newest),
        "audit": positional(insert(CHANGE)),
        "history": compiled(by_record),
        "remember": positional(insert(KEY)),
        "remembered": compiled(select(KEY).where(KEY.c.key == bindparam("of"))),
        "rekey": compiled(update(RECORD).where(RECORD.c.seq == bindparam("of")).values(keys=bindparam("new_keys"))),
        "set_state": compiled(_replacing()),
        "get_state": compiled(select(STATE.c.value).where(STATE.c.name == bindparam("of"))),
    }


def ddl() -> Iterator[str]:
    """The statements that make an empty database."""
    for table in (RECORD, CHANGE, KEY, STATE):
        yield _one_line(str(CreateTable(table).compile(dialect=DIALECT)))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield _one_line(str(CreateIndex(index).compile(dialect=DIALECT)))


def module() -> str:
    """The text of statements.py."""
    lines = [
        '"""SQL as tables.py compiles it. Written by `python -m leadsim.engine.tables`, never by hand."""',
        "",
        "# fmt: off",
        "# ruff: noqa: E501",
        "COLUMNS = (",
        *(f"    {column.name!r}," for column in RECORD.columns),
        ")",
        "DDL = (",
        *(f"    {text!r}," for text in ddl()),
        ")",
        "STATEMENTS = {",
        *(f"    {name!r}: {text!r}," for name, text in statements().items()),
        "}",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("statements.py").write_text(module(), encoding="utf-8")
