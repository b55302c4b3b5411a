"""What ends a live run from outside: a request is heeded, and after a kill the run's own file says what to remove."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from leadproof.cli.cleaning import clean as command
from leadproof.cli.cleaning import unfinished
from leadproof.cli.endings import CommandRefused
from leadproof.connector import Connector
from leadproof.findings import entry
from leadproof.sandbox import Sandbox
from leadproof.scenario.document import load_scenario
from leadproof.scenario.leftovers import clean
from leadproof.scenario.live import Live, LiveRefused, open_live_stage, org_ids
from leadproof.scenario.livejournal import LiveJournal, LiveRun, read_run, runs
from leadproof.scenario.run import summarise
from leadproof.scenario.runner import Options, run_scenario
from leadproof.systems.ports import Write
from tests.harness.cli import in_process
from tests.harness.pairs.test_live import PROGRAM, bare, environment, people

LONG = """scenario: A long run on live systems
steps:
  - create_lead: {as: lead, in: marketing, fill: basics, values: {email: before@known.example}}
  - create_records: {as: many, in: marketing, count: 2}
  - create_record: {as: deal, in: crm, object: Opportunity, values: {Name: test, Stage: Sent, CloseDate: 2026-05-01}}
  - sync: {cycles: 100}
  - check_quiet: {}
"""
LEADS, OURS = 4, 6
"""Three prospects, the leads of two of them, the deal; the third one's lead was there before."""


