"""The query: criteria, order and paging by cursor."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson

from leadsim.dialects.native import shapes
from leadsim.dialects.native.answers import only_fields, records_json
from leadsim.dialects.native.errors import BAD_BODY, BAD_CURSOR, NativeRefusal, problem
from leadsim.engine.records import Order
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer
from leadterms.criteria import parse_criteria


def run(call: Call, query: None, body: shapes.Query) -> Answer:
    """POST query"""
    only = only_fields(call.org, body.object, body.fields)
    criteria = parse_criteria(body.criteria.model_dump(exclude_none=True)) if body.criteria else None
    order = _order(body)
    place = read_cursor(body.cursor, len(order))
    page = call.find(body.object, criteria, order, body.limit, place, deleted=body.deleted)
    return Answer.json(200, {"records": records_json(page.records, only), "next": cursor_text(page.next)})


def _order(body: shapes.Query) -> Order:
    wrong = [pair for pair in body.order if pair[1] not in ("asc", "desc")]
    if wrong:
        raise NativeRefusal(
            BAD_BODY,
            f"order: {wrong[0][1]!r} is no direction",
            fix='Write ["Email", "asc"] or ["Email", "desc"]',
            problems=[problem("order", "direction", 'is neither "asc" nor "desc"', pair) for pair in wrong],
        )
    return tuple((field, direction) for field, direction in body.order)  # type: ignore[misc]


def cursor_text(place: tuple[Any, ...] | None) -> str | None:
    """A page's end as a client gets it."""
    return None if place is None else urlsafe_b64encode(orjson.dumps(place)).decode()


def read_cursor(cursor: str | None, ordered_by: int) -> tuple[Any, ...] | None:
    """Where the page before ended. A cursor that wasn't made here, or for another order, is refused."""
    if cursor is None:
        return None
    try:
        place = orjson.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except ValueError:
        place = None
    if (
        not isinstance(place, list)
        or len(place) != ordered_by + 1
        or not all(part is None or type(part) in (str, int) for part in place)
        or type(place[-1]) is not int
        or not all(abs(part) <= shapes.BIGGEST for part in place if type(part) is int)
    ):
        raise NativeRefusal(
            BAD_CURSOR,
            "cursor: is no cursor of this question",
            fix="Send the `next` of the page before, unchanged, with the same criteria and order",
            problems=[problem("cursor", "cursor", "is no cursor of this question", cursor)],
        )
    return tuple(place)
