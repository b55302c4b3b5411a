"""The error tree of the vocabulary.

LeadtermsError            .code .text .fix
├── ValueRefused          one value does not suit its field           (.rule)
├── ConversionRefused     a value cannot go from one field to another without loss
├── CriteriaRefused       a condition is malformed or does not suit the fields
└── DocumentRefused       a file is not what its format says          (.problems)

Every refusal says what and why in `text`, how to mend it in `fix`, and has a `code` that
`leadproof explain CODE` explains (architecture.md "The rules of the house", 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

RULE_CODES: Mapping[str, str] = MappingProxyType(
    {
        "type": "REF720",
        "length": "REF721",
        "scale": "REF722",
        "range": "REF723",
        "choice": "REF724",
        "email": "REF725",
        "url": "REF726",
        "line": "REF727",
        "character": "REF728",
        "definition": "REF729",
    }
)
"""The rules that `fieldtypes.parse` and `FieldSpec.from_json` apply, and the code of each."""


class LeadtermsError(Exception):
    """Something was refused: `code` (a stable name), `text` (what and why), `fix` (how to mend it)."""

    def __init__(self, code: str, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.text} {self.fix} [{self.code}]" if self.fix else f"{self.text} [{self.code}]"


class ValueRefused(LeadtermsError):
    """A value does not suit its field: `rule` is one of RULE_CODES."""

    def __init__(self, rule: str, text: str, fix: str = "") -> None:
        super().__init__(RULE_CODES[rule], text, fix)
        self.rule = rule


class ConversionRefused(LeadtermsError):
    """A value cannot be carried from one field to another without loss (sync-semantics.md "Types")."""


class CriteriaRefused(LeadtermsError):
    """A condition cannot be read, or names a field, operator or value that the object does not have."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a file; `line` and `column` count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file; `suggestion` is what probably was meant, or how to mend it, `patch` the same
    as a unified diff of the file where that is sure."""

    place: Place
    code: str
    text: str
    suggestion: str = ""
    patch: str | None = None

    def __str__(self) -> str:
        hint = f" {self.suggestion}" if self.suggestion else ""
        return f"{self.place}: {self.text}{hint} [{self.code}]"


class DocumentRefused(LeadtermsError):
    """A file is not what its format says: all its problems, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda p: (p.place.file, p.place.line, p.place.column, p.code, p.text))
        )
        first = self.problems[0]
        super().__init__(first.code, "\n".join(str(problem) for problem in self.problems), first.suggestion)

    def __str__(self) -> str:
        return self.text
