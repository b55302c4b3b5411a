"""Scenarios run against the real sandbox: what passes, what fails, what is an error, and that a seed replays."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.library import checklist
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options, run_scenario
from tests.harness.scenario.stage_hands import Broken, Idle, Restless, Stopped, check, checks, play, write

FIRST = """
install: {}
create_lead: {as: lead, in: marketing, campaign: spring, values: {country: "NO"}}
sync: {until: quiet}
check_delivered: {lead: $lead, count: 1, linked: both}
check_owner: {lead: $lead, is: by_rules}
check_every_field: {lead: $lead, from: marketing}
check_member: {lead: $lead, in: crm, campaign: spring, status: Sent}
check_no_duplicates: {}
check_report: {report: campaign, in: crm}
check_report: {report: closed_loop, in: crm}
check_journal: {}
check_quiet: {}
check_oracle: {}
clean_up: {}
"""
LEAD = "create_lead: {as: lead, in: marketing, fill: basics}\n"


def test_the_right_connector_passes_every_check(tmp_path: Path) -> None:
    """One lead end to end: each check type that it meets holds, and the verdict is passed."""
    outcome = play(tmp_path, FIRST)
    assert (outcome.verdict, set(checks(outcome).values())) == ("passed", {"passed"}), outcome.reason


def test_a_connector_that_does_nothing_fails_what_needs_it_and_nothing_else(tmp_path: Path) -> None:
    """What fails is listed by check id; clean-up, journal and duplicates need no connector."""
    outcome = play(tmp_path, FIRST, connector=Idle)
    failed = {id for id, verdict in checks(outcome).items() if verdict == "failed"}
    assert outcome.verdict == "failed"
    assert failed == {"check_delivered", "check_owner", "check_every_field", "check_member", "check_oracle"}
    assert check(outcome, "check_delivered").data["finding"] == "CYC620", "the journal tells that it never called"


FAILING = {
    "check_delivered": LEAD + "check_delivered: {lead: $lead}",
    "check_linked": LEAD + "create_lead: {as: twin, in: crm, fill: basics}\ncheck_linked: {lead: $twin}",
    "check_absent": LEAD + "check_absent: {lead: $lead, in: marketing}",
    "check_count": LEAD + "check_count: {in: marketing, object: prospect, is: 2}",
    "check_no_duplicates": (
        "create_lead: {as: one, in: marketing, fill: basics, values: {email: twice@lead.example}}\n"
        "create_lead: {as: two, in: marketing, fill: basics, values: {email: Twice@lead.example}}\n"
        "check_no_duplicates: {}"
    ),
    "check_field": LEAD + "check_field: {lead: $lead, in: marketing, field: country, blank: no}",
    "check_fields": LEAD + "check_fields: {lead: $lead, in: marketing, values: {company: other, country: x}}",
    "check_every_field": (
        LEAD.replace("as: lead", "as: other")
        + "create_lead: {as: lead, in: crm, fill: basics, values: {Email: same@lead.example, LastName: One}}\n"
        + "create_lead: {as: web, in: marketing, fill: basics, values: {email: same@lead.example, last_name: Two}}\n"
        + "check_every_field: {lead: $web, from: marketing}"
    ),
    "check_owner": "create_lead: {as: lead, in: crm, fill: basics}\ncheck_owner: {lead: $lead, is: anne.sales}",
    "check_member": LEAD + "check_member: {lead: $lead, in: marketing, campaign: spring}",
    "check_answers": LEAD + "check_answers: {lead: $lead, in: marketing, field: comments, texts: [Hello]}",
    "check_finding": "check_finding: {code: USR101}",
    "check_no_findings": "set_connector: {switched_on: no}\ncheck_no_findings: {}",
    "check_exchanges": LEAD + "check_exchanges: {in: marketing, by: tester, method: DELETE, path: /records, count: 1}",
    "check_history": LEAD + "check_history: {lead: $lead, in: marketing, field: company, held: [somebody else]}",
    "check_report": LEAD + "check_report: {report: lead_source, in: marketing, expect: [{row: totals, leads: '7'}]}",
}


@pytest.mark.parametrize("name", sorted(FAILING))
def test_each_check_can_fail(name: str, tmp_path: Path) -> None:
    """With a reason to fail, the check fails: it says what was expected and found, and the verdict is failed."""
    outcome = play(tmp_path, FAILING[name], connector=Idle)
    told = check(outcome, name).data
    assert told["verdict"] == "failed", told
    assert told["expected"]
    assert told["found"]
    assert outcome.verdict == "failed"


def test_a_restless_connector_fails_quiet(tmp_path: Path) -> None:
    """check_quiet counts every cycle's writes and says them."""
    outcome = play(tmp_path, "check_quiet: {}", connector=Restless)
    assert check(outcome, "check_quiet").data["finding"] == "CYC602"
    assert "1, 1, 1" in check(outcome, "check_quiet").data["found"]


