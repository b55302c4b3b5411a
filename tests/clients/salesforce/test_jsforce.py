"""jsforce, unmodified, in Node: through a proxy to the host that it has built in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.clients.salesforce.wire import Wire
from tests.conftest import require

HERE = Path(__file__).parent
PACKAGE = "jsforce"
INSTALL_SECONDS, WALK_SECONDS = 180, 120


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where jsforce is: installed beside this file, or now from the registry."""
    beside = HERE / "node_modules"
    if (beside / PACKAGE).exists():
        return beside
    npm = require("npm", ["npm"])
    folder = tmp_path_factory.mktemp("node")
    shutil.copy(HERE / "package.json", folder)
    done = subprocess.run(
        [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        message = f"jsforce could not be installed: {done.stderr[-500:]}"
        if os.environ.get("LEADPROOF_REQUIRE") == "all":
            pytest.fail(message)
        pytest.skip(message)
    return folder / "node_modules"


def test_a_walk_through_the_sandbox(wire: Wire, modules: Path, tmp_path: Path) -> None:
    """Login, single records, collections, paging, upsert, describe, refusals, bulk, conversion, identity, delete."""
    node = require("Node", ["node"])
    shutil.copy(HERE / "walk.cjs", tmp_path)
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(tmp_path), "NODE_PATH": str(modules),
        "NODE_EXTRA_CA_CERTS": wire.ca, "SANDBOX_PROXY": wire.proxy,
    }  # fmt: skip
    done = subprocess.run(
        [node, "walk.cjs"], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=WALK_SECONDS,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == {
        "user": found["user"], "created": True, "owner": "kari.c", "collection": 450, "queried": 451, "upserted": True,
        "updated": True, "city": "Oslo", "described": True,
        "refused": ["REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName, Company]"],
        "badQuery": "INVALID_FIELD", "bulk": [1, 1], "converted": True, "identity": "sync", "deleted": True,
    }  # fmt: skip
    assert found["user"].startswith("005")
