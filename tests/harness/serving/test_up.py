"""`leadproof up` as a person runs it: a real process with real ports, found by the other commands, and ended."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from leadproof.serving import Running, ServingRefused, find_running
from leadproof.serving.options import STATE_FILE
from leadproof.systems.ports import Write

INTEGRATION = """
leadproof: 1
systems:
  crm: {dialect: native, org: acme-crm}
  marketing: {dialect: native, org: acme-marketing}
people:
  crm: [Lead, Contact]
  marketing: prospect
  link: {crm_id_in_marketing: crm_id, marketing_id_in_crm: MarketingId__c}
  deliver: {when: all}
fields:
  - {crm: Email, marketing: email}
  - {crm: LastName, marketing: last_name}
  - {crm: {Lead: Company}, marketing: company}
"""
RECIPE = """
recipe: 1
orgs:
  acme-crm:
    kind: crm
    logins: [{actor: connector, user: sync}]
    users: [{id: sync}]
    default_owner: sync
    fields:
      - {object: Contact, id: MarketingId__c, type: single_line, unique: true, external_id: true}
  acme-marketing:
    kind: marketing
    logins: [{actor: connector, user: sync}]
    users: [{id: sync}]
"""
PROGRAM = """
import sys
from pathlib import Path
from leadproof.serving import Options, ServingRefused, serve
data, seconds, port = sys.argv[1:]
try:
    sys.exit(serve(Options(
        Path("recipe.yaml"), Path("leadproof.yaml"), seed=7, json=True, crm_port=int(port),
        data=Path(data) if data else None, sync_every_seconds=float(seconds) if seconds else None,
    )))
except ServingRefused as refused:
    print(refused, file=sys.stderr)
    sys.exit(refused.exit_code)
"""


@dataclass
class Process:
    """A started `up`: its process and the line it printed."""

    process: subprocess.Popen[str]
    line: dict[str, Any]
    running: Running

    def end(self, number: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "leadproof.yaml").write_text(INTEGRATION)
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    return tmp_path


def start(folder: Path, *, data: str = "", every: str = "", port: str = "0") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, data, every, port],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def up(folder: Path, *, data: str = "", every: str = "") -> Iterator[Process]:
    """A sandbox that answers; ended at the latest with the test."""
    process = start(folder, data=data, every=every)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.communicate()[1]
        yield Process(process, json.loads(line), find_running(folder / STATE_FILE))
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def surnames(running: Running) -> list[str]:
    """The last names of all leads in the CRM."""
    with closing(running.open_crm()) as crm:
        return sorted(str(lead.values["LastName"]) for lead in crm.find("Lead", None, ["LastName"]))


def prospect(running: Running, name: str) -> None:
    """A new prospect."""
    values = {"last_name": name, "email": f"{name}@x.example", "company": "Acme"}
    with closing(running.open_marketing()) as marketing:
        (result,) = marketing.write([Write("create", "prospect", values=values)])
    assert result.outcome == "created", result.refusal


def test_it_prints_where_everything_is_and_ends_cleanly(folder: Path) -> None:
    """One JSON line with the documented keys; Ctrl-C ends it with 130, quietly, and removes its file."""
    with up(folder) as it:
        assert it.line == it.running.to_json()
        assert set(it.line) == {"crm", "marketing", "connector", "control", "seed"}
        assert set(it.line["crm"]) == {"dialect", "url", "org", "credentials"}
        assert set(it.line["crm"]["credentials"]) == {"username", "password", "client_id", "client_secret", "token"}
        assert (folder / STATE_FILE).stat().st_mode & 0o777 == 0o600
        with closing(it.running.open_crm()) as crm, closing(it.running.open_lab()) as lab:
            assert crm.connect().actor == "connector"
            assert lab.state()["seed"] == 7
        code, errors = it.end(signal.SIGINT)
    assert (code, errors) == (130, "")
    assert not (folder / STATE_FILE).exists()


def test_a_second_sandbox_of_a_folder_says_that_there_is_another(folder: Path) -> None:
    """The other commands find the newer one; one whose file was left behind by a kill is none."""
    with up(folder) as first:
        with up(folder) as second:
            assert find_running(folder / STATE_FILE).control.url == second.running.control.url
            code, errors = second.end(signal.SIGINT)
        assert code == 130
        assert first.running.control.url in errors
    (folder / STATE_FILE).write_text(json.dumps({**first.running.to_json(), "integration": ""}), "utf-8")
    with up(folder) as third:
        code, errors = third.end(signal.SIGINT)
    assert (code, errors) == (130, "")


def test_quiet_is_after_the_lag_of_the_reads(folder: Path) -> None:
    """A first cycle sees nothing of what was just entered: `until: quiet` moves the clock on and looks again."""
    recipe = (folder / "recipe.yaml").read_text()
    (folder / "recipe.yaml").write_text(re.sub(r"(?m)^  \S*marketing:\n", r"\g<0>    reads_lag_seconds: 45\n", recipe))
    with up(folder) as it:
        it.running.install()
        prospect(it.running, "vik")
        wrote = [report["writes_crm"] for report in it.running.sync(until_quiet=True)]
        assert (wrote[0], sum(wrote), wrote[-2:]) == (0, 1, [0, 0])
        assert surnames(it.running) == ["vik"]


def test_installing_syncing_and_resetting_a_running_sandbox(folder: Path) -> None:
    """A prospect reaches the CRM by `sync`; `reset` empties both systems and the connector's memory, and the same
    prospect is delivered again."""
    with up(folder) as it:
        assert it.running.install() == ["Lead.MarketingId__c"]
        assert it.running.install() == []
        prospect(it.running, "vik")
        reports = it.running.sync(until_quiet=True)
        assert reports[-1]["writes_crm"] == 0
        assert surnames(it.running) == ["vik"]
        it.running.reset()
        again = find_running(folder / STATE_FILE)
        assert surnames(again) == []
        assert again.install() == ["Lead.MarketingId__c"]
        prospect(again, "vik")
        again.sync(until_quiet=True)
        assert surnames(again) == ["vik"]
        assert it.end(signal.SIGTERM)[0] == 0


def test_data_survives_a_restart_and_nothing_is_delivered_twice(folder: Path) -> None:
    """Records and the connector's memory are there again; a second sandbox may not use the folder meanwhile."""
    with up(folder, data="kept") as it:
        it.running.install()
        prospect(it.running, "vik")
        it.running.sync(until_quiet=True)
        second = start(folder, data="kept")
        assert "RUN813" in second.communicate(timeout=30)[1]
        assert second.returncode == 3
        assert it.end(signal.SIGINT)[0] == 130
    with up(folder, data="kept") as it:
        assert surnames(it.running) == ["vik"]
        (report,) = it.running.sync()
        assert (report["writes_crm"], report["writes_marketing"]) == (0, 0)
        it.running.reset()
        assert surnames(it.running) == []


