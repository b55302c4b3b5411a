"""Writes a plan to a system, 200 rows at a time, so that it can be stopped and started again.

Before each batch the system is asked which of its people are there already; a row that arrived in an earlier
try is recognised by its key and not written twice. Each write has an idempotency key made of the file and the
row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from leadproof.importer.headers import RECORD_ID
from leadproof.importer.plan import ImportPlan, PlannedRecord
from leadproof.importer.report import NOT_WRITTEN, SEVERAL_EXIST, TARGET_REFUSED, Effect, RowOutcome
from leadproof.systems.failures import BadAnswer, CallFailed, ServerFailed, Unreachable
from leadproof.systems.ports import Record, System, Write, WriteResult
from leadterms.criteria import Criteria, Row
from leadterms.fieldtypes import blank, same
from leadterms.values import Value, order_key

BATCH = 200  # rows; the largest batch that the vendors take (architecture.md "The rules of the house", 2)
TRIES = 3  # of one batch, when the wire or the server fails
Existing = Literal["update", "fill", "skip"]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Job:
    """One record with its write; `found` is the record that is there already."""

    record: PlannedRecord
    write: Write | None
    found: Record | None


def write_plan(
    plan: ImportPlan,
    system: System,
    *,
    existing: Existing = "update",
    assign: bool = True,
    progress: Progress | None = None,
) -> list[RowOutcome]:
    """The outcome of every planned row. `existing`: what happens to a record that is there: its values are
    updated, only its blanks are filled, or it is left alone. `progress(done, total)` is called after each
    batch. A failure of a whole call rejects the rows that were not written, with its reason; it is not
    raised."""
    outcomes: list[RowOutcome] = []
    writer = _Writer(plan, system, existing, assign)
    total = len(plan.records)
    for start in range(0, total, BATCH):
        batch = plan.records[start : start + BATCH]
        try:
            outcomes += _patiently(writer, batch)
        except CallFailed as failure:
            rest = plan.records[start:]
            outcomes += [one for record in rest for one in _rejected(record, NOT_WRITTEN, _not_written(failure))]
            break
        if progress is not None:
            progress(min(start + BATCH, total), total)
    return outcomes


def _patiently(writer: _Writer, batch: Sequence[PlannedRecord]) -> list[RowOutcome]:
    """Write a batch; a failure that may pass is tried again, which is safe because each try looks first."""
    for _ in range(TRIES - 1):
        try:
            return writer.write(batch)
        except (Unreachable, ServerFailed, BadAnswer):
            continue
    return writer.write(batch)


def _not_written(failure: CallFailed) -> str:
    why = failure.text.rstrip(". ")
    advice = f"{failure.fix} " if failure.fix else ""
    return f"Not written: {why}. {advice}Import the file again: what has arrived is recognised."


class _Writer:
    def __init__(self, plan: ImportPlan, system: System, existing: Existing, assign: bool) -> None:
        self.plan = plan
        self.system = system
        self.existing = existing
        self.assign = assign
        self.file = hashlib.sha256("\x1e".join(map(str, plan.table.headers)).encode()).hexdigest()[:12]

    def write(self, batch: Sequence[PlannedRecord]) -> list[RowOutcome]:
        """One batch: look, write, and look once more at what stayed uncertain. Raises CallFailed when it
        failed before anything was written."""
        outcomes: list[RowOutcome] = []
        jobs = self._jobs(batch, outcomes)
        again = self._send(jobs, outcomes, last=False)
        if again:
            try:
                self._send(self._jobs([job.record for job in again], outcomes), outcomes, last=True)
            except CallFailed as failure:
                settled = {outcome.line for outcome in outcomes}
                for job in again:
                    if job.record.row.line not in settled:
                        outcomes += _rejected(job.record, NOT_WRITTEN, _not_written(failure))
        return outcomes

    def _jobs(self, batch: Sequence[PlannedRecord], outcomes: list[RowOutcome]) -> list[_Job]:
        found = self._existing(batch)
        jobs = []
        for record, there in zip(batch, found, strict=True):
            if len(there) > 1:
                ids = ", ".join(one.id for one in there)
                reason = f"{self.system.name} has several records of this person: {ids}. Merge them first."
                outcomes += _rejected(record, SEVERAL_EXIST, reason)
            elif record.id and not there:
                reason = f"{self.system.name} has no {self.plan.spec.id} with the id {record.id}."
                outcomes += _rejected(record, TARGET_REFUSED, reason)
            else:
                known = there[0] if there else None
                jobs.append(_Job(record, self._write_of(record, known), known))
        return jobs

    def _existing(self, batch: Sequence[PlannedRecord]) -> list[list[Record]]:
        """The records that are there for each row, by its surest key."""
        fields = list(dict.fromkeys(column.target for column in self.plan.headers.columns if column.field is not None))
        by_key: dict[tuple[str, str], dict[str, Record]] = {}
        ids = [record.id for record in batch if record.id]
        for there in self.system.read(self.plan.spec.id, ids, fields) if ids else ():
            by_key.setdefault((RECORD_ID, there.id), {})[there.id] = there
        for name in self.plan.headers.keys:
            wanted = [text for one in batch if not one.id and (text := _key_text(one.values.get(name)))]
            if name == RECORD_ID or not wanted:
                continue
            criteria = Criteria((Row(name, "in", tuple(dict.fromkeys(wanted))),))
            for there in self.system.find(self.plan.spec.id, criteria, fields):
                by_key.setdefault((name, order_key(there.values.get(name)) or ""), {})[there.id] = there
        return [self._found(record, by_key) for record in batch]

    def _found(self, record: PlannedRecord, by_key: Mapping[tuple[str, str], Mapping[str, Record]]) -> list[Record]:
        for name in self.plan.headers.keys:
            text = record.id if name == RECORD_ID else order_key(record.values.get(name))
            if text and (name, text) in by_key:
                return sorted(by_key[name, text].values(), key=lambda one: one.id)
            if name == RECORD_ID and record.id:
                return []
        return []

    def _write_of(self, record: PlannedRecord, found: Record | None) -> Write | None:
        """The write that a record needs; None when nothing changes."""
        key = f"import:{self.file}:{self.plan.spec.id}:{record.row.line}:{_digest(record.values)}"
        if found is None:
            return Write("create", self.plan.spec.id, values=record.values, assign=self.assign, idempotency_key=key)
        changed = {
            name: value for name, value in record.values.items() if self._wanted(name, value, found.values.get(name))
        }
        if self.existing == "skip" or not changed:
            return None
        return Write(
            "update", self.plan.spec.id, id=found.id, values=changed, idempotency_key=key, if_version=found.version
        )

    def _wanted(self, name: str, value: Value, held: Value) -> bool:
        if self.existing == "fill" and not blank(held):
            return False
        return not same(self.plan.spec.fields[name], value, held)

    def _send(self, jobs: Sequence[_Job], outcomes: list[RowOutcome], *, last: bool) -> list[_Job]:
        """Write the jobs; answers those whose outcome stayed uncertain and which may be tried once more."""
        writes = [(job, job.write) for job in jobs if job.write is not None]
        for job in jobs:
            if job.write is None:
                outcomes += _accepted(job.record, "unchanged", job.found.id if job.found else "")
        if not writes:
            return []
        uncertain = []
        for (job, _), result in zip(writes, self.system.write([write for _, write in writes]), strict=True):
            if not last and _is_uncertain(result):
                uncertain.append(job)
            else:
                outcomes += self._outcomes(job, result)
        return uncertain

    def _outcomes(self, job: _Job, result: WriteResult) -> list[RowOutcome]:
        if result.outcome in ("created", "updated", "unchanged"):
            effect: Effect = result.outcome
            return _accepted(job.record, effect, result.id or "")
        if result.refusal is None:
            reason = "The answer was lost. Import the file again: if it has arrived, it is recognised."
            return _rejected(job.record, NOT_WRITTEN, reason)
        where = f" (field {result.refusal.field})" if result.refusal.field else ""
        reason = f"{self.system.name} refused it{where}: {result.refusal.text} [{result.refusal.code}]"
        return _rejected(job.record, TARGET_REFUSED, reason)


def _is_uncertain(result: WriteResult) -> bool:
    """Worth another look: the answer was lost, or somebody else was quicker."""
    if result.outcome == "unknown":
        return True
    return result.refusal is not None and result.refusal.kind in ("conflict", "locked", "fault")


def _key_text(value: Value) -> str:
    return "" if blank(value) else str(value)


def _digest(values: Mapping[str, Value]) -> str:
    text = "\x1e".join(f"{name}\x1f{value!r}" for name, value in sorted(values.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _accepted(record: PlannedRecord, effect: Effect, id: str) -> list[RowOutcome]:
    line = record.row.line
    return [
        RowOutcome(line, "accepted", effect, id, cells=record.row.cells),
        *(
            RowOutcome(row.line, "merged", id=id, into=line, reason=f"The same person as line {line}.", cells=row.cells)
            for row in record.merged
        ),
    ]


def _rejected(record: PlannedRecord, code: str, reason: str) -> list[RowOutcome]:
    """The record's row and those merged into it: nothing of them has arrived."""
    line = record.row.line
    return [
        RowOutcome(line, "rejected", code=code, reason=reason, cells=record.row.cells),
        *(
            RowOutcome(row.line, "rejected", code=code, cells=row.cells, reason=f"Merged into line {line}: {reason}")
            for row in record.merged
        ),
    ]
