"""The native dialect: where its operations are, and how a call of one is read and answered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from leadsim.dialects.native import errors, shapes
from leadsim.dialects.native.headers import check_headers, media_type
from leadsim.dialects.native.table import LOGIN, NOT_SIMULATED, OPERATIONS
from leadsim.dialects.openapi import write_document
from leadsim.dialects.operations import Found, Operation, Routes, wanted
from leadsim.engine.refusals import Refused
from leadsim.gateway.call import Call, Wanted
from leadsim.gateway.credentials import Presented, read_authorization
from leadsim.gateway.faults import Target
from leadsim.gateway.messages import JSON, Answer, Request
from leadsim.gateway.refusal import GatewayRefusal
from leadsim.gateway.strictness import LaxJson, check_json
from leadterms.refusals import LeadtermsError

SIDES = ("crm", "marketing")
VERSION = "v1"
ADDRESSES_KEPT = 512


def _absent(call: Call, query: None, body: None) -> Answer:
    what = NOT_SIMULATED[call.wanted.handler.method, call.wanted.handler.path]
    raise errors.NativeRefusal(
        errors.NOT_SIMULATED,
        f"the sandbox does not simulate {what} ({call.request.method} {call.request.path})",
        status=501,
        kind="not_simulated",
    )


_ABSENT = tuple(
    Operation(f"notSimulated{row}", method, path, "any", _absent, what, {501: None}, media=())
    for row, ((method, path), what) in enumerate(NOT_SIMULATED.items())
)


def _openapi(call: Call, query: None, body: None) -> Answer:
    return Answer.json(200, _document(call.org.name, call.org.kind))


@lru_cache(maxsize=16)
def _document(org: str, side: str) -> dict[str, Any]:
    title = f"{'CRM' if side == 'crm' else 'Marketing automation'} org {org}, native REST API"
    parts = [(f"/{org}/{side}/{VERSION}", [one for one in OPERATIONS if side in one.sides]), (f"/{org}", LOGIN)]
    return write_document(title, VERSION, parts, shapes.Error, NOT_SIMULATED)


_DOCUMENT = Operation(
    "readDocument", "GET", "/openapi.json", "any", _openapi, "This API's own document", {200: None}, login="none"
)


class Native:
    """Our own vendor: what the other dialects are compared with."""

    name = "native"
    hosts: tuple[str, ...] = ()
    codings: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._routes = {
            side: Routes([*(one for one in OPERATIONS if side in one.sides), _DOCUMENT, *_ABSENT]) for side in SIDES
        }
        self._login = Routes(LOGIN)
        # The same few addresses are asked all the time; those with a record's id in them go by.
        self._wanted = lru_cache(maxsize=ADDRESSES_KEPT)(self._look_up)

    def org_of(self, request: Request, orgs: Sequence[str]) -> str | None:
        """Native paths begin with the org, so there is nothing else to read."""
        return None

    def wanted(self, request: Request, side: str) -> Wanted:
        """`/{org}/{side}/v1/...`, or `/{org}/oauth/token`."""
        return self._wanted(side, request.method, request.segments[1:])

    def _look_up(self, side: str, method: str, segments: tuple[str, ...]) -> Wanted:
        if segments[:2] == (side, VERSION):
            return wanted(self._routes[side].find(method, segments[2:]))
        return wanted(self._login.find(method, segments))

    def targets(self, wanted: Wanted, request: Request) -> Sequence[Target]:
        """A single write is also row 0 of itself; a batch is about each of its rows."""
        whole = Target(wanted.does, wanted.object)
        if wanted.operation not in ("batch", "setMembers"):
            return (whole, Target(wanted.does, wanted.object, 0)) if wanted.permission else (whole,)
        try:
            items = orjson.loads(request.body)["items"]
            rows = [
                Target(wanted.does, None, row) if wanted.operation == "setMembers"
                else Target(str(item["op"]), str(item["object"]), row)
                for row, item in enumerate(items)
            ]  # fmt: skip
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return (whole,)
        return (whole, *rows)

    def presented(self, request: Request) -> Presented | None:
        """The `Authorization` header."""
        return read_authorization(request.headers.get("authorization", ""))

    def refuse(self, refusal: GatewayRefusal, request: Request) -> Answer:
        """The gateway's refusal as the native error body."""
        return errors.answer_gateway(refusal)

    def answer(self, call: Call) -> Answer:
        """Read the query and the body by the operation's models, then ask its handler."""
        operation = call.wanted.handler
        try:
            if not isinstance(operation, Operation):
                raise _nowhere(call, operation)
            check_headers(operation, call.request)
            return operation.handler(call, read_query(operation, call.request), read_body(operation, call.request))
        except Refused as refused:
            return errors.answer_refused(refused)
        except errors.NativeRefusal as refusal:
            return errors.answer_native(refusal)
        except LeadtermsError as error:
            return errors.answer_terms(error)


def _nowhere(call: Call, found: Found) -> errors.NativeRefusal:
    if found.allowed:
        return errors.NativeRefusal(
            errors.WRONG_METHOD,
            f"{call.request.path} does not answer {call.request.method}",
            status=405,
            fix=f"It answers {', '.join(found.allowed)}",
            headers={"allow": ", ".join(found.allowed)},
        )
    return errors.NativeRefusal(
        errors.NOT_FOUND,
        f"there is nothing at {call.request.path}",
        status=404,
        fix=f"The paths of this org are in /{call.org.name}/{call.org.kind}/{VERSION}/openapi.json",
    )


def read_query(operation: Operation, request: Request) -> BaseModel | None:
    """The query by the operation's model. A name that it doesn't know, or that stands twice, is refused."""
    model = operation.query
    if model is None:
        if request.query:
            raise _bad_parameter(request.query[0][0], "this operation has no query parameters")
        return None
    given = dict(request.query)
    if len(given) != len(request.query):
        twice = next(name for name in given if sum(other == name for other, _ in request.query) > 1)
        raise _bad_parameter(twice, "the query parameter stands more than once")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise errors.from_validation(error, errors.BAD_PARAMETER, "query") from None


def _bad_parameter(name: str, text: str) -> errors.NativeRefusal:
    return errors.NativeRefusal(
        errors.BAD_PARAMETER, f"{name}: {text}", problems=[errors.problem(name, "unknown_parameter", text)]
    )


def read_body(operation: Operation, request: Request) -> Any:
    """The body by the operation's model, or as bytes where it is no JSON."""
    if operation.body is None and operation.media == (JSON,):
        if request.body:
            raise errors.NativeRefusal(errors.BAD_BODY, "this operation has no body")
        return None
    if not operation.media:
        return None
    media_type(operation, request)
    if operation.body is None or JSON not in operation.media:
        return request.body
    try:
        body = operation.body.model_validate_json(request.body)
        check_json(request.body)
    except ValidationError as error:
        raise errors.from_validation(error, errors.BAD_BODY, "body") from None
    except LaxJson as lax:
        raise errors.from_lax_json(lax) from None
    return body
