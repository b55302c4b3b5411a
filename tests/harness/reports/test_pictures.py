"""What the page shows of a connection: a lead's fields with what was last agreed, definitions, the program chart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from leadproof.library import starter
from leadproof.reports.collected import Gathered
from leadproof.reports.html import render
from leadproof.reports.programchart import chart, grouped
from leadproof.scenario.document import load_scenario
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options
from tests.harness.scenario.stage_hands import write

APART = """
install: {}
create_lead: {as: lead, in: marketing, values: {country: "NO", city: Oslo}}
sync: {until: quiet}
edit: {lead: $lead, in: crm, values: {FirstName: Kari}}
check_field: {lead: $lead, in: marketing, field: first_name, is: Kari}
"""
CONVERTED = """
install: {}
create_lead: {as: lead, in: marketing, values: {country: "NO"}}
sync: {until: quiet}
convert: {lead: $lead}
sync: {until: quiet}
edit: {lead: $lead, in: marketing, values: {phone: "+47 22 99 99 99"}}
check_delivered: {lead: $lead}
"""
ALONE = "create_lead: {as: lead, in: marketing}\ncheck_count: {in: crm, object: Lead, is: 0}\n"


def told(folder: Path, steps: str) -> Gathered:
    """A run of one scenario with the pictures that the page needs."""
    gathered = Gathered()
    run_all([load_scenario(write(folder, steps))], Options(pictures=True), [gathered])
    return gathered


def row(run: Gathered, crm_field: str) -> Any:
    """The lead's row of this CRM field."""
    (found,) = (one for one in run.scenarios[0].fields if one["crm"]["field"] == crm_field)
    return found


def test_a_field_that_differs_is_shown_with_what_was_agreed_and_the_master(tmp_path: Path) -> None:
    """The value that both sides held before the edit, when that was, and who wins; what is alike is folded away."""
    run = told(tmp_path, APART)
    found = row(run, "FirstName")
    assert found["crm"]["text"] == "Kari"
    assert found["marketing"]["text"] == found["agreed"] != "Kari"
    assert re.fullmatch(r"2026-03-02T09:\d\d:\d\dZ", found["agreed_at"])
    assert (found["master"], found["alike"]) == ("crm", False)
    assert row(run, "Email")["alike"]
    page = render(run)
    assert "At the end the two sides differ in 1 field</summary>" in page
    table = page[page.index("Fields that differ at the end") :]
    assert table.index("<b>" + found["marketing"]["text"]) < table.index("<b>Kari</b>") < table.index(">CRM</span>")
    assert "fields are the same on both sides</summary>" in page


def test_a_day_and_a_time_are_compared_in_the_orgs_time_zone(tmp_path: Path) -> None:
    """A day of the CRM and the moment that marketing keeps of it are alike where the CRM's midnight is not UTC's."""
    (steps := tmp_path / "steps").mkdir()
    recipe = (starter() / "recipe.yaml").read_text(encoding="utf-8")
    day = "    time_zone: Asia/Tokyo\n    fields: [{object: Lead, id: Day__c, label: Day, type: date}]\n"
    time = "    fields: [{object: prospect, id: day_at, label: Day, type: date_time}]\n"
    recipe = recipe.replace("    kind: crm\n", f"    kind: crm\n{day}").replace(
        "    kind: marketing\n", f"    kind: marketing\n{time}"
    )
    (steps / "recipe.yaml").write_text(recipe, encoding="utf-8")
    rules = (starter() / "leadproof.yaml").read_text(encoding="utf-8")
    rules = rules.replace("fields: ", "fields:\n  - {crm: {Lead: Day__c}, marketing: day_at}\n  #", 1)
    (steps / "leadproof.yaml").write_text(rules, encoding="utf-8")
    story = """
    install: {}
    create_lead: {as: lead, in: crm, values: {Day__c: "2026-03-05"}}
    sync: {until: quiet}
    check_delivered: {lead: $lead, in: marketing}
    """
    found = row(told(steps, story), "Day__c")
    assert found["marketing"]["text"].startswith("2026-03-04")
    assert (found["crm"]["text"], found["agreed"], found["alike"]) == ("2026-03-05", "2026-03-05", True)


def test_after_the_conversion_the_contact_is_compared(tmp_path: Path) -> None:
    """A converted lead goes on as its contact, and its rows are the contact's fields."""
    run = told(tmp_path, CONVERTED)
    assert row(run, "MailingCountry")["crm"]["text"] == "NO"
    found = row(run, "Phone")
    assert (found["marketing"]["text"], found["alike"]) == ("+47 22 99 99 99", False)
    assert found["agreed"] == found["crm"]["text"] != ""


def test_a_lead_that_is_on_one_side_only_has_nothing_agreed(tmp_path: Path) -> None:
    """No table: there are no two sides."""
    run = told(tmp_path, ALONE)
    assert run.scenarios[0].fields == []
    assert "At the end" not in render(run)


