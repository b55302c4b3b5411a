"""C1: was the connection itself refused, switched off or spent in the last cycles? Read in the journal.

A refusal counts only where it was the last word: what was mended before the check is no cause of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from leadproof.diagnosis.calls import Call
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.sessions import RENEWED, ended_session, is_about
from leadproof.findings import Evidence, Finding, UnknownCode, entry, find
from leadterms.refusals import Place

SIDES = ("crm", "marketing")
WHERE = {
    "NET110": ("allowlist",),
    "CON101": ("connector",),
    "CON102": ("connector",),
    "CON110": ("logins",),
    "CON111": ("logins",),
    "CON112": ("quota",),
}
"""The part of an org's recipe that each code is about."""
_WIRE = {"refused": "NET101", "timeout": "NET105", "reset": "NET106", "truncated": "NET107"}
NEVER_CALLED = "CYC620"


def look_at_connection(case: Case) -> Iterator[Cause]:
    """What kept the connector's calls from being answered, both sides."""
    ended = [one for side in SIDES if (one := ended_session(case, side)) is not None]
    yield from (Cause(one, Proof.PROVED) for one in ended)
    refused = {side: _refused(case, side) for side in SIDES}
    for side in SIDES:
        yield from (Cause(one, Proof.PROVED) for one in refused[side] if not is_about(one, ended))
        yield from _wire(case, side)
    for finding in case.seen:
        if finding.code.startswith(("NET", "CON")) and not is_about(finding, ended):
            yield Cause(_placed(case, finding), _weight(case, finding))
    yield from _never_called(case)


def _refused(case: Case, side: str) -> list[Finding]:
    """The refusals of the last cycle that nothing answered afterwards, one finding for each code."""
    org = case.org(side)
    by_code: dict[str, list[Call]] = {}
    calls = case.calls.last(org)
    for place, call in enumerate(calls):
        if not call.code.startswith(("NET", "CON")) or call.code == RENEWED:
            continue
        if any(later.status < 400 and later.path == call.path for later in calls[place + 1 :]):
            continue
        by_code.setdefault(call.code, []).append(call)
    return [_finding(case, side, code, found) for code, found in by_code.items()]


def _finding(case: Case, side: str, code: str, calls: list[Call]) -> Finding:
    org = case.org(side)
    known = _known(code)
    cause = calls[0].text or f"{org} answered {calls[0].status} to {calls[0].method} {calls[0].path}"
    return find(
        known,
        f"{cause[0].upper()}{cause[1:].rstrip('.')}.",
        places=[_place(case, org, known), case.at(side)],
        evidence=[one.evidence() for one in calls[:3]],
        fix=calls[0].fix,
    )


def _known(code: str) -> str:
    try:
        return entry(code).code
    except UnknownCode:
        return "RUN807"


def _place(case: Case, org: str, code: str) -> Place | None:
    part = WHERE.get(code)
    return case.in_recipe(org, *part) if part else None


def _placed(case: Case, finding: Finding) -> Finding:
    """The doctor's finding with the recipe's line before the org."""
    org = next((one.org for one in finding.places if not isinstance(one, Place)), "")
    place = _place(case, org, finding.code)
    return replace(finding, places=(place, *finding.places)) if place is not None else finding


def _weight(case: Case, finding: Finding) -> Proof:
    """What the doctor sees now is proved where it is an error: it keeps the next cycle from its work too."""
    return Proof.PROVED if finding.level == "error" and case.calls.cycles else Proof.NEAR


def _wire(case: Case, side: str) -> Iterator[Cause]:
    """Failures of the wire leave no answer; the sandbox journals that it made them."""
    org = case.org(side)
    calls = case.calls.to(org)
    last = calls[-1].n if calls else 0
    for fact in case.calls.lost:
        code = _WIRE.get(str(fact.get("kind_of")))
        if fact["org"] == org and code and int(fact["n"]) > last:
            text = f"A call of the connector to {org} met a failure of the wire: {fact.get('kind_of')}."
            proof = Evidence(str(fact.get("kind_of")), org, int(fact["n"]))
            yield Cause(find(code, text, places=[case.at(side)], evidence=[proof]), Proof.PROVED)


def _never_called(case: Case) -> Iterator[Cause]:
    """Cycles ran and an org saw no call of them, though nothing keeps anybody from calling it. What the connector
    says of why it stopped is the only thing that tells more, so it is told first."""
    if not case.calls.cycles or any(one.writes_crm + one.writes_marketing for one in case.connected.cycles):
        return  # a connector that says it wrote calls under another name
    silent = [side for side in SIDES if not case.calls.to(case.org(side))]
    if not silent or any(one.code.startswith(("NET", "CON")) and one.level == "error" for one in case.seen):
        return
    stopped = case.connected.cycles[-1].stopped
    if stopped is not None:
        yield Cause(stopped, Proof.FITTING)
    orgs = " and ".join(case.org(side) for side in silent)
    cycles = f"{case.calls.cycles} cycle{'s' * (case.calls.cycles > 1)}"
    yield Cause(
        find(
            NEVER_CALLED,
            f"The connector ran {cycles} and never called {orgs}.",
            places=[case.at(side) for side in silent],
            evidence=[Evidence(f"no exchange of the connector in {cycles}", case.org(silent[0]))],
        ),
        Proof.PROVED if stopped is None else Proof.FITTING,
    )
