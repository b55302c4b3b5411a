"""From a table to records: every row accepted, merged into another of the file, or rejected with its reason.

Nothing is written here; writing.py does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from leadproof.importer.cells import CellRefused, CellSettings, ColumnReader, column_reader, read_by_type
from leadproof.importer.headers import RECORD_ID, HeaderMap, map_headers, plain_header
from leadproof.importer.reading import Row, Table, read_table
from leadproof.importer.rejects import without_our_columns
from leadproof.importer.report import CONTRADICTS, NO_KEY, Note, RowOutcome
from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import blank, parse, same
from leadterms.refusals import ValueRefused
from leadterms.values import Value, order_key

# A consent that one row withdraws is withdrawn, whatever another row says (sync-semantics.md "Consent").
_CONSENT = frozenset({"optedout", "hasoptedoutofemail", "donotcall", "isdonotcall", "donotemail", "isdonotemail"})


_ESSENTIAL = (("last_name", "LastName"), ("email", "Email"), ("phone", "Phone"))


@dataclass(slots=True)
class PlannedRecord:
    """One record to write: the row it stands on, the rows merged into it, its typed values (no blanks). `id`
    is the record's own id where the file holds it."""

    row: Row
    values: dict[str, Value]
    id: str = ""
    merged: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import will do. `settled` are the rows whose outcome is known already: rejected ones."""

    table: Table
    spec: ObjectSpec
    headers: HeaderMap
    records: tuple[PlannedRecord, ...]
    settled: tuple[RowOutcome, ...]
    notes: tuple[Note, ...]


def plan_file(
    path: str | Path,
    spec: ObjectSpec,
    *,
    mapping: Mapping[str, str] | None = None,
    settings: CellSettings | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> ImportPlan:
    """Read a file for an object. Raises ImportRefused when nothing of it can be imported."""
    table = without_our_columns(read_table(path, encoding=encoding, delimiter=delimiter))
    headers, notes = map_headers(table.headers, spec, mapping)
    readers = _readers(table, headers, settings or CellSettings())
    plan = _Planner(headers, readers)
    for row in table.rows:
        plan.take(row)
    said = (*table.notes, *notes, *(note for reader in readers for note in reader.notes), *plan.notes)
    said += _partial(plan.records, spec)
    return ImportPlan(table, spec, headers, tuple(plan.records), tuple(plan.settled), said)


def _readers(table: Table, headers: HeaderMap, settings: CellSettings) -> list[ColumnReader]:
    readable = [row for row in table.rows if not row.code]
    return [
        column_reader(
            column, [(row.line, cell) for row in readable if (cell := row.cells[column.position]).strip()], settings
        )
        for column in headers.columns
    ]


def _partial(records: Sequence[PlannedRecord], spec: ObjectSpec) -> tuple[Note, ...]:
    """A person without name, e-mail address and phone number is partial (product.md D): counted, not
    refused."""
    wanted = [name for names in _ESSENTIAL if (name := next((one for one in names if one in spec.fields), None))]
    partial = [one for one in records if any(blank(one.values.get(name)) for name in wanted)]
    if not partial:
        return ()
    line = partial[0].row.line
    text = f"{len(partial)} of {len(records)} people are partial: {', '.join(wanted)} make one complete."
    return (Note(text, line, "", "warning"),)


class _Planner:
    """Takes the rows in the order of the file."""

    def __init__(self, headers: HeaderMap, readers: list[ColumnReader]) -> None:
        self.headers = headers
        self.readers = readers
        self.specs = {one.target: one.field for one in headers.columns if one.field is not None}
        self.records: list[PlannedRecord] = []
        self.settled: list[RowOutcome] = []
        self.notes: list[Note] = []
        self._by_key: dict[tuple[str, str], PlannedRecord] = {}

    def take(self, row: Row) -> None:
        if row.code:
            self._reject(row, row.code, row.reason)
            return
        try:
            record = self._read(row)
        except CellRefused as refused:
            self._reject(row, refused.code, refused.reason)
            return
        keys = self._keys(record)
        if not keys:
            wanted = " and no ".join("record id" if one == RECORD_ID else one for one in self.headers.keys)
            self._reject(row, NO_KEY, f"The row has no {wanted}, so nobody can say whose it is.")
            return
        known = {id(found): found for key in keys if (found := self._by_key.get(key)) is not None}
        if len(known) > 1:
            lines = ", ".join(str(one.row.line) for one in known.values())
            self._reject(row, CONTRADICTS, f"The row has the keys of several rows before it: lines {lines}.")
        elif known:
            self._merge(next(iter(known.values())), record)
        else:
            self.records.append(record)
            self._remember(record)

    def _reject(self, row: Row, code: str, reason: str) -> None:
        self.settled.append(RowOutcome(row.line, "rejected", code=code, reason=reason, cells=row.cells))

    def _read(self, row: Row) -> PlannedRecord:
        """The row's values. All its bad cells are told at once. Raises CellRefused."""
        record = PlannedRecord(row, {})
        refusals: list[CellRefused] = []
        for reader in self.readers:
            cell = row.cells[reader.column.position]
            if not cell.strip():
                continue
            try:
                self._put(record, reader, reader.read(cell))
            except CellRefused as refused:
                refusals.append(refused)
        if refusals:
            raise CellRefused(refusals[0].code, " ".join(one.reason for one in refusals))
        return record

    def _put(self, record: PlannedRecord, reader: ColumnReader, value: Value) -> None:
        target = reader.column.target
        if target == RECORD_ID:
            record.id = str(value)
            return
        if blank(value):
            return
        before = record.values.get(target)
        if blank(before):
            record.values[target] = value
        elif target in self.headers.joined:
            record.values[target] = read_by_type(self.specs[target], f"{before}\n{value}")
        elif isinstance(value, bool):
            record.values[target] = bool(before) or value

    def _keys(self, record: PlannedRecord) -> list[tuple[str, str]]:
        keys = [(RECORD_ID, record.id)] if record.id else []
        for name in self.headers.keys:
            text = order_key(record.values.get(name))
            if text is not None:
                keys.append((name, text))
        return keys

    def _remember(self, record: PlannedRecord) -> None:
        for key in self._keys(record):
            self._by_key.setdefault(key, record)

    def _merge(self, into: PlannedRecord, record: PlannedRecord) -> None:
        """Add a later row to the record of an earlier one, where that loses nothing; else the row is
        rejected."""
        merged = dict(into.values)
        clashes = []
        for name, value in record.values.items():
            united = _unite(self.specs[name], merged.get(name), value)
            if united is None:
                clashes.append(name)
            else:
                merged[name] = united
        if into.id and record.id and into.id != record.id:
            clashes.insert(0, RECORD_ID)
        if clashes:
            said = ", ".join(sorted(clashes))
            reason = f"The same person as line {into.row.line}, but with another value of {said}. Keep the right one."
            self._reject(record.row, CONTRADICTS, reason)
            return
        into.values = merged
        into.id = into.id or record.id
        into.merged.append(record.row)
        self._remember(into)


def _unite(spec: FieldSpec, a: Value, b: Value) -> Value:
    """One value that holds both, or None: a blank gives way, sets join, comments follow each other, a
    withdrawn consent stays withdrawn."""
    if blank(a) or same(spec, a, b):
        return b if blank(a) else a
    if isinstance(a, frozenset) and isinstance(b, frozenset):
        return a | b
    if spec.type == "checkbox" and plain_header(spec.id) in _CONSENT:
        return True
    if spec.type == "multi_line":
        try:
            return parse(spec, f"{a}\n{b}")
        except ValueRefused:
            return None
    return None
