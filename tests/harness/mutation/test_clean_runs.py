"""Clean runs: what is edited in ways that are right is no false alarm, and what goes wrong in one is told."""

from __future__ import annotations

from pathlib import Path

from leadproof.library import checklist
from leadproof.mutation.clean import EDITS, run_clean
from leadproof.mutation.ground import Ground
from leadproof.scenario.document import load_scenario

EVERY_EDIT = (3, 6, 48, 127)
"""The runs of these numbers make each of the edits once."""


def ground() -> Ground:
    return Ground.read(checklist() / "leadproof.yaml", checklist() / "recipe.yaml")


def test_every_right_edit_leaves_a_scenario_as_it_was() -> None:
    """No finding of level error and no failed check, in the runs that make every edit."""
    scenario = load_scenario(checklist() / "false-phone.yaml")
    assert [run_clean(ground(), [scenario], number) for number in EVERY_EDIT] == [None] * len(EVERY_EDIT)


def test_a_run_that_is_not_clean_is_told_with_its_edits(tmp_path: Path) -> None:
    """A check that fails is an alarm: with the scenario, the seed, what was edited and the reason. The runs above are
    of all edits."""
    text = (checklist() / "false-phone.yaml").read_text("utf-8").split("  - create_lead:")[0]
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("leadproof.yaml", "recipe.yaml"):
        (folder / name).write_bytes((checklist() / name).read_bytes())
    story = folder / "nobody-came.yaml"
    steps = "  - create_lead: {as: lead, in: marketing, fill: basics}\n  - check_delivered: {lead: $lead}\n"
    story.write_text(text + steps, "utf-8")
    alarms = [run_clean(ground(), [load_scenario(story)], number) for number in EVERY_EDIT]
    told = [(one.scenario, one.seed) for one in alarms if one is not None]
    assert told == [("nobody-came", str(number)) for number in EVERY_EDIT]
    assert all(one is not None and one.said for one in alarms)
    assert {edit for one in alarms if one is not None for edit in one.edits} == set(EDITS)
