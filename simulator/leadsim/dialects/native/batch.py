"""Many changes in one step."""

from __future__ import annotations

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import result_json
from leadsim.engine.records import Change
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer


def run(call: Call, query: None, body: shapes.Batch) -> Answer:
    """POST batch"""
    changes = [change(item) for item in body.items]
    results = call.save_batch(changes, all_or_none=body.all_or_none)
    return Answer.json(200, {"results": [result_json(result) for result in results]})


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
