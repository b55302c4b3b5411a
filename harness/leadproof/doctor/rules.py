"""C3: assignment rules that no lead can match, that are shadowed, or that assign to nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from leadproof.findings import At, Evidence, Finding, find
from leadproof.systems.ports import AssignmentRule, Capability, Crm, User
from leadterms.criteria import And, Criteria, Logic, Not, Or, Ref, Row, bind
from leadterms.fields import FieldSpec
from leadterms.refusals import CriteriaRefused
from leadterms.values import Value

SIMPLE_ENOUGH = 6
"""Conditions of a rule above which nobody sees at a glance whom it takes."""
MOST_WAYS = 256
"""Ways to satisfy a rule that are looked at; a rule with more is only called complicated."""
_OPPOSITES = {
    "=": "!=",
    "!=": "=",
    "<": ">=",
    ">=": "<",
    ">": "<=",
    "<=": ">",
    "in": "not_in",
    "not_in": "in",
    "contains": "not_contains",
    "not_contains": "contains",
    "is_blank": "not_blank",
    "not_blank": "is_blank",
}
Way = tuple[Row, ...]


def look_at_rules(crm: Crm, object: str) -> list[Finding]:
    """The findings about the CRM's assignment rules, in the rules' order."""
    if Capability.ASSIGNMENT_RULES not in crm.can:
        return []
    specs = crm.describe()[object].fields
    users = crm.users()
    rules = [rule for rule in crm.assignment_rules() if rule.active]
    found: list[Finding] = []
    for number, rule in enumerate(rules):
        at = At("crm", crm.name, object, rule.name)
        found += _impossible(rule, specs, at)
        found += _shadowed(rule, rules[:number], at)
        found += _assignees(rule, users, at)
        if len(rule.criteria.rows) > SIMPLE_ENOUGH:
            cause = f"Rule {rule.name} has {len(rule.criteria.rows)} conditions."
            found.append(find("ASG205", cause, places=[at]))
    if crm.default_owner() is None and not (rules and not rules[-1].criteria.rows):
        cause = f"{crm.name} has no default owner, and no last rule takes every lead."
        found.append(find("ASG207", cause, places=[At("crm", crm.name)]))
    return found


def _impossible(rule: AssignmentRule, specs: Mapping[str, FieldSpec], at: At) -> list[Finding]:
    try:
        criteria = bind(rule.criteria, specs)
    except CriteriaRefused as refused:
        return [find("ASG201", f"Rule {rule.name} can match no lead: {refused.text}", places=[at])]
    ways = ways_to_satisfy(criteria)
    if ways is None or not criteria.rows:
        return []
    clashes = [clash(way) for way in ways]
    if all(clashes):
        cause = (
            f"Rule {rule.name} can match no lead: {clashes[0]}." if clashes else f"Rule {rule.name} matches nothing."
        )
        return [find("ASG201", cause, places=[at], evidence=[Evidence(_written(row)) for row in criteria.rows])]
    return []


def _shadowed(rule: AssignmentRule, earlier: Sequence[AssignmentRule], at: At) -> list[Finding]:
    for one in earlier:
        if not one.criteria.rows or one.criteria == rule.criteria:
            cause = f"Rule {one.name} comes before rule {rule.name} and takes all its leads."
            return [find("ASG202", cause, places=[at])]
    return []


def _assignees(rule: AssignmentRule, users: Sequence[User], at: At) -> list[Finding]:
    known = {name: one for one in users for name in (one.id, one.user_name)}
    found = []
    for name in rule.assign.to:
        user = known.get(name)
        if user is None:
            found.append(find("ASG206", f"Rule {rule.name} assigns to {name}, who does not exist.", places=[at]))
        elif not user.active and not user.queue:
            found.append(find("ASG206", f"Rule {rule.name} assigns to {name}, who is inactive.", places=[at]))
    return found


def _written(row: Row) -> str:
    return f"{row.field} {row.operator} {row.value}"


# --- can it be satisfied? --------------------------------------------------------------------------------------


def ways_to_satisfy(criteria: Criteria) -> list[Way] | None:
    """The rule's conditions in disjunctive form: each way is a set of rows that must all hold; None = too many."""
    ways = _ways(criteria.logic, criteria.rows, True)
    return ways if ways is not None and len(ways) <= MOST_WAYS else None


