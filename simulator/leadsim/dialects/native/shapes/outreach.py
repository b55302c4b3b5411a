"""Forms, answers, lists, e-mail, activities, the connector's switch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from leadsim.dialects.native.shapes.words import (
    BATCH,
    LIMIT,
    Asked,
    Criteria,
    CriteriaTold,
    CursorParameters,
    Moment,
    Parameters,
    RawValue,
    Told,
)


class AnswersParameters(Parameters):
    """Whose answers: those to one field."""

    field: str
    since: str | None = Field(None, description="The `next` of the page before; from the beginning if absent.")
    limit: int = Field(BATCH, ge=1, le=LIMIT)


class ActivityParameters(CursorParameters):
    """Whose activities; everybody's if absent."""

    prospect: str | None = None


class ProspectParameter(Parameters):
    """Who."""

    prospect: str


class Form(Told):
    """A form, the fields that it asks, and those that must be filled."""

    id: str
    name: str | None
    fields: list[str]
    required: list[str]
    captcha: Literal["pass", "fail", "ask", "none"]


class Forms(Told):
    """All forms."""

    forms: list[Form]


class Submit(Asked):
    """A filled form."""

    values: Annotated[dict[str, RawValue], Field(description="Field id -> answer.")]
    captcha: str | None = None


class Submitted(Told):
    """The submission, and the prospect that it made or changed."""

    submission: str
    prospect: str
    outcome: Literal["created", "updated"]


class GivenAnswer(Told):
    """One answer; its id is the submission's, or names the change."""

    id: str
    at: Moment
    text: str
    seq: int


class Answers(Told):
    """A page of the answers, oldest first."""

    answers: list[GivenAnswer]
    next: str
    more: bool


class MarketingList(Told):
    """A list; with criteria it fills itself."""

    id: str
    name: str | None
    criteria: CriteriaTold | None
    removes_from: list[str]


class Lists(Told):
    """All lists."""

    lists: list[MarketingList]


class NewList(Asked):
    """A new list; its name is its own."""

    name: str
    criteria: Criteria | None = None
    removes_from: list[str] = Field(default_factory=list)


class ListMember(Told):
    """Somebody on a list, and how it came there."""

    id: str
    prospect: str
    added_by: str | None
    added_at: Moment


class ListedMembers(Told):
    """A page of a list."""

    members: list[ListMember]
    next: str | None


class ListMembers(Asked):
    """Who is put on the list."""

    prospects: Annotated[list[str], Field(min_length=1, max_length=BATCH)]


class Email(Asked):
    """An e-mail to lists."""

    lists: Annotated[list[str], Field(min_length=1, max_length=BATCH)]
    subject: str
    body: str = ""


class EmailSent(Told):
    """Prospects that get it, those that are held back and why, and those that stood there twice."""

    id: str
    recipients: list[str]
    suppressed: list[str]
    reasons: dict[str, str]
    duplicates: list[str]


class Activity(Told):
    """Something that a prospect did."""

    id: str
    prospect: str
    type: str
    detail: str | None
    at: Moment


class Activities(Told):
    """A page of activities."""

    activities: list[Activity]
    next: str | None


class Connector(Told):
    """The switch of the org's CRM connector."""

    switched_on: bool
    verified: bool
    notes: str


class ConnectorPatch(Asked):
    """What changes of it."""

    switched_on: bool | None = None
    verified: bool | None = None
    notes: str | None = None
