"""Who may come in: logins, OAuth 2.0 grants and bearer tokens that expire on the sandbox's clock.

HTTP Basic (RFC 7617); the password and client_credentials grants (RFC 6749, 4.3 and 4.4); bearer tokens (RFC 6750).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TypeAlias

from leadsim.gateway.refusal import LoginRefused, NotPermitted, TokenExpired

PERMISSIONS = ("api", "read", "write")
"""`api`: call the API at all, which lets a user read; `write`: also change what it holds."""
TOKEN_LIFE_SECONDS = 3600
TOKENS_KEPT = 10_000
_LOGINS = "Take one of the recipe's `logins`; its password is `leadproof-USER` unless it says another"


@dataclass(frozen=True, slots=True)
class Login:
    """One user's way in."""

    user: str
    password: str
    may: frozenset[str] = frozenset(PERMISSIONS)
    active: bool = True
    token_life_seconds: int = TOKEN_LIFE_SECONDS


@dataclass(frozen=True, slots=True)
class Basic:
    """A user and password with the call itself."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token that the org issued."""

    token: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A token as it was sent, that an org of another dialect issued (leadsim.dialects.sessions)."""

    dialect: str
    token: str


Presented: TypeAlias = Basic | Bearer | Elsewhere


@dataclass(frozen=True, slots=True)
class Token:
    """What an issued token stands for."""

    user: str
    expires_at: datetime


def default_password(user: str) -> str:
    """The password of a login whose recipe names none."""
    return f"leadproof-{user}"


def read_authorization(header: str) -> Presented | None:
    """What an `Authorization` header presents; None when there is no header.
    Raises `LoginRefused` for a scheme or an encoding that cannot be read."""
    if not header:
        return None
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        return Bearer(rest.strip())
    if scheme.lower() == "basic":
        try:
            user, colon, password = base64.b64decode(rest.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, ValueError, UnicodeDecodeError):
            colon = ""
        if colon:
            return Basic(user, password)
    raise LoginRefused(
        f"the Authorization header's {scheme or 'empty'!r} scheme or its encoding cannot be read",
        fix="Send `Bearer TOKEN`, or `Basic` with base64 of user:password",
    )


class Credentials:
    """The logins and tokens of one org. `find` looks a user's login up, `draw` gives the text of a new token, from
    the org's own chance."""

    def __init__(self, find: Callable[[str], Login | None], draw: Callable[[], str]) -> None:
        self._find = find
        self._draw = draw
        self._tokens: dict[str, Token] = {}

    def check(self, presented: Presented | None, now: datetime) -> Login:
        """The login that the credentials prove. Raises `LoginRefused` or `TokenExpired`."""
        if isinstance(presented, Bearer):
            return self._holder(presented.token, now)
        if presented is None or isinstance(presented, Elsewhere):
            raise LoginRefused(
                "the call has no credentials",
                fix="Ask the token endpoint for a token and send it as `Authorization: Bearer TOKEN`",
                reason="invalid_request",
            )
        return self.prove(presented.user, presented.password)

    def prove(self, user: str, password: str) -> Login:
        """The login of a user with this password. Raises `LoginRefused`; it doesn't tell which of the two is wrong."""
        login = self._find(user)
        if login is None or not compare_digest(login.password.encode(), password.encode()):
            raise LoginRefused("user or password is wrong", fix=_LOGINS)
        return self._usable(login)

    def _holder(self, text: str, now: datetime) -> Login:
        token = self._tokens.get(text)
        if token is None:
            raise LoginRefused("the token was never issued here", fix="Log in again", reason="invalid_token")
        if now >= token.expires_at:
            raise TokenExpired(
                f"the token expired at {token.expires_at:%Y-%m-%dT%H:%M:%SZ}",
                fix="Log in again",
                reason="invalid_token",
            )
        login = self._find(token.user)
        if login is None:
            raise LoginRefused(f"{token.user} has no login any more", fix="Add the login to the recipe")
        return self._usable(login)

    @staticmethod
    def _usable(login: Login) -> Login:
        if not login.active:
            raise LoginRefused(f"user {login.user} is inactive", fix="Activate the user, or log in as another one")
        return login

    def issue(self, login: Login, now: datetime, *, life_seconds: int | None = None) -> tuple[str, int]:
        """A new token and its life in seconds: the login's own unless told otherwise."""
        life_seconds = login.token_life_seconds if life_seconds is None else life_seconds
        text = self._draw()
        self._tokens[text] = Token(login.user, now + timedelta(seconds=life_seconds))
        while len(self._tokens) > TOKENS_KEPT:
            del self._tokens[next(iter(self._tokens))]  # the oldest
        return text, life_seconds

    def revoke(self, token: str) -> bool:
        """Forget a token; False when there was none (RFC 7009, 2.2, answers both alike)."""
        return self._tokens.pop(token, None) is not None

    def expire(self, presented: Presented | None, now: datetime) -> None:
        """Revoke the presented token, as a fault does; a password does not expire."""
        if isinstance(presented, Bearer) and presented.token in self._tokens:
            self._tokens[presented.token] = Token(self._tokens[presented.token].user, now)

    def state(self) -> dict[str, Token]:
        """The issued tokens, for a snapshot."""
        return dict(self._tokens)

    def restore(self, state: dict[str, Token]) -> None:
        """Back to what `state` returned."""
        self._tokens = dict(state)


def permit(login: Login, permission: str | None) -> None:
    """Raises `NotPermitted` when the login lacks `api`, or the permission that the operation asks for."""
    for needed in ("api", permission):
        if needed is not None and needed not in login.may:
            raise NotPermitted(
                f"user {login.user} lacks the permission {needed!r}",
                fix=f"Add {needed} to `may` of this login in the recipe",
            )
