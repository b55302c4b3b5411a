"""The two small ports, CRM and marketing, that every vendor's client implements.

Whoever syncs, checks or diagnoses speaks to a system through these and knows no vendor. Values are typed
(`leadterms.values.Value`): the client parses what the vendor sends by the vendor's own describe. Calls are
synchronous; they raise a `leadproof.systems.failures.CallFailed` when the whole call failed, and report a
refused *row* as a `WriteResult`. Source: formats.md "Ports".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from leadterms.criteria import Criteria
    from leadterms.fields import FieldSpec, Schema
    from leadterms.values import Value

Item = TypeVar("Item")

Cursor: TypeAlias = str
"""Where a reading stands; opaque: only the system that gave it can read it."""

Operation: TypeAlias = Literal["create", "update", "upsert", "delete"]
Outcome: TypeAlias = Literal["created", "updated", "unchanged", "deleted", "refused", "unknown"]
RefusalKind: TypeAlias = Literal["invalid", "duplicate", "locked", "permission", "gone", "conflict", "fault"]
ReportName: TypeAlias = Literal["lead-source", "campaign", "hand-over", "closed-loop"]
Side: TypeAlias = Literal["crm", "marketing"]


class Capability(StrEnum):
    """What a system can do beyond plain records; a connector and the steps ask before they rely on it."""

    BATCH = "batch"  # many writes in one request
    CONDITIONAL_WRITE = "conditional_write"  # `Write.if_version` is honoured
    IDEMPOTENCY = "idempotency"  # a repeated idempotency key answers the first result again
    CHANGES = "changes"  # a change feed that also tells of deleted and merged records
    HISTORY = "history"  # who changed which field, when, from what
    RECYCLE_BIN = "recycle_bin"  # a deleted record can be undeleted
    MERGE = "merge"
    DUPLICATE_RULES = "duplicate_rules"  # `Write.allow_duplicates` means something
    MEMBERS = "members"
    REPORTS = "reports"
    ASSIGNMENT_RULES = "assignment_rules"
    CONVERT = "convert"
    INSTALL = "install"
    FORMS = "forms"
    ANSWERS = "answers"
    LISTS = "lists"
    EMAIL = "email"
    CONNECTOR_STATUS = "connector_status"


EVERY_ANSWER = frozenset({Capability.ANSWERS, Capability.HISTORY})
"""Each of them tells every answer that a field was given; without both only the newest is known, and `answers: append`
cannot be synced out of the system (sync-semantics.md "Several answers to one record")."""


@dataclass(frozen=True, slots=True)
class Record:
    """One row of an object at its newest state. `values` holds the fields that were asked for, and no others;
    where no field was named, all of them. A blank one is None.

    `modified_by` and `owner` are user ids; `converted_to` is the contact's id of a converted lead; `version`
    is what a conditional write names. Vendors without a notion leave it None (`modified_by`: "").
    """

    object: str
    id: str
    values: Mapping[str, Value]
    modified: datetime
    deleted: bool
    merged_into: str | None
    created: datetime
    modified_by: str
    owner: str | None = None
    converted_to: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One wish of one record. `id` for update and delete, `key` (field id, value) for upsert.

    `assign` asks the CRM to run its assignment rules. `owner` is a user's id, written with the values; ""
    makes the owner blank, None leaves it.
    `if_version` makes the write conditional: refused with kind `conflict` if the record has moved on.
    `idempotency_key` makes a repeat safe; "" for none.
    """

    op: Operation
    object: str
    id: str | None = None
    key: tuple[str, Value] | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    assign: bool = False
    idempotency_key: str = ""
    owner: str | None = None
    if_version: str | None = None
    allow_duplicates: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a system refused one row. `code` is the system's; `matches` the ids a duplicate rule named.

    `definite`: the write certainly did not happen.
    """

    code: str
    text: str
    field: str | None
    kind: RefusalKind
    definite: bool
    matches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one `Write`. `unknown`: the answer was lost, the write may or may not have happened.

    `record` is the record as the system stored it (read back), where the vendor answers with it.
    """

    outcome: Outcome
    id: str | None
    refusal: Refusal | None = None
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and where to go on. `next` is also where the *next cycle* starts when `more` is false."""

    items: list[Item]
    next: Cursor
    more: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of the org's day. None where the system does not limit them."""

    limit: int | None
    used: int
    left: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Connection:
    """Who we are to the system, as the system sees it: what the doctor reads first (product.md C1)."""

    user: str
    actor: str
    address: str
    permissions: tuple[str, ...]
    quota: Quota
    time: datetime
    time_zone: str
    org: str
    kind: Side


@dataclass(frozen=True, slots=True)
class Organization:
    """Which org it is. `production`: whether people work in it; None where the system does not say. A client whose
    vendor tells it has a method `organization()`."""

    id: str
    production: bool | None


@dataclass(frozen=True, slots=True)
class User:
    """A user, or (CRM) a queue, to whom records can be assigned."""

    id: str
    user_name: str
    name: str
    email: str
    active: bool
    queue: bool


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """One status a campaign's members can have; `responded` counts as an answer (sync-semantics.md)."""

    name: str
    responded: bool


