"""Examples that no piece of YAML can say: failures of the wire, other processes, damaged files.

Each has the two sides of a piece: what fires, and what nearly does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Told = Mapping[str, str]
"""Code -> what was said under it."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """The example and the near miss of a code, as functions of an empty folder."""

    fires: Callable[[Path], Told]
    stays_silent: Callable[[Path], Told]


BY_HAND: dict[str, ByHand] = {}
