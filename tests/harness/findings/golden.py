"""What every code says in its example, a page for each family: `python -m tests.harness.findings.golden --write`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from leadproof.findings import FAMILIES, codes, entry
from tests.harness.findings.by_hand import BY_HAND
from tests.harness.findings.examples import plainly, play, playable

PAGES = Path(__file__).parent / "golden"
HEAD = "# What each code says in its example. Generated: python -m tests.harness.findings.golden --write\n"


def family_of(code: str) -> str:
    """`MAP` of MAP301."""
    return code.rstrip("0123456789")


def shown(code: str, folder: Path) -> str:
    """What the example of a code says under that code; "" where it stays silent."""
    if playable(code):
        return play(entry(code).example, code, folder).told.get(code, "")
    folder.mkdir(parents=True, exist_ok=True)
    return plainly(BY_HAND[code].fires(folder).get(code, ""), folder)


def silent(code: str, folder: Path) -> bool:
    """Whether the near miss of a code stays silent about it."""
    if playable(code):
        return code not in play(entry(code).near_miss, code, folder).told
    folder.mkdir(parents=True, exist_ok=True)
    return code not in BY_HAND[code].stays_silent(folder)


def page(code: str) -> str:
    """The golden page of the code's family."""
    path = PAGES / f"{family_of(code).lower()}.txt"
    return path.read_text("utf-8") if path.exists() else ""


def part(code: str, text: str) -> str:
    """How a code's text stands in its page."""
    return f"== {code} ==\n{text}"


def write(wanted: list[str]) -> None:
    """Write the pages of these families anew."""
    PAGES.mkdir(exist_ok=True)
    for family in wanted:
        parts = [HEAD]
        for code in (one for one in codes() if family_of(one) == family and (playable(one) or one in BY_HAND)):
            with tempfile.TemporaryDirectory() as folder:
                text = shown(code, Path(folder) / "piece")
                if not text:
                    sys.stderr.write(f"{code} is not shown by its example\n")
                parts.append(part(code, text))
        (PAGES / f"{family.lower()}.txt").write_text("\n".join(parts), "utf-8")


if __name__ == "__main__" and "--write" in sys.argv:
    write([one for one in sys.argv[1:] if one in FAMILIES] or list(FAMILIES))
