"""OAuth 2.0 as Salesforce has it: tokens, refresh with rotation, revocation.

Facts: vendors/salesforce-pardot-dynamics-eloqua.md 1A, 1E; RFC 6749, 7009, 7523.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from hashlib import sha256
from hmac import new
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import orjson

from leadsim.dialects.salesforce.apps import App, app_of, first_refresh_token, proven_app, security_token
from leadsim.dialects.salesforce.assertion import read_assertion
from leadsim.dialects.salesforce.ids import SHORT, org_id
from leadsim.dialects.salesforce.oauth_errors import JSON_UTF8, OAuthRefused, oauth_answer
from leadsim.dialects.salesforce.session import catalog_of, origin_of
from leadsim.dialects.salesforce.state import state_of
from leadsim.dialects.salesforce.view import View
from leadsim.gateway.call import Call
from leadsim.gateway.credentials import Login
from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import LoginRefused

if TYPE_CHECKING:
    from leadsim.gateway.site import Site

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = ("password", "client_credentials", "refresh_token", JWT)
NOT_SIMULATED_GRANTS = (
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "device",
    "hybrid_refresh",
)
SCOPE = "id api pardot_api refresh_token"


# --- who logs in ------------------------------------------------------------------------------------------------


def user_named(site: Site, name: str) -> str | None:
    """The engine's id of a user by what people log in as: the id, the user name, or `id@org...`."""
    users = [user for user in site.org.users if not user.queue]
    wanted = name.strip().casefold()
    for user in users:
        if wanted in (user.id.casefold(), user.user_name.casefold()):
            return user.id
    local, _, domain = wanted.partition("@")
    if domain and domain.split(".")[0] in (site.name.casefold(), "leadproof"):
        return next((user.id for user in users if user.id.casefold() == local), None)
    return name.strip() if site.login_of(name.strip()) is not None else None


def prove(site: Site, name: str, password: str) -> Login:
    """The login of a user name and password, with or without the security token behind it. Raises LoginRefused."""
    user = user_named(site, name)
    if user is None:
        raise LoginRefused("user or password is wrong")
    token = security_token(site.name, user)
    if password.endswith(token):
        password = password[: -len(token)]
    return site.credentials.prove(user, password)


def issue(call: Call, login: Login) -> str:
    """A new session. The token begins with the org's id, as the vendor's do."""
    text, _ = call.site.credentials.issue(login, call.now)
    call.secrets.append(text)
    call.user = login.user
    return f"{org_id(call.site.name)[:SHORT]}!{text}"


def bare_token(text: str) -> str:
    """The engine's part of a token."""
    return text.rpartition("!")[2]


# --- /services/oauth2/token -------------------------------------------------------------------------------------


def token(call: Call) -> Answer:
    """POST /services/oauth2/token"""
    try:
        return _token(call, _form(call))
    except OAuthRefused as failure:
        return oauth_answer(failure)


