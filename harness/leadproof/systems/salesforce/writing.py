"""Writes as collections of 200 rows (REST API guide "Composite Resources": allOrNone false), and each row's result.

The vendor knows no idempotency key: whether a write whose answer was lost was applied is found out by its external
id, or by reading the record, by whoever wrote it (`Capability.IDEMPOTENCY` is not claimed).

Port rule (`System.write`): a lost answer makes its rows `unknown`; a request that definitely did nothing is raised if
nothing before it did anything, else its rows and those after it are refused, definitely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias
from urllib.parse import quote

from leadproof.systems.failures import BadAnswer, CallFailed
from leadproof.systems.ports import Refusal, Write, WriteResult
from leadproof.systems.records import Operation
from leadproof.systems.salesforce.describing import written
from leadproof.systems.salesforce.errors import DUPLICATES, read_errors
from leadproof.systems.salesforce.session import Session

BATCH = 200
"""Rows that a collection takes."""
OWNER = "OwnerId"
NO_OWNER = "FIELD_INTEGRITY_EXCEPTION"

Send: TypeAlias = Callable[[str, str, Sequence[tuple[str, str]], object, Mapping[str, str]], Any]


@dataclass(frozen=True, slots=True)
class Manner:
    """What rows must share to go in one request: the operation, its address, and the headers that hold for all."""

    op: Operation
    object: str
    key: str
    assign: bool
    allow_duplicates: bool

    @classmethod
    def of(cls, write: Write) -> Manner:
        """A write's. Only an upsert's address names the object; deletes have no headers of their own."""
        if write.op == "delete":
            return cls("delete", "", "", False, False)
        upsert = write.op == "upsert" and write.key is not None
        object, key = (write.object, write.key[0]) if upsert and write.key is not None else ("", "")
        return cls(write.op, object, key, write.assign, write.allow_duplicates)

    def headers(self) -> dict[str, str]:
        """The vendor runs assignment rules unless told not to, on updates too; so it is always told."""
        return {
            "sforce-auto-assign": "TRUE" if self.assign else "FALSE",
            "sforce-duplicate-rule-header": f"allowSave={'true' if self.allow_duplicates else 'false'}",
        }


def write_all(session: Session, writes: Sequence[Write]) -> list[WriteResult]:
    """Write the rows, grouped by manner; one result a row, in the order of `writes`."""
    results: list[WriteResult | None] = [None] * len(writes)
    applied, ended = False, None
    for manner, places in _groups(writes):
        for start in range(0, len(places), BATCH):
            part = places[start : start + BATCH]
            if ended is not None:
                told: list[WriteResult] = [WriteResult("refused", None, ended)] * len(part)
            else:
                try:
                    told = _send(session, manner, [writes[place] for place in part])
                except CallFailed as failed:
                    if failed.definite and not applied:
                        raise
                    lost = Refusal(failed.code, failed.text, None, "fault", failed.definite)
                    ended = lost if failed.definite else None
                    outcome = WriteResult("refused" if failed.definite else "unknown", None, lost)
                    told = [outcome] * len(part)
                applied = True
            for place, result in zip(part, told, strict=True):
                results[place] = result
    return [one for one in results if one is not None]


def _groups(writes: Sequence[Write]) -> Iterator[tuple[Manner, list[int]]]:
    """The places of the rows by manner. A record that is written twice keeps its order: then only neighbours share
    a request."""
    named = [write.id for write in writes if write.id is not None]
    if len(set(named)) == len(named):
        groups: dict[Manner, list[int]] = {}
        for place, write in enumerate(writes):
            groups.setdefault(Manner.of(write), []).append(place)
        yield from groups.items()
        return
    run: list[int] = []
    for place, write in enumerate(writes):
        if run and (Manner.of(writes[run[0]]) != Manner.of(write) or write.id in {writes[one].id for one in run}):
            yield Manner.of(writes[run[0]]), run
            run = []
        run.append(place)
    yield Manner.of(writes[run[0]]), run


def _send(session: Session, manner: Manner, rows: Sequence[Write]) -> list[WriteResult]:
    """One request. Rows that the vendor has no word for are refused here and not sent."""
    unfit = {place: refusal for place, row in enumerate(rows) if (refusal := _unfit(row)) is not None}
    sent = [row for place, row in enumerate(rows) if place not in unfit]
    answered = iter(_results(session, manner, sent, _ask(session, manner, sent)) if sent else [])
    return [WriteResult("refused", row.id, unfit[place]) if place in unfit else next(answered)
            for place, row in enumerate(rows)]  # fmt: skip


def _unfit(row: Write) -> Refusal | None:
    if row.owner == "":
        return Refusal(NO_OWNER, "A record of Salesforce always has an owner.", OWNER, "invalid", True)
    return None


def _ask(session: Session, manner: Manner, rows: Sequence[Write]) -> Any:
    if manner.op == "delete":
        query = (("ids", ",".join(str(row.id) for row in rows)), ("allOrNone", "false"))
        return session.call("DELETE", "composite/sobjects", query=query)
    body = {"allOrNone": False, "records": [_record(row) for row in rows]}
    method = "POST" if manner.op == "create" else "PATCH"
    path = "composite/sobjects"
    if manner.op == "upsert":
        path += f"/{quote(manner.object, safe='')}/{quote(manner.key, safe='')}"
    return session.call(method, path, json=body, headers=manner.headers())


def _record(row: Write) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": row.object}}
    if row.op == "update":
        record["id"] = row.id
    record.update((name, written(value)) for name, value in row.values.items())
    if row.op == "upsert" and row.key is not None:
        record[row.key[0]] = written(row.key[1])
    if row.owner:
        record[OWNER] = row.owner
    return record


def _results(session: Session, manner: Manner, rows: Sequence[Write], answered: Any) -> list[WriteResult]:
    """The rows' results. A body of another shape proves nothing about any row: all are `unknown`."""
    if not isinstance(answered, list) or len(answered) != len(rows):
        told = f"{len(answered)} results" if isinstance(answered, list) else type(answered).__name__
        text = f"the answer is not what the API documents: {told} for {len(rows)} rows"
        return [WriteResult("unknown", None, Refusal(BadAnswer.code, text, None, "fault", False))] * len(rows)
    results = [_result(manner, row, raw) for row, raw in zip(rows, answered, strict=True)]
    return [_with_matches(session, manner, row, result) for row, result in zip(rows, results, strict=True)]


