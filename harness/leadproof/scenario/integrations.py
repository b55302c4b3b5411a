"""The integration of a scenario: its file, with the scenario's own `integration_changes` laid over it, in the names
of the systems that it runs on, and in the engine's for the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from leadproof.integration import Integration, from_document, load
from leadproof.integration.renaming import renamed
from leadproof.names import Names
from leadterms.documents import Document, Edit
from leadterms.fileproblems import describe
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What both systems call things; and the dialects that they speak, where those are chosen for the run."""

    crm: Names = field(default_factory=Names)
    marketing: Names = field(default_factory=Names)
    dialects: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        """Whether either speaks otherwise than the engine, or is chosen."""
        return bool(self.crm or self.marketing or self.dialects)

    def edit(self, tree: Any) -> Any:
        """A whole integration file in the vendors' names."""
        told = renamed(_with_defaults(tree), self.crm.to_vendor, self.marketing.to_vendor)
        if self.dialects is None:
            return told
        crm, marketing = self.dialects
        return laid_over(told, {"systems": {"crm": {"dialect": crm}, "marketing": {"dialect": marketing}}})


def _with_defaults(tree: Tree) -> Tree:
    """The integration with what it leaves unsaid about names said: the defaults are the native dialect's."""
    people = tree.get("people") or {}
    if not isinstance(people, dict):
        return tree
    link = {"crm_id_in_marketing": "crm_id", **(people.get("link") or {})}
    return {**tree, "people": {"marketing": "prospect", "match": ["email"], **people, "link": link}}


def load_integration(path: Path, changes: Tree, edit: Edit | None = None) -> Integration:
    """Read the file, changed by `edit`, with the changes laid over it. Raises DocumentRefused; places are those of
    the file."""
    itself = _itself(path, path.read_bytes() if path.is_file() else b"")
    if not changes and edit is None:
        return itself  # and it must be right before anything is laid over it
    text = path.read_text(encoding="utf-8-sig")
    tree, marks = read_tree(text, str(path))
    edited = edit(tree) if edit is not None else tree
    merged = laid_over(edited if isinstance(edited, dict) else {}, changes)
    try:
        model = Integration.model_validate(merged)
    except ValidationError as failure:
        raise DocumentRefused(describe(failure, Integration, marks, f"{path} with integration_changes")) from None
    return from_document(Document(path, text, model, marks, str(path)))


@lru_cache(maxsize=32)
def _itself(path: Path, holding: bytes) -> Integration:
    """The file that holds this; nobody changes what it says, and all scenarios of a folder read the same one."""
    return load(path)


def load_spoken(path: Path, changes: Tree, spoken: Spoken) -> Integration:
    """The same for systems that call things otherwise than the engine: file and changes may be in the engine's names
    or in the vendors', and what is answered is in the vendors'. Raises DocumentRefused."""
    tree, _ = read_tree(path.read_text(encoding="utf-8-sig"), str(path))
    base: Tree = tree if isinstance(tree, dict) else {}
    told = renamed(changes, spoken.crm.to_vendor, spoken.marketing.to_vendor, of=base)
    return load_integration(path, told, spoken.edit)


def in_engine_names(integration: Integration, spoken: Spoken) -> Integration:
    """What the oracle judges by: the same integration in the journal's names; places stay those of the file."""
    if not (spoken.crm or spoken.marketing):
        return integration
    tree = integration.model_dump(by_alias=True, exclude_unset=True)
    document = integration._document
    assert document is not None, "an integration of a scenario was read from a file"
    model = Integration.model_validate(renamed(tree, spoken.crm.to_engine, spoken.marketing.to_engine))
    return from_document(replace(document, model=model))


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
