"""Where in a recipe the thing stands that a finding is about: the file's line goes before the place in the system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from leadproof.doctor.mending import mended
from leadproof.findings import At, Finding
from leadterms.documents import Document
from leadterms.refusals import Place

Loc: TypeAlias = tuple[str | int, ...]
_SETTINGS = {
    "NET110": ("allowlist",),
    "CON101": ("connector",),
    "CON102": ("connector",),
    "CON110": ("logins",),
    "CON111": ("logins",),
    "CON112": ("quota",),
    "ASG207": ("default_owner",),
    "ASG203": ("assignment_rules",),
}
"""Codes that are about one setting of an org."""


def in_recipe(found: Sequence[Finding], recipe: Document[Any]) -> list[Finding]:
    """The findings with the recipe's lines before the places that the recipe made, and with what to write there; others
    stay as they are."""
    return mended([replace(one, places=_placed(one, recipe)) for one in found], recipe)


def _placed(finding: Finding, recipe: Document[Any]) -> tuple[Place | At, ...]:
    """A place of the integration file stays first: what is written there is what people change."""
    places: list[Place | At] = [one for one in finding.places if isinstance(one, Place)]
    for one in finding.places:
        if isinstance(one, At):
            loc = _part(finding.code, one, recipe)
            if loc is not None:
                places.append(recipe.place(*loc))
            places.append(one)
    return tuple(dict.fromkeys(places))


def _part(code: str, at: At, recipe: Document[Any]) -> Loc | None:
    org = recipe.model.orgs.get(at.org)
    if org is None:
        return None
    root: Loc = ("orgs", at.org)
    if code in _SETTINGS and getattr(org, _SETTINGS[code][0], None):
        return (*root, *_SETTINGS[code])
    if code in _SETTINGS:
        return root
    rules = [one.name for one in getattr(org, "assignment_rules", ())]
    if at.record in rules and code.startswith(("ASG", "MAP")):
        return _numbered(root, "assignment_rules", rules, at.record)
    if at.record and code.startswith("USR"):
        return _numbered(root, "users", [str(_of(one, "id")) for one in org.users], at.record)
    if at.field:
        ids = [(_of(one, "object"), _of(one, "id")) for one in org.fields]
        return _numbered(root, "fields", ids, (at.object, at.field))
    return None


def _numbered(root: Loc, key: str, names: Sequence[object], name: object) -> Loc | None:
    return (*root, key, names.index(name)) if name in names else None


def _of(part: Any, key: str) -> object:
    return part.get(key) if isinstance(part, dict) else getattr(part, key, None)
