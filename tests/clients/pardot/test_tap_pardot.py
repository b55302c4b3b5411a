"""tap-pardot, Singer's, unmodified and with the libraries that it pins: a process of its own behind the proxy."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.clients.pardot.conftest import UNIT, Login
from tests.clients.salesforce.wire import Wire

from leadsim.engine.change import Caller, Change

PACKAGE = "tap-pardot==1.4.9"
INSTALL_SECONDS, TAP_SECONDS = 240, 120
STREAMS = {"prospects", "lists", "list_memberships", "campaigns", "users", "visitor_activities", "opportunities",
           "email_clicks", "prospect_accounts"}  # fmt: skip


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tap and its own libraries are: in a folder that is named, or now from the registry."""
    named = os.environ.get("LEADPROOF_TAP_PARDOT")
    if named:
        return Path(named)
    folder = tmp_path_factory.mktemp("tap")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    if done.returncode != 0:
        message = f"{PACKAGE} could not be installed: {done.stderr[-500:]}"
        if os.environ.get("LEADPROOF_REQUIRE") == "all":
            pytest.fail(message)
        pytest.skip(message)
    return folder


def _tap(installed: Path, wire: Wire, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """What the tap writes."""
    environment = {
        "PATH": os.environ.get("PATH", ""), "HOME": str(folder), "PYTHONPATH": str(installed),
        "HTTPS_PROXY": wire.proxy, "REQUESTS_CA_BUNDLE": wire.ca,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from tap_pardot import main; main()", *arguments], cwd=folder, env=environment,
        capture_output=True, text=True, timeout=TAP_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    if "--discover" in arguments:
        return [json.loads(done.stdout)]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _fill(wire: Wire) -> None:
    """250 prospects, so that there is a second page; one on a list, with an activity and an opportunity."""
    org = wire.sandbox.gateway.sites[UNIT].org
    by = Caller("sync", "connector")
    rows = [Change("create", "prospect", values={"email": f"p{number}@acme.example"}) for number in range(250)]
    org.save_batch(rows[:200], by)
    wire.sandbox.world.clock.advance(1)  # the tap goes on after the last moment that it has seen
    made = org.save_batch(rows[200:], by)
    first = made[0].record.id  # type: ignore[union-attr]
    org.save(Change("create", "list_membership", values={"list": "news", "prospect": first}), by)
    org.save(Change("create", "activity", values={"prospect": first, "type": "page_view", "detail": "/"}), by)
    org.save(Change("create", "activity", values={"prospect": first, "type": "email_click", "detail": "/"}), by)
    org.save(Change("create", "account", values={"name": "Acme"}), by)
    org.save(Change("create", "opportunity", values={"name": "Deal", "amount": "10.5", "prospect": first}), by)


def test_a_full_and_an_incremental_sync(wire: Wire, login: Login, installed: Path, tmp_path: Path) -> None:
    """The catalogue is discovered (custom fields of accounts by describe), all records of nine streams come over
    several pages each once, and a second run from the bookmarks brings the one that changed since."""
    _fill(wire)
    config = tmp_path / "config.json"
    config.write_text(
        json.dumps(
            {
                "start_date": "2020-01-01T00:00:00Z", "client_id": login.client_id,
                "client_secret": login.client_secret, "refresh_token": login.refresh_token,
                "pardot_business_unit_id": login.business_unit_id,
            }
        )
    )  # fmt: skip
    (found,) = _tap(installed, wire, tmp_path, "--config", "config.json", "--discover")
    for stream in found["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] == []:
                entry["metadata"]["selected"] = stream["stream"] in STREAMS
    (tmp_path / "catalog.json").write_text(json.dumps(found))
    asked = ("--config", "config.json", "--catalog", "catalog.json")
    messages = _tap(installed, wire, tmp_path, *asked)
    counts = {stream: _ids(messages, stream) for stream in sorted(STREAMS)}
    assert {stream: len(ids) for stream, ids in counts.items()} == {
        "campaigns": 1, "email_clicks": 1, "list_memberships": 1, "lists": 1, "opportunities": 1,
        "prospect_accounts": 1, "prospects": 250, "users": 2, "visitor_activities": 2,
    }  # fmt: skip
    assert all(len(set(ids)) == len(ids) for ids in counts.values())

    changed = counts["prospects"][7]
    org = wire.sandbox.gateway.sites[UNIT].org
    wire.sandbox.world.clock.advance(60)
    org.save(Change("update", "prospect", str(changed), values={"city": "Oslo"}), Caller("sync", "connector"))
    state = [message["value"] for message in messages if message["type"] == "STATE"][-1]
    (tmp_path / "state.json").write_text(json.dumps(state))
    again = _tap(installed, wire, tmp_path, *asked, "--state", "state.json")
    assert _ids(again, "prospects") == [changed]


def _ids(messages: list[dict[str, Any]], stream: str) -> list[int]:
    return [one["record"]["id"] for one in messages if one["type"] == "RECORD" and one["stream"] == stream]
