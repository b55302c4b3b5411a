"""The control API's refusals, in the native error body."""

from __future__ import annotations

from typing import Any

from leadsim.gateway.messages import Answer

NOT_FOUND = "REF742"
STATE = "REF750"
"""What is asked for does not go together with what the sandbox holds."""


class LabRefusal(Exception):
    """Something that the control API does not do."""

    def __init__(
        self, status: int, code: str, text: str, fix: str = "", problems: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.fix = fix
        self.problems = problems or []


def error_body(
    code: str, kind: str, text: str, fix: str = "", problems: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """`{"error": {...}}` with every key."""
    return {
        "error": {
            "code": code,
            "kind": kind,
            "message": f"{text}. {fix}" if fix else text,
            "fix": fix,
            "definite": True,
            "problems": problems or [],
            "matches": [],
        }
    }


def error_answer(status: int, code: str, kind: str, text: str, fix: str = "") -> Answer:
    """The same as a whole answer."""
    return Answer.json(status, error_body(code, kind, text, fix))


def missing(what: str, name: str, there: list[str]) -> LabRefusal:
    """The refusal of a name that isn't there, with those that are."""
    listed = ", ".join(sorted(there)) or "none"
    return LabRefusal(404, NOT_FOUND, f"there is no {what} {name!r}", f"There is: {listed}")
