"""The fixtures. Every test gets orgs of its own, as the recipe says; nothing of one test is seen by another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from leadproof.lab import Lab
    from leadproof.pytest_plugin.leads import LeadFactory
    from leadproof.pytest_plugin.orgs import SandboxOrgs
    from leadproof.pytest_plugin.servers import Servers
    from leadproof.scenario.connected import Syncs
    from leadproof.systems.ports import Crm, Marketing


@pytest.fixture
def leadproof_sandbox(request: pytest.FixtureRequest) -> Iterator[SandboxOrgs]:
    """A fresh CRM and a fresh marketing org, in this process; over real sockets where the test asks for
    `leadproof_servers` too, or for a connector of the project's own. Its `lab` controls clock, faults, journal and
    snapshots."""
    from leadproof.pytest_plugin import settings
    from leadproof.pytest_plugin.orgs import open_orgs

    driven = "leadproof_connector" in request.fixturenames and settings.driver(request.config) is not None
    if driven or "leadproof_servers" in request.fixturenames:
        served: Servers = request.getfixturevalue("leadproof_servers")
        yield served.orgs
        return
    orgs = open_orgs(request.config, scenario=request.node.nodeid)
    try:
        orgs.add_faults(request.node)
        yield orgs
    finally:
        orgs.close()


@pytest.fixture(scope="session")
def leadproof_session_servers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The sockets behind `leadproof_servers`: opened once for all tests of a worker."""
    from leadproof.pytest_plugin.orgs import open_orgs

    orgs = open_orgs(request.config, over="http")
    try:
        yield orgs
    finally:
        orgs.close()


@pytest.fixture
def leadproof_servers(
    request: pytest.FixtureRequest, leadproof_session_servers: SandboxOrgs, tmp_path_factory: pytest.TempPathFactory
) -> Servers:
    """Both orgs over real sockets: addresses, credentials, and the environment that a program needs to reach them.
    The sockets stay for the session; the orgs are built anew for every test."""
    from leadproof.pytest_plugin.servers import Servers

    leadproof_session_servers.start_anew()
    leadproof_session_servers.add_faults(request.node)
    return Servers(leadproof_session_servers, tmp_path_factory.getbasetemp())


@pytest.fixture
def leadproof_crm(leadproof_sandbox: SandboxOrgs) -> Crm:
    """A client of the CRM, as a salesperson: it sees and edits what a person would."""
    return leadproof_sandbox.crm()


@pytest.fixture
def leadproof_marketing(leadproof_sandbox: SandboxOrgs) -> Marketing:
    """A client of the marketing org, as a marketer."""
    return leadproof_sandbox.marketing()


@pytest.fixture
def leadproof_clock(leadproof_sandbox: SandboxOrgs) -> Lab:
    """The sandbox's clock: `clock()`, `advance(seconds)`, `set_clock("frozen")`. It never follows the wall's
    unless told to."""
    return leadproof_sandbox.lab


@pytest.fixture
def leadproof_connector(leadproof_sandbox: SandboxOrgs, tmp_path: Path) -> Iterator[Syncs]:
    """The connector on this test's orgs: `install()`, `cycle()`. The project's own where `leadproof_connector` names
    one, and then a turn that fails raises; else the reference connector."""
    connector = leadproof_sandbox.connector(tmp_path / "leadproof-connector.sqlite")
    try:
        yield connector
    finally:
        connector.close()


@pytest.fixture
def leadproof_lead_factory(leadproof_sandbox: SandboxOrgs) -> LeadFactory:
    """Makes dummy people: `leadproof_lead_factory(country="NO")` is a new prospect in marketing,
    `leadproof_lead_factory(to="crm", Country="NO")` a new lead in the CRM."""
    from leadproof.pytest_plugin.leads import LeadFactory

    return LeadFactory(leadproof_sandbox)
