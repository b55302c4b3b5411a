"""Campaigns, member statuses and what reports count by: why a membership or a figure is not as a check wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.diagnosis.subject import lives, people_of, records
from leadproof.findings import At, Evidence, find
from leadproof.findings.patches import replaced
from leadproof.integration import CampaignMapping
from leadproof.oracle.agreement import Agreement
from leadproof.oracle.members import Members
from leadproof.oracle.standing import SideName
from leadproof.scenario.checks.members import CheckMember, all_members
from leadproof.scenario.checks.reports import CheckReport
from leadproof.systems.campaigns import Campaign, Member
from leadterms.refusals import Place

MASTERS: tuple[Literal["marketing", "crm", "latest"], ...] = ("marketing", "crm", "latest")
"""Who may be master of a campaign's members, the usual one first (sync-semantics.md "Campaigns and reports")."""


def look_at_campaigns(case: Case) -> Iterator[Cause]:
    """The causes of a wrong membership, and of figures, as long as settings explain them."""
    memberships = isinstance(case.step, CheckMember) or any(one.check == "oracle.member" for one in case.violations)
    counted = isinstance(case.step, CheckReport)
    for finding in case.seen:
        if finding.code.startswith("RPT"):
            yield Cause(finding, Proof.PROVED if memberships or counted else Proof.NEAR)
    if isinstance(case.step, CheckMember):
        yield from _member(case, case.step)
    if isinstance(case.step, CheckReport):
        yield from _report(case, case.step)


def _mapped(case: Case, name: str) -> CampaignMapping | None:
    return next((one for one in case.integration.campaigns if name in (one.crm, one.marketing)), None)


def _campaign(case: Case, side: str, name: str) -> Campaign | None:
    return next((one for one in case.connected.system(side).campaigns() if one.name == name), None)


def _member(case: Case, step: CheckMember) -> Iterator[Cause]:
    side = case.stage.located(step.in_)[1]
    mapping = _mapped(case, step.campaign)
    if mapping is None:
        text = f"The campaign {step.campaign} is not mapped, so its members are not synced."
        yield Cause(find("RPT505", text, places=[case.integration.place("campaigns"), case.at(side)]), Proof.PROVED)
        return
    place = case.integration.place("campaigns", case.integration.campaigns.index(mapping))
    name = mapping.crm if side == "crm" else mapping.marketing
    campaign = _campaign(case, side, name)
    if campaign is None:
        return
    held = _held(case, side, campaign)
    at = case.at(side, "CampaignMember" if side == "crm" else "list_membership", held[0].id if held else "", "status")
    for member in held:
        if step.status and member.status.casefold() != step.status.casefold():
            yield from _status(case, step, mapping, member.status, place, at)
        elif step.responded is not None and member.responded != step.responded:
            counts = "counts" if member.responded else "does not count"
            text = f"{member.status} of {name} {counts} as an answer."
            where = _status_place(case, side, name)
            yield Cause(find("RPT508", text, places=[where, at]), Proof.PROVED)


def _held(case: Case, side: str, campaign: Campaign) -> list[Member]:
    """The memberships in a campaign of the people that the step is about."""
    ids = {one.id for person in people_of(case) for one in records(case, side, person)}
    members = all_members(case.connected.system(side))
    return [one for one in members if one.campaign == campaign.id and one.person in ids and not one.deleted]


def _status(
    case: Case, step: CheckMember, mapping: CampaignMapping, held: str, place: Place | None, at: At
) -> Iterator[Cause]:
    """The other side's status becomes this one by the campaign's `statuses`, and another one is wanted."""
    side = case.stage.located(step.in_)[1]
    known = mapping.statuses.values() if side == "crm" else mapping.statuses
    broken = any(one.check == "oracle.member" for one in case.violations)
    if step.status.casefold() not in [one.casefold() for one in known]:
        alike = [] if broken or side != "crm" else _alike(case, mapping, held)
        if alike:
            yield _merged(case, step, mapping, alike, at)
        text = f"statuses of {mapping.crm} <-> {mapping.marketing} have no partner for {step.status}."
        yield Cause(find("RPT504", text, places=[place, at]), Proof.FITTING if alike else Proof.PROVED)
        return
    if broken:
        return
    mastered = list(_another_master(case, step, mapping, place, at))
    yield from mastered
    if any(one.proof is Proof.PROVED for one in mastered):
        return  # with the pairs as they are the check would hold
    for there, here in mapping.statuses.items():
        if held.casefold() == (here if side == "crm" else there).casefold():
            pair = f"{mapping.crm} <-> {mapping.marketing}"
            text = f"statuses of {pair} pair {there} with {here}; the check wants {step.status}."
            yield Cause(find("RPT507", text, places=[place, at]), Proof.PROVED)


def _alike(case: Case, mapping: CampaignMapping, held: str) -> list[str]:
    """Marketing's statuses that become the held one alike, where the person has one of them; [] where only one does."""
    alike = [there for there, here in mapping.statuses.items() if here.casefold() == held.casefold()]
    campaign = _campaign(case, "marketing", mapping.marketing) if len(alike) > 1 else None
    theirs = {one.status.casefold() for one in _held(case, "marketing", campaign)} if campaign is not None else set()
    return alike if theirs & {one.casefold() for one in alike} else []


