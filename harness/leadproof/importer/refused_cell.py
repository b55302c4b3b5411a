"""A cell that cannot be read."""

from __future__ import annotations


class CellRefused(Exception):
    """Why a cell cannot be read, with the code of a finding."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
