"""Responses of the native API: the JSON of a success, and the named failure of everything else.

The API's statuses and its error body become the tree of `leadproof.systems.failures`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson

from leadproof.systems.failures import (
    AddressRefused,
    BadAnswer,
    CallFailed,
    Forbidden,
    LoginRefused,
    NotSimulated,
    QuotaSpent,
    Refused,
    ServerFailed,
    Unreachable,
)
from leadproof.systems.native.answers import as_refusal, sentences
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed


class Answer:
    """A successful answer. `raw`: its body as it came."""

    __slots__ = ("_response", "_whose", "raw", "status")

    def __init__(self, system: str, operation: str, response: Response) -> None:
        self.status = response.status
        self.raw = response.body
        self._response = response
        self._whose = (system, operation)

    @property
    def body(self) -> dict[str, Any]:
        """Its JSON object ({} where it has none), read now: a describe is known by its text. Raises `BadAnswer`."""
        return _json(*self._whose, self._response)


def send(transport: Transport, system: str, operation: str, request: Request) -> Response:
    """Send it; the wire's failure becomes `Unreachable`."""
    try:
        return transport.send(request)
    except TransportFailed as failed:
        raise Unreachable(system, operation, failed.text, kind=failed.kind, definite=failed.definite) from failed


def read(system: str, operation: str, response: Response) -> Answer:
    """The successful answer; raises the `CallFailed` that the response is otherwise."""
    if response.status >= 400:
        raise _failure(system, operation, response)
    return Answer(system, operation, response)


def error_of(system: str, operation: str, response: Response) -> dict[str, Any]:
    """The error body; {} where it is none of this API's."""
    try:
        body = _json(system, operation, response)
    except BadAnswer:
        return {}
    error = body.get("error")
    if isinstance(error, str):  # the token endpoint, RFC 6749, section 5.2
        return {"code": error, "kind": "login", "message": body.get("error_description", error)}
    return error if isinstance(error, dict) else {}


def _json(system: str, operation: str, response: Response) -> dict[str, Any]:
    if response.status == 204 and not response.body:
        return {}
    kind = response.headers.get("content-type", "nothing said")
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError as wrong:
        text = f"status {response.status} with a body that is no JSON ({kind}): {_start(response.body)}"
        raise BadAnswer(system, operation, text) from wrong
    if not isinstance(body, dict):
        raise BadAnswer(system, operation, f"an answer that is no JSON object: {_start(response.body)}")
    return body


def _failure(system: str, operation: str, response: Response) -> CallFailed:
    error = error_of(system, operation, response)
    text, fix = sentences(error)
    failure = _kind_of(system, operation, response, error, text or f"status {response.status}: {_start(response.body)}")
    if not isinstance(failure, Refused):  # a record's refusal keeps the system's words whole
        failure.fix = fix
    return failure


def _kind_of(system: str, operation: str, response: Response, error: dict[str, Any], text: str) -> CallFailed:
    status, kind = response.status, error.get("kind")
    if kind == "address":
        return AddressRefused(system, operation, text)
    if status == 401:
        return LoginRefused(system, operation, text)
    if status == 429:
        return _quota(system, operation, text, response)
    if status == 501:
        return NotSimulated(system, operation, text)
    if status >= 500 or kind == "fault":
        return ServerFailed(
            system,
            operation,
            text,
            status=status,
            definite=error.get("definite") is True,
            retry_after_seconds=_seconds(response),
        )
    if kind == "permission":
        return Forbidden(system, operation, text)
    if not error:
        return BadAnswer(system, operation, text)
    return Refused(system, operation, as_refusal(error))


def _quota(system: str, operation: str, text: str, response: Response) -> QuotaSpent:
    after, now = _seconds(response), _virtual_now(response)
    retry_at = now + timedelta(seconds=after) if now is not None and after is not None else None
    return QuotaSpent(system, operation, text, retry_at=retry_at, retry_after_seconds=after)


def _start(body: bytes) -> str:
    """The first characters of a body, for a person who must see what came instead."""
    text = " ".join(body[:200].decode("utf-8", "replace").split())
    return repr(text[:80] + ("..." if len(text) > 80 else ""))


def _seconds(response: Response) -> int | None:
    after = response.headers.get("retry-after", "")
    return int(after) if after.isdigit() else None


def _virtual_now(response: Response) -> datetime | None:
    """The sandbox's time, which it states in a header of its own; the wall's would be another clock."""
    try:
        return datetime.fromisoformat(response.headers["x-time"])
    except (KeyError, ValueError):
        return None
