"""Intents: remote writes that were decided and whose result is not yet known for certain.

An intent is committed before its request leaves and removed in the commit that stores the result, so a killed
connector finds every write that may or may not have been applied (architecture.md "The connector").
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import orjson

from leadproof.connector.value_table import Side
from leadproof.systems.ports import Write
from leadterms.fields import FieldSpec, Schema
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused
from leadterms.values import Plain, Value, plain

Purpose: TypeAlias = Literal["create", "update", "delete"]


@dataclass(slots=True)
class Intent:
    """One remote write and what its success will mean.

    `source_object`, `source`: for a create, the record on the other side that it stands for. `link`: its number,
    0 for a create. `halves`: per mapping, what the side that is *not* written held. `answers`: (mapping, answer id)
    that the write delivers. `unfit`: the written fields that are gone since the intent was stored, or whose value
    the field refuses today; each keeps its text as it was sent, so that a repeat is the same request.
    """

    side: Side
    purpose: Purpose
    kind: str
    write: Write
    source_object: str = ""
    source: str = ""
    link: int = 0
    halves: dict[str, Plain] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)
    unfit: tuple[str, ...] = ()
    id: int = 0


class Intents:
    """The open intents of one connection, oldest first."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def next_number(self) -> int:
        """A number never used before in this store: closed intents are gone, so it is counted apart."""
        row = self._db.execute("SELECT value FROM state WHERE key = 'intents'").fetchone()
        return int(row[0]) + 1 if row else 1

    def open(self, intents: Iterable[Intent]) -> None:
        """Store them; their ids and idempotency keys must be set."""
        rows = [(intent.id, intent.side, orjson.dumps(_body(intent)).decode()) for intent in intents]
        self._db.executemany("INSERT INTO intents VALUES (?, ?, ?)", rows)
        self._db.execute("INSERT OR REPLACE INTO state VALUES ('intents', ?)", (str(rows[-1][0]),))

    def close(self, numbers: Iterable[int]) -> None:
        """The results are known (and stored in the same transaction)."""
        self._db.executemany("DELETE FROM intents WHERE id = ?", [(number,) for number in numbers])

    def pending(self, side: Side, schema: Schema) -> list[Intent]:
        """Every open intent of a side. Values are read back by the side's schema of today; what it does not take is
        named in `unfit` and refuses nothing here, because one such write must not stop all syncing."""
        rows = self._db.execute("SELECT id, body FROM intents WHERE side = ? ORDER BY id", (side,))
        return [_intent(number, side, orjson.loads(body), schema) for number, body in rows]


def _body(intent: Intent) -> dict[str, Any]:
    write = intent.write
    return {
        "purpose": intent.purpose,
        "kind": intent.kind,
        "source": [intent.source_object, intent.source],
        "link": intent.link,
        "halves": intent.halves,
        "answers": intent.answers,
        "op": write.op,
        "object": write.object,
        "target": write.id,
        "key": None if write.key is None else [write.key[0], plain(write.key[1])],
        "values": {name: plain(value) for name, value in write.values.items()},
        "assign": write.assign,
        "owner": write.owner,
        "idempotency_key": write.idempotency_key,
        "if_version": write.if_version,
        "allow_duplicates": write.allow_duplicates,
    }


def _intent(number: int, side: Side, body: dict[str, Any], schema: Schema) -> Intent:
    fields = schema[body["object"]].fields if body["object"] in schema else {}
    unfit: list[str] = []
    values = {name: _value(fields, name, raw, unfit) for name, raw in body["values"].items()}
    key = None
    if body["key"] is not None:
        name, raw = body["key"]
        key = (name, _value(fields, name, raw, unfit))
    return Intent(
        side=side,
        purpose=body["purpose"],
        kind=body["kind"],
        write=Write(
            op=body["op"],
            object=body["object"],
            id=body["target"],
            key=key,
            values=values,
            assign=body["assign"],
            owner=body["owner"],
            idempotency_key=body["idempotency_key"],
            if_version=body["if_version"],
            allow_duplicates=body["allow_duplicates"],
        ),
        source_object=body["source"][0],
        source=body["source"][1],
        link=body["link"],
        halves=body["halves"],
        answers=[(mapping, answer) for mapping, answer in body["answers"]],
        unfit=tuple(unfit),
        id=number,
    )


def _value(fields: Mapping[str, FieldSpec], name: str, raw: Plain, unfit: list[str]) -> Value:
    """The value by its field; where that cannot be, what was sent, and the field is named in `unfit`."""
    try:
        if name in fields:
            return parse(fields[name], raw)
    except ValueRefused:
        pass
    unfit.append(name)
    return tuple(raw) if isinstance(raw, list) else raw
