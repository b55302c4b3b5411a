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


def strangers(sandbox: Sandbox) -> list[str]:
    """The ids of a lead without an address, of an account and of a prospect, all there before any run."""
    crm, marketing = sandbox.crm("acme-crm", "tester"), sandbox.marketing("acme-marketing", "tester")
    lead = Write("create", "Lead", values={"LastName": "Before", "Company": "Before"})
    account = Write("create", "Account", values={"Name": "Before"})
    prospect = Write("create", "prospect", values={"email": "before@known.example", "last_name": "Before"})
    return [str(one.id) for one in (*crm.write([lead]), *crm.write([account]), *marketing.write([prospect]))]


def ids(sandbox: Sandbox) -> list[str]:
    """Whatever stands in either org."""
    crm = sandbox.crm("acme-crm", "tester")
    return sorted(one.id for one in [*people(sandbox), *crm.find("Account", None, [])])


def test_a_form_is_filled_by_dummies_only(sandbox: Sandbox, folder: Path) -> None:
    """Under a real address it is not sent, whatever the form calls the field; a visitor whom it made, under an address
    that the scenario names, is removed; one who was there before stays."""
    before = strangers(sandbox)
    form = "submit_form: {{as: {who}, form: contact, values: {{email: {address}, last_name: Visitor}}}}"
    refused = play(folder, sandbox, [form.format(who="me", address="me@customer.test"), "check_quiet: {}"])
    assert (refused.verdict, "RUN823" in refused.reason) == ("error", True)
    assert ids(sandbox) == sorted(before)
    visitors = {"visitor": "visitor@known.example", "known": "Before@Known.example"}
    steps = [form.format(who=who, address=address) for who, address in visitors.items()]
    done = play(folder, sandbox, [*steps, "sync: {until: quiet}", "check_delivered: {lead: $visitor, count: 1}"])
    assert done.verdict == "passed", done.reason
    left = f"there before this run, and left: acme-marketing prospect {before[2]}"
    assert left in texts(done)
    assert ids(sandbox) == sorted(before)


def test_what_a_conversion_made_goes_too(sandbox: Sandbox, folder: Path) -> None:
    """The contact, its account and its deal, none of which the scenario named."""
    before = strangers(sandbox)
    lead = "create_lead: {as: lead, in: marketing, fill: basics}"
    steps = [lead, "sync: {until: quiet}", "convert: {lead: $lead, opportunity: test deal}", "sync: {until: quiet}"]
    done = play(folder, sandbox, [*steps, "check_quiet: {}"])
    assert done.verdict == "passed", done.reason
    assert ids(sandbox) == sorted(before)


def test_only_dummies_are_merged(sandbox: Sandbox, folder: Path) -> None:
    """Two of the run's own are, and nothing of them stays; somebody who was there before is not merged away."""
    before = strangers(sandbox)
    one, two = (f"create_lead: {{as: {name}, in: crm, fill: basics}}" for name in ("one", "two"))
    done = play(folder, sandbox, [one, two, "merge: {lead: $one, loser: $two, in: crm}", "check_quiet: {}"])
    assert done.verdict == "passed", done.reason
    assert ids(sandbox) == sorted(before)
    known = "submit_form: {as: known, form: contact, values: {email: before@known.example}}"
    mine = "create_lead: {as: mine, in: marketing, fill: basics}"
    for merge in (
        "merge: {lead: $mine, loser: $known, in: marketing}",
        "merge: {lead: $known, loser: $mine, in: marketing}",
    ):
        refused = play(folder, sandbox, [mine, known, merge, "check_quiet: {}"])
        assert (refused.verdict, "RUN823" in refused.reason) == ("error", True), refused.reason
        assert ids(sandbox) == sorted(before)


@pytest.mark.parametrize(("org", "operation"), [("acme-crm", "batch"), ("acme-marketing", "create")])
def test_a_lost_answer_hides_no_leftover(sandbox: Sandbox, folder: Path, org: str, operation: str) -> None:
    """The tester's or the connector's create was applied and its answer lost, under an address that is not the run's
    alone: what stands there now, and did not before, is removed."""
    before = strangers(sandbox)
    sandbox.lab.add_fault({"at": org, "operation": operation, "kind": "lost_after_apply", "times": 1})
    kim = "create_lead: {as: kim, in: marketing, fill: basics, values: {email: kim@known.example}}"
    play(folder, sandbox, [kim, "sync: {until: quiet}", "check_delivered: {lead: $kim, count: 1}"])
    assert len(list(sandbox.lab.journal(kind="fault"))) == 1
    assert ids(sandbox) == sorted(before)
