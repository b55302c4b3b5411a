"""Bodies as trees of named texts: JSON, forms, XML, multipart, CSV; changed leaf by leaf and written again.

A visitor gets (name, text, beside): the leaf's own name, the text, and whether what stands beside it is about people.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from leadproof.cases.redaction.fields import is_secret, kind_of, words
from leadproof.cases.redaction.wrappings import inflate

Visit = Callable[[str, str, bool], str]
PEOPLE = words("lead contact user prospect person account opportunitycontact submission member")
_VALUE_KEYS = words("value values from to before after new old newvalue oldvalue is not literal")
_NAME_KEYS = ("field", "property", "fieldname", "attribute")
_OPERATORS = re.compile(r"=|!=|<>|<=|>=|<|>|[a-z_]{2,20}|not [a-z]{2,10}|[a-z]+ (?:with|than|or equal)")
_TAG = re.compile(
    r"<(/?)([\w:.-]+)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>|(<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[!?][^>]*>)",
    re.DOTALL,
)
_FILE_NAME = re.compile(rb'(filename=")([^"]*)"')
_ATTRIBUTE = re.compile(r"([\w:.-]+)(\s*=\s*)(\"[^\"]*\"|'[^']*')")


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its content coding (RFC 9110, 8.4). Raises ValueError for one that cannot be undone."""
    for coding in reversed([one.strip().lower() for one in encoding.split(",") if one.strip()]):
        if coding in ("identity", ""):
            continue
        if coding not in ("gzip", "x-gzip", "deflate"):
            raise ValueError(f"a body in the content coding {coding} cannot be read")
        try:
            body = inflate(body, 47)
        except zlib.error:
            body = inflate(body, -15)  # deflate without its wrapper, as some servers send it
    return body


def changed(body: bytes, content_type: str, visit: Visit) -> bytes:
    """The body with every leaf visited. What is no text stays as it is."""
    if not body:
        return body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _multipart(body, content_type, visit) if "multipart/" in content_type else _latin(body, visit)
    mime = content_type.partition(";")[0].strip().lower()
    if "multipart/" in mime:
        return _multipart(body, content_type, visit)
    if "x-www-form-urlencoded" in mime:
        return form(text, visit).encode()
    if "csv" in mime:
        return table(text, visit).encode()
    if "json" in mime or text.lstrip()[:1] in ("{", "["):
        told = _json(text, visit)
        if told is not None:
            return told.encode()
    if "xml" in mime or "html" in mime or text.lstrip()[:1] == "<":
        return markup(text, visit).encode()
    return visit("", text, False).encode()


def _latin(body: bytes, visit: Visit) -> bytes:
    """Neither UTF-8 nor anything known: as single bytes, so that plain letters in it are still seen."""
    told = visit("", body.decode("latin-1"), False)
    return told.encode("latin-1", "replace")


def form(text: str, visit: Visit) -> str:
    """A form or a query."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(key, visit(key, value, False)) for key, value in pairs])


def table(text: str, visit: Visit) -> str:
    """CSV, each cell under its column's header."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows:
        return text
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n" if "\r\n" in text else "\n")
    head = rows[0]
    people = any(kind_of(name) for name in head)
    writer.writerow(head)
    for row in rows[1:]:
        names = [*head, *[""] * (len(row) - len(head))]
        writer.writerow([visit(name, cell, people) for name, cell in zip(names, row, strict=False)])
    return made.getvalue()


def markup(text: str, visit: Visit) -> str:
    """XML and HTML, kept as written: only the texts between tags and in attributes change."""
    from html import escape, unescape

    pieces: list[str] = []
    open_names: list[str] = []
    at = 0

    def leaf(raw: str, name: str) -> str:
        plain = unescape(raw)
        if not plain.strip():
            return raw
        told = visit(name, plain, False)
        return raw if told == plain else escape(told, quote=False)

    for tag in _TAG.finditer(text):
        name = open_names[-1] if open_names else ""
        pieces.append(leaf(text[at : tag.start()], name))
        at = tag.end()
        closing, opened, attributes, alone, other = tag.groups()
        if other is not None:
            pieces.append(_aside(other, name, visit))
            continue
        local = opened.rpartition(":")[2]
        if closing:
            if open_names:
                open_names.pop()
        elif not alone:
            open_names.append(local)
        told = _ATTRIBUTE.sub(lambda one: _attribute(one, visit), attributes or "")
        pieces.append(f"<{closing}{opened}{told}{alone}>" if told != attributes else tag[0])
    pieces.append(leaf(text[at:], ""))
    return "".join(pieces)


