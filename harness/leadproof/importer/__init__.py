"""CSV import: what people really export, row by row accounted for (product.md B7 and D).

report = import_file("leads.csv", marketing)
report.total == report.accepted + report.merged + report.rejected
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from leadproof.importer.cells import CellSettings
from leadproof.importer.crm_ids import fill_from_crm
from leadproof.importer.headers import parse_map
from leadproof.importer.plan import ImportPlan, PlannedRecord, plan_file
from leadproof.importer.rejects import write_rejects
from leadproof.importer.report import ColumnUse, ImportRefused, ImportReport, Note, RowOutcome, by_line
from leadproof.importer.writing import BATCH, Existing, Progress, write_plan
from leadproof.systems.ports import Crm, System

__all__ = [
    "BATCH",
    "CellSettings",
    "ColumnUse",
    "Existing",
    "ImportPlan",
    "ImportRefused",
    "ImportReport",
    "Note",
    "RowOutcome",
    "import_file",
    "parse_map",
    "plan_file",
]


def import_file(
    path: str | Path,
    system: System,
    *,
    object: str | None = None,
    mapping: Mapping[str, str] | None = None,
    dates: str | None = None,
    decimal_mark: str | None = None,
    time_zone: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    existing: Existing = "update",
    assign: bool = True,
    crm: Crm | None = None,
    rejects: Path | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a CSV file into a CRM or a marketing tool and account for every row.

    `object` defaults to prospect (marketing) or Lead (CRM). `mapping`: header -> field id ("" leaves it out).
    `dates` ("dmy" or "mdy") and `decimal_mark` ("." or ",") settle what the file leaves in doubt. `existing`:
    update, fill or skip records that are there. `crm`: where rows with only a CRM id find their e-mail
    address. `rejects`: where the rejected rows are written. `dry_run` writes nothing, neither records nor the
    rejects file.

    Raises ImportRefused when nothing of the file can be imported (DQ480-DQ484), CallFailed when the system
    cannot be reached before the first row."""
    schema = system.describe()
    name = object or next((one for one in ("prospect", "prospects", "Lead") if one in schema), "")
    if name not in schema:
        raise ImportRefused("DQ484", f"{system.name} has no object {name!r}.", f"Objects: {', '.join(schema)}.")
    zone = time_zone or system.connect().time_zone
    plan = plan_file(
        path,
        schema[name],
        mapping=mapping,
        settings=CellSettings(dates, decimal_mark, zone),
        encoding=encoding,
        delimiter=delimiter,
    )
    notes = plan.notes
    if crm is not None:
        notes = (*notes, *fill_from_crm(plan, crm))
    if dry_run:
        done = [outcome for record in plan.records for outcome in _foreseen(record)]
    else:
        done = write_plan(plan, system, existing=existing, assign=assign, progress=progress)
    report = _report(plan, system, notes, [*plan.settled, *done], written=not dry_run)
    if rejects is not None and not dry_run:
        report = replace(report, rejects=write_rejects(rejects, report))
    return report


def _foreseen(record: PlannedRecord) -> list[RowOutcome]:
    line = record.row.line
    merged = [
        RowOutcome(row.line, "merged", into=line, reason=f"The same person as line {line}.", cells=row.cells)
        for row in record.merged
    ]
    return [RowOutcome(line, "accepted", cells=record.row.cells), *merged]


def _report(
    plan: ImportPlan, system: System, notes: Sequence[Note], rows: Sequence[RowOutcome], *, written: bool
) -> ImportReport:
    """The account. That each row is in it once is our own promise: anything else is a defect of ours."""
    ordered = by_line(rows)
    if [row.line for row in ordered] != [row.line for row in plan.table.rows]:
        raise AssertionError("an import must account for every row exactly once")
    table = plan.table
    return ImportReport(
        path=table.path,
        system=system.name,
        object=plan.spec.id,
        encoding=table.encoding,
        delimiter=table.delimiter,
        headers=table.headers,
        columns=plan.headers.uses,
        rows=ordered,
        notes=tuple(notes),
        written=written,
    )
