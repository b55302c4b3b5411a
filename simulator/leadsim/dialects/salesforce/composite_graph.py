"""/composite/graph: several composites in one call, each of them all or none, none knowing of the others."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.salesforce.composite import check_parts, transaction
from leadsim.dialects.salesforce.errors import refused
from leadsim.dialects.salesforce.session import Session, check_keys, object_body
from leadsim.gateway.messages import Answer

MOST_GRAPHS, MOST_NODES = 75, 500


def graph(session: Session) -> Answer:
    """POST /composite/graph"""
    body = object_body(session.json())
    check_keys(body, ("graphs",))
    graphs = body.get("graphs")
    if not isinstance(graphs, list) or not graphs or not all(isinstance(one, dict) for one in graphs):
        raise refused("JSON_PARSER_ERROR", "The graphs must be a list with at least one graph")
    if len(graphs) > MOST_GRAPHS:
        raise refused("LIMIT_EXCEEDED", f"Limit exceeded. A request can have at most {MOST_GRAPHS} graphs.")
    for one in graphs:
        _check(one)
    names = [one["graphId"] for one in graphs]
    if len(set(names)) < len(names):
        raise refused("INVALID_INPUT", "Each graphId must be unique in the request")
    if sum(len(one["compositeRequest"]) for one in graphs) > MOST_NODES:
        raise refused("LIMIT_EXCEEDED", f"Limit exceeded. All graphs together can have at most {MOST_NODES} nodes.")
    return session.answer(200, {"graphs": [_run(session, one) for one in graphs]})


def _check(one: dict[str, Any]) -> None:
    check_keys(one, ("graphId", "compositeRequest"))
    if not isinstance(one.get("graphId"), str) or not one["graphId"].strip():
        raise refused("INVALID_INPUT", "Each graph needs a graphId")
    parts = one.get("compositeRequest")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise refused("JSON_PARSER_ERROR", "The compositeRequest must be a list with at least one subrequest")
    check_parts(parts)


def _run(session: Session, one: dict[str, Any]) -> dict[str, Any]:
    answers = transaction(session, one["compositeRequest"])
    good = all(answer["httpStatusCode"] < 400 for answer in answers)
    return {"graphId": one["graphId"], "graphResponse": {"compositeResponse": answers}, "isSuccessful": good}
