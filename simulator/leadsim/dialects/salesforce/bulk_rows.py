"""CSV and the saving of many rows in chunks: what both bulk APIs stand on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.rows import (
    Row,
    Wishes,
    create_row,
    delete_row,
    save_rows,
    update_row,
    upsert_row,
)
from leadsim.dialects.salesforce.session import Session

CHUNK = 200
NULL = "#N/A"
DELIMITERS: Mapping[str, str] = {
    "COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`",
}  # fmt: skip
LINE_ENDS: Mapping[str, str] = {"LF": "\n", "CRLF": "\r\n"}
OPERATIONS = ("insert", "update", "upsert", "delete")
csv.field_size_limit(16 * 1024 * 1024)


class CsvRefused(Exception):
    """A file that can't be read as CSV, or whose columns are no fields."""


@dataclass(frozen=True, slots=True)
class Done:
    """One row's outcome: its number in the file, its values, and the result."""

    values: dict[str, Any]
    row: Row


def read_csv(text: str, delimiter: str) -> tuple[list[str], list[dict[str, str]]]:
    """The columns and rows of a file. Raises CsvRefused."""
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter)
    try:
        header = next(reader, [])
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise CsvRefused(f"InvalidBatch : Failed to parse CSV. {error}") from None
    if not header or not any(name.strip() for name in header):
        raise CsvRefused("InvalidBatch : Failed to parse CSV header. Header is missing")
    names = [name.strip() for name in header]
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise CsvRefused(
                f"InvalidBatch : Failed to parse CSV: row {number} has {len(row)} values, the header has {len(names)}"
            )
    return names, [dict(zip(names, row, strict=True)) for row in rows]


def check_line_ends(text: str, line_end: str) -> None:
    """Raises CsvRefused for a file whose first line ends otherwise than its job says."""
    header, found, _ = text.partition("\n")
    if found and header.endswith("\r") != (line_end == "CRLF"):
        said = f"LineEnding is invalid on user data. Current LineEnding setting is {line_end}"
        raise CsvRefused(f"ClientInputError : {said}")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    """A file: every cell quoted, as the vendor writes it."""
    out = StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def check_columns(names: Sequence[str], object: SObject, session: Session, operation: str) -> None:
    """Raises CsvRefused for a column that is no field of the object, or stands twice: then the whole job fails."""
    if operation == "delete" and [name.lower() for name in names] != ["id"]:
        raise CsvRefused("InvalidBatch : The 'delete' batch must contain only ids")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise CsvRefused(f"InvalidBatch : Duplicate field specified : {twice}")
    for name in names:
        path = name.split(".")
        if len(path) == 2:
            relationship = object.by_relationship.get(path[0].lower())
            parent = session.catalog.objects.get(relationship.refers_to[0]) if relationship is not None else None
            if parent is not None and parent.field(path[1]) is not None:
                continue
        if object.field(name) is None:
            raise CsvRefused(f"InvalidBatch : Field name not found : {name}")


def nested(values: Mapping[str, str]) -> dict[str, Any]:
    """A row's values: empty cells are left alone, #N/A empties, `Account.Key__c` names a parent by its key."""
    raw: dict[str, Any] = {}
    for name, value in values.items():
        if value == "":
            continue
        cell: str | None = None if value == NULL else value
        relationship, dot, key = name.partition(".")
        if dot:
            raw[relationship] = {key: cell}
        else:
            raw[name] = cell
    return raw


def save(
    session: Session,
    object: SObject,
    operation: str,
    key: str,
    rows: Sequence[dict[str, Any]],
    wishes: Wishes,
    *,
    csv: bool = True,
) -> Iterator[Done]:
    """Save rows in chunks of 200, each one transaction, and tell each row's outcome in order. Without `csv` they are
    records of JSON."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        made = [_row(session, object, operation, key, values, wishes, csv) for values in chunk]
        save_rows(session, made)
        yield from (Done(values, row) for values, row in zip(chunk, made, strict=True))


def _row(
    session: Session, object: SObject, operation: str, key: str, values: dict[str, Any], wishes: Wishes, csv: bool
) -> Row:
    raw: dict[str, Any] = nested(values) if csv else values
    source = tuple(values) if csv else ""
    id = next((value for name, value in values.items() if name.lower() == "id"), None)
    if operation == "insert":
        return create_row(session, object, raw, wishes, source=source)
    if operation == "update":
        return update_row(session, object, id, raw, wishes, source=source)
    if operation == "delete":
        return delete_row(session, object, id)
    value = next((one for name, one in values.items() if name.lower() == key.lower()), None)
    row, several = upsert_row(session, object, key, value, raw, wishes, source=source)
    if several:
        row.errors = [
            ApiError("DUPLICATE_EXTERNAL_ID", f"External ID value {value} matches {len(several)} records", ())
        ]
    return row


def error_text(row: Row) -> str:
    """A row's errors as bulk results tell them: CODE:text:field --"""
    return ";".join(f"{one.code}:{one.message}:{','.join(one.fields or ())} --" for one in row.errors)
