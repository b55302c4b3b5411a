"""How much was judged: nothing wrong among nothing is no evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.oracle import Judged, Oracle
from leadproof.scenario.document import load_scenario
from leadproof.scenario.runner import Options, run_scenario
from tests.harness.oracle.story import Story

CHECKLIST = Path(__file__).resolve().parents[3] / "scenarios" / "checklist"


def judged(story: Story) -> Judged:
    oracle = Oracle(story.integration, story.histories())
    oracle.judge()
    return oracle.judged


def test_an_empty_world_was_not_judged() -> None:
    """And says so."""
    story = Story()
    with story.cycle():
        pass
    assert not judged(story)
    assert str(judged(story)) == "nothing"


def test_people_values_and_what_ended_are_counted() -> None:
    """A linked person with three mapped fields, one without a partner, and one who was deleted."""
    story = Story(people="import: none")
    lead, _ = story.pair()
    story.crm(Email="bo@acme.example", LastName="B", Company="Acme")
    found = judged(story)
    assert (found.people, found.values, found.ended, bool(found)) == (2, 3, 0, True)
    assert str(found).startswith("2 people, 3 values")
    story.delete(lead)
    found = judged(story)
    assert (found.people, found.values, found.ended) == (2, 0, 1)


def test_counts_of_several_connections_add_up() -> None:
    """Figures of reports alone are no evidence: an empty world has totals too."""
    both = Judged(people=1, values=2) + Judged(people=2, opportunities=1, figures=8)
    assert str(both) == "3 people, 2 values, 1 opportunity, 8 figures"
    assert not Judged(figures=8)


@pytest.mark.parametrize("create", [False, True])
def test_check_oracle_fails_where_nobody_was_judged(create: bool, tmp_path: Path) -> None:
    """With one lead it passes and tells how many it judged."""
    steps = ["create_lead: {as: lead, in: marketing, fill: basics}"] if create else []
    steps += ["sync: {until: quiet}", "check_oracle: {}"]
    text = "\n".join(["scenario: Is anybody judged", "covers: [A1]", "steps:", *(f"  - {step}" for step in steps)])
    for path in (*CHECKLIST.glob("*.recipe.yaml"), *CHECKLIST.glob("recipe.yaml"), *CHECKLIST.glob("leadproof.yaml")):
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "anybody.yaml").write_text(text + "\n", "utf-8")
    outcome = run_scenario(load_scenario(tmp_path / "anybody.yaml"), Options(seed="7"))
    assert outcome.verdict == ("passed" if create else "failed"), outcome.reason
    (check,) = [event.data for event in outcome.events if event.kind == "check_finished"]
    if create:
        assert "1 person, " in check["compared"]
    else:
        assert check["finding"] == "RUN820"
