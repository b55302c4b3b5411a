"""`leadproof up --crm salesforce`: a real process that serves an org which we have no client for."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from leadproof.serving import Running, ServingRefused, find_running
from leadproof.serving.options import STATE_FILE
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request

PROGRAM = [sys.executable, "-c", "from leadproof.cli import main; main()"]
CREDENTIALS = {
    "username", "password", "security_token", "client_id", "client_secret", "instance_url", "api_version",
}  # fmt: skip


def leadproof(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    return subprocess.run([*PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def up(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A serving process and its JSON line; ended at the latest with the block."""
    command = [*PROGRAM, "up", "--crm", "salesforce", "--json", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def grant(crm: dict[str, Any], form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """What a token request is answered."""
    body = urlencode(form).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    with closing(Http(crm["url"])) as wire:
        response = wire.send(Request("POST", "/services/oauth2/token", (), headers, body))
    return response.status, json.loads(response.body)


def test_an_org_without_a_client_is_served_and_the_rest_says_so(tmp_path: Path) -> None:
    """In an empty folder: the shipped recipe, Salesforce's own credentials, no connector and the reason; what would
    need a client is RUN818; reset still works, and Ctrl-C ends it."""
    with up(tmp_path) as (process, line):
        assert (line["connector"], line["crm"]["dialect"], line["marketing"]["dialect"]) == (
            None, "salesforce", "native",
        )  # fmt: skip
        crm, login = line["crm"], line["crm"]["credentials"]
        assert set(login) == CREDENTIALS
        assert login["instance_url"] == crm["url"]
        key = {"client_id": login["client_id"], "client_secret": login["client_secret"]}
        password = login["password"] + login["security_token"]
        status, by_password = grant(
            crm, {"grant_type": "password", "username": login["username"], "password": password, **key}
        )
        assert (status, by_password["instance_url"]) == (200, crm["url"])
        assert grant(crm, {"grant_type": "client_credentials", **key})[0] == 200
        assert grant(crm, {"grant_type": "client_credentials", **key, "client_secret": "no"})[0] == 400

        running = find_running(tmp_path / STATE_FILE)
        assert running.to_json() == line
        for needs_a_client in (running.open_crm, running.sync, running.install, running.status):
            with pytest.raises(ServingRefused, match="no client for salesforce") as refused:
                needs_a_client()
            assert (refused.value.code, refused.value.exit_code) == ("RUN818", 3)
        running.reset()
        with closing(running.open_marketing()) as marketing:
            assert marketing.connect().actor == "connector"

        told = leadproof(tmp_path, "sync")
        assert (told.returncode, told.stderr.partition(":")[0]) == (3, "RUN818")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors.count("\n") == 1
    assert "There is no client for salesforce yet" in errors


def test_the_folders_own_recipe_and_what_cannot_be_served(tmp_path: Path) -> None:
    """A recipe here is taken before the shipped one; a connector that is to run by itself, or a side that the
    vendor does not have, is refused before anything is served."""
    assert leadproof(tmp_path, "init").returncode == 0
    own = tmp_path / "salesforce.recipe.yaml"
    own.write_text(own.read_text().replace("sync@my-crm.example", "robot@my-crm.example"))
    with up(tmp_path) as (_, line):
        assert line["crm"]["credentials"]["username"] == "robot@my-crm.example"
    told = leadproof(tmp_path, "up", "--crm", "salesforce", "--sync-every", "1s")
    assert (told.returncode, told.stderr.partition(":")[0]) == (3, "RUN818")
    told = leadproof(tmp_path, "up", "--marketing", "salesforce")
    assert (told.returncode, told.stderr.partition(":")[0]) == (2, "CFG870")


def test_a_state_file_without_a_connector_is_read_back(tmp_path: Path) -> None:
    """What is printed is what the other commands read."""
    with up(tmp_path) as (_, line):
        assert Running.from_json(json.loads(json.dumps(line))).to_json() == line