def _ways(logic: Logic, rows: Sequence[Row], wanted: bool) -> list[Way] | None:
    if isinstance(logic, Ref):
        row = rows[logic.n - 1]
        if wanted:
            return [(row,)]
        opposite = _OPPOSITES.get(row.operator)
        return [(Row(row.field, opposite, row.value),)] if opposite else [()]
    if isinstance(logic, Not):
        return _ways(logic.part, rows, not wanted)
    parts = [_ways(part, rows, wanted) for part in logic.parts]
    together = isinstance(logic, And) == wanted
    assert isinstance(logic, And | Or)
    ways: list[Way] = [()] if together else []
    for part in parts:
        if part is None:
            return None
        ways = [one + other for one in ways for other in part] if together else ways + part
        if len(ways) > MOST_WAYS:
            return None
    return ways


def clash(way: Way) -> str:
    """Why the rows of one way cannot all hold for one lead; "" when they can, as far as is looked."""
    by_field: dict[str, list[Row]] = {}
    for row in way:
        by_field.setdefault(row.field, []).append(row)
    for rows in by_field.values():
        if len(rows) > 1 and _contradicts(rows):
            return " and ".join(_written(row) for row in rows)
    return ""


def _contradicts(rows: Sequence[Row]) -> bool:
    allowed: set[object] | None = None
    for row in rows:
        if row.operator in ("=", "in"):
            values = row.value if row.operator == "in" and isinstance(row.value, tuple) else (row.value,)
            folded = {_fold(one) for one in values}
            allowed = folded if allowed is None else allowed & folded
    operators = {row.operator for row in rows}
    if "is_blank" in operators and operators & {"not_blank", "in", "<", "<=", ">", ">=", "contains"}:
        return True
    if allowed is not None:
        return not any(all(_may_be(one, row) for row in rows) for one in allowed)
    return _empty_range(rows)


def _fold(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _may_be(value: object, row: Row) -> bool:
    """Whether this value satisfies the row; text is compared casefolded."""
    other = _fold(row.value)
    if value is None or value == "":
        return row.operator in ("=", "in", "is_blank", "!=", "not_in", "not_contains")
    if row.operator in _ORDERING:
        try:
            return _ORDERING[row.operator](value, other)
        except TypeError:
            return True
    tests: dict[str, bool] = {
        "!=": value != other,
        "not_in": isinstance(row.value, tuple) and value not in {_fold(one) for one in row.value},
        "is_blank": False,
        "contains": isinstance(value, str) and isinstance(other, str) and other in value,
        "not_contains": not (isinstance(value, str) and isinstance(other, str) and other in value),
        "starts_with": isinstance(value, str) and isinstance(other, str) and value.startswith(other),
        "ends_with": isinstance(value, str) and isinstance(other, str) and value.endswith(other),
    }
    return tests.get(row.operator, True)


_ORDERING: dict[str, Callable[[object, object], bool]] = {
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}


def _empty_range(rows: Sequence[Row]) -> bool:
    """Whether the numbers' or dates' lower bounds lie above the upper ones."""
    lower = [(row.value, row.operator == ">") for row in rows if row.operator in (">", ">=")]
    upper = [(row.value, row.operator == "<") for row in rows if row.operator in ("<", "<=")]
    return any(_above(low, high, strict or also) for low, strict in lower for high, also in upper)


def _above(low: Value | tuple[Value, ...], high: Value | tuple[Value, ...], strict: bool) -> bool:
    if isinstance(low, Decimal | int) and isinstance(high, Decimal | int):
        return low > high or (strict and low == high)
    if type(low) is type(high) and low is not None and not isinstance(low, frozenset | tuple):
        return bool(low > high) or (strict and low == high)  # type: ignore[operator]
    return False
