"""What a person mistypes in an integration, a recipe or a scenario is told as that: a code, a line, a fix, exit 2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadproof.doctor import diagnose
from leadproof.integration import load
from leadproof.sandbox import Sandbox, load_recipe
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.run import EXIT_FAILED, EXIT_USAGE, summarise
from leadproof.scenario.runner import Options, Outcome, run_scenario
from leadterms.refusals import DocumentRefused
from tests.harness.scenario.stage_hands import write
from tests.harness.troubleshooting.following import patched

LOOK = "check_count: {in: crm, object: Lead, is: 0}"


def told(folder: Path, file: str, right: str, wrong: str, steps: str = LOOK) -> tuple[Outcome, dict[str, Any], int]:
    """Run a story after one edit of a file; the outcome, its first finding, and the line that was edited."""
    path = write(folder, steps)
    edited = folder / file
    text = edited.read_text("utf-8")
    assert text.count(right) == 1
    edited.write_text(text.replace(right, wrong), "utf-8")
    outcome = run_scenario(load_scenario(path), Options())
    finding = next(event.data["finding"] for event in outcome.events if event.kind == "finding")
    return outcome, finding, text[: text.index(right)].count("\n") + 1


INTEGRATION = {
    "an org": ("org: my-crm", "org: my-crx", "CFG838", "my-crm"),
    "an org of the other side": ("org: my-crm", "org: my-marketing", "CFG838", "my-crm"),
    "a CRM field": ("crm: LeadSource", "crm: LeadSorce", "MAP301", "LeadSource"),
    "a label": ("crm: LeadSource", "crm: Lead Source", "MAP302", "LeadSource"),
    "a marketing field": ("marketing: phone", "marketing: phnoe", "MAP301", "phone"),
    "a field that is mapped twice": ("marketing: phone", "marketing: email", "MAP320", "Remove"),
    "an object": ("{Lead: Company}", "{Leed: Company}", "MAP322", "Lead"),
}


@pytest.mark.parametrize("case", sorted(INTEGRATION))
def test_an_integration_is_refused_before_anything_runs(case: str, tmp_path: Path) -> None:
    """At its own line, with what was probably meant; no step has run; the exit code is 2."""
    right, wrong, code, hint = INTEGRATION[case]
    outcome, finding, line = told(tmp_path, "leadproof.yaml", right, wrong)
    assert (outcome.verdict, finding["code"]) == ("error", code)
    assert finding["places"][0]["file"].endswith("leadproof.yaml")
    assert finding["places"][0]["line"] == line
    assert hint in finding["fix"]
    assert not [event for event in outcome.events if event.kind == "step_started"]
    assert summarise([outcome]).exit_code == EXIT_USAGE


def test_a_label_is_told_with_the_patch_that_the_doctor_has(tmp_path: Path) -> None:
    """The same words wherever it is met first, once for both objects; with the patch applied, the scenario runs."""
    _, finding, _ = told(tmp_path, "leadproof.yaml", "crm: LeadSource", "crm: Lead Source")
    integration = load(tmp_path / "leadproof.yaml")
    with Sandbox.start(load_recipe(tmp_path / "recipe.yaml"), seed=1) as sandbox:
        seen = diagnose(integration, sandbox.crm("my-crm"), sandbox.marketing("my-marketing"))
    (doctors,) = [one for one in seen if one.code == "MAP302"]
    assert [str(one) for one in doctors.places[1:]] == ["my-crm Lead.Lead Source", "my-crm Contact.Lead Source"]
    assert (finding["cause"], finding["fix"], finding["patch"]) == (doctors.cause, doctors.fix, doctors.patch)
    path = tmp_path / "leadproof.yaml"
    path.write_text(patched(path.read_text("utf-8"), finding["patch"], path), "utf-8")
    assert run_scenario(load_scenario(tmp_path / "story.yaml"), Options()).verdict == "passed"


ORG = "    default_owner: desk.sales\n"
RULE = "    duplicate_rules: [{name: R, object: Lead, match: [Email]}]\n"
FORMULA = "    fields: [{object: Lead, id: F__c, type: formula, formula: {concat: [FirstName, %s]}}]\n"
RECIPE = {
    "a time zone": (ORG, "    time_zone: Europe/Olso\n", "CFG807", "Europe/Oslo"),
    "a user with a queue's id": (ORG, "    queues: [{id: desk.sales}]\n", "CFG836", "another id"),
    "a default owner": (ORG, "    default_owner: desk.sale\n", "CFG835", "desk.sales"),
    "a rule's user": ("{user: anne.sales}", "{user: anne.sale}", "CFG835", "anne.sales"),
    "a rule's field": ("[Country, in", "[Contry, in", "CFG823", "Country"),
    "a rule's name": (ORG, RULE.replace("[{", "[{name: R, object: Contact, match: [Email]}, {"), "CFG836", "another"),
    "a duplicate rule's field": (ORG, RULE.replace("Email", "Emial"), "CFG835", "Email"),
    "a duplicate rule's object": (ORG, RULE.replace("Lead", "Leed"), "CFG835", "Lead"),
    "a form's field": ("phone, comments]", "phnoe, comments]", "CFG835", "phone"),
    "a form's required field": ("required: [email]", "required: [city]", "CFG835", "email"),
    "a form's campaign": ("required: [email]", "required: [email], campaign: sprong", "CFG835", "spring"),
    "a form's status": ("required: [email]", "campaign: spring, status: klicked", "CFG835", "clicked"),
    "a form in a CRM": (ORG, "    forms: [{id: f, fields: [Email]}]\n", "CFG835", "marketing"),
    "a login's actor": ("{actor: tester, user: desk.sales}", "{actor: testr, user: desk.sales}", "CFG835", "tester"),
    "a login's user": ("{actor: tester, user: desk.sales}", "{actor: tester, user: desk.sale}", "CFG835", "desk.sales"),
    "a negative quota": (ORG, "    quota: {calls_per_day: -1}\n", "CFG807", ""),
    "an address": ("address: 10.20.0.30", "address: 10.20.0.777", "CFG807", "10.20.0.7"),
    "an address twice": ("address: 10.20.0.30", "address: 10.20.0.7", "CFG836", "its own"),
    "a network": ("10.20.0.0/24", "10.20.0.7/24", "NET111", "10.20.0.0/24"),
    "a clock without a zone": ("recipe: 1\n", "clock: 2026-03-02T09:00:00\n", "CFG807", "UTC"),
    "a formula's field": (ORG, FORMULA % "LastNmae", "CFG835", "LastName"),
    "a record's object": (ORG, "    records: [{object: Leed, values: {LastName: A}}]\n", "CFG835", "Lead"),
    "a record's field": (ORG, "    records: [{object: Lead, values: {LstName: A}}]\n", "CFG835", "LastName"),
    "a record that its org refuses": (ORG, "    records: [{object: Lead, values: {LastName: A}}]\n", "CFG837", ""),
}


@pytest.mark.parametrize("case", sorted(RECIPE))
def test_a_recipe_is_refused_at_its_line(case: str, tmp_path: Path) -> None:
    """With what was probably meant, before an org is built; the exit code is 2, and it is no defect of ours."""
    right, wrong, code, hint = RECIPE[case]
    outcome, finding, line = told(tmp_path, "recipe.yaml", right, wrong)
    assert (outcome.verdict, outcome.ours, finding["code"]) == ("error", False, code), finding
    assert finding["places"][0]["file"].endswith("recipe.yaml")
    assert finding["places"][0]["line"] in (line, line + 1)
    assert hint in finding["fix"]
    assert summarise([outcome]).exit_code == EXIT_USAGE


def test_a_scenario_names_an_org_that_is_not_there(tmp_path: Path) -> None:
    """A step's `in:` is told at the step's line, exit 2."""
    path = write(tmp_path, "check_count: {in: my-crx, object: Lead, is: 0}")
    outcome = run_scenario(load_scenario(path), Options())
    assert outcome.reason.startswith("CFG833")
    assert summarise([outcome]).exit_code == EXIT_USAGE


def test_what_real_life_has_stays_possible(tmp_path: Path) -> None:
    """A rule that gives leads to an inactive user, and a literal in a formula, are no typing errors."""
    write(tmp_path, LOOK)
    file = tmp_path / "recipe.yaml"
    text = file.read_text("utf-8").replace("{id: anne.sales}", "{id: anne.sales, active: false}")
    file.write_text(text.replace(ORG, ORG + FORMULA % '" ", LastName'), "utf-8")
    with Sandbox.start(load_recipe(file), seed=1) as sandbox:
        assert "F__c" in sandbox.schema("my-crm")["Lead"].fields


STEPS = {
    "install": "install: {}\n" + LOOK,
    "a step of the tester": "create_lead: {as: a, in: crm}\n" + LOOK,
    "a check": LOOK,
}


@pytest.mark.parametrize("case", sorted(STEPS))
def test_a_refused_address_fails_with_the_recipes_line(case: str, tmp_path: Path) -> None:
    """Whoever meets the allowlist: it is a finding about the set-up, so the run failed, exit 1."""
    outcome, finding, line = told(tmp_path, "recipe.yaml", "[10.20.0.0/24]", "[192.0.2.0/24]", STEPS[case])
    assert (outcome.verdict, finding["code"]) == ("failed", "NET110")
    assert finding["places"][0]["file"].endswith("recipe.yaml")
    assert finding["places"][0]["line"] == line
    assert summarise([outcome]).exit_code == EXIT_FAILED


def test_a_list_that_a_step_changed_is_not_blamed_on_the_recipe(tmp_path: Path) -> None:
    """The recipe's line allows the address; the step's own line is all there is to name."""
    path = write(tmp_path, "set_allowlist: {in: crm, addresses: [192.0.2.0/24]}\n" + LOOK)
    outcome = run_scenario(load_scenario(path), Options())
    finding = next(event.data["finding"] for event in outcome.events if event.kind == "finding")
    assert outcome.verdict == "failed"
    assert not any(place.get("file", "").endswith("recipe.yaml") for place in finding["places"])


def test_scenarios_that_say_their_order_come_first(tmp_path: Path) -> None:
    """Within a folder the lowest `order` first, then the others by name; files that are named keep their order."""
    for name, head in (("a", ""), ("b", "order: 2"), ("c", "order: 1")):
        write(tmp_path, LOOK, head=head, name=name)
    assert [one.id for one in load_scenarios([tmp_path])] == ["c", "b", "a"]
    named = [tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"]
    assert [one.id for one in load_scenarios(named)] == ["a", "b", "c"]


def test_a_recipe_tells_all_its_mistakes_at_once(tmp_path: Path) -> None:
    """Nobody has to run five times to mend five typing errors."""
    write(tmp_path, LOOK)
    file = tmp_path / "recipe.yaml"
    text = (
        file.read_text("utf-8").replace("default_owner: desk", "default_owner: dask").replace("[Country,", "[Contry,")
    )
    file.write_text(text, "utf-8")
    with pytest.raises(DocumentRefused) as refused:
        load_recipe(file)
    assert [one.code for one in refused.value.problems] == ["CFG835", "CFG823"]
