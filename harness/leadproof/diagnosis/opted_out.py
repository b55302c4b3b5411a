"""An opt-out that could not be entered: the integration maps it, but not for what the person is in the CRM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadproof.diagnosis.crosswise import NOT_MAPPED
from leadproof.findings import At, Evidence, Finding, find
from leadproof.findings.patches import replaced
from leadproof.scenario.steps.editing import OptOut, opt_out_of, record_of

if TYPE_CHECKING:
    from leadproof.integration import Mapping
    from leadproof.scenario.connected import Connected
    from leadproof.scenario.registry import Step
    from leadproof.scenario.stage import Stage

UNKNOWN_NAME = "CFG833"


def mapped_for_others(stage: Stage, step: Step, failure: Finding) -> Iterator[Finding]:
    """The mapping of the opt-out that is there for another of the CRM's objects, at its line."""
    if not isinstance(step, OptOut) or failure.code != UNKNOWN_NAME or not step.lead:
        return
    connected, side = stage.located(step.in_)
    for person in stage.people(step.lead) if side == "crm" else ():
        record = record_of(stage, connected, side, person)
        if opt_out_of(connected, record.object) is None:
            others = [one for one in connected.people_objects if one != record.object]
            held = next((one for other in others if (one := opt_out_of(connected, other)) is not None), None)
            if held is not None:
                yield _finding(connected, held, record.object, record.id)
            return


def _finding(connected: Connected, held: Mapping, object: str, id: str) -> Finding:
    org, said = connected.crm.name, f"{held.crm_object}: {held.crm_field}"
    text = (
        f"{held.crm_field} <-> {held.marketing_field}, the opt-out, is mapped for {held.crm_object} and not for "
        f"{object}, so {object} {id} of {org} cannot opt out of both systems."
    )
    known = held.crm_field in connected.specs("crm", object)
    both = f"{said}, {object}: {held.crm_field if known else '...'}"
    return find(
        NOT_MAPPED,
        text,
        places=[held.place, At("crm", org, object, id, held.crm_field if known else "")],
        evidence=[Evidence(f"the person is {object} {id} in {org}", org)],
        fix=f"Write `crm: {{{both}}}`: whoever opts out has the same right, lead or contact.",
        patch=replaced(held.place, f"{{{said}}}", f"{{{both}}}") if known else None,
    )
