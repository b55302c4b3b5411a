"""Criteria as SQL, from the same bound form that leadterms.criteria.evaluate reads.

Both compare order keys (leadterms.values.order_key), so they can't disagree about case, decimals or dates; a
property test proves it. Every condition is written so that it is never NULL, because NOT of NULL is NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

import orjson
from sqlalchemy import and_, bindparam, false, func, literal_column, not_, or_, select, true
from sqlalchemy.sql import ColumnElement

from leadsim.engine.refusals import Refused
from leadsim.engine.schema import SYSTEM_COLUMNS
from leadsim.engine.store import RECORD, compiled
from leadterms.criteria import And, Criteria, Logic, Or, Ref, Row
from leadterms.fields import FieldSpec
from leadterms.values import Value, order_key

Direction = Literal["asc", "desc"]
Order = tuple[tuple[str, Direction], ...]
Bool = ColumnElement[bool]
SEPARATOR = "\x1f"
# Constants stand in the text: a compiled statement's own parameters would be lost with the driver's cursor.
ZERO: ColumnElement[int] = literal_column("0")
ONE: ColumnElement[int] = literal_column("1")
FENCE: ColumnElement[str] = literal_column("char(31)")


@dataclass(frozen=True, slots=True)
class Query:
    """What to find: bound criteria, an order (ties by seq), where to go on, how many."""

    object: str
    criteria: Criteria | None = None
    order: Order = ()
    limit: int = 200
    after: tuple[Any, ...] | None = None
    deleted: bool = False
    created_until: str | None = None


def fields_of(criteria: Criteria | None, order: Order) -> list[str]:
    """The record fields that a query looks at, without the system fields, in a fixed order."""
    names = [row.field for row in criteria.rows] if criteria is not None else []
    names += [field for field, _ in order]
    return [name for name in dict.fromkeys(names) if name not in SYSTEM_COLUMNS]


def key_sql(field: str) -> str:
    """The SQL of a field's key, as an index needs it."""
    return f"json_extract(keys, '$.{field}')"


_MOST_STATEMENTS = 4_096
# SQLAlchemy takes 2 ms for a statement, and its text depends on the query's shape alone: all orgs share the texts.
_compiled: dict[Any, str] = {}


def build(query: Query) -> tuple[str, dict[str, Any]]:
    """The statement's text and its values."""
    values: dict[str, Any] = {"count": query.limit}
    rows = query.criteria.rows if query.criteria is not None else ()
    for number, row in enumerate(rows, 1):
        values.update(_row_values(number, row))
    if query.after is not None:
        values.update({f"c{place}": value for place, value in enumerate(query.after)})
    if query.created_until is not None:
        values["until"] = query.created_until
    shape = _shape(query)
    statement = _compiled.get(shape)
    if statement is None:
        if len(_compiled) >= _MOST_STATEMENTS:
            _compiled.clear()
        statement = _compiled[shape] = _compile(query)
    return statement, values


def _shape(query: Query) -> Any:
    rows = query.criteria.rows if query.criteria is not None else ()
    parts = tuple((row.field, row.operator, _form(row)) for row in rows)
    logic = query.criteria.logic if query.criteria is not None else None
    blanks = None if query.after is None else tuple(value is None for value in query.after)
    return (query.object, parts, logic, query.order, blanks, query.deleted, query.created_until is None)


def _form(row: Row) -> Any:
    """What of a row's value decides the text of its SQL."""
    if isinstance(row.value, frozenset):
        return ("set", len(row.value))
    if row.operator in ("starts_with", "ends_with"):
        return None
    return row.value is None or order_key(row.value) is None if not isinstance(row.value, tuple) else None


def _compile(query: Query) -> str:
    # The object is a literal, because the indexes are partial: one for each object and field.
    conditions: list[Bool] = [RECORD.c.object == literal_column(f"'{query.object}'")]
    if not query.deleted:
        conditions.append(RECORD.c.deleted == ZERO)
    if query.created_until is not None:
        conditions.append(RECORD.c.created_at <= bindparam("until"))
    if query.criteria is not None and query.criteria.rows:
        conditions.append(_condition(query.criteria.logic, query.criteria.rows))
    if query.after is not None:
        conditions.append(_after(query.order, query.after))
    ordering: list[Any] = []
    for field, direction in query.order:
        key = _key(field)
        ordering.append(key.desc().nulls_last() if direction == "desc" else key.asc().nulls_first())
    # The sign keeps SQLite from walking all records in order where a list of keys finds the few at once.
    ordering.append(literal_column("+record.seq") if _asks_for_a_list(query) else RECORD.c.seq)
    return compiled(select(RECORD).where(*conditions).order_by(*ordering).limit(bindparam("count")))


def _asks_for_a_list(query: Query) -> bool:
    """Whether an `in` must hold, whatever else is asked."""
    if query.criteria is None:
        return False
    logic, rows = query.criteria.logic, query.criteria.rows
    parts = logic.parts if isinstance(logic, And) else (logic,)
    return any(isinstance(part, Ref) and rows[part.n - 1].operator == "in" for part in parts)


