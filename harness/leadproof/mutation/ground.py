"""The ground that mistakes are planted in: one integration and one recipe as plain data, with names for their parts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from leadterms.documents import Edit
from leadterms.refusals import DocumentRefused
from leadterms.yamltree import read_tree

Tree: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Ground:
    """Both files' data, read once. Kinds only read it; what they change is a copy (`Changed`)."""

    integration: Tree
    recipe: Tree
    integration_path: Path
    recipe_path: Path

    @classmethod
    def read(cls, integration: Path, recipe: Path) -> Ground:
        """Both files. Raises DocumentRefused where one cannot be read."""
        return cls(_tree(integration), _tree(recipe), integration, recipe)

    @cached_property
    def crm_name(self) -> str:
        return str(self.integration["systems"]["crm"]["org"])

    @cached_property
    def marketing_name(self) -> str:
        return str(self.integration["systems"]["marketing"]["org"])

    def org(self, side: str) -> Tree:
        """What the recipe says of this side's org."""
        held: Tree = self.recipe["orgs"][self.crm_name if side == "crm" else self.marketing_name]
        return held

    @cached_property
    def people(self) -> Tree:
        return self.integration.get("people") or {}

    @cached_property
    def prospect(self) -> str:
        return str(self.people.get("marketing", "prospect"))

    @cached_property
    def fields(self) -> list[Tree]:
        """The field mappings as written."""
        return [one for one in self.integration.get("fields") or [] if isinstance(one, dict)]

    def mapped(self) -> Iterator[tuple[int, Tree]]:
        """The mappings that have both sides, with their places."""
        for number, one in enumerate(self.fields):
            if one.get("crm") and one.get("marketing") and one.get("direction") != "none":
                yield number, one

    def custom(self, side: str) -> Iterator[tuple[int, Tree]]:
        """The custom fields of the people that are mapped, with their places in the recipe."""
        mapped = {
            name for _, one in self.mapped() for name in (crm_names(one) if side == "crm" else [one["marketing"]])
        }
        for number, one in enumerate(self.org(side).get("fields") or []):
            if one["id"] in mapped:
                yield number, one

    @cached_property
    def users(self) -> dict[str, str]:
        """The user map: marketing's user name -> the CRM's."""
        return dict((self.integration.get("users") or {}).get("map") or {})

    @cached_property
    def rules(self) -> list[Tree]:
        """The CRM's assignment rules."""
        return list(self.org("crm").get("assignment_rules") or [])


@dataclass
class Changed:
    """Copies of both files' data, which one mutant changes. `connector` and `secret` are what no file says."""

    ground: Ground
    integration: Tree = field(default_factory=dict)
    recipe: Tree = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.integration, self.recipe = deepcopy(self.ground.integration), deepcopy(self.ground.recipe)

    def org(self, side: str) -> Tree:
        """The recipe's org of one side, to be changed."""
        held: Tree = self.recipe["orgs"][self.ground.crm_name if side == "crm" else self.ground.marketing_name]
        return held

    @property
    def people(self) -> Tree:
        """`people` of the integration, to be changed."""
        held: Tree = self.integration.setdefault("people", {})
        return held

    def mapping(self, number: int) -> Tree:
        """One field mapping, to be changed."""
        held: Tree = self.integration["fields"][number]
        return held


def crm_names(mapping: Tree) -> list[str]:
    """The CRM field ids of a mapping, one for each object that has its own."""
    crm = mapping.get("crm")
    return list(dict.fromkeys(crm.values())) if isinstance(crm, dict) else [str(crm)] if crm else []


def put(tree: Tree) -> Edit:
    """An edit that puts this data in the place of the file's."""
    return lambda _: deepcopy(tree)


def _tree(path: Path) -> Tree:
    tree, _ = read_tree(path.read_text(encoding="utf-8-sig"), str(path))
    if not isinstance(tree, dict):
        raise DocumentRefused([])
    return tree
