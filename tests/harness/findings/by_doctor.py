"""A piece that changes the checklist's files, looked at by the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from leadproof.findings import Finding
from tests.harness.doctor.planted import KEYS, looked_at

__all__ = ["KEYS", "play"]


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Finding]:
    """What the doctor finds, or what is refused when the files are read."""
    return looked_at(piece, folder)