def test_a_killed_sandbox_loses_nothing_that_was_answered(folder: Path) -> None:
    """kill -9, then start again: what was acknowledged is there, and is delivered once."""
    with up(folder, data="kept") as it:
        it.running.install()
        prospect(it.running, "vik")
        it.running.sync(until_quiet=True)
        prospect(it.running, "berg")
        it.process.kill()
        it.process.communicate()
    with pytest.raises(ServingRefused, match="does not answer"):
        find_running(folder / STATE_FILE).sync()
    with up(folder, data="kept") as it:
        it.running.sync(until_quiet=True)
        assert surnames(it.running) == ["berg", "vik"]


def test_it_syncs_by_itself_when_asked(folder: Path) -> None:
    """With `--sync-every` a prospect reaches the CRM without a call."""
    with up(folder, every="0.05") as it:
        it.running.install()
        prospect(it.running, "vik")
        seen: list[str] = []
        for _ in range(500):
            seen = surnames(it.running)
            if seen:
                break
        assert seen == ["vik"]
        assert it.running.status()["sync_every_seconds"] == 0.05
        code, errors = it.end(signal.SIGINT)
        assert (code, errors) == (130, "")


def test_a_busy_port_is_named(folder: Path) -> None:
    """Exit code 3 and RUN810 with the port."""
    with up(folder) as it:
        port = it.line["crm"]["url"].rpartition(":")[2]
        other = start(folder, port=port)
        _, errors = other.communicate(timeout=30)
    assert other.returncode == 3
    assert f"port {port}" in errors
    assert "RUN810" in errors


def test_orgs_that_are_not_in_the_recipe_are_refused(folder: Path) -> None:
    """The integration and the recipe must name the same orgs."""
    (folder / "leadproof.yaml").write_text(INTEGRATION.replace("org: acme-crm", "org: other-crm"))
    process = start(folder)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "RUN817" in errors
    assert "other-crm" in errors
