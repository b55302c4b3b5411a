"""Fields as the YAML of a recipe: a part to paste, or put into a recipe's file without touching the rest of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from leadproof.describes.fields import Imported
from leadterms.fields import FieldSpec
from leadterms.refusals import LeadtermsError

DIFFERS = "CFG852"
NO_PLACE = "CFG853"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?: [A-Za-z0-9_]+)*\Z")
# What YAML readers take for something else than text, in some version of it.
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_BLANK = FieldSpec("", "", "", "")


class RecipeTextRefused(LeadtermsError):
    """The recipe's file cannot take the fields: CFG852 a field of it differs, CFG853 they have no place there."""


def as_recipe_part(imported: Imported, source: str) -> str:
    """The fields, and custom objects, as they stand below an org of a recipe."""
    lines = [f"# From {source}, for an org of a recipe with `dialect: salesforce`."]
    if imported.objects:
        lines += ["objects:", *(f"  - {_flow({'id': id, 'label': label})}" for id, label in imported.objects)]
    lines += ["fields:", *(f"  - {_flow(entry(spec))}" for spec in imported.fields)]
    if not imported.fields:
        lines[-1] = "fields: []"
    return "\n".join(lines) + "\n"


def entry(spec: FieldSpec) -> dict[str, Any]:
    """A field as a recipe writes it: what is as by default is not said."""
    told = spec.to_json()
    default = {**_BLANK.to_json(), "default": False if spec.type == "checkbox" else None}
    kept = {key: value for key, value in told.items() if key in ("object", "id", "type") or value != default[key]}
    if kept.get("label") == spec.id:
        del kept["label"]
    return kept


def into_recipe(text: str, org: str, imported: Imported, present: Sequence[FieldSpec], file: str) -> str:
    """The recipe's text with the fields that its org lacks. `present`: those that the org has already.

    Only block lists are added to, so that comments and layout stay as they are. Raises RecipeTextRefused.
    """
    known = {(one.object, one.id): one for one in present}
    wanted = []
    for spec in imported.fields:
        old = known.get((spec.object, spec.id))
        if old is None:
            wanted.append(spec)
        elif entry(old) != entry(spec):
            raise RecipeTextRefused(
                DIFFERS,
                f"{file}: {org} has {spec.object}.{spec.id} already, as {_flow(entry(old))}; "
                f"the describe makes it {_flow(entry(spec))}.",
                "Remove the field from the recipe, or correct it, and import again.",
            )
    lines = text.splitlines()
    start, indent = _org(lines, org, file)
    rows = [_flow(entry(spec)) for spec in wanted]
    objects = [_flow({"id": id, "label": label}) for id, label in imported.objects if f"id: {id}" not in text]
    lines = _added(lines, start, indent, "fields", rows, file)
    lines = _added(lines, start, indent, "objects", objects, file)
    return "\n".join(lines) + "\n"


def _org(lines: Sequence[str], org: str, file: str) -> tuple[int, int]:
    """The line of the org's key, and the indentation of the keys below it."""
    inside = False
    for number, line in enumerate(lines):
        if re.match(r"orgs:\s*(#.*)?$", line):
            inside = True
        elif inside and (found := re.match(rf"(\s+)(['\"]?){re.escape(org)}\2:\s*(#.*)?$", line)):
            below = next((one for one in lines[number + 1 :] if one.strip() and not one.lstrip().startswith("#")), "")
            depth = len(below) - len(below.lstrip())
            return number, depth if depth > len(found[1]) else len(found[1]) + 2
    raise RecipeTextRefused(
        NO_PLACE, f"{file}: there is no org {org} with lines of its own to add to.", "Write the org over several lines."
    )


def _added(lines: list[str], start: int, indent: int, key: str, rows: Sequence[str], file: str) -> list[str]:
    """The lines with `rows` at the end of the list `key` of the org, which is made where it is missing."""
    if not rows:
        return lines
    end = _end(lines, start + 1, indent - 1)
    for number in range(start + 1, end):
        found = re.match(rf" {{{indent}}}{key}:(.*)$", lines[number])
        if found and found[1].split("#")[0].strip():
            raise RecipeTextRefused(
                NO_PLACE,
                f"{file}:{number + 1}: `{key}` is written in one line.",
                "Write one entry a line, behind `- `.",
            )
        if found:
            last = _end(lines, number + 1, indent, dashes=True)
            first = next((one for one in lines[number + 1 : last] if one.lstrip().startswith("-")), "")
            depth = len(first) - len(first.lstrip()) if first else indent + 2
            return [*lines[:last], *(f"{' ' * depth}- {row}" for row in rows), *lines[last:]]
    added = [f"{' ' * indent}{key}:", *(f"{' ' * (indent + 2)}- {row}" for row in rows)]
    return [*lines[:end], *added, *lines[end:]]


def _end(lines: Sequence[str], start: int, indent: int, *, dashes: bool = False) -> int:
    """The line behind the block whose lines are indented by more than `indent`; `dashes`: list entries of exactly
    that indentation belong to it too. Blank lines and comments at its end stay outside."""
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = len(line) - len(line.lstrip())
        if depth <= indent and not (dashes and depth == indent and line.lstrip().startswith("- ")):
            break
        end = number + 1
    return end


def _flow(value: object) -> str:
    """A value in YAML's flow style, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, bool | int):
        return json.dumps(value)
    text = str(value)
    plain = _PLAIN.match(text) and text.lower() not in _WORDS
    return text if plain else json.dumps(text, ensure_ascii=not text.isprintable())
