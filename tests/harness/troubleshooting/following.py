"""Do what a finding's `help:` says, and nothing else: its patch where it has one, else the words and the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")
_INSTEAD = re.compile(r"Write (?P<new>.+) instead of (?P<old>.+) at (?P<file>[^:]+):(?P<line>\d+)\.")


def follow(finding: dict[str, Any]) -> Path:
    """Mend the file that the finding names first; answers which one it was."""
    path = Path(str(next(place["file"] for place in finding["places"] if "file" in place)))
    text = path.read_text("utf-8")
    path.write_text(patched(text, finding["patch"], path) if finding["patch"] else worded(text, finding, path), "utf-8")
    return path


def patched(text: str, patch: str, path: Path) -> str:
    """The text after a unified diff of one hunk; what the diff says was there must be there."""
    old, new, head, *body = patch.splitlines(keepends=True)
    assert (old, new) == (f"--- {path}\n", f"+++ {path}\n")
    hunk = _HUNK.match(head)
    assert hunk is not None
    lines, begin, length = text.splitlines(keepends=True), int(hunk[1]) - 1, int(hunk[2] or 1)
    assert lines[begin : begin + length] == [one[1:] for one in body if one[0] in " -"]
    lines[begin : begin + length] = [one[1:] for one in body if one[0] in " +"]
    return "".join(lines)


def worded(text: str, finding: dict[str, Any], path: Path) -> str:
    """The text after `Write NEW instead of OLD at FILE:LINE.`"""
    said = _INSTEAD.fullmatch(finding["fix"])
    assert said is not None, finding["fix"]
    assert said["file"] == path.name
    lines = text.splitlines(keepends=True)
    line = lines[int(said["line"]) - 1]
    assert line.count(said["old"]) == 1
    lines[int(said["line"]) - 1] = line.replace(said["old"], said["new"])
    return "".join(lines)
