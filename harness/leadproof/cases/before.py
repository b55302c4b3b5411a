"""What both systems hold before the first step (formats.md "Case bundle": schema/ and before/)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from leadproof.sandbox import Sandbox
from leadterms.documents import Document

SETTINGS = ("allowlist", "assignment_rules", "duplicate_rules", "default_owner", "connector", "quota", "time_zone")
_SORTED = orjson.OPT_SORT_KEYS
Fact = Mapping[str, Any]


def state_before(recipe: Document[Any], seed: str, scenario: str) -> dict[str, bytes]:
    """The files `schema/<org>.json` and `before/<org>.jsonl` of the world that a recipe and a seed make. Raises
    DocumentRefused where the recipe makes none."""
    with Sandbox.start(recipe, seed=seed, scenario=scenario) as sandbox:
        facts = list(sandbox.lab.journal(kind="change"))
        files: dict[str, bytes] = {}
        for org in sandbox.orgs():
            files[f"schema/{org.name}.json"] = schema_json(sandbox, org.name)
            settings = recipe.model.orgs[org.name].model_dump(mode="json", include=set(SETTINGS))
            mine = [fact for fact in facts if fact["org"] == org.name]
            files[f"before/{org.name}.jsonl"] = records_text(settings, mine)
    return files


def schema_json(sandbox: Sandbox, org: str) -> bytes:
    """The org's objects and fields, as describe calls tell them."""
    told = {
        id: {"label": one.label, "fields": [field.to_json() for field in one.fields.values()]}
        for id, one in sandbox.schema(org).items()
    }
    return orjson.dumps({"org": org, "objects": told}, option=_SORTED | orjson.OPT_INDENT_2) + b"\n"


def records_text(settings: Mapping[str, Any], facts: Iterable[Fact]) -> bytes:
    """A line of settings (allowlist, rules, quota ...), then each live record: object, id and values."""
    records: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in facts:
        held = records.setdefault((fact["object"], fact["id"]), {})
        held.update({name: after for name, (_, after) in fact["fields"].items()})
        if fact["op"] == "delete":
            del records[(fact["object"], fact["id"])]
    lines = [orjson.dumps({"settings": dict(settings)}, option=_SORTED)]
    for (object, id), values in records.items():
        kept = {name: value for name, value in values.items() if value is not None}
        lines.append(orjson.dumps({"object": object, "id": id, "values": kept}, option=_SORTED))
    return b"\n".join(lines) + b"\n"
