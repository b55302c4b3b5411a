"""Findings: one diagnosed cause each, with a stable code, its places, its evidence and the fix.

`find(code, ...)` makes one; `entry(code)` is what the catalogue says about the code. The codes and their
texts are data: one YAML file per family beside this module (formats.md "Findings").
"""

from leadproof.findings.catalogue import FAMILIES, Entry, Level, UnknownCode, codes, entry, explain
from leadproof.findings.finding import At, Evidence, Finding, find

__all__ = [
    "FAMILIES",
    "At",
    "Entry",
    "Evidence",
    "Finding",
    "Level",
    "UnknownCode",
    "codes",
    "entry",
    "explain",
    "find",
]
