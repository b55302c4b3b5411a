"""Which scenarios run: `-k EXPR`, words joined by and, or, not and parentheses, as in pytest; `--shard 1/4`.

A word matches when it stands in the scenario's id, its title or its `covers`, whatever the letter case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+)")
_SHARD = re.compile(r"([1-9]\d{0,3})/([1-9]\d{0,3})")
Match = Callable[[str], bool]
Item = TypeVar("Item")


class SelectionRefused(ValueError):
    """The expression cannot be read; the text says where."""


def compile_selection(expression: str) -> Match:
    """A function that says whether a text (id, title and covers joined) is selected. Raises SelectionRefused."""
    tokens = _TOKEN.findall(expression)
    if not tokens:
        return lambda text: True
    reader = _Reader(tokens, expression)
    match = reader.either()
    if reader.left:
        raise SelectionRefused(f"-k {expression!r}: nothing is expected after {reader.read_so_far!r}")
    return match


def shard(items: Sequence[Item], written: str) -> list[Item]:
    """Part `1/4` of the items: every fourth, so that neighbours, which often cost alike, are spread. All parts
    together are all items, each once. Raises SelectionRefused."""
    found = _SHARD.fullmatch(written.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise SelectionRefused(f"--shard {written!r} is not PART/PARTS, such as 1/4")
    return list(items[int(found[1]) - 1 :: int(found[2])])


class _Reader:
    """Recursive descent over or, and, not, parentheses."""

    def __init__(self, tokens: list[str], expression: str) -> None:
        self._tokens, self._at, self._expression = tokens, 0, expression

    @property
    def left(self) -> bool:
        return self._at < len(self._tokens)

    @property
    def read_so_far(self) -> str:
        return " ".join(self._tokens[: self._at])

    def _next_is(self, word: str) -> bool:
        if self.left and self._tokens[self._at].casefold() == word:
            self._at += 1
            return True
        return False

    def either(self) -> Match:
        parts = [self.both()]
        while self._next_is("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda text: any(part(text) for part in parts)

    def both(self) -> Match:
        parts = [self.one()]
        while self._next_is("and"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else lambda text: all(part(text) for part in parts)

    def one(self) -> Match:
        if self._next_is("not"):
            inner = self.one()
            return lambda text: not inner(text)
        if self._next_is("("):
            inner = self.either()
            if not self._next_is(")"):
                raise SelectionRefused(f"-k {self._expression!r}: a closing parenthesis is missing")
            return inner
        if not self.left or self._tokens[self._at].casefold() in {"and", "or", ")"}:
            where = self.read_so_far or "the start"
            raise SelectionRefused(f"-k {self._expression!r}: a word is expected after {where!r}")
        word = self._tokens[self._at].casefold()
        self._at += 1
        return lambda text: word in text.casefold()
