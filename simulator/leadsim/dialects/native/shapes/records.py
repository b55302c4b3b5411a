"""Records, batches, queries, the change feed, history."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from leadsim.dialects.native.shapes.words import (
    BATCH,
    BIGGEST,
    KEY_LIMIT,
    LIMIT,
    Asked,
    Criteria,
    ErrorDetail,
    Fields,
    Moment,
    PlainValue,
    RawValue,
    Record,
    Told,
    Values,
)


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
    values: Values = Field(default_factory=dict)
    assign: bool | None = Field(None, description="By default true for create and upsert, false for update.")
    idempotency_key: str = Field("", max_length=KEY_LIMIT)
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
