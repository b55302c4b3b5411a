"""What GitHub Actions is told: annotations within its limits, and a step summary within its size."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from leadproof.reports.collected import Entry, Gathered, Told
from leadproof.reports.github import (
    ANNOTATIONS,
    MESSAGE_LIMIT,
    SUMMARY_LIMIT,
    annotated_lines,
    step_summary,
    write_github,
)


def _run(failures: int, *, found: str = "nothing", finding: bool = True) -> Gathered:
    cause = {
        "code": "MAP301",
        "title": "A field does not exist",
        "cause": "There is no Emial.",
        "fix": "Write Email.",
        "places": [{"file": "leadproof.yaml", "line": 12, "column": 3}],
    }
    told = [
        Told(
            f"story-{number}",
            f"Story {number}",
            f"story-{number}.yaml",
            verdict="failed",
            entries=[
                Entry(1, "check_field", "check field", "failed", "", f"story-{number}.yaml", 7, f"story-{number}/1",
                      "a phone", found, findings=[cause] if finding else [])
            ],
        )
        for number in range(failures)
    ]  # fmt: skip
    return Gathered(verdict="failed", seed="7", digest="d" * 64, counts={"failed": failures}, scenarios=told)


def test_an_annotation_stands_at_the_line_to_mend() -> None:
    """At the cause's place in the user's file; at the check's own where no cause names one."""
    (line,) = annotated_lines(_run(1))
    assert line.startswith("::error file=leadproof.yaml,line=12,title=MAP301 A field does not exist::")
    assert "fix: Write Email." in line
    (line,) = annotated_lines(_run(1, finding=False))
    assert line.startswith("::error file=story-0.yaml,line=7,title=Story 0::")


def test_an_annotation_is_one_line_whatever_was_found() -> None:
    """Line ends, percent signs and separators are escaped as the runner reads them; long values are cut."""
    (line,) = annotated_lines(_run(1, found="50%\r\n::warning::x"))
    assert "\n" not in line
    assert "50%25%0D%0A::warning::x" in line
    (line,) = annotated_lines(_run(1, found="x" * 100_000))
    assert len(line) < MESSAGE_LIMIT + 200


@pytest.mark.parametrize("failures", [0, 1, 10, 11, 300])
def test_no_more_annotations_than_are_shown(failures: int) -> None:
    """Ten at most; what is left is counted."""
    lines = list(annotated_lines(_run(failures)))
    assert len(lines) == min(failures, ANNOTATIONS)
    assert (f"{failures - 9} more did not pass" in "".join(lines)) == (failures > ANNOTATIONS)


def test_the_summary_fits_and_says_what_it_leaves_out() -> None:
    """Under a mebibyte in UTF-8, whole parts only."""
    text = step_summary(_run(400, found="ø" * 3000))
    assert len(text.encode()) <= SUMMARY_LIMIT
    assert "parts are left out" in text
    assert "parts are left out" not in step_summary(_run(3))


def test_what_was_found_cannot_mark_up_the_summary() -> None:
    """A value from a lead is text: no table, no link, no mention, no markup."""
    text = step_summary(_run(1, found="<img src=x> | [a](http://b) @all `c`"))
    assert "<img" not in text
    assert "@all" not in text
    assert "\\| \\[a\\](http://b)" in text


def test_the_summary_goes_where_github_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is appended to GITHUB_STEP_SUMMARY: other steps' stand before it; a file that is named is taken instead."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    out = io.StringIO()
    write_github(_run(1), None, out)
    assert summary.read_text().startswith("before\n## ❌ Leadproof: 1 failed")
    assert out.getvalue().count("::error ") == 1
    write_github(_run(1), tmp_path / "own.md", io.StringIO())
    assert (tmp_path / "own.md").read_text().startswith("## ❌ Leadproof")
