"""Bound criteria as a question to one record's values.

A blank matches only `= blank`, `is_blank`, `!=`, `not_in` and `not_contains`; text is compared casefolded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from leadterms.logic import And, Logic, Or, Ref
from leadterms.typetable import blank
from leadterms.values import Value, order_key

if TYPE_CHECKING:
    from leadterms.criteria import Criteria, Row

Values: TypeAlias = Mapping[str, Value]
Predicate: TypeAlias = Callable[[Values], bool]
"""Whether values (by field id; an absent one is blank) match."""
_Test: TypeAlias = Callable[[Value], bool]


def evaluate(criteria: Criteria, values: Values) -> bool:
    """Whether the values match. The criteria must be bound."""
    return predicate(criteria)(values)


def predicate(criteria: Criteria) -> Predicate:
    """`evaluate` for one criteria, made ready: whoever asks them of many records keeps this."""
    return _joined(criteria.logic, criteria.rows)


def _joined(logic: Logic, rows: tuple[Row, ...]) -> Predicate:
    if isinstance(logic, Ref):
        return _asked(rows[logic.n - 1])
    if isinstance(logic, And):
        parts = [_joined(part, rows) for part in logic.parts]
        return lambda values: all(part(values) for part in parts)
    if isinstance(logic, Or):
        parts = [_joined(part, rows) for part in logic.parts]
        return lambda values: any(part(values) for part in parts)
    inner = _joined(logic.part, rows)
    return lambda values: not inner(values)


def _asked(row: Row) -> Predicate:
    field, test = row.field, _TESTS[row.operator](row.value)
    return lambda values: test(values.get(field))


def _equal(wanted: Any) -> _Test:
    sought = order_key(wanted)
    return lambda value: order_key(value) == sought


def _one_of(wanted: Any) -> _Test:
    sought = {order_key(one) for one in wanted} - {None}
    return lambda value: order_key(value) in sought


def _ordered(compare: Callable[[str, str], bool]) -> Callable[[Any], _Test]:
    def test(wanted: Any) -> _Test:
        bound = order_key(wanted)
        if bound is None:
            return lambda value: False
        return lambda value: (key := order_key(value)) is not None and compare(key, bound)

    return test


def _contains(wanted: Any) -> _Test:
    part = order_key(wanted)

    def test(value: Value) -> bool:
        if isinstance(value, frozenset | tuple):
            sought = wanted if isinstance(wanted, frozenset | tuple) else (wanted,)
            held = {one.casefold() for one in value}
            return all(one.casefold() in held for one in sought)
        key = order_key(value)
        return key is not None and part is not None and part in key

    return test


def _inverse(test: Callable[[Any], _Test]) -> Callable[[Any], _Test]:
    def inverse(wanted: Any) -> _Test:
        right = test(wanted)
        return lambda value: not right(value)

    return inverse


_TESTS: dict[str, Callable[[Any], _Test]] = {
    "=": _equal,
    "!=": _inverse(_equal),
    "<": _ordered(lambda key, bound: key < bound),
    "<=": _ordered(lambda key, bound: key <= bound),
    ">": _ordered(lambda key, bound: key > bound),
    ">=": _ordered(lambda key, bound: key >= bound),
    "in": _one_of,
    "not_in": _inverse(_one_of),
    "contains": _contains,
    "not_contains": _inverse(_contains),
    "starts_with": _ordered(lambda key, part: key.startswith(part)),
    "ends_with": _ordered(lambda key, part: key.endswith(part)),
    "is_blank": lambda _: blank,
    "not_blank": lambda _: lambda value: not blank(value),
}
