"""The bodies of the native REST API, as pydantic models: they read requests, and document both directions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

RAW = {"type": ["null", "boolean", "number", "string", "array"], "items": {"type": "string"}}
PLAIN = {"type": ["null", "boolean", "string", "array"], "items": {"type": "string"}}
RawValue = Annotated[Any, WithJsonSchema(RAW)]
PlainValue = Annotated[Any, WithJsonSchema(PLAIN)]
Values = Annotated[
    dict[str, RawValue],
    Field(description="Field id -> value. Text is read by the field's type; null or blank text empties the field."),
]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Side = Literal["crm", "marketing"]
LIMIT = 2000
BATCH = 200
BIGGEST = 2**63 - 1


class Asked(BaseModel):
    """Something a client sends: a key that isn't known is refused, and text is no number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Parameters(BaseModel):
    """The query of an operation: text, read leniently; a name that isn't known is refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """Something the API answers; extra keys would be undocumented ones."""

    model_config = ConfigDict(extra="forbid")


class Problem(Told):
    """One thing that is wrong: with which field of which record, by which rule."""

    object: str | None
    id: str | None
    field: str | None
    value: Any
    rule: str
    message: str


class ErrorDetail(Told):
    """What was refused, why, and how to mend it. `definite`: it certainly was not applied."""

    code: str
    kind: Literal[
        "invalid", "duplicate", "locked", "permission", "gone", "conflict", "address", "login", "expired", "quota",
        "not_simulated", "fault",
    ]  # fmt: skip
    message: str
    fix: str
    definite: bool
    problems: list[Problem]
    matches: list[str]


class Error(Told):
    """The body of every refusal."""

    error: ErrorDetail


class Record(Told):
    """A record. `values` holds the fields that aren't blank."""

    object: str
    id: str
    version: int
    created_at: Moment
    created_by: str
    modified_at: Moment
    modified_by: str
    deleted: bool
    merged_into: str | None
    values: dict[str, PlainValue]


class TokenAnswer(Told):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int


class TokenForm(BaseModel):
    """The token request's form (RFC 6749, 4.3 and 4.4)."""

    model_config = ConfigDict(extra="forbid")

    grant_type: Literal["password", "client_credentials"]
    username: str | None = None
    password: str | None = None
    client_id: str | None = None
    client_secret: str | None = None


class QuotaState(Told):
    """Calls of the org's day; null where nothing limits."""

    limit: int | None
    used: int
    left: int | None
    resets_at: Moment


class Whoami(Told):
    """Who is calling, as the org sees it."""

    user: str
    actor: str
    address: str
    permissions: list[str]
    quota: QuotaState
    time: Moment
    time_zone: str
    org: str
    kind: Side


class ObjectName(Told):
    """An object's id and label."""

    id: str
    label: str


class Objects(Told):
    """The objects of the org."""

    objects: list[ObjectName]


class Field_(Told):  # noqa: N801 (the name `Field` is pydantic's)
    """A field's definition, as describe tells it."""

    model_config = ConfigDict(extra="forbid", title="Field")

    object: str
    id: str
    label: str
    type: str
    required: bool
    unique: bool
    external_id: bool
    length: int | None
    scale: int | None
    choices: list[str]
    restricted: bool
    default: PlainValue
    read_only: bool
    formula: dict[str, Any] | None
    refers_to: str | None
    system: bool


class Described(Told):
    """An object with its fields."""

    id: str
    label: str
    fields: list[Field_]


class NewField(Asked):
    """A custom field's definition."""

    object: str | None = None
    id: str
    type: str
    label: str | None = None
    required: bool = False
    unique: bool = False
    external_id: bool = False
    length: int | None = Field(None, ge=0)
    scale: int | None = Field(None, ge=0)
    choices: list[str] = []
    restricted: bool = True
    default: RawValue = None
    read_only: bool = False
    formula: dict[str, Any] | None = None
    refers_to: str | None = None
    system: Literal[False] = False


class Create(Asked):
    """A new record."""

    values: Values
    assign: bool = Field(True, description="Let the assignment rules choose the owner.")
    allow_duplicates: bool = False


class Update(Asked):
    """A change of a record; fields that aren't named stay."""

    values: Values
    assign: bool = False
    allow_duplicates: bool = False


class Merge(Asked):
    """The records that are merged into the one of the path."""

    losers: Annotated[list[str], Field(min_length=1, max_length=BATCH)]


class Fields(Parameters):
    """Which fields to answer."""

    fields: str | None = Field(None, description="Field ids, separated by commas; all by default.")


class ReadParameters(Fields):
    """How to read a record."""

    deleted: bool = Field(False, description="Also answer a record that is deleted or merged away.")


