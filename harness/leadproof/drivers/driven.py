"""What all drivers share: a place in the run, and cycles that are counted in the journal, never by their own word."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from leadproof.findings import Evidence, Finding, find
from leadproof.integration import Integration
from leadproof.sandbox import CONNECTOR, Sandbox

ClockMode = Literal["follow", "virtual"]
LAST_LINES = 20
"""Lines of a program's output that a finding shows."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a driven connector works: the orgs, and a folder of its own for this scenario."""

    sandbox: Sandbox
    integration: Integration
    folder: Path
    name: str

    @property
    def crm(self) -> str:
        return self.integration.systems.crm.org

    @property
    def marketing(self) -> str:
        return self.integration.systems.marketing.org


@dataclass(slots=True)
class DrivenCycle:
    """One turn of the connector: what it changed on each side, by the journal; `stopped` is why it went wrong."""

    writes_crm: int = 0
    writes_marketing: int = 0
    findings: list[Finding] = field(default_factory=list)
    set_aside: Sequence[object] = ()
    stopped: Finding | None = None


@runtime_checkable
class Driver(Protocol):
    """Makes a driven connector for one scenario."""

    def drive(self, place: Place) -> Driven: ...


class Driven(ABC):
    """A connector of yours in one scenario. A subclass says what a turn is (`_turn`)."""

    def __init__(self, place: Place, clock: ClockMode) -> None:
        self.place = place
        if clock == "follow":
            # Programs compare the vendor's times with their own clock, which is the wall's.
            place.sandbox.lab.set_clock("follow")

    def cycle(self) -> DrivenCycle:
        """One turn, and what the journal says it changed."""
        before = self.position()
        stopped = self._turn(before)
        crm, marketing = self.changes_since(before)
        return DrivenCycle(crm, marketing, stopped=stopped)

    @abstractmethod
    def _turn(self, before: int) -> Finding | None:
        """Let the connector work until it is quiet; `before` is the newest fact so far. Gives why it went wrong."""

    def install(self) -> list[str]:
        """Add the fields that the integration names and the CRM lacks, as for the built-in connector (product.md
        B1): that is part of the set-up, and a connector of yours finds it done."""
        from leadproof.connector import Connector

        sandbox = self.place.sandbox
        crm, marketing = sandbox.crm(self.place.crm), sandbox.marketing(self.place.marketing)
        installing = Connector(self.place.integration, crm, marketing, None)
        try:
            return installing.install()
        finally:
            installing.close()

    @abstractmethod
    def close(self) -> None:
        """End what the driver started."""

    # --- what the journal tells -----------------------------------------------------------------

    def position(self) -> int:
        """The number of the newest fact."""
        return self.place.sandbox.lab.last_fact()

    def changes_since(self, position: int) -> tuple[int, int]:
        """How many changes the connector made in the CRM and in marketing."""
        orgs = [
            str(fact["org"])
            for fact in self.place.sandbox.lab.journal(kind="change", after=position)
            if fact["actor"] == CONNECTOR
        ]
        return orgs.count(self.place.crm), orgs.count(self.place.marketing)


def last_lines(output: Path) -> list[str]:
    """The end of what a program said."""
    if not output.exists():
        return []
    return output.read_text("utf-8", errors="replace").splitlines()[-LAST_LINES:]


def failed(code: str, cause: str, output: Path | None = None) -> Finding:
    """A finding about the program itself, with the end of its output as evidence."""
    if output is None:
        return find(code, cause)
    said = last_lines(output)
    last = f" Its last words: {said[-1].strip()}" if said else " It said nothing."
    return find(code, cause + last, evidence=[Evidence("its last output:\n" + "\n".join(said))] if said else [])
