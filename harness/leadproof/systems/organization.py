"""An org as its system tells of it: who we are to it, who works there, and to whom it gives its leads.

Source: formats.md "Ports".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from leadterms.criteria import Criteria

Side: TypeAlias = Literal["crm", "marketing"]


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of the org's day. None where the system does not limit them."""

    limit: int | None
    used: int
    left: int | None
    resets_at: datetime | None


@dataclass(frozen=True, slots=True)
class Newest:
    """How far each change feed of an org reaches now: whoever stands there already need not ask it.

    `changes`, by object, and `members` are the cursors behind the newest change, also where reads lag behind writes;
    `campaigns` and `users` are texts that change with these lists, also when the org goes back to a saved state."""

    changes: Mapping[str, str]
    members: str
    campaigns: str
    users: str


@dataclass(frozen=True, slots=True)
class Connection:
    """Who we are to the system, as the system sees it: what the doctor reads first (product.md C1). `newest`: None
    where the system does not tell it here."""

    user: str
    actor: str
    address: str
    permissions: tuple[str, ...]
    quota: Quota
    time: datetime
    time_zone: str
    org: str
    kind: Side
    newest: Newest | None = None


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
class ConnectorStatus:
    """The marketing org's own view of its connector (product.md C1)."""

    switched_on: bool
    verified: bool
    notes: str


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
