"""People in queries: the literals of SOQL and SQL conditions, and what SOSL is to find."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from leadproof.cases.redaction.fields import PEOPLE, Kind

_QUERY = re.compile(
    r"(?i)(?<![\w.])(?:(?P<field>[A-Za-z_][\w.]{0,120})"
    r"(?P<is>\s{0,9}(?:=|!=|<>|<=|>=|<|>|\bLIKE\b|\b(?:NOT\s+)?IN\b)\s*\(?\s*)"
    r"(?:(?P<literals>'(?:[^'\\]|\\.)*'(?:\s*,\s*'(?:[^'\\]|\\.)*')*)|(?P<day>\d{4}-\d\d-\d\d)(?![\dT]))"
    r"|FIND\s{0,9}\{(?P<find>(?:[^{}\\]|\\.)*)\})"
)
_LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'")
_FROM = re.compile(r"(?i)\bFROM\s+(\w+)")
_FOUND = re.compile(r"\b(?:AND|OR|NOT)\b")
_OWNERS = PEOPLE | {"owner", "createdby", "lastmodifiedby", "who", "manager"}
Kinds = Callable[[str], Kind | None]
Change = Callable[[Kind, str], str]


def literals(text: str, kinds: Kinds) -> Iterator[tuple[Kind, str]]:
    """What is said about people in the conditions of a text."""
    for found in _QUERY.finditer(text):
        if found["find"] is not None:
            yield from (("text", part) for part in _FOUND.split(found["find"]))
            continue
        kind = _kind(found["field"], text, kinds)
        if kind is not None:
            yield from ((kind, one[1]) for one in _LITERAL.finditer(found["literals"] or ""))


def requeried(text: str, kinds: Kinds, change: Change, rest: Callable[[str], str]) -> str:
    """The text with these changed; `rest` changes what stands between, and conditions about other things."""
    pieces: list[str] = []
    at = 0
    for found in _QUERY.finditer(text):
        told = _changed(found, text, kinds, change)
        if told is not None:
            pieces += [rest(text[at : found.start()]), told]
            at = found.end()
    return "".join([*pieces, rest(text[at:])])


def _changed(found: re.Match[str], text: str, kinds: Kinds, change: Change) -> str | None:
    if found["find"] is not None:
        start, end = found.start("find") - found.start(), found.end("find") - found.start()
        parts = re.split(r"(\b(?:AND|OR|NOT)\b)", found["find"])
        inner = "".join(part if number % 2 else change("text", part) for number, part in enumerate(parts))
        return found[0][:start] + inner + found[0][end:]
    kind = _kind(found["field"], text, kinds)
    if kind is None:
        return None
    if found["day"]:
        return f"{found['field']}{found['is']}{change(kind, found['day'])}" if kind == "date" else None
    told = _LITERAL.sub(lambda one: f"'{_literal(kind, one[1], change)}'", found["literals"])
    return f"{found['field']}{found['is']}{told}"


def _literal(kind: Kind, text: str, change: Change) -> str:
    return change(kind, text.replace("\\'", "'")).replace("'", "\\'")


def _kind(field: str, text: str, kinds: Kinds) -> Kind | None:
    """A field's kind; `Name` is a person's where persons are asked for."""
    above, _, bare = field.rpartition(".")
    if bare.lower() != "name":
        return kinds(field)
    if above:
        return "text" if above.rpartition(".")[2].lower() in _OWNERS else None
    return "text" if any(one[1].lower() in PEOPLE for one in _FROM.finditer(text)) else None