def _form(call: Call) -> dict[str, str]:
    fields = dict(call.request.query)
    fields.update(parse_qsl(call.request.body.decode("utf-8", "replace"), keep_blank_values=True))
    basic = call.request.headers.get("authorization", "")
    if basic.lower().startswith("basic "):
        try:
            key, _, secret = base64.b64decode(basic[6:].strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            raise OAuthRefused("invalid_client", "invalid client credentials") from None
        fields.setdefault("client_id", key)
        fields.setdefault("client_secret", secret)
    return fields


def _token(call: Call, form: Mapping[str, str]) -> Answer:
    grant = form.get("grant_type", "")
    if not grant:
        raise OAuthRefused("unsupported_grant_type", "grant type not supported")
    if grant in NOT_SIMULATED_GRANTS:
        raise OAuthRefused("unsupported_grant_type", f"The grant {grant} is not simulated by this sandbox.", 501)
    if grant not in GRANTS:
        raise OAuthRefused("unsupported_grant_type", "grant type not supported")
    if grant == JWT:
        return _by_assertion(call, form.get("assertion", ""))
    app = proven_app(call.site, form)
    refresh: str | None = None
    if grant == "password":
        login = _by_password(call.site, form)
    elif grant == "client_credentials":
        if app.user is None:
            raise OAuthRefused("invalid_grant", "no client credentials user enabled")
        login = _usable(call.site, app.user)
    else:
        login, refresh = _by_refresh(call, form, app)
    return _answer(call, login, app, refresh)


def _by_password(site: Site, form: Mapping[str, str]) -> Login:
    try:
        return prove(site, form.get("username", ""), form.get("password", ""))
    except LoginRefused as refusal:
        inactive = "inactive" in refusal.text
        raise OAuthRefused("invalid_grant", "inactive user" if inactive else "authentication failure") from None


def _usable(site: Site, user: str) -> Login:
    login = site.login_of(user)
    if login is None or not login.active:
        raise OAuthRefused("invalid_grant", "inactive user")
    return login


def _by_assertion(call: Call, assertion: str) -> Answer:
    """The JWT bearer grant. It gives no refresh token: one signs again."""
    call.secrets.append(assertion)
    addresses = (_origin(call), f"https://{call.site.name}.my.salesforce.com")
    asserted = read_assertion(assertion, app_of=lambda key: app_of(call.site, key), audiences=addresses, now=call.now)
    user = user_named(call.site, asserted.user_name)
    login = None if user is None else call.site.login_of(user)
    if login is None or not login.active:
        raise OAuthRefused("invalid_grant", "user hasn't approved this consumer")
    if asserted.app.users is not None and login.user not in asserted.app.users:
        raise OAuthRefused("invalid_app_access", "user is not admin approved to access this app")
    return _answer(call, login, asserted.app, None)


def _by_refresh(call: Call, form: Mapping[str, str], app: App) -> tuple[Login, str | None]:
    """The holder of a refresh token, and the new one that takes its place: an old one is worth nothing. Where the
    org's policy is another (`refresh_token_rotation: false`), it stays as it is."""
    given, state = form.get("refresh_token", ""), state_of(call.site)
    login = None if app.user is None else _usable(call.site, app.user)
    first = None if login is None else first_refresh_token(call.site.name, login)
    holder = state.refresh.get(given, app.user if given == first else None)
    if login is None or holder != app.user:
        raise OAuthRefused("invalid_grant", "expired access/refresh token")
    if not call.site.recipe.refresh_token_rotation:
        call.secrets.append(given)
        return login, None
    state.refresh[given] = None
    turn = state.number("refresh")
    fresh = "5Aep861" + sha256(f"{given}\x1f{turn}".encode()).hexdigest()
    state.refresh[fresh] = app.user
    call.secrets += [given, fresh]
    return login, fresh


def _answer(call: Call, login: Login, app: App, refresh: str | None) -> Answer:
    session = issue(call, login)
    origin = _origin(call)
    issued = str(int(call.now.timestamp() * 1000))
    identity = f"{origin}/id/{org_id(call.site.name)}/{_user_id(call, login.user)}"
    signature = base64.b64encode(
        new(app.client_secret.encode(), (identity + issued).encode(), sha256).digest()
    ).decode()
    call.secrets += [signature, *([app.client_secret] if app.client_secret else [])]
    content = {
        "access_token": session,
        "signature": signature,
        "scope": SCOPE,
        "instance_url": origin,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    if refresh is not None:
        content["refresh_token"] = refresh
    return Answer(200, orjson.dumps(content), {"content-type": JSON_UTF8, "cache-control": "no-cache, no-store"})


def _origin(call: Call) -> str:
    first = call.request.segments[0]
    prefix = f"/{first}" if first == call.site.name else ""
    return origin_of(call.request.scheme, call.request.headers.get("host", ""), prefix)


def _user_id(call: Call, user: str) -> str:
    return View(call.org, catalog_of(call.org.schema)).user_id(user)


def revoke(call: Call) -> Answer:
    """POST or GET /services/oauth2/revoke: a session's or a refresh token's end."""
    given = _form(call).get("token", "")
    known = call.site.credentials.revoke(bare_token(given))
    state = state_of(call.site)
    if state.refresh.get(given) is not None:
        state.refresh[given] = None
        known = True
    if not known:
        return oauth_answer(OAuthRefused("unsupported_token_type", "this token type is not supported"))
    return Answer(200, b"", {"content-type": "text/plain"})
