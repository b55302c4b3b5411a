"""A value that a step could not enter, because its field does not take it: is it the value, or the field?

The mapping says that the field and its partner hold the same. Where the partner takes the value as it stands, the two
definitions disagree, and what the doctor sees of them is why the step could not be done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadproof.findings import At, Finding
from leadproof.scenario.registry import StepRefused
from leadterms.fieldtypes import parse
from leadterms.refusals import ValueRefused

if TYPE_CHECKING:
    from leadproof.scenario.registry import Step
    from leadproof.scenario.stage import Stage

REFUSED_VALUE = "CFG807"


def disagreeing_fields(stage: Stage, step: Step, failure: Finding) -> frozenset[str]:
    """The field that refused the step's value and the partner that takes it, by their ids; empty where no partner
    takes it, or the failure is another one."""
    at = next((one for one in failure.places if isinstance(one, At) and one.field), None)
    values = getattr(step, "values", None)
    if failure.code != REFUSED_VALUE or at is None or not isinstance(values, dict):
        return frozenset()
    connected = next(one for one in stage.connections.values() if at.org in (one.crm.name, one.marketing.name))
    refused = connected.specs(at.system, at.object)[at.field]
    raw = [value for name, value in values.items() if _is(stage, at, name)]
    for _, partner in connected.shared(at.system, at.object, refused).partners:
        for value in raw:
            try:
                parse(partner, value)
            except ValueRefused:
                continue
            return frozenset((refused.id, partner.id))
    return frozenset()


def _is(stage: Stage, at: At, name: str) -> bool:
    connected, side = stage.located(at.org)
    try:
        return stage.spec(connected, side, at.object, name).id == at.field
    except StepRefused:
        return False
