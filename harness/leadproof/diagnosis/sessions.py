"""C1: the login is accepted, and the session that it gives is over before a call can use it. Read in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from leadproof.diagnosis.calls import Call
from leadproof.diagnosis.case import Case
from leadproof.findings import At, Evidence, Finding, find
from leadproof.findings.patches import replaced

RENEWED = "CON104"
"""A token that ran out is asked for again; alone it stops nothing."""
BRIEF = 60
"""A session of fewer seconds does not last a cycle. Vendors refuse it in the words of a wrong login."""
USUAL = 3600
_OTHER = {"crm": "marketing", "marketing": "crm"}


def ended_session(case: Case, side: str) -> Finding | None:
    """In the last cycle logins were accepted and nothing else was: every call came after the end of its session."""
    calls = [one for one in case.calls.last(case.org(side)) if not _login(one)]
    refused = [one for one in calls if one.status in (401, 403)]
    if not refused or len(refused) < len(calls):
        return None
    giver, given = _given(case, side, refused[-1])
    if not given:
        return None
    told = str(given[-1].response.get("expires_in")) if isinstance(given[-1].response, dict) else ""
    number, life = _written(case, giver)
    life = life if life is not None else int(told) if told.isdigit() else None
    if any(one.code != RENEWED for one in refused) and (life is None or life >= BRIEF):
        return None
    org = case.org(giver)
    lasts = f" of {life} second{'s' * (life != 1)}" if life is not None else ""
    text = f"{org} accepts the connector's login, and the session{lasts} was over when {refused[-1].path} was called."
    place = case.in_recipe(org, "logins", number) if number is not None else case.in_recipe(org, "logins")
    evidence = [Evidence(f"{given[-1].method} {given[-1].path} was answered {given[-1].status}", org, given[-1].n)]
    found = find(
        RENEWED,
        text,
        places=[place, *(case.at(one) for one in dict.fromkeys((giver, side)))],
        evidence=[*evidence, refused[-1].evidence()],
        fix=f"Let sessions of the connector's login last longer than a cycle (`expires_seconds`; {USUAL} is usual).",
        patch=replaced(place, f"expires_seconds: {life}", f"expires_seconds: {USUAL}") if number is not None else None,
    )
    return replace(found, level="error")  # nothing renews it: no call passes


def is_about(finding: Finding, ended: Iterable[Finding]) -> bool:
    """Whether a finding only says that such a session was refused."""
    orgs = {place.org for one in ended for place in one.places if isinstance(place, At)}
    refusal = finding.code in ("CON110", "CON111", "NET108")
    return refusal and any(one.org in orgs for one in finding.places if isinstance(one, At))


def _login(call: Call) -> bool:
    return call.path.endswith("/token")


def _given(case: Case, side: str, before: Call) -> tuple[str, list[Call]]:
    """The side that gave the session (Account Engagement takes Salesforce's), and the logins that it accepted."""
    for giver in (side, _OTHER[side]):
        logins = [one for one in case.calls.to(case.org(giver)) if _login(one) and one.cycle == before.cycle]
        if logins:
            return giver, [one for one in logins if one.status < 400 and one.n < before.n]
    return side, []


def _written(case: Case, side: str) -> tuple[int | None, int | None]:
    """The connector's login in the recipe, and how long its sessions last if that is said."""
    recipe = case.recipe
    org = recipe.model.orgs.get(case.org(side)) if recipe is not None and case.as_written(case.org(side)) else None
    for number, login in enumerate(org.logins if org is not None else ()):
        if login.actor == "connector":
            return number, login.expires_seconds
    return None, None
