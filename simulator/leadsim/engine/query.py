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

from leadsim.engine.refusals import Refused
from leadsim.engine.schema import SYSTEM_COLUMNS
from leadsim.engine.statements import COLUMNS
from leadterms.criteria import And, Criteria, Logic, Or, Ref, Row
from leadterms.fields import FieldSpec
from leadterms.values import Value, order_key

Direction = Literal["asc", "desc"]
Order = tuple[tuple[str, Direction], ...]
SEPARATOR = "\x1f"
SELECT = f"SELECT {', '.join(f'record.{column}' for column in COLUMNS)} FROM record"
ALWAYS, NEVER = "1 = 1", "1 = 0"


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
# The text depends on the query's shape alone: all orgs share the texts.
_written: dict[Any, str] = {}


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
    statement = _written.get(shape)
    if statement is None:
        if len(_written) >= _MOST_STATEMENTS:
            _written.clear()
        statement = _written[shape] = _write(query)
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


def _write(query: Query) -> str:
    # The object is a literal, because the indexes are partial: one for each object and field.
    conditions = [f"record.object = '{query.object}'"]
    if not query.deleted:
        conditions.append("record.deleted = 0")
    if query.created_until is not None:
        conditions.append("record.created_at <= :until")
    if query.criteria is not None and query.criteria.rows:
        conditions.append(_condition(query.criteria.logic, query.criteria.rows))
    if query.after is not None:
        conditions.append(_after(query.order, query.after))
    ordering = [
        f"{_key(field)} {'DESC NULLS LAST' if direction == 'desc' else 'ASC NULLS FIRST'}"
        for field, direction in query.order
    ]
    # The sign keeps SQLite from walking all records in order where a list of keys finds the few at once.
    ordering.append("+record.seq" if _asks_for_a_list(query) else "record.seq")
    return f"{SELECT} WHERE {' AND '.join(conditions)} ORDER BY {', '.join(ordering)} LIMIT :count"


def _asks_for_a_list(query: Query) -> bool:
    """Whether an `in` must hold, whatever else is asked."""
    if query.criteria is None:
        return False
    logic, rows = query.criteria.logic, query.criteria.rows
    parts = logic.parts if isinstance(logic, And) else (logic,)
    return any(isinstance(part, Ref) and rows[part.n - 1].operator == "in" for part in parts)


def _after(order: Order, cursor: Sequence[Any]) -> str:
    """Rows behind the cursor: (keys in the order's directions, then seq)."""
    later = f"record.seq > :c{len(order)}"
    if not order:
        return later
    options: list[str] = []
    equal: list[str] = []
    for place, (field, direction) in enumerate(order):
        key, bound = _key(field), f":c{place}"
        if cursor[place] is None:
            behind = f"{key} IS NOT NULL" if direction == "asc" else NEVER
            same = f"{key} IS NULL"
        else:
            behind = f"{key} > {bound}" if direction == "asc" else f"({key} < {bound} OR {key} IS NULL)"
            same = f"{key} = {bound}"
        options.append(_all([*equal, behind]))
        equal.append(same)
    options.append(_all([*equal, later]))
    if order[0][1] == "asc" and cursor[0] is not None:
        # Says nothing new, but lets the database begin at this place of the field's index.
        return f"{_key(order[0][0])} >= :c0 AND {_any(options)}"
    return _any(options)


def _all(conditions: Sequence[str]) -> str:
    return f"({' AND '.join(conditions)})" if len(conditions) != 1 else conditions[0]


def _any(conditions: Sequence[str]) -> str:
    return f"({' OR '.join(conditions)})" if len(conditions) != 1 else conditions[0]


def _condition(logic: Logic, rows: tuple[Row, ...]) -> str:
    if isinstance(logic, Ref):
        return _row(logic.n, rows[logic.n - 1])
    if isinstance(logic, And):
        return _all([_condition(part, rows) for part in logic.parts] or [ALWAYS])
    if isinstance(logic, Or):
        return _any([_condition(part, rows) for part in logic.parts] or [NEVER])
    return f"NOT ({_condition(logic.part, rows)})"


def _key(field: str) -> str:
    return f"record.{field}" if field in SYSTEM_COLUMNS else f"json_extract(record.keys, '$.{field}')"


def _row(number: int, row: Row) -> str:
    key, value, operator = _key(row.field), f":v{number}", row.operator
    absent, filled = f"{key} IS NULL", f"{key} IS NOT NULL"
    if operator == "is_blank":
        return absent
    if operator == "not_blank":
        return filled
    if operator in ("=", "!=") and order_key(row.value) is None:  # type: ignore[arg-type]
        return absent if operator == "=" else filled
    if operator == "!=":
        return f"({absent} OR {key} != {value})"
    if operator in ("in", "not_in"):
        listed = f"(SELECT value FROM json_each({value}))"
        return f"({filled} AND {key} IN {listed})" if operator == "in" else f"({absent} OR {key} NOT IN {listed})"
    if operator == "contains":
        return f"({filled} AND {_inside(number, row, key)})"
    if operator == "not_contains":
        return f"({absent} OR NOT {_inside(number, row, key)})"
    if operator == "starts_with":
        return f"({filled} AND substr({key}, 1, :n{number}) = {value})"
    if operator == "ends_with":
        return f"({filled} AND substr({key}, :n{number}) = {value})"
    return f"({filled} AND {key} {operator} {value})"


def _inside(number: int, row: Row, key: str) -> str:
    if not isinstance(row.value, frozenset):
        return f"(instr({key}, :v{number}) > 0)"
    fenced = f"char(31) || {key} || char(31)"
    return _all([f"(instr({fenced}, :v{number}_{place}) > 0)" for place in range(len(row.value))] or [ALWAYS])


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
