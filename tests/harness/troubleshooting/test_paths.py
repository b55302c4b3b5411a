"""The troubleshooting paths C1 to C5 of product.md, on both pairs: a scenario fails, the cause is named first, the file
is mended as the `help:` line says, and the same scenario passes."""

from __future__ import annotations

import shutil
import subprocess
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from leadproof.library import scenarios_folder
from leadproof.scenario.document import load_scenario, load_scenarios
from leadproof.scenario.pairs import NATIVE, Pair
from leadproof.scenario.runner import Options, Outcome, run_scenario
from tests.harness.troubleshooting.following import follow

VENDORS = Pair("salesforce", "pardot")
PAIRS = [Pair(), VENDORS]
# Scenario -> verdict, the code that must come first, the file that is wrong, what the `help:` line must name. C4 twice:
# a choice is found when it arrives, a label before anything runs, which is an error of the file (exit code 2).
PATHS: dict[str, tuple[str, str, str, str]] = {
    "c1-address-not-allowed": ("failed", "NET110", "address-not-allowed.recipe.yaml", "Add 10.20.0.7,"),
    "c2-user-not-mapped": ("failed", "USR101", "user-not-mapped.integration.yaml", "`kari.m: kari.c`"),
    "c3-rule-matches-nobody": ("failed", "ASG201", "rule-matches-nobody.recipe.yaml", "`logic: 1 OR 2`"),
    "c4-choice-without-partner": ("failed", "MAP304", "choice-without-partner.integration.yaml", "`Pro: pro`"),
    "c4-label-as-id": ("error", "MAP302", "label-as-id.integration.yaml", "Product__c instead of Product of interest"),
    "c5-wrong-master": ("failed", "OWN310", "wrong-master.integration.yaml", "`master: crm`"),
}
PLAYED = [(pair, id) for pair in PAIRS for id in PATHS]
each = pytest.mark.parametrize(("pair", "id"), PLAYED, ids=[f"{pair}-{id}" for pair, id in PLAYED])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped folder, to be mended."""
    return Path(shutil.copytree(scenarios_folder() / "troubleshooting", tmp_path / "troubleshooting"))


def played(folder: Path, pair: Pair, id: str) -> Outcome:
    """One path on a pair, without a pair where it is the files' own."""
    loaded = load_scenario(folder / "paths" / f"{id}.yaml")
    return run_scenario(loaded, Options(pair=None if pair == Pair() else pair))


def causes(outcome: Outcome) -> list[dict[str, Any]]:
    """The findings of the first check that failed, or of the start that was refused, as the report tells them."""
    for event in outcome.events:
        if event.kind == "finding":
            return [event.data["finding"]]
        if event.kind == "check_finished" and event.data["verdict"] == "failed":
            return list(event.data["findings"])
    raise AssertionError("nothing failed")


@each
def test_a_path_fails_is_named_is_mended_as_told_and_passes(folder: Path, pair: Pair, id: str) -> None:
    """The right finding comes first; its help names file, line and what to write; exactly that makes the scenario pass,
    and the file equal to the sound one."""
    verdict, code, file, says = PATHS[id]
    before = played(folder, pair, id)
    assert before.verdict == verdict, before.reason
    told = causes(before)[0]
    assert (told["code"], told["rank"]) == (code, 0)
    place = next(one for one in told["places"] if "file" in one)
    assert Path(place["file"]) == pair.file(folder / "paths", file)
    assert says in told["fix"]
    assert f" at {file}:{place['line']}" in told["fix"]

    mended = follow(told)

    kind = "recipe.yaml" if file.endswith("recipe.yaml") else "leadproof.yaml"
    assert mended.read_bytes() == (mended.parent / kind).read_bytes()
    after = played(folder, pair, id)
    assert after.verdict == "passed", after.reason


@each
def test_the_defect_is_one_line_beside_the_sound_file(pair: Pair, id: str) -> None:
    """What fails differs from what passes in one line: the defect alone."""
    folder, file = scenarios_folder() / "troubleshooting" / "paths", PATHS[id][2]
    sound = "recipe.yaml" if file.endswith("recipe.yaml") else "leadproof.yaml"
    right, wrong = (pair.file(folder, name).read_text("utf-8").splitlines() for name in (sound, file))
    changed = [line for line in unified_diff(right, wrong, n=0, lineterm="") if line[0] in "+-"][2:]
    assert sum(line[0] == "-" for line in changed) == 1
    assert sum(line[0] == "+" for line in changed) <= 1


def test_every_path_is_covered_and_told_in_words() -> None:
    """The folder holds these scenarios and no other, in the doctor's order, for each row of product.md C; every one is
    told as a support engineer would; and both pairs have every file: there is nothing that a pair cannot express."""
    folder = scenarios_folder() / "troubleshooting"
    loaded = load_scenarios([folder])
    assert [one.id for one in loaded] == list(PATHS)
    rows = [row for one in loaded for row in one.scenario.covers if row.startswith("C")]
    assert rows == ["C1", "C2", "C3", "C4", "C4", "C5"]
    assert all("The customer says" in one.scenario.about for one in loaded)
    for _, _, file, _ in PATHS.values():
        assert VENDORS.file(folder / "paths", file).parent.name == str(VENDORS)
    assert str(Pair()) == f"{NATIVE}-{NATIVE}"


@pytest.mark.skipif(shutil.which("patch") is None, reason="there is no `patch` program here")
def test_a_patch_is_one_that_the_patch_program_takes(folder: Path) -> None:
    """A person need not type it: the diff in the finding is a unified diff."""
    told = causes(played(folder, Pair(), "c2-user-not-mapped"))[0]
    path = Path(next(one["file"] for one in told["places"] if "file" in one))
    subprocess.run(["patch", "-s", str(path)], input=told["patch"], text=True, check=True)
    assert path.read_bytes() == (path.parent / "leadproof.yaml").read_bytes()
    assert played(folder, Pair(), "c2-user-not-mapped").verdict == "passed"
