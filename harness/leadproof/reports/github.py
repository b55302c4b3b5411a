"""For GitHub Actions: annotations on the lines at fault, and a step summary.

Limits of GitHub (docs.github.com, "Workflow commands" and "Adding a job summary"): ten error annotations a step are
shown, a message is cut after some kilobytes, and a step's summary may hold 1 MiB.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from leadproof.reports.collected import Entry, Gathered, Told

ANNOTATIONS = 10
MESSAGE_LIMIT = 4000
SUMMARY_LIMIT = 1024 * 1024
SUMMARY = "GITHUB_STEP_SUMMARY"
SIGNS = {"passed": "✅", "failed": "❌", "error": "⚠️", "skipped": "⏭️"}


def write_github(run: Gathered, path: Path | None, out: IO[str] | None = None) -> None:
    """Annotations to stdout, the summary to `path`, else to the file that GitHub names; neither: annotations only."""
    stream = out or sys.stdout
    for line in annotated_lines(run):
        stream.write(line + "\n")
    summary = path or (Path(os.environ[SUMMARY]) if os.environ.get(SUMMARY) else None)
    if summary is not None:
        with summary.open("a", encoding="utf-8") as file:  # other steps' summaries stand before ours
            file.write(step_summary(run))


def annotated_lines(run: Gathered) -> Iterator[str]:
    """`::error file=,line=,title=::message` for what did not pass, at most ten; of more, the tenth says how many."""
    bad = [(told, entry) for told in run.scenarios for entry in told.bad]
    shown = bad if len(bad) <= ANNOTATIONS else bad[: ANNOTATIONS - 1]
    for told, entry in shown:
        yield _command(_properties(told, entry), _message(entry))
    if len(bad) > len(shown):
        yield _command({"title": "Leadproof"}, f"{len(bad) - len(shown)} more did not pass; see the step's summary.")


def _properties(told: Told, entry: Entry) -> dict[str, str]:
    """The place to mend if a cause names one in a file, else the check's own line."""
    for place in (entry.finding or {}).get("places", []):
        if "file" in place:
            return {"file": str(place["file"]), "line": str(place["line"]), "title": _title(told, entry)}
    return {"file": entry.file, "line": str(entry.line), "title": _title(told, entry)}


def _title(told: Told, entry: Entry) -> str:
    cause = entry.finding
    return f"{cause['code']} {cause['title']}" if cause is not None else told.title


def _message(entry: Entry) -> str:
    lines = [] if _is_told(entry) else [f"expected {entry.expected}", f"found {entry.found}"]
    if entry.finding is not None:
        lines += [str(entry.finding["cause"]), f"fix: {entry.finding['fix']}"]
    text = "\n".join(lines)
    return text if len(text) <= MESSAGE_LIMIT else text[: MESSAGE_LIMIT - 1] + "…"


def _is_told(entry: Entry) -> bool:
    """Whether the cause says what was found."""
    return entry.finding is not None and entry.finding["cause"] == entry.found


def _command(properties: Mapping[str, str], message: str) -> str:
    told = ",".join(f"{name}={_escaped(value, property=True)}" for name, value in properties.items())
    return f"::error {told}::{_escaped(message)}"


def _escaped(text: str, *, property: bool = False) -> str:
    """What GitHub's runner takes back: %25, line ends, and in properties the two separators."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property else text


def step_summary(run: Gathered) -> str:
    """Verdict, a table of the scenarios, and each failure with cause and fix, in GitHub's Markdown; whole scenarios
    are left out at the end, and counted, where it would grow too large."""
    counts = ", ".join(f"{count} {name}" for name, count in run.counts.items() if count) or "nothing run"
    head = [f"## {SIGNS[run.verdict]} Leadproof: {counts}", "", f"seed `{run.seed}`, digest `{run.digest[:16]}`", ""]
    blocks = ["\n".join(_failures(one)) for one in run.scenarios if one.bad]
    table = ["| | scenario | checks |", "|---|---|---|", *(_row(one) for one in run.scenarios), ""]
    text = "\n".join([*head, ""])
    left = 0
    for block in [*blocks, "\n".join(table)]:
        if len((text + block).encode()) > SUMMARY_LIMIT - 200:
            left += 1
            continue
        text += block + "\n"
    return text + (f"\n_{left} parts are left out: the summary would be too large._\n" if left else "")


def _row(told: Told) -> str:
    held = sum(1 for one in told.checks if one.verdict == "passed")
    return f"| {SIGNS[told.verdict]} | {_cell(told.title)} | {held} of {len(told.checks)} |"


def _failures(told: Told) -> Iterator[str]:
    yield f"### {SIGNS[told.verdict]} {_cell(told.title)}"
    yield ""
    for entry in told.bad:
        yield f"- `{entry.file}:{entry.line}` {_cell(entry.said)}"
        if not _is_told(entry):
            yield f"  - expected: {_cell(entry.expected)}"
            yield f"  - found: {_cell(entry.found)}"
        yield from _cause(entry.finding)
    yield ""


def _cause(finding: Mapping[str, Any] | None) -> Iterator[str]:
    if finding is not None:
        yield f"  - **{finding['code']} {_cell(str(finding['title']))}**: {_cell(str(finding['cause']))}"
        yield f"  - fix: {_cell(str(finding['fix']))}"


def _cell(text: str) -> str:
    """One line of Markdown that is only text: no markup of its own, no table, no mention of anybody."""
    for mark in ("\\", "`", "*", "_", "[", "]", "<", ">", "|", "#", "@"):
        text = text.replace(mark, f"\\{mark}" if mark not in "<>@" else {"<": "&lt;", ">": "&gt;", "@": "&#64;"}[mark])
    return " ".join(text.split())
