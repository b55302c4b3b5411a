"""Signing in: a Salesforce session and the business unit's id, on every call.

The session is that of a Salesforce org of the sandbox (leadsim.dialects.sessions). Where the sandbox has none, the
business unit issues sessions itself, as the Salesforce org that it belongs to would: POST /services/oauth2/token below
its own path. Facts: vendors/salesforce-pardot-dynamics-eloqua.md 2A, 2E; RFC 6749.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import orjson

from leadsim.dialects.pardot.ids import business_unit_id
from leadsim.dialects.pardot.neighbour import pass_on, salesforce_of
from leadsim.gateway.call import Call
from leadsim.gateway.credentials import Bearer, Elsewhere, Login, Presented
from leadsim.gateway.messages import JSON, Answer, Request
from leadsim.gateway.refusal import LoginRefused
from leadsim.gateway.site import Site

HEADER = "pardot-business-unit-id"
GRANTS = ("password", "client_credentials")
SCOPE = "id api pardot_api"
_OWN = slice(3, 15)
_MARK = "!AE_"


def own_session(business_unit: str, text: str) -> str:
    """A session that a business unit issues itself: as a Salesforce org's, with a mark of its own."""
    return f"00D{business_unit[_OWN]}{_MARK}{text}"


def presented(request: Request) -> Presented | None:
    """The session that a call brings: of the business unit itself, or of a Salesforce org."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        return None
    _, mark, own = token.partition(_MARK)
    return Bearer(own) if mark else Elsewhere("salesforce", token)


def oauth_refusal(error: str, description: str, status: int = 400) -> Answer:
    """A refused token request: RFC 6749, 5.2."""
    body = {"error": error, "error_description": description}
    return Answer(status, orjson.dumps(body), {"content-type": JSON})


def token(call: Call) -> Answer:
    """POST /services/oauth2/token: the Salesforce org's answer, where the sandbox has one."""
    neighbour = salesforce_of(call.site)
    if neighbour is not None:
        return pass_on(call, neighbour)
    form = dict(call.request.query)
    form.update(parse_qsl(call.request.body.decode("utf-8", "replace"), keep_blank_values=True))
    grant = form.get("grant_type", "")
    if grant not in GRANTS:
        return oauth_refusal("unsupported_grant_type", "grant type not supported")
    holder = _app(call.site, form)
    if holder is None:
        return oauth_refusal("invalid_client_id", "client identifier invalid")
    if grant == "password":
        try:
            holder = call.site.credentials.prove(_user(call.site, form), form.get("password", ""))
        except LoginRefused:
            return oauth_refusal("invalid_grant", "authentication failure")
    if not holder.active:
        return oauth_refusal("invalid_grant", "inactive user")
    return _answer(call, holder)


def userinfo(call: Call) -> Answer:
    """GET /services/oauth2/userinfo: whose session it is, in the Salesforce org's words where the sandbox has one."""
    neighbour = salesforce_of(call.site)
    if neighbour is not None:
        return pass_on(call, neighbour)
    try:
        login = call.site.admit(presented(call.request), call.now)
    except LoginRefused:
        return Answer(403, b"Bad_OAuth_Token", {"content-type": "text/html"})
    call.user = login.user
    user = call.org.users.get(login.user)
    name = user.user_name if user is not None else login.user
    content = {
        "sub": name,
        "user_id": name,
        "organization_id": f"00D{business_unit_id(call.site.name)[_OWN]}",
        "preferred_username": name,
        "email": user.email if user is not None else "",
        "name": user.name if user is not None else name,
        "active": True,
    }
    return Answer(200, orjson.dumps(content), {"content-type": JSON})


def _answer(call: Call, login: Login) -> Answer:
    text, _ = call.site.credentials.issue(login, call.now)
    call.secrets.append(text)
    call.user = login.user
    content = {
        "access_token": own_session(business_unit_id(call.site.name), text),
        "scope": SCOPE,
        "instance_url": f"{call.request.scheme}://{call.request.headers.get('host', '')}/{call.site.name}",
        "token_type": "Bearer",
        "issued_at": str(int(call.now.timestamp() * 1000)),
    }
    return Answer(200, orjson.dumps(content), {"content-type": JSON, "cache-control": "no-cache, no-store"})


def _app(site: Site, form: Mapping[str, str]) -> Login | None:
    """The user whose name and password are the connected app's key and secret here."""
    try:
        return site.credentials.prove(form.get("client_id", ""), form.get("client_secret", ""))
    except LoginRefused:
        return None


def _user(site: Site, form: Mapping[str, str]) -> str:
    """The engine's id of a user by what people log in as."""
    wanted = form.get("username", "").strip().casefold()
    for user in site.org.users:
        if wanted in (user.id.casefold(), user.user_name.casefold(), user.email.casefold() or user.id.casefold()):
            return user.id
    return form.get("username", "").strip()
