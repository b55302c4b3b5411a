"""What a query's fields and functions stand for, found in the org's catalogue, and their values in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.view import Record
from leadterms.values import Value, order_key


@dataclass(frozen=True, slots=True)
class FieldPath:
    """A field of the row, or of a record that it points at over `hops`."""

    hops: tuple[SField, ...]
    field: SField
    object: SObject | None

    @property
    def type(self) -> str:
        """The vendor's type of its values."""
        return self.field.type

    @property
    def names(self) -> tuple[str, ...]:
        """Relationship names and the field's, as the org spells them."""
        return (*[hop.relationship or hop.name for hop in self.hops], self.field.name)

    def record(self, row: Record) -> Record | None:
        """The record that has the field."""
        found: Record | None = row
        for hop in self.hops:
            if found is None:
                return None
            own = found.object.fields.get(hop.name)
            found = None if own is None else found.parent(own)
        return found

    def value(self, row: Record) -> Value:
        """The field's value; None where a relationship leads nowhere."""
        record = self.record(row)
        if record is None:
            return None
        if self.hops and record.object.fields.get(self.field.name) is not self.field:
            return record.named(self.field.name)  # one of several objects that the reference may point at
        return record.get(self.field)


@dataclass(frozen=True, slots=True)
class DatePart:
    """A date function: CALENDAR_YEAR(CreatedDate)."""

    name: str
    path: FieldPath

    @property
    def type(self) -> str:
        """DAY_ONLY gives a day, the others a number."""
        return "date" if self.name == "DAY_ONLY" else "int"

    def value(self, row: Record) -> Value:
        """The part of the date, in the org's time zone."""
        value = self.path.value(row)
        if isinstance(value, datetime):
            # As the vendor does it: parts of a moment are in UTC unless convertTimezone() says otherwise.
            return DATE_PARTS[self.name](value)
        if isinstance(value, date):
            return DATE_PARTS[self.name](datetime(value.year, value.month, value.day))  # noqa: DTZ001 a day has no zone
        return None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """COUNT(), COUNT(x), COUNT_DISTINCT(x), SUM(x), AVG(x), MIN(x), MAX(x); `path` None: rows are counted."""

    name: str
    path: FieldPath | None

    @property
    def type(self) -> str:
        """The vendor's type of the result."""
        if self.name in ("COUNT", "COUNT_DISTINCT") or self.path is None:
            return "int"
        return "double" if self.name == "AVG" else self.path.type

    def over(self, rows: Sequence[Record]) -> Value:
        """The result over the rows of one group. Blanks don't count."""
        if self.path is None:
            return Decimal(len(rows))
        values: list[Value] = [value for value in map(self.path.value, rows) if value is not None]
        return AGGREGATES[self.name](values)


RowOperand: TypeAlias = FieldPath | DatePart
Operand: TypeAlias = FieldPath | DatePart | Aggregate


def _number(value: int) -> Decimal:
    return Decimal(value)


DATE_PARTS: Mapping[str, Callable[[datetime], Value]] = {
    "CALENDAR_YEAR": lambda at: _number(at.year),
    "CALENDAR_QUARTER": lambda at: _number((at.month - 1) // 3 + 1),
    "CALENDAR_MONTH": lambda at: _number(at.month),
    "FISCAL_YEAR": lambda at: _number(at.year),
    "FISCAL_QUARTER": lambda at: _number((at.month - 1) // 3 + 1),
    "FISCAL_MONTH": lambda at: _number(at.month),
    "DAY_IN_YEAR": lambda at: _number(at.timetuple().tm_yday),
    "DAY_IN_MONTH": lambda at: _number(at.day),
    "DAY_IN_WEEK": lambda at: _number((at.weekday() + 1) % 7 + 1),
    "DAY_ONLY": lambda at: at.date(),
    "HOUR_IN_DAY": lambda at: _number(at.hour),
    "WEEK_IN_MONTH": lambda at: _number((at.day - 1) // 7 + 1),
    "WEEK_IN_YEAR": lambda at: _number((at.timetuple().tm_yday - 1) // 7 + 1),
}


def sort_key(value: Value) -> str:
    """A key that orders values of one type; blanks are ordered apart."""
    return order_key(value) or ""


def _numbers(values: list[Value]) -> list[Decimal]:
    return [value for value in values if isinstance(value, Decimal)]


def _sum(values: list[Value]) -> Value:
    return sum(_numbers(values), Decimal(0)) if values else None


def _average(values: list[Value]) -> Value:
    return sum(_numbers(values), Decimal(0)) / len(values) if values else None


AGGREGATES: Mapping[str, Callable[[list[Value]], Value]] = {
    "COUNT": lambda values: Decimal(len(values)),
    "COUNT_DISTINCT": lambda values: Decimal(len({sort_key(value) for value in values})),
    "SUM": _sum,
    "AVG": _average,
    "MIN": lambda values: min(values, key=sort_key) if values else None,
    "MAX": lambda values: max(values, key=sort_key) if values else None,
}
AGGREGATE_NAMES = tuple(AGGREGATES)
