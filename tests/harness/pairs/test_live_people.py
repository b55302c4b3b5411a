"""Whom a live run may touch: our own sandbox over real sockets, with people in it who are not ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from leadproof.connector import Connector
from leadproof.sandbox import Sandbox
from leadproof.scenario.document import load_scenario
from leadproof.scenario.live import Live, plan
from leadproof.scenario.run import EXIT_NOTHING, summarise
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadproof.systems.ports import Write
from tests.harness.pairs.test_live import environment, people


class Interrupted(Connector):
    """The built-in connector; somebody presses Ctrl-C at the end of its first cycle."""

    def cycle(self) -> Any:
        super().cycle()
        raise KeyboardInterrupt


def play(folder: Path, sandbox: Sandbox, steps: Sequence[str], connector: Any = None) -> Outcome:
    """These steps on the live systems, in this process."""
    live = Live(environment=environment(sandbox))
    return run_scenario(load_scenario(written(folder, steps)), Options(live=live, connector=connector))


def written(folder: Path, steps: Sequence[str]) -> Path:
    path = folder / "first.yaml"
    path.write_text("scenario: On live systems\nsteps:\n" + "".join(f"  - {one}\n" for one in steps))
    return path


def texts(outcome: Outcome) -> str:
    return "\n".join(str(one.data) for one in outcome.events)


def test_who_was_there_before_stays_and_is_named(sandbox: Sandbox, folder: Path) -> None:
    """A record that had the address before the run is neither changed nor removed; what the run made is gone."""
    crm = sandbox.crm("acme-crm", "tester")
    values = {"LastName": "Before", "Company": "Before", "Email": "before@known.example"}
    (made,) = crm.write([Write("create", "Lead", values=values)])
    lead = "create_lead: {as: lead, in: marketing, fill: basics, values: {email: Before@Known.example}}"
    outcome = play(folder, sandbox, [lead, "check_every_field: {lead: $lead, from: marketing}"])
    assert [(one.object, one.id) for one in people(sandbox)] == [("Lead", made.id)]
    assert f"there before this run, and left: acme-crm Lead {made.id}" in texts(outcome)
    edited = play(folder, sandbox, [lead, "edit: {lead: $lead, in: crm, values: {LastName: Other}}", "check_quiet: {}"])
    assert (edited.verdict, "RUN823" in edited.reason) == ("error", True)
    assert [one.values["LastName"] for one in crm.find("Lead", None, ["LastName"])] == ["Before"]


@pytest.mark.parametrize(
    "step",
    [
        "create_records: {as: many, in: marketing, count: 2, values: {email: 'me@{n}.customer.test'}}",
        "create_lead: {as: lead, in: crm, values: {Email: me@customer.notexample}}",
    ],
)
def test_no_address_but_a_dummys_is_written(sandbox: Sandbox, folder: Path, step: str) -> None:
    """Whatever way an address is spelled: outside .example the write is refused before it is sent."""
    outcome = play(folder, sandbox, [step, "sync: {}", "check_quiet: {}"])
    assert (outcome.verdict, "RUN823" in outcome.reason) == ("error", True)
    assert people(sandbox) == []


def test_nothing_is_left_after_ctrl_c(sandbox: Sandbox, folder: Path) -> None:
    """Both sides are cleaned though the run is given up in the middle of a step."""
    steps = ["create_records: {as: many, in: marketing, count: 3}", "sync: {until: quiet}", "check_quiet: {}"]
    with pytest.raises(KeyboardInterrupt):
        play(folder, sandbox, steps, Interrupted)
    assert people(sandbox) == []


def test_a_file_is_not_imported_on_live_systems(sandbox: Sandbox, folder: Path) -> None:
    """Its rows may be real people. What is about them is skipped too, and nothing was proven."""
    (folder / "people.csv").write_text("email,last_name\nsomebody@customer.test,Somebody\n")
    steps = [
        "import_csv: {file: people.csv, as: rows}",
        "check_delivered: {lead: $rows, count: 1}",
        "check_import: {total: 1}",
    ]
    outcome = play(folder, sandbox, steps)
    assert (outcome.verdict, summarise([outcome]).exit_code) == ("skipped", EXIT_NOTHING)
    assert "on live systems it could change or match people" in texts(outcome)
    assert "needs $rows, whom a skipped step would have made" in texts(outcome)
    assert people(sandbox) == []


def test_the_plan_tells_what_stays_and_lets_users_be_named(sandbox: Sandbox, folder: Path) -> None:
    """`install` adds fields that nothing removes; an owner has a real address and is no dummy."""
    lead = "create_lead: {as: lead, in: crm, owner: rep@customer.test}"
    path = written(folder, [lead, "install: {}", "check_owner: {lead: $lead, is: rep@customer.test}"])
    lines = plan([load_scenario(path)], Live(environment=environment(sandbox)))
    assert any("adds custom fields to the live CRM" in one for one in lines)
