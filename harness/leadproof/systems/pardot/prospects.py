"""Writing prospects: create, change, delete, upsert, undelete, and the one campaign that each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

import orjson

from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.failures import BadAnswer, CallFailed, Refused
from leadproof.systems.pardot import records
from leadproof.systems.pardot.describing import (
    ONE_PROSPECT,
    PROSPECT,
    Described,
    Json,
    moment,
    name_v4,
    written,
    written_v4,
)
from leadproof.systems.pardot.errors import KINDS
from leadproof.systems.pardot.reading import Reader
from leadproof.systems.pardot.session import ONLY_VERSION_3, Session
from leadproof.systems.pardot.standard import DELETED, OWNER_WRITTEN
from leadproof.systems.pardot.writing import Call, batches, run
from leadproof.systems.ports import Record, Refusal, Write, WriteResult

_NOBODY = frozenset({"3", "4", "92"})
"""Codes that say that there is no such prospect."""


class Prospects:
    """The writes of one business unit."""

    def __init__(self, session: Session, reader: Reader, org: str) -> None:
        self._session = session
        self._reader = reader
        self._org = org

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """As the port says it (`System.write`)."""
        known = self._reader.of(PROSPECT)
        together = batches(writes, known.spec) if self._session.legacy == 4 else []
        alone = sorted(set(range(len(writes))) - {row for batch in together for row in batch})
        calls: list[Call] = [(rows, partial(self._batch, known, [writes[row] for row in rows])) for rows in together]
        calls += [((row,), partial(self._single, known, writes[row])) for row in alone]
        return run(len(writes), calls)

    def set_campaigns(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        """A prospect's campaign is a field of its own."""
        known = self._reader.of(PROSPECT)
        return run(len(writes), [((row,), partial(self._join, known, one)) for row, one in enumerate(writes)])

    def undelete(self, id: str) -> Record:
        """Out of the recycle bin."""
        known = self._reader.of(PROSPECT)
        self._session.v4(ONE_PROSPECT, f"upsert/id/{quote(id, safe='')}")
        self._confirm(id, {DELETED: False})
        found = self._reader.read(PROSPECT, [id], tuple(known.readers))
        if not found:
            text = f"prospect {id} is still in the recycle bin"
            raise Refused(self._org, "undelete", Refusal("109", text, None, "gone", True))
        return records.record(known, found[0])

    def uncached(self, filters: Sequence[tuple[str, str]], fields: Sequence[str]) -> list[Json]:
        """The prospects of one e-mail address by version 4, which has no cache; [] for any other question."""
        if len(filters) != 1 or filters[0][0] != "email":
            return []
        try:
            told = self._session.v4(ONE_PROSPECT, f"read/email/{quote(filters[0][1], safe='')}", read=True)
        except Refused as refused:
            if refused.refusal.code in _NOBODY:
                return []
            raise
        found = told.get(ONE_PROSPECT) if isinstance(told, Mapping) else None
        rows = found if isinstance(found, list) else [found] if isinstance(found, Mapping) else []
        ids = [str(row["id"]) for row in rows if isinstance(row, Mapping) and row.get("id")]
        return self._reader.read(PROSPECT, ids, fields) if ids else []

    # --- one row ---------------------------------------------------------------------------------

    def _single(self, known: Described, write: Write) -> list[WriteResult]:
        refused = _impossible(write, known)
        if refused is not None:
            return [WriteResult("refused", write.id, refused)]
        if write.op == "delete":
            return [self._delete(str(write.id))]
        body = {id: written(known.spec.fields[id], value) for id, value in write.values.items()}
        if write.owner is not None:
            body[OWNER_WRITTEN] = (int(write.owner) if write.owner.isdigit() else write.owner) or None
        query = [("fields", ",".join(known.asked(known.readers, single=True)))]
        if write.op == "create":
            return [self._answered(known, "created", self._session.v5("POST", PROSPECT, query=query, json=body))]
        if write.op == "update":
            path = f"{PROSPECT}/{quote(str(write.id), safe='')}"
            return [self._answered(known, "updated", self._session.v5("PATCH", path, query=query, json=body), write.id)]
        return [self._upsert(known, write, body)]

    def _upsert(self, known: Described, write: Write, body: dict[str, Any]) -> WriteResult:
        """The prospect of that address with the latest activity, or a new one; nothing comes out of the recycle bin."""
        assert write.key is not None
        email = str(write.key[1])
        asked = {
            "matchEmail": email,
            ONE_PROSPECT: {"email": email, **body},
            "fields": known.asked(known.readers, single=True),
            "secondaryDeletedSearch": False,
        }
        status, row = self._session.v5("POST", f"{PROSPECT}/do/upsertLatestByEmail", json=asked)
        new = isinstance(row, Mapping) and row.get("createdAt") == row.get("updatedAt") and status == 201
        return self._answered(known, "created" if new else "updated", (status, row))

    def _delete(self, id: str) -> WriteResult:
        self._session.v5("DELETE", f"{PROSPECT}/{quote(id, safe='')}")
        self._confirm(id, {DELETED: True})
        return WriteResult("deleted", id)

    def _join(self, known: Described, write: MemberWrite) -> list[WriteResult]:
        if write.op == "remove":
            text = "a prospect always has a campaign: it can be moved to another one, not taken out"
            return [WriteResult("refused", None, Refusal("38", text, "campaignId", "invalid", True))]
        if write.status:
            text = (
                f"the status {write.status!r} belongs to Salesforce's campaign member: a prospect's campaign has none"
            )
            return [WriteResult("refused", None, Refusal("154", text, "status", "invalid", True))]
        moved = Write("update", PROSPECT, write.person, values={"campaignId": write.campaign})
        return self._single(known, moved)

    def _answered(self, known: Described, outcome: Any, answer: tuple[int, Any], id: str | None = None) -> WriteResult:
        """The result of a write whose answer tells the record; an answer without one tells only that it was done."""
        _, row = answer
        if not isinstance(row, Mapping) or row.get("id") is None or not row.get("updatedAt"):
            if id is None:
                raise BadAnswer(self._org, "write", "the answer to a create does not tell the new prospect's id")
            return WriteResult(outcome, id)
        number = str(row["id"])
        self._reader.fresh.confirm(PROSPECT, number, row, moment(str(row["updatedAt"])), whole=True)
        return WriteResult(outcome, number, None, records.record(known, row))

    # --- many rows -------------------------------------------------------------------------------

    def _batch(self, known: Described, writes: Sequence[Write]) -> list[WriteResult]:
        rows = [
            {"id": str(write.id), **{name_v4(id): written_v4(value) for id, value in write.values.items()}}
            for write in writes
        ]
        told = self._sent(rows)
        if told is None:
            return run(len(writes), [((row,), partial(self._single, known, one)) for row, one in enumerate(writes)])
        wrong = _row_errors(told, self._org)
        good = [number for number in range(len(writes)) if number not in wrong]
        for number in good:
            write = writes[number]
            values = {id: written(known.spec.fields[id], value) for id, value in write.values.items()}
            self._confirm(str(write.id), values)
        stored = self._read_back(known, [str(writes[number].id) for number in good])
        return [
            WriteResult("refused", write.id, wrong[number])
            if number in wrong
            else WriteResult("updated", write.id, None, stored.get(str(write.id)))
            for number, write in enumerate(writes)
        ]

    def _read_back(self, known: Described, ids: Sequence[str]) -> dict[str, Record]:
        """The records as they are stored now. That they were written is certain already, whatever a read says."""
        try:
            rows = self._reader.read(PROSPECT, ids, tuple(known.readers))
        except CallFailed:
            return {}
        return {str(row["id"]): records.record(known, row) for row in rows}

    def _confirm(self, id: str, values: Json) -> None:
        """A write whose answer does not tell the record: it is as old as the answer."""
        if self._session.now is not None:
            self._reader.fresh.confirm(PROSPECT, id, values, self._session.now.replace(microsecond=0))

    def _sent(self, rows: Sequence[Mapping[str, str]]) -> Any:
        """The batch's answer; None where the unit turns out to speak version 3, whose batches are of another form."""
        if self._session.legacy != 4:
            return None
        form = [("prospects", orjson.dumps({"prospects": rows}).decode())]
        try:
            return self._session.v4(ONE_PROSPECT, "batchUpdate", form, switch=False)
        except Refused as refused:
            if refused.refusal.code != ONLY_VERSION_3:
                raise
            self._session.legacy = 3
            return None


