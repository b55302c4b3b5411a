"""Every code comes out of its example, says what it said when a person last read it, and stays out of its near miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.findings import codes, entry
from tests.harness.findings.by_hand import BY_HAND
from tests.harness.findings.examples import piece_of, playable
from tests.harness.findings.golden import page, part, shown, silent
from tests.harness.findings.in_words import WORDS_ONLY

ROOT = Path(__file__).resolve().parents[3]
SLOWER = frozenset({"steps", "scenario", "command"})
"""Pieces with one of these keys take their turns, and so does what is played with other processes."""
OTHER_PROCESSES = frozenset({"CYC640", "CYC641", "CYC642", "CYC643", "CYC644", "CFG882"})
MINUTES = frozenset({"CYC622"})
"""More records than a page of the feed holds."""


def _all() -> list[object]:
    found: list[object] = []
    for code in (one for one in codes() if one not in WORDS_ONLY):
        piece = piece_of(entry(code).example) if playable(code) else None
        slow = code in OTHER_PROCESSES if piece is None else bool(SLOWER & set(piece))
        turns = pytest.mark.slow("minutes") if code in MINUTES else pytest.mark.slow
        found.append(pytest.param(code, marks=turns) if slow else code)
    return found


@pytest.mark.parametrize("code", codes())
def test_every_code_can_be_shown(code: str) -> None:
    """Its example and near miss can be played, or are played by hand; none is only words but those that are named.
    A golden text stands in the page of its family."""
    assert [playable(code), code in BY_HAND, code in WORDS_ONLY].count(True) == 1
    assert code in WORDS_ONLY or part(code, "") in page(code), "python -m tests.harness.findings.golden --write"


@pytest.mark.parametrize("code", sorted(WORDS_ONLY))
def test_what_is_told_in_words_is_emitted_where_it_says(code: str) -> None:
    """The test that is named asserts the code; or the reason why nothing can emit it stands there."""
    told = WORDS_ONLY[code]
    assert code in codes()
    assert told.startswith("never: ") or code in (ROOT / told).read_text("utf-8")


@pytest.mark.parametrize("code", _all())
def test_a_code_comes_out_of_its_example_and_not_of_its_near_miss(code: str, tmp_path: Path) -> None:
    """The example tells it in the golden words, which a person has read; the near miss does not tell it."""
    text = shown(code, tmp_path / "example")
    assert text, f"the example of {code} does not tell it"
    assert part(code, text) in page(code), "read it, then: python -m tests.harness.findings.golden --write"
    assert silent(code, tmp_path / "near"), f"the near miss of {code} tells it too"
