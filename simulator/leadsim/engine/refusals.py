"""Why the engine refuses a write. A dialect turns it into its vendor's status, code and text.

Refused
  .kind      invalid | duplicate | locked | permission | gone | conflict | unknown_object
  .code      REF7xx, stable (formats.md "Findings": REF7xx = a request was refused)
  .problems  every problem of the record at once, each with object, id, field, value and rule
  .matches   ids of the records that stand in the way
  .definite  True: it certainly did not apply
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["invalid", "duplicate", "locked", "permission", "gone", "conflict", "unknown_object"]

CODES: dict[Kind, str] = {
    "invalid": "REF701",
    "duplicate": "REF702",
    "locked": "REF703",
    "permission": "REF704",
    "gone": "REF705",
    "conflict": "REF706",
    "unknown_object": "REF707",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one record: which rule, on which field, with which value."""

    object: str
    id: str | None
    field: str | None
    value: Any
    rule: str
    text: str


class Refused(Exception):
    """A write or a read that the org did not do. Nothing of it was applied when `definite`."""

    def __init__(
        self,
        kind: Kind,
        text: str,
        *,
        problems: tuple[Problem, ...] = (),
        matches: tuple[str, ...] = (),
        definite: bool = True,
        code: str = "",
    ) -> None:
        super().__init__(text)
        self.kind: Kind = kind
        self.code = code or CODES[kind]
        self.text = text
        self.problems = problems
        self.matches = matches
        self.definite = definite

    @classmethod
    def of(cls, problems: list[Problem], code: str = "") -> Refused:
        """A refusal for values that break rules; its text counts them and says the first."""
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return cls("invalid", first.text + more, problems=tuple(problems), code=code)


def unknown_object(object: str, known: list[str]) -> Refused:
    """The refusal of an object that the org doesn't have."""
    return Refused("unknown_object", f"There is no object {object!r} in this org. It has: {', '.join(known)}.")


def gone(object: str, id: str, why: str = "doesn't exist") -> Refused:
    """The refusal of a record that isn't there, or no longer."""
    return Refused("gone", f"{object} {id} {why}.", matches=())