def test_a_failed_check_names_the_cause_that_the_cycle_told(tmp_path: Path) -> None:
    """What stopped the connector comes before what the check itself suspects."""
    outcome = play(tmp_path, LEAD + "sync: {cycles: 1}\ncheck_delivered: {lead: $lead}", connector=Stopped)
    told = check(outcome, "check_delivered").data
    assert told["finding"] == "CON110"
    assert told["findings"][-1]["code"] in ("CYC601", "MAP327")


def test_a_failed_check_names_the_cause_that_the_doctor_sees(tmp_path: Path) -> None:
    """The connector was switched off: the doctor says so though no cycle did."""
    steps = f"set_connector: {{switched_on: no}}\n{LEAD}check_delivered: {{lead: $lead}}"
    assert check(play(tmp_path, steps, connector=Idle), "check_delivered").data["finding"] == "CON101"


REFUSED = {
    "CFG830": "check_delivered: {lead: $nobody}",
    "CFG833": LEAD + "edit: {lead: $lead, in: marketing, values: {nosuchfield: x}}",
    "CFG807": LEAD + "edit: {lead: $lead, in: marketing, values: {source: Moonlight, score: many}}",
    "RUN808": LEAD + "edit: {lead: $lead, in: crm, values: {Title: x}}",
    "REF709": "submit_form: {as: visitor, form: contact, values: {email: ''}}",
}


@pytest.mark.parametrize("code", sorted(REFUSED))
def test_a_step_that_cannot_be_done_is_an_error_with_a_code(code: str, tmp_path: Path) -> None:
    """Neither passed nor failed nor a traceback: error, with the code, and the steps after it do not run."""
    outcome = play(tmp_path, REFUSED[code] + "\ncheck_journal: {}", connector=Idle)
    found = [event.data["finding"]["code"] for event in outcome.events if event.kind == "finding"]
    assert (outcome.verdict, outcome.usage, outcome.ours) == ("error", code.startswith("CFG"), False)
    assert found == [code]
    assert "check_journal" not in checks(outcome)


ADDED = "{in: crm, settings: {fields: [{object: Lead, id: Extra__c, label: Extra, type: single_line}]}}"


def test_a_field_that_was_added_on_the_way_can_be_written_at_once(tmp_path: Path) -> None:
    """What the org looked like before the administrator changed it is not believed by the next step."""
    steps = f"""create_lead: {{as: lead, in: crm, fill: basics}}
    edit: {{lead: $lead, in: crm, values: {{Title: Buyer}}}}
    change_org: {ADDED}
    edit: {{lead: $lead, in: crm, values: {{Extra__c: hello}}}}
    check_field: {{lead: $lead, in: crm, field: Extra__c, is: hello}}"""
    outcome = play(tmp_path, steps, connector=Idle)
    assert outcome.verdict == "passed", outcome.reason


