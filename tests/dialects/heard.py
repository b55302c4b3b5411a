"""What the contract test hears from a dialect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heard:
    """An answer in words that all dialects share. `kind` of a refusal: invalid, duplicate, gone, address, login,
    expired or quota; `field` the field that it blames."""

    kind: str = ""
    field: str | None = None
    id: str | None = None
    values: Mapping[str, Any] | None = None
    wait_seconds: int | None = None
