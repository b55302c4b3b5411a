"""What every operation of the control API stands on: the sandbox it is asked about, and a strict query and body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from leadsim.control.door import SANDBOX
from leadsim.control.errors import LabRefusal
from leadsim.gateway.strictness import LaxJson, check_json

if TYPE_CHECKING:
    from leadsim.app import Sandbox

BAD_REQUEST = "REF745"
BAD_PARAMETER = "REF746"


async def _sandbox(request: Request) -> Any:
    return request.scope[SANDBOX]


async def strict_query(request: Request) -> None:
    """An operation without query parameters refuses any; those with some have a model that does, and here a name
    that stands twice."""
    route = request.scope.get("route")
    if isinstance(route, APIRoute) and not route.dependant.query_params and request.query_params:
        name = next(iter(request.query_params))
        raise LabRefusal(400, BAD_PARAMETER, f"{name}: this operation has no query parameters")
    names = [name for name, _ in request.query_params.multi_items()]
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise LabRefusal(400, BAD_PARAMETER, f"{twice}: the query parameter stands more than once")


async def strict_body(request: Request) -> None:
    """A key stands once in its object. The body is there already: FastAPI has read it before."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or route.body_field is None:
        return
    body = await request.body()
    try:
        if body:
            check_json(body)
    except LaxJson as lax:
        raise LabRefusal(400, BAD_REQUEST, f"the body is no strict JSON: {lax}", "Send each key once") from None


if TYPE_CHECKING:
    Served = Sandbox
else:
    Served = Annotated[object, Depends(_sandbox)]
"""The sandbox, as an argument of an operation."""
