"""Campaign members: which statuses a campaign has, who is a member of what, and one view of both sides.

sync-semantics.md "Campaigns and reports": a membership is keyed by (campaign, person), first-responded is set once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import orjson

from leadsim.engine.change import Caller, Saved
from leadsim.engine.refusals import Problem, Refused
from leadsim.engine.stored import Stored
from leadterms.values import Value

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.engine.transaction import Transaction
    from leadsim.engine.writing import Writing

MEMBER_OBJECTS = ("CampaignMember", "membership")


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """A status that members of one campaign can have; `responded` counts as an answer in the reports."""

    name: str
    responded: bool


@dataclass(frozen=True, slots=True)
class MemberFields:
    """The ids of a membership's fields on one side."""

    object: str
    campaign: str
    people: tuple[str, ...]
    status: str
    responded: str
    first_responded: str
    statuses: str
    default: tuple[MemberStatus, ...]


CRM_MEMBERS = MemberFields(
    "CampaignMember", "Campaign", ("Contact", "Lead"), "Status", "HasResponded", "FirstRespondedDate", "MemberStatuses",
    (MemberStatus("Sent", False), MemberStatus("Responded", True)),
)  # fmt: skip
MARKETING_MEMBERS = MemberFields(
    "membership", "campaign", ("prospect",), "status", "responded", "first_responded_at", "member_statuses",
    (
        MemberStatus("sent", False), MemberStatus("opened", False),
        MemberStatus("clicked", True), MemberStatus("responded", True),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A membership as both sides speak of it. The person is the contact, where a lead was converted."""

    record: Stored
    campaign: str
    person_object: str
    person: str
    status: str
    responded: bool
    first_responded_at: str | None


@dataclass(frozen=True, slots=True)
class MemberWrite:
    """Put a person into a campaign with a status (None: the campaign's first, or as it is), or take it out."""

    op: Literal["set", "remove"]
    campaign: str
    person_object: str
    person: str
    status: str | None = None
    idempotency_key: str = ""


def member_fields(org: Org) -> MemberFields:
    """The names on this org's side."""
    return CRM_MEMBERS if org.kind == "crm" else MARKETING_MEMBERS


def statuses_of(org: Org, campaign: Stored) -> tuple[MemberStatus, ...]:
    """The statuses of a campaign, the first is what a new member gets; the side's usual ones if it says none."""
    names = member_fields(org)
    written = campaign.values.get(names.statuses)
    if not isinstance(written, str):
        return names.default
    return tuple(MemberStatus(one["name"], bool(one.get("responded", False))) for one in orjson.loads(written))


def check_statuses(org: Org, object: str, values: Mapping[str, Value]) -> list[Problem]:
    """What is wrong with the statuses that a campaign is written with: JSON, [{"name", "responded"}]."""
    field = member_fields(org).statuses
    written = values.get(field)
    if object not in ("Campaign", "campaign") or not isinstance(written, str):
        return []
    try:
        read = orjson.loads(written)
    except orjson.JSONDecodeError:
        read = None
    names = [one.get("name") for one in read if isinstance(one, dict)] if isinstance(read, list) else []
    fine = isinstance(read, list) and read and len(names) == len(read) and all(isinstance(n, str) and n for n in names)
    if fine and len(set(names)) == len(names):
        return []
    text = f'{object}.{field} must be JSON, [{{"name": "Sent", "responded": false}}, ...], each name once.'
    return [Problem(object, None, field, written, "statuses", text)]


def derive_member(
    transaction: Writing, before: Stored | None, values: dict[str, Value], *, system: bool
) -> list[Problem]:
    """Fill status, responded and first-responded; say what is wrong with the person, the campaign or the status.

    Raises Refused("duplicate") when the person is a member of the campaign already."""
    org = transaction.org
    names = member_fields(org)
    campaign = org.row(str(values.get(names.campaign, "")))
    people = [field for field in names.people if values.get(field) is not None]
    if campaign is None or campaign.object != org.schema.get(names.object).fields[names.campaign].refers_to:
        return []  # the required and reference checks say it
    id = before.id if before is not None else None
    if not people or (len(people) > 1 and not system and before is None):
        text = f"{names.object} needs exactly one of {' and '.join(names.people)}."
        return [Problem(names.object, id, people[0] if people else names.people[0], None, "one_person", text)]
    statuses = statuses_of(org, campaign)
    if values.get(names.status) is None:
        values[names.status] = statuses[0].name
    status = next((one for one in statuses if one.name.casefold() == str(values[names.status]).casefold()), None)
    if status is None:
        listed = ", ".join(one.name for one in statuses)
        text = f"The campaign {campaign.id} has no member status {values[names.status]!r}; it has: {listed}."
        return [Problem(names.object, id, names.status, values[names.status], "choice", text)]
    values[names.status] = status.name
    values[names.responded] = status.responded or (system and values.get(names.responded) is True)
    if status.responded and values.get(names.first_responded) is None:
        values[names.first_responded] = org.clock.now()
    for field in people:
        known = find_member(org, campaign.id, field, str(values[field]))
        if known is not None and known.id != id:
            text = f"{field} {values[field]} is a member of campaign {campaign.id} already."
            raise Refused("duplicate", text, matches=(known.id,))
    return []


def find_member(org: Org, campaign: str, field: str, person: str) -> Stored | None:
    """The live membership of a person in a campaign."""
    names = member_fields(org)
    found = (one for one in org.lookup(names.object, field, person) if one.values.get(names.campaign) == campaign)
    return next(found, None)


def view(org: Org, record: Stored) -> Member:
    """A membership record as both sides speak of it."""
    names = member_fields(org)
    values = record.plain
    field = next((one for one in names.people if values.get(one) is not None), names.people[-1])
    first = values.get(names.first_responded)
    return Member(
        record, str(values.get(names.campaign, "")), field,
        str(values.get(field, "")), str(values.get(names.status, "")),
        values.get(names.responded) is True, None if first is None else str(first),
    )  # fmt: skip


def changed_members(org: Org, since: int | None, limit: int) -> tuple[list[Member], int, bool]:
    """Memberships changed after the cursor, removed ones too; the next cursor; whether there are more."""
    records, following, more = org.changes(member_fields(org).object, since, limit)
    return [view(org, record) for record in records], following, more


def set_members(org: Org, writes: Sequence[MemberWrite], by: Caller) -> list[Saved | Refused]:
    """Do up to 200 member writes as one transaction; a refused one leaves no trace."""
    from leadsim.engine.change import Change
    from leadsim.engine.records import BATCH_LIMIT

    if len(writes) > BATCH_LIMIT:
        raise Refused("invalid", f"At most {BATCH_LIMIT} members in one call, not {len(writes)}. Send several.")
    names = member_fields(org)

    def change(write: MemberWrite) -> Change:
        if write.person_object not in names.people:
            raise Refused("invalid", f"A member is one of {', '.join(names.people)}, not {write.person_object!r}.")
        known = find_member(org, write.campaign, write.person_object, write.person)
        if write.op == "remove":
            if known is None:
                text = f"{write.person_object} {write.person} is no member of campaign {write.campaign}."
                raise Refused("gone", text)
            return Change("delete", names.object, id=known.id)
        values: dict[str, Any] = {} if write.status is None else {names.status: write.status}
        if known is not None:
            return Change("update", names.object, id=known.id, values=values, assign=False)
        values |= {names.campaign: write.campaign, write.person_object: write.person}
        return Change("create", names.object, values=values, assign=False)

    def work(transaction: Transaction) -> list[Saved | Refused]:
        return [transaction.row(partial(change, write), key=write.idempotency_key, content=write) for write in writes]

    return org.step(by, work)


def campaigns(org: Org) -> list[tuple[Stored, tuple[MemberStatus, ...]]]:
    """All campaigns with their member statuses, in the order of creation."""
    object = "Campaign" if org.kind == "crm" else "campaign"
    return [(campaign, statuses_of(org, campaign)) for campaign in org.reading.all_of(object)]