@dataclass(frozen=True, slots=True)
class Campaign:
    id: str
    name: str
    statuses: tuple[MemberStatus, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a campaign. `person_object` is Lead, Contact or prospect, and `person` its id."""

    id: str
    campaign: str
    person_object: str
    person: str
    status: str
    responded: bool
    deleted: bool
    modified: datetime
    first_responded: datetime | None = None


@dataclass(frozen=True, slots=True)
class MemberWrite:
    """Put a person into a campaign with a status (`set`), or take it out (`remove`)."""

    op: Literal["set", "remove"]
    campaign: str
    person_object: str
    person: str
    status: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that a person gave for one field; the source keeps every one."""

    id: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One entry of a record's audit trail. `field` is "" where the whole record was created or deleted."""

    seq: int
    at: datetime
    user: str
    actor: str
    op: str
    field: str
    before: Value
    after: Value
    request: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report as the system computes it. Numbers are decimal text, "" where not available."""

    name: ReportName
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    totals: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Assignee:
    """Whom a rule gives a lead to: one user, one queue, or the users of a round robin in their order."""

    kind: Literal["user", "queue", "round_robin"]
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssignmentRule:
    """One rule, in the order in which the system tries them; the first that matches decides."""

    name: str
    criteria: Criteria
    assign: Assignee
    active: bool


@dataclass(frozen=True, slots=True)
class Converted:
    """What a converted lead became."""

    contact_id: str
    account_id: str | None
    opportunity_id: str | None


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form: the marketing field's id, and whether the form is refused without it."""

    id: str
    required: bool


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    name: str
    fields: tuple[FormField, ...]
    captcha: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a form: a prospect was created or updated, or the form was refused, or nobody knows."""

    outcome: Literal["created", "updated", "refused", "unknown"]
    id: str | None
    prospect: str | None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class MarketingList:
    id: str
    name: str
    dynamic: bool
    criteria: Criteria | None


@dataclass(frozen=True, slots=True)
class EmailSent:
    """An e-mail that was recorded, never sent: who gets it, who is suppressed, who stood on several lists."""

    recipients: tuple[str, ...]
    suppressed: tuple[str, ...]
    duplicates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """The marketing org's own view of its connector (product.md C1)."""

    switched_on: bool
    verified: bool
    notes: str


class System(Protocol):
    """What a CRM and a marketing tool have in common. Every method may raise a `CallFailed`."""

    @property
    def name(self) -> str:
        """The org's name; findings and evidence use it."""
        ...

    @property
    def can(self) -> frozenset[Capability]: ...

    @property
    def owner_field(self) -> str:
        """The field in which a person's record holds its owner."""
        ...

    def connect(self) -> Connection:
        """Who we are, from which address the system sees us, what we may do and how much quota is left."""
        ...

    def access_token(self) -> str:
        """A bearer token that another program may use; logs in if there is none yet."""
        ...

    def describe(self) -> Schema:
        """Every object with its fields; a copy is kept and renewed when an answer holds an unknown field."""
        ...

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """The live records among `ids`, in the order asked for; absent and deleted ones are left out."""
        ...

    def find(self, object: str, criteria: Criteria | None, fields: Sequence[str]) -> Iterator[Record]:
        """Every live record that the criteria match, page by page, in order of creation."""
        ...

    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        """Every record changed since, each once, at its newest state, deleted and merged ones included."""
        ...

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """Write rows in as few requests as the system allows. Same order and length as `writes`.

        A request whose answer was lost gives `unknown` rows and raises nothing; the requests after it are
        still tried. Raises `CallFailed` when a request definitely did nothing, unless an earlier request
        of the same call did something: then the rest is reported as refused (kind `fault`, definite).
        """
        ...

    def undelete(self, object: str, id: str) -> Record: ...

    def merge(self, object: str, winner: str, losers: Sequence[str]) -> Record: ...

    def history(self, object: str, id: str) -> list[FieldChange]: ...

    def users(self) -> list[User]: ...

    def campaigns(self) -> list[Campaign]: ...

    def members(self, since: Cursor | None, limit: int) -> Page[Member]:
        """Every membership changed since, removed ones included (`deleted`)."""
        ...

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]: ...

    def report(self, name: ReportName) -> Report: ...

    def close(self) -> None:
        """Let go of the connection; a second call does nothing."""
        ...


class Crm(System, Protocol):
    """A CRM."""

    def assignment_rules(self) -> list[AssignmentRule]: ...

    def default_owner(self) -> str | None:
        """The user who owns what no rule gives to anybody; None where the org names none."""
        ...

    def convert(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        contact_id: str | None = None,
        opportunity: str | None = None,
    ) -> Converted:
        """Make a contact (and, with `opportunity` as its name, an opportunity) of a lead."""
        ...

    def install(self, fields: Sequence[FieldSpec]) -> list[str]:
        """Add what the org lacks: ids added as "Object.Field"; [] the second time (product.md B1)."""
        ...


class Marketing(System, Protocol):
    """A marketing-automation tool."""

    def forms(self) -> list[Form]: ...

    def submit_form(self, form_id: str, values: Mapping[str, str], *, captcha: str = "") -> Submission: ...

    def answers(self, id: str, field: str, since: Cursor | None) -> Page[Answer]: ...

    def lists(self) -> list[MarketingList]: ...

    def send_email(self, lists: Sequence[str], subject: str) -> EmailSent: ...

    def connector_status(self) -> ConnectorStatus: ...
