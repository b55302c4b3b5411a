"""One pair of fake orgs for a test, built from the recipe that the test run names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest

from leadproof.drivers import Driver
from leadproof.integration import Integration
from leadproof.integration import load as load_integration
from leadproof.lab import Lab
from leadproof.pytest_plugin import settings
from leadproof.sandbox import Sandbox, load_recipe
from leadproof.scenario.connected import Syncs
from leadproof.scenario.integrations import in_engine_names, load_spoken
from leadproof.scenario.pairs import NATIVE, spoken
from leadproof.scenario.settings import TESTER, refuse_unknown_names
from leadproof.systems.ports import Crm, Marketing


class SandboxOrgs:
    """The CRM and the marketing org that the integration connects."""

    def __init__(self, sandbox: Sandbox, integration: Integration, seed: str, driver: Driver | None = None) -> None:
        self.sandbox = sandbox
        self.driver = driver
        self.integration = integration
        self.seed = seed

    @property
    def lab(self) -> Lab:
        """Clock, faults, journal, snapshots, settings."""
        return self.sandbox.lab

    @property
    def crm_org(self) -> str:
        return self.integration.systems.crm.org

    @property
    def marketing_org(self) -> str:
        return self.integration.systems.marketing.org

    def crm(self, actor: str = TESTER) -> Crm:
        """A new client of the CRM, as a salesperson, or as another actor of the recipe."""
        return self.sandbox.crm(self.crm_org, actor)

    def marketing(self, actor: str = TESTER) -> Marketing:
        """A new client of the marketing org."""
        return self.sandbox.marketing(self.marketing_org, actor)

    def connector(self, store: Path) -> Syncs:
        """The connector under test: the project's own (`leadproof_connector` in the ini file), with a folder for what
        it keeps beside `store`; else the reference connector, with its own logins and its memory in `store`."""
        if self.driver is not None:
            from leadproof.pytest_plugin.yours import YourConnector

            return YourConnector(self.driver, self.sandbox, self.integration, store)
        from leadproof.connector import Connector

        crm, marketing = self.sandbox.crm(self.crm_org), self.sandbox.marketing(self.marketing_org)
        return Connector(self.integration, crm, marketing, store)

    def url(self, org: str) -> str:
        """Where the connector's actor reaches the org; "" in process."""
        return self.sandbox.url(org)

    def start_anew(self) -> None:
        """As at the start: orgs, clock, journal and faults; whoever was logged in is not any more."""
        self.lab.clear_faults()
        self.lab.reset(self.seed)

    def add_faults(self, node: pytest.Item) -> None:
        """Switch on what the test's `leadproof_faults` markers say; the outermost first."""
        for marker in reversed(list(node.iter_markers("leadproof_faults"))):
            for fault in (*marker.args, *([marker.kwargs] if marker.kwargs else [])):
                self.lab.add_fault(self._at_org(fault))

    def _at_org(self, fault: Mapping[str, Any]) -> Mapping[str, Any]:
        names = {"crm": self.crm_org, "marketing": self.marketing_org}
        return {**fault, "at": names.get(str(fault.get("at")), fault.get("at"))}

    def close(self) -> None:
        self.sandbox.close()


def open_orgs(
    config: pytest.Config, *, scenario: str = "", over: Literal["process", "http"] = "process"
) -> SandboxOrgs:
    """Build them. `scenario` gives each test draws of its own. Raises DocumentRefused for files with mistakes."""
    recipe, file = settings.file(config, "recipe"), settings.file(config, "integration")
    seed = settings.seed(config)
    sandbox = Sandbox.start(_recipe(recipe), seed=seed, scenario=scenario, over=over)
    try:
        integration = _checked(file, recipe, sandbox)
    except BaseException:  # nobody else knows the sandbox yet, so nobody else can close it
        sandbox.close()
        raise
    return SandboxOrgs(sandbox, integration, seed, settings.driver(config))


def _checked(file: Path, recipe: Path, sandbox: Sandbox) -> Integration:
    """The integration in the names of the systems that the orgs speak. Raises DocumentRefused for names that the
    orgs do not have."""
    integration = judged = _integration(file)
    if any(one.dialect != NATIVE for one in sandbox.orgs()):
        names = spoken(sandbox, integration.systems, None)
        integration = load_spoken(file, {}, names)
        judged = in_engine_names(integration, names)
    refuse_unknown_names([judged], sandbox, recipe.name)
    return integration


# Read once a worker: parsing takes longer than building the orgs.
_recipe = cache(load_recipe)
_integration = cache(load_integration)
