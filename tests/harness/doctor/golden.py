"""What the doctor says about every executable example: `python -m tests.harness.doctor.golden --write`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from leadproof.findings import Finding, entry
from leadproof.findings.telling import tell
from tests.harness.doctor.planted import executable_codes, findings_of

PAGE = Path(__file__).parent / "golden.txt"
HEAD = (
    "# What `leadproof doctor` says about the example of each code. Generated: python -m tests.harness.doctor.golden\n"
)


def told(code: str, found: list[Finding]) -> str:
    """The text of the first finding with this code."""
    first = next((one for one in found if one.code == code), None)
    return tell([first], shown_path=lambda path: Path(path).name) if first is not None else f"{code} is not found\n"


def page() -> str:
    """All of them, in the catalogue's order."""
    parts = [HEAD]
    for code in executable_codes():
        with tempfile.TemporaryDirectory() as folder:
            parts.append(told(code, findings_of(entry(code).example, Path(folder))))
    return "\n".join(parts)


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        sys.stdout.write(page())
