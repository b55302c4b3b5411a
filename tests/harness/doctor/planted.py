"""Changes laid over the files of the shipped checklist, and what the doctor finds in them.

A change is YAML with these keys: `integration` (changes of the integration file), `crm` and `marketing` (changes of
that org in the recipe; `fields` and `users` are added, or replace those of the same id).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from leadproof.doctor import look
from leadproof.doctor.recipe_lines import in_recipe
from leadproof.findings import Finding, find
from leadproof.integration import load
from leadproof.library import checklist
from leadproof.sandbox import Sandbox, load_recipe
from leadproof.scenario.integrations import laid_over
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree

CRM, MARKETING = "acme-crm", "acme-marketing"
KEYS = {"integration", "crm", "marketing"}


@cache
def _checklist(name: str) -> Any:
    tree, _ = read_tree((checklist() / name).read_text("utf-8"), name)
    return tree


def write_files(changes: Mapping[str, Any], folder: Path) -> tuple[Path, Path]:
    """The checklist's integration and recipe with the changes, in this folder."""
    integration, recipe = folder / "leadproof.yaml", folder / "recipe.yaml"
    integration.write_text(_yaml(laid_over(_checklist("leadproof.yaml"), changes.get("integration", {}))), "utf-8")
    tree = dict(_checklist("recipe.yaml"))
    orgs = dict(tree["orgs"])
    for name, key in ((CRM, "crm"), (MARKETING, "marketing")):
        orgs[name] = _org(orgs[name], changes.get(key, {}))
    recipe.write_text(_yaml({**tree, "orgs": orgs}), "utf-8")
    return integration, recipe


def findings_of(text: str, folder: Path) -> list[Finding]:
    """What is found when the checklist is changed so; what is refused at load as findings too."""
    changes, _ = read_tree(text, "<changes>")
    return looked_at(changes, folder)


def looked_at(changes: Mapping[str, Any], folder: Path) -> list[Finding]:
    """The same of changes that were read. The doctor changes nothing: the journal holds no change after it."""
    integration, recipe = write_files(changes, folder)
    try:
        loaded = load(integration)
        document = load_recipe(recipe)
        started = Sandbox.start(document, seed=1)
    except DocumentRefused as refused:
        return [find(one.code, one.text, places=[one.place], fix=one.suggestion) for one in refused.problems]
    with started as sandbox:
        before = sandbox.lab.last_fact()
        found = look(loaded, sandbox.crm(CRM), sandbox.marketing(MARKETING)).findings
        assert [fact for fact in sandbox.lab.journal(after=before) if fact["kind"] == "change"] == []
    return in_recipe(found, document)


def _org(held: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**held, **changes}
    for key in ("fields", "users"):
        new = {(one.get("object"), one["id"]): one for one in changes.get(key, ())}
        old = [one for one in held.get(key, ()) if (one.get("object"), one["id"]) not in new]
        if old or new:
            merged[key] = [*old, *new.values()]
    return merged


def _yaml(tree: Mapping[str, Any], indent: str = "") -> str:
    """The tree as YAML, a line for each item of a list, so that findings have lines of their own."""
    lines = []
    for key, value in tree.items():
        if isinstance(value, dict) and (indent == "" or "kind" in value):
            lines.append(f"{indent}{key}:\n{_yaml(value, indent + '  ')}".rstrip("\n"))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            items = "\n".join(f"{indent}  - {_flow(one)}" for one in value)
            lines.append(f"{indent}{key}:\n{items}")
        else:
            lines.append(f"{indent}{key}: {_flow(value)}")
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """JSON is YAML; plain words need no quotes in it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    plain = isinstance(value, str) and value.replace("_", "").replace(".", "").isalnum() and value[0].isalpha()
    return value if plain and value not in ("null", "true", "false") else json.dumps(value)
