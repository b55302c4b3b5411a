"""CSV and its relatives: each cell under its column's name, whichever of six delimiters stands between."""

from __future__ import annotations

import csv
import io
import re

from leadproof.cases.redaction.fields import KEY, Visit, field_like, kind_of
from leadproof.cases.redaction.pseudonyms import EMAIL, PHONE

DELIMITERS = ",;\t|^`"
"""Those of Salesforce's Bulk API 2.0 (columnDelimiter)."""
_WORDS = re.compile(r"[^\W\d_][^\d_\r\n]*")


def table(text: str, visit: Visit) -> str:
    """The same table. One without a line of names is taken to hold people wherever a cell is made of words."""
    delimiter = _delimiter(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        return visit("", text, False)
    if not rows:
        return text
    made = io.StringIO()
    writer = csv.writer(made, delimiter=delimiter, lineterminator="\r\n" if "\r\n" in text else "\n")
    head: list[str] = []
    if _is_head(rows[0]):
        head = rows.pop(0)
        writer.writerow([visit(KEY, name, False) for name in head])
    people = any(kind_of(name) for name in head)
    for row in rows:
        if head:
            names = [*head, *[""] * (len(row) - len(head))]
        else:
            names = ["full_name" if _WORDS.fullmatch(cell) else "" for cell in row]
        writer.writerow([visit(name, cell, people) for name, cell in zip(names, row, strict=False)])
    return made.getvalue()


def _delimiter(text: str) -> str:
    """The one that makes most cells of the first line; a comma where none does."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    cells: list[tuple[int, int]] = []
    for place, delimiter in enumerate(DELIMITERS):
        try:
            cells.append((-len(next(csv.reader([line], delimiter=delimiter), [])), place))
        except csv.Error:
            continue
    return DELIMITERS[min(cells, default=(0, 0))[1]]


def _is_head(row: list[str]) -> bool:
    """Whether a first line names columns: none of its cells is a value, and one is a name that fields have."""
    if any(EMAIL.search(cell) or PHONE.search(cell) or cell.strip().isdigit() for cell in row):
        return False
    return any(field_like(cell.strip().replace(" ", "_")) if " " in cell else field_like(cell) for cell in row)
