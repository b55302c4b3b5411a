"""Faults in a scenario's head and in its steps (formats.md "Scenario")."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from leadproof.scenario.document import load_scenario
from leadproof.scenario.faults import Fault, Kind, Operation
from leadproof.scenario.steps.circumstances import SetFault
from leadsim.gateway import faults as sandbox
from leadterms.refusals import DocumentRefused
from tests.harness.scenario.stage_hands import play, write

LEAD = "install: {}\ncreate_lead: {as: lead, in: marketing, fill: basics}\n"
SYNCED = "sync: {until: quiet}\ncheck_delivered: {lead: $lead, count: 1}\n"
LOST = "at: crm, operation: create, nth: 1, kind: lost_after_apply"


def test_a_scenario_may_write_what_the_sandbox_takes() -> None:
    """Head and step share one model, with the sandbox's own keys, kinds and operations: none less, none more."""
    assert set(Fault.model_fields) == set(sandbox.FaultSpec.model_fields)
    assert set(get_args(Kind)) == set(get_args(sandbox.Kind))
    assert set(get_args(Operation)) == set(get_args(sandbox.Operation))
    assert issubclass(SetFault, Fault)


def test_a_fault_in_the_head_strikes_as_one_in_a_step(tmp_path: Path) -> None:
    """`nth` is a number as the file writes it, counted or drawn; the answer is lost, and the lead arrives once."""
    for name, head, steps in (
        ("head", f"faults: [{{{LOST}}}]", LEAD + SYNCED),
        ("step", "", f"fault: {{{LOST}}}\n" + LEAD + SYNCED),
    ):
        outcome = play(tmp_path / name, steps, head=head, facts=True)
        assert outcome.verdict == "passed", (name, outcome.reason)
        struck = [event.data["fact"]["kind_of"] for event in outcome.events if event.kind == "fault"]
        assert struck == ["lost_after_apply"], name


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ("at: crm, kind: lost_after_aply", "CFG807", "lost_after_apply"),
        ("at: crm, operation: creat, kind: reset", "CFG807", "create"),
        ("at: crm, kind: reset, nth: first", "CFG807", "integer"),
        ("at: crm, kind: reset, nht: 2", "CFG805", "nth"),
        ("kind: reset", "CFG806", "at"),
    ],
)
def test_a_fault_that_is_mistyped_is_told_at_its_line(tmp_path: Path, fault: str, code: str, said: str) -> None:
    """Before anything runs, with what was probably meant."""
    path = write(tmp_path, LEAD, head=f"faults: [{{{fault}}}]")
    with pytest.raises(DocumentRefused) as refused:
        load_scenario(path)
    (problem,) = refused.value.problems
    assert problem.place.line == 2
    assert said in str(problem)
    assert problem.code == code
