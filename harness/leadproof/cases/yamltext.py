"""Plain data as YAML text that our strict reader reads back as the same data (formats.md: strings first)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[A-Za-z0-9_$+/][A-Za-z0-9_$+/., ()-]*(?<![ ])")
_NOT_TEXT = frozenset({"null", "Null", "NULL"})
_UNSHOWN = re.compile("[^\\x20-\\x7e\\xa0-\\u2027\\u202a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\\U00010000-\\U0010ffff]")
WIDTH = 110


def yaml_text(tree: Mapping[str, Any]) -> str:
    """The mapping as a YAML document; numbers and booleans become the text that the reader's models read."""
    return "".join(_mapping(tree, 0))


def _mapping(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, value in tree.items():
        yield from _item("  " * depth + f"{_scalar(key)}:", value, depth + 1)


def _item(head: str, value: Any, depth: int) -> Iterator[str]:
    flow = _flow(value)
    branches = isinstance(value, Mapping | Sequence) and not isinstance(value, str)
    if len(head) + len(flow) < WIDTH or not value or not branches:
        yield f"{head} {flow}\n"
    elif isinstance(value, Mapping):
        yield f"{head}\n"
        yield from _mapping(value, depth)
    else:
        yield f"{head}\n"
        for one in value:
            yield from _element(one, depth)


def _element(value: Any, depth: int) -> Iterator[str]:
    dash = "  " * depth + "-"
    flow = _flow(value)
    if len(dash) + len(flow) < WIDTH or not isinstance(value, Mapping):
        yield f"{dash} {flow}\n"
        return
    lines = list(_mapping(value, depth + 1))
    first = lines[0].lstrip(" ")
    yield f"{dash} {first}"
    yield from lines[1:]


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = _PLAIN.fullmatch(text) and "," not in text and text not in _NOT_TEXT and " #" not in text
    return text if plain else _UNSHOWN.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    """YAML 1.2, 5.7: what cannot be shown is escaped by its number."""
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
