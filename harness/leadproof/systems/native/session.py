"""One logged-in conversation with an org: token, retries that are certainly safe, failures by name.

The native API's statuses and its error body become the tree of `leadproof.systems.failures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson

from leadproof.systems.credentials import Credentials
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
from leadproof.systems.native.answers import as_refusal
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed

_FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `body` is its JSON object ({} where it has none)."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any]


class Session:
    """Sends requests of one org with a valid token."""

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self._transport = transport
        self._org = org
        self._credentials = credentials
        self._token = credentials.token

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        json: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and return its successful answer; raises a `CallFailed` otherwise.

        A token that has expired is renewed once, and the request repeated: it was turned away at the door,
        so it certainly did not apply. Nothing else is ever repeated here.
        """
        operation = f"{method} {path}"
        body = b"" if json is None else orjson.dumps(json)
        told = dict(headers or {})
        if json is not None:
            told["content-type"] = "application/json"
        renewed = False
        while True:
            if not self._token:
                self._login()
            request = Request(
                method, path, tuple(query), {**told, "authorization": f"Bearer {self._token}"}, body
            )
            response = self._send(operation, request)
            if response.status == 401 and not renewed and self._expired(operation, response):
                self._token, renewed = "", True
                continue
            return self._read(operation, response)

    def close(self) -> None:
        """Close the transport and forget the token."""
        self._token = self._credentials.token
        self._transport.close()

    def _login(self) -> None:
        form = self._credentials.login_form()
        operation = f"POST /{self._org}/oauth/token"
        if form is None:
            text = "there are no credentials, or only a token, and that has expired"
            raise LoginRefused(self._org, operation, text)
        request = Request("POST", f"/{self._org}/oauth/token", (), _FORM, urlencode(form).encode("ascii"))
        try:
            answer = self._read(operation, self._send(operation, request))
        except Refused as refused:
            # 400 invalid_grant (RFC 6749, 5.2) is how OAuth says "wrong password"
            raise LoginRefused(self._org, operation, refused.text) from refused
        except CallFailed as failed:
            failed.definite = True  # whatever became of the login, the call itself was never sent
            raise
        token = answer.body.get("access_token")
        if not isinstance(token, str) or not token:
            empty = BadAnswer(self._org, operation, "the answer to the login holds no access_token")
            empty.definite = True
            raise empty
        self._token = token

    def _send(self, operation: str, request: Request) -> Response:
        try:
            return self._transport.send(request)
        except TransportFailed as failed:
            raise Unreachable(
                self._org, operation, failed.text, kind=failed.kind, definite=failed.definite
            ) from failed

    def _expired(self, operation: str, response: Response) -> bool:
        return bool(self._error(operation, response).get("kind") == "expired")

    def _read(self, operation: str, response: Response) -> Answer:
        if response.status >= 400:
            raise self._failure(operation, response)
        return Answer(response.status, response.headers, self._json(operation, response))

    def _json(self, operation: str, response: Response) -> dict[str, Any]:
        if response.status == 204 and not response.body:
            return {}
        kind = response.headers.get("content-type", "nothing said")
        try:
            body = orjson.loads(response.body)
        except orjson.JSONDecodeError as wrong:
            text = f"status {response.status} with a body that is no JSON ({kind}): {_start(response.body)}"
            raise BadAnswer(self._org, operation, text) from wrong
        if not isinstance(body, dict):
            raise BadAnswer(
                self._org, operation, f"an answer that is no JSON object: {_start(response.body)}"
            )
        return body

    def _error(self, operation: str, response: Response) -> dict[str, Any]:
        """The error body; {} where it is none of this API's."""
        try:
            body = self._json(operation, response)
        except BadAnswer:
            return {}
        error = body.get("error")
        if isinstance(error, str):  # the token endpoint, RFC 6749, section 5.2
            return {"code": error, "kind": "login", "message": body.get("error_description", error)}
        return error if isinstance(error, dict) else {}

    def _failure(self, operation: str, response: Response) -> CallFailed:
        status, error = response.status, self._error(operation, response)
        kind = error.get("kind")
        text = str(error.get("message") or f"status {status}: {_start(response.body)}")
        org = self._org
        if kind == "address":
            return AddressRefused(org, operation, text)
        if status == 401:
            return LoginRefused(org, operation, text)
        if status == 429:
            after = _seconds(response)
            at = _virtual_now(response)
            retry_at = at + timedelta(seconds=after) if at is not None and after is not None else None
            return QuotaSpent(org, operation, text, retry_at=retry_at, retry_after_seconds=after)
        if status == 501:
            return NotSimulated(org, operation, text)
        if status >= 500 or kind == "fault":
            return ServerFailed(
                org,
                operation,
                text,
                status=status,
                definite=error.get("definite") is True,
                retry_after_seconds=_seconds(response),
            )
        if kind == "permission":
            return Forbidden(org, operation, text)
        if not error:
            return BadAnswer(org, operation, text)
        return Refused(org, operation, as_refusal(error))


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
