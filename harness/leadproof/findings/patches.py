"""A fix as a unified diff of one file: what a finding's `help:` says in words, ready for `patch -p0`.

Made only where exactly one place of the line can be meant, and the file can be read after it (no key twice); a fix in
words is better than a wrong patch.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path

from leadterms.refusals import DocumentRefused, Place
from leadterms.yamltree import Tree, read_tree

_AROUND = 1
"""Lines of context: enough for `patch`, few enough to read."""


def where(place: Place) -> str:
    """`recipe.yaml:12`: the file by its own name, and the line."""
    return f"{Path(place.file).name}:{place.line}"


def replaced(place: Place | None, old: str, new: str) -> str | None:
    """The line with `new` in place of `old`; None where `old` does not stand there exactly once."""

    def edit(lines: list[str]) -> bool:
        if place is None or not old or lines[place.line - 1].count(old) != 1:
            return False
        lines[place.line - 1] = lines[place.line - 1].replace(old, new)
        return True

    return _patch(place, edit)


def listed(place: Place | None, item: str) -> str | None:
    """The list that begins at the place, closed on the same line, with one item more at its end."""

    def edit(lines: list[str]) -> bool:
        assert place is not None
        line = lines[place.line - 1]
        begin = line.find("[", max(place.column - 1, 0))
        end = line.find("]", begin)
        if begin < 0 or end < 0 or "[" in line[begin + 1 : end] or "#" in line[begin:end]:
            return False
        comma = ", " if line[begin + 1 : end].strip() else ""
        lines[place.line - 1] = f"{line[:end].rstrip()}{comma}{item}{line[end:]}"
        return True

    return _patch(place, edit)


def pair_of(key: str, value: str) -> str:
    """`key: value` for a mapping, in one line or in many: quoted where it would be read as something else."""
    return f"{_word(key)}: {_word(value)}"


def _word(text: str) -> str:
    plain = text and _read(f"{{{text}: {text}}}\n") == {text: text}
    return text if plain else json.dumps(text, ensure_ascii=False)


def _read(text: str) -> Tree:
    """What a YAML text holds; None where it is refused."""
    try:
        return read_tree(text, "<patched>")[0]
    except DocumentRefused:
        return None


def paired(place: Place | None, pair: str) -> str | None:
    """A `key: value` more: after the line of the place, which holds the last pair of a block mapping and nothing else;
    or in the braces, where the pair at the place stands last in a mapping of one line."""

    def edit(lines: list[str]) -> bool:
        assert place is not None
        line = lines[place.line - 1]
        before, after = line[: place.column - 1], line[place.column - 1 :]
        if not any(mark in before for mark in "{,"):
            indent = before[: len(before) - len(before.lstrip())]
            lines.insert(place.line, f"{indent}{pair}\n")
            return True
        end = after.find("}")
        if end < 0 or any(mark in after[:end] for mark in "{,#\"'"):
            return False
        lines[place.line - 1] = f"{before}{after[:end].rstrip()}, {pair}{after[end:]}"
        return True

    return _patch(place, edit)


def _patch(place: Place | None, edit: Callable[[list[str]], bool]) -> str | None:
    """The difference that the edit makes; None where there is no such line, the edit cannot be made, or the file could
    not be read after it."""
    if place is None:
        return None
    try:
        text = Path(place.file).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    before = text.splitlines(keepends=True)
    after = list(before)
    if not 1 <= place.line <= len(before) or not text.endswith("\n") or not edit(after):
        return None
    if _read("".join(after)) is None:
        return None
    return "".join(unified_diff(before, after, place.file, place.file, n=_AROUND))
