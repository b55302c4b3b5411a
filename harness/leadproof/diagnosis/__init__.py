"""Why a check failed: ranked causes, from the journal, the audit trail, the oracle and the files.

The order of search is the one of product.md C: connection, users, assignment rules, field settings, master and
replica; then what the connector did. It never believes the connector where the journal tells the same, and it knows
nothing of planted defects (pyproject.toml, import contracts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from leadproof.diagnosis.case import Case
from leadproof.diagnosis.causes import Cause, Proof, ranked
from leadproof.diagnosis.connection import look_at_connection
from leadproof.diagnosis.fields import look_at_fields
from leadproof.diagnosis.terms import look_at_terms
from leadproof.findings import Finding

if TYPE_CHECKING:
    from leadproof.scenario.connected import Connected
    from leadproof.scenario.registry import Result, Step
    from leadproof.scenario.stage import Stage

SEARCH: tuple[Callable[[Case], Iterator[Cause]], ...] = (look_at_connection, look_at_fields, look_at_terms)
"""Who looks for causes, in the order of product.md C."""


def causes_of(stage: Stage, step: Step, result: Result) -> list[Finding]:
    """The causes of a failed check, the likeliest first; what the check itself suspects comes last.

    May raise a CallFailed where a system does not answer the tester either."""
    causes: list[Cause] = []
    for connected in concerned(stage, step):
        case = Case(stage, step, result, connected)
        for look in SEARCH:
            causes.extend(look(case))
    causes.extend(Cause(one, _told(stage, one)) for one in result.findings)
    return ranked(causes)


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
