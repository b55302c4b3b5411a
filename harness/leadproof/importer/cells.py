"""One column's cells to values: text first, and never a guess.

What a cell means may depend on its column: 03/02/2026 is read by the rows that leave no doubt, else refused.
Every such decision is said aloud as a Note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadproof.importer.dates import DateReader
from leadproof.importer.headers import Column
from leadproof.importer.numbers import NumberReader
from leadproof.importer.refused_cell import CellRefused
from leadproof.importer.report import BAD_EMAIL, BAD_SETTING, BAD_VALUE, SPREADSHEET_DAMAGE, ImportRefused, Note
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, parse
from leadterms.quantities import SHORTENED_NUMBER
from leadterms.refusals import ValueRefused
from leadterms.values import Value

__all__ = ["CellRefused", "CellSettings", "ColumnReader", "column_reader"]

_PLACEHOLDERS = frozenset({"null", "#n/a", "n/a", "#ref!", "#value!", "#name?", "#null!", "none", "undefined"})


@dataclass(frozen=True, slots=True)
class CellSettings:
    """What a person said about the file: `dates` "dmy" or "mdy", `decimal_mark` "." or ",", `time_zone`
    (IANA) of moments that are written without an offset."""

    dates: str | None = None
    decimal_mark: str | None = None
    time_zone: str = "UTC"

    def __post_init__(self) -> None:
        """Raises ImportRefused (DQ481)."""
        if self.dates not in (None, "dmy", "mdy"):
            raise ImportRefused(BAD_SETTING, f"The order of dates {self.dates!r} is not known.", "Use dmy or mdy.")
        if self.decimal_mark not in (None, ".", ","):
            raise ImportRefused(BAD_SETTING, f"{self.decimal_mark!r} is no decimal mark.", "Use a point or a comma.")
        try:
            ZoneInfo(self.time_zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            fix = "Use a name such as Europe/Oslo."
            raise ImportRefused(BAD_SETTING, f"The time zone {self.time_zone!r} is not known.", fix) from None


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """Reads the cells of one column. `notes` are the decisions that were taken for the whole column."""

    column: Column
    read: Callable[[str], Value]
    notes: tuple[Note, ...]


def column_reader(column: Column, cells: Sequence[tuple[int, str]], settings: CellSettings) -> ColumnReader:
    """The reader of a column, having seen all its cells that are not blank, as (line, text)."""
    if column.field is None:
        return ColumnReader(column, str.strip, ())
    spec = column.field
    kind = FIELD_TYPES[spec.type].kind
    notes = _notice(column, cells)
    if kind in ("date", "date_time"):
        dates = DateReader(column.header, spec, cells, settings.dates, settings.time_zone)
        return ColumnReader(column, dates.read, (*notes, *dates.notes))
    if kind == "number":
        numbers = NumberReader(column.header, spec, cells, settings.decimal_mark)
        return ColumnReader(column, numbers.read, (*notes, *numbers.notes))
    if FIELD_TYPES[spec.type].chosen and spec.restricted:
        choices = _ChoiceReader(column.header, spec, cells)
        return ColumnReader(column, choices.read, (*notes, *choices.notes))
    return ColumnReader(column, _TextReader(spec).read, tuple(notes))


def _notice(column: Column, cells: Sequence[tuple[int, str]]) -> list[Note]:
    padded = [line for line, text in cells if text != text.strip()]
    notes = []
    if padded:
        said = f"Column {column.header!r}: space around {len(padded)} value{'s' * (len(padded) > 1)} removed."
        notes.append(Note(said, padded[0], column.header))
    empty = [(line, text) for line, text in cells if text.strip().casefold() in _PLACEHOLDERS]
    if empty and column.field is not None and FIELD_TYPES[column.field.type].kind == "text":
        said = f"Column {column.header!r} holds {empty[0][1].strip()!r} ({len(empty)} times); it is taken as written."
        notes.append(Note(said, empty[0][0], column.header, "warning"))
    return notes


class _TextReader:
    """Text, e-mail, phone, address, checkbox: as the field's type reads it."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec

    def read(self, cell: str) -> Value:
        text = cell.strip()
        if self.spec.type == "phone" and SHORTENED_NUMBER.fullmatch(text):
            raise CellRefused(
                SPREADSHEET_DAMAGE,
                f"{self.spec.id}: {text!r} is a number that a spreadsheet has shortened; its digits are lost. "
                "Format the column as text and export again.",
            )
        return read_by_type(self.spec, text)


def read_by_type(spec: FieldSpec, text: str) -> Value:
    """The value by the field's type. Raises CellRefused."""
    try:
        return parse(spec, text)
    except ValueRefused as refused:
        code = BAD_EMAIL if refused.rule == "email" else BAD_VALUE
        raise CellRefused(code, f"{refused.text} {refused.fix}".strip()) from refused


class _ChoiceReader:
    """A picklist: the choice as written; where only the letter case differs, the field's spelling, said
    aloud."""

    def __init__(self, header: str, spec: FieldSpec, cells: Sequence[tuple[int, str]]) -> None:
        self.spec = spec
        self._by_fold = {choice.casefold(): choice for choice in spec.choices}
        changed = sorted({text.strip() for _, text in cells if self._spelled(text.strip()) != text.strip()})
        shown = ", ".join(f"{one!r} as {self._spelled(one)!r}" for one in changed[:5])
        said = f"Column {header!r}: choices are taken in the field's spelling: {shown}."
        self.notes = (Note(said, 0, header),) if changed else ()

    def _spelled(self, text: str) -> str:
        if self.spec.type == "multi_select":
            return ";".join(self._by_fold.get(one.strip().casefold(), one.strip()) for one in text.split(";"))
        return self._by_fold.get(text.casefold(), text)

    def read(self, cell: str) -> Value:
        return read_by_type(self.spec, self._spelled(cell.strip()))
