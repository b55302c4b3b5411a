"""One conversation with a business unit: Salesforce's token, the unit's header, the two versions' resources.

Account Engagement logs nobody in: the token comes from Salesforce (guide "Authentication"), and each request names the
business unit besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import Forbidden, Refused, Unreachable
from leadproof.systems.pardot.errors import EXPIRED, error_of, failure, refused_rows
from leadproof.systems.ports import Called, json_or_none
from leadproof.systems.salesforce.errors import decoded, errors_of, login_failure
from leadproof.systems.salesforce.login import FORM, Login, calls_told, time_told
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed

V5 = "/api/v5/objects"
REDACTED = "202"
CUT = "203"
"""Warnings: values left out for lack of rights; no page token any more, after 100,000 records."""
UNIT = "pardot-business-unit-id"
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
        self._login = Login(org, credentials, partial(self._send, self._login_at))
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
        return response.status, decoded(self._org, f"{method} {path}", response)

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
            response = self._call("POST", path, (), FORM, body)
        return decoded(self._org, path, response)

    def visit(self, method: str, path: str, form: Sequence[tuple[str, str]]) -> Response:
        """What a visitor's browser sends, without a login; the answer as it is. Raises `Unreachable`."""
        body = urlencode(form).encode("ascii")
        return self._send(self._transport, f"{method} {path}", Request(method, path, (), FORM, body))

    def as_it_is(self, request: Request) -> Called:
        """A request of somebody's own with this login, sent once, and the rows that were refused. Raises the
        `CallFailed` that it is."""
        told = {"authorization": f"Bearer {self.token()}", UNIT: self._credentials.business_unit_id, **request.headers}
        operation = f"{request.method} {request.path}"
        headers = {name: value for name, value in told.items() if value}
        response = self._send(self._transport, operation, replace(request, headers=headers))
        error = error_of(response)
        if error is not None or response.status >= 300:
            raise failure(self._org, operation, response, error)
        return Called(response.status, refused_rows(json_or_none(response.body)))

    def who(self) -> Mapping[str, Any]:
        """Whose token it is, in Salesforce's words."""
        for attempt in (1, 2):
            token = self.token()
            request = Request("GET", _USERINFO, (), {"authorization": f"Bearer {token}", "accept": "application/json"})
            response = self._send(self._login_at, f"GET {_USERINFO}", request)
            if response.status in (401, 403) and attempt == 1 and self._login.renew():
                continue
            if response.status >= 400:
                raise login_failure(self._org, f"GET {_USERINFO}", response, errors_of(response))
            told = decoded(self._org, f"GET {_USERINFO}", response)
            return told if isinstance(told, Mapping) else {}
        raise AssertionError("unreachable: the second attempt returns or raises")

    def token(self) -> str:
        """The access token; logs in if there is none."""
        return self._login.token()

    def close(self) -> None:
        """Close the transports and forget the token."""
        self._login.forget()
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
            if gone and not renewed and self._login.renew():
                renewed = True
                continue
            raise failure(self._org, operation, response, error)

    def _send(self, transport: Transport, operation: str, request: Request) -> Response:
        try:
            response = transport.send(request)
        except TransportFailed as failed:
            raise Unreachable(self._org, operation, failed.text, kind=failed.kind, definite=failed.definite) from failed
        self.usage = _usage(response) or self.usage
        self.now = time_told(response) or self.now
        return response


def _usage(response: Response) -> tuple[int, int] | None:
    """x-api-usage: two numbers, used and limit; the vendor shows it on demand and does not specify its form further."""
    return calls_told(response.headers.get("x-api-usage", "").replace(" ", "").rpartition("=")[2])
