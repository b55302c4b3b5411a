"""What is told when a piece is played: findings, or the plain words of a refusal."""

from __future__ import annotations

from dataclasses import dataclass

from leadproof.findings import Finding, find
from leadterms.refusals import DocumentRefused


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal that is no finding: an answer of a system, or a line of the program."""

    code: str
    words: str


def refused_file(refused: DocumentRefused) -> list[Finding]:
    """The problems of a file that was refused."""
    return [find(one.code, one.text, places=[one.place], fix=one.suggestion) for one in refused.problems]
