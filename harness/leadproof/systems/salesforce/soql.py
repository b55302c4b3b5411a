"""Criteria as the WHERE of a query (SOQL and SOSL Reference "SOQL SELECT Syntax").

Meaning follows leadterms.criteria: text compares without letter case (so does SOQL), and a blank matches only
`= blank`, `is_blank`, `!=`, `not_in` and `not_contains`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

from leadterms.criteria import And, Criteria, Logic, Not, Ref, Row, bind
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import blank
from leadterms.values import Value, decimal_text

LONGEST = 12_000
"""Encoded characters of a query that one request carries: the vendor takes addresses of 16 KB at most."""
_NAMES = {"id": "Id"}
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def select(object: str, fields: Sequence[str], where: str = "", tail: str = "") -> str:
    """A query's text; parts that are "" are left out."""
    text = f"SELECT {','.join(fields)} FROM {object}"
    return text + (f" WHERE {where}" if where else "") + (f" {tail}" if tail else "")


def wheres(criteria: Criteria | None, specs: Mapping[str, FieldSpec], room: int) -> Iterator[str]:
    """The conditions of the queries that together find what the criteria match: one, or where a single long list
    does not fit into one request of `room` encoded characters, several that share nothing. Raises CriteriaRefused."""
    if criteria is None or not criteria.rows:
        yield ""
        return
    named = _named(criteria)
    known = {row.field: _asked(specs, row.field) for row in named.rows if row.field in specs or row.field == "Id"}
    bound = bind(named, known)
    whole = _logic(bound.logic, bound.rows)
    row = bound.rows[0]
    if len(bound.rows) > 1 or row.operator != "in" or not isinstance(row.value, tuple) or _size(whole) <= room:
        yield whole
        return
    values: list[Value] = []
    for value in row.value:
        if values and _size(_condition(replace(row, value=(*values, value)))) > room:
            yield _condition(replace(row, value=tuple(values)))
            values = []
        values.append(value)
    yield _condition(replace(row, value=tuple(values)))


_ID = FieldSpec("", "Id", "Id", "single_line")
_AS_TEXT = frozenset({"email", "phone", "url", "auto_number"})


def _asked(specs: Mapping[str, FieldSpec], name: str) -> FieldSpec:
    """How a question about a field is read: one may ask for what the field would not take."""
    if name == "Id":
        return _ID
    spec = specs[name]
    type = "single_line" if spec.type in _AS_TEXT else spec.type
    return replace(spec, type=type, length=None, restricted=False, required=False)


def _size(text: str) -> int:
    return len(quote(text, safe=""))


def _named(criteria: Criteria) -> Criteria:
    rows = tuple(replace(row, field=_NAMES.get(row.field, row.field)) for row in criteria.rows)
    return replace(criteria, rows=rows)


def _logic(logic: Logic, rows: Sequence[Row]) -> str:
    if isinstance(logic, Ref):
        return _condition(rows[logic.n - 1])
    if isinstance(logic, Not):
        return f"(NOT {_logic(logic.part, rows)})"
    word = " AND " if isinstance(logic, And) else " OR "
    return "(" + word.join(_logic(part, rows) for part in logic.parts) + ")"


def _condition(row: Row) -> str:
    name, value = row.field, row.value
    if row.operator in ("in", "not_in"):
        values = value if isinstance(value, tuple) else (value,)
        listed = ",".join(literal(one) for one in values if not blank(one))
        if row.operator == "not_in":
            return f"({name} = null OR {name} NOT IN ({listed}))" if listed else f"{name} != null"
        return f"{name} IN ({listed})" if listed else f"{name} = null"
    assert not isinstance(value, tuple)
    return _OPERATORS[row.operator](name, value)


def _compared(sign: str) -> Callable[[str, Value], str]:
    return lambda name, value: f"{name} {sign} {literal(value)}"


def _inside(before: str, after: str) -> Callable[[str, Value], str]:
    def like(name: str, value: Value) -> str:
        if isinstance(value, frozenset):
            return f"{name} INCLUDES ({literal(value)})"
        return f"{name} LIKE '{before}{_wild(str(value))}{after}'"

    return like


def _outside(name: str, value: Value) -> str:
    if isinstance(value, frozenset):
        return f"({name} = null OR {name} EXCLUDES ({literal(value)}))"
    return f"({name} = null OR (NOT {name} LIKE '%{_wild(str(value))}%'))"


_OPERATORS: Mapping[str, Callable[[str, Value], str]] = {
    **{sign: _compared(sign) for sign in ("=", "!=", "<", "<=", ">", ">=")},
    "contains": _inside("%", "%"),
    "starts_with": _inside("", "%"),
    "ends_with": _inside("%", ""),
    "not_contains": _outside,
    "is_blank": lambda name, _: f"{name} = null",
    "not_blank": lambda name, _: f"{name} != null",
}


def _wild(text: str) -> str:
    return text.translate(_ESCAPES).replace("%", "\\%").replace("_", "\\_")


def literal(value: Value) -> str:
    """A value as SOQL writes it."""
    if value is None or value == "":
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | tuple):
        return quoted(";".join(sorted(value)))
    return quoted(str(value))


def quoted(text: str) -> str:
    """A text between quotes, with the vendor's escapes."""
    return f"'{text.translate(_ESCAPES)}'"


def listed(ids: Sequence[str]) -> str:
    """Ids as the list of an IN."""
    return "(" + ",".join(quoted(one) for one in ids) + ")"
