"""Campaigns, their members, and the reports."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import result_json
from leadsim.dialects.native.batch import refuse_surplus
from leadsim.dialects.native.errors import problem
from leadsim.dialects.native.records import position
from leadsim.engine.members import Member, MemberWrite
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer


def listed(call: Call, query: None, body: None) -> Answer:
    """GET campaigns"""
    name = "Name" if call.org.kind == "crm" else "name"
    return Answer.json(
        200,
        {
            "campaigns": [
                {
                    "id": campaign.id,
                    "name": campaign.plain.get(name),
                    "statuses": [{"name": one.name, "responded": one.responded} for one in statuses],
                }
                for campaign, statuses in call.org.campaigns()
            ]
        },
    )


def members(call: Call, query: shapes.PageParameters, body: None) -> Answer:
    """GET members"""
    page, following, more = call.members(position(query.since), query.limit)
    return Answer.json(200, {"members": [_member(one) for one in page], "next": str(following), "more": more})


def _member(member: Member) -> dict[str, Any]:
    record = member.record
    return {
        "id": record.id,
        "campaign": member.campaign,
        "person_object": member.person_object,
        "person": member.person,
        "status": member.status,
        "responded": member.responded,
        "first_responded_at": member.first_responded_at,
        "deleted": record.deleted,
        "modified_at": record.modified_text,
    }


def set_members(call: Call, query: None, body: shapes.MemberBatch) -> Answer:
    """POST members"""
    surplus = [
        problem(f"items.{row}.status", "surplus", "a row that takes somebody out has no status", item.status)
        for row, item in enumerate(body.items)
        if item.op == "remove" and item.status is not None
    ]
    if surplus:
        refuse_surplus(surplus)
    writes = [
        MemberWrite(item.op, item.campaign, item.person_object, item.person, item.status, item.idempotency_key)
        for item in body.items
    ]
    return Answer.json(200, {"results": [result_json(result) for result in call.set_members(writes)]})


def report(call: Call, query: None, body: None) -> Answer:
    """GET reports/{report}"""
    made = call.org.report(call.params["report"])
    return Answer.json(
        200, {"report": made.name, "columns": list(made.columns), "rows": made.rows, "totals": made.totals}
    )