def _merged(case: Case, step: CheckMember, mapping: CampaignMapping, alike: list[str], at: At) -> Cause:
    """Whichever of these statuses marketing sets, the CRM gets one and the same."""
    number, becomes = case.integration.campaigns.index(mapping), mapping.statuses[alike[0]]
    text = (
        f"statuses of {mapping.crm} <-> {mapping.marketing} turn {', '.join(alike[:-1])} and {alike[-1]} alike into "
        f"{becomes}, and none into {step.status}, which the check wants."
    )
    fix = f"Pair the status that means {step.status} with it, in `statuses` (marketing status: CRM status)."
    place = case.integration.place("campaigns", number, "statuses")
    return Cause(find("RPT507", text, places=[place, at], fix=fix), Proof.PROVED)


def _another_master(
    case: Case, step: CheckMember, mapping: CampaignMapping, place: Place | None, at: At
) -> Iterator[Cause]:
    """The check would hold with another master of the campaign, by the oracle's law applied again."""
    side: SideName = "crm" if case.stage.located(step.in_)[1] == "crm" else "marketing"
    links = [
        link
        for person in people_of(case)
        for life in lives(case, side, person)
        if (link := case.link_of(side, life)) is not None
    ]
    for then in MASTERS:
        if then == mapping.master or not links:
            continue
        other = [
            one.model_copy(update={"master": then}) if one is mapping else one for one in case.integration.campaigns
        ]
        agreed = Agreement(case.integration.model_copy(update={"campaigns": other}), case.histories)
        judge = Members(agreed, case.histories, case.links, case.matching)
        ends = [end.of(side) for link in links for end in judge.ends_of(link, mapping.crm)]
        if not any(str(one or "").casefold() == step.status.casefold() for one in ends):
            continue
        pair = f"{mapping.crm} <-> {mapping.marketing}"
        text = (
            f"{pair} says master: {mapping.master} of its members' statuses; with master: {then} the check would hold."
        )
        fix = f"Write `master: {then}` for the campaign {pair}, or correct what the scenario expects."
        patch = replaced(place, f"master: {mapping.master}", f"master: {then}")
        proof = [Evidence(f"the oracle's law, applied again to both histories with master: {then}")]
        # The usual master is nobody's mistake, and what is not written cannot have been mistyped.
        proved = Proof.PROVED if mapping.master != MASTERS[0] else Proof.FITTING
        yield Cause(find("OWN310", text, places=[place, at], evidence=proof, fix=fix, patch=patch), proved)
        return


def _status_place(case: Case, side: str, name: str) -> Place | None:
    recipe = case.stage.recipe
    org = case.org(side)
    campaigns = recipe.model.orgs[org].campaigns if recipe is not None and org in recipe.model.orgs else []
    number = next((n for n, one in enumerate(campaigns) if name in one.values.values()), None)
    return case.in_recipe(org, "campaigns", number) if number is not None else None


def _report(case: Case, step: CheckReport) -> Iterator[Cause]:
    """What the figures are counted by: sources of forms, answers that count, who is marketing."""
    side = case.stage.located(step.in_)[1] if getattr(step, "in_", "") else "crm"
    report = str(step.report)
    for row in step.expect:
        name = row.get("row", "")
        if _campaign(case, side, name) is not None and _mapped(case, name) is None:
            text = f"The campaign {name} is not mapped, so its members are not synced."
            yield Cause(find("RPT505", text, places=[case.integration.place("campaigns"), case.at(side)]), Proof.PROVED)
    if "source" in report:
        yield from _sources(case, step)
    if "campaign" in report:
        for mapping in case.integration.campaigns:
            name = mapping.crm if side == "crm" else mapping.marketing
            campaign = _campaign(case, side, name)
            if campaign is not None and campaign.statuses and not any(one.responded for one in campaign.statuses):
                told = ", ".join(one.name for one in campaign.statuses)
                text = f"No status of {name} counts as an answer (it has {told})."
                places = [_status_place(case, side, name), case.at(side, "Campaign", campaign.id)]
                yield Cause(find("RPT508", text, places=places), Proof.PROVED)


def _sources(case: Case, step: CheckReport) -> Iterator[Cause]:
    rows = "; ".join(" ".join(str(value) for value in one.values()) for one in step.expect)
    expected = f", and the report is expected to show {rows}" if rows else ""
    for place, form in enumerate(case.connected.marketing.forms()):
        made = [
            fact
            for fact in case.facts
            if fact["kind"] == "change" and fact["org"] == case.org("marketing") and fact.get("object") == "submission"
        ]
        from_form = [one for one in made if (one.get("fields") or {}).get("form", [None, None])[1] == form.id]
        blank = [
            life for life in case.links.people("marketing") if from_form and life.live and not life.values.get("source")
        ]
        if blank:
            text = f"People of the form {form.id} have no source in marketing{expected}."
            where = case.in_recipe(case.org("marketing"), "forms", place)
            at = case.at("marketing", blank[0].object, blank[0].id, "source")
            proof = Evidence(f"{blank[0].object} {blank[0].id} holds no source", case.org("marketing"))
            yield Cause(find("RPT509", text, places=[where, at], evidence=[proof]), Proof.PROVED)
