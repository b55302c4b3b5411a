"""C2: an owner who has no partner on the other side, from whichever side it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadproof.diagnosis.causes import Cause, Proof
from leadproof.findings import find
from leadproof.findings.patches import paired, where

if TYPE_CHECKING:
    from leadproof.diagnosis.owners import Search


def same_name(one: str, other: str) -> bool:
    """User names compare trimmed and casefolded (sync-semantics.md "Whose lead is it"); a blank one is nobody's."""
    return bool(one) and one.strip().casefold() == other.strip().casefold()


def without_partner_in_crm(search: Search) -> Iterator[Cause]:
    """Marketing's owner has no partner, so the lead went to whom leads go that are nobody's."""
    users = search.case.integration.users
    if not search.orphaned or any(
        same_name(one.user_name, search.mapped(search.marketing_owner)) for one in search.users.values()
    ):
        return
    org = search.case.org("crm")
    text = (
        f"{search.marketing_owner} owned the prospect in {search.case.org('marketing')} and has no partner in {org}: "
        f"there is no such user, and users.map does not name the pair; so {search.found} owns the lead."
    )
    at = search.case.at("marketing", "user", search.marketing_owner)
    last = search.case.integration.place("users", "map", *list(users.map)[-1:])
    there = f" at {where(last)}" if last is not None else ""
    pair = f"{search.marketing_owner}: {search.expected}"
    fix = f"Add the pair `{pair}` to `users.map`{there}, or give both users the same user name."
    found = find("USR101", text, places=[last, at], fix=fix, patch=paired(last, pair) if users.map else None)
    yield Cause(found, Proof.PROVED)


def without_partner_in_marketing(search: Search) -> Iterator[Cause]:
    """The CRM's owner has no partner in marketing, so marketing's owner stayed as it was."""
    owner, users = search.crm_owner, search.case.integration.users
    known = [one.user_name for one in search.case.histories.marketing.users if one.active]
    if not owner or any(same_name(there, owner) for there in users.map.values()):
        return
    if any(same_name(name, owner) for name in known) or not any(same_name(name, search.expected) for name in known):
        return
    org = search.case.org("marketing")
    text = (
        f"{owner} owns the person in {search.case.org('crm')} and has no partner in {org}: there is no such user, "
        f"and users.map does not name the pair; so {search.found or 'nobody'} stays the owner there."
    )
    last = search.case.integration.place("users", "map", *list(users.map)[-1:])
    there = f" at {where(last)}" if last is not None else ""
    pair = f"{search.expected}: {owner}"
    fix = f"Add the pair `{pair}` to `users.map`{there}, or give both users the same user name."
    found = find("USR101", text, places=[last, search.at], fix=fix, patch=paired(last, pair) if users.map else None)
    yield Cause(found, Proof.PROVED)
