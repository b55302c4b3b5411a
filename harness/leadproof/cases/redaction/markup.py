"""XML and HTML, kept as written: only what stands between tags, in attributes and in comments changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

from leadproof.cases.redaction.fields import PEOPLE, Visit

_TAG = re.compile(
    r"<(/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>"
    r"|(<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)"
    r"|<!DOCTYPE[^>\[]*(?:\[.*?(?:\]\s*>|\Z)|>|\Z)|<![^>]*(?:>|\Z))",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")
_SAYS_TYPE = re.compile(r"(?:^|[\s:])type\s*=\s*[\"'](?:[\w.-]+:)?(\w+)[\"']")
_ANGLES = re.compile(r"([<>]+)")


@dataclass(slots=True)
class _Open:
    """An element that is open; `people`: it is a person's record, or inside of one."""

    name: str
    people: bool


def markup(text: str, visit: Visit, *, inside: bool = False) -> str:
    """The same text; `inside`: of a comment, where no further comment is looked into."""
    pieces: list[str] = []
    path: list[_Open] = [_Open("", False)]
    at = 0
    for tag in _TAG.finditer(text):
        pieces.append(_between(text[at : tag.start()], path, visit))
        at = tag.end()
        closing, opened, attributes, alone, other = tag.groups()
        if other is not None:
            pieces.append(_other(other, path[-1], visit, inside))
            continue
        told = _ATTRIBUTE.sub(lambda one: _attribute(one, visit), attributes or "")
        pieces.append(f"<{closing}{opened}{told}{alone}>" if told != attributes else tag[0])
        if closing:
            if len(path) > 1:
                path.pop()
        elif not alone:
            path.append(_opened(opened.rpartition(":")[2], attributes or "", path[-1]))
    pieces.append(_between(text[at:], path, visit))
    return "".join(pieces)


def _opened(local: str, attributes: str, above: _Open) -> _Open:
    said = _SAYS_TYPE.search(attributes)
    return _Open(local, above.people or local.lower() in PEOPLE or (said is not None and said[1].lower() in PEOPLE))


def _between(raw: str, path: list[_Open], visit: Visit) -> str:
    plain = unescape(raw)
    if not plain.strip():
        return raw
    here = path[-1]
    if here.name == "type" and len(path) > 2 and plain.strip().lower() in PEOPLE:
        path[-2].people = True  # SOAP's partner interface tells a record's type in its first element
    told = visit(here.name, plain, here.people)
    return raw if told == plain else escape(told, quote=False)


def _other(part: str, here: _Open, visit: Visit, inside: bool) -> str:
    """Comments, character data, processing instructions and document types."""
    if part.startswith("<![CDATA["):
        end = "]]>" if part.endswith("]]>") else ""
        return f"<![CDATA[{visit(here.name, part[9 : len(part) - len(end)], here.people)}{end}"
    if part.startswith("<!--") and not inside:
        end = "-->" if part.endswith("-->") and len(part) >= 7 else ""
        return f"<!--{markup(part[4 : len(part) - len(end)], visit, inside=True)}{end}"
    return "".join(one if _ANGLES.fullmatch(one) else visit("", one, False) for one in _ANGLES.split(part))


def _attribute(one: re.Match[str], visit: Visit) -> str:
    name, equals, quoted = one.groups()
    if name.startswith("xmlns"):
        return one[0]
    plain = unescape(quoted[1:-1])
    told = visit(name.rpartition(":")[2], plain, False)
    return one[0] if told == plain else f"{name}{equals}{quoted[0]}{escape(told)}{quoted[0]}"
