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
    for found, kind in _conditions(text, kinds):
        if found["find"] is not None:
            yield from ((kind, part) for part in _FOUND.split(found["find"]))
        else:
            yield from ((kind, one[1]) for one in _LITERAL.finditer(found["literals"] or ""))


def requeried(text: str, kinds: Kinds, change: Change, rest: Callable[[str], str]) -> str:
    """The text with these changed; `rest` changes what stands between, and conditions about other things."""
    pieces: list[str] = []
    at = 0
    for found, kind in _conditions(text, kinds):
        pieces += [rest(text[at : found.start()]), _changed(found, kind, change)]
        at = found.end()
    return "".join([*pieces, rest(text[at:])])


def _conditions(text: str, kinds: Kinds) -> Iterator[tuple[re.Match[str], Kind]]:
    """Those about people. `Name` is a person's where persons are asked for, which is looked up once for a text."""
    about: bool | None = None
    for found in _QUERY.finditer(text):
        if found["find"] is not None:
            yield found, "text"
            continue
        above, _, bare = found["field"].rpartition(".")
        kind = kinds(found["field"])
        if bare.lower() == "name" and above:
            kind = "text" if above.rpartition(".")[2].lower() in _OWNERS else kind
        elif bare.lower() == "name" and kind is None:
            if about is None:
                about = any(one[1].lower() in PEOPLE for one in _FROM.finditer(text))
            kind = "text" if about else None
        if kind is not None and (kind == "date" or not found["day"]):
            yield found, kind


def _changed(found: re.Match[str], kind: Kind, change: Change) -> str:
    if found["find"] is not None:
        start, end = found.start("find") - found.start(), found.end("find") - found.start()
        parts = re.split(r"(\b(?:AND|OR|NOT)\b)", found["find"])
        inner = "".join(part if number % 2 else change(kind, part) for number, part in enumerate(parts))
        return found[0][:start] + inner + found[0][end:]
    if found["day"]:
        return f"{found['field']}{found['is']}{change(kind, found['day'])}"
    told = _LITERAL.sub(lambda one: f"'{_literal(kind, one[1], change)}'", found["literals"])
    return f"{found['field']}{found['is']}{told}"


def _literal(kind: Kind, text: str, change: Change) -> str:
    return change(kind, text.replace("\\'", "'")).replace("'", "\\'")
