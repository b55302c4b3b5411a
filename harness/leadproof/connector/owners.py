"""Whose lead is it: the CRM's owner is the master, marketing's follows (sync-semantics.md)."""

from __future__ import annotations

from leadproof.connector.cycle import Cycle, Marks, Visit
from leadproof.connector.kinds import Kind
from leadproof.connector.users import Partner
from leadproof.findings import At
from leadproof.systems.ports import Record

OWNER = "@owner"
"""The owner's place among the settled pairs of a link."""

_TROUBLES = {"missing": "USR101", "inactive": "USR102", "ambiguous": "USR103"}


def owner_to_write(cycle: Cycle, kind: Kind, visit: Visit, marks: Marks) -> str | None:
    """The owner that marketing's record must get: a user's id, "" for none, None to leave it as it is."""
    crm, marketing = visit.crm, visit.marketing
    if not kind.owned or crm is None or marketing is None or visit.link is None or not crm.owner:
        return None
    partner = cycle.users.partner(crm.owner, "marketing")
    if partner.trouble is not None:
        _unmapped(cycle, kind, visit, marks, crm.owner, partner)
        return None
    wanted = partner.user or ""
    if wanted == (marketing.owner or ""):
        return None
    if partner.user is None:
        cycle.find(
            "USR105",
            f"The queue {_name(cycle, crm.owner)} owns {crm.object} {crm.id}; marketing's owner becomes blank.",
            cycle.at("crm", crm),
        )
    pair = visit.link.pairs.get(OWNER)
    if pair is not None and pair[0] == crm.owner and pair[1] != (marketing.owner or ""):
        cycle.find(
            "OWN306",
            f"Marketing's owner of {marketing.id} was {marketing.owner or 'blank'}; the CRM's owner "
            f"{_name(cycle, crm.owner)} stands.",
            cycle.at("marketing", marketing),
        )
    return wanted


def _unmapped(cycle: Cycle, kind: Kind, visit: Visit, marks: Marks, owner: str, partner: Partner) -> None:
    crm = visit.crm
    assert crm is not None
    cycle.find(
        "USR104",
        f"The CRM user {_name(cycle, owner)} owns {crm.object} {crm.id}, and marketing's user {partner.wanted!r} is "
        f"{partner.trouble}; marketing's owner stays as it is.",
        At("crm", cycle.crm.name, "User", owner),
        cycle.at("crm", crm),
    )
    marks.set_aside(kind, visit.source, visit.asking, "USR104", f"{owner}: {partner.trouble}", "users")


def crm_owner_for(cycle: Cycle, prospect: Record) -> tuple[str | None, bool]:
    """The owner to create a CRM record with, and whether the CRM's rules shall choose instead."""
    if cycle.integration.people.assign_by == "crm_rules" or not prospect.owner:
        return None, True
    partner = cycle.users.partner(prospect.owner, "crm")
    if partner.user is not None:
        return partner.user, False
    default = cycle.default_owner()
    named = cycle.users.user("marketing", prospect.owner)
    cycle.find(
        _TROUBLES[partner.trouble or "missing"],
        f"Marketing's owner {named.user_name if named else prospect.owner!r} of prospect {prospect.id} has no "
        f"active partner in the CRM ({partner.wanted!r} is {partner.trouble or 'missing'}); the record is "
        f"delivered to {default or 'the connector user'}.",
        At("crm", cycle.crm.name, "User", "", partner.wanted),
        cycle.at("marketing", prospect),
    )
    return default, False


def marketing_owner_for(cycle: Cycle, record: Record) -> str | None:
    """The owner to create a marketing record with; the visit after the creation says what is wrong with it."""
    return cycle.users.partner(record.owner, "marketing").user if record.owner else None


def _name(cycle: Cycle, id: str) -> str:
    user = cycle.users.user("crm", id)
    return user.user_name if user is not None else id
