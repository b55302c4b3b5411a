"""A plan's answer: which records, in which order, and how they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cmp_to_key
from itertools import islice
from typing import Any

from leadsim.dialects.salesforce.catalog import SField
from leadsim.dialects.salesforce.encoding import attributes, field_json, json_value
from leadsim.dialects.salesforce.soql.conditions import Binder
from leadsim.dialects.salesforce.soql.literals import Reader
from leadsim.dialects.salesforce.soql.operands import Aggregate, DatePart, FieldPath, Operand, sort_key
from leadsim.dialects.salesforce.soql.plans import Column, Order, Plan, SubQuery
from leadsim.dialects.salesforce.view import Record, View
from leadsim.engine.query import Order as EngineOrder
from leadterms.criteria import Criteria, Row
from leadterms.logic import every_row
from leadterms.values import Value

Shown = dict[str, Any]
UrlOf = Callable[[Record], str | None]
CHILD_ROWS = 2000


class Runner:
    """Runs the plans of one query over one view. `url_of` makes the address that a record shows."""

    def __init__(self, view: View, text: str, url_of: UrlOf, *, deleted: bool = False) -> None:
        self._view = view
        self._url_of = url_of
        self._deleted = deleted
        self._reader = Reader(text, view.now, view.zone)
        self._binder = Binder(text, self._reader, self.ids)

    # --- which records -------------------------------------------------------------------------------------------

    def check(self, plan: Plan) -> None:
        """Read every literal, so that what is wrong is refused whether or not there is any row. Raises QueryRefused."""
        if plan.where is not None:
            self._binder.bind(plan.where, _row_value)
        if plan.having is not None:
            self._binder.bind(plan.having, _group_value)
        for column in plan.columns:
            if isinstance(column, SubQuery):
                self.check(column.plan)

    def matching(self, plan: Plan) -> Iterator[Record]:
        """The records that fit, in the query's order, between OFFSET and LIMIT."""
        self.check(plan)
        rows = self._found(plan)
        last = None if plan.limit is None else plan.offset + plan.limit
        return islice(rows, plan.offset, last)

    def _found(self, plan: Plan, also: Row | None = None) -> Iterator[Record]:
        deleted = self._deleted or plan.all_rows
        criteria = self._binder.criteria(plan.where, plan.object, self._view)
        if also is not None:
            criteria = _with(criteria, also)
        order = _engine_order(plan)
        rows = self._view.records(plan.object, criteria, order or (), deleted=deleted)
        if plan.where is not None:
            test = self._binder.bind(plan.where, _row_value)
            rows = (row for row in rows if test(row))
        if plan.order and order is None and not plan.grouped:
            return iter(_sorted(list(rows), plan.order, _row_value))
        return rows

    def ids(self, plan: Plan) -> frozenset[str]:
        """The ids that a semi-join's query selects."""
        column = plan.columns[0]
        assert isinstance(column, Column)
        assert isinstance(column.operand, FieldPath)
        path = column.operand
        return frozenset(str(value) for row in self.matching(plan) if (value := path.value(row)) is not None)

    # --- what is shown -------------------------------------------------------------------------------------------

    def count(self, plan: Plan) -> int:
        """How many records SELECT COUNT() finds."""
        return sum(1 for _ in self.matching(plan))

    def show(self, plan: Plan, row: Record) -> Shown:
        """One record with the selected fields, relationships and children."""
        shown: Shown = {"attributes": attributes(row.object.name, self._url_of(row))}
        for column in plan.columns:
            if isinstance(column, SubQuery):
                shown[column.name] = self._children(column, row)
            elif isinstance(column.operand, FieldPath) and not column.wrapper:
                self._put(shown, row, column.operand)
            else:
                shown[column.key] = _wrapped(column, row)
        return shown

    def _put(self, shown: Shown, row: Record, path: FieldPath) -> None:
        """A field in the record that has it; a relationship that leads nowhere is null."""
        record: Record | None = row
        for hop in path.hops:
            name = hop.relationship or hop.name
            own = record.object.fields.get(hop.name) if record is not None else None
            record = None if own is None or record is None else record.parent(own)
            if record is None:
                shown.setdefault(name, None)
                return
            inner = shown.get(name)
            if inner is None:
                # Of a reference that may point at several objects the vendor tells the address, not the type.
                kind = record.object.name if len(hop.refers_to) == 1 else "Name"
                inner = shown[name] = {"attributes": attributes(kind, self._url_of(record))}
            shown = inner
        assert record is not None
        field: SField | None = path.field
        if path.hops:
            field = record.object.fields.get(path.field.name)
        shown[path.field.name] = None if field is None else field_json(record, field)

    def _children(self, sub: SubQuery, row: Record) -> Shown | None:
        plan = sub.plan
        key = sub.field.key if plan.object.engine is not None else sub.field.name
        also = Row(key, "=", _parent_value(self._view, sub.field, row))
        rows = (one for one in self._found(plan, also) if one.get(sub.field) == row.id)
        last = None if plan.limit is None else plan.offset + plan.limit
        found = [self.show(plan, one) for one in islice(rows, plan.offset, last)]
        return {"totalSize": len(found), "done": True, "records": found} if found else None

    # --- groups --------------------------------------------------------------------------------------------------

    def groups(self, plan: Plan) -> list[Shown]:
        """The rows of a grouped query."""
        self.check(plan)
        grouped: dict[tuple[str, ...], list[Record]] = {}
        for row in self._found(plan):
            grouped.setdefault(tuple(sort_key(one.value(row)) for one in plan.group), []).append(row)
        if not plan.group:
            grouped = {(): grouped.get((), [])}
        groups = [_Group(plan.group, rows) for rows in grouped.values()]
        if plan.having is not None:
            test = self._binder.bind(plan.having, _group_value)
            groups = [group for group in groups if test(group)]
        if plan.order:
            groups = _sorted(groups, plan.order, _group_value)
        else:
            groups.sort(key=lambda group: tuple(sort_key(group.value(one)) for one in plan.group))
        last = None if plan.limit is None else plan.offset + plan.limit
        return [self._show_group(plan, group) for group in groups[plan.offset : last]]

    def _show_group(self, plan: Plan, group: _Group) -> Shown:
        shown: Shown = {"attributes": attributes("AggregateResult", None)}
        for column in plan.columns:
            assert isinstance(column, Column)
            operand = column.operand
            choices = operand.field.choices if isinstance(operand, FieldPath) else ()
            shown[column.key] = json_value(group.value(operand), operand.type, choices)
        return shown


