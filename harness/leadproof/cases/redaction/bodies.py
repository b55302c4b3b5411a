"""Bodies as trees of named texts: JSON, forms, XML, multipart, CSV; changed leaf by leaf and written again.

A visitor gets (name, text, beside): the leaf's own name, the text, and whether what stands beside it is about people.
Names are visited too, under the name `KEY`: some clients use people as keys.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from leadproof.cases.redaction.codes import asked_as
from leadproof.cases.redaction.fields import KEY, PEOPLE, Visit, field_like, is_secret, kind_of, words
from leadproof.cases.redaction.markup import markup
from leadproof.cases.redaction.tables import table
from leadproof.cases.redaction.wrappings import inflate

_VALUE_KEYS = words("value values from to before after new old newvalue oldvalue is not literal")
_NAME_KEYS = ("field", "property", "fieldname", "attribute")
_MAYBE_NAME_KEYS = ("name", "key", "id")
_HEAD_KEYS = ("columns", "fields", "header", "headers")
_ROWS_KEYS = ("rows", "values", "data", "records", "result")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_CALLBACK = re.compile(r"(\s*[\w.$]{1,80}\()(.*)(\)\s*;?\s*)", re.DOTALL)
_SETTING = re.compile(r"(?m)^([ \t]*(?:- )?)([\w.-]{1,80})(:[ \t]+)(\S[^\r\n]*)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_PARAMETER = re.compile(r"(?i)(?<![\w*])((?:file)?name\*?=\"?)((?<=\")[^\"\r\n]*|[^\";\r\n]+)")
_STRUCTURED = ("json", "xml", "html", "csv", "tab-separated", "urlencoded", "yaml", "javascript", "text/")
_OPERATORS = re.compile(r"=|!=|<>|<=|>=|<|>|[a-z_]{2,20}|not [a-z]{2,10}|[a-z]+ (?:with|than|or equal)")


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
    """The body with every leaf visited, in the encoding that it had. What is no text stays as it is."""
    if not body:
        return body
    mime = content_type.partition(";")[0].strip().lower()
    if "multipart/" in mime:
        return _multipart(body, content_type, visit)
    mark, encoding = _encoding(body, content_type)
    try:
        text = body[len(mark) :].decode(encoding)
    except (UnicodeDecodeError, LookupError):
        mark, encoding = b"", "latin-1"  # neither UTF-8 nor anything known: plain letters in it are still seen
        text = body.decode(encoding)
        if not any(one in mime for one in _STRUCTURED):
            return visit("", text, False).encode(encoding, "replace")
    return mark + _text(text, mime, visit).encode(encoding, "replace")


def _text(text: str, mime: str, visit: Visit) -> str:
    if "x-www-form-urlencoded" in mime:
        return form(text, visit)
    if "csv" in mime or "tab-separated" in mime:
        return table(text, visit)
    if "json" in mime or text.lstrip()[:1] in ("{", "["):
        told = _json(text, visit) or _lines(text, visit)
        if told is not None:
            return told
    if "xml" in mime or "html" in mime or text.lstrip()[:1] == "<":
        return markup(text, visit)
    called = _CALLBACK.fullmatch(text) if "script" in mime else None
    inner = _json(called[2], visit) if called is not None else None
    if called is not None and inner is not None:
        return called[1] + inner + called[3]
    if "yaml" in mime:
        return _SETTING.sub(lambda one: f"{one[1]}{one[2]}{one[3]}{visit(one[2], one[4], False)}", text)
    return visit("", text, False)


def _encoding(body: bytes, content_type: str) -> tuple[bytes, str]:
    """The byte order mark, and the encoding that it, the charset or the zero bytes tell."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return mark, encoding
    if b"\0" in body and len(body) % 2 == 0:
        even, odd = body[::2].count(0), body[1::2].count(0)
        if max(even, odd) * 5 > len(body) and min(even, odd) * 20 < max(even, odd):
            return b"", "utf-16-le" if odd > even else "utf-16-be"
    charset = re.search(r"(?i)charset=[\"']?([\w.:-]+)", content_type)
    wide = charset is not None and charset[1].lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))
    if charset is not None and wide:
        return b"", charset[1] if charset[1].lower().endswith(("le", "be")) else charset[1] + "-be"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return b"", charset[1] if charset is not None else "utf-8"
    return b"", "utf-8"


def _lines(text: str, visit: Visit) -> str | None:
    """One JSON value a line (NDJSON); None where a line is none."""
    made: list[str] = []
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        told = _json(bare, visit) if bare else ""
        if told is None:
            return None
        made.append(told + line[len(line.rstrip("\r\n")) :])
    return "".join(made)


def form(text: str, visit: Visit) -> str:
    """A form or a query."""
    pairs = parse_qsl(text, keep_blank_values=True)
    return urlencode([(visit(KEY, key, False), visit(asked_as(key), value, False)) for key, value in pairs])


