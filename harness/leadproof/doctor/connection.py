"""C1: is the connection verified, switched on, allowed in, logged in, permitted, and within its quota?"""

from __future__ import annotations

from leadproof.findings import At, Evidence, Finding, UnknownCode, find
from leadproof.systems.failures import CallFailed, NotSimulated
from leadproof.systems.ports import Capability, Crm, Marketing, System

ALMOST_SPENT = 20
"""Calls left of a day's quota below which a sync will probably not end, and the doctor looks no further."""


def look_at_connection(crm: Crm, marketing: Marketing) -> tuple[list[Finding], bool]:
    """The findings, and whether both systems can be asked further."""
    found: list[Finding] = []
    usable = True
    for side, system in (("crm", crm), ("marketing", marketing)):
        try:
            seen, enough = _login(side, system)
            found += seen
            usable = usable and enough
        except CallFailed as failure:
            found.append(failed_call(side, failure))
            usable = False
    try:
        found += _switch(marketing)
    except CallFailed:
        usable = False  # said above
    return found, usable


def failed_call(side: str, failure: CallFailed) -> Finding:
    """The finding that a failed call is."""
    at = At(side, failure.system)
    told = f"{failure.text[:1].upper()}{failure.text[1:].rstrip('.')}."
    try:
        return find(failure.code, told, places=[at], evidence=[Evidence(failure.operation)], fix=failure.fix)
    except UnknownCode:
        return find("RUN807", f"{failure.text} [{failure.code}]", places=[at], evidence=[Evidence(failure.operation)])


def _login(side: str, system: System) -> tuple[list[Finding], bool]:
    """The findings, and whether calls are left for looking further: the last ones belong to the sync."""
    seen = system.connect()
    at = At(side, system.name)
    missing = [one for one in ("api", "write") if one not in seen.permissions]
    found = []
    if missing:
        cause = f"The connector's user {seen.user} of {system.name} lacks the permission {' and '.join(missing)}."
        found.append(find("CON111", cause, places=[at]))
    left = seen.quota.left
    if left is not None and left < ALMOST_SPENT:
        cause = f"{system.name} has {left} API calls left of {seen.quota.limit} today."
        found.append(find("CON112", cause, places=[at]))
        return found, False
    return found, True


def _switch(marketing: Marketing) -> list[Finding]:
    if Capability.CONNECTOR_STATUS not in marketing.can:
        return []
    try:
        status = marketing.connector_status()
    except NotSimulated:
        return []
    at = At("marketing", marketing.name)
    found = []
    if not status.switched_on:
        notes = f" Its note says: {status.notes}" if status.notes else ""
        found.append(find("CON101", f"The connector of {marketing.name} is switched off.{notes}", places=[at]))
    if not status.verified:
        found.append(find("CON102", f"The connector of {marketing.name} is not verified.", places=[at]))
    return found
