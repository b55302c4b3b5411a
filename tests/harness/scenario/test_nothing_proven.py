"""A verdict rests on evidence: where there was nothing to look at, a check fails and a scenario is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.cli import main
from leadproof.scenario.document import load_scenario
from leadterms.refusals import DocumentRefused
from tests.harness.scenario.stage_hands import Stopped, check, checks, play, write

ON_NOBODY = {
    "check_no_duplicates": "check_no_duplicates: {}",
    "lead_source": "check_report: {report: lead_source}",
    "hand_over": "check_report: {report: hand_over, in: marketing}",
}


@pytest.mark.parametrize("name", sorted(ON_NOBODY))
def test_a_check_without_anything_to_look_at_fails(name: str, tmp_path: Path) -> None:
    """Two empty orgs prove nothing about duplicates or reports."""
    outcome = play(tmp_path, ON_NOBODY[name])
    assert (outcome.verdict, set(checks(outcome).values())) == ("failed", {"failed"})


def test_an_empty_report_can_be_asked_for(tmp_path: Path) -> None:
    """`empty: yes` holds on an empty report and fails on any other."""
    empty = "check_report: {report: lead_source, empty: yes}"
    assert play(tmp_path / "a", empty).verdict == "passed"
    assert play(tmp_path / "b", "create_lead: {as: lead, in: crm, fill: basics}\n" + empty).verdict == "failed"


def test_a_connector_that_was_stopped_is_not_at_rest(tmp_path: Path) -> None:
    """Cycles that stopped wrote nothing, and that is no quiet; the cause is what stopped them."""
    outcome = play(tmp_path, "check_quiet: {}", connector=Stopped)
    assert checks(outcome) == {"check_quiet": "failed"}
    assert check(outcome, "check_quiet").data["finding"] == "CON110"


def test_a_scenario_without_a_check_is_refused(tmp_path: Path) -> None:
    """It would pass whatever happens."""
    path = write(tmp_path, "create_lead: {as: lead, in: marketing}\nsync: {}", bare=True)
    with pytest.raises(DocumentRefused) as refused:
        load_scenario(path)
    assert [one.code for one in refused.value.problems] == ["CFG834"]


def test_a_run_that_checked_nothing_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step was skipped: the words stand at the verdict, and CI sees another code than for a pass."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["run", "--crm", "salesforce", "--marketing", "pardot", "-k", "connector-off"])
    assert (ended.value.code, "nothing is proven: exit code 5" in capsys.readouterr().out) == (5, True)
