"""The describes in a file, however they were fetched; what is no describe is refused with what it is instead."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadterms.refusals import LeadtermsError

NO_DESCRIBE = "CFG850"
NO_SUCH_OBJECT = "CFG851"
_HOW = (
    "Save the answer of GET /services/data/v64.0/sobjects/Lead/describe, "
    "or what `sf sobject describe --sobject Lead --json` prints."
)
# PowerShell's `>` writes UTF-16, and many editors a mark at the start of UTF-8.
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class DescribeRefused(LeadtermsError):
    """The file is no describe (CFG850), or holds none of the object asked for (CFG851)."""


@dataclass(frozen=True, slots=True)
class DescribedObject:
    """One object of an org as its describe tells it; `fields` are the describe's own, each with a name and a type."""

    name: str
    label: str
    custom: bool
    fields: tuple[Mapping[str, Any], ...]


def read_describes(path: Path, wanted: Sequence[str] = ()) -> list[DescribedObject]:
    """The objects of the file in its order, only those `wanted` (any letter case) where some are named.

    Raises DescribeRefused, and OSError where the file cannot be read.
    """
    found = [_object(raw, path) for raw in _describes(_json(path), path)]
    if not found:
        raise DescribeRefused(NO_DESCRIBE, f"{path} is an empty list: there is no describe in it.", _HOW)
    twice = sorted({one.name for one in found if sum(other.name == one.name for other in found) > 1})
    if twice:
        raise DescribeRefused(NO_DESCRIBE, f"{path} describes {twice[0]} twice.", "Keep one of the two.")
    if not wanted:
        return found
    by_name = {one.name.lower(): one for one in found}
    missing = [name for name in wanted if name.lower() not in by_name]
    if missing:
        held = ", ".join(one.name for one in found)
        raise DescribeRefused(
            NO_SUCH_OBJECT, f"{path} has no describe of {', '.join(missing)}; it holds {held}.", "Name one of these."
        )
    return [by_name[name.lower()] for name in dict.fromkeys(wanted)]


def _json(path: Path) -> Any:
    raw = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        return json.loads(raw.decode(encoding))
    except UnicodeDecodeError:
        raise DescribeRefused(NO_DESCRIBE, f"{path} is neither UTF-8 nor UTF-16.", _HOW) from None
    except json.JSONDecodeError as wrong:
        start = " ".join(wrong.doc.split())[:40]
        text = f"{path}:{wrong.lineno}:{wrong.colno}: this is no JSON ({wrong.msg}); the file begins {start!r}."
        raise DescribeRefused(NO_DESCRIBE, text, _HOW) from None
    except RecursionError:
        raise DescribeRefused(NO_DESCRIBE, f"{path} is nested too deeply.", _HOW) from None


def _describes(raw: Any, path: Path) -> Iterator[Mapping[str, Any]]:
    """The describes inside the known wrappings: the command line's, a composite batch's, a list."""
    if isinstance(raw, list):
        for one in raw:
            yield from _describes(one, path)
    elif not isinstance(raw, dict):
        raise _refused(path, f"is a JSON {type(raw).__name__}")
    elif "errorCode" in raw:
        raise _refused(path, f"is an error of the org: {raw['errorCode']}: {raw.get('message', '')}")
    elif "fields" in raw:
        yield raw
    elif "result" in raw:
        if raw.get("statusCode", 200) != 200:
            yield from _describes(raw["result"], path)  # its error, which is told
            raise _refused(path, f"holds an answer with status {raw['statusCode']}")
        yield from _describes(raw["result"], path)
    elif isinstance(raw.get("results"), list):
        yield from _describes(raw["results"], path)
    elif raw.get("status") not in (None, 0):
        raise _refused(path, f"is an error of the command line: {raw.get('name', '')}: {raw.get('message', '')}")
    elif "sobjects" in raw:
        raise _refused(path, "is the list of all objects, which has no fields")
    else:
        keys = ", ".join(sorted(map(str, raw))[:6]) or "none"
        raise _refused(path, f"has no `fields` (its keys: {keys})")


def _object(raw: Mapping[str, Any], path: Path) -> DescribedObject:
    name, fields = raw.get("name"), raw["fields"]
    if not isinstance(name, str) or not name:
        raise _refused(path, "has fields, but no `name` of an object")
    if not isinstance(fields, list) or not fields:
        raise _refused(path, f"lists no fields of {name}")
    for number, field in enumerate(fields):
        wrong = isinstance(field, dict) and [key for key in ("name", "type") if not isinstance(field.get(key), str)]
        if wrong or not isinstance(field, dict):
            lacking = f"has no `{wrong[0]}`" if wrong else "is no field"
            raise _refused(path, f"is cut or changed: entry {number} of the fields of {name} {lacking}")
    return DescribedObject(name, str(raw.get("label") or name), raw.get("custom") is True, tuple(fields))


def _refused(path: Path, what: str) -> DescribeRefused:
    return DescribeRefused(NO_DESCRIBE, f"{path} {what}: that is no describe of an object.", _HOW)
