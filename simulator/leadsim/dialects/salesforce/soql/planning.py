"""From a query's tree to a plan that names only what the org has; every other name is refused as the vendor does."""

from __future__ import annotations

from dataclasses import replace

from leadsim.dialects.salesforce.catalog import Catalog, SObject
from leadsim.dialects.salesforce.soql import tree
from leadsim.dialects.salesforce.soql.failures import QueryRefused, unexpected
from leadsim.dialects.salesforce.soql.naming import LOOK_IT_UP, Names, Scope, written
from leadsim.dialects.salesforce.soql.operands import (
    AGGREGATE_NAMES,
    Aggregate,
    DatePart,
    FieldPath,
    Operand,
    RowOperand,
)
from leadsim.dialects.salesforce.soql.plans import Both, Column, Negated, Order, Plan, SubQuery, Test, Where

MOST_OFFSET = 2000
MOST_FIELDS_ROWS = 200


def plan(select: tree.Select, catalog: Catalog) -> Plan:
    """The plan of a whole query. Raises QueryRefused."""
    return _Planner(select.text, catalog).top(select)


class _Planner:
    def __init__(self, text: str, catalog: Catalog) -> None:
        self._text = text
        self._catalog = catalog
        self._names = Names(text, catalog)

    # --- queries -------------------------------------------------------------------------------------------------

    def top(self, select: tree.Select) -> Plan:
        name = select.source
        object = self._catalog.get(name.names[0]) if len(name.names) == 1 else None
        if object is None:
            raise self._names.refused(
                "INVALID_TYPE", name.at, f"sObject type '{name}' is not supported. If you are attempting to "
                f"use a custom "
                f"object, be sure to append the '__c' after the entity name. {LOOK_IT_UP}",
            )  # fmt: skip
        return self._query(select, object, children=True)

    def _query(self, select: tree.Select, object: SObject, *, children: bool, joins: bool = True) -> Plan:
        scope = Scope(object, select.alias.lower() if select.alias else None)
        self._check_bounds(select)
        group = tuple(self._group_operand(one, scope) for one in select.group)
        counted = self._is_count(select)
        grouped = bool(group) or any(
            isinstance(one.what, tree.Call) and one.what.name in AGGREGATE_NAMES for one in select.items
        )
        grouped = grouped and not counted
        columns = () if counted else self._columns(select, scope, group, grouped, children)
        where = None if select.where is None else self._where(select.where, scope, joins=joins)
        having = None
        if select.having is not None:
            having = self._where(select.having, scope, joins=False, group=group)
        order = tuple(self._order(one, scope, group if grouped else None) for one in select.order)
        return Plan(
            self._text, object, columns, where, group, having, order, select.limit, select.offset or 0, select.all_rows,
            grouped, counted,
        )  # fmt: skip

    def _check_bounds(self, select: tree.Select) -> None:
        if select.offset is not None and select.offset > MOST_OFFSET:
            raise QueryRefused("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MOST_OFFSET}")

    def _is_count(self, select: tree.Select) -> bool:
        """Whether it is SELECT COUNT(), which must stand alone."""
        calls = [one for one in select.items if isinstance(one.what, tree.Call) and one.what.name == "COUNT"]
        bare = [one for one in calls if isinstance(one.what, tree.Call) and not one.what.args]
        if not bare:
            return False
        if len(select.items) > 1:
            comma = self._text.find(",", select.items[0].at)
            raise unexpected(self._text, max(comma, 0), ",")
        if bare[0].alias is not None or select.group or select.order:
            raise self._names.refused("MALFORMED_QUERY", bare[0].at, "COUNT() must be the only thing that is selected")
        return True

    # --- what is selected ----------------------------------------------------------------------------------------

    def _columns(
        self, select: tree.Select, scope: Scope, group: tuple[RowOperand, ...], grouped: bool, children: bool
    ) -> tuple[Column | SubQuery, ...]:
        columns: list[Column | SubQuery] = []
        unnamed = 0
        for item in select.items:
            if isinstance(item.what, tree.Select):
                if not children or grouped:
                    raise self._names.refused(
                        "MALFORMED_QUERY", item.at, "Nesting of semi join or child sub-selects is not supported"
                    )
                columns.append(self._sub_query(item.what, scope))
                continue
            if isinstance(item.what, tree.Call) and item.what.name == "FIELDS":
                columns += self._all_fields(item.what, scope, select, grouped)
                continue
            if item.alias is not None and not grouped and not isinstance(item.what, tree.Call):
                raise unexpected(
                    self._text, self._text.find(item.alias, item.what.at + len(str(item.what))), item.alias
                )
            column = self._column(item, scope)
            if grouped and not isinstance(column.operand, Aggregate) and column.operand not in group:
                raise self._names.refused(
                    "MALFORMED_QUERY", item.at, f"Field must be grouped or aggregated: {written(item.what)}"
                )
            if item.alias is None and not isinstance(item.what, tree.Path):
                column, unnamed = replace(column, key=f"expr{unnamed}"), unnamed + 1
            columns.append(column)
        self._check_twice(columns, select)
        return tuple(columns)

    def _check_twice(self, columns: list[Column | SubQuery], select: tree.Select) -> None:
        seen: set[object] = set()
        for column, item in zip(columns, select.items, strict=False):
            if isinstance(column, SubQuery) or not isinstance(column.operand, FieldPath) or column.wrapper:
                continue
            if column.operand.names in seen:
                raise self._names.refused(
                    "INVALID_FIELD", item.at, f"duplicate field selected: {column.operand.names[-1]}"
                )
            seen.add(column.operand.names)
        keys = [
            column.key.lower()
            for column in columns
            if isinstance(column, Column) and not isinstance(column.operand, FieldPath)
        ]
        if len(keys) != len(set(keys)):
            double = next(key for key in keys if keys.count(key) > 1)
            raise self._names.refused("MALFORMED_QUERY", select.at, f"duplicate alias: {double}")

    def _column(self, item: tree.Item, scope: Scope) -> Column:
        what = item.what
        assert not isinstance(what, tree.Select)
        if isinstance(what, tree.Path):
            path = self._names.path(what, scope)
            return Column(path, item.alias or path.field.name)
        if what.name in ("TOLABEL", "FORMAT"):
            inner = self._names.one_path(what, scope)
            return Column(inner, item.alias or inner.field.name, "label" if what.name == "TOLABEL" else "format")
        operand = self._names.call(what, scope, aggregates=True)
        return Column(operand, item.alias or "")

    def _all_fields(self, call: tree.Call, scope: Scope, select: tree.Select, grouped: bool) -> list[Column]:
        which = str(call.args[0]).upper() if len(call.args) == 1 else ""
        if which not in ("ALL", "STANDARD", "CUSTOM") or grouped:
            raise self._names.refused(
                "MALFORMED_QUERY",
                call.at,
                "The SOQL FIELDS function must be FIELDS(ALL), FIELDS(CUSTOM) or FIELDS(STANDARD)",
            )
        if which != "STANDARD" and (select.limit is None or select.limit > MOST_FIELDS_ROWS):
            raise QueryRefused(
                "MALFORMED_QUERY", f"The SOQL FIELDS function must have a LIMIT of at most {MOST_FIELDS_ROWS}"
            )
        named = {str(one.what).lower() for one in select.items if isinstance(one.what, tree.Path)}
        picked = [one for one in scope.object.fields.values() if which == "ALL" or one.custom == (which == "CUSTOM")]
        return [Column(FieldPath((), one, scope.object), one.name) for one in picked if one.name.lower() not in named]

    def _sub_query(self, select: tree.Select, scope: Scope) -> SubQuery:
        names = select.source.names
        if len(names) == 2 and scope.alias == names[0].lower():
            names = names[1:]
        child = self._catalog.child(scope.object.name, names[0]) if len(names) == 1 else None
        if child is None:
            raise self._names.refused(
                "INVALID_TYPE", select.source.at, f"Didn't understand relationship '{names[-1]}' in FROM part "
                f"of query call. "
                f"If you are attempting to use a custom relationship, be sure to append the '__r' after the custom "
                f"relationship name. {LOOK_IT_UP}",
            )  # fmt: skip
        object = self._catalog.objects[child.object]
        inner = self._query(select, object, children=False, joins=False)
        if inner.grouped or inner.counted:
            raise self._names.refused(
                "MALFORMED_QUERY", select.at, "Aggregate functions are not supported in a child sub-select"
            )
        return SubQuery(child.name or "", object.fields[child.field], inner)

    # --- clauses -------------------------------------------------------------------------------------------------

    def _group_operand(self, operand: tree.Operand, scope: Scope) -> RowOperand:
        if isinstance(operand, tree.Call):
            found = self._names.call(operand, scope, aggregates=False)
            assert isinstance(found, DatePart)
            return found
        path = self._names.path(operand, scope)
        if not path.field.groupable:
            raise self._names.refused(
                "INVALID_FIELD", operand.at, f"field '{operand}' can not be grouped in a query call"
            )
        return path

    def _order(self, ordering: tree.Ordering, scope: Scope, group: tuple[RowOperand, ...] | None) -> Order:
        operand = self._names.operand(ordering.operand, scope, aggregates=group is not None)
        if isinstance(operand, FieldPath) and not operand.field.sortable:
            raise self._names.refused(
                "INVALID_FIELD",
                ordering.operand.at,
                f"field '{written(ordering.operand)}' can not be sorted in a query call",
            )
        if group is not None and not isinstance(operand, Aggregate) and operand not in group:
            text = f"Ordered field must be grouped or aggregated: {written(ordering.operand)}"
            raise self._names.refused("MALFORMED_QUERY", ordering.operand.at, text)
        # Blanks come first, in both directions, unless the query says otherwise.
        return Order(operand, ordering.descending, bool(ordering.nulls_last))

    def _where(
        self, condition: tree.Condition, scope: Scope, *, joins: bool, group: tuple[RowOperand, ...] | None = None
    ) -> Where:
        if isinstance(condition, tree.Not):
            return Negated(self._where(condition.part, scope, joins=False, group=group))
        if isinstance(condition, tree.Joined):
            inside = joins and condition.word == "AND"
            parts = tuple(self._where(part, scope, joins=inside, group=group) for part in condition.parts)
            return Both(condition.word, parts)
        operand = self._names.operand(condition.operand, scope, aggregates=group is not None)
        if group is not None and not isinstance(operand, Aggregate) and operand not in group:
            text = f"Field must be grouped or aggregated: {written(condition.operand)}"
            raise self._names.refused("MALFORMED_QUERY", condition.operand.at, text)
        if isinstance(operand, FieldPath) and not operand.field.filterable:
            raise self._names.refused(
                "INVALID_FIELD",
                condition.operand.at,
                f"field '{written(condition.operand)}' can not be filtered in a query call",
            )
        inner = None
        if condition.subquery is not None:
            inner = self._semi_join(condition, operand, joins)
        return Test(operand, condition.operator, condition.values, inner, condition.operand.at)

    def _semi_join(self, condition: tree.Comparison, operand: Operand, joins: bool) -> Plan:
        select = condition.subquery
        assert select is not None
        if not joins:
            raise self._names.refused(
                "MALFORMED_QUERY", condition.operand.at,
                "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested "
                "WHERE expressions.",
            )  # fmt: skip
        inner = _Planner(self._text, self._catalog).inner(select)
        column = inner.columns[0] if len(inner.columns) == 1 else None
        if not isinstance(column, Column) or not isinstance(column.operand, FieldPath) or column.wrapper:
            raise self._names.refused(
                "MALFORMED_QUERY", select.at, "Semi join sub-selects can only have one selected field"
            )
        left, right = _targets(operand), _targets(column.operand)
        if not left or not right:
            name = written(condition.operand) if not left else column.operand.field.name
            side = "left operand field in the where expression for" if not left else "inner select field of"
            raise self._names.refused(
                "MALFORMED_QUERY",
                condition.operand.at,
                f"The {side} semi join '{name}' must be an id or reference field",
            )
        if not left & right:
            raise self._names.refused(
                "MALFORMED_QUERY", condition.operand.at,
                f"The selected field '{column.operand.field.name}' in the subquery and the left operand field "
                f"in the where "
                f"expression in the outer query '{written(condition.operand)}' should point to the same object type",
            )  # fmt: skip
        return inner

    def inner(self, select: tree.Select) -> Plan:
        """The plan of a semi-join's query."""
        name = select.source
        object = self._catalog.get(name.names[0]) if len(name.names) == 1 else None
        if object is None:
            return self.top(select)
        made = self._query(select, object, children=False, joins=False)
        if made.grouped or made.counted or select.order or select.limit is not None or select.offset is not None:
            raise self._names.refused(
                "MALFORMED_QUERY", select.at, "Grouping, ordering and limits are not supported in a semi join"
            )
        return made


def _targets(operand: Operand) -> set[str]:
    """The objects whose ids an operand holds."""
    if not isinstance(operand, FieldPath):
        return set()
    if operand.type == "id":
        return {operand.object.name} if operand.object is not None else set()
    return set(operand.field.refers_to) if operand.type == "reference" else set()
