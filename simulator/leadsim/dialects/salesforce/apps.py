"""Connected apps: those that the recipe names, and one of its own for every user, so that nothing must be set up.

Facts: vendors/salesforce-pardot-dynamics-eloqua.md 1A, 1E.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from leadsim.dialects.salesforce.oauth_errors import OAuthRefused
from leadsim.gateway.credentials import Login

if TYPE_CHECKING:
    from leadsim.gateway.site import Site


TOKEN_HALF = 12


@dataclass(frozen=True, slots=True)
class App:
    """A connected app: consumer key, consumer secret, whom it runs as, its certificate in PEM, and the users that an
    administrator has approved (None: everybody)."""

    client_id: str
    client_secret: str
    user: str | None
    certificate: str | None = None
    users: tuple[str, ...] | None = None


def connected_app(org: str, login: Login) -> App:
    """The connected app of a user. It follows from the org, the user and the password, so nothing must be set up."""
    seed = f"{org}\x1f{login.user}"
    key = "3MVG9" + base64.b32encode(sha256(f"key\x1f{seed}".encode()).digest()).decode().rstrip("=")
    secret = sha256(f"secret\x1f{seed}\x1f{login.password}".encode()).hexdigest().upper()
    return App(key, secret, login.user)


def security_token(org: str, user: str) -> str:
    """What is put behind the password when one logs in from an address that the org doesn't trust. Its second half
    follows from its first, so that one can be told where nobody knows yet whose it is."""
    first = _letters(f"token\x1f{org}\x1f{user}")
    return first + _letters(f"check\x1f{org}\x1f{first}")


def ends_with_token(org: str, password: str) -> bool:
    """Whether a password has one of the org's security tokens behind it, be it the right one or not."""
    first, check = password[-2 * TOKEN_HALF : -TOKEN_HALF], password[-TOKEN_HALF:]
    return len(first) == TOKEN_HALF and check == _letters(f"check\x1f{org}\x1f{first}")


def _letters(seed: str) -> str:
    return base64.b32encode(sha256(seed.encode()).digest()).decode()[:TOKEN_HALF]


def first_refresh_token(org: str, login: Login) -> str:
    """The refresh token that a user's app holds from the start: what an authorization in a browser would have given."""
    drawn = sha256(f"refresh\x1f{org}\x1f{login.user}\x1f{login.password}".encode()).hexdigest()
    return f"5Aep861{drawn}"


def app_of(site: Site, key: str) -> App:
    """The app with this consumer key. A user's name serves as a key too, as on every other side of the sandbox.
    Raises OAuthRefused."""
    found = next((app for app in _apps(site) if app.client_id == key), None) if key else None
    if found is None:
        raise OAuthRefused("invalid_client_id", "client identifier invalid")
    return found


def proven_app(site: Site, form: Mapping[str, str]) -> App:
    """The app that asks, by its key and secret. Raises OAuthRefused."""
    app = app_of(site, form.get("client_id", ""))
    # An app without a secret comes in by its certificate only.
    if not app.client_secret or not compare_digest(app.client_secret.encode(), form.get("client_secret", "").encode()):
        raise OAuthRefused("invalid_client", "invalid client credentials")
    return app


def _apps(site: Site) -> Iterator[App]:
    for one in site.recipe.connected_apps:
        users = None if one.users is None else tuple(one.users)
        yield App(one.client_id, one.client_secret, one.run_as, one.certificate, users)
    for user in dict.fromkeys([*site.logins, *(user.id for user in site.org.users if not user.queue)]):
        login = site.login_of(user)
        if login is not None:
            yield connected_app(site.name, login)
            yield App(login.user, login.password, login.user)
