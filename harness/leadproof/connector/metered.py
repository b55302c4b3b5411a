"""A system with a budget: calls are counted before they are made, and the cycle stops before the quota is spent.

sync-semantics.md "Cycles": quotas are budgeted: stop before spent, say so, resume. What the system said to have
nothing new, when the cycle began, is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from leadproof.connector.value_table import Side
from leadproof.systems.campaigns import Campaign, Member, MemberWrite
from leadproof.systems.organization import Connection, Newest, User
from leadproof.systems.outreach import Answer
from leadproof.systems.ports import Capability, Crm, Cursor, Marketing, Page, Record, Write, WriteResult
from leadproof.systems.records import FieldChange
from leadterms.criteria import Criteria
from leadterms.fields import Schema

BATCH = 200
"""Rows a system takes in one request at most."""
RESERVE = 2
"""Calls left for people and for saying why we stopped."""


_Item = TypeVar("_Item")
_NOTHING_TOLD = Newest({}, "", "", "")


@dataclass(slots=True)
class KeptList(Generic[_Item]):
    """A list as it was read, and the text that changes with it (`Newest`); "" before it was."""

    mark: str = ""
    items: list[_Item] = field(default_factory=list)


@dataclass(slots=True)
class Kept:
    """Lists of one system that outlive a cycle."""

    campaigns: KeptList[Campaign] = field(default_factory=KeptList)
    users: KeptList[User] = field(default_factory=KeptList)


class BudgetSpent(Exception):
    """The next call could exceed the org's quota."""

    def __init__(self, side: Side, org: str, left: int, resets_at: datetime | None) -> None:
        super().__init__(side, org, left)
        self.side, self.org, self.left, self.resets_at = side, org, left, resets_at


class Metered:
    """One side's system, as the steps of a cycle see it. `kept`: what earlier cycles read of it."""

    def __init__(self, side: Side, system: Crm | Marketing) -> None:
        self.side = side
        self.system = system
        self.kept = Kept()
        self.newest = _NOTHING_TOLD
        self.left: int | None = None
        self.resets_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.system.name

    @property
    def can(self) -> frozenset[Capability]:
        return self.system.can

    def connect(self) -> Connection:
        connection = self.system.connect()
        self.left, self.resets_at = connection.quota.left, connection.quota.resets_at
        self.newest = connection.newest or _NOTHING_TOLD
        return connection

    def spend(self, calls: int) -> None:
        """Count calls that are about to be made; raises BudgetSpent where too few are left."""
        if self.left is None:
            return
        if self.left - calls < RESERVE:
            raise BudgetSpent(self.side, self.name, self.left, self.resets_at)
        self.left -= calls

    def describe(self) -> Schema:
        self.spend(1)
        schema = self.system.describe()
        if self.left is not None:
            self.left -= len(schema)
        return schema

    def read(self, object: str, ids: Sequence[str], fields: Sequence[str]) -> list[Record]:
        if not ids:
            return []
        self.spend(_requests(len(ids)))
        return self.system.read(object, ids, fields)

    def find(self, object: str, criteria: Criteria, fields: Sequence[str]) -> list[Record]:
        self.spend(1)
        return list(self.system.find(object, criteria, fields))

    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        if since and self.newest.changes.get(object) == since:
            return Page([], since, False)
        self.spend(1)
        return self.system.changes(object, since, fields, limit)

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        self.spend(_requests(len(writes)))
        return self.system.write(writes)

    def history(self, object: str, id: str) -> list[FieldChange]:
        self.spend(1)
        return self.system.history(object, id)

    def users(self) -> list[User]:
        return self._as_kept(self.kept.users, self.newest.users, self.system.users)

    def campaigns(self) -> list[Campaign]:
        return self._as_kept(self.kept.campaigns, self.newest.campaigns, self.system.campaigns)

    def _as_kept(self, kept: KeptList[_Item], mark: str, read: Callable[[], list[_Item]]) -> list[_Item]:
        """The list that is kept while its mark stands; read again otherwise, and always where the system tells none."""
        if mark and mark == kept.mark:
            return kept.items
        self.spend(1)
        items = read()
        if mark:
            kept.mark, kept.items = mark, items
        return items

    def members(self, since: Cursor | None, limit: int) -> Page[Member]:
        if since and self.newest.members == since:
            return Page([], since, False)
        self.spend(1)
        return self.system.members(since, limit)

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        self.spend(_requests(len(writes)))
        return self.system.set_members(writes)

    def answers(self, id: str, field: str) -> list[Answer]:
        """Every answer of a marketing record for a field, oldest first."""
        system: Marketing = self.system  # type: ignore[assignment]  # asked of marketing only
        answers: list[Answer] = []
        cursor: Cursor | None = None
        while True:
            self.spend(1)
            page = system.answers(id, field, cursor)
            answers += page.items
            if not page.more:
                return answers
            cursor = page.next


def _requests(rows: int) -> int:
    return -(-rows // BATCH)
