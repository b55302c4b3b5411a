"""The two sides of an example that is played by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from leadproof.findings import Finding
from leadproof.findings.telling import tell

Told = Mapping[str, str]
"""Code -> what was said under it."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """The example and the near miss of a code, as functions of an empty folder."""

    fires: Callable[[Path], Told]
    stays_silent: Callable[[Path], Told]


def told(findings: Iterable[Finding]) -> Told:
    """What the first finding of each code says."""
    said: dict[str, str] = {}
    for one in findings:
        said.setdefault(one.code, tell([one], shown_path=lambda path: Path(path).name))
    return said
