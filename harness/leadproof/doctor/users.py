"""C2: users that are mapped to nobody, and campaigns that are mapped to nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadproof.findings import At, Finding, find
from leadproof.integration import Integration
from leadproof.systems.organization import User
from leadproof.systems.ports import Capability, Crm, Marketing
from leadterms.criteria import parse_criteria
from leadterms.refusals import Place


def _folded(name: str) -> str:
    return name.strip().casefold()


def look_at_users(integration: Integration, crm: Crm, marketing: Marketing) -> list[Finding]:
    """Mapped names that do not exist or are inactive, doubled names, owners in marketing without a partner."""
    ours = [one for one in marketing.users() if not one.queue]
    theirs = [one for one in crm.users() if not one.queue]
    pairs = {_folded(here): there for here, there in integration.users.map.items()}
    found = []
    for here, there in integration.users.map.items():
        place = integration.place("users", "map", here)
        for side, org, name, users in (
            ("marketing", marketing.name, here, ours),
            ("crm", crm.name, there, theirs),
        ):
            places: list[Place | At | None] = [place, At(side, org, "User", name)]
            same = [one for one in users if _folded(one.user_name) == _folded(name)]
            if not same:
                cause = f"users.map names {name}, and {org} has no such user."
                found.append(find("USR106", cause, places=places))
            elif not any(one.active for one in same):
                cause = f"users.map names {name}, who is inactive in {org}."
                found.append(find("USR102", cause, places=places))
    found += _doubled(crm.name, theirs)
    found += _owners_without_partner(integration, marketing, ours, theirs, pairs)
    return found


def partnered_users(integration: Integration, crm: Crm, marketing: Marketing) -> frozenset[str] | None:
    """The ids of the CRM's users whose leads a user of marketing owns too: by user name, or by `users.map`. None where
    marketing tells no users."""
    pairs = {_folded(here): _folded(there) for here, there in integration.users.map.items()}
    ours = [_folded(one.user_name) for one in marketing.users() if one.active and not one.queue]
    if not ours:
        return None
    partners = {pairs.get(name, name) for name in ours}
    return frozenset(one.id for one in crm.users() if _folded(one.user_name) in partners)


def _doubled(org: str, users: Sequence[User]) -> list[Finding]:
    active: dict[str, list[User]] = {}
    for one in users:
        if one.active:
            active.setdefault(_folded(one.user_name), []).append(one)
    return [
        find(
            "USR103",
            f"{org} has {len(same)} active users called {name}.",
            places=[At("crm", org, "User", one.id) for one in same],
        )
        for name, same in sorted(active.items())
        if len(same) > 1
    ]


def _owners_without_partner(
    integration: Integration,
    marketing: Marketing,
    ours: Sequence[User],
    theirs: Sequence[User],
    pairs: Mapping[str, str],
) -> list[Finding]:
    """Users of marketing who own prospects and have no partner among the CRM's users."""
    known = {_folded(one.user_name) for one in theirs}
    found = []
    for user in ours:
        partner = _folded(pairs.get(_folded(user.user_name), user.user_name))
        if partner in known:
            continue
        owned = parse_criteria({"rows": [[marketing.owner_field, "=", user.id]]})
        if next(marketing.find(integration.people.marketing, owned, []), None) is not None:
            cause = f"{user.user_name} owns prospects in {marketing.name} and has no partner in the CRM."
            found.append(find("USR101", cause, places=[At("marketing", marketing.name, "user", user.id)]))
    return found


def look_at_campaigns(integration: Integration, crm: Crm, marketing: Marketing) -> list[Finding]:
    """Campaigns and member statuses that the integration names and an org does not have."""
    if Capability.MEMBERS not in crm.can or Capability.MEMBERS not in marketing.can or not integration.campaigns:
        return []
    here = {one.name: {status.name for status in one.statuses} for one in marketing.campaigns()}
    there = {one.name: {status.name for status in one.statuses} for one in crm.campaigns()}
    found = []
    for number, mapping in enumerate(integration.campaigns):
        place = integration.place("campaigns", number)
        sides = (
            ("marketing", marketing.name, mapping.marketing, here, list(mapping.statuses)),
            ("crm", crm.name, mapping.crm, there, list(mapping.statuses.values())),
        )
        for side, org, name, campaigns, statuses in sides:
            at = At(side, org, "campaign", name)
            places: list[Place | At | None] = [place, at]
            if name not in campaigns:
                cause = f"campaigns names {name}, and {org} has: {', '.join(sorted(campaigns)) or 'none'}."
                found.append(find("RPT506", cause, places=places))
                continue
            for status in statuses:
                if status not in campaigns[name]:
                    known = ", ".join(sorted(campaigns[name]))
                    cause = f"{name} of {org} has no member status {status}; it has: {known}."
                    found.append(find("RPT504", cause, places=places))
    return found
