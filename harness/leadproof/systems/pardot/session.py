"""One conversation with a business unit: Salesforce's token, the unit's header, the two versions' resources.

Account Engagement logs nobody in: the token comes from Salesforce (guide "Authentication"), and each request names the
business unit besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, CallFailed, Forbidden, LoginRefused, Refused, Unreachable
from leadproof.systems.pardot.errors import EXPIRED, beginning, error_of, failure
from leadproof.systems.salesforce.errors import errors_of, login_failure
from leadproof.systems.salesforce.session import TOKEN_PATH, login_form
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed

V5 = "/api/v5/objects"
REDACTED = "202"
CUT = "203"
"""Warnings: values left out for lack of rights; no page token any more, after 100,000 records."""
UNIT = "pardot-business-unit-id"
_FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
ONLY_VERSION_3 = "89"
_OTHER_VERSION: Mapping[str, int] = {"88": 4, ONLY_VERSION_3: 3}
_USERINFO = "/services/oauth2/userinfo"


class Session:
    """Sends requests of one business unit with a valid token."""

    def __init__(self, transport: Transport, org: str, credentials: Credentials) -> None:
        self._transport = transport
        self._login_at: Transport = Http(credentials.login_url) if credentials.login_url else transport
        self._org = org
        self._credentials = credentials
        self._token = credentials.token
        self.usage: tuple[int, int] | None = None
        """Calls of the day, (used, limit), as the newest answer told them."""
        self.warning = ""
        """The number of the newest answer's Pardot-Warning."""
        self.legacy = 4
        """Which of the older versions the unit speaks."""
        self.now: datetime | None = None
        """The unit's time, as the newest answer told it."""

    def v5(
        self, method: str, path: str, *, query: Sequence[tuple[str, str]] = (), json: object = None
    ) -> tuple[int, Any]:
        """One call of version 5: its status and decoded body (None for none); raises a `CallFailed` otherwise."""
        body = b"" if json is None else orjson.dumps(json)
        headers = {"content-type": "application/json"} if json is not None else {}
        response = self._call(method, f"{V5}/{path}", query, headers, body)
        self.warning = response.headers.get("pardot-warning", "").partition(";")[0].strip()
        if self.warning == REDACTED:
            # Taken for blank, what was left out would be cleared on the other side.
            text = "values were left out of the answer, as the user may not see them"
            raise Forbidden(self._org, f"{method} {path}", text)
        return response.status, self._decoded(f"{method} {path}", response)

    def v4(
        self,
        object: str,
        operation: str,
        form: Sequence[tuple[str, str]] = (),
        *,
        read: bool = False,
        switch: bool = True,
    ) -> Any:
        """One call of version 4, such as ("prospect", "batchUpdate"): its decoded body. A `read` is a GET. A unit that
        has one prospect an address speaks version 3 instead, and says so once; `switch` asks it again then."""
        try:
            return self._before_v5(object, operation, form, read=read)
        except Refused as refused:
            other = _OTHER_VERSION.get(refused.refusal.code)
            if other is None or other == self.legacy or not switch:
                raise
            self.legacy = other
            return self._before_v5(object, operation, form, read=read)

    def _before_v5(self, object: str, operation: str, form: Sequence[tuple[str, str]], *, read: bool) -> Any:
        path = f"/api/{object}/version/{self.legacy}/do/{operation}"
        if read:
            response = self._call("GET", path, (*form, ("format", "json")), {}, b"")
        else:
            body = urlencode([*form, ("format", "json")]).encode("ascii")
            response = self._call("POST", path, (), _FORM, body)
        return self._decoded(path, response)

    def visit(self, method: str, path: str, form: Sequence[tuple[str, str]]) -> Response:
        """What a visitor's browser sends, without a login; the answer as it is. Raises `Unreachable`."""
        body = urlencode(form).encode("ascii")
        return self._send(self._transport, f"{method} {path}", Request(method, path, (), _FORM, body))

    def as_it_is(self, request: Request) -> int:
        """A request of somebody's own with this login, sent once; its status. Raises the `CallFailed` that it is."""
        told = {"authorization": f"Bearer {self.token()}", UNIT: self._credentials.business_unit_id, **request.headers}
        operation = f"{request.method} {request.path}"
        headers = {name: value for name, value in told.items() if value}
        response = self._send(self._transport, operation, replace(request, headers=headers))
        error = error_of(response)
        if error is not None or response.status >= 300:
            raise failure(self._org, operation, response, error)
        return response.status

    def who(self) -> Mapping[str, Any]:
        """Whose token it is, in Salesforce's words."""
        for attempt in (1, 2):
            token = self.token()
            request = Request("GET", _USERINFO, (), {"authorization": f"Bearer {token}", "accept": "application/json"})
            response = self._send(self._login_at, f"GET {_USERINFO}", request)
            if response.status in (401, 403) and attempt == 1 and self._renewable():
                self._token = ""
                continue
            if response.status >= 400:
                raise login_failure(self._org, f"GET {_USERINFO}", response, errors_of(response))
            told = self._decoded(f"GET {_USERINFO}", response)
            return told if isinstance(told, Mapping) else {}
        raise AssertionError("unreachable: the second attempt returns or raises")

    def token(self) -> str:
        """The access token; logs in if there is none."""
        if not self._token:
            self._login()
        return self._token

    def close(self) -> None:
        """Close the transports and forget the token."""
        self._token = self._credentials.token
        self._transport.close()
        if self._login_at is not self._transport:
            self._login_at.close()

    # --- the wire --------------------------------------------------------------------------------

    def _call(
        self, method: str, path: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str], body: bytes
    ) -> Response:
        """Send it; a token that has ended is renewed once: the request was turned away at the door."""
        operation, renewed = f"{method} {path}", False
        while True:
            told = {
                "accept": "application/json",
                **headers,
                "authorization": f"Bearer {self.token()}",
                UNIT: self._credentials.business_unit_id,
                "x-return-api-usage": "1",
            }
            response = self._send(self._transport, operation, Request(method, path, tuple(query), told, body))
            error = error_of(response)
            if error is None and response.status < 300:
                return response
            gone = response.status == 401 or (error is not None and error.code in EXPIRED)
            if gone and not renewed and self._renewable():
                self._token, renewed = "", True
                continue
            raise failure(self._org, operation, response, error)

    def _send(self, transport: Transport, operation: str, request: Request) -> Response:
        try:
            response = transport.send(request)
        except TransportFailed as failed:
            raise Unreachable(self._org, operation, failed.text, kind=failed.kind, definite=failed.definite) from failed
        self.usage = _usage(response) or self.usage
        self.now = _time(response) or self.now
        return response

    def _renewable(self) -> bool:
        known = self._credentials
        return bool(known.client_id and known.client_secret) or bool(known.username and known.password)

    def _login(self) -> None:
        operation = f"POST {TOKEN_PATH}"
        if not self._renewable():
            text = "there are no credentials, or only a token, and that has expired"
            raise LoginRefused(self._org, operation, text)
        form = urlencode(login_form(self._credentials)).encode("ascii")
        try:
            response = self._send(self._login_at, operation, Request("POST", TOKEN_PATH, (), _FORM, form))
            if response.status >= 400:
                raise login_failure(self._org, operation, response, errors_of(response))
            body = self._decoded(operation, response)
            token = body.get("access_token") if isinstance(body, Mapping) else None
            if not isinstance(token, str) or not token:
                raise BadAnswer(self._org, operation, "the answer to the login holds no access_token")
        except CallFailed as failed:
            failed.definite = True  # whatever became of the login, the call itself was never sent
            raise
        self._token = token

    def _decoded(self, operation: str, response: Response) -> Any:
        if not response.body:
            return None
        try:
            return orjson.loads(response.body)
        except orjson.JSONDecodeError as wrong:
            kind = response.headers.get("content-type", "nothing said")
            text = f"status {response.status} with a body that is no JSON ({kind}): {beginning(response.body)}"
            raise BadAnswer(self._org, operation, text) from wrong


def _usage(response: Response) -> tuple[int, int] | None:
    """x-api-usage: two numbers, used and limit; the vendor shows it on demand and does not specify its form further."""
    used, _, limit = response.headers.get("x-api-usage", "").replace(" ", "").rpartition("=")[2].partition("/")
    return (int(used), int(limit)) if used.isdigit() and limit.isdigit() else None


def _time(response: Response) -> datetime | None:
    """The time of the answer (RFC 9110, 6.6.1). A sandbox on a clock of its own states it in X-Time."""
    try:
        own = response.headers.get("x-time")
        if own is not None:
            return datetime.fromisoformat(own)
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
