"""OAuth 2.0 as Salesforce has it: tokens, refresh with rotation, revocation, who one is.

Every user of an org has a connected app of their own (`connected_app`), so that each grant runs as somebody the
recipe knows. Facts: vendors/salesforce-pardot-dynamics-eloqua.md 1A, 1E; RFC 6749, 7009.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest, new
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from leadsim.dialects.salesforce.errors import refused
from leadsim.dialects.salesforce.ids import SHORT, org_id
from leadsim.dialects.salesforce.session import JSON_UTF8, Session, catalog_of, origin_of
from leadsim.dialects.salesforce.state import state_of
from leadsim.dialects.salesforce.view import View
from leadsim.gateway.call import Call
from leadsim.gateway.credentials import Login
from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import LoginRefused

if TYPE_CHECKING:
    from leadsim.gateway.site import Site

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
GRANTS = ("password", "client_credentials", "refresh_token")
NOT_SIMULATED_GRANTS = (
    JWT,
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "device",
    "hybrid_refresh",
)
SCOPE = "id api pardot_api refresh_token"


class OAuthRefused(Exception):
    """A token request that is refused: RFC 6749, 5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class App:
    """A connected app: consumer key, consumer secret, and whom it runs as."""

    client_id: str
    client_secret: str
    user: str


def connected_app(org: str, login: Login) -> App:
    """The connected app of a user. It follows from the org, the user and the password, so nothing must be set up."""
    seed = f"{org}\x1f{login.user}"
    key = "3MVG9" + base64.b32encode(sha256(f"key\x1f{seed}".encode()).digest()).decode().rstrip("=")
    secret = sha256(f"secret\x1f{seed}\x1f{login.password}".encode()).hexdigest().upper()
    return App(key, secret, login.user)


def security_token(org: str, user: str) -> str:
    """What is put behind the password when one logs in from an address that the org doesn't trust."""
    return base64.b32encode(sha256(f"token\x1f{org}\x1f{user}".encode()).digest()).decode()[:24]


def first_refresh_token(org: str, login: Login) -> str:
    """The refresh token that a user's app holds from the start: what an authorization in a browser would have given."""
    drawn = sha256(f"refresh\x1f{org}\x1f{login.user}\x1f{login.password}".encode()).hexdigest()
    return f"5Aep861{drawn}"


def error_answer(failure: OAuthRefused) -> Answer:
    """A refused token request."""
    body = {"error": failure.error, "error_description": failure.description}
    return Answer(failure.status, orjson.dumps(body), {"content-type": JSON_UTF8})


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
        return error_answer(failure)


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
    app = _app(call.site, form)
    refresh: str | None = None
    if grant == "password":
        login = _by_password(call.site, form)
    elif grant == "client_credentials":
        login = _usable(call.site, app.user)
    else:
        login, refresh = _by_refresh(call, form, app)
    return _answer(call, login, app, refresh)


def _app(site: Site, form: Mapping[str, str]) -> App:
    """The connected app that asks. A user's name and password serve as key and secret too, as on every other side
    of the sandbox."""
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not key:
        raise OAuthRefused("invalid_client_id", "client identifier invalid")
    for user in [*site.logins, *(user.id for user in site.org.users if not user.queue)]:
        login = site.login_of(user)
        if login is None:
            continue
        app = connected_app(site.name, login)
        for known in (app, App(login.user, login.password, login.user)):
            if known.client_id == key:
                if not compare_digest(known.client_secret.encode(), secret.encode()):
                    raise OAuthRefused("invalid_client", "invalid client credentials")
                return known
    raise OAuthRefused("invalid_client_id", "client identifier invalid")


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


def _by_refresh(call: Call, form: Mapping[str, str], app: App) -> tuple[Login, str]:
    """The holder of a refresh token, and the new one that takes its place: an old one is worth nothing."""
    given, state = form.get("refresh_token", ""), state_of(call.site)
    login = _usable(call.site, app.user)
    first = first_refresh_token(call.site.name, login)
    holder = state.refresh.get(given, app.user if given == first else None)
    if holder != app.user:
        raise OAuthRefused("invalid_grant", "expired access/refresh token")
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
    call.secrets += [signature, app.client_secret]
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
        return error_answer(OAuthRefused("unsupported_token_type", "this token type is not supported"))
    return Answer(200, b"", {"content-type": "text/plain"})


# --- who one is -------------------------------------------------------------------------------------------------


def userinfo(session: Session) -> Answer:
    """GET /services/oauth2/userinfo: OpenID Connect's claims."""
    about = _about(session, session.view.user_id(session.call.user))
    names = ("user_id", "organization_id", "email", "email_verified", "nickname", "preferred_username", "name",
             "given_name", "family_name", "zoneinfo", "locale", "active", "is_app_installed", "user_type",
             "urls")  # fmt: skip
    claims = {
        **about, "sub": about["id"], "preferred_username": about["username"], "nickname": about["nick_name"],
        "name": about["display_name"], "given_name": about["first_name"], "family_name": about["last_name"],
        "zoneinfo": about["timezone"], "is_app_installed": True, "updated_at": about["last_modified_date"],
    }  # fmt: skip
    shown = {"sub": claims["sub"], **{name: claims[name] for name in names}, "updated_at": claims["updated_at"]}
    return session.answer(200, shown)


def identity(session: Session) -> Answer:
    """GET /id/{org}/{user}"""
    own, user = org_id(session.call.site.name), session.call.params["user"]
    record = session.view.by_id(user)
    if session.call.params["org_id"] not in (own, own[:SHORT]) or record is None or record.object.name != "User":
        raise refused("NOT_FOUND", "Bad_Id")
    return session.answer(200, _about(session, record.id))


def _about(session: Session, user: str) -> dict[str, Any]:
    record = session.view.by_id(user)

    def value(name: str) -> Any:
        return None if record is None else record.named(name)

    own = org_id(session.call.site.name)
    origin = session.origin
    rest = f"{origin}/services/data/v{{version}}/"
    urls = {
        "enterprise": f"{origin}/services/Soap/c/{{version}}/{own[:SHORT]}",
        "partner": f"{origin}/services/Soap/u/{{version}}/{own[:SHORT]}",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "profile": f"{origin}/{user}",
    }
    return {
        "id": f"{origin}/id/{own}/{user}",
        "asserted_user": True,
        "user_id": user,
        "organization_id": own,
        "username": value("Username"),
        "nick_name": value("CommunityNickname"),
        "display_name": value("Name"),
        "email": value("Email"),
        "email_verified": value("Email") is not None,
        "first_name": value("FirstName"),
        "last_name": value("LastName"),
        "timezone": session.view.org.settings.time_zone,
        "locale": "en_US",
        "language": "en_US",
        "active": value("IsActive") is True,
        "user_type": "STANDARD",
        "is_app_installed": True,
        "last_modified_date": session.view.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "urls": urls,
    }
