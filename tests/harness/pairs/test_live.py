"""`leadproof run --live`: our own sandbox over real sockets, as if its orgs were somebody's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from leadproof.findings import entry
from leadproof.sandbox import Sandbox
from leadproof.systems.ports import Crm, Marketing, Record, Write
from tests.harness.cli import in_process

PROGRAM = [sys.executable, "-c", "from leadproof.cli import main; main()"]
FIRST = """scenario: A lead arrives on live systems
steps:
  - create_lead: {as: lead, in: marketing, values: {first_name: Test}}
  - create_record: {as: deal, in: crm, object: Opportunity, values: {Name: test, Stage: Sent, CloseDate: 2026-05-01}}
  - sync: {until: quiet}
  - check_delivered: {lead: $lead, count: 1, linked: both}
  - check_every_field: {lead: $lead, from: marketing}
  - check_field: {lead: $lead, in: crm, field: FirstName, is: Test}
  - advance_clock: {days: 1}
  - check_owner: {lead: $lead, is: by_rules}
  - check_quiet: {}
  - check_oracle: {}
"""
FAILING = FIRST.replace("field: FirstName, is: Test", "field: FirstName, is: Somebody")


@pytest.fixture
def folder(folder: Path) -> Path:
    """The live folder with the scenario in it."""
    (folder / "first.yaml").write_text(FIRST)
    return folder


def environment(sandbox: Sandbox) -> dict[str, str]:
    """The variables that the integration names."""
    crm, marketing = sandbox.credentials("acme-crm"), sandbox.credentials("acme-marketing")
    return {
        "CRM_URL": sandbox.url("acme-crm"), "CRM_USER": crm.username, "CRM_PASSWORD": crm.password,
        "CRM_TOKEN": crm.security_token, "CRM_KEY": crm.client_id, "CRM_SECRET": crm.client_secret,
        "MA_URL": sandbox.url("acme-marketing"), "MA_USER": marketing.username, "MA_PASSWORD": marketing.password,
    }  # fmt: skip


def bare() -> dict[str, str]:
    """The variables that any program needs to be started; a measurement of coverage is passed on, too."""
    names = ("PATH", "PYTHONPATH", "COVERAGE_PROCESS_CONFIG")
    return {name: os.environ[name] for name in names if name in os.environ}


def run(folder: Path, known: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """`leadproof run first.yaml --live` in that folder, with only these variables."""
    with patch.dict(os.environ, bare() | known, clear=True):
        return in_process.leadproof("run", "first.yaml", "--live", "-v", *arguments, cwd=folder)


def people(sandbox: Sandbox) -> list[Record]:
    """Everybody, and every deal, who stands in either org."""
    crm: Crm = sandbox.crm("acme-crm", "tester")
    marketing: Marketing = sandbox.marketing("acme-marketing", "tester")
    found = [one for name in ("Lead", "Contact", "Opportunity") for one in crm.find(name, None, [])]
    return [*found, *marketing.find("prospect", None, [])]


def test_a_lead_arrives_and_nothing_is_left(sandbox: Sandbox, folder: Path) -> None:
    """The plan comes first; what needs the sandbox's controls, or rules that no API tells, is skipped with the
    reason; everything else holds; and both orgs are as they were."""
    done = run(folder, environment(sandbox))
    out = done.stdout
    assert done.returncode == 0, out + done.stderr
    plan = out[: out.index("leadproof ")]
    assert "salesforce acme-crm, id 00D" in plan
    assert "a sandbox" in plan
    assert "removed at the end" in plan
    assert "41 values of prospect" in out
    assert "needs the sandbox's own controls" in out
    assert "needs the CRM's assignment rules" in out
    assert "dummy records removed" in out
    assert people(sandbox) == []


def test_a_failed_run_leaves_nothing_either(sandbox: Sandbox, folder: Path) -> None:
    """A check that does not hold is told as ever, and the dummy records are removed all the same."""
    (folder / "first.yaml").write_text(FAILING)
    done = run(folder, environment(sandbox))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Somebody" in done.stdout
    assert people(sandbox) == []


def test_what_is_or_may_be_production_is_refused(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written, unless the org's own id is repeated; another's id does not help."""
    from leadsim.dialects.salesforce import setup_rows

    monkeypatch.setitem(setup_rows._PROVIDERS, "Organization", lambda view: iter([_production(view)]))
    known = environment(sandbox)
    for more in ((), ("--org-id", "00D000000000000AAA")):
        refused = run(folder, known, *more)
        assert (refused.returncode, refused.stderr.partition(":")[0]) == (2, "RUN822")
        assert "is production" in refused.stderr
    assert people(sandbox) == []
    own = refused.stderr.partition("--org-id ")[2].split(".")[0]
    assert run(folder, known, "--org-id", own).returncode == 0
    assert entry("RUN822").fix


