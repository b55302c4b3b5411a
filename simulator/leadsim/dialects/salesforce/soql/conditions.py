"""A WHERE or HAVING as a test of rows, and what of it the engine can look for by its own criteria.

Text compares whatever its letter case, blanks equal null and nothing else; `NOT` and `!=` find blanks too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TypeVar

from leadsim.dialects.salesforce.catalog import SObject
from leadsim.dialects.salesforce.soql.failures import at_place
from leadsim.dialects.salesforce.soql.literals import ORDERED, Reader, Span, Wanted
from leadsim.dialects.salesforce.soql.operands import FieldPath, Operand, sort_key
from leadsim.dialects.salesforce.soql.plans import Both, Negated, Plan, Test, Where
from leadsim.dialects.salesforce.view import View
from leadterms.criteria import Criteria, Row
from leadterms.logic import every_row
from leadterms.values import Value, order_key

T = TypeVar("T")
Ids = Callable[[Plan], frozenset[str]]
IDS = frozenset({"id", "reference"})
"""Types whose letters' case tells one value from another: two ids may differ in nothing else."""
LIKES = frozenset({"string", "textarea", "picklist", "phone", "email", "url"})


class Binder:
    """Binds the conditions of one query. `ids` runs the query of a semi-join."""

    def __init__(self, text: str, reader: Reader, ids: Ids) -> None:
        self._text = text
        self._reader = reader
        self._ids = ids

    def bind(self, where: Where, value_of: Callable[[Operand, T], Value]) -> Callable[[T], bool]:
        """The test of a row or of a group. Raises QueryRefused for a value or operator that doesn't fit."""
        if isinstance(where, Negated):
            inner = self.bind(where.part, value_of)
            return lambda row: not inner(row)
        if isinstance(where, Both):
            parts = [self.bind(part, value_of) for part in where.parts]
            if where.word == "AND":
                return lambda row: all(part(row) for part in parts)
            return lambda row: any(part(row) for part in parts)
        operand = where.operand
        test = self.test(where)
        return lambda row: test(value_of(operand, row))

    def test(self, test: Test) -> Callable[[Value], bool]:
        """Whether a value fits one condition."""
        operator = test.operator
        if test.inner is not None:
            ids = self._ids(test.inner)
            return (lambda value: value in ids) if operator == "IN" else (lambda value: value not in ids)
        self._check_operator(test)
        wanted = [self._reader.read(literal, test) for literal in test.values]
        if operator in ("IN", "NOT IN"):
            tests = [_equals(one, test.operand.type) for one in wanted]
            if operator == "IN":
                return lambda value: any(one(value) for one in tests)
            return lambda value: not any(one(value) for one in tests)
        if operator in ("INCLUDES", "EXCLUDES"):
            return _includes(wanted, operator == "INCLUDES")
        if operator == "LIKE":
            return _like(str(wanted[0]))
        if operator == "=":
            return _equals(wanted[0], test.operand.type)
        if operator == "!=":
            equals = _equals(wanted[0], test.operand.type)
            return lambda value: not equals(value)
        return _ordered(operator, wanted[0], test.operand.type)

    def _check_operator(self, test: Test) -> None:
        type, operator = test.operand.type, test.operator
        includes = operator in ("INCLUDES", "EXCLUDES")
        fits = (
            (type == "multipicklist") if includes
            else type in LIKES or type in ("id", "reference") if operator == "LIKE"
            else type not in ("boolean", "multipicklist") if operator in ORDERED
            else True
        )  # fmt: skip
        if not fits:
            raise at_place(
                "INVALID_QUERY_FILTER_OPERATOR", self._text, test.at, f"invalid operator on {_called(type)} field"
            )

    # --- what the engine can look for ----------------------------------------------------------------------------

    def criteria(self, where: Where | None, object: SObject, view: View) -> Criteria | None:
        """Criteria that every matching record fulfils; more records may fulfil them. None: all records."""
        rows: list[Row] = []
        for test in _together(where):
            row = self._row(test, object, view)
            rows += row
        return Criteria(tuple(rows), every_row(len(rows))) if rows else None

    def _row(self, test: Test, object: SObject, view: View) -> list[Row]:
        operand = test.operand
        if test.inner is not None or not isinstance(operand, FieldPath) or operand.hops:
            return []
        if object.engine is None:
            return self._made_row(test, operand)
        field = operand.field
        if field.source not in ("stored", "column") or field.type in ("multipicklist", "boolean"):
            return []
        if field.key in ("created_by", "modified_by", "merged_into") or (field.calculated and field.source == "stored"):
            return []
        if object.engine in ("User", "Queue") and field.key == "id":
            return []
        wanted = [self._reader.read(literal, test) for literal in test.values]
        return _rows(field.key, test.operator, wanted, field.type, "User" in field.refers_to, view)

    def _made_row(self, test: Test, operand: FieldPath) -> list[Row]:
        """The parents whose histories are asked for."""
        if operand.type != "reference" or test.operator not in ("=", "IN"):
            return []
        wanted = tuple(self._reader.read(literal, test) for literal in test.values)
        return [Row(operand.field.name, "in", wanted)]  # type: ignore[arg-type]


def _together(where: Where | None) -> Sequence[Test]:
    """The conditions that must all hold."""
    if isinstance(where, Test):
        return (where,)
    if isinstance(where, Both) and where.word == "AND":
        return [test for part in where.parts for test in _together(part)]
    return ()


