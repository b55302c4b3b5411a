"""Who we are to a business unit: Salesforce knows whose token it is, the unit which of its users that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import CallFailed, Forbidden, LoginRefused, Refused
from leadproof.systems.organization import Connection, Quota
from leadproof.systems.pardot.describing import Json
from leadproof.systems.pardot.session import Session

_ACCOUNT = "id,maximumDailyApiCalls,apiCallsUsed"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def connection(session: Session, org: str, credentials: Credentials, users: Sequence[Json]) -> Connection:
    """As the unit sees us. A call was answered, so the API may be used; what a role may write is told by no call."""
    me = _me(session, credentials, users)
    return Connection(
        user=str(me["id"]),
        actor="",
        address="",
        permissions=("api", "write"),
        quota=_quota(session),
        time=session.now or _EPOCH,
        time_zone=_time_zone(session, str(me["id"])),
        org=org,
        kind="marketing",
    )


def _me(session: Session, credentials: Credentials, users: Sequence[Json]) -> Json:
    """The unit's user behind the token: linked by the Salesforce user's id, else of the same name or address."""
    told = session.who()
    id = str(told.get("user_id") or "")
    names = {str(told.get(key) or "").casefold() for key in ("preferred_username", "email")}
    names = (names | {credentials.username.casefold()}) - {""}
    by_id = [one for one in users if id and str(one.get("salesforceId") or "")[:15] == id[:15]]
    by_name = [one for one in users if {str(one.get(key) or "").casefold() for key in ("username", "email")} & names]
    for found in (by_id, by_name):
        if len(found) == 1:
            return found[0]
    who = told.get("preferred_username") or credentials.username or id
    raise LoginRefused("", "connect", f"the Salesforce user {who} is no user of this business unit")


def _quota(session: Session) -> Quota:
    """The calls of the day: the account tells them, and so does the header of an answer that is asked for them."""
    limit, used = None, None
    try:
        _, account = session.v5("GET", "account", query=[("fields", _ACCOUNT)])
        limit, used = account.get("maximumDailyApiCalls"), account.get("apiCallsUsed")
    except (Refused, Forbidden, AttributeError):
        pass  # a role that may not read the account
    if session.usage is not None and not isinstance(limit, int):
        used, limit = session.usage
    if not isinstance(limit, int) or not isinstance(used, int):
        return Quota(None, int(used or 0), None, None)
    return Quota(limit, used, max(limit - used, 0), None)


def _time_zone(session: Session, user: str) -> str:
    """The user's; only version 4 tells it."""
    try:
        told = session.v4("user", f"read/id/{user}", read=True)
        return str(told["user"]["timezone"] or "UTC")
    except (CallFailed, KeyError, TypeError):
        return "UTC"
