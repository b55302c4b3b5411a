"""Many changes in one step."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import result_json
from leadsim.dialects.native.errors import BAD_BODY, NativeRefusal, problem
from leadsim.engine.change import Change
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer

# What a row may not say, because its operation would have to ignore it.
_NOT_OF = {
    "create": ("id", "key", "if_version"),
    "update": (),
    "upsert": ("id",),
    "delete": ("values", "assign", "allow_duplicates"),
    "undelete": ("values", "assign", "allow_duplicates"),
}


def run(call: Call, query: None, body: shapes.Batch) -> Answer:
    """POST batch"""
    surplus = [wrong for row, item in enumerate(body.items) for wrong in _surplus(row, item)]
    if surplus:
        refuse_surplus(surplus)
    changes = [change(item) for item in body.items]
    results = call.save_batch(changes, all_or_none=body.all_or_none)
    return Answer.json(200, {"results": [result_json(result) for result in results]})


def refuse_surplus(problems: list[dict[str, Any]]) -> None:
    """Rows that contradict themselves: nothing of the call is done. Raises `NativeRefusal`."""
    first = problems[0]
    raise NativeRefusal(BAD_BODY, f"{first['field']}: {first['message']}", fix="Leave it out", problems=problems)


def _surplus(row: int, item: shapes.BatchItem) -> list[dict[str, Any]]:
    found = [
        problem(f"items.{row}.{name}", "surplus", f"a row that is to {item.op} has no {name}")
        for name in _NOT_OF[item.op]
        if getattr(item, name)
    ]
    if item.id is not None and item.key is not None and not found:
        found.append(problem(f"items.{row}.key", "surplus", "the row is named by its id already"))
    return found


def change(item: shapes.BatchItem) -> Change:
    """One row as the engine's change."""
    return Change(
        item.op,
        item.object,
        id=item.id,
        key=None if item.key is None else (str(item.key[0]), item.key[1]),
        values=item.values,
        assign=item.op != "update" if item.assign is None else item.assign,
        if_version=item.if_version,
        idempotency_key=item.idempotency_key,
        allow_duplicates=item.allow_duplicates,
    )