def _impossible(write: Write, known: Described) -> Refusal | None:
    """What the API cannot be asked for; said here, as the vendor's own error."""
    if write.object != PROSPECT:
        text = f"a {write.object} is read-only over the API: it is synced from Salesforce or made in the application"
        return Refusal("46", text, None, "permission", True)
    unknown = next((id for id in write.values if id not in known.spec.fields), None)
    if unknown is not None:
        return Refusal("180", f"One or more of the specified fields are invalid: {unknown}", unknown, "invalid", True)
    if write.op in ("update", "delete") and not str(write.id or "").isdigit():
        return Refusal("16", f"Invalid ID: {write.id!r}", None, KINDS[3], True)
    if write.op == "upsert" and (write.key is None or write.key[0] != "email"):
        return Refusal("154", "a prospect can be upserted by its email only", None, "invalid", True)
    return None


def _row_errors(told: Any, org: str) -> dict[int, Refusal]:
    """`errors`: row number -> text, for the rows that were refused; the others were done."""
    errors = told.get("errors") if isinstance(told, Mapping) else None
    if errors in (None, []):
        errors = {}
    if not isinstance(told, Mapping) or "@attributes" not in told or not isinstance(errors, Mapping):
        raise BadAnswer(org, "batchUpdate", "the answer to a batch does not tell its rows")
    return {int(row): _row_refusal(str(text)) for row, text in errors.items()}


def _row_refusal(text: str) -> Refusal:
    gone = "prospect id" in text.lower() or "could not be found" in text.lower() or "archived" in text.lower()
    return Refusal("3" if gone else "154", text, None, "gone" if gone else "invalid", True)