_ENGINE: Mapping[str, str] = {"=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
LONGEST_SOUGHT = 200


def _rows(key: str, operator: str, wanted: list[Wanted], type: str, user: bool, view: View) -> list[Row]:
    first = wanted[0] if wanted else None
    if operator in ("=", "!=") and (first is None or first == ""):
        return [Row(key, "is_blank" if operator == "=" else "not_blank")]
    if any(isinstance(one, Span) for one in wanted):
        return _span_rows(key, operator, wanted)
    values = [_engine_value(one, type, user, view) for one in wanted]
    if any(one is None for one in values):
        return []
    if operator == "IN":
        return [Row(key, "in", tuple(values))]
    if operator == "LIKE":
        start = _literal_start(str(first))
        return [Row(key, "starts_with", start)] if start and _plain(start) else []
    if operator in ORDERED and (user or type in ("id", "reference")):
        return []
    return [Row(key, operator, values[0])] if operator in _ENGINE else []


def _span_rows(key: str, operator: str, wanted: list[Wanted]) -> list[Row]:
    if len(wanted) != 1 or not isinstance(wanted[0], Span):
        return []
    span = wanted[0]
    if operator == "=":
        return [Row(key, ">=", span.first), Row(key, "<", span.last)]
    compare = {"<": ("<", span.first), "<=": ("<", span.last), ">": (">=", span.last), ">=": (">=", span.first)}
    return [Row(key, *compare[operator])] if operator in compare else []


def _engine_value(value: Wanted, type: str, user: bool, view: View) -> Value:
    """A value as the engine's criteria take it; None where they can't look for it."""
    if user:
        return view.engine_user(str(value)) or "\N{REPLACEMENT CHARACTER}"
    if isinstance(value, str):
        return value if _plain(value) else None
    if isinstance(value, Decimal):
        # A field of the engine refuses more decimals than it has, and more digits; then all rows are looked through.
        return value if value == value.to_integral_value() and abs(value) < 10**17 else None
    return value if isinstance(value, date | datetime) else None


def _plain(text: str) -> bool:
    return 0 < len(text) <= LONGEST_SOUGHT and text.isprintable() and text.strip() == text


def _literal_start(pattern: str) -> str:
    """The letters of a LIKE before its first wildcard."""
    return re.split(r"[%_\\]", pattern, maxsplit=1)[0]


# --- single tests -----------------------------------------------------------------------------------------------


def _key(value: Value) -> str | None:
    return order_key(value)


def _equals(wanted: Wanted, type: str) -> Callable[[Value], bool]:
    if type in IDS and isinstance(wanted, str) and wanted:
        return lambda value: value == wanted
    if isinstance(wanted, Span):
        first, last = sort_key(wanted.first), sort_key(wanted.last)
        return lambda value: value is not None and first <= sort_key(_comparable(value)) < last
    if wanted is None:
        return lambda value: _key(value) is None
    sought = _key(wanted)
    if sought is None:
        return lambda value: _key(value) is None
    exact = wanted if isinstance(wanted, bool) else None
    if exact is not None:
        return lambda value: (value is True) == exact
    return lambda value: _key(_comparable(value)) == sought


def _comparable(value: Value) -> Value:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _ordered(operator: str, wanted: Wanted, type: str) -> Callable[[Value], bool]:
    key_of: Callable[[Value], str | None] = _id_key if type in IDS else _key
    if type in IDS:
        bound = str(wanted)
    elif isinstance(wanted, Span):
        bound = sort_key(wanted.first if operator in ("<", ">=") else wanted.last)
        operator = {"<": "<", "<=": "<", ">": ">=", ">=": ">="}[operator]
    else:
        bound = sort_key(wanted)
    compare: dict[str, Callable[[str], bool]] = {
        "<": lambda key: key < bound,
        "<=": lambda key: key <= bound,
        ">": lambda key: key > bound,
        ">=": lambda key: key >= bound,
    }
    fits = compare[operator]
    return lambda value: (key := key_of(value)) is not None and fits(key)


def _id_key(value: Value) -> str | None:
    return str(value) if value else None


def _like(pattern: str) -> Callable[[Value], bool]:
    expression = []
    place = 0
    while place < len(pattern):
        letter = pattern[place]
        if letter == "\\" and place + 1 < len(pattern) and pattern[place + 1] in "%_":
            expression.append(re.escape(pattern[place + 1]))
            place += 2
            continue
        expression.append(".*" if letter == "%" else "." if letter == "_" else re.escape(letter.casefold()))
        place += 1
    # Runs of wildcards mean one: without this a hostile pattern takes for ever.
    matcher = re.compile(re.sub(r"(?:\.\*)+", ".*", "".join(expression)) + r"\Z", re.DOTALL)
    return lambda value: value is not None and matcher.match(str(value).casefold()) is not None


def _includes(wanted: list[Wanted], wants: bool) -> Callable[[Value], bool]:
    sets = [frozenset(one.casefold() for one in each) for each in wanted if isinstance(each, frozenset)]

    def test(value: Value) -> bool:
        held = frozenset(one.casefold() for one in value) if isinstance(value, frozenset) else frozenset()
        return any(each and each <= held for each in sets) == wants

    return test


def _called(type: str) -> str:
    return {"id": "id", "reference": "id", "multipicklist": "multipicklist"}.get(type, type)
