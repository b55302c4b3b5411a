"""The query: criteria, order and paging by cursor."""

from __future__ import annotations

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import only_fields, records_json
from leadsim.dialects.native.cursors import cursor_text, read_cursor
from leadsim.dialects.native.errors import BAD_BODY, NativeRefusal, problem
from leadsim.engine.query import Order
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer
from leadterms.criteria import parse_criteria


def run(call: Call, query: None, body: shapes.Query) -> Answer:
    """POST query"""
    only = only_fields(call.org, body.object, body.fields)
    asked = body.criteria.model_dump(exclude_none=True) if body.criteria else None
    criteria = parse_criteria(asked) if asked else None
    order = _order(call, body)
    question = (call.org.name, body.object, asked, order, body.deleted)
    place = read_cursor(body.cursor, len(order) + 1, question)
    page = call.find(body.object, criteria, order, body.limit, place, deleted=body.deleted)
    return Answer.json(200, {"records": records_json(page.records, only), "next": cursor_text(page.next, question)})


def _order(call: Call, body: shapes.Query) -> Order:
    if not body.order:
        return ()
    fields = call.org.schema.query_fields(body.object)
    named: set[str] = set()
    for pair in body.order:
        field, direction = pair
        if direction not in ("asc", "desc"):
            raise _no_order(f"{direction!r} is no direction", 'Write ["Email", "asc"] or ["Email", "desc"]', pair)
        if field in named:
            raise _no_order(f"{field!r} stands twice", "Name each field once", pair)
        if field in fields and fields[field].type == "multi_select":
            raise _no_order(f"{field!r} is a multi_select: sets have no order", "Order by another field", pair)
        named.add(field)
    return tuple((field, direction) for field, direction in body.order)  # type: ignore[misc]


def _no_order(text: str, fix: str, pair: list[str]) -> NativeRefusal:
    return NativeRefusal(BAD_BODY, f"order: {text}", fix=fix, problems=[problem("order", "order", text, pair)])