def _result(manner: Manner, row: Write, raw: Any) -> WriteResult:
    if isinstance(raw, Mapping) and raw.get("success") is True and raw.get("id"):
        made = manner.op == "create" or (manner.op == "upsert" and raw.get("created") is True)
        return WriteResult("created" if made else "deleted" if manner.op == "delete" else "updated", str(raw["id"]))
    errors = read_errors(raw.get("errors")) if isinstance(raw, Mapping) else []
    if not errors:
        text = f"the answer is not what the API documents: {raw!r:.80}"
        return WriteResult("unknown", None, Refusal(BadAnswer.code, text, None, "fault", False))
    return WriteResult("refused", row.id, errors[0].refusal())


def _with_matches(session: Session, manner: Manner, row: Write, result: WriteResult) -> WriteResult:
    """A collection need not say which records a duplicate rule found; the call for a single record does. It is the
    same wish once more, so where the duplicate went away meanwhile the record is made."""
    refusal = result.refusal
    if refusal is None or refusal.code != DUPLICATES or refusal.matches or manner.op != "create":
        return result
    path = f"sobjects/{quote(row.object, safe='')}"
    try:
        made = session.call("POST", path, json=_record(row), headers=manner.headers())
    except CallFailed as failed:
        told = getattr(failed, "refusal", None)
        if isinstance(told, Refusal):
            return replace(result, refusal=told)
        return result if failed.definite else WriteResult("unknown", None, refusal)
    return WriteResult("created", str(made["id"]))
