"""The integration of a scenario: its file, with the scenario's own `integration_changes` laid over it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leadproof.integration import Integration, from_document, load
from leadterms.documents import Document, Edit
from leadterms.fileproblems import describe
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree

Tree = dict[str, Any]


def load_integration(path: Path, changes: Tree, edit: Edit | None = None) -> Integration:
    """Read the file, changed by `edit`, with the changes laid over it. Raises DocumentRefused; places are those of
    the file."""
    if not changes and edit is None:
        return load(path)
    load(path)  # the file itself must be right before anything is laid over it
    text = path.read_text(encoding="utf-8-sig")
    tree, marks = read_tree(text, str(path))
    edited = edit(tree) if edit is not None else tree
    merged = laid_over(edited if isinstance(edited, dict) else {}, changes)
    try:
        model = Integration.model_validate(merged)
    except ValidationError as failure:
        raise DocumentRefused(describe(failure, Integration, marks, f"{path} with integration_changes")) from None
    return from_document(Document(path, text, model, marks, str(path)))


def laid_over(base: Tree, changes: Tree) -> Tree:
    """`changes` merged into `base`: mappings key by key, `fields` pair by pair, other lists whole."""
    merged = dict(base)
    for key, change in changes.items():
        held = merged.get(key)
        if key == "fields" and isinstance(held, list) and isinstance(change, list):
            merged[key] = _fields_over(held, change)
        elif isinstance(held, dict) and isinstance(change, dict):
            merged[key] = laid_over(held, change)
        else:
            merged[key] = change
    return merged


def _fields_over(held: list[Any], changes: list[Any]) -> list[Any]:
    """A changed mapping stands where the one of the same marketing field stood; a new one goes to the end."""
    merged = list(held)
    for change in changes:
        pair = _pair(change)
        at = [number for number, one in enumerate(merged) if _pair(one) == pair]
        if at:
            merged[at[0]] = {**merged[at[0]], **change}
        else:
            merged.append(change)
    return merged


def _pair(mapping: Any) -> str:
    if not isinstance(mapping, dict):
        return repr(mapping)
    return str(mapping.get("marketing") or f"crm:{mapping.get('crm')}")
