"""The reference connector: one cycle after another, in the order of sync-semantics.md "Cycles"."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from leadproof.connector.cycle import Ambiguous, Cycle, Deletes
from leadproof.connector.install import install
from leadproof.connector.kinds import Schemas
from leadproof.connector.lease import LeaseHeld
from leadproof.connector.members import link_campaigns, sync_members
from leadproof.connector.metered import BudgetSpent, Kept, Metered
from leadproof.connector.outbox import Outbox
from leadproof.connector.preparation import (
    Bound,
    bound_to,
    notice_rules,
    prepare_kinds,
    prepare_users,
    read_schemas,
)
from leadproof.connector.recovery import settle_intents
from leadproof.connector.report import CycleReport
from leadproof.connector.store import Store
from leadproof.connector.value_table import ROWS, Row, Side
from leadproof.connector.visits import sync_kind
from leadproof.findings import At, Finding, UnknownCode, find
from leadproof.integration import Integration
from leadproof.systems.failures import CallFailed
from leadproof.systems.organization import Connection
from leadproof.systems.ports import Capability, Crm, Marketing
from leadterms.values import moment_text

Step: TypeAlias = Callable[[Cycle], None]

_NUMBER, _BORN = "cycle", "born"


class _SwitchedOff(Exception):
    """The marketing org's connector settings forbid to sync."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.cause)
        self.finding = finding


def sync_users(cycle: Cycle) -> None:
    prepare_users(cycle)


def sync_accounts(cycle: Cycle) -> None:
    if "account" in cycle.kinds:
        sync_kind(cycle, cycle.kinds["account"])


def sync_campaigns(cycle: Cycle) -> None:
    cycle.campaigns = link_campaigns(cycle)


def sync_persons(cycle: Cycle) -> None:
    """Persons, and in the same write their owners."""
    sync_kind(cycle, cycle.kinds["person"])
    _requests_done(cycle)


def sync_campaign_members(cycle: Cycle) -> None:
    sync_members(cycle, cycle.kinds["person"], cycle.campaigns)


def sync_opportunities(cycle: Cycle) -> None:
    if "opportunity" in cycle.kinds:
        sync_kind(cycle, cycle.kinds["opportunity"])


def _requests_done(cycle: Cycle) -> None:
    if not cycle.requested:
        return
    links = cycle.store.links.by_marketing("person", sorted(cycle.requested))
    with cycle.store.transaction():
        for record in sorted(id for id, link in links.items() if not link.gone):
            cycle.store.delivery_done(record)


