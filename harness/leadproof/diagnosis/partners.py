"""C2: an owner who has no partner on the other side, from whichever side it is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from leadproof.diagnosis.causes import Cause, Proof
from leadproof.findings import At, find
from leadproof.findings.patches import pair_of, paired, where

if TYPE_CHECKING:
    from leadproof.diagnosis.owners import Search


def same_name(one: str, other: str) -> bool:
    """User names compare trimmed and casefolded (sync-semantics.md "Whose lead is it"); a blank one is nobody's."""
    return bool(one) and one.strip().casefold() == other.strip().casefold()


def without_partner_in_crm(search: Search) -> Iterator[Cause]:
    """Marketing's owner has no partner, so the lead went to whom leads go that are nobody's. Where users.map names a
    partner for this owner who is not there, the doctor tells that (USR106)."""
    owner, users = search.marketing_owner, search.case.integration.users
    if not search.orphaned or any(same_name(here, owner) for here in users.map):
        return
    people = [one for one in search.users.values() if not one.queue]
    if any(same_name(one.user_name, owner) for one in search.users.values()):
        return
    org = search.case.org("crm")
    text = (
        f"{owner} owned the prospect in {search.case.org('marketing')} and has no partner in {org}: "
        f"there is no such user, and users.map does not name the pair; so {search.found} owns the lead."
    )
    known = any(same_name(one.user_name, search.expected) for one in people)
    yield _unpaired(search, text, search.case.at("marketing", "user", owner), (owner, search.expected) if known else ())


def without_partner_in_marketing(search: Search) -> Iterator[Cause]:
    """The CRM's owner has no partner in marketing, so marketing's owner stayed as it was. A queue has none by the law,
    and an expected owner who is paired already is somebody else's partner."""
    owner, users = search.crm_owner, search.case.integration.users
    known = [one.user_name for one in search.case.histories.marketing.users if one.active]
    if any(one.queue and same_name(one.user_name, owner) for one in search.users.values()):
        return
    if any(same_name(here, search.expected) for here in users.map):
        return
    if not owner or any(same_name(there, owner) for there in users.map.values()):
        return
    if any(same_name(name, owner) for name in known) or not any(same_name(name, search.expected) for name in known):
        return
    org = search.case.org("marketing")
    text = (
        f"{owner} owns the person in {search.case.org('crm')} and has no partner in {org}: there is no such user, "
        f"and users.map does not name the pair; so {search.found or 'nobody'} stays the owner there."
    )
    yield _unpaired(search, text, search.at, (search.expected, owner))


def _unpaired(search: Search, text: str, at: At, names: tuple[str, str] | tuple[()]) -> Cause:
    """The cause; `names`: marketing's user and the CRM's whose pair mends it, blank where nobody knows the partner."""
    integration = search.case.integration
    last = integration.place("users", "map", *list(integration.users.map)[-1:])
    if not names:
        return Cause(find("USR101", text, places=[last, at]), Proof.PROVED)
    pair = pair_of(*names)
    there = f" at {where(last)}" if last is not None else ""
    fix = f"Add the pair `{pair}` to `users.map`{there}, or give both users the same user name."
    patch = paired(last, pair) if integration.users.map else None
    return Cause(find("USR101", text, places=[last, at], fix=fix, patch=patch), Proof.PROVED)
