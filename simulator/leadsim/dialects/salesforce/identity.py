"""Who one is: OpenID Connect's userinfo, and the identity URL that every token answer names."""

from __future__ import annotations

from typing import Any

from leadsim.dialects.salesforce.errors import refused
from leadsim.dialects.salesforce.ids import SHORT, org_id
from leadsim.dialects.salesforce.session import Session
from leadsim.gateway.messages import Answer


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
