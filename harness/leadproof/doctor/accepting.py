"""Findings that the integration file says are meant so: they are kept apart, and told with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadproof.findings import At, Finding, find
from leadproof.integration import Accepted, Integration

STALE = "CFG895"


@dataclass(frozen=True, slots=True)
class Meant:
    """A finding that is meant so, and why."""

    finding: Finding
    because: str

    def to_json(self) -> dict[str, Any]:
        """The finding's keys and `because`."""
        return {**self.finding.to_json(), "because": self.because}


def accepted(integration: Integration, found: Sequence[Finding]) -> tuple[list[Finding], list[Meant]]:
    """The findings that stand, and those that are accepted; an entry of `accept` that meets none is a finding."""
    standing: list[Finding] = []
    meant: list[Meant] = []
    met: set[int] = set()
    for one in found:
        fitting = [number for number, entry in enumerate(integration.accept) if _fits(entry, one)]
        met.update(fitting)
        if fitting and one.level != "error":
            meant.append(Meant(one, integration.accept[fitting[0]].because))
        else:
            standing.append(one)
    for number, entry in enumerate(integration.accept):
        if number not in met:
            about = f" about {entry.about}" if entry.about else ""
            cause = f"`accept` names {entry.code}{about}, and there is no such finding."
            standing.append(find(STALE, cause, places=[integration.place("accept", number)]))
    return standing, meant


def _fits(entry: Accepted, finding: Finding) -> bool:
    if entry.code != finding.code:
        return False
    named = {part for at in finding.places if isinstance(at, At) for part in (at.org, at.object, at.record, at.field)}
    return entry.about is None or entry.about in named
