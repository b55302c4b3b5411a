"""Every code comes out of its example, says what it said when a person last read it, and stays out of its near miss."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadproof.findings import codes, entry
from tests.harness.findings.by_hand import BY_HAND
from tests.harness.findings.examples import piece_of, playable
from tests.harness.findings.golden import page, part, shown, silent

WORDS_ONLY = frozenset(
    """
    ASG210 CFG839 CFG843 CFG844 CFG850 CFG851 CFG852 CFG853 CFG870 CFG880 CFG881 CFG882 CFG883
    CFG884 CFG885 CFG886 CFG887 CFG890 CFG891 CON104 CON120 CON121 CON122 CYC604 CYC606 CYC607
    CYC610 CYC611 CYC634 CYC640 CYC641 CYC642 CYC643 CYC644 MAP314 MAP321 MAP340 MAP341 MAP342
    MAP343 NET102 NET103 NET104 NET108 REF700 RUN801 RUN804 RUN805 RUN806 RUN807 RUN809 RUN810
    RUN811 RUN812 RUN813 RUN814 RUN815 RUN816 RUN817 RUN818 RUN819 RUN821 RUN822 RUN823 RUN840
    SIM902 SIM904
    """.split()
)
"""Codes whose example is still told in words; tests of their own rooms emit most of them. None may be added."""
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