def test_both_systems_words_stand_side_by_side(tmp_path: Path) -> None:
    """Objects and fields with label and id of both, type, master, direction and overwrite; once for a connection."""
    write(tmp_path, APART, name="first")
    write(tmp_path, ALONE, name="second")
    run = Gathered()
    scenarios = [load_scenario(tmp_path / f"{name}.yaml") for name in ("first", "second")]
    run_all(scenarios, Options(pictures=True), [run])
    (held,) = run.prepared
    assert held["connection"] == "leadproof"
    page = render(run)
    rows = re.findall(r'<tr class="(object|field)">\n(.*?)</tr>', page, re.S)
    assert [kind for kind, _ in rows].count("object") >= 2
    score = next(text for _, text in rows if "<code>Score__c</code>" in text and "<code>score</code>" in text)
    for word in ('class="master marketing">Marketing<', ">both ways<", ">never<", "number"):
        assert word in score


FULL = {
    "crm": "Spring test", "marketing": "spring", "group": "cross_sell", "way": "outbound",
    "starts": ["search term: lead sync"], "lists": [{"name": "Trade fair", "obtained": "bought"}],
    "forms": [{"id": "contact", "name": "Contact us", "known": True, "fields": [
        {"id": "email", "required": True, "crm": "Lead.Email"}, {"id": "shoe_size", "required": False, "crm": ""}]},
        {"id": "gone", "name": "gone", "known": False, "fields": []}],
    "statuses": [["sent", "Sent"]], "applications": ["my-marketing", "my-crm"], "issues": ["late answers"],
    "effort": "2 h a month",
}  # fmt: skip


def test_a_program_is_drawn_with_its_moving_parts() -> None:
    """From the search term and the list over each form with each field to the campaign in both systems; every box of a
    column leads to every box of the next; nothing lies outside of the drawing."""
    drawn = chart(FULL)
    assert [box.title for box in drawn.boxes] == [
        "search term: lead sync", "Trade fair", "Form Contact us", "Form gone", "spring", "Spring test"
    ]  # fmt: skip
    lines = [line for box in drawn.boxes for line in box.lines]
    for line in ("list bought", "email* → Lead.Email", "shoe_size → stays in marketing", "not found in marketing"):
        assert line in lines
    assert len(drawn.arrows) == 2 * 2 + 2 * 1 + 1
    assert all(0 < box.x < box.x + box.width < drawn.width for box in drawn.boxes)
    assert all(0 < box.y < box.y + box.height < drawn.height for box in drawn.boxes)
    assert "then Form Contact us" in drawn.summary
    assert [one.title for one in grouped([FULL, {**FULL, "group": ""}])] == ["Cross-sell", "Not grouped"]


def test_the_starters_program_is_on_the_page(tmp_path: Path) -> None:
    """The campaign of the integration, its form as marketing tells it, and how many applications a lead passes."""
    page = render(told(tmp_path, ALONE))
    assert '<h2 id="programs">Program chart</h2>' in page
    for text in ("<h3>Generation</h3>", ">Form Contact us<", ">email* → Lead.Email<", ">comments → stays in marketing<",
                 "inbound · 2 applications (my-marketing, my-crm)"):  # fmt: skip
        assert text in page


def test_the_same_campaigns_are_drawn_once(tmp_path: Path) -> None:
    """Two scenarios with other terms of one connection: two tables, each with its scenario's title, one chart."""
    write(tmp_path, ALONE, name="first")
    path = write(tmp_path, ALONE, name="second")
    terms = tmp_path / "leadproof.yaml"
    (tmp_path / "other.yaml").write_text(terms.read_text().replace("overwrite: if_blank", "overwrite: always"))
    path.write_text(path.read_text().replace("steps:", "integration: other.yaml\nsteps:", 1))
    run = Gathered()
    run_all([load_scenario(tmp_path / f"{name}.yaml") for name in ("first", "second")], Options(pictures=True), [run])
    page = render(run)
    assert page.count('class="scroll" tabindex="0" role="group" aria-label="Definitions of') == 2
    assert page.count("<small>as in: ") == 2
    assert page.count('<figure class="program">') == 1


@pytest.mark.parametrize("issues", [[], ["late answers"]])
def test_effort_and_issues_are_told_where_they_are_known(issues: list[str]) -> None:
    """In the caption; nothing where nothing is said."""
    held = {"connection": "x", "scenario": "", "crm": "a", "marketing": "b", "definitions": []}
    run = Gathered(verdict="passed", prepared=[{**held, "programs": [{**FULL, "issues": issues}]}])
    page = render(run)
    assert "effort: 2 h a month" in page
    assert ("known issues: late answers" in page) == bool(issues)
