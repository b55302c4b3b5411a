"""The shipped checklist on other pairs than native and native: what it was written for holds between vendors too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from leadproof.connector.defects import planted
from leadproof.findings import entry
from leadproof.library import checklist, scenarios_folder
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.pairs import EXCEPTIONS, Exceptions, Pair
from leadproof.scenario.run import EXIT_NOTHING, EXIT_PASSED, summarise
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadterms.documents import load
from leadterms.refusals import DocumentRefused

NATIVE = Pair("salesforce", "native")
PARDOT = Pair("salesforce", "pardot")
NO_REPORTS = {"reports", "hand-over-report", "deals", "member-status", "merge"}
# What each pair cannot express somewhere in the scenario: its reports, and what stands in
# the pair's exceptions.yaml. Everything else passes.
SKIPPED: dict[str, set[str]] = {
    str(NATIVE): NO_REPORTS | {"ip-not-allowed"},
    str(PARDOT): NO_REPORTS
    | {"ip-not-allowed", "connector-off", "reporting-grade", "every-grade", "every-moment-both-ways"}
    | {"first-lead", "converted-lead"}  # campaign members
    | {"name-stays"}  # field history
    | {"several-answers", "answers-edited", "answers-after-delete"},
}
SCENARIOS = [one.id for one in load_scenarios([checklist()])]
PLAYED = [(pair, id) for pair in (NATIVE, PARDOT) for id in SCENARIOS]


def played(pair: Pair, id: str, **options: object) -> Outcome:
    """One scenario of the checklist on a pair."""
    return run_scenario(load_scenario(checklist() / f"{id}.yaml"), Options(pair=pair, **options))  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize(("pair", "id"), PLAYED, ids=[f"{pair}-{id}" for pair, id in PLAYED])
def test_every_scenario_of_the_checklist(pair: Pair, id: str) -> None:
    """It passes; or it skips what the pair cannot express, says why, and everything else in it holds."""
    outcome = played(pair, id)
    assert outcome.verdict == ("skipped" if id in SKIPPED[str(pair)] else "passed"), outcome.reason
    verdicts = [event.data["verdict"] for event in outcome.events if event.kind.endswith("_finished")]
    assert set(verdicts) <= {"passed", "skipped"}
    if outcome.verdict == "skipped":
        assert outcome.reason


def test_where_all_is_skipped_nothing_is_proven() -> None:
    """A run that made no check at all does not end as if everything held."""
    summary = summarise([played(PARDOT, "connector-off")])
    assert (summary.verdict, summary.exit_code) == ("skipped", EXIT_NOTHING)
    assert summarise([played(PARDOT, "name-stays")]).exit_code == EXIT_PASSED


@pytest.mark.parametrize("pair", [NATIVE, PARDOT], ids=str)
def test_one_lead_end_to_end_and_the_same_over_http(pair: Pair) -> None:
    """The first lead of the checklist arrives with every value, and the digest is the same over real sockets."""
    outcome = played(pair, "first-lead")
    assert outcome.verdict in ("passed", "skipped"), outcome.reason
    judged = [
        event for event in outcome.events if event.kind == "check_finished" and event.data["name"] == "check_oracle"
    ]
    assert [event.data["verdict"] for event in judged] == ["passed"]
    assert played(pair, "first-lead", over="http").digest == outcome.digest


@pytest.mark.slow
@pytest.mark.parametrize("id", ["rows-locked", "token-expired", "delete-propagate", "false-phone", "consent"])
@pytest.mark.parametrize("pair", [NATIVE, PARDOT], ids=str)
def test_the_digest_is_the_same_in_process_and_over_http(pair: Pair, id: str) -> None:
    """Faults, logins, deletes, forms and edits: byte for byte the same exchanges either way."""
    assert played(pair, id).digest == played(pair, id, over="http").digest


@pytest.mark.parametrize(
    ("defect", "id"),
    [
        ("do_nothing", "lead-from-crm"),
        ("one_way_to_crm", "edits-both-ways"),
        ("case_sensitive_email", "duplicate-letter-case"),
        ("swaps_owners", "owner-by-marketing"),
        ("deletes_ignored", "delete-propagate"),
    ],
)
def test_a_broken_connector_fails_on_a_pair_too(defect: str, id: str) -> None:
    """The checks and the oracle are no weaker in other names: each planted bug is met."""
    assert played(PARDOT, id, connector=planted(defect)).verdict == "failed"


@pytest.mark.parametrize("pair", [NATIVE, PARDOT], ids=str)
def test_a_scenario_told_in_the_pairs_own_words(pair: Pair) -> None:
    """Lead statuses are the vendor's: the pair's own telling is played, names its own file and skips nothing."""
    outcome = played(pair, "every-status")
    assert (outcome.id, outcome.verdict) == ("every-status", "passed"), outcome.reason
    files = {event.data["file"] for event in outcome.events if event.kind == "check_finished"}
    assert [file.endswith(f"pairs/{pair}/every-status.yaml") for file in files] == [True]


def test_the_pairs_own_telling_keeps_the_id(tmp_path: Path) -> None:
    """Whatever id the pair's own file gives itself: all events, the world's seed and the reports know the one id."""
    shutil.copytree(scenarios_folder(), tmp_path / "scenarios")
    own = tmp_path / "scenarios" / "pairs" / str(NATIVE) / "every-status.yaml"
    own.write_text("id: another\n" + own.read_text())
    told = load_scenario(tmp_path / "scenarios" / "checklist" / "every-status.yaml")
    outcome = run_scenario(told, Options(pair=NATIVE))
    assert outcome.id == "every-status"
    assert {event.scenario for event in outcome.events} == {"every-status"}
    named = [event.data["file"] for event in outcome.events if event.kind.startswith("scenario_")]
    assert len(named) == 2
    assert len(set(named)) == 1


def test_exceptions_are_about_steps_that_there_are() -> None:
    """Every exception of every shipped pair names a scenario of the checklist, and the step that it means."""
    by_id = {one.id: one for one in load_scenarios([checklist()])}
    seen = 0
    for folder in sorted((scenarios_folder() / "pairs").iterdir()):
        crm, _, marketing = folder.name.partition("-")
        for one in load(folder / EXCEPTIONS, Exceptions).model.steps:
            assert one.scenario in by_id
            assert Pair(crm, marketing).skipped(by_id[one.scenario])
            seen += 1
    assert seen >= 3


def test_an_exception_for_another_step_is_refused(tmp_path: Path) -> None:
    """The scenario changed since: the step of that number is another one now, and nothing is skipped unseen."""
    shutil.copytree(scenarios_folder(), tmp_path / "scenarios")
    folder = tmp_path / "scenarios" / "pairs" / str(NATIVE)
    text = (folder / EXCEPTIONS).read_text().replace("step: 6", "step: 5")
    (folder / EXCEPTIONS).write_text(text.replace("is: check_finding", "is: check_absent"))
    path = tmp_path / "scenarios" / "checklist" / "ip-not-allowed.yaml"
    with pytest.raises(DocumentRefused) as refused:
        NATIVE.skipped(load_scenario(path))
    assert [problem.code for problem in refused.value.problems] == ["CFG839"]
    assert entry("CFG839").fix
    outcome = run_scenario(load_scenario(path), Options(pair=NATIVE))
    assert (outcome.verdict, outcome.usage) == ("error", True)


def test_a_folder_without_a_pair_of_its_own(tmp_path: Path) -> None:
    """Its own recipe and integration, written in the native ids, run on the vendors' systems: the orgs speak the
    other dialects and the integration is in their names."""
    folder = tmp_path / "mine"
    folder.mkdir()
    for name in ("leadproof.yaml", "recipe.yaml"):
        shutil.copy(scenarios_folder() / "starter" / name, folder / name)
    (folder / "deal.yaml").write_text(
        "scenario: A deal arrives\nintegration_changes:\n"
        "  opportunities: {crm: Opportunity, marketing: opportunity, fields: "
        "[{crm: Name, marketing: name}, {crm: Stage, marketing: stage}]}\n"
        "steps:\n"
        "  - install: {}\n"
        "  - create_lead: {as: lead, in: crm, fill: basics}\n"
        "  - create_record: {in: crm, object: Opportunity, values: {Name: test, Stage: Won, CloseDate: 2026-05-01}}\n"
        "  - sync: {until: quiet}\n"
        "  - check_count: {in: crm, object: Opportunity, criteria: {rows: [[Stage, '=', Won]]}, is: 1}\n"
        "  - check_count: {in: marketing, object: opportunity, criteria: {rows: [[stage, '=', Won]]}, is: 1}\n"
        "  - check_oracle: {}\n"
    )
    outcome = run_scenario(load_scenario(folder / "deal.yaml"), Options(pair=NATIVE))
    assert outcome.verdict == "passed", outcome.reason