def _heeds_a_closed_terminal() -> None:
    """As a program started in a terminal does, also where these tests run under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Started:
    """`leadproof run --live` of the long scenario, in a process of its own, once it has synced its people."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        (folder / "first.yaml").write_text(LONG)
        self.known = bare() | environment(sandbox)
        self.folder = folder
        command = [sys.executable, *PROGRAM[1:], "run", "first.yaml", "--live"]
        self.process = subprocess.Popen(
            command, cwd=folder, env=self.known, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=_heeds_a_closed_terminal,
        )  # fmt: skip

    def reach(self, sandbox: Sandbox) -> None:
        """Wait until its leads are in the CRM."""
        crm = sandbox.crm("acme-crm", "tester")
        while len(list(crm.find("Lead", None, []))) < LEADS:
            assert self.process.poll() is None, self.process.communicate()[0]

    def end(self, number: int) -> tuple[int, str]:
        """Send it a signal; its exit code and all that it said."""
        self.process.send_signal(number)
        said = self.process.communicate(timeout=60)[0]
        return self.process.returncode, said

    def clean(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`leadproof clean` there."""
        with patch.dict(os.environ, self.known, clear=True):
            return in_process.leadproof("clean", *arguments, cwd=self.folder)


@pytest.fixture
def strangers(sandbox: Sandbox) -> list[str]:
    """Who stands in the CRM before the run: one with an address that the run enters, and one without any."""
    crm = sandbox.crm("acme-crm", "tester")
    addresses = ("before@known.example", None)
    writes = [Write("create", "Lead", values={"LastName": "B", "Company": "B", "Email": one}) for one in addresses]
    return sorted(str(one.id) for one in crm.write(writes))


@pytest.fixture
def started(folder: Path, sandbox: Sandbox, strangers: list[str]) -> Iterator[Started]:
    """The run, under way."""
    run = Started(folder, sandbox)
    try:
        run.reach(sandbox)
        yield run
    finally:
        run.process.kill()
        run.process.communicate()


def ids(sandbox: Sandbox) -> list[str]:
    return sorted(one.id for one in people(sandbox))


@pytest.mark.slow
@pytest.mark.parametrize(
    "request_to_end", [signal.SIGTERM, signal.SIGHUP], ids=["a job's time is over", "closed terminal"]
)
def test_a_request_to_end_is_heeded_as_ctrl_c(
    sandbox: Sandbox, started: Started, strangers: list[str], request_to_end: signal.Signals
) -> None:
    """SIGTERM, as a CI sends it when a job takes too long, and SIGHUP: both sides are cleaned, and no file is left."""
    assert "live-1  still under way" in started.clean().stdout
    code, said = started.end(request_to_end)
    assert (code, "RUN809" in said) == (130, True), said
    assert ids(sandbox) == strangers
    assert list((started.folder / ".leadproof" / "live").iterdir()) == []
    assert "No live run" in started.clean().stdout


@pytest.mark.slow
def test_what_a_killed_run_left_is_removed(sandbox: Sandbox, started: Started, strangers: list[str]) -> None:
    """While it runs nobody else cleans. Then all that it made goes, and nobody who was there before it."""
    busy = started.clean("live-1")
    assert (busy.returncode, busy.stderr.partition(":")[0]) == (2, "RUN826")
    code, said = started.end(signal.SIGKILL)
    assert (code, "leadproof clean live-1" in said) == (-signal.SIGKILL, True), said
    assert len(ids(sandbox)) == OURS + len(strangers)
    assert started.clean().stdout.startswith("live-1  first; 3 dummy people")
    assert (started.folder / ".leadproof" / "live" / "live-1.ndjson").stat().st_mode & 0o077 == 0
    done = started.clean("live-1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"first: {OURS} dummy records removed" in done.stdout
    assert "there before this run, and left: acme-crm Lead" in done.stdout
    assert ids(sandbox) == strangers


def test_a_run_that_left_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to clean, and the runs that there are are named."""
    monkeypatch.chdir(tmp_path)
    journal = LiveJournal.begin()
    journal.scenario("first", tmp_path / "first.yaml", {})
    assert journal.close()
    with pytest.raises(CommandRefused) as refused:
        command("live-7")
    assert (refused.value.code, refused.value.exit_code, "live-1" in str(refused.value)) == ("RUN824", 5, True)
    assert all(entry(code).fix for code in ("RUN824", "RUN825", "RUN826"))
    assert unfinished() == ["live-1"]
    assert command("live-1") == 0  # it was killed before it entered anything
    assert runs() == []


def test_nothing_is_removed_in_another_org(sandbox: Sandbox, folder: Path) -> None:
    """The same address may be somebody's there."""
    (folder / "first.yaml").write_text(LONG)
    crm = sandbox.crm("acme-crm", "tester")
    (made,) = crm.write([Write("create", "Lead", values={"LastName": "A", "Company": "A", "Email": "a@lead.example"})])
    journal = LiveJournal.begin(folder / "live")
    orgs = {"acme-crm": "00D000000000000AAA", "acme-marketing": "acme-marketing"}
    journal.scenario("first", folder / "first.yaml", orgs)
    journal.key("a@lead.example", [])
    assert journal.close()
    [run] = runs(folder / "live")
    with pytest.raises(LiveRefused) as refused:
        clean(run, Live(environment=environment(sandbox)))
    assert (refused.value.code, "00D000000000000AAA" in str(refused.value)) == ("RUN825", True)
    assert [one.id for one in people(sandbox)] == [made.id]
    assert run.path.exists()


def killed(folder: Path, *keys: str) -> LiveJournal:
    """A run that was killed as soon as it had noted these addresses of its scenario `first`."""
    (folder / "first.yaml").write_text(LONG)
    journal = LiveJournal.begin(folder / "live")
    journal.scenario("first", folder / "first.yaml", {})
    for key in keys:
        journal.key(key.format(word=journal.word), [])
    assert journal.close()
    return journal


def in_its_orgs(journal: LiveJournal, live: Live) -> LiveRun:
    """The file, read, as if the run had been in the orgs that the environment names."""
    run = read_run(journal.path)
    (entered,) = run.left.values()
    with ExitStack() as stack:
        loaded = load_scenario(Path(entered.file))
        entered.orgs = org_ids(open_live_stage(loaded, live, "", None, journal.path.parent, stack).connections)
    return run


def test_what_others_entered_under_the_same_address_stays(sandbox: Sandbox, folder: Path) -> None:
    """A colleague runs the same scenario after the kill, and a scenario names the same addresses to everybody: their
    lead stays and is named. What has the killed run's own word goes, though no answer told its id."""
    crm, live = sandbox.crm("acme-crm", "tester"), Live(environment=environment(sandbox))
    journal = killed(folder, "kim@known.example", "kim.1.{word}@lead.example")
    addresses = ("kim@known.example", f"kim.1.{journal.word}@lead.example", "kim.1.0123456789@lead.example")
    writes = [Write("create", "Lead", values={"LastName": "K", "Company": "K", "Email": one}) for one in addresses]
    theirs, ours, other = crm.write(writes)
    (done,) = clean(in_its_orgs(journal, live), live)
    assert (done.removed, done.left) == (1, ())
    assert "not made by this run as far as it knows" in done.others
    assert f"acme-crm Lead {theirs.id}" in done.others
    assert ids(sandbox) == sorted([str(theirs.id), str(other.id)])
    assert ours.id not in ids(sandbox)
    assert not journal.path.exists()


def test_no_two_runs_enter_the_same_dummies(sandbox: Sandbox, folder: Path) -> None:
    """With the same seed and scenario, in two jobs' folders. What the connector makes of an address that the scenario
    names is noted by id, so it goes with the run; another's record under that address that came during it stays."""
    crm = sandbox.crm("acme-crm", "tester")
    values = {"LastName": "K", "Company": "K", "Email": "kim@known.example"}
    others: list[str] = []

    class Late(Connector):
        """The built-in connector; somebody else enters the same address after its first cycle."""

        def cycle(self) -> Any:
            done = super().cycle()
            if not others:
                others.append(str(crm.write([Write("create", "Lead", values=values, allow_duplicates=True)])[0].id))
            return done

    (folder / "first.yaml").write_text(
        "scenario: Two of them\nsteps:\n  - create_records: {as: two, in: marketing, count: 2}\n"
        "  - create_lead: {as: kim, in: marketing, fill: basics, values: {email: kim@known.example}}\n"
        "  - sync: {}\n  - check_quiet: {}\n"
    )
    entered: list[set[str]] = []
    for job in ("one", "two"):
        journal = LiveJournal.begin(folder / job)
        live = Live(environment=environment(sandbox), journal=journal)
        connector = Late if job == "two" else None
        run_scenario(load_scenario(folder / "first.yaml"), Options(live=live, connector=connector))
        lines = [json.loads(one) for one in journal.path.read_text().splitlines()]
        entered.append({one["key"] for one in lines if one["kind"] == "key"})
        assert sum(one["kind"] == "made" for one in lines) >= 6
        assert not journal.close()
        assert ids(sandbox) == others
    assert [len(one) for one in entered] == [3, 3]
    assert entered[0] & entered[1] == {"kim@known.example"}


def test_a_file_tells_what_is_left(tmp_path: Path) -> None:
    """Scenario by scenario; what was cleaned is not left, and a line that was torn off tells nothing."""
    first, second = LiveJournal.begin(tmp_path), LiveJournal.begin(tmp_path)
    assert [first.id, second.id] == ["live-1", "live-2"]
    second.scenario("a", tmp_path / "a.yaml", {"crm": "1"})
    second.key("a@lead.example", [("crm", "Lead", "7")])
    second.cleaned("a")
    second.scenario("b", tmp_path / "b.yaml", {"crm": "1"})
    second.key("b@lead.example", [("crm", "Lead", "8")])
    second.made(("crm", "Lead", "9"))
    assert (first.close(), second.close()) == (False, True)
    with second.path.open("a") as file:
        file.write('{"kind": "made", "scenario": "b", "rec')
    [run] = runs(tmp_path)
    assert list(run.left) == ["b"]
    left = run.left["b"]
    assert (list(left.keys), list(left.before), list(left.made)) == (
        ["b@lead.example"], [("crm", "Lead", "8")], [("crm", "Lead", "9")],
    )  # fmt: skip
    assert read_run(second.path) == run
    third = LiveJournal.begin(tmp_path)
    assert (third.id, third.close()) == ("live-3", False)


def test_a_torn_line_swallows_nothing(tmp_path: Path) -> None:
    """Who writes on behind it begins a line of its own; a line of a scenario whose own was torn tells nothing."""
    journal = LiveJournal.begin(tmp_path)
    journal.scenario("b", tmp_path / "b.yaml", {"crm": "1"})
    journal.key("b@lead.example", [])
    assert journal.close()
    with journal.path.open("ab") as file:
        file.write('{"kind": "key", "scenario": "b", "key": "bjø'.encode()[:-1])
    run = read_run(journal.path)
    assert (list(run.left["b"].keys), run.word) == (["b@lead.example"], journal.word)
    again = LiveJournal.resume(run)
    again.made(("crm", "Lead", "7"))  # of no scenario that is known
    again.cleaned("b")
    assert not again.close()
    assert not journal.path.exists()


def test_a_file_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    """It is refused, and stays."""
    path = tmp_path / "live-1.ndjson"
    path.write_text('{"kind": "run", "scenario": "", "format": 2}\n{"kind": "new", "scenario": "b"}\n')
    [run] = runs(tmp_path)
    with pytest.raises(LiveRefused) as refused:
        clean(run, Live(environment={}))
    assert (refused.value.code, "format 2" in str(refused.value)) == ("RUN827", True)
    assert entry("RUN827").fix
    assert path.exists()


def test_what_clean_says_of_a_run_without_leftovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One under way is told as such, and is nobody's to clean; then that nothing was left."""
    monkeypatch.chdir(tmp_path)
    journal = LiveJournal.begin()
    journal.scenario("first", tmp_path / "first.yaml", {})
    assert (command(""), unfinished()) == (0, [])
    journal.cleaned("first")
    journal._file.close()  # as a kill does
    assert (command(""), command("live-1")) == (0, 0)
    lines = ["live-1  still under way", "live-1  nothing was left", "live-1: nothing was left"]
    assert capsys.readouterr().out.splitlines() == lines
    assert runs() == []


def test_a_scenario_whose_file_is_gone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ids and addresses are told, to be removed by hand, and the run's file stays."""
    monkeypatch.chdir(folder)
    journal = LiveJournal.begin()
    journal.scenario("first", folder / "first.yaml", {"acme-crm": "00D1"})
    journal.key(f"a.{journal.word}@lead.example", [])
    journal.made(("acme-crm", "Lead", "00Q7"))
    assert journal.close()
    assert command("live-1") == 1
    said = capsys.readouterr().out
    assert "acme-crm Lead 00Q7 (" in said
    assert f"acme-crm 00D1 everybody with the address a.{journal.word}@lead.example" in said
    assert "first.yaml is gone" in said
    assert unfinished() == ["live-1"]


def test_what_could_not_be_removed_fails_the_run(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything held, and yet somebody must remove a record by hand: no CI may call that passed."""
    from leadproof.scenario import runner
    from leadproof.scenario.stage import Removal

    real = runner.remove_all

    def one_is_held(stage: Any) -> tuple[int, list[Removal]]:
        removed, left = real(stage)
        return removed, [*left, Removal("acme-crm", "Lead", "00Q7", "a task is open")]

    monkeypatch.setattr(runner, "remove_all", one_is_held)
    (folder / "first.yaml").write_text(
        "scenario: One lead\nsteps:\n  - create_lead: {as: lead, in: marketing, fill: basics}\n"
        "  - sync: {until: quiet}\n  - check_delivered: {lead: $lead, count: 1, linked: both}\n"
    )
    journal = LiveJournal.begin(folder / "live")
    live = Live(environment=environment(sandbox), journal=journal)
    outcome = run_scenario(load_scenario(folder / "first.yaml"), Options(live=live))
    assert (outcome.verdict, "RUN808" in outcome.reason, summarise([outcome]).exit_code) == ("failed", True, 1)
    assert journal.close()
