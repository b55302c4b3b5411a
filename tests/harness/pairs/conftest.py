"""Two orgs of our own sandbox over real sockets, as if they were somebody's live ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadproof.library import scenarios_folder
from leadproof.sandbox import Sandbox

PAIR = scenarios_folder() / "pairs" / "salesforce-native"
SYSTEMS = """
  crm:
    dialect: salesforce
    org: acme-crm
    url: ${CRM_URL}
    credentials:
      {username: "${CRM_USER}", password: "${CRM_PASSWORD}", security_token: "${CRM_TOKEN}", client_id: "${CRM_KEY}",
      client_secret: "${CRM_SECRET}"}
  marketing:
    dialect: native
    org: acme-marketing
    url: ${MA_URL}
    credentials: {username: "${MA_USER}", password: "${MA_PASSWORD}"}
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both orgs, served."""
    with Sandbox.start(PAIR / "recipe.yaml", seed=3, over="http") as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A person's own folder: the pair's integration with addresses and credentials by variable."""
    text = (PAIR / "leadproof.yaml").read_text()
    head, _, rest = text.partition("systems:")
    (tmp_path / "leadproof.yaml").write_text(f"{head}systems:{SYSTEMS}defaults:{rest.partition('defaults:')[2]}")
    return tmp_path