class _Group:
    """The records that are equal in what a query groups by."""

    def __init__(self, by: Sequence[FieldPath | DatePart], rows: list[Record]) -> None:
        self._rows = rows
        self._by = {operand: operand.value(rows[0]) for operand in by} if rows else {}

    def value(self, operand: Operand) -> Value:
        """An aggregate over the group, or the value that its records share."""
        if isinstance(operand, Aggregate):
            return operand.over(self._rows)
        return self._by.get(operand)


def _row_value(operand: Operand, row: Record) -> Value:
    assert not isinstance(operand, Aggregate)
    return operand.value(row)


def _group_value(operand: Operand, group: _Group) -> Value:
    return group.value(operand)


def _wrapped(column: Column, row: Record) -> Any:
    operand = column.operand
    assert not isinstance(operand, Aggregate)
    value = operand.value(row)
    choices = operand.field.choices if isinstance(operand, FieldPath) else ()
    shown = json_value(value, operand.type, choices)
    return str(shown) if column.wrapper == "format" and shown is not None else shown


def _with(criteria: Criteria | None, also: Row) -> Criteria:
    rows = (*(criteria.rows if criteria is not None else ()), also)
    return Criteria(rows, every_row(len(rows)))


def _parent_value(view: View, field: SField, row: Record) -> str:
    if "User" in field.refers_to and field.source == "stored" and row.stored is not None:
        return row.stored.id
    return row.id


def _engine_order(plan: Plan) -> EngineOrder | None:
    """The order as the engine can make it: plain fields upwards, blanks first. None: it is made here."""
    if plan.object.engine is None or plan.grouped:
        return None if plan.order else ()
    keys: list[tuple[str, Any]] = []
    for one in plan.order:
        path = one.operand
        if one.descending or one.nulls_last or not isinstance(path, FieldPath) or path.hops:
            return None
        field = path.field
        plain = field.source == "stored" and not field.refers_to and not field.calculated and field.type != "boolean"
        if not plain and (field.source, field.key) not in _ORDERED_COLUMNS:
            return None
        keys.append((field.key, "asc"))
    return tuple(keys)


# Ids of users are made from their numbers, and letters of ids sort by case: only the times are the engine's to order.
_ORDERED_COLUMNS = frozenset({("column", "created_at"), ("column", "modified_at")})


def _sorted(rows: list[Any], orders: Iterable[Order], value_of: Callable[[Operand, Any], Value]) -> list[Any]:
    """Rows in the order of a query; equal ones as they came."""
    terms = list(orders)

    def compare(left: tuple[Any, list[str | None]], right: tuple[Any, list[str | None]]) -> int:
        for place, one in enumerate(terms):
            a, b = left[1][place], right[1][place]
            if a == b:
                continue
            if a is None or b is None:
                first = (a is None) != one.nulls_last
                return -1 if first else 1
            return -1 if (a < b) != one.descending else 1
        return 0

    keyed = [(row, [_order_value(one.operand, value_of(one.operand, row)) for one in terms]) for row in rows]
    return [row for row, _ in sorted(keyed, key=cmp_to_key(compare))]


def _order_value(operand: Operand, value: Value) -> str | None:
    if value is None:
        return None
    if operand.type == "id" and isinstance(value, str):
        return value
    return sort_key(value) or None