def _production(view: object) -> dict[str, object]:
    from leadsim.dialects.salesforce import setup_rows

    (row,) = setup_rows._organization(view)  # type: ignore[arg-type]
    return {**row, "IsSandbox": False}


def test_what_is_missing_is_told_before_anything_is_called(sandbox: Sandbox, folder: Path) -> None:
    """A variable that is not set, a system without an address, a wrong password, options that do not go together."""
    known = environment(sandbox)
    unset = run(folder, {name: value for name, value in known.items() if name != "CRM_SECRET"})
    assert (unset.returncode, "CRM_SECRET is not set" in unset.stderr) == (2, True)
    wrong = run(folder, {**known, "CRM_PASSWORD": "wrong"})
    assert (wrong.returncode, wrong.stderr.partition(":")[0]) == (3, "CON110")
    assert "wrong" not in wrong.stderr
    assert run(folder, known, "--over", "http").returncode == 2
    assert run(folder, known, "--keep").returncode == 2
    text = (folder / "leadproof.yaml").read_text()
    (folder / "leadproof.yaml").write_text(text.replace("    url: ${MA_URL}\n", ""))
    nowhere = run(folder, known)
    assert (nowhere.returncode, nowhere.stderr.partition(":")[0]) == (2, "RUN821")


def test_a_scenario_that_names_another_system_is_looked_at_too(sandbox: Sandbox, folder: Path) -> None:
    """The guard looks where the scenario goes: its changes of the integration count, and nothing is written."""
    changes = "integration_changes: {systems: {crm: {url: '${OTHER_URL}'}}}\nsteps:"
    (folder / "first.yaml").write_text(FIRST.replace("steps:", changes))
    refused = run(folder, environment(sandbox))
    assert (refused.returncode, "OTHER_URL is not set" in refused.stderr) == (2, True)
    assert people(sandbox) == []


def test_an_address_that_may_be_somebodys_is_refused(sandbox: Sandbox, folder: Path) -> None:
    """Who has the dummy's address is removed at the end: a real person's record must not be."""
    sandbox.crm("acme-crm", "tester").write(
        [Write("create", "Lead", values={"LastName": "Real", "Company": "Real", "Email": "real@customer.test"})]
    )
    text = FIRST.replace("{first_name: Test}", "{first_name: Test, email: real@customer.test}")
    (folder / "first.yaml").write_text(text)
    refused = run(folder, environment(sandbox))
    assert (refused.returncode, refused.stderr.partition(":")[0]) == (2, "RUN823")
    assert len(people(sandbox)) == 1
    assert entry("RUN823").fix


def test_dummies_never_stay_on_live_systems(sandbox: Sandbox, folder: Path) -> None:
    """`clean_up: never` is about sandboxes. The report's command, and `leadproof retry`, mean live systems again."""
    (folder / "first.yaml").write_text(f"clean_up: never\n{FAILING}")
    done = run(folder, environment(sandbox), "--report", f"ndjson={folder / 'run.ndjson'}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert people(sandbox) == []
    assert "--live" in (folder / "run.ndjson").read_text().partition("\n")[0]
    assert "again  leadproof retry" in done.stdout
    assert '"live": true' in (folder / ".leadproof" / "last-run.json").read_text()
    again = subprocess.run(
        [*PROGRAM, "retry"],
        cwd=folder,
        env=bare() | environment(sandbox),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (again.returncode, again.stdout[:4]) == (1, "live"), again.stdout + again.stderr