class ChangesParameters(Fields):
    """Where in the change feed to read."""

    since: str | None = Field(None, description="The `next` of the page before; from the beginning if absent.")
    limit: int = Field(LIMIT, ge=1, le=LIMIT)


class Changes(Told):
    """A page of the change feed: each record once, at its newest state, by order of modification."""

    records: list[Record]
    next: str
    more: bool


CriteriaRow = Annotated[
    list[Any],
    Field(min_length=2, max_length=3),
    WithJsonSchema({"type": "array", "items": {}, "minItems": 2, "maxItems": 3}),
]


class Criteria(Asked):
    """Rows of (field, operator, value), joined by logic such as "1 AND (2 OR 3)"; by AND if absent."""

    rows: list[CriteriaRow]
    logic: str | None = None


class Query(Asked):
    """What to find. A cursor goes on where a page ended: with the same criteria and order."""

    object: str
    criteria: Criteria | None = None
    fields: list[str] | None = None
    order: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        [], max_length=8, description='Pairs of field and "asc" or "desc".'
    )
    limit: int = Field(BATCH, ge=1, le=LIMIT)
    cursor: str | None = None
    deleted: bool = False


class FoundRecords(Told):
    """A page of records; `next` is null after the last one."""

    records: list[Record]
    next: str | None


class BatchItem(Asked):
    """One change of a batch."""

    op: Literal["create", "update", "upsert", "delete", "undelete"]
    object: str
    id: str | None = None
    key: Annotated[list[RawValue], Field(min_length=2, max_length=2)] | None = Field(
        None, description="[field, value]: names the record by an external id or unique field."
    )
    values: Values = {}
    assign: bool | None = Field(None, description="By default true for create and upsert, false for update.")
    idempotency_key: str = ""
    if_version: int | None = Field(None, ge=1, le=BIGGEST)
    allow_duplicates: bool = False


class Batch(Asked):
    """Up to 200 changes, done in one step."""

    all_or_none: bool = False
    items: Annotated[list[BatchItem], Field(min_length=1, max_length=BATCH)]


class Result(Told):
    """What became of one row."""

    outcome: Literal["created", "updated", "unchanged", "deleted", "refused"]
    id: str | None
    version: int | None
    record: Record | None
    error: ErrorDetail | None


class Results(Told):
    """One result for each row, in the same order."""

    results: list[Result]


class HistoryEntry(Told):
    """One value that one write changed; `request` is the journal's number of the call that did it."""

    seq: int
    at: Moment
    user: str
    actor: str
    op: str
    field: str
    from_: PlainValue = Field(alias="from")
    to: PlainValue
    request: int | None


class History(Told):
    """Who changed which value when, from what to what; oldest first."""

    changes: list[HistoryEntry]


class User(Told):
    """A user, or in a CRM a queue."""

    id: str
    user_name: str
    name: str
    email: str
    active: bool
    queue: bool


class Users(Told):
    """All users, queues last."""

    users: list[User]


class PageParameters(Parameters):
    """Where in a feed to read."""

    since: str | None = Field(None, description="The `next` of the page before; from the beginning if absent.")
    limit: int = Field(LIMIT, ge=1, le=LIMIT)


class CursorParameters(Parameters):
    """Which page to read."""

    cursor: str | None = Field(None, description="The `next` of the page before.")
    limit: int = Field(LIMIT, ge=1, le=LIMIT)


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


class JobResultsParameters(Parameters):
    """Which page of a job's results."""

    cursor: str | None = Field(None, description="The `next` of the page before.")


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
    idempotency_key: str = ""


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


class CriteriaTold(Told):
    """Criteria as they were written."""

    rows: list[list[Any]]
    logic: str | None = None


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
    removes_from: list[str] = []


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


class NewJob(Asked):
    """A bulk job. Rows are flat: field id -> value; `id` names the record of an update or delete."""

    object: str
    op: Literal["create", "update", "upsert", "delete"]
    key: str | None = Field(None, description="For an upsert: the field that finds the records.")
    format: Literal["json", "csv"] = "json"


class JobCounts(Told):
    """Rows by what became of them."""

    created: int
    updated: int
    unchanged: int
    deleted: int
    refused: int


class Job(Told):
    """A bulk job."""

    id: str
    object: str
    op: Literal["create", "update", "upsert", "delete"]
    key: str | None
    format: Literal["json", "csv"]
    state: Literal["open", "queued", "running", "complete", "failed", "aborted"]
    created_at: Moment
    rows: int
    counts: JobCounts
    message: str


class JobResult(Told):
    """What became of one row, counted from 1."""

    row: int
    outcome: Literal["created", "updated", "unchanged", "deleted", "refused"]
    id: str | None
    version: int | None
    error: ErrorDetail | None


class JobResults(Told):
    """A page of a job's rows."""

    results: list[JobResult]
    next: str | None
