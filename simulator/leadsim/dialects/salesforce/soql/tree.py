"""A query as it was written: the tree that the grammar makes. `at` is where a part begins, from 0."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

Kind = Literal["string", "number", "date", "datetime", "boolean", "null", "literal", "currency"]


@dataclass(frozen=True, slots=True)
class Path:
    """A field, maybe over relationships: `Owner.Name`."""

    names: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Call:
    """A function: `COUNT(Id)`, `CALENDAR_YEAR(CreatedDate)`, `FIELDS(ALL)`. `name` in capitals."""

    name: str
    args: tuple[Path | Call, ...]
    at: int
    written: str


Operand: TypeAlias = Path | Call


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it was written. `number` is the n of a date literal such as LAST_N_DAYS:n."""

    kind: Kind
    text: str
    at: int
    number: int | None = None
    value: Decimal | bool | str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One condition. `operator` in capitals: = != < <= > >= LIKE IN, NOT IN, INCLUDES, EXCLUDES."""

    operand: Operand
    operator: str
    values: tuple[Written, ...]
    subquery: Select | None
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions joined by one word; SOQL doesn't mix AND and OR without parentheses."""

    word: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


Condition: TypeAlias = Comparison | Not | Joined


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is selected."""

    what: Operand | Select
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class Ordering:
    operand: Operand
    descending: bool
    nulls_last: bool | None


@dataclass(frozen=True, slots=True)
class Select:
    """A query, or one inside another."""

    items: tuple[Item, ...]
    source: Path
    alias: str | None
    where: Condition | None
    group: tuple[Operand, ...]
    having: Condition | None
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int | None
    all_rows: bool
    at: int
    text: str = ""
