"""Campaigns, members, reports, assignment rules, conversion."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from leadsim.dialects.native.shapes.words import BATCH, KEY_LIMIT, Asked, CriteriaTold, Moment, RawValue, Told


class MemberStatus(Told):
    """A status that members can have; `responded`: it counts as an answer."""

    name: str
    responded: bool


class Campaign(Told):
    """A campaign with the statuses of its members, the first is the default."""

    id: str
    name: str | None
    statuses: list[MemberStatus]


class Campaigns(Told):
    """All campaigns."""

    campaigns: list[Campaign]


class Member(Told):
    """Somebody in a campaign."""

    id: str
    campaign: str
    person_object: str
    person: str
    status: str
    responded: bool
    first_responded_at: Moment | None
    deleted: bool
    modified_at: Moment


class Members(Told):
    """A page of the memberships' feed."""

    members: list[Member]
    next: str
    more: bool


class MemberItem(Asked):
    """Put a person into a campaign, change the status, or take the person out."""

    op: Literal["set", "remove"]
    campaign: str
    person_object: str
    person: str
    status: str | None = None
    idempotency_key: str = Field("", max_length=KEY_LIMIT)


class MemberBatch(Asked):
    """Up to 200 of them, done in one step."""

    items: Annotated[list[MemberItem], Field(min_length=1, max_length=BATCH)]


Cell = Annotated[Any, WithJsonSchema({"type": ["string", "boolean", "null"]})]


class Report(Told):
    """A report; numbers are decimal texts."""

    report: str
    columns: list[str]
    rows: list[dict[str, Cell]]
    totals: dict[str, Cell]


class Assign(Told):
    """To whom: a user, a queue, or several users in turn."""

    user: str | None = None
    queue: str | None = None
    round_robin: list[str] | None = None


class Rule(Told):
    """An assignment rule; without criteria it matches everything."""

    name: str
    object: str | None
    criteria: CriteriaTold | None
    assign: Assign
    active: bool


class Rules(Told):
    """The rules in their order, and who gets what no rule matches."""

    default_owner: str | None
    rules: list[Rule]


class Convert(Asked):
    """What to use instead of making it, and whether to make an opportunity, with which values."""

    account_id: str | None = None
    contact_id: str | None = None
    opportunity: bool | dict[str, RawValue] = False


class Converted(Told):
    """What the lead became."""

    contact_id: str
    account_id: str
    opportunity_id: str | None
