"""The names of a query, looked up in what the org has; every other name is refused as the vendor does."""

from __future__ import annotations

from dataclasses import dataclass

from leadsim.dialects.salesforce.catalog import NUMBERS, Catalog, SField, SObject
from leadsim.dialects.salesforce.soql import tree
from leadsim.dialects.salesforce.soql.failures import QueryRefused, at_place, not_simulated
from leadsim.dialects.salesforce.soql.operands import (
    AGGREGATE_NAMES,
    DATE_PARTS,
    Aggregate,
    DatePart,
    FieldPath,
    Operand,
)
from leadsim.dialects.salesforce.standard import NAME_FIELDS

LOOK_IT_UP = "Please reference your WSDL or the describe call for the appropriate names."
DEEPEST_PATH = 5


@dataclass(frozen=True, slots=True)
class Scope:
    """The object that names are looked up in, and what the query calls it."""

    object: SObject
    alias: str | None


def no_such_column(name: str, entity: str) -> str:
    """What clients find the name of a missing field in, by regular expression."""
    return (
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
        f"to append the "
        f"'__c' after the custom field name. {LOOK_IT_UP}"
    )


def written(what: tree.Operand | tree.Select) -> str:
    """As the query has it."""
    return str(what) if isinstance(what, tree.Path) else getattr(what, "written", "sub-select")


class Names:
    """The look-up for one query's text."""

    def __init__(self, text: str, catalog: Catalog) -> None:
        self._text = text
        self._catalog = catalog

    def refused(self, code: str, at: int, text: str) -> QueryRefused:
        """A refusal that points at a place of the query."""
        return at_place(code, self._text, at, text)

    def path(self, path: tree.Path, scope: Scope) -> FieldPath:
        """The field at the end of a path, with the relationships that lead to it. Raises QueryRefused."""
        names = path.names
        if len(names) > 1 and names[0].lower() in (scope.alias, scope.object.name.lower()):
            relationship = scope.object.by_relationship.get(names[0].lower())
            if relationship is None or scope.alias == names[0].lower():
                names = names[1:]
        hops: list[SField] = []
        object: SObject | None = scope.object
        for name in names[:-1]:
            hop = object.by_relationship.get(name.lower()) if object is not None else None
            if hop is None or len(hops) >= DEEPEST_PATH:
                raise self.refused(
                    "INVALID_FIELD", path.at, f"Didn't understand relationship '{name}' in field path. If you "
                    f"are attempting "
                    f"to use a custom relationship, be sure to append the '__r' after the custom relationship "
                    f"name. {LOOK_IT_UP}",
                )  # fmt: skip
            hops.append(hop)
            object = self._catalog.objects.get(hop.refers_to[0]) if len(hop.refers_to) == 1 else None
        field = object.field(names[-1]) if object is not None else self._name_field(hops[-1], names[-1])
        if field is None:
            entity = object.name if object is not None else "Name"
            raise self.refused("INVALID_FIELD", path.at, no_such_column(names[-1], entity))
        return FieldPath(tuple(hops), field, object)

    def _name_field(self, hop: SField, name: str) -> SField | None:
        """A field of a reference that may point at several objects: those that a Name has."""
        known = next((one for one in NAME_FIELDS if one.lower() == name.lower()), None)
        objects = [self._catalog.objects[one] for one in hop.refers_to if one in self._catalog.objects]
        return next((one.fields[known] for one in reversed(objects) if known in one.fields), None) if known else None

    def one_path(self, call: tree.Call, scope: Scope) -> FieldPath:
        """The one field that a function is given. Raises QueryRefused."""
        for inside in call.args:
            if isinstance(inside, tree.Call):
                self.call(inside, scope, aggregates=False)  # it may be refused by name
        if len(call.args) != 1 or not isinstance(call.args[0], tree.Path):
            raise self.refused("MALFORMED_QUERY", call.at, f"{call.written} needs one field")
        return self.path(call.args[0], scope)

    def call(self, call: tree.Call, scope: Scope, *, aggregates: bool) -> Operand:
        """What a function makes of its field. Raises QueryRefused."""
        if call.name in DATE_PARTS:
            path = self.one_path(call, scope)
            if path.type not in ("date", "datetime") or (
                call.name in ("DAY_ONLY", "HOUR_IN_DAY") and path.type == "date"
            ):
                raise self.refused(
                    "INVALID_FIELD", call.at, f"field {path.field.name} does not support date function {call.name}"
                )
            return DatePart(call.name, path)
        if call.name in AGGREGATE_NAMES and aggregates:
            if not call.args and call.name == "COUNT":
                return Aggregate("COUNT", None)
            path = self.one_path(call, scope)
            fits = path.field.aggregatable if call.name not in ("SUM", "AVG") else path.type in NUMBERS
            if not fits:
                text = f"field {path.field.name} does not support aggregate operator {call.name}"
                raise self.refused("INVALID_FIELD", call.at, text)
            return Aggregate(call.name, path)
        if call.name in ("CONVERTCURRENCY", "CONVERTTIMEZONE", "DISTANCE", "GEOLOCATION", "GROUPING", "ROLLUP", "CUBE"):
            raise not_simulated(f"{call.written}() in SOQL")
        if call.name in AGGREGATE_NAMES:
            raise self.refused("MALFORMED_QUERY", call.at, f"Aggregate functions are not allowed here: {call.written}")
        raise self.refused("INVALID_FIELD", call.at, f"Unknown function '{call.written}'")

    def operand(self, operand: tree.Operand, scope: Scope, *, aggregates: bool) -> Operand:
        """What a condition or an order is about. Raises QueryRefused."""
        if isinstance(operand, tree.Path):
            return self.path(operand, scope)
        if operand.name == "TOLABEL":
            return self.one_path(operand, scope)
        return self.call(operand, scope, aggregates=aggregates)
