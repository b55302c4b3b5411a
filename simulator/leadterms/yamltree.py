"""YAML text to plain data (dict, list, str, None) and a parallel tree of marks.

Built from a parser's events, without recursion and without the YAML type system, so that nothing but text
can come out and the caps hold before memory is spent. There are two parsers: libyaml, in C, reads a file twenty times
as fast; what it might read otherwise than YAML 1.2 says, and whatever it refuses, goes to the one in Python, which
alone says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NoReturn, TypeAlias

from leadterms.refusals import DocumentRefused, Place, Problem

NOT_YAML = "CFG802"
DUPLICATE_KEY = "CFG803"
TOO_MUCH = "CFG804"

LARGEST_TEXT = 8_000_000  # characters
DEEPEST = 40  # levels
MOST_NODES = 500_000  # with aliases counted as often as they are used
MOST_ALIASES = 1_000
_WORTH_KEEPING = 200_000  # characters
_FOR_PYTHON = re.compile("[\t\x85\u2028\u2029\ufeff*&!%]")
"""Tabs, the line ends of YAML 1.1, byte order marks, and what may be an alias, an anchor, a tag or a directive: there
the two differ."""

Tree: TypeAlias = dict[str, "Tree"] | list["Tree"] | str | None


@dataclass(slots=True)
class Mark:
    """Where a node stands (from 1), and its parts by key or position. `nodes`: its size, itself included."""

    line: int
    column: int
    parts: dict[str | int, Mark] = field(default_factory=dict)
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    nodes: int = 1

    def at(self, loc: Sequence[str | int]) -> Mark:
        """The mark of the part at `loc`, skipping what is no part (pydantic names union branches in its
        places); so an absent part gives its nearest ancestor."""
        mark = self
        for step in loc:
            mark = mark.parts.get(step, mark)
        return mark

    def path(self, loc: Sequence[str | int]) -> tuple[str | int, ...]:
        """The steps of `loc` that are parts of the file."""
        mark, steps = self, []
        for step in loc:
            if step in mark.parts:
                mark = mark.parts[step]
                steps.append(step)
        return tuple(steps)


def read_tree(text: str, name: str) -> tuple[Tree, Mark]:
    """The data and its marks. Raises DocumentRefused: CFG802 no YAML (or several documents, or a tag), CFG803
    duplicate key, CFG804 larger, deeper or more aliased than a file of ours ever is."""
    if len(text) > _WORTH_KEEPING:
        return _read(text, name)
    data, marks = _read_once(text, name)
    return _copy(data), marks


@lru_cache(maxsize=128)
def _read_once(text: str, name: str) -> tuple[Tree, Mark]:
    """Every scenario of a folder reads the same recipe and integration."""
    return _read(text, name)


def _read(text: str, name: str) -> tuple[Tree, Mark]:
    parser = None if _FOR_PYTHON.search(text) or len(text) > LARGEST_TEXT else libyaml()
    if parser is not None:
        make, failures = parser
        try:
            return _Builder(name).build(iter(make(text).get_event, None))
        except failures:
            pass  # what is wrong is told below
    return read_in_python(text, name)


@cache
def libyaml() -> tuple[Any, tuple[type[Exception], ...]] | None:
    """The parser in C and what it raises; None where PyYAML was built without it."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        return None
    from yaml import YAMLError

    return CParser, (YAMLError, UnicodeError)


def read_in_python(text: str, name: str) -> tuple[Tree, Mark]:
    """By the parser in Python. Raises DocumentRefused."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    builder = _Builder(name)
    if len(text) > LARGEST_TEXT:
        builder.refuse(TOO_MUCH, 1, 1, f"The file has more than {LARGEST_TEXT} characters.", "Split it.")
    yaml = YAML(typ="safe", pure=True)
    yaml.version = "1.2"
    try:
        return builder.build(yaml.parse(text))
    except MarkedYAMLError as failure:
        mark = failure.problem_mark or failure.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(str(part) for part in (failure.context, failure.problem) if part)
        builder.refuse(NOT_YAML, line, column, f"This is no YAML: {what}.", "Check indentation, quotes and colons.")
    except YAMLError as failure:
        line = text.count("\n", 0, getattr(failure, "position", 0)) + 1
        reason = getattr(failure, "reason", "") or "it cannot be read"
        builder.refuse(NOT_YAML, line, 1, f"This is no YAML: {reason}.", "Remove characters that cannot be shown.")


def _copy(data: Tree) -> Tree:
    """A tree of its own for each reader; aliases become copies."""
    if isinstance(data, dict):
        return {key: _copy(part) for key, part in data.items()}
    if isinstance(data, list):
        return [_copy(part) for part in data]
    return data


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet."""

    data: dict[str, Tree] | list[Tree]
    mark: Mark
    anchor: str | None
    key: str | None = None
    key_place: tuple[int, int] = (1, 1)


