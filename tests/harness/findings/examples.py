"""The catalogue's own examples, played: what a person reads in `leadproof explain` is what is tested.

An example, or a near miss, is a piece of YAML. Its keys say how it is played:

- `integration`, `crm`, `marketing` alone: changes of the shipped checklist's files, looked at by the doctor;
- `scenario` (one of the shipped checklist) or `steps`, besides them: run on the changed files; `connector` names a bug
  that the connector is given, `pair` the vendors whose files are taken, `files` stand beside it;
- `calls`: requests to the simulated orgs, in the native dialect;
- `csv`: a file that is imported into marketing, or into `to`, with `map`, `dates` and `decimal`;
- `field` and `value`: a value that is entered into a field;
- `command`: a command line of `leadproof`, in a folder with `files`.

What cannot be said so stands in `by_hand.py`.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from leadproof.findings import Finding, entry
from leadproof.findings.telling import tell
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree
from tests.harness.findings import by_command, by_doctor, by_import, by_request, by_scenario, by_value
from tests.harness.findings.patched import assert_its_patch_spoils_nothing

PLAYERS = {
    "steps": by_scenario.play,
    "scenario": by_scenario.play,
    "calls": by_request.play,
    "csv": by_import.play,
    "command": by_command.play,
    "value": by_value.play,
}
"""A key that decides -> who plays the piece; a piece with none of them is the doctor's."""


CHANGING = (
    (re.compile(r"\bfact \d+\b"), "fact N"),
    (re.compile(r"\b([a-z]{3})(?=[0-9a-z]*\d)[0-9a-z]{13}\b"), r"\1-id"),
    (re.compile(r"2026-03-0\dT\d\d:\d\d:\d\dZ"), "TIME"),
    (re.compile(r"\.py:\d+\b"), ".py:N"),
    (re.compile(r"\b\d+ changes by now"), "N changes by now"),
)
"""Numbers of facts, ids that were drawn, moments of the sandbox's clock, lines of our own code, what a race decides."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came out of a piece: code -> what the first finding, or refusal, with this code says."""

    told: dict[str, str]


def piece_of(text: str) -> dict[str, Any] | None:
    """The text as a piece that can be played, or None where it is told in words."""
    try:
        read, _ = read_tree(text, "<example>")
    except DocumentRefused:
        return None
    if not isinstance(read, dict):
        return None
    known = by_doctor.KEYS | by_scenario.KEYS | by_request.KEYS | by_import.KEYS | by_command.KEYS | by_value.KEYS
    return read if set(read) <= known else None


@cache
def playable(code: str) -> bool:
    """Whether the example and the near miss of a code can both be played."""
    told = entry(code)
    return piece_of(told.example) is not None and piece_of(told.near_miss) is not None


def play(text: str, code: str, folder: Path) -> Played:
    """Play a piece, looking for `code`, in a folder of its own."""
    piece = piece_of(text)
    assert piece is not None, text
    folder.mkdir(parents=True, exist_ok=True)
    player = next((PLAYERS[key] for key in PLAYERS if key in piece), by_doctor.play)
    told: dict[str, str] = {}
    for one in player(piece, code, folder):
        if isinstance(one, Finding):
            assert_its_patch_spoils_nothing(one, folder)
        words = tell([one], shown_path=lambda path: Path(path).name) if isinstance(one, Finding) else one.words
        told.setdefault(one.code, plainly(words, folder))
    return Played(told)


def plainly(words: str, folder: Path) -> str:
    """The words without what changes when the clock, the journal or the draws before it do."""
    words = words.replace(f"{folder}/", "").replace(str(folder), ".").replace(sys.executable, "python")
    for pattern, plain in CHANGING:
        words = pattern.sub(plain, words)
    return words
