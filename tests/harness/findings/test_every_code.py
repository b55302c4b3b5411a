"""Every code comes out of its example, says what it said when a person last read it, and stays out of its near miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.findings import codes, entry
from tests.harness.findings.by_hand import BY_HAND
from tests.harness.findings.examples import piece_of, playable
from tests.harness.findings.golden import page, part, shown, silent
from tests.harness.findings.in_words import WORDS_ONLY

SLOWER = frozenset({"steps", "scenario", "command"})
"""Pieces with one of these keys take their turns."""


def _all() -> list[object]:
    found: list[object] = []
    for code in (one for one in codes() if one not in WORDS_ONLY):
        piece = piece_of(entry(code).example) if playable(code) else None
        slow = piece is not None and SLOWER & set(piece)
        found.append(pytest.param(code, marks=pytest.mark.slow) if slow else code)
    return found


@pytest.mark.parametrize("code", codes())
def test_every_code_can_be_shown(code: str) -> None:
    """Its example and near miss can be played, or are played by hand; none is only words, and none is both. A golden
    text stands in the page of its family."""
    assert [playable(code), code in BY_HAND, code in WORDS_ONLY].count(True) == 1
    assert code in WORDS_ONLY or part(code, "") in page(code), "python -m tests.harness.findings.golden --write"


@pytest.mark.parametrize("code", _all())
def test_a_code_comes_out_of_its_example_and_not_of_its_near_miss(code: str, tmp_path: Path) -> None:
    """The example tells it in the golden words, which a person has read; the near miss does not tell it."""
    text = shown(code, tmp_path / "example")
    assert text, f"the example of {code} does not tell it"
    assert part(code, text) in page(code), "read it, then: python -m tests.harness.findings.golden --write"
    assert silent(code, tmp_path / "near"), f"the near miss of {code} tells it too"
