"""JSON Schema (draft-07, which editors know) of any of our files."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

SCALARS = ("string", "number", "boolean")
DRAFT = "http://json-schema.org/draft-07/schema#"


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The draft-07 schema of a file's model: definitions under `definitions`, no keyword beside a `$ref`."""
    written = model.model_json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = written.pop("$defs", None)
    schema = {"$schema": DRAFT, **_draft07(written)}
    if definitions:
        schema["definitions"] = {name: _draft07(definitions[name]) for name in sorted(definitions)}
    return schema


def _draft07(node: Any) -> Any:
    """pydantic writes 2020-12: a tuple is `prefixItems`, and a `$ref` may have neighbours, which draft-07
    ignores. Our files are strings first: where a text is asked for, what an editor reads as a number is text too
    (`leadproof: 1`), and `yes` is a text that is read as true."""
    if isinstance(node, list):
        return [_draft07(one) for one in node]
    if not isinstance(node, dict):
        return node
    changed = {key: one if key in ("default", "const", "enum") else _draft07(one) for key, one in node.items()}
    if "prefixItems" in changed:
        rest = changed.pop("items", None)
        changed["items"] = changed.pop("prefixItems")
        changed["additionalItems"] = rest if rest is not None else False
    if changed.get("type") == "string" and "enum" not in changed:
        changed["type"] = list(SCALARS)
    if changed.get("type") == "boolean":
        del changed["type"]
        changed["enum"] = [True, False, "yes", "no"]
    const = changed.pop("const", None)
    if const is not None:
        changed["enum"] = [const, int(const)] if isinstance(const, str) and const.isdecimal() else [const]
        changed.pop("type", None)
    if isinstance(changed.get("$ref"), str) and len(changed) > 1:
        changed["allOf"] = [{"$ref": changed.pop("$ref")}]
    return changed
