"""A figure of a report that is not as expected, walked back to what it is counted by: the mapping line that feeds the
field, or the users by whom a system tells marketing's people from sales'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from leadproof.diagnosis.calls import CONNECTOR
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof
from leadproof.findings import Evidence, find
from leadproof.oracle.funnel import WORDS
from leadproof.oracle.standing import SideName
from leadproof.oracle.timelines import Life
from leadproof.scenario.checks.reports import CheckReport
from leadterms.refusals import Place

NOT_MAPPED, ELSEWHERE, CONTRIBUTIONS = "MAP350", "MAP351", "RPT510"
OF_DEALS: Mapping[str, tuple[str, ...]] = {
    "won": ("won",),
    "won_amount": ("won", "amount"),
    "roi": ("won", "amount"),
    "stage": ("stage",),
}
"""A report's column -> what of the opportunities it is counted by (words of leadproof.oracle.funnel)."""
BY_MAKER = ("closed_loop", "hand_over")
"""The reports that ask who made a record."""


def look_at_figures(case: Case) -> Iterator[Cause]:
    """The causes of a report's wrong figures that lie in settings."""
    if isinstance(case.step, CheckReport):
        side: SideName = "crm" if case.stage.located(case.step.in_)[1] == "crm" else "marketing"
        if side == "marketing" and not any(one.check == "oracle.opportunity" for one in case.violations):
            yield from _deals(case, _columns(case))
        if case.step.report == "lead_source" and not any(one.check == "oracle.source" for one in case.violations):
            yield from _sources(case, side)
        if case.step.report in BY_MAKER:
            yield from _makers(case, side)
    elif any(one.check == "oracle.report" for one in case.violations):
        for side in dict.fromkeys(_side(one.place.system) for one in case.violations if one.check == "oracle.report"):
            yield from _makers(case, side)


def _columns(case: Case) -> list[str]:
    """The columns in which a report is not as expected."""
    heads = [one.expected.partition(":")[0].split() for one in case.result.rows if one.verdict == "failed"]
    return list(dict.fromkeys(words[-1] for words in heads if words))


# --- opportunities ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Input:
    """A field of the opportunities that reports count, by its ids on both sides."""

    crm: str
    marketing: str


def _deals(case: Case, columns: list[str]) -> Iterator[Cause]:
    """What marketing's figures are counted by, and which field of the CRM feeds it."""
    terms = case.integration.opportunities
    if terms is None:
        yield from _no_deals(case, columns)
        return
    words = dict.fromkeys(word for column in columns for word in OF_DEALS.get(column, ()))
    for word in words:
        field = _Input(str(getattr(WORDS["crm"], word)), str(getattr(WORDS["marketing"], word)))
        number = next((n for n, one in enumerate(terms.fields) if one.marketing == field.marketing), None)
        if number is not None and terms.fields[number].crm == field.crm:
            continue
        differing = next(_differing(case, field), None)
        if differing is None:
            continue  # all deals hold the same: what feeds the field is not why
        here, there = differing
        at = case.at("marketing", there.object, there.id, field.marketing)
        held = Evidence(f"{here.object} {here.id} holds {field.crm} = {here.values.get(field.crm)}", case.org("crm"))
        shown = Evidence(
            f"{there.object} {there.id} holds {field.marketing} = {there.values.get(field.marketing)}",
            case.org("marketing"),
        )
        counted = f"{case.org('marketing')} counts by {terms.marketing}.{field.marketing}"
        place: Place | None
        if number is None:
            text = f"{counted}, and `opportunities` maps nothing to it: {terms.crm}.{field.crm} does not arrive."
            code, place = NOT_MAPPED, case.integration.place("opportunities", "fields")
        else:
            mapped = terms.fields[number].crm
            text = f"{counted}, which {terms.crm}.{mapped} is mapped to; {case.org('crm')} counts by {field.crm}."
            code, place = ELSEWHERE, case.integration.place("opportunities", "fields", number)
        yield Cause(find(code, text, places=[place, at], evidence=[held, shown]), Proof.PROVED)


def _no_deals(case: Case, columns: list[str]) -> Iterator[Cause]:
    """Marketing counts opportunities, the CRM has some, and none are synced."""
    deals = [one for one in case.histories.crm.lives.of(WORDS["crm"].deal).values() if one.live]
    if deals and {"opportunities", *OF_DEALS} & set(columns):
        org, object = case.org("marketing"), WORDS["marketing"].deal
        text = f"{org} counts its opportunities, and the integration syncs none of the {len(deals)} of the CRM."
        fix = "Add `opportunities` to the integration, or take the figures out of the scenario."
        yield Cause(find(NOT_MAPPED, text, places=[case.at("marketing", object)], fix=fix), Proof.PROVED)


