"""Both orgs over real sockets, for the programs of others."""

from __future__ import annotations

from dataclasses import dataclass

from leadproof.pytest_plugin.orgs import SandboxOrgs
from leadproof.systems.credentials import Credentials


@dataclass(frozen=True, slots=True)
class ServedOrg:
    """One org as the connector reaches it: `url` ends where the org's own paths begin."""

    dialect: str
    org: str
    url: str
    credentials: Credentials


class Servers:
    """`crm`, `marketing`, and `environment()` for a program of yours."""

    def __init__(self, orgs: SandboxOrgs) -> None:
        self.orgs = orgs
        self.crm = self._served(orgs.crm_org)
        self.marketing = self._served(orgs.marketing_org)
        self.control_url = orgs.sandbox.control_url

    def _served(self, org: str) -> ServedOrg:
        sandbox = self.orgs.sandbox
        return ServedOrg(sandbox.org(org).dialect, org, sandbox.url(org), sandbox.credentials(org))

    def environment(self) -> dict[str, str]:
        """`LEADPROOF_CRM_URL`, `LEADPROOF_CRM_ORG`, `LEADPROOF_CRM_USERNAME` ... as `leadproof up --exec` gives
        them; and `LEADPROOF_SEED`."""
        found = {"LEADPROOF_SEED": self.orgs.seed, "LEADPROOF_CONTROL_URL": self.control_url}
        for side, served in (("CRM", self.crm), ("MARKETING", self.marketing)):
            told = {"dialect": served.dialect, "org": served.org, "url": served.url, **served.credentials.to_json()}
            found |= {f"LEADPROOF_{side}_{name}".upper(): str(value) for name, value in told.items()}
        return found
