"""The catalogue of finding codes: code -> level, title, what, why, fix, failing example, near miss.

Each family is one YAML file, read when the first of its codes is asked for (performance.md "What follows", 8:
`leadproof explain` must start fast). Families are never renumbered (formats.md "Findings").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "NET": "address, TLS, DNS",
        "CON": "connection switched off, credentials, permission, quota",
        "USR": "users",
        "ASG": "assignment rules",
        "MAP": "fields",
        "OWN": "master, overwrite, direction",
        "DUP": "matching",
        "DQ": "data quality",
        "RPT": "reports",
        "CYC": "connector behaviour",
        "REF": "a request was refused",
        "CFG": "our files",
        "RUN": "usage and environment",
        "SIM": "ours",
    }
)
_KEYS = ("level", "title", "what", "why", "fix", "example", "near_miss")
_KEYS_OF_PIECES = (
    ("integration|crm|marketing", "`integration`, `crm` and `marketing` change the files of the shipped checklist."),
    (
        "steps|scenario",
        "`steps` are a scenario on the files of the shipped checklist; `scenario` is one of the checklist.",
    ),
    ("pair", "`pair` takes the files of these vendors instead."),
    ("connector", "`connector` plants this bug in the connector (`leadproof mutate`)."),
    ("calls", "`calls` are requests to the sandbox's native API."),
    ("csv", "`csv` is a file for `leadproof import`."),
    ("field", "`field` is defined as in a recipe, and the value is entered into it."),
)
"""Keys of examples and near misses that are run -> what they mean."""


class UnknownCode(KeyError):
    """No family of the catalogue has this code."""

    def __init__(self, code: str, near: tuple[str, ...]) -> None:
        self.code, self.near = code, near
        super().__init__(code)

    def __str__(self) -> str:
        hint = f" Did you mean {', '.join(self.near)}?" if self.near else ""
        return f"There is no finding {self.code}.{hint} `leadproof explain` without a code lists them all."


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says about one code; every text is written for the person who reads it."""

    code: str
    level: Level
    title: str
    what: str
    why: str
    fix: str
    example: str
    near_miss: str


@cache
def _text(prefix: str) -> str:
    return (files("leadproof.findings") / f"{prefix.lower()}.yaml").read_text(encoding="utf-8")


@cache
def _family(prefix: str) -> Mapping[str, Entry]:
    return MappingProxyType(_read(prefix, _text(prefix)))


@cache
def _one(prefix: str, code: str) -> Entry | None:
    """One entry alone, from its lines: a run needs a few of them, and YAML in pure Python takes its time."""
    lines = re.search(rf"^{code}:.*\n(?:(?:[ #].*)?\n)*", _text(prefix), re.MULTILINE)
    return None if lines is None else _read(prefix, lines[0])[code]


def _read(prefix: str, text: str) -> dict[str, Entry]:
    from leadterms.yamltree import read_tree

    entries = {}
    read: Any = read_tree(text, f"{prefix.lower()}.yaml")[0]
    for code, told in (read or {}).items():
        missing = [key for key in _KEYS if not told.get(key)]
        if missing or set(told) - set(_KEYS) or not code.startswith(prefix):
            raise ValueError(f"{prefix.lower()}.yaml: {code} lacks {missing} or has keys beyond {_KEYS}")
        texts = {key: str(told[key]).strip() for key in _KEYS if key != "level"}
        entries[code] = Entry(code=code, level=_level(told["level"]), **texts)
    return entries


def _level(word: str) -> Level:
    for level in LEVELS:
        if word == level:
            return level
    raise ValueError(f"{word!r} is no level; the levels are {LEVELS}")


def _prefix(code: str) -> str:
    return code.rstrip("0123456789")


def codes() -> tuple[str, ...]:
    """Every code of the catalogue, family by family in the order of FAMILIES, numbers rising."""
    return tuple(code for prefix in FAMILIES for code in sorted(_family(prefix)))


def entry(code: str) -> Entry:
    """The catalogue's entry; raises UnknownCode, with the nearest codes, if there is none."""
    wanted = code.strip().upper()
    prefix = _prefix(wanted)
    if prefix in FAMILIES:
        found = _one(prefix, wanted)
        if found is not None:
            return found
        raise UnknownCode(code, tuple(sorted(_family(prefix), key=lambda known: _distance(known, wanted))[:3]))
    raise UnknownCode(code, ())


def _distance(known: str, wanted: str) -> tuple[int, str]:
    digits = wanted[len(_prefix(wanted)) :]
    number = int(digits) if digits else 0
    return abs(int(known[len(_prefix(known)) :]) - number), known


def _read_so(pieces: str) -> Iterator[str]:
    """How the keys of these pieces are read, where a reader may not know."""
    known = [text for key, text in _KEYS_OF_PIECES if re.search(rf"^(?:{key}):", pieces, re.MULTILINE)]
    if known:
        yield "How to read them\n" + " ".join(known)


def explain(code: str) -> str:
    """The whole entry as plain text, for a terminal; raises UnknownCode."""
    told = entry(code)
    parts = [
        f"{told.code} ({told.level}): {told.title}",
        f"What it means\n{told.what}",
        f"Why it matters\n{told.why}",
        f"How to mend it\n{told.fix}",
        f"Example that fires\n{told.example}",
        f"Near miss that does not\n{told.near_miss}",
        *_read_so(told.example + "\n" + told.near_miss),
    ]
    return "\n\n".join(parts)
