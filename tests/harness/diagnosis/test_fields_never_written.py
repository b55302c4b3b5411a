"""A connector that does not know a lead source or a tick is named by that, and not field by field."""

from __future__ import annotations

from pathlib import Path

from leadproof.findings import Finding
from leadterms.yamltree import read_tree
from tests.harness.findings import by_scenario

STEPS = """
create_lead: {as: lead, in: FIRST, fill: basics, values: {VALUES}}
sync: {until: quiet}
check_fields: {lead: $lead, in: SECOND, values: {WANTED}}
"""
SOURCE_AND_TICK = ("crm", "LeadSource: Web, WantsDemo__c: 'true'", "marketing", "source: Web, wants_demo: 'true'")
TICKS = ("marketing", "do_not_call: 'true', wants_demo: 'true'", "crm", "DoNotCall: 'true', WantsDemo__c: 'true'")


def told(values: tuple[str, ...], connector: str, folder: Path) -> list[Finding]:
    """The causes, in their order, where this connector brings a lead to the other side."""
    steps = STEPS
    for word, value in zip(("FIRST", "VALUES", "SECOND", "WANTED"), values, strict=True):
        steps = steps.replace(word, value)
    read, _ = read_tree("".join(f"- {line}\n" for line in steps.strip().splitlines()), "<steps>")
    return by_scenario.play({"steps": read, "connector": connector}, "CYC637", folder)


def test_a_source_and_a_tick_that_were_never_written_are_fields_that_it_does_not_know(tmp_path: Path) -> None:
    """A checkbox has no blank, and the lead source has a rule of its own: never written all the same."""
    first = told(SOURCE_AND_TICK, "knows_few_fields", tmp_path)[0]
    assert first.code == "CYC637"
    assert "source" in first.cause
    assert "wants_demo" in first.cause


def test_ticks_that_are_lost_are_no_unknown_fields(tmp_path: Path) -> None:
    """It knows every field, and sends no tick."""
    found = told(TICKS, "loses_ticks", tmp_path)
    assert found
    assert "CYC637" not in [one.code for one in found]