class _Builder:
    def __init__(self, name: str) -> None:
        self.name = name
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Tree, Mark]] = {}
        self.root: tuple[Tree, Mark] = (None, Mark(1, 1))
        self.nodes = self.aliases = self.documents = 0

    def build(self, events: Iterable[Any]) -> tuple[Tree, Mark]:
        """The whole tree of a parser's events. Raises DocumentRefused, and what the parser raises."""
        for event in events:
            # The two parsers' events are told apart by nothing but where their classes live.
            take = _TAKERS.get(type(event).__name__)
            if take is not None:
                take(self, event)
        return self.root

    def refuse(self, code: str, line: int, column: int, text: str, suggestion: str = "") -> NoReturn:
        raise DocumentRefused([Problem(Place(self.name, line, column), code, text, suggestion)]) from None

    def _close(self, event: Any) -> None:
        done = self.stack.pop()
        self._put(done.data, done.mark, done.anchor)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.refuse(NOT_YAML, *_start(event), "A second document begins here.", "One file is one document.")

    def _scalar(self, event: Any) -> None:
        self._no_tag(event)
        line, column = _start(event)
        text: str = event.value
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.data, dict) and top.key is None:
            if text in top.data:
                first = top.mark.keys[text][0]
                self.refuse(
                    DUPLICATE_KEY,
                    line,
                    column,
                    f"The key {text!r} stands here twice (first in line {first}).",
                    "Keep one of the two.",
                )
            top.key, top.key_place = text, (line, column)
            return
        plain_null = not event.style and text in ("", "~", "null", "Null", "NULL")
        if plain_null and not text and top is not None:
            # Nothing stands there: the place is the key's, or the list's.
            line, column = top.key_place if top.key is not None else (top.mark.line, top.mark.column)
        self._put(None if plain_null else text, Mark(line, column), event.anchor)

    def _open(self, event: Any) -> None:
        self._no_tag(event)
        line, column = _start(event)
        if self.stack and isinstance(self.stack[-1].data, dict) and self.stack[-1].key is None:
            self.refuse(NOT_YAML, line, column, "A key must be a text, not a list or mapping.")
        if len(self.stack) >= DEEPEST:
            self.refuse(TOO_MUCH, line, column, f"The file is nested deeper than {DEEPEST} levels.")
        data: dict[str, Tree] | list[Tree] = {} if type(event).__name__ == "MappingStartEvent" else []
        self.stack.append(_Open(data, Mark(line, column), event.anchor))

    def _alias(self, event: Any) -> None:
        line, column = _start(event)
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            self.refuse(TOO_MUCH, line, column, f"The file has more than {MOST_ALIASES} aliases.")
        if event.anchor not in self.anchors:
            self.refuse(NOT_YAML, line, column, f"The alias *{event.anchor} has no anchor &{event.anchor} before it.")
        data, mark = self.anchors[event.anchor]
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.data, dict) and top.key is None:
            self.refuse(NOT_YAML, line, column, "An alias cannot be a key.", "Write the key out.")
        self._put(data, mark, None, grown=mark.nodes)

    def _no_tag(self, event: Any) -> None:
        tag = getattr(event, "tag", None)
        if tag not in (None, "!") or (tag == "!" and not getattr(event, "value", None)):
            line, column = _start(event)
            self.refuse(NOT_YAML, line, column, f"The tag {tag} is not understood: every value is text.", "Remove it.")

    def _put(self, data: Tree, mark: Mark, anchor: str | None, *, grown: int = 1) -> None:
        if anchor:
            self.anchors[anchor] = (data, mark)
        self.nodes += grown
        if self.nodes > MOST_NODES:
            self.refuse(TOO_MUCH, mark.line, mark.column, f"The file has more than {MOST_NODES} values.")
        if not self.stack:
            self.root = (data, mark)
            return
        top = self.stack[-1]
        top.mark.nodes += mark.nodes
        if isinstance(top.data, list):
            top.mark.parts[len(top.data)] = mark
            top.data.append(data)
            return
        key = top.key
        assert key is not None  # the parser alternates keys and values
        top.data[key] = data
        top.mark.keys[key] = top.key_place
        # A block's place is the line of its key, which is what a person looks for.
        top.mark.parts[key] = mark if isinstance(data, str) else _beside(mark, top.key_place)
        top.key = None


_TAKERS: Mapping[str, Callable[[_Builder, Any], None]] = {
    "ScalarEvent": _Builder._scalar,
    "MappingStartEvent": _Builder._open,
    "MappingEndEvent": _Builder._close,
    "SequenceStartEvent": _Builder._open,
    "SequenceEndEvent": _Builder._close,
    "AliasEvent": _Builder._alias,
    "DocumentStartEvent": _Builder._document,
}


def _beside(mark: Mark, place: tuple[int, int]) -> Mark:
    return Mark(place[0], place[1], mark.parts, mark.keys, mark.nodes)


def _start(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
