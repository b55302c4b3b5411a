"""Records: create, read, change, delete, upsert, undelete, merge, history."""

from __future__ import annotations

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import (
    OUTCOME_STATUS,
    answer_record,
    only_fields,
    records_json,
    split_fields,
)
from leadsim.dialects.native.cursors import position
from leadsim.dialects.native.headers import idempotency_key, if_version
from leadsim.engine.change import Change
from leadsim.engine.refusals import Refused
from leadsim.gateway.call import Call, one
from leadsim.gateway.messages import Answer


def create(call: Call, query: None, body: shapes.Create) -> Answer:
    """POST records/{object}"""
    saved = call.save(
        Change(
            "create",
            call.params["object"],
            values=body.values,
            assign=body.assign,
            idempotency_key=idempotency_key(call.request),
            allow_duplicates=body.allow_duplicates,
        )
    )
    return answer_record(201, saved.record)


def read(call: Call, query: shapes.ReadParameters, body: None) -> Answer:
    """GET records/{object}/{id}"""
    object = call.params["object"]
    only = only_fields(call.org, object, split_fields(query.fields))
    return answer_record(200, call.get(object, call.params["id"], deleted=query.deleted), only)


def update(call: Call, query: None, body: shapes.Update) -> Answer:
    """PATCH records/{object}/{id}"""
    saved = call.save(
        Change(
            "update",
            call.params["object"],
            id=call.params["id"],
            values=body.values,
            assign=body.assign,
            if_version=if_version(call.request),
            idempotency_key=idempotency_key(call.request),
            allow_duplicates=body.allow_duplicates,
        )
    )
    return answer_record(200, saved.record)


def delete(call: Call, query: None, body: None) -> Answer:
    """DELETE records/{object}/{id}"""
    call.save(
        Change(
            "delete",
            call.params["object"],
            id=call.params["id"],
            if_version=if_version(call.request),
            idempotency_key=idempotency_key(call.request),
        )
    )
    return Answer(204)


def upsert(call: Call, query: None, body: shapes.Create) -> Answer:
    """PUT records/{object}/by/{field}/{value}"""
    saved = call.save(
        Change(
            "upsert",
            call.params["object"],
            key=(call.params["field"], call.params["value"]),
            values=body.values,
            assign=body.assign,
            if_version=if_version(call.request),
            idempotency_key=idempotency_key(call.request),
            allow_duplicates=body.allow_duplicates,
        )
    )
    return answer_record(OUTCOME_STATUS[saved.outcome], saved.record)


def undelete(call: Call, query: None, body: None) -> Answer:
    """POST records/{object}/{id}/undelete"""
    saved = call.save(
        Change(
            "undelete",
            call.params["object"],
            id=call.params["id"],
            idempotency_key=idempotency_key(call.request),
        )
    )
    return answer_record(200, saved.record)


def merge(call: Call, query: None, body: shapes.Merge) -> Answer:
    """POST records/{object}/{id}/merge: all losers or none."""
    object, winner = call.params["object"], call.params["id"]
    call.org.get(object, winner)
    key = idempotency_key(call.request)
    results = call.save_batch(
        [
            Change("merge", object, id=loser, into=winner, idempotency_key=f"{key}#{row}" if key else "")
            for row, loser in enumerate(body.losers)
        ],
        all_or_none=True,
    )
    for result in results:
        if isinstance(result, Refused) and result.kind != "conflict":
            raise result  # the cause, rather than a row that was undone with it
    one(results)
    return answer_record(200, call.org.get(object, winner))


def history(call: Call, query: None, body: None) -> Answer:
    """GET records/{object}/{id}/history"""
    entries = call.org.history(call.params["object"], call.params["id"])
    return Answer.json(
        200,
        {
            "changes": [
                {
                    "seq": entry.seq, "at": entry.at, "user": entry.user, "actor": entry.actor, "op": entry.op,
                    "field": entry.field, "from": entry.before, "to": entry.after, "request": entry.request,
                }
                for entry in entries
            ]
        },
    )  # fmt: skip


def changes(call: Call, query: shapes.ChangesParameters, body: None) -> Answer:
    """GET changes/{object}"""
    object = call.params["object"]
    only = only_fields(call.org, object, split_fields(query.fields))
    records, following, more = call.changes(object, position(call.org, query.since), query.limit)
    return Answer.json(200, {"records": records_json(records, only), "next": str(following), "more": more})
