"""The one condition language: rows of (field, operator, value) joined by logic such as "1 AND (2 OR 3)".

Parsed once, bound to an object's fields (values become typed), then evaluated (evaluation.py); the engine makes SQL of
the same bound form. NOT binds tighter than AND, AND tighter than OR. Comparison of text is casefolded. A blank
matches only `= blank`, `is_blank`, `!=`, `not_in` and `not_contains`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from leadterms.evaluation import evaluate
from leadterms.fields import FieldSpec
from leadterms.logic import ALWAYS, And, Logic, Not, Or, Ref, every_row, parse_logic
from leadterms.refusals import CriteriaRefused, ValueRefused
from leadterms.typetable import FIELD_TYPES, blank, parse
from leadterms.values import Value

__all__ = [
    "OPERATORS",
    "And",
    "Criteria",
    "Logic",
    "Not",
    "Or",
    "Ref",
    "Row",
    "bind",
    "evaluate",
    "parse_criteria",
]

OPERATORS = (
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "is_blank",
    "not_blank",
)
_WITHOUT_VALUE = frozenset({"is_blank", "not_blank"})
_LISTS = frozenset({"in", "not_in"})
_ORDERED = frozenset({"<", "<=", ">", ">="})
_INSIDE = frozenset({"contains", "not_contains", "starts_with", "ends_with"})

BAD_ROW = "CFG820"
BAD_OPERATOR = "CFG821"
UNKNOWN_FIELD = "CFG823"
BAD_VALUE = "CFG824"


@dataclass(frozen=True, slots=True)
class Row:
    """One condition. `value` is as written until `bind` has read it by the field's type; a tuple for in,
    not_in."""

    field: str
    operator: str
    value: Value | tuple[Value, ...] = None


@dataclass(frozen=True, slots=True)
class Criteria:
    """Rows and how they are joined. No rows: everything matches."""

    rows: tuple[Row, ...] = ()
    logic: Logic = ALWAYS

    def to_json(self) -> dict[str, Any]:
        """The written form: `{"rows": [[field, operator, value], ...], "logic": "1 AND (2 OR 3)"}`."""
        from leadterms.values import plain

        rows: list[list[Any]] = []
        for row in self.rows:
            if row.operator in _WITHOUT_VALUE:
                rows.append([row.field, row.operator])
            elif isinstance(row.value, tuple):
                rows.append([row.field, row.operator, [plain(one) for one in row.value]])
            else:
                rows.append([row.field, row.operator, plain(row.value)])
        return {"rows": rows, "logic": str(self.logic)} if rows else {"rows": []}


def parse_criteria(raw: Mapping[str, Any]) -> Criteria:
    """Read `{"rows": [...], "logic": "..."}`; without logic all rows must hold. Raises CriteriaRefused
    (CFG820 row, CFG821 operator, CFG822 logic)."""
    if not isinstance(raw, Mapping):
        raise CriteriaRefused(BAD_ROW, f"Criteria are a mapping with `rows` and `logic`, not {raw!r}.")
    unknown = [key for key in raw if key not in ("rows", "logic")]
    if unknown:
        raise CriteriaRefused(BAD_ROW, f"Criteria have no key {unknown[0]!r}.", "Their keys: rows, logic.")
    written = raw.get("rows") or []
    if not isinstance(written, Sequence) or isinstance(written, str):
        raise CriteriaRefused(BAD_ROW, f"`rows` is a list of [field, operator, value], not {written!r}.")
    rows = tuple(_parse_row(number, row) for number, row in enumerate(written, 1))
    logic = raw.get("logic")
    if logic is None or (isinstance(logic, str) and not logic.strip()):
        return Criteria(rows, every_row(len(rows)))
    return Criteria(rows, parse_logic(str(logic), len(rows)))


def bind(criteria: Criteria, fields: Mapping[str, FieldSpec]) -> Criteria:
    """The same criteria with every value read by its field's type. Raises CriteriaRefused: CFG821 the
    operator does not suit the type, CFG823 unknown field, CFG824 a value that the field cannot hold."""
    return replace(criteria, rows=tuple(_bind_row(number, row, fields) for number, row in enumerate(criteria.rows, 1)))


# --- reading ------------------------------------------------------------------------------------------------


def _parse_row(number: int, written: object) -> Row:
    if isinstance(written, Row):
        return written
    if not isinstance(written, Sequence) or isinstance(written, str) or not 2 <= len(written) <= 3:
        raise CriteriaRefused(
            BAD_ROW,
            f"Row {number} is {written!r}.",
            "A row is [field, operator, value], such as [score, '>=', 100].",
        )
    field, operator, *rest = written
    if not isinstance(field, str) or not field.strip():
        raise CriteriaRefused(BAD_ROW, f"Row {number} names no field: {written!r}.", "The field's id comes first.")
    if operator not in OPERATORS:
        raise CriteriaRefused(
            BAD_OPERATOR,
            f"Row {number} has the unknown operator {operator!r}.",
            f"Operators: {' '.join(OPERATORS)}.",
        )
    if operator in _WITHOUT_VALUE:
        if rest and not _empty(rest[0]):
            raise CriteriaRefused(BAD_ROW, f"Row {number}: {operator} takes no value, but has {rest[0]!r}.")
        return Row(field, operator)
    if not rest:
        raise CriteriaRefused(BAD_ROW, f"Row {number}: {operator} needs a value.", f"[{field}, '{operator}', value]")
    value = rest[0]
    many = isinstance(value, list | tuple | set | frozenset)
    if operator in _LISTS:
        if not many or not value:
            raise CriteriaRefused(
                BAD_ROW, f"Row {number}: {operator} needs a list with at least one value, not {value!r}."
            )
        return Row(field, operator, tuple(value))
    # "=" and "!=" compare a whole multi_select, whose value is a list.
    if many:
        return Row(field, operator, tuple(sorted(str(one) for one in value)))
    if isinstance(value, Mapping):
        raise CriteriaRefused(BAD_ROW, f"Row {number}: a value is text or a list, not {value!r}.")
    return Row(field, operator, value)


def _empty(raw: object) -> bool:
    return raw is None or raw == ""


def _bind_row(number: int, row: Row, fields: Mapping[str, FieldSpec]) -> Row:
    spec = fields.get(row.field)
    if spec is None:
        raise CriteriaRefused(
            UNKNOWN_FIELD,
            f"Row {number} names the field {row.field!r}, which does not exist here.",
            _near(row, fields),
        )
    if row.operator in _WITHOUT_VALUE:
        return row
    _check_operator(number, row, spec)
    spec = _searched(spec)
    if row.operator in _LISTS and isinstance(row.value, tuple):
        bound = tuple(_read(number, row, spec, one) for one in row.value)
        if any(blank(one) for one in bound):
            raise CriteriaRefused(
                BAD_VALUE,
                f"Row {number}: a list of {row.operator} has a blank.",
                "Say is_blank in a row of its own.",
            )
        return replace(row, value=bound)
    value = _read(number, row, spec, row.value)
    if blank(value) and row.operator not in ("=", "!="):
        raise CriteriaRefused(
            BAD_VALUE,
            f"Row {number}: {row.field} {row.operator} needs a value.",
            "Use is_blank or not_blank.",
        )
    return replace(row, value=value)


def _near(row: Row, fields: Mapping[str, FieldSpec]) -> str:
    from rapidfuzz.process import extractOne

    for field, spec in fields.items():
        if spec.label == row.field:
            return f"{row.field!r} is a label; the id is {field!r}."
    found = extractOne(row.field, list(fields), score_cutoff=60)
    return f"Did you mean {found[0]!r}?" if found else ""


def _check_operator(number: int, row: Row, spec: FieldSpec) -> None:
    kind = FIELD_TYPES[spec.type].kind
    inside_set = row.operator in ("contains", "not_contains") and kind == "set"
    if (row.operator in _ORDERED and kind in ("checkbox", "set")) or (
        row.operator in _INSIDE and kind != "text" and not inside_set
    ):
        raise CriteriaRefused(
            BAD_OPERATOR,
            f"Row {number}: {row.operator} does not suit {spec.object}.{spec.id}, which is a {spec.type}.",
            "Use =, !=, in, not_in, is_blank or not_blank"
            + (", or an order (<, >=)." if row.operator in _INSIDE else "."),
        )


def _read(number: int, row: Row, spec: FieldSpec, raw: object) -> Value:
    try:
        return parse(spec, raw)
    except ValueRefused as refused:
        raise CriteriaRefused(BAD_VALUE, f"Row {number}: {refused.text}", refused.fix) from refused


def _searched(spec: FieldSpec) -> FieldSpec:
    """The field as its values are searched for. Text fields take any text: a part of an address is no address, and a
    choice that was removed can still be searched for."""
    if FIELD_TYPES[spec.type].kind == "text" and spec.type != "formula":
        return replace(spec, type="multi_line", length=None)
    return replace(spec, restricted=False) if FIELD_TYPES[spec.type].kind == "set" else spec
