"""Saving: the one way that v5, v4 and imports all go to the engine, and what it refuses in the vendor's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.search import Search, first
from leadsim.dialects.pardot.view import Record, View
from leadsim.engine.change import Change, Saved
from leadsim.engine.refusals import Problem, Refused
from leadsim.gateway.call import Call

Version = Literal[4, 5]
# The engine's rule: the vendor's code. The field's name stands behind it.
RULES: Mapping[str, int] = {
    "required": 36,
    "email": 4,
    "type": 154,
    "length": 52,
    "range": 52,
    "scale": 56,
    "choice": 51,
    "user": 10,
    "inactive": 10,
    "read_only": 180,
    "unknown_field": 180,
    "dynamic": 51,
}


def change_of(
    view: View, object: PObject, op: Literal["create", "update"], values: Mapping[str, Any], id: str | None = None
) -> Change:
    """What the engine is asked to do."""
    if op == "create" and object.table.engine == "prospect" and not values.get("campaign"):
        oldest = first(view, Search(view.catalog.objects["campaigns"]))
        if oldest is not None and oldest.stored is not None:
            values = {**values, "campaign": oldest.stored.id}
    if op == "create" and object.table.v5 == "form-handlers":
        values = {**values, "fields": "email"}  # a handler without an address could make nobody
    return Change(op, object.table.engine, id, values=values)


def save(call: Call, view: View, object: PObject, change: Change) -> Record:
    """One change. Raises PardotRefused."""
    return _record(view, object, one(save_all(call, view, object, [change])))


def save_all(call: Call, view: View, object: PObject, changes: Sequence[Change]) -> list[Saved | PardotRefused]:
    """Up to 200 changes in one step; each has its record or its refusal."""
    try:
        results = call.save_batch(changes)
    except Refused as refused:
        results = [refused for _ in changes]
    return [of_engine(one, object, view) if isinstance(one, Refused) else one for one in results]


def one(results: list[Saved | PardotRefused]) -> Saved:
    """The result of a single change. Raises its refusal."""
    if isinstance(results[0], PardotRefused):
        raise results[0]
    return results[0]


def _record(view: View, object: PObject, saved: Saved) -> Record:
    return Record(view, object, saved.record)


def of_engine(refused: Refused, object: PObject, view: View) -> PardotRefused:
    """The engine's refusal of one record. The first of several problems is the one that is said."""
    if refused.problems:
        return _of_problem(refused.problems[0], refused, object, view)
    if refused.kind == "duplicate":
        return PardotRefused(58 if object.table.engine == "list_membership" else 9)
    if refused.kind == "gone":
        return PardotRefused(object.table.missing if object.table.engine != "prospect" else 109, status=404)
    if refused.kind in ("locked", "conflict"):
        return PardotRefused(62)
    if refused.kind == "permission":
        return PardotRefused(46)
    return PardotRefused(85, refused.text)


def _of_problem(problem: Problem, refused: Refused, object: PObject, view: View) -> PardotRefused:
    field = object.by_engine.get(problem.field or "")
    name = (field.v5 or field.v4) if field is not None else (problem.field or "")
    if problem.rule == "unique":
        if problem.field == "crm_id":
            return PardotRefused(77, "another prospect has it already")
        return PardotRefused(245)
    if problem.rule == "reference" and field is not None and field.of:
        return PardotRefused(view.catalog.objects[field.of].table.missing, name)
    if problem.rule.startswith("rule:"):
        return PardotRefused(85, problem.text)
    code = RULES.get(problem.rule, 51)
    return PardotRefused(code, "" if code == 4 else name)