def test_an_expected_refusal_that_does_not_come_is_an_error(tmp_path: Path) -> None:
    """A scenario that expects the form to be refused does not pass when it is accepted."""
    assert play(tmp_path, "submit_form: {as: visitor, form: contact, expect: refused}").verdict == "error"


def test_a_defect_is_ours_and_never_a_traceback(tmp_path: Path) -> None:
    """An error that nobody planned for is SIM902; the run's exit code is 4."""
    outcome = play(tmp_path, "sync: {cycles: 1}", connector=Broken)
    codes = [event.data["finding"]["code"] for event in outcome.events if event.kind == "finding"]
    assert (outcome.verdict, outcome.ours, codes) == ("error", True, ["SIM902"])
    story = load_scenarios([tmp_path / "story.yaml"])
    assert run_all(story, Options(connector=Broken), []).exit_code == 4


def test_a_bad_recipe_is_an_error_that_names_its_place(tmp_path: Path) -> None:
    """What is wrong with the recipe stands in the finding, with file and line."""
    path = write(tmp_path, LEAD)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(recipe.read_text() + "    colour: blue\n")
    outcome = run_scenario(load_scenario(path), Options())
    finding = next(event.data["finding"] for event in outcome.events if event.kind == "finding")
    assert finding["code"] == "CFG805"
    assert finding["places"][0]["file"].endswith("recipe.yaml")


def test_the_same_seed_replays_byte_for_byte_and_another_does_not(tmp_path: Path) -> None:
    """In this process, in two others, over real sockets and from another folder: one digest for one seed."""
    steps = LEAD + "sync: {cycles: 1}\ncheck_delivered: {lead: $lead, linked: any}"
    stories = [write(tmp_path / "a", steps, name=f"story-{number}") for number in (1, 2)]
    elsewhere = [write(tmp_path / "b" / "c", steps, name=f"story-{number}") for number in (1, 2)]

    def digest(paths: list[Path], jobs: int = 1, **options: object) -> str:
        return run_all(load_scenarios(paths), Options(**options), [], jobs=jobs).digest  # type: ignore[arg-type]

    first = digest(stories, seed="7")
    assert digest(stories, seed="7", jobs=2) == first
    assert digest(elsewhere, seed="7", over="http") == first
    assert digest(stories, seed="8") != first


def test_one_other_value_gives_another_digest(tmp_path: Path) -> None:
    """The digest holds what is stored: one letter in one field changes it."""
    assert (
        play(tmp_path / "a", LEAD).digest
        != play(tmp_path / "b", LEAD.replace("basics", "nothing, values: {email: a@lead.example}")).digest
    )


ALWAYS = ("import-rows", "merge", "delete-ignore", "owner-by-marketing", "reports", "two-crm-orgs")
"""Those whose steps and checks no other test plays; the rest take turns, and `leadproof run` plays them all."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if path.stem in ALWAYS else pytest.mark.slow)
        for path in sorted(checklist().glob("*.yaml"))
    ],
    ids=lambda path: path.stem,
)
def test_shipped_scenarios_pass(path: Path) -> None:
    """Every scenario of the checklist passes with the reference connector."""
    if not path.read_text(encoding="utf-8").startswith("scenario:"):
        assert path.stem.partition(".")[2] or path.stem in ("leadproof", "recipe")
        return
    outcome = run_scenario(load_scenario(path), Options(seed="3"))
    assert outcome.verdict == "passed", outcome.reason


def test_a_report_does_not_change_the_verdict(tmp_path: Path) -> None:
    """What a report draws is asked after the end; a system that lets nobody in any more leaves its part out."""
    text = LEAD + "sync: {until: quiet}\ncheck_delivered: {lead: $lead}\n"
    text += "install: {}\nset_allowlist: {in: crm, addresses: ['192.0.2.1']}"
    plain, drawn = (play(tmp_path, text, pictures=drawn) for drawn in (False, True))
    assert (drawn.verdict, drawn.reason, drawn.digest) == (plain.verdict, plain.reason, plain.digest)
