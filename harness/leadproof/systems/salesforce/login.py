"""The log-in at Salesforce, for all that stands behind it: the CRM itself, and Account Engagement.

Source: REST API guide "Authorization Through Connected Apps and OAuth 2.0"; RFC 6749, 4.3 and 4.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import BadAnswer, CallFailed, LoginRefused
from leadproof.systems.salesforce.errors import decoded, errors_of, login_failure
from leadproof.transports.protocol import Request, Response

TOKEN_PATH = "/services/oauth2/token"
FORM = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
Send = Callable[[str, Request], Response]
"""Sends a request that an operation's name stands for. Raises `Unreachable`."""


class Login:
    """The token of one user or app. `send` reaches the host that logs in."""

    def __init__(self, org: str, credentials: Credentials, send: Send) -> None:
        self._org, self._credentials, self._send = org, credentials, send
        self._token = credentials.token

    def token(self) -> str:
        """The access token; logs in if there is none. Raises `CallFailed`."""
        if not self._token:
            self._token = self._asked()
        return self._token

    def renew(self) -> bool:
        """Forget the token, if there are credentials for another; whether there are."""
        if not self._suffices():
            return False
        self._token = ""
        return True

    def forget(self) -> None:
        """As it was at the beginning."""
        self._token = self._credentials.token

    def _suffices(self) -> bool:
        known = self._credentials
        return bool(known.client_id and known.client_secret) or bool(known.username and known.password)

    def _asked(self) -> str:
        operation = f"POST {TOKEN_PATH}"
        if not self._suffices():
            text = "there are no credentials, or only a token, and that has expired"
            raise LoginRefused(self._org, operation, text)
        form = urlencode(login_form(self._credentials)).encode("ascii")
        try:
            response = self._send(operation, Request("POST", TOKEN_PATH, (), FORM, form))
            if response.status >= 400:
                raise login_failure(self._org, operation, response, errors_of(response))
            body = decoded(self._org, operation, response)
            token = body.get("access_token") if isinstance(body, Mapping) else None
            if not isinstance(token, str) or not token:
                raise BadAnswer(self._org, operation, "the answer to the login holds no access_token")
        except CallFailed as failed:
            failed.definite = True  # whatever became of the login, the call itself was never sent
            raise
        return token


def login_form(known: Credentials) -> dict[str, str]:
    """The token request. With a user's password that flow, which needs the app's key too and the security token
    behind the password; else the app's own flow, which runs as the user that its administrator named."""
    app = {"client_id": known.client_id, "client_secret": known.client_secret}
    if known.username and known.password:
        secret = known.password + known.security_token
        return {"grant_type": "password", "username": known.username, "password": secret, **app}
    return {"grant_type": "client_credentials", **app}


def calls_told(text: str) -> tuple[int, int] | None:
    """ "18/5000": calls used of the day's; None for anything else."""
    used, _, limit = text.partition("/")
    return (int(used), int(limit)) if used.isdigit() and limit.isdigit() else None


def time_told(response: Response) -> datetime | None:
    """The time of the answer (RFC 9110, 6.6.1). A sandbox on a clock of its own states it in X-Time."""
    try:
        own = response.headers.get("x-time")
        if own is not None:
            return datetime.fromisoformat(own)
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
