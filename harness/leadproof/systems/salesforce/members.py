"""Campaign members: one row of CampaignMember for a lead or contact in a campaign.

The row of a lead that was converted names both, and counts as the contact's (sync-semantics.md "Conversion").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from leadproof.systems.campaigns import Member, MemberWrite
from leadproof.systems.ports import Refusal, Write, WriteResult
from leadproof.systems.salesforce.describing import Json, moment
from leadproof.systems.salesforce.soql import listed, select

OBJECT = "CampaignMember"
FIELDS = ("Id", "CampaignId", "LeadId", "ContactId", "Status", "HasResponded", "FirstRespondedDate", "IsDeleted",
          "CreatedDate", "SystemModstamp")  # fmt: skip
PERSON_FIELDS: Mapping[str, str] = {"Lead": "LeadId", "Contact": "ContactId"}
CHUNK = 200
Place = tuple[str, str, str]
"""(campaign, person's object, person)"""


def as_member(raw: Json) -> Member:
    """One row."""
    object = "Contact" if raw.get("ContactId") else "Lead"
    responded = raw.get("FirstRespondedDate")
    return Member(
        id=raw["Id"],
        campaign=raw["CampaignId"],
        person_object=object,
        person=raw[PERSON_FIELDS[object]],
        status=raw.get("Status") or "",
        responded=raw.get("HasResponded") is True,
        deleted=raw.get("IsDeleted") is True,
        modified=moment(raw["SystemModstamp"]),
        # The vendor keeps the day only.
        first_responded=datetime.fromisoformat(responded).replace(tzinfo=UTC) if responded else None,
    )


def set_members(
    writes: Sequence[MemberWrite],
    query: Callable[[str], list[Json]],
    send: Callable[[Sequence[Write]], list[WriteResult]],
) -> list[WriteResult]:
    """Look for the rows that are there, then create, update or delete. A person who became a member in between is
    looked for once more: setting a status twice is setting it once."""
    results: dict[int, WriteResult] = {}
    left = list(range(len(writes)))
    for last in (False, True):
        held = _held([writes[place] for place in left], query)
        wishes: list[tuple[int, Write]] = []
        for place in left:
            done = _decided(writes[place], held.get(_place(writes[place])))
            if isinstance(done, WriteResult):
                results[place] = done
            else:
                wishes.append((place, done))
        told = send([wish for _, wish in wishes]) if wishes else []
        left = []
        for (place, wish), result in zip(wishes, told, strict=True):
            results[place] = result
            if not last and wish.op == "create" and _is_member_already(result.refusal):
                left.append(place)
        if not left:
            break
    return [results[place] for place in range(len(writes))]


def _place(write: MemberWrite) -> Place:
    return (write.campaign, write.person_object, write.person)


def _held(writes: Sequence[MemberWrite], query: Callable[[str], list[Json]]) -> dict[Place, Json]:
    """The rows of these campaigns and people, by place."""
    found: dict[Place, Json] = {}
    for object, field in PERSON_FIELDS.items():
        people = list(dict.fromkeys(write.person for write in writes if write.person_object == object))
        campaigns = list(dict.fromkeys(write.campaign for write in writes if write.person_object == object))
        for start in range(0, len(people), CHUNK):
            where = f"CampaignId IN {listed(campaigns)} AND {field} IN {listed(people[start : start + CHUNK])}"
            for raw in query(select(OBJECT, FIELDS, where)):
                found[raw["CampaignId"], object, raw[field]] = raw
    return found


def _decided(write: MemberWrite, held: Json | None) -> Write | WriteResult:
    """The write of records that a membership needs, or the result where it needs none."""
    if write.op == "remove":
        return WriteResult("unchanged", None) if held is None else Write("delete", OBJECT, id=held["Id"])
    if held is not None:
        if held.get("Status") == write.status or not write.status:
            return WriteResult("unchanged", held["Id"])
        return Write("update", OBJECT, id=held["Id"], values={"Status": write.status})
    person = PERSON_FIELDS.get(write.person_object)
    if person is None:
        text = f"A member of a campaign is a Lead or a Contact, not a {write.person_object}."
        return WriteResult("refused", None, Refusal("INVALID_TYPE", text, None, "invalid", True))
    values: dict[str, Any] = {"CampaignId": write.campaign, person: write.person}
    return Write("create", OBJECT, values={**values, **({"Status": write.status} if write.status else {})})


def _is_member_already(refusal: Refusal | None) -> bool:
    return refusal is not None and refusal.kind == "duplicate"
