"""In which order findings are told: that in which people should look (product.md C)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from leadproof.findings import Finding
from leadproof.findings.catalogue import LEVELS

AREAS = (
    ("connection", ("NET", "CON")),
    ("users", ("USR",)),
    ("assignment rules", ("ASG",)),
    ("field settings", ("MAP", "REF", "CFG")),
    ("master and replica", ("OWN",)),
    ("data quality", ("DQ",)),
    ("duplicates", ("DUP",)),
    ("reporting", ("RPT", "CYC")),
    ("quota", ()),
    ("the rest", ()),
)
_QUOTA = frozenset({"CON112"})
_OF_FAMILY = {family: place for place, (_, families) in enumerate(AREAS) for family in families}


def area(code: str) -> int:
    """The place of a code's area in AREAS."""
    if code in _QUOTA:
        return len(AREAS) - 2
    return _OF_FAMILY.get(code.rstrip("0123456789"), len(AREAS) - 1)


def ranked(found: Iterable[Finding]) -> list[Finding]:
    """The findings area by area, in an area errors first, otherwise as they were found; `rank` is the place."""
    ordered = sorted(found, key=lambda one: (area(one.code), LEVELS.index(one.level)))
    return [replace(one, rank=rank) for rank, one in enumerate(ordered)]
