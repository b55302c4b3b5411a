"""Answers that are not there: they flow the other way, the field has no room for them, or the connector lost them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from leadproof.findings import Finding
from leadterms.refusals import Place
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

ASKED = """
submit_form: {as: visitor, form: contact, values: {comments: First question}}
sync: {until: quiet}
submit_form: {lead: $visitor, form: contact, values: {comments: Second question}}
submit_form: {lead: $visitor, form: contact, values: {comments: Third question}}
sync: {until: quiet}
"""
ALL = "check_answers: {lead: $visitor, field: Comments__c, texts: [First question, Second question, Third question]}"
SHORT = {"fields": [{"object": "Lead", "id": "Comments__c", "label": "Asked", "type": "multi_line", "length": 100}]}


def told(steps: str, folder: Path, **changes: Any) -> list[Finding]:
    """The causes of a small scenario on the checklist's files with these changes, in their order."""
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, **changes}, "MAP305", folder)


def test_a_field_without_room_for_the_answers_is_told_and_not_the_connector(tmp_path: Path) -> None:
    """How much it holds, how much is taken, how much is needed. The connector was right to wait."""
    found = told(f"{ASKED}{ALL}", tmp_path, crm=SHORT)
    assert found[0].code == "MAP305"
    assert "100 characters" in found[0].cause
    assert "CYC635" not in [one.code for one in found]


def test_answers_that_do_not_fit_are_not_due(tmp_path: Path) -> None:
    """The oracle asks for no answer that the target has no room for (sync-semantics.md "Several answers")."""
    found = told(f"{ASKED}check_oracle: {{}}", tmp_path, crm=SHORT)
    assert {one.code for one in found} == {"MAP305"}  # the cycle's own note


def test_answers_that_were_lost_are_the_connectors_fault(tmp_path: Path) -> None:
    """There is room for all of them."""
    found = told(f"{ASKED}{ALL}", tmp_path, connector="last_answer_only")
    assert found[0].code == "CYC635"
    assert "MAP305" not in [one.code for one in found]


TURNED = {"crm": {"Lead": "Comments__c"}, "marketing": "comments", "answers": "append", "direction": "to_marketing"}


def test_answers_that_flow_the_other_way_are_told_at_the_mapping(tmp_path: Path) -> None:
    """What the mapping says, which answer is missing, and what to write there."""
    first = told(f"{ASKED}{ALL}", tmp_path, integration={"fields": [TURNED]})[0]
    assert first.code == "OWN313"
    assert "direction: to_marketing" in first.cause
    assert "'First question'" in first.cause
    assert "`direction: to_crm`" in first.fix
    place = next(one for one in first.places if isinstance(one, Place))
    assert "marketing: comments" in (tmp_path / "leadproof.yaml").read_text("utf-8").splitlines()[place.line - 1]


def test_answers_that_flow_where_they_are_looked_at_are_no_matter_of_the_direction(tmp_path: Path) -> None:
    """One was never given: what the scenario expects is wrong, and the direction is not."""
    found = told(f"{ASKED}{ALL.replace('Third', 'Fourth')}", tmp_path)
    assert found
    assert "OWN313" not in [one.code for one in found]
