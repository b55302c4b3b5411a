"""One call that the gateway let through: who asks what of which org, and the faults that act row by row."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from leadsim.engine.change import Caller, Change, Saved
from leadsim.engine.members import Member, MemberWrite
from leadsim.engine.query import Order
from leadsim.engine.reading import FoundPage
from leadsim.engine.refusals import Refused, gone
from leadsim.engine.stored import Stored
from leadsim.gateway.faults import Fault, Target
from leadsim.gateway.messages import Request
from leadterms.criteria import Criteria

if TYPE_CHECKING:
    from leadsim.engine.records import Org
    from leadsim.gateway.site import Site


STALE_SECONDS = 60
"""How old a stale read is."""
_FRESH = nullcontext()
LoginNeed: TypeAlias = Literal["required", "optional", "none"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request wants, from its method and path alone.

    `operation` is the dialect's own name of it ("" where there is none at this address), `does` the word that
    faults select by, `permission` what it asks for beyond `api`, `login` whether it needs one (`none`: it is the
    login itself), `counted` whether it spends a call of the quota. `handler` is the dialect's own business.
    """

    operation: str
    does: str
    params: dict[str, str] = field(default_factory=dict)
    object: str | None = None
    permission: str | None = None
    login: LoginNeed = "required"
    counted: bool = True
    handler: Any = None


@dataclass(slots=True)
class Call:
    """A call on its way through a dialect."""

    site: Site
    request: Request
    wanted: Wanted
    actor: str
    address: str
    user: str
    now: datetime
    number: int
    row_faults: Sequence[Fault] = ()
    targets: Sequence[Target] = ()
    stale: bool = False
    secrets: list[str] = field(default_factory=list)

    @property
    def org(self) -> Org:
        """The org that is asked."""
        return self.site.org

    @property
    def params(self) -> dict[str, str]:
        """What the path names."""
        return self.wanted.params

    @property
    def by(self) -> Caller:
        """Who the engine is told is writing."""
        return Caller(self.user, self.actor, self.number)

    def save(self, change: Change) -> Saved:
        """Write one record. Raises `Refused`, also where a fault fails the row."""
        return one(self.save_batch([change]))

    def save_batch(self, changes: Sequence[Change], *, all_or_none: bool = False) -> list[Saved | Refused]:
        """Write up to 200 records in one step. A row that a fault picks is refused and leaves no trace; with
        `all_or_none` it takes the others with it. Raises `Refused` where the batch as a whole cannot be done."""
        failing = self.failing_rows()
        if not failing:
            if len(changes) == 1 and not all_or_none:
                return [self._save_one(changes[0])]
            return self.org.save_batch(changes, self.by, all_or_none=all_or_none)
        if all_or_none:
            return [failing.get(row) or _not_alone(min(failing)) for row in range(len(changes))]
        spared = [change for row, change in enumerate(changes) if row not in failing]
        done = iter(self.org.save_batch(spared, self.by) if spared else ())
        return [failing[row] if row in failing else next(done) for row in range(len(changes))]

    def _save_one(self, change: Change) -> Saved | Refused:
        try:
            return self.org.save(change, self.by)
        except Refused as refused:
            return refused

    def get(self, object: str, id: str, *, deleted: bool = False) -> Stored:
        """Read one record. Raises `Refused`."""
        if not self.stale:
            return self.org.get(object, id, deleted=deleted)
        with self._reading():
            seen = self.org.reading.as_seen(self.org.get(object, id, deleted=True))
        if seen is None or (seen.deleted and not deleted):
            raise gone(object, id)
        return seen

    def find(
        self,
        object: str,
        criteria: Criteria | None,
        order: Order,
        limit: int,
        after: tuple[Any, ...] | None,
        *,
        deleted: bool = False,
    ) -> FoundPage:
        """A page of what matches. Raises `Refused`."""
        with self._reading():
            return self.org.find(object, criteria, order, limit, after, deleted=deleted)

    def changes(self, object: str, since: int, limit: int) -> tuple[list[Stored], int, bool]:
        """A page of the change feed. Raises `Refused`."""
        with self._reading():
            return self.org.changes(object, since, limit)

    def members(self, since: int, limit: int) -> tuple[list[Member], int, bool]:
        """A page of the memberships' feed."""
        with self._reading():
            return self.org.members(since, limit)

    def _reading(self) -> AbstractContextManager[None]:
        return self.org.reading.stale(STALE_SECONDS) if self.stale else _FRESH

    def set_members(self, writes: Sequence[MemberWrite]) -> list[Saved | Refused]:
        """Write up to 200 memberships in one step; a row that a fault picks is refused."""
        failing = self.failing_rows()
        if not failing:
            return self.org.set_members(writes, self.by)
        spared = [write for row, write in enumerate(writes) if row not in failing]
        done = iter(self.org.set_members(spared, self.by) if spared else ())
        return [failing[row] if row in failing else next(done) for row in range(len(writes))]

    def refuse_failing_row(self) -> None:
        """For a write that is no plain change of a record: raises the `Refused` of the fault that picks it."""
        for refused in self.failing_rows().values():
            raise refused

    def failing_rows(self) -> dict[int, Refused]:
        """The rows that the faults of this call pick, each with its refusal; a single write is row 0."""
        failing: dict[int, Refused] = {}
        for fault in self.row_faults:
            for row in fault.rows(self.targets):
                failing.setdefault(row, _row_refusal(fault))
        return failing


def one(results: list[Saved | Refused]) -> Saved:
    """The result of a batch of one. Raises its refusal."""
    result = results[0]
    if isinstance(result, Refused):
        raise result
    return result


def _row_refusal(fault: Fault) -> Refused:
    if fault.spec.kind == "row_lock":
        return Refused("locked", "The row is locked by another transaction. Try again.")
    return Refused("locked", "The row failed in the service, the others did not. Try again.", code="REF791")


def _not_alone(row: int) -> Refused:
    text = f"Not applied, because row {row + 1} of this all-or-none batch was refused."
    return Refused("conflict", text)
