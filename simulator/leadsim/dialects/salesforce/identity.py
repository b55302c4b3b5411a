"""Who one is: OpenID Connect's userinfo, and the identity URL that every token answer names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from leadsim.dialects.salesforce.errors import refused
from leadsim.dialects.salesforce.ids import SHORT, org_id
from leadsim.dialects.salesforce.session import Session
from leadsim.gateway.messages import Answer

CLAIMS: tuple[str, ...] = (
    "sub", "user_id", "organization_id", "preferred_username", "nickname", "name", "email", "email_verified",
    "given_name", "family_name", "zoneinfo", "photos", "profile", "picture", "address",
    "is_salesforce_integration_user", "urls", "active", "user_type", "language", "locale", "utcOffset", "updated_at",
    "is_app_installed",
)  # fmt: skip
# Further addresses of an org: name -> path below it; {own} is the org's id, {version} for the client to fill in.
ADDRESSES: Mapping[str, str] = {
    "enterprise": "/services/Soap/c/{version}/{own}", "metadata": "/services/Soap/m/{version}/{own}",
    "partner": "/services/Soap/u/{version}/{own}", "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/", "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/", "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/{own}", "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/{user}", "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups", "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
    "feed_elements": "/services/data/v{version}/chatter/feed-elements", "custom_domain": "",
}  # fmt: skip


def userinfo(session: Session) -> Answer:
    """GET /services/oauth2/userinfo: OpenID Connect's claims."""
    about = _about(session, session.view.user_id(session.call.user))
    claims = {
        **about, "sub": about["id"], "preferred_username": about["username"], "nickname": about["nick_name"],
        "name": about["display_name"], "given_name": about["first_name"], "family_name": about["last_name"],
        "zoneinfo": about["timezone"], "updated_at": about["last_modified_date"], "profile": about["urls"]["profile"],
        "picture": about["photos"]["picture"], "address": {}, "is_salesforce_integration_user": False,
    }  # fmt: skip
    return session.answer(200, {name: claims[name] for name in CLAIMS})


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
    urls = {
        name: origin + path.replace("{own}", own[:SHORT]).replace("{user}", user) for name, path in ADDRESSES.items()
    }
    changed = value("SystemModstamp")
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
        "photos": {"picture": f"{origin}/profilephoto/005/F", "thumbnail": f"{origin}/profilephoto/005/T"},
        **dict.fromkeys(("addr_street", "addr_city", "addr_state", "addr_country", "addr_zip", "mobile_phone")),
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "locale": "en_US",
        "language": "en_US",
        "active": value("IsActive") is True,
        "user_type": "STANDARD",
        "is_app_installed": True,
        "last_modified_date": f"{changed:%Y-%m-%dT%H:%M:%SZ}" if isinstance(changed, datetime) else None,
        "utcOffset": _offset_ms(session),
        "urls": urls,
    }


def _offset_ms(session: Session) -> int:
    """How far the org's time zone is from UTC in its normal time."""
    local = session.view.now.astimezone(session.view.zone)
    offset = (local.utcoffset() or timedelta()) - (local.dst() or timedelta())
    return round(offset.total_seconds() * 1000)
