"""What a caller asks of an org, and what it gets: the words of Org.save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from leadsim.engine.stored import Stored

# Change and Saved are never changed, but they aren't frozen: that takes four times as long, for each row of a batch.

Op = Literal["create", "update", "upsert", "delete", "undelete", "merge", "convert"]
Outcome = Literal["created", "updated", "unchanged", "deleted"]

ANY_VERSION = 0
"""As `if_version`: at whatever version, but there (`If-Match: *`, RFC 9110, 13.1.1). Versions begin with 1."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the user that is logged in, the actor (architecture.md rule 8), and the journal's number of the
    request. `allow_duplicates`: a duplicate rule that blocks only reports."""

    user: str
    actor: str
    request: int | None = None
    allow_duplicates: bool = False


@dataclass(slots=True)
class Change:
    """One change of one record.

    `key` is (field, value) for an upsert, or instead of `id` for update and delete. `values` are raw (JSON or text).
    `assign`: let the assignment rules choose the owner. `if_version`: refused as a conflict when the record is at
    another version, or an upsert finds none (`ANY_VERSION`: only then). `into`: for a merge, the winner; `id` is the
    loser. For a convert, `values` may have account_id, contact_id and opportunity (True, or the opportunity's
    values)."""

    op: Op
    object: str
    id: str | None = None
    key: tuple[str, Any] | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    assign: bool = True
    if_version: int | None = None
    idempotency_key: str = ""
    into: str | None = None
    allow_duplicates: bool = False


@dataclass(slots=True)
class Saved:
    """What a change did, and the record as it then was. `reported`: ids that a duplicate rule reported."""

    outcome: Outcome
    record: Stored
    reported: tuple[str, ...] = ()
