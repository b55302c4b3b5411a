"""What the terminal says of failures: by cause, with the proof and the patch, in bounded lines that fit."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from leadproof.drivers import Command
from leadproof.findings import At, Evidence, Finding, find
from leadproof.library import scenarios_folder, starter
from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.reports.terminal import CAUSES_SHOWN, Terminal
from leadproof.scenario.document import load_scenario
from leadproof.scenario.run import run_all
from leadproof.scenario.runner import Options
from leadterms.refusals import Place
from tests.harness.scenario.stage_hands import write

CRASHING = "import sys; [print('row', n) for n in range(40)]; print('KeyError: Email'); sys.exit(3)"
STEPS = """
create_lead: {as: lead, in: marketing, fill: basics}
sync: {cycles: 1}
check_delivered: {lead: $lead, count: 1}
check_owner: {lead: $lead, is: by_rules}
check_field: {lead: $lead, in: crm, field: Phone, is: "1"}
check_member: {lead: $lead, in: crm, campaign: spring}
"""


def printed(run: Gathered, monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> str:
    """The end of a run on a terminal of so many columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    out = io.StringIO()
    Terminal(run, out=out).finish([], 1)
    return out.getvalue()


def failed(causes: list[Finding], **entry: str) -> Gathered:
    """A run in which one check failed for each cause."""
    told = Told("story", "A story", "story.yaml", verdict="failed")
    for number, cause in enumerate(causes):
        told.entries.append(
            Entry(number, "check_field", "check field: phone", "failed", "", "story.yaml", number + 3, "story/x",
                  entry.get("expected", "1"), entry.get("found", "2"), findings=[cause.to_json()])
        )  # fmt: skip
    return Gathered(verdict="failed", seed="1", digest="d" * 64, counts={"failed": 1}, scenarios=[told])


def test_a_program_that_ends_with_an_error_is_shown_with_its_last_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CYC640 once for all checks that it breaks, with the last ten lines that the program printed, and how many there
    were before them."""
    gathered = Gathered()
    options = Options(over="http", connector=Command((sys.executable, "-c", CRASHING)))
    run_all([load_scenario(write(tmp_path, STEPS))], options, [gathered])
    text = printed(gathered, monkeypatch)
    assert text.count("error[CYC640]") == 1
    assert "  = evidence: its last output:\n" in text
    shown = [line.strip() for line in text.splitlines() if line.strip().startswith("row ")]
    assert shown == [f"row {n}" for n in range(31, 40)]
    assert "(10 lines before these)" in text
    assert "      KeyError: Email\n" in text
    assert "... and 1 more of the same cause:" in text
    assert text.count("expected") == 3


def test_a_mistake_in_a_file_is_shown_with_its_line_and_a_patch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line with a caret, the help, and the same as a diff: the paths are those that a reader can open from here."""
    path = scenarios_folder() / "troubleshooting" / "paths" / "c3-rule-matches-nobody.yaml"
    gathered = Gathered()
    run_all([load_scenario(path)], Options(), [gathered])
    text = printed(gathered, monkeypatch)
    lines = text.splitlines()
    marked = next(number for number, line in enumerate(lines) if "^^^" in line)
    assert lines[marked - 1][lines[marked].index("^") :].startswith("{name: Nordic")
    assert "   = help: Write `logic: 1 OR 2` in rule Nordic at" in text
    assert text.index("= patch:") < text.index("     -      - {name: Nordic") < text.index("logic: 1 OR 2}")
    patch = lines[lines.index("   = patch:") + 1 :]
    assert patch[0].startswith("     --- ")
    assert patch[1].startswith("     +++ ")
    assert "   = more: leadproof explain ASG201" in lines


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_failures_fit_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is told in words breaks at the width; ids and paths stay whole; nothing ends in blanks."""
    words = "a word and more " * 60
    cause = find("MAP301", words.strip(), places=[Place("recipe.yaml", 7, 1), At("crm", "acme")],
                 evidence=[Evidence(words.strip(), "acme", 4)], fix=words.strip(), breaks=words.strip())  # fmt: skip
    lines = printed(failed([cause], expected=words, found=words), monkeypatch, columns).splitlines()
    told = lines[: next(number for number, line in enumerate(lines) if "leadproof explain" in line) + 1]
    assert [line for line in told if len(line) > columns] == []
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\x1b" not in "".join(lines)
    assert sum("..." in line for line in told) == 2  # both values are cut after five lines


def test_a_proof_is_not_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the cause says, or another proof says with more words, is left out; a fact of the journal never is."""
    evidence = [Evidence("POST /x: 403", "acme", 4), Evidence("POST /x"), Evidence("It is so. [X]"),
                Evidence("POST /x", "acme", 5)]  # fmt: skip
    text = printed(failed([find("MAP301", "It is so.", evidence=evidence)]), monkeypatch)
    assert [line[12:].strip() for line in text.splitlines() if "evidence" in line] == [
        ": POST /x: 403 (acme fact 4)",
        ": POST /x (acme fact 5)",
    ]


def test_many_causes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in which everything is wrong does not scroll away: so many causes in full, the others by their codes."""
    causes = [find("MAP301", f"Field {number} is missing.") for number in range(CAUSES_SHOWN + 3)]
    text = printed(failed(causes), monkeypatch)
    assert text.count("error[MAP301]") == CAUSES_SHOWN
    assert "\n3 failures more, of 3 causes: MAP301\n" in text


def test_what_the_cause_says_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A step that could not be done was found to be what its cause says, at the line above it: neither stands twice.
    A line of the cause's own stays, and so does the step's where it is the only one."""
    step, own = Place("story.yaml", 3, 5), Place("recipe.yaml", 7, 1)
    text = printed(failed([find("NET110", "It is so.", places=[own, step])], found="It is so."), monkeypatch)
    assert text.count("It is so.") == 1
    assert "expected" not in text
    assert text.count("story.yaml:3") == 1
    assert "--> recipe.yaml:7:1" in text
    assert printed(failed([find("NET110", "It is so.", places=[step])]), monkeypatch).count("story.yaml:3") == 2


def test_a_refused_address_is_told_in_one_sentence_and_its_mending_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's answer holds its advice; as a cause it stands under `help` alone."""
    recipe = (starter() / "recipe.yaml").read_text("utf-8")
    assert "10.20.0.0/24" in recipe
    (tmp_path / "recipe.yaml").write_text(recipe.replace("10.20.0.0/24", "192.0.2.0/24"), "utf-8")
    story = write(tmp_path, "install: {}\n" + STEPS.strip())
    gathered = Gathered()
    run_all([load_scenario(story)], Options(), [gathered])
    text = printed(gathered, monkeypatch, 120)
    assert "error[NET110]: Address 10.20.0.7 is not on the allowlist of org my-crm.\n" in text
    assert text.count("not on the allowlist") == 1
    assert text.count("  = help: Add 10.20.0.7, or its network,") == 1
