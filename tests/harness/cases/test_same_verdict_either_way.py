"""Recorded in process and replayed over HTTP, and the other way round, in each vendor pair: nothing differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from leadproof.cases.case import Case
from leadproof.cases.definitions import defined
from leadproof.cases.judging import Replay, replay
from leadproof.cases.recording import record_scenario
from leadproof.cases.yamltext import yaml_text
from leadproof.library import checklist, starter

LIBRARY = Path(__file__).parents[3] / "fixtures" / "cases"
DEFECT = "planted:row_9_swapped"
Over = Literal["process", "http"]


@dataclass(frozen=True)
class Story:
    """A scenario, the connector that it is recorded with, and what comes of it. `set_up_is_wrong`: the mistake is in
    the orgs or the integration, so no connector mends it."""

    scenario: Callable[[Path], Path]
    vendors: tuple[str, str]
    connector: str = "builtin"
    finding: str = ""
    set_up_is_wrong: bool = False


def shipped(path: Path) -> Callable[[Path], Path]:
    return lambda _: path


def of_the_library(name: str) -> Callable[[Path], Path]:
    """The defective set-up of one definition, as files in a folder of the test."""

    def write(folder: Path) -> Path:
        (one,) = (each for each in defined(LIBRARY) if each.name == name)
        for file, tree in one.files(defective=True).items():
            folder.joinpath(file).write_text(yaml_text(tree), encoding="utf-8")
        return folder / f"{name}.yaml"

    return write


NATIVE, SALESFORCE, PARDOT = ("native", "native"), ("salesforce", "native"), ("salesforce", "pardot")
PARDOT_LEAD = shipped(starter() / "salesforce-pardot" / "first-lead.yaml")
STORIES = {
    "native passes": Story(shipped(checklist() / "false-phone.yaml"), NATIVE),
    "native, the connector is wrong": Story(shipped(checklist() / "false-phone.yaml"), NATIVE, DEFECT, "OWN302"),
    "native, the set-up is wrong": Story(
        of_the_library("rule-impossible.native"), NATIVE, finding="ASG201", set_up_is_wrong=True
    ),
    "Salesforce refuses": Story(
        of_the_library("required-later.salesforce"), SALESFORCE, finding="MAP306", set_up_is_wrong=True
    ),
    "Salesforce and Pardot pass": Story(PARDOT_LEAD, PARDOT),
    "Salesforce and Pardot, the connector is wrong": Story(PARDOT_LEAD, PARDOT, DEFECT, "OWN302"),
}


ALWAYS = ("native passes", "Salesforce and Pardot, the connector is wrong")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in ALWAYS else pytest.mark.slow) for name in STORIES]
)
def test_recorded_either_way_and_replayed_the_other(name: str, tmp_path: Path) -> None:
    """Verdict, findings and the journal's digest are those of the recording, whichever was in process and whichever
    over HTTP; with a right connector a failing case is FIXED, unless it is the set-up that is wrong."""
    story = STORIES[name]
    path = story.scenario(tmp_path)
    recorded: dict[Over, Case] = {
        over: record_scenario(path, over=over, connector=story.connector, seed="11") for over in ("process", "http")
    }
    case = recorded["process"]
    assert case.to_bytes() == recorded["http"].to_bytes()
    assert (case.sheet.vendors.crm, case.sheet.vendors.marketing) == story.vendors
    assert case.sheet.expected.verdict == ("failed" if story.finding else "passed")
    assert not story.finding or story.finding in case.sheet.expected.findings
    for was, now in (("process", "http"), ("http", "process")):
        told = replay(recorded[was], Replay(connector="recorded", over=now))
        assert told.judgement == ("FAILED" if story.finding else "PASSED"), told.reason
        assert list(dict.fromkeys(one.code for one in told.findings)) == case.sheet.expected.findings
        assert (told.digest, told.same_digest, told.divergence) == (case.expected["digest"], True, "")
    if story.finding:
        right = replay(case, Replay(over="http"))
        assert right.judgement == ("FAILED" if story.set_up_is_wrong else "FIXED"), right.reason