class Connector:
    """Syncs one connection. `store`: its memory, a file that survives it, or None for this object's life.

    Subclasses may replace `rows` (the value table), `steps`, `make_outbox`, `settings` and `meter`; the planted
    bugs of defects.py do. `durable` as `Store` says.
    """

    durable = True
    rows: Sequence[Row] = ROWS
    steps: tuple[Step, ...] = (
        sync_users,
        sync_accounts,
        sync_campaigns,
        sync_persons,
        sync_campaign_members,
        sync_opportunities,
    )

    def __init__(
        self,
        integration: Integration,
        crm: Crm,
        marketing: Marketing,
        store: Path | None = None,
        name: str = "builtin",
    ) -> None:
        self.integration = integration
        self.crm = crm
        self.marketing = marketing
        self.name = name
        self.store = self.open_store(store)
        self._known_schemas: Schemas | None = None
        self._bound: Bound | None = None
        self._resting: dict[Side, BudgetSpent] = {}
        self._forget_lists()

    def open_store(self, path: Path | None) -> Store:
        return Store(path, durable=self.durable)

    def cycle(self) -> CycleReport:
        """Run one cycle. A failure of a whole call ends it early, with `stopped`; the next one goes on."""
        report = CycleReport(int(self.store.state(_NUMBER) or "0") + 1)
        try:
            with self.store.lease.hold():
                self._run(report)
        except LeaseHeld:
            report.stopped = find("CYC607", f"Another cycle of {self._connection()} is running.")
        except _SwitchedOff as off:
            report.stopped = off.finding
        except BudgetSpent as spent:
            self._resting[spent.side] = spent
            report.stopped = _budget(spent)
        except CallFailed as failed:
            report.stopped = _call_failed(failed)
        if report.stopped is not None:
            report.add(report.stopped)
        report.set_aside = self.store.set_aside.all()
        self._doubt_schemas(report)
        return report

    def install(self) -> list[str]:
        """Add to the CRM the link field and the mapped custom fields it lacks; [] when nothing is lacking."""
        self._forget_lists()
        self._known_schemas = None
        return install(self.integration, self.crm, self.marketing)

    def deliver(self, prospect: str) -> None:
        """Ask for the delivery of one marketing record (`deliver: {when: on_request}`)."""
        with self.store.transaction():
            self.store.request_delivery(prospect)

    def resync(self) -> None:
        """Forget every settled pair: all mappings of all links are first links again, what waits is tried anew, and
        users and campaigns are read again."""
        self._forget_lists()
        with self.store.transaction():
            self.store.links.forget_pairs()
            self.store.forget_cursors()
            self.store.set_aside.forget_tries()

    def close(self) -> None:
        """Close the store; the systems belong to the caller."""
        self.store.close()

    # --- what planted bugs replace --------------------------------------------------------------------------

    def meter(self, side: Side) -> Metered:
        return Metered(side, self.crm if side == "crm" else self.marketing)

    def make_outbox(self, cycle: Cycle, side: Side, born: str) -> Outbox:
        return Outbox(cycle, side, born)

    def settings(self) -> tuple[Deletes, Ambiguous]:
        return self.integration.people.deletes, self.integration.people.ambiguous

    # --- one cycle ------------------------------------------------------------------------------------------

    def _run(self, report: CycleReport) -> None:
        with self.store.transaction():
            self.store.set_state(_NUMBER, str(report.number))
        crm, marketing = self._metered("crm"), self._metered("marketing")
        if "marketing" in self._resting:
            crm_seen = crm.connect()
            self._rest("marketing", crm_seen)
            marketing_seen = marketing.connect()
        else:
            marketing_seen = marketing.connect()
            self._rest("crm", marketing_seen)
            crm_seen = crm.connect()
        _obey_settings(marketing, self.marketing)
        cycle = self._begin(report, crm, marketing, crm_seen, marketing_seen)
        settle_intents(cycle)
        for step in self.steps:
            step(cycle)

    def _metered(self, side: Side) -> Metered:
        metered = self.meter(side)
        metered.kept = self._kept[side]
        return metered

    def _forget_lists(self) -> None:
        self._kept: dict[Side, Kept] = {"crm": Kept(), "marketing": Kept()}

    def _rest(self, side: Side, other_seen: Connection) -> None:
        """While a side's quota is all but spent, not even a look at it is spent: the other side tells the time."""
        spent = self._resting.get(side)
        if spent is not None and spent.resets_at is not None and other_seen.time < spent.resets_at:
            raise spent
        self._resting.pop(side, None)

    def _begin(
        self,
        report: CycleReport,
        crm: Metered,
        marketing: Metered,
        crm_seen: Connection,
        marketing_seen: Connection,
    ) -> Cycle:
        deletes_policy, ambiguous = self.settings()
        known = self._known_schemas
        cycle = Cycle(
            number=report.number,
            integration=self.integration,
            store=self.store,
            crm=crm,
            marketing=marketing,
            schemas=self._schemas(crm, marketing, crm_seen, marketing_seen),
            rows=self.rows,
            report=report,
            now=moment_text(crm_seen.time),
            deletes=deletes_policy,
            ambiguous=ambiguous,
            connector_users={"crm": crm_seen.user, "marketing": marketing_seen.user},
            requested=set(self.store.requested()),
        )
        born = self._born(cycle)
        cycle.outboxes = {side: self.make_outbox(cycle, side, born) for side in ("crm", "marketing")}
        bound = self._bound_to(cycle.schemas)
        notice_rules(
            cycle,
            bound.rules,
            described_anew=known is not cycle.schemas,
            permissions=(crm_seen.permissions, marketing_seen.permissions),
        )
        prepare_kinds(cycle, bound)
        return cycle

    def _schemas(self, crm: Metered, marketing: Metered, crm_seen: Connection, marketing_seen: Connection) -> Schemas:
        """Both schemas; they are kept, because describing costs more calls than a quiet cycle."""
        if self._known_schemas is None:
            self._known_schemas = read_schemas(self.integration, crm, marketing, crm_seen, marketing_seen)
        return self._known_schemas

    def _bound_to(self, schemas: Schemas) -> Bound:
        if self._bound is None or self._bound.schemas is not schemas:
            self._bound = bound_to(self.integration, schemas)
        return self._bound

    def _doubt_schemas(self, report: CycleReport) -> None:
        """Something did not fit the fields as they were described: an admin may mend that before the next cycle."""
        doubtful = any(one.code.startswith(("MAP", "REF", "CFG")) or one.code == "CYC603" for one in report.findings)
        if doubtful or any(one.policy == "on_change" for one in report.set_aside):
            self._known_schemas = None

    def _born(self, cycle: Cycle) -> str:
        """What tells this store's idempotency keys from those of a store that was lost before it."""
        born = self.store.state(_BORN)
        if born is None:
            born = hashlib.sha256(f"{self._connection()}|{self.name}|{cycle.now}".encode()).hexdigest()[:12]
            with self.store.transaction():
                self.store.set_state(_BORN, born)
        return born

    def _connection(self) -> str:
        return f"{self.crm.name} <-> {self.marketing.name}"


def _obey_settings(metered: Metered, marketing: Marketing) -> None:
    """The marketing org's own switch (product.md C1), where its API tells it."""
    if Capability.CONNECTOR_STATUS not in marketing.can:
        return
    metered.spend(1)
    status = marketing.connector_status()
    place = At("marketing", metered.name)
    if not status.switched_on:
        notes = f" ({status.notes})" if status.notes else ""
        raise _SwitchedOff(find("CON101", f"The connector is switched off in {metered.name}{notes}.", places=[place]))
    if not status.verified:
        raise _SwitchedOff(find("CON102", f"The connector of {metered.name} is not verified.", places=[place]))


def _budget(spent: BudgetSpent) -> Finding:
    until = f" until {moment_text(spent.resets_at)}" if spent.resets_at else ""
    return find(
        "CON112",
        f"{spent.org} allows {spent.left} more calls{until}; the cycle stopped before they were spent and goes on "
        "where it stood.",
        places=[At(spent.side, spent.org)],
    )


def _call_failed(failed: CallFailed) -> Finding:
    cause = f"{failed.operation}: {failed.text}"
    place = At(org=failed.system)
    try:
        return find(failed.code, cause, places=[place], fix=failed.fix)
    except UnknownCode:
        return find("CYC606", f"{cause} [{failed.code}]", places=[place])
