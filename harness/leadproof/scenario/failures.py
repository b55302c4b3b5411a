"""What a failure is told as: the finding that an exception is, and the causes behind a check or step that failed.

A diagnosis that fails itself takes nothing away from what the check found or the system said.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from leadproof.findings import At, Evidence, Finding, find
from leadproof.findings.catalogue import UnknownCode
from leadproof.scenario.live import LiveRefused
from leadproof.scenario.registry import Result, Step, StepRefused
from leadproof.scenario.settings import SettingRefused
from leadproof.scenario.stage import Stage
from leadproof.systems.failures import CallFailed
from leadterms.refusals import DocumentRefused, LeadtermsError, Place

REFUSED_STEPS = frozenset({"RUN808", "REF701", "REF709", "CFG807", "CFG833", "CON110"})
"""A step that a system refused, or for which something is missing: there may be a reason beyond the scenario."""


def check_causes(stage: Stage, step: Step, result: Result) -> list[Finding]:
    """The causes of what a check found not to hold, the likeliest first."""
    from leadproof.diagnosis import causes_of

    try:
        return causes_of(stage, step, result)
    except CallFailed as failure:
        return [failure_finding(failure, stage), *result.findings]
    except Exception as defect:  # a bug in a diagnosis takes nothing from what the check found
        return [*result.findings, defect_finding(defect, [stage.at])]


def refusal_causes(stage: Stage, step: Step, failure: Finding) -> list[Finding]:
    """Why a system did not let a step be done, where it is the system that refused; else the failure alone."""
    from leadproof.diagnosis import causes_of_step

    if failure.code not in REFUSED_STEPS:
        return [failure]
    try:
        return [stage.placed(one) for one in causes_of_step(stage, step, failure)]
    except CallFailed:
        return [failure]
    except Exception as defect:  # a bug in a diagnosis takes nothing from what the system said
        return [failure, defect_finding(defect, [stage.at])]


def defect_finding(defect: Exception, places: Sequence[Place]) -> Finding:
    """The finding that a bug of ours, or of a connector's, is: with the innermost frames, and no traceback."""
    frames = traceback.extract_tb(defect.__traceback__)[-3:]
    where = [Evidence(f"{Path(one.filename).name}:{one.lineno} in {one.name}") for one in frames]
    return find("SIM902", f"{type(defect).__name__}: {defect}", places=list(places), evidence=where)


def failure_finding(failure: Exception, stage: Stage | None) -> Finding:
    """The finding that a failure of a call, a step or a file is."""
    if isinstance(failure, StepRefused):
        return failure.finding
    if isinstance(failure, SettingRefused):
        return failure.finding
    if isinstance(failure, LiveRefused):
        return find(failure.code, failure.text, fix=failure.fix)
    places: list[Any] = [stage.at] if stage is not None else []
    if isinstance(failure, CallFailed):
        places.append(At("", failure.system))
        told = f"{failure.text[:1].upper()}{failure.text[1:].rstrip('.')}."
        return _coded(failure.code, told, places, f"{failure.operation}: {failure.text}", failure.fix)
    if isinstance(failure, DocumentRefused):
        first = failure.problems[0]
        coded = _coded(first.code, first.text, [first.place], failure.text, first.suggestion)
        return replace(coded, patch=first.patch)
    code = failure.code if isinstance(failure, LeadtermsError) else "SIM902"
    return _coded(code, str(failure), places, "")


def _coded(code: str, cause: str, places: Iterable[Any], evidence: str, fix: str = "") -> Finding:
    proof = [Evidence(evidence)] if evidence else []
    try:
        return find(code, cause, places=tuple(places), evidence=proof, fix=fix)
    except UnknownCode:
        # The system's own code: it says what was refused, and the catalogue says what that means for the run.
        return find("RUN808", f"{cause} [{code}]", places=tuple(places), evidence=proof)