def _multipart(body: bytes, content_type: str, visit: Visit) -> bytes:
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if found is None:
        return visit("", body.decode("latin-1"), False).encode("latin-1", "replace")
    mark = b"--" + found[1].encode()
    parts = body.split(mark)
    told = [parts[0]]
    for part in parts[1:]:
        head, gap, content = part.partition(b"\r\n\r\n")
        if not gap:
            told.append(part)
            continue
        name = re.search(rb'(?<![\w*])name="([^"]*)"', head)
        mime = re.search(rb"(?i)content-type:\s*([^\r\n]+)", head)
        end = b"\r\n" if content.endswith(b"\r\n") else b""
        inner = content[: len(content) - len(end)]
        if mime is not None:
            new = changed(inner, mime[1].decode("latin-1"), visit)
        else:
            known = (name[1] if name else b"").decode("utf-8", "replace")
            new = visit(known, inner.decode("utf-8", "replace"), False).encode()
        told.append(_part_head(head, visit) + gap + new + end)
    return mark.join(told)


def _part_head(head: bytes, visit: Visit) -> bytes:
    """The lines above a part: names of fields are keys, names of files and all else are texts."""

    def parameter(one: re.Match[str]) -> str:
        return f"{one[1]}{visit(KEY if one[1].lower().startswith('name') else '', one[2], False)}"

    lines = head.decode("utf-8", "surrogateescape").split("\r\n")
    for number, line in enumerate(lines):
        name, colon, value = line.partition(":")
        if name.lower() == "content-disposition":
            lines[number] = _PARAMETER.sub(parameter, line)
        elif colon and name.lower() not in ("content-type", "content-transfer-encoding", "content-length"):
            lines[number] = f"{name}:{visit('', value, False)}"
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


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
    """The same JSON with every text visited; numbers too, where their field is about a person or a secret."""
    if isinstance(value, dict):
        return _object(value, name, people, visit)
    if isinstance(value, list):
        if criteria_row(value) and kind_of(value[0]):
            return [value[0], value[1], json_leaves(value[2], value[0], True, visit)]
        return [json_leaves(one, name, people, visit) for one in value]
    if isinstance(value, _Written):
        told = visit(name, str(value), people) if kind_of(name) or _secret_number(name, value) else str(value)
        return value if told == value else _Written(told) if _NUMBER.fullmatch(told) else told
    return visit(name, value, people) if isinstance(value, str) else value


def _secret_number(name: str, value: str) -> bool:
    """Whether a number is a secret. `code` and `key` are errors' numbers too; one-time codes have six digits."""
    return is_secret(name) and value.isdigit() and len(value) >= (6 if name.lower() in ("code", "key") else 4)


def _object(value: Mapping[str, Any], above: str, people: bool, visit: Visit) -> dict[str, Any]:
    about = people or _about_people(value)
    naming = _naming(value)
    told_by = str(value[naming]) if naming else above if kind_of(above) or is_secret(above) else ""
    heads = _heads(value)
    made: dict[str, Any] = {}
    for key, one in value.items():
        new = visit(KEY, key, False)
        if key == naming:
            made[new] = visit(KEY, one, False)
        elif heads and key.lower() in _ROWS_KEYS and _is_rows(one, len(heads)):
            made[new] = [
                [json_leaves(cell, head, True, visit) for head, cell in zip(heads, row, strict=True)] for row in one
            ]
        else:
            made[new] = json_leaves(one, told_by if told_by and key.lower() in _VALUE_KEYS else key, about, visit)
    return made


def _naming(value: Mapping[str, Any]) -> str:
    """The key under which an object says which field it is about, as {"name": "lastname", "value": "x"} does."""
    for key, one in value.items():
        if isinstance(one, str) and key.lower() in _NAME_KEYS:
            return key
    if not any(key.lower() in ("value", "values") for key in value):
        return ""
    return next(
        (key for key, one in value.items() if key.lower() in _MAYBE_NAME_KEYS and isinstance(one, str)
         and field_like(one)), "",
    )  # fmt: skip


def _heads(value: Mapping[str, Any]) -> list[str]:
    """The names of the columns of rows that stand beside them."""
    for key, one in value.items():
        if key.lower() in _HEAD_KEYS and isinstance(one, list) and one and all(isinstance(name, str) for name in one):
            return one if any(kind_of(name) for name in one) else []
    return []


def _is_rows(value: Any, width: int) -> bool:
    return isinstance(value, list) and all(isinstance(row, list) and len(row) == width for row in value)


def _about_people(value: Mapping[str, Any]) -> bool:
    """Whether an object is a person's record: it says so, or holds what only people have."""
    attributes = value.get("attributes")
    said = value.get("object") or (attributes.get("type") if isinstance(attributes, dict) else None)
    if isinstance(said, str):
        return said.lower() in PEOPLE
    return any(kind_of(key) not in (None, "title") for key in value)


def criteria_row(value: list[Any]) -> bool:
    """Whether it is a row such as ["Email", "=", "x"]: a field, an operator, what it is compared with."""
    if len(value) != 3 or not isinstance(value[0], str) or not isinstance(value[1], str):
        return False
    return value[0].isidentifier() and _OPERATORS.fullmatch(value[1]) is not None
