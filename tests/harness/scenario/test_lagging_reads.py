"""Reads that lag behind writes: at rest is who sees everything and writes nothing."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from leadproof.library import starter
from tests.harness.scenario.stage_hands import checks, play

STORY = """
install: {}
create_lead: {as: lead, in: marketing, fill: basics}
sync: {until: quiet}
check_delivered: {lead: $lead, count: 1, linked: both}
edit: {lead: $lead, in: crm, values: {Phone: "+47 22 33 44 55"}}
sync: {until: quiet}
check_field: {lead: $lead, in: marketing, field: phone, is: "+47 22 33 44 55"}
check_quiet: {}
check_oracle: {}
"""
LAG = "    reads_lag_seconds: 45\n"


def _lagging(folder: Path, *sides: str, files: Path | None = None) -> Path:
    """The starter's recipe with orgs whose reads lag."""
    for file in ("leadproof.yaml", "recipe.yaml"):
        shutil.copy((files or starter()) / file, folder / file)
    recipe = folder / "recipe.yaml"
    text = recipe.read_text(encoding="utf-8")
    for side in sides:
        text, found = re.subn(rf"(?m)^  (\S+-)?{side}:\n", rf"\g<0>{LAG}", text)
        assert found == 1, text
    recipe.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("files", [None, starter() / "salesforce-pardot"], ids=["native", "pardot"])
@pytest.mark.parametrize("sides", [("marketing",), ("crm", "marketing")], ids=["one", "both"])
def test_quiet_is_counted_from_when_all_writes_are_readable(
    tmp_path: Path, sides: tuple[str, ...], files: Path | None
) -> None:
    """A first cycle sees nothing of what was entered and writes nothing: that is no rest yet."""
    outcome = play(_lagging(tmp_path, *sides, files=files), STORY)
    assert outcome.verdict == "passed", outcome.reason
    assert len(checks(outcome)) == 4


def test_the_clock_is_moved_and_nobody_waits(tmp_path: Path) -> None:
    """A silent cycle, the lag, one that writes, a silent one, the lag, a silent one; the same over HTTP."""
    folder = _lagging(tmp_path, "marketing")
    told = "\n".join(STORY.strip().splitlines()[:6])
    one = play(folder, told, facts=True)
    moved = [event.data["text"] for event in one.events if event.kind == "step_finished"]
    assert [moved[2], moved[4]] == ["4 cycles, 2 writes", "3 cycles, 1 write"]
    assert play(folder, told, over="http").digest == one.digest


def test_a_number_of_cycles_is_that_number(tmp_path: Path) -> None:
    """`cycles` asks for cycles, not for rest: one that sees nothing delivers nothing."""
    story = STORY.splitlines()[2] + "\nsync: {cycles: 2}\ncheck_absent: {lead: $lead, in: crm}"
    assert play(_lagging(tmp_path, "marketing"), story).verdict == "passed"


def test_steps_and_checks_see_a_record_that_was_just_made(tmp_path: Path) -> None:
    """A record whose id is known is read by it, which no lag touches: it is edited and judged at once."""
    story = """
    install: {}
    create_lead: {as: lead, in: marketing, values: {country: "NO"}}
    sync: {cycles: 1}
    edit: {lead: $lead, in: crm, values: {Title: Boss}}
    check_delivered: {lead: $lead, count: 1, linked: both}
    check_field: {lead: $lead, in: crm, field: Title, is: Boss}
    """
    outcome = play(_lagging(tmp_path, "crm"), story)
    assert outcome.verdict == "passed", outcome.reason


def test_the_scenarios_own_record_is_named_first(tmp_path: Path) -> None:
    """Also where the connector's partner is another of the same address, and older."""
    story = """
    install: {}
    create_lead: {as: older, in: crm, values: {Email: same@x.example}}
    sync: {until: quiet}
    create_lead: {as: own, in: crm, values: {Email: same@x.example}}
    check_delivered: {lead: $own, in: crm, count: 1}
    """
    outcome = play(tmp_path, story)
    told = [event.data["text"] for event in outcome.events if event.kind == "step_finished"]
    older, own = (re.findall(r"Lead (\w+)", told[at])[0] for at in (1, 3))
    found = next(event.data["found"] for event in outcome.events if event.kind == "check_finished")
    assert re.findall(f"{own}|{older}", found) == [own, older]