def _sources(case: Case, side: SideName) -> Iterator[Cause]:
    """A report by lead source counts a field that no mapping fills, or another one than the other side's source."""
    crm, marketing = WORDS["crm"].source, WORDS["marketing"].source
    for link in case.links:
        here, there = link.crm_end, link.marketing_end
        mappings = case.integration.mappings(here.object)
        paired = any((one.crm_field, one.marketing_field) == (crm, marketing) for one in mappings)
        if paired or (here.values.get(crm) or None) == (there.values.get(marketing) or None):
            continue
        field, partner = (crm, marketing) if side == "crm" else (marketing, crm)
        filled = [one for one in mappings if field == (one.crm_field if side == "crm" else one.marketing_field)]
        fed = next((one for one in filled if one.marketing_field is not None), None)
        life = here if side == "crm" else there
        counted = f"{case.org(side)} counts by {life.object}.{field}"
        if fed is None:
            text = f"{counted}, and no mapping pairs it with {partner} of the other side."
            place = case.integration.place("fields") if not filled else filled[0].place
        else:
            mapped = fed.marketing_field if side == "crm" else fed.crm_field
            text, place = f"{counted}, which is mapped to {mapped}, not to {partner}.", fed.place
        code = NOT_MAPPED if fed is None else ELSEWHERE
        places = [place, case.at(side, life.object, life.id, field)]
        yield Cause(find(code, text, places=places), Proof.PROVED)
        return


def _differing(case: Case, field: _Input) -> Iterator[tuple[Life, Life]]:
    """The opportunities that hold another value on one side than on the other."""
    terms = case.integration.opportunities
    assert terms is not None
    deals = {one.id: one for one in case.histories.crm.lives.of(terms.crm).values() if one.live}
    for life in case.histories.marketing.lives.of(terms.marketing).values():
        deal = deals.get(str(life.values.get(terms.link) or ""))
        if deal is None or not life.live:
            continue
        if (deal.values.get(field.crm) or None) != (life.values.get(field.marketing) or None):
            yield deal, life


# --- who made it -----------------------------------------------------------------------------------------------------


def _makers(case: Case, side: SideName) -> Iterator[Cause]:
    """By whom a system tells what marketing brought: the connector's user is not named, or somebody else is."""
    recipe, org = case.stage.recipe, case.org(side)
    if recipe is None or org not in recipe.model.orgs:
        return
    known = recipe.model.orgs[org].connector_users
    user = case.histories.connector_user
    place = case.in_recipe(org, "connector_users")
    made = [life for life in case.links.people(side) if life.born.own]
    if side == "crm" and user not in known and made:
        text = (
            f"The closed-loop report of {org} counts as marketing's what {', '.join(known) or 'nobody'} created; the "
            f"connector created {len(made)} as {user}."
        )
        yield Cause(find(CONTRIBUTIONS, text, places=[place, case.at(side)]), Proof.PROVED)
    yield from _people_among_them(case, side, known, place)


def _people_among_them(case: Case, side: SideName, known: list[str], place: Place | None) -> Iterator[Cause]:
    """Somebody who enters records by hand counts as a connector."""
    if not case.as_written(case.org(side)):
        return
    objects = WORDS[side].people
    for name in known:
        made = [
            fact
            for fact in case.facts
            if fact["kind"] == "change"
            and (fact["org"], fact.get("op"), fact.get("user")) == (case.org(side), "create", name)
            and fact.get("object") in objects
        ]
        if not made or any(fact.get("actor") == CONNECTOR for fact in made):
            continue
        brought = "marketing's" if side == "crm" else "sales'"
        text = (
            f"The reports of {case.org(side)} count as {brought} whatever {name} creates, for it stands among its "
            f"connector users; {name} entered {len(made)} of its records by hand."
        )
        proof = Evidence(
            f"{name} created {made[0].get('object')} {made[0].get('id')}", case.org(side), int(made[0]["n"])
        )
        at = case.at(side, str(made[0].get("object")), str(made[0].get("id")))
        fix = f"Take {name} out of `connector_users` of {case.org(side)}."
        yield Cause(find(CONTRIBUTIONS, text, places=[place, at], evidence=[proof], fix=fix), Proof.PROVED)


def _side(name: str) -> SideName:
    return "crm" if name == "crm" else "marketing"
