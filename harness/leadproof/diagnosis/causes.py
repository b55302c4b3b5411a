"""A cause under suspicion: a finding, how well it is proved, and in which order it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from leadproof.findings import Finding


class Proof(IntEnum):
    """How sure a cause is. A smaller number is told first; within one, the order of search decides."""

    PROVED = 0
    """The journal, or what would have been otherwise, shows that it made this check fail."""
    FITTING = 1
    """It is wrong, it concerns what the check looked at, and nothing contradicts it."""
    NEAR = 2
    """It is wrong and stands in the same connection."""
    SYMPTOM = 3
    """It says what is seen, not why."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause of a failed check."""

    finding: Finding
    proof: Proof


def ranked(causes: Iterable[Cause]) -> list[Finding]:
    """The findings, the best proved first; equal ones in the order in which they were found. One cause that was
    found twice is told once, with the evidence of both; what is only near is left out where its code is proved. A
    warning that nothing proves comes after every error: it was there before, and things went well."""
    placed = sorted(enumerate(causes), key=lambda one: (_only_warned(one[1]), one[1].proof, one[0]))
    proved = {cause.finding.code for _, cause in placed if cause.proof is Proof.PROVED}
    placed = [one for one in placed if one[1].proof < Proof.NEAR or one[1].finding.code not in proved]
    return [replace(finding, rank=rank) for rank, finding in enumerate(_merged(cause.finding for _, cause in placed))]


def _only_warned(cause: Cause) -> bool:
    return cause.finding.level != "error" and cause.proof is not Proof.PROVED


def _merged(findings: Iterable[Finding]) -> Iterator[Finding]:
    once: dict[tuple[str, str], Finding] = {}
    for one in findings:
        key = (one.code, str(one.places[0]) if one.places else one.cause)
        held = once.get(key)
        if held is None:
            once[key] = one
        else:
            more = tuple(proof for proof in one.evidence if proof not in held.evidence)
            once[key] = replace(held, evidence=(*held.evidence, *more))
    yield from once.values()