def _after(order: Order, cursor: Sequence[Any]) -> Bool:
    """Rows behind the cursor: (keys in the order's directions, then seq)."""
    later: Bool = RECORD.c.seq > bindparam(f"c{len(order)}")
    if not order:
        return later
    options: list[Bool] = []
    equal: list[Bool] = []
    for place, (field, direction) in enumerate(order):
        key = _key(field)
        bound: ColumnElement[Any] = bindparam(f"c{place}")
        behind: Bool
        same: Bool
        if cursor[place] is None:
            behind = key.is_not(None) if direction == "asc" else false()
            same = key.is_(None)
        else:
            behind = key > bound if direction == "asc" else or_(key < bound, key.is_(None))
            same = key == bound
        options.append(and_(*equal, behind))
        equal.append(same)
    options.append(and_(*equal, later))
    behind_all = or_(*options)
    if order[0][1] == "asc" and cursor[0] is not None:
        # Says nothing new, but lets the database begin at this place of the field's index.
        return and_(_key(order[0][0]) >= bindparam("c0"), behind_all)
    return behind_all


def _condition(logic: Logic, rows: tuple[Row, ...]) -> Bool:
    if isinstance(logic, Ref):
        return _row(logic.n, rows[logic.n - 1])
    if isinstance(logic, And):
        return and_(true(), *[_condition(part, rows) for part in logic.parts])
    if isinstance(logic, Or):
        return or_(false(), *[_condition(part, rows) for part in logic.parts])
    return not_(_condition(logic.part, rows))


def _key(field: str) -> ColumnElement[Any]:
    if field in SYSTEM_COLUMNS:
        return RECORD.c[field]  # type: ignore[no-any-return]
    return func.json_extract(RECORD.c["keys"], literal_column(f"'$.{field}'"))


def _row(number: int, row: Row) -> Bool:
    key = _key(row.field)
    value: ColumnElement[Any] = bindparam(f"v{number}")
    filled = key.is_not(None)
    operator = row.operator
    if operator == "is_blank":
        return key.is_(None)
    if operator == "not_blank":
        return filled
    if operator in ("=", "!="):
        if order_key(row.value) is None:  # type: ignore[arg-type]
            return key.is_(None) if operator == "=" else filled
        return and_(filled, key == value) if operator == "=" else or_(key.is_(None), key != value)
    if operator in ("in", "not_in"):
        listed = select(literal_column("value")).select_from(func.json_each(value)).scalar_subquery()
        return and_(filled, key.in_(listed)) if operator == "in" else or_(key.is_(None), key.not_in(listed))
    if operator in ("contains", "not_contains"):
        inside = _inside(number, row, key)
        return and_(filled, inside) if operator == "contains" else or_(key.is_(None), not_(inside))
    if operator == "starts_with":
        return and_(filled, func.substr(key, ONE, bindparam(f"n{number}")) == value)
    if operator == "ends_with":
        return and_(filled, func.substr(key, bindparam(f"n{number}")) == value)
    compare = {"<": key < value, "<=": key <= value, ">": key > value, ">=": key >= value}[operator]
    return and_(filled, compare)


def _inside(number: int, row: Row, key: ColumnElement[Any]) -> Bool:
    if not isinstance(row.value, frozenset):
        return func.instr(key, bindparam(f"v{number}")) > ZERO
    fenced = FENCE.op("||")(key).op("||")(FENCE)
    members: list[ColumnElement[str]] = [bindparam(f"v{number}_{place}") for place in range(len(row.value))]
    return and_(true(), *[func.instr(fenced, member) > ZERO for member in members])


def _row_values(number: int, row: Row) -> dict[str, Any]:
    if row.operator in ("is_blank", "not_blank"):
        return {}
    system = row.field in SYSTEM_COLUMNS
    make = _column_value if system else order_key
    if row.operator in ("in", "not_in"):
        assert isinstance(row.value, tuple)
        return {f"v{number}": orjson.dumps([make(one) for one in row.value]).decode()}
    if isinstance(row.value, frozenset) and row.operator in ("contains", "not_contains"):
        members = sorted(one.casefold() for one in row.value)
        return {f"v{number}_{place}": f"{SEPARATOR}{member}{SEPARATOR}" for place, member in enumerate(members)}
    key = make(row.value)  # type: ignore[arg-type]
    if key is None:
        return {}
    values: dict[str, Any] = {f"v{number}": key}
    if row.operator in ("starts_with", "ends_with"):
        assert isinstance(key, str)
        values[f"n{number}"] = len(key) if row.operator == "starts_with" else -len(key)
    return values


def _column_value(value: Value) -> Any:
    """A value as the system columns hold it."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def refuse_moving(query: Query, fields: Mapping[str, FieldSpec]) -> None:
    """Refused("invalid") when a query looks at a formula whose value changes as time goes by."""
    for name in fields_of(query.criteria, query.order):
        formula = fields[name].formula
        if formula is not None and "days_since" in formula:
            raise Refused(
                "invalid",
                f"{query.object}.{name} counts days until now and can't be filtered or ordered by. "
                f"Compare the date {formula['days_since']} instead.",
            )
