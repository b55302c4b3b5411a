"""How the rows of criteria are joined: "1 AND (2 OR NOT 3)". NOT > AND > OR; parentheses; case does not
matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from leadterms.refusals import CriteriaRefused

BAD_LOGIC = "CFG822"
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Ref:
    """The row with this number, from 1."""

    n: int

    def __str__(self) -> str:
        return str(self.n)


@dataclass(frozen=True, slots=True)
class Not:
    part: Logic

    def __str__(self) -> str:
        return f"NOT {_inner(self.part, (And, Or))}"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold; without parts: always."""

    parts: tuple[Logic, ...]

    def __str__(self) -> str:
        return " AND ".join(_inner(part, (Or, And)) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Logic, ...]

    def __str__(self) -> str:
        return " OR ".join(_inner(part, (Or,)) for part in self.parts)


Logic: TypeAlias = And | Or | Not | Ref
ALWAYS = And(())


def every_row(count: int) -> Logic:
    """All of `count` rows joined by AND."""
    return Ref(1) if count == 1 else And(tuple(Ref(number) for number in range(1, count + 1)))


def parse_logic(text: str, count: int) -> Logic:
    """Read the logic of `count` rows. Raises CriteriaRefused (CFG822) for a row that does not exist, one that
    is never used, and anything that is no logic."""
    reader = _Reader(text)
    logic = reader.alternatives(0)
    reader.expect_end()
    for number in reader.rows:
        if not 1 <= number <= count:
            raise _refused(
                text, f"there is no row {number}: the rows are 1 to {count}" if count else "there are no rows"
            )
    unused = [str(number) for number in range(1, count + 1) if number not in reader.rows]
    if unused:
        raise _refused(text, f"row {', '.join(unused)} is never used", "Use every row, or remove it.")
    return logic


def _inner(part: Logic, loose: tuple[type, ...]) -> str:
    return f"({part})" if isinstance(part, loose) else str(part)


def _refused(text: str, why: str, fix: str = "Write it like 1 AND (2 OR NOT 3).") -> CriteriaRefused:
    return CriteriaRefused(BAD_LOGIC, f"The logic {text!r} cannot be read: {why}.", fix)


_TOKEN = re.compile(r"\s*(?:(\d{1,4})(?![\w])|(AND|OR|NOT)(?!\w)|([()]))", re.IGNORECASE | re.ASCII)


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows: list[int] = []
        self._tokens = list(self._split())
        self._next = 0

    def _split(self) -> Iterator[str]:
        position, end = 0, len(self.text.rstrip())
        while position < end:
            found = _TOKEN.match(self.text, position)
            if found is None:
                raise _refused(self.text, f"{self.text[position:].strip()!r} at character {position + 1}")
            yield (found[1] or found[2] or found[3]).upper()
            position = found.end()

    def _peek(self) -> str:
        return self._tokens[self._next] if self._next < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self._next += 1
        return token

    def expect_end(self) -> None:
        if self._peek():
            raise _refused(self.text, f"{self._peek()!r} follows where AND or OR should join")

    def alternatives(self, depth: int) -> Logic:
        parts = [self._together(depth)]
        while self._peek() == "OR":
            self._take()
            parts.append(self._together(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _together(self, depth: int) -> Logic:
        parts = [self._one(depth)]
        while self._peek() == "AND":
            self._take()
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Logic:
        if depth > _DEEPEST:
            raise _refused(self.text, f"it is nested deeper than {_DEEPEST} levels")
        token = self._take()
        if token == "NOT":
            return Not(self._one(depth + 1))
        if token == "(":
            inside = self.alternatives(depth + 1)
            if self._take() != ")":
                raise _refused(self.text, "a closing parenthesis is missing")
            return inside
        if token.isdigit():
            self.rows.append(int(token))
            return Ref(int(token))
        raise _refused(self.text, f"{token!r} stands where a row number should" if token else "it ends too early")
