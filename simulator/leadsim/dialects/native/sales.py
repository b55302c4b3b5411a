"""What only a CRM does: assignment rules, and the conversion of leads."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.native import shapes
from leadsim.dialects.native.headers import idempotency_key
from leadsim.engine.change import Change
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer


def assignment_rules(call: Call, query: None, body: None) -> Answer:
    """GET assignment-rules, in the order in which they are asked."""
    settings = call.org.settings
    return Answer.json(
        200,
        {
            "default_owner": settings.default_owner,
            "rules": [
                {
                    "name": rule.name,
                    "object": rule.object,
                    "criteria": None if rule.criteria is None else rule.criteria.written(),
                    "assign": rule.assign.model_dump(exclude_none=True),
                    "active": rule.active,
                }
                for rule in settings.assignment_rules
            ],
        },
    )


def convert(call: Call, query: None, body: shapes.Convert) -> Answer:
    """POST leads/{id}/convert"""
    values: dict[str, Any] = {"opportunity": body.opportunity}
    if body.account_id is not None:
        values["account_id"] = body.account_id
    if body.contact_id is not None:
        values["contact_id"] = body.contact_id
    saved = call.save(
        Change("convert", "Lead", id=call.params["id"], values=values, idempotency_key=idempotency_key(call.request))
    )
    became = saved.record.plain
    return Answer.json(
        200,
        {
            "contact_id": became.get("ConvertedContact"),
            "account_id": became.get("ConvertedAccount"),
            "opportunity_id": became.get("ConvertedOpportunity"),
        },
    )
