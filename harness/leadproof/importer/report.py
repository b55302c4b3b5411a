"""What an import says: one outcome for every row, and what was decided on the way (product.md B7, D)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from leadterms.refusals import LeadtermsError

Outcome = Literal["accepted", "merged", "rejected"]
Effect = Literal["created", "updated", "unchanged", ""]

UNREADABLE = "DQ480"
BAD_SETTING = "DQ481"
NO_KEY_COLUMN = "DQ482"
COLUMN_TWICE = "DQ483"
BAD_MAP = "DQ484"
RAGGED = "DQ485"
BROKEN_QUOTE = "DQ486"
BAD_VALUE = "DQ487"
AMBIGUOUS = "DQ488"
CONTRADICTS = "DQ490"
SEVERAL_EXIST = "DQ491"
TARGET_REFUSED = "DQ492"
NOT_WRITTEN = "DQ493"
SPREADSHEET_DAMAGE = "DQ494"
BAD_EMAIL = "DQ401"
NO_KEY = "DQ403"


class ImportRefused(LeadtermsError):
    """The file as a whole cannot be imported; nothing was written."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was decided or noticed, said aloud: `line` is 0 where it concerns the whole file."""

    text: str
    line: int = 0
    column: str = ""
    level: Literal["note", "warning"] = "note"

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line else ""
        return f"{where}{self.text}"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """One column of the file: the field it goes to, or why it is left out. `how`: map, id, label, export."""

    header: str
    field: str | None
    how: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row. `line` is where it begins in the file; `into`: the line it was merged into."""

    line: int
    outcome: Outcome
    effect: Effect = ""
    id: str = ""
    into: int = 0
    code: str = ""
    reason: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The account of an import: `accepted + merged + rejected == total`, always."""

    path: Path
    system: str
    object: str
    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    columns: tuple[ColumnUse, ...]
    rows: tuple[RowOutcome, ...]
    notes: tuple[Note, ...] = ()
    written: bool = True
    rejects: Path | None = None

    @property
    def total(self) -> int:
        return len(self.rows)

    def _count(self, outcome: Outcome) -> int:
        return sum(row.outcome == outcome for row in self.rows)

    @property
    def accepted(self) -> int:
        return self._count("accepted")

    @property
    def merged(self) -> int:
        return self._count("merged")

    @property
    def rejected(self) -> int:
        return self._count("rejected")

    def effects(self, effect: Effect) -> int:
        """How many accepted rows were created, updated, or found unchanged."""
        return sum(row.effect == effect for row in self.rows if row.outcome == "accepted")

    @property
    def left_out(self) -> tuple[ColumnUse, ...]:
        """The columns that went nowhere, each with its reason."""
        return tuple(column for column in self.columns if column.field is None)

    def to_json(self) -> dict[str, Any]:
        """Everything but the cells, for `--json` and for tests."""
        return {
            "file": self.path.name,
            "system": self.system,
            "object": self.object,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "total": self.total,
            "accepted": self.accepted,
            "merged": self.merged,
            "rejected": self.rejected,
            "created": self.effects("created"),
            "updated": self.effects("updated"),
            "unchanged": self.effects("unchanged"),
            "columns": [
                {"header": one.header, "field": one.field, "how": one.how, "reason": one.reason} for one in self.columns
            ],
            "rows": [_row_json(row) for row in self.rows if row.outcome != "accepted"],
            "notes": [str(note) for note in self.notes],
        }

    def summary(self) -> list[str]:
        """The account in lines for people."""
        verb = "imported" if self.written else "would be imported"
        told = [
            (
                f"{self.path.name}: {self.total} rows: {self.accepted} accepted, {self.merged} merged, "
                f"{self.rejected} rejected; {verb} to {self.system} as {self.object}."
            ),
            *(f"Column {one.header!r} is left out: {one.reason}" for one in self.left_out),
            *(str(note) for note in self.notes),
        ]
        if self.written:
            counts = ", ".join(f"{self.effects(one)} {one}" for one in ("created", "updated", "unchanged"))
            told.insert(1, f"Of the accepted: {counts}.")
        return told + [
            f"line {row.line}: {row.outcome}{f' into line {row.into}' if row.into else ''}"
            f"{f': {row.reason}' if row.reason else ''}{f' [{row.code}]' if row.code else ''}"
            for row in self.rows
            if row.outcome != "accepted"
        ]


def _row_json(row: RowOutcome) -> dict[str, Any]:
    shown: dict[str, Any] = {"line": row.line, "outcome": row.outcome}
    if row.into:
        shown["into"] = row.into
    if row.code:
        shown["code"] = row.code
    return shown | {"reason": row.reason}


def by_line(rows: Sequence[RowOutcome]) -> tuple[RowOutcome, ...]:
    """The outcomes in the order of the file."""
    return tuple(sorted(rows, key=lambda row: row.line))
