"""One logged-in conversation with an org: its token, and the one repetition that is certainly safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

import orjson

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, CallFailed, LoginRefused, Refused
from leadproof.systems.native.answers import refused_rows
from leadproof.systems.native.responses import Answer, error_of, read, send
from leadproof.systems.ports import Called, json_or_none
from leadproof.transports.protocol import Request, Response, Transport

_FORM = {"content-type": "application/x-www-form-urlencoded"}


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
        public: bool = False,
    ) -> Answer:
        """Send one request and return its successful answer; raises a `CallFailed` otherwise.

        A token that has expired, or that the org no longer knows, is renewed once and the request repeated: it
        was turned away at the door, so it certainly did not apply. Nothing else is ever repeated here.
        `public` calls go without a login.
        """
        operation = f"{method} {path}"
        body = b"" if json is None else orjson.dumps(json)
        told = {} if json is None else {"content-type": "application/json"}
        if public:
            request = Request(method, path, tuple(query), told, body)
            return read(self._org, operation, send(self._transport, self._org, operation, request))
        held, renewed = bool(self._token), False
        while True:
            if not self._token:
                self._login()
            request = Request(method, path, tuple(query), {**told, "authorization": f"Bearer {self._token}"}, body)
            response = send(self._transport, self._org, operation, request)
            if response.status == 401 and not renewed and (held or self._expired(operation, response)):
                self._token, renewed = "", True
                continue
            return read(self._org, operation, response)

    def as_it_is(self, request: Request) -> Called:
        """A request of somebody's own with this login, sent once, and the rows that were refused. Raises the
        `CallFailed` that it is."""
        told = {"authorization": f"Bearer {self.token()}", **request.headers}
        operation = f"{request.method} {request.path}"
        headers = {name: value for name, value in told.items() if value}
        response = send(self._transport, self._org, operation, replace(request, headers=headers))
        status = read(self._org, operation, response).status
        return Called(status, refused_rows(json_or_none(response.body)))

    def token(self) -> str:
        """The bearer token; logs in if there is none."""
        if not self._token:
            self._login()
        return self._token

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
            answer = read(self._org, operation, send(self._transport, self._org, operation, request)).body
        except Refused as refused:
            # 400 invalid_grant (RFC 6749, 5.2) is how OAuth says "wrong password"
            raise LoginRefused(self._org, operation, refused.text) from refused
        except CallFailed as failed:
            failed.definite = True  # whatever became of the login, the call itself was never sent
            raise
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            empty = BadAnswer(self._org, operation, "the answer to the login holds no access_token")
            empty.definite = True
            raise empty
        self._token = token

    def _expired(self, operation: str, response: Response) -> bool:
        return error_of(self._org, operation, response).get("kind") == "expired"
