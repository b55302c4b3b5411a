"""Why a check failed: ranked causes, from the journal, the audit trail, the oracle and the files.

The order of search is the one of product.md C: connection, users, assignment rules, field settings, master and
replica; then what the connector did. It never believes the connector where the journal tells the same, and it knows
nothing of planted defects (pyproject.toml, import contracts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from leadproof.diagnosis.answers import look_at_answers
from leadproof.diagnosis.behaviour import look_at_behaviour
from leadproof.diagnosis.campaigns import look_at_campaigns
from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof, ranked
from leadproof.diagnosis.connection import look_at_connection
from leadproof.diagnosis.contract import look_at_contract
from leadproof.diagnosis.cursors import look_at_cursors
from leadproof.diagnosis.delivery import look_at_delivery
from leadproof.diagnosis.entered import disagreeing_fields
from leadproof.diagnosis.fields import look_at_fields
from leadproof.diagnosis.figures import look_at_figures
from leadproof.diagnosis.forms import look_at_sources
from leadproof.diagnosis.matched import look_at_matches
from leadproof.diagnosis.opted_out import mapped_for_others
from leadproof.diagnosis.owners import look_at_owners
from leadproof.diagnosis.refused import refused_step
from leadproof.diagnosis.sessions import RENEWED, is_about
from leadproof.diagnosis.terms import look_at_terms
from leadproof.doctor.mending import mended
from leadproof.doctor.recipe_lines import in_recipe
from leadproof.findings import At, Finding
from leadproof.scenario.registry import Result
from leadterms.refusals import Place

if TYPE_CHECKING:
    from leadproof.scenario.connected import Connected
    from leadproof.scenario.registry import Step
    from leadproof.scenario.stage import Stage

SEARCH: tuple[Callable[[Case], Iterator[Cause]], ...] = (
    look_at_connection,
    look_at_owners,
    look_at_matches,
    look_at_fields,
    look_at_sources,
    look_at_terms,
    look_at_delivery,
    look_at_campaigns,
    look_at_answers,
    look_at_figures,
    look_at_behaviour,
    look_at_contract,
)
"""Who looks for causes, in the order of product.md C."""
CONNECTION = ("NET", "CON")
"""How the codes of the connection itself begin."""


def causes_of(stage: Stage, step: Step, result: Result) -> list[Finding]:
    """The causes of a failed check, the likeliest first; what the check itself suspects comes last.

    May raise a CallFailed where a system does not answer the tester either."""
    return ranked([*_searched(stage, step, result), *(Cause(one, _told(stage, one)) for one in result.findings)])


def causes_of_step(stage: Stage, step: Step, failure: Finding) -> list[Finding]:
    """The causes of a step that could not be done. Before its refusal stand an error of the connection (product.md C1:
    nothing else can be judged until it is mended), what is proved, and what names the same thing as the refusal; after
    it, what else is wrong."""
    result = Result("error", failure.title, "the step can be done", failure.cause, findings=(failure,))
    found = _searched(stage, step, result)
    said = [Cause(one, Proof.FITTING) for one in refused_step(stage, step, failure)]
    said = [*(Cause(one, Proof.PROVED) for one in mapped_for_others(stage, step, failure)), *said]
    named = [one for one in found if any(name in failure.cause for name in _names(one.finding))]
    disagreeing = disagreeing_fields(stage, step, failure)
    connection = [one for one in found if one.finding.code.startswith(CONNECTION) and one.finding.level == "error"]
    sure = [one for one in found if one in connection or disagreeing & _names(one.finding)]
    first = [
        Cause(one.finding, Proof.PROVED if one in sure else min(one.proof, Proof.FITTING))
        for one in found
        if one.proof is Proof.PROVED or one in named or one in sure
    ]
    told = [one.finding for one in first]
    rest = [one for one in found if one.finding not in told and one.finding.level == "error"]
    own = [] if any(one.finding.cause == failure.cause for one in said) else [Cause(failure, Proof.NEAR)]
    return ranked([*first, *said, *own, *(Cause(one.finding, Proof.SYMPTOM) for one in rest)])


def _searched(stage: Stage, step: Step, result: Result) -> list[Cause]:
    """What every search finds, in the order of product.md C."""
    causes: list[Cause] = []
    for connected in concerned(stage, step):
        case = Case(stage, step, result, connected)
        found: list[Cause] = []
        for look in SEARCH:
            found.extend(look(case))
            if look is look_at_connection:
                found.extend(look_at_cursors(case))
                found.extend(_stopped(connected, [one.finding for one in found if one.finding.code == RENEWED]))
        causes += [replace(one, finding=_written(case, one.finding)) for one in found]
    return causes


def _written(case: Case, finding: Finding) -> Finding:
    """What the doctor says of an org, with the recipe's line and what to write there."""
    orgs = [one.org for one in finding.places if isinstance(one, At)]
    if case.recipe is None or not orgs or not all(map(case.as_written, orgs)):
        return finding
    if any(isinstance(one, Place) for one in finding.places):
        return mended([finding], case.recipe)[0]
    return in_recipe([finding], case.recipe)[0] if finding.code.startswith("ASG") else finding


def _stopped(connected: Connected, ended: list[Finding]) -> Iterator[Cause]:
    """What ended the last cycle before its time. A connector that was not running did nothing wrong besides, so this
    comes before whatever it left undone; what the journal says of the connection comes before this. Of sessions that
    `ended` at once it only says that they were refused."""
    stopped = connected.cycles[-1].stopped if connected.cycles else None
    if stopped is not None and not is_about(stopped, ended):
        yield Cause(stopped, Proof.PROVED)


def _names(finding: Finding) -> set[str]:
    """The users, records and fields that a finding is about."""
    return {name for one in finding.places if isinstance(one, At) for name in (one.record, one.field) if len(name) > 2}


def _told(stage: Stage, finding: Finding) -> Proof:
    """What a cycle reported may be true; what the check suspects by itself says only what is seen."""
    return Proof.NEAR if finding in stage.findings else Proof.SYMPTOM


def concerned(stage: Stage, step: Step) -> list[Connected]:
    """The connections that the step is about: the one of its org, or the one it names, or all."""
    named = getattr(step, "connection", None)
    if named:
        return [stage.connection(named)]
    where = getattr(step, "in_", "")
    if where and where not in ("crm", "marketing"):
        return [stage.located(where)[0]]
    return [stage.main] if where else list(stage.connections.values())
