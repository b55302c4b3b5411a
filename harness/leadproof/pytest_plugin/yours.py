"""The project's own connector in a test: what `--connector` drives in `leadproof run`, as the fixture's connector."""

from __future__ import annotations

from pathlib import Path

from leadproof.drivers import Driven, DrivenCycle, Driver
from leadproof.drivers.driven import Place
from leadproof.findings import Finding
from leadproof.integration import Integration
from leadproof.sandbox import Sandbox


class ConnectorFailed(AssertionError):
    """A turn of the connector went wrong; `finding` says how, with the end of its output."""

    def __init__(self, finding: Finding) -> None:
        said = "\n".join(one.text for one in finding.evidence)
        super().__init__(f"{finding.cause} [{finding.code}]\n{said}".rstrip())
        self.finding = finding


class YourConnector:
    """`install()` and `cycle()` as of the reference connector; a turn that fails raises ConnectorFailed."""

    def __init__(self, driver: Driver, sandbox: Sandbox, integration: Integration, store: Path) -> None:
        self._driven: Driven = driver.drive(Place(sandbox, integration, store.parent, store.stem))

    def install(self) -> list[str]:
        """Add the fields that the integration names and the CRM lacks; what was added."""
        return self._driven.install()

    def cycle(self) -> DrivenCycle:
        """One turn, and what it changed by the journal. Raises ConnectorFailed."""
        turn = self._driven.cycle()
        if turn.stopped is not None:
            raise ConnectorFailed(turn.stopped)
        return turn

    def close(self) -> None:
        """End what was started."""
        self._driven.close()