def _aside(part: str, name: str, visit: Visit) -> str:
    """What is no element: texts in CDATA and comments change."""
    if part.startswith("<!--"):
        return f"<!--{visit('', part[4:-3], False)}-->"
    if not part.startswith("<![CDATA["):
        return part
    return f"<![CDATA[{visit(name, part[9:-3], False)}]]>"


def _attribute(one: re.Match[str], visit: Visit) -> str:
    from html import escape, unescape

    name, equals, quoted = one.groups()
    if name.startswith("xmlns"):
        return one[0]
    plain = unescape(quoted[1:-1])
    told = visit(name.rpartition(":")[2], plain, False)
    return one[0] if told == plain else f"{name}{equals}{quoted[0]}{escape(told)}{quoted[0]}"


def _multipart(body: bytes, content_type: str, visit: Visit) -> bytes:
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if found is None:
        return _latin(body, visit)
    mark = b"--" + found[1].encode()
    parts = body.split(mark)
    told = [parts[0]]
    for part in parts[1:]:
        head, gap, content = part.partition(b"\r\n\r\n")
        if not gap:
            told.append(part)
            continue
        name = re.search(rb'name="([^"]*)"', head)
        mime = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
        end = b"\r\n" if content.endswith(b"\r\n") else b""
        inner = content[: len(content) - len(end)]
        if mime is not None:
            new = changed(inner, mime[1].decode("latin-1"), visit)
        else:
            known = (name[1] if name else b"").decode("utf-8", "replace")
            new = visit(known, inner.decode("utf-8", "replace"), False).encode()
        told.append(_FILE_NAME.sub(lambda one: _named(one, visit), head) + gap + new + end)
    return mark.join(told)


def _named(one: re.Match[bytes], visit: Visit) -> bytes:
    return one[1] + visit("", one[2].decode("utf-8", "replace"), False).encode() + b'"'


def _json(text: str, visit: Visit) -> str | None:
    try:
        parsed = json.loads(text, parse_float=_Written, parse_int=_Written)
    except (ValueError, RecursionError):
        return None
    return _dumped(json_leaves(parsed, "", False, visit))


def nested(text: str, visit: Visit) -> str | None:
    """JSON as a string, its leaves visited and written as it was; None for what is no JSON object or list."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    before = _json(text, lambda name, leaf, people: leaf)
    after = _json(text, visit)
    return text if after == before else after


class _Written(str):
    """A number as it is written: none of its digits may be lost."""

    __slots__ = ()


def _dumped(value: Any) -> str:
    if isinstance(value, _Written):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_dumped(key)}:{_dumped(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_dumped, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def json_leaves(value: Any, name: str, people: bool, visit: Visit) -> Any:
    """The same JSON with every text visited; numbers too, where their field is about a person."""
    if isinstance(value, dict):
        return _object(value, people, visit)
    if isinstance(value, list):
        if criteria_row(value) and kind_of(value[0]):
            return [value[0], value[1], json_leaves(value[2], value[0], True, visit)]
        return [json_leaves(one, name, people, visit) for one in value]
    if isinstance(value, _Written):
        secret = is_secret(name) and name.lower() not in ("code", "key")  # a number there is an error's, or a place
        told = visit(name, str(value), people) if secret or kind_of(name) else str(value)
        return value if told == value else _Written(told) if told.lstrip("-").isdigit() and told[:1] != "0" else told
    return visit(name, value, people) if isinstance(value, str) else value


def _object(value: Mapping[str, Any], people: bool, visit: Visit) -> dict[str, Any]:
    about = people or _about_people(value)
    told_by = next((str(value[key]) for key in value if key.lower() in _NAME_KEYS and isinstance(value[key], str)), "")
    made: dict[str, Any] = {}
    for key, one in value.items():
        name = told_by if told_by and key.lower() in _VALUE_KEYS else key
        # A key that is no name of a field may be somebody: {"anna@acme.example": ...}.
        told = key if key.isidentifier() else visit("", key, False)
        made[told] = json_leaves(one, name, about, visit)
    return made


def _about_people(value: Mapping[str, Any]) -> bool:
    """Whether an object is a person's record: it says so, or holds what only people have."""
    attributes = value.get("attributes")
    said = value.get("object") or (attributes.get("type") if isinstance(attributes, dict) else None)
    if isinstance(said, str):
        return said.lower() in PEOPLE
    return any(kind_of(key) for key in value)


def criteria_row(value: list[Any]) -> bool:
    """Whether it is a row such as ["Email", "=", "x"]: a field, an operator, what it is compared with."""
    if len(value) != 3 or not isinstance(value[0], str) or not isinstance(value[1], str):
        return False
    return value[0].isidentifier() and _OPERATORS.fullmatch(value[1]) is not None
