"""Rows of a system as the ports speak of them: what is read, what is wished, and what became of a wish.

Values are typed (`leadterms.values.Value`). Source: formats.md "Ports".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from leadterms.values import Value

Item = TypeVar("Item")

Cursor: TypeAlias = str
"""Where a reading stands; opaque: only the system that gave it can read it."""

Operation: TypeAlias = Literal["create", "update", "upsert", "delete"]
Outcome: TypeAlias = Literal["created", "updated", "unchanged", "deleted", "refused", "unknown"]
RefusalKind: TypeAlias = Literal["invalid", "duplicate", "locked", "permission", "gone", "conflict", "fault"]


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
class Converted:
    """What a converted lead became."""

    contact_id: str
    account_id: str | None
    opportunity_id: str | None
