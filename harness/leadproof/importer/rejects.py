"""The rejects file: the rows that did not go in, as they were, each with its line and reason.

It can be mended and imported again: our three columns are recognised and left out. For people, cells that a
spreadsheet would run as formulas are neutralised with an apostrophe (quality.md "Security"), which reading it
again takes away; `for_machines` writes them as they were.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from leadproof.importer.reading import Row, Table
from leadproof.importer.report import ImportReport, Note

OUR_COLUMNS = ("Leadproof line", "Leadproof code", "Leadproof reason")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutralised(cell: str) -> str:
    """The cell as a spreadsheet shows it instead of running it."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def restored(cell: str) -> str:
    """What `neutralised` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def write_rejects(path: Path, report: ImportReport, *, for_machines: bool = False) -> Path | None:
    """Write the rejected rows as UTF-8 CSV and answer the path; without rejected rows no file is left (an
    older one is removed, so that nobody mends it twice)."""
    rejected = [row for row in report.rows if row.outcome == "rejected"]
    if not rejected:
        path.unlink(missing_ok=True)
        return None
    shown = (lambda cell: cell) if for_machines else neutralised
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=report.delimiter)
        writer.writerow([*map(shown, report.headers), *OUR_COLUMNS])
        for row in rejected:
            cells = [*row.cells, *[""] * (len(report.headers) - len(row.cells))]
            writer.writerow([*map(shown, cells), str(row.line), row.code, row.reason])
    return path


def without_our_columns(table: Table) -> Table:
    """A rejects file that was mended is read as the file it came from."""
    positions = [at for at, header in enumerate(table.headers) if header not in OUR_COLUMNS]
    if len(positions) == len(table.headers):
        return table
    note = Note("The file holds rows that an earlier import rejected; its own columns are left out.")
    return replace(
        table,
        headers=tuple(restored(table.headers[at]) for at in positions),
        rows=tuple(_restored_row(row, positions) for row in table.rows),
        notes=(*table.notes, note),
    )


def _restored_row(row: Row, positions: Sequence[int]) -> Row:
    cells = row.cells if row.code else tuple(row.cells[at] for at in positions)
    return replace(row, cells=tuple(map(restored, cells)))
