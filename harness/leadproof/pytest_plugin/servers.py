"""Both orgs over real sockets, for the programs of others."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from leadproof.drivers.reach import systems_environment
from leadproof.pytest_plugin.orgs import SandboxOrgs
from leadproof.serving.running import RunningSystem
from leadproof.serving.served import served

CA = "leadproof-ca.pem"


class Servers:
    """`crm`, `marketing`, and `environment()` for a program of yours. `folder` is the same for all tests of a sandbox:
    the authority's certificate lies there."""

    def __init__(self, orgs: SandboxOrgs, folder: Path) -> None:
        self.orgs = orgs
        self.control_url = orgs.sandbox.control_url
        self._folder = folder

    @cached_property
    def crm(self) -> RunningSystem:
        """The CRM as the connector reaches it: `url` ends where the org's own paths begin."""
        return served(self.orgs.sandbox, "crm", self.orgs.crm_org)

    @cached_property
    def marketing(self) -> RunningSystem:
        """The marketing org as the connector reaches it."""
        return served(self.orgs.sandbox, "marketing", self.orgs.marketing_org)

    def environment(self) -> dict[str, str]:
        """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_ORG`, `LEADPROOF_CRM_USERNAME` ..., with tokens, and for vendors'
        dialects the proxy and its authority, as a connector under test gets them; and `LEADPROOF_SEED`."""
        orgs = self.orgs
        found = systems_environment(orgs.sandbox, orgs.crm_org, orgs.marketing_org, self._folder / CA)
        return {**found, "LEADPROOF_SEED": orgs.seed, "LEADPROOF_CONTROL_URL": self.control_url}
