"""What exactly to write in a recipe: the general fix of a finding becomes a line and, where that is sure, a patch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any

from leadproof.findings import At, Finding
from leadproof.findings.patches import listed, replaced, where
from leadterms.documents import Document

ADDRESS, UNMATCHABLE = "NET110", "ASG201"


def mended(found: Sequence[Finding], recipe: Document[Any], *, caller: str = "connector") -> list[Finding]:
    """The findings, those that the recipe can mend with the line and the words to write. `caller`: the recipe's actor
    whose address was refused. Places that name no line of this recipe's stay as they are."""
    return [_mended(one, recipe, caller) for one in found]


def _mended(finding: Finding, recipe: Document[Any], caller: str) -> Finding:
    at = next((one for one in finding.places if isinstance(one, At) and one.org in recipe.model.orgs), None)
    if at is None or finding.code not in (ADDRESS, UNMATCHABLE):
        return finding
    return _allowed(finding, at, recipe, caller) if finding.code == ADDRESS else _joined(finding, at, recipe)


def _allowed(finding: Finding, at: At, recipe: Document[Any], caller: str) -> Finding:
    """The caller's own address, added to the list that lacks it."""
    actor = recipe.model.actors.get(caller)
    networks = recipe.model.orgs[at.org].allowlist
    if actor is None or not networks or _inside(actor.address, networks):
        return finding
    place = recipe.place("orgs", at.org, "allowlist")
    fix = f"Add {actor.address}, or its network, to the `allowlist` of {at.org} at {where(place)}."
    return replace(finding, fix=fix, patch=listed(place, actor.address))


def _inside(address: str, networks: Sequence[object]) -> bool:
    try:
        return any(ip_address(address) in ip_network(str(one), strict=False) for one in networks)
    except ValueError:
        return True  # not an address that we can judge: say nothing more than before


def _joined(finding: Finding, at: At, recipe: Document[Any]) -> Finding:
    """Conditions that exclude each other because each wants one field to be something else: any will do."""
    rules = recipe.model.orgs[at.org].assignment_rules
    numbers = [number for number, one in enumerate(rules) if one.name == at.record]
    if len(numbers) != 1 or rules[numbers[0]].criteria is None:
        return finding
    criteria = rules[numbers[0]].criteria
    place = recipe.place("orgs", at.org, "assignment_rules", numbers[0])
    count = len(criteria.rows)
    both, either = (f" {word} ".join(str(number) for number in range(1, count + 1)) for word in ("AND", "OR"))
    one_field = len({str(row[0]) for row in criteria.rows}) == 1 and all(row[1] == "=" for row in criteria.rows)
    if count < 2 or not one_field or (criteria.logic or both) != both:
        return replace(finding, fix=f"{finding.fix.rstrip('.')}: rule {at.record} at {where(place)}.")
    fix = f"Write `logic: {either}` in rule {at.record} at {where(place)}, or take all but one of its conditions out."
    return replace(finding, fix=fix, patch=replaced(place, f"logic: {both}", f"logic: {either}"))
