"""The two small ports, CRM and marketing, that every vendor's client implements.

Whoever syncs, checks or diagnoses speaks to a system through these and knows no vendor. Values are typed
(`leadterms.values.Value`): the client parses what the vendor sends by the vendor's own describe. Calls are
synchronous; they raise a `leadproof.systems.failures.CallFailed` when the whole call failed, and report a
refused *row* as a `WriteResult`. Source: formats.md "Ports".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import orjson

from leadproof.systems.records import Cursor, Page, Record, Refusal, Write, WriteResult

if TYPE_CHECKING:
    from leadproof.systems.campaigns import Campaign, Member, MemberWrite, Report, ReportName
    from leadproof.systems.organization import AssignmentRule, Connection, ConnectorStatus, User
    from leadproof.systems.outreach import Answer, EmailSent, Form, MarketingList, Submission
    from leadproof.systems.records import Converted, FieldChange
    from leadproof.transports.protocol import Request
    from leadterms.criteria import Criteria
    from leadterms.fields import FieldSpec, Schema

__all__ = [
    "EVERY_ANSWER",
    "Called",
    "Capability",
    "Crm",
    "Cursor",
    "Marketing",
    "Page",
    "Record",
    "Refusal",
    "System",
    "Write",
    "WriteResult",
]


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
    ANY_OF = "any_of"  # `find` answers conditions joined by OR as quickly as each of them


EVERY_ANSWER = frozenset({Capability.ANSWERS, Capability.HISTORY})
"""Each of them tells every answer that a field was given; without both only the newest is known, and `answers: append`
cannot be synced out of the system (sync-semantics.md "Several answers to one record")."""


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


def json_or_none(body: bytes) -> object:
    """A body that is JSON; None for any other, such as CSV."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class Called:
    """What came of a call of a program's own: its status, and each row that was refused all the same, in the system's
    words ("row 2: ..."; rows count from 1)."""

    status: int
    refused: tuple[str, ...] = ()


@runtime_checkable
class Calls(Protocol):
    """A client with whose login a program makes calls of its own, right or wrong. `call_codes`: the finding that a
    refused call means, by the vendor's code; a code that is not there says something about a record."""

    call_codes: Mapping[str, str]

    def call(self, request: Request) -> Called:
        """Send it once, as it is. Headers of the login are put in where it has none; one with an empty text is left
        out. Raises the `CallFailed` that a refusal of the whole call is."""
        ...


class Marketing(System, Protocol):
    """A marketing-automation tool."""

    def forms(self) -> list[Form]: ...

    def submit_form(self, form_id: str, values: Mapping[str, str], *, captcha: str = "") -> Submission: ...

    def answers(self, id: str, field: str, since: Cursor | None) -> Page[Answer]: ...

    def lists(self) -> list[MarketingList]: ...

    def send_email(self, lists: Sequence[str], subject: str) -> EmailSent: ...

    def connector_status(self) -> ConnectorStatus: ...
