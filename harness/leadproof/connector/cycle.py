"""One running cycle: what every step of it needs, and how its results become durable together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from leadproof.connector.intents import Intent
from leadproof.connector.kinds import Kind, Schemas
from leadproof.connector.links import Link
from leadproof.connector.metered import BATCH, Metered
from leadproof.connector.report import CycleReport, Decision
from leadproof.connector.set_aside import Aside, Policy
from leadproof.connector.store import Store
from leadproof.connector.value_table import Row, Side
from leadproof.findings import At, Evidence, Finding, find
from leadproof.integration import Integration
from leadproof.systems.ports import Crm, Record, Refusal
from leadterms.criteria import Criteria
from leadterms.refusals import Place
from leadterms.values import Value

if TYPE_CHECKING:
    from leadproof.connector.members import CampaignLink
    from leadproof.connector.outbox import Outbox
    from leadproof.connector.users import UserMap

Deletes: TypeAlias = Literal["ignore", "propagate", "recycle"]
Ambiguous: TypeAlias = Literal["refuse", "oldest", "newest"]

_Item = TypeVar("_Item")


@dataclass(slots=True)
class Visit:
    """One link, or one record without a link, that is looked at in this cycle.

    `source`: the side whose record asked for the visit. `barred`: mappings that a refusal took out of this visit.
    `troubled`: something about it failed, so it is (or will be) set aside.
    """

    source: Side
    crm: Record | None = None
    marketing: Record | None = None
    link: Link | None = None
    barred: set[str] = field(default_factory=set)
    troubled: bool = False

    def record(self, side: Side) -> Record | None:
        return self.crm if side == "crm" else self.marketing

    def put(self, side: Side, record: Record | None) -> None:
        if side == "crm":
            self.crm = record
        else:
            self.marketing = record

    @property
    def asking(self) -> Record:
        """The record that asked."""
        record = self.record(self.source) or self.crm or self.marketing
        assert record is not None, "a visit starts from a record"
        return record


@dataclass(slots=True)
class Cycle:
    """The parts of one cycle. `now`: the CRM's time when it began, ISO."""

    number: int
    integration: Integration
    store: Store
    crm: Metered
    marketing: Metered
    schemas: Schemas
    rows: Sequence[Row]
    report: CycleReport
    now: str
    deletes: Deletes
    ambiguous: Ambiguous
    kinds: dict[str, Kind] = field(default_factory=dict)
    connector_users: dict[Side, str] = field(default_factory=dict)
    users_changed: bool = False
    rules_changed: bool = False
    visited: set[int] = field(default_factory=set)
    linked_now: list[int] = field(default_factory=list)
    campaign_ids: dict[tuple[Side, str], str] = field(default_factory=dict)
    campaigns: Sequence[CampaignLink] = ()
    users: UserMap = field(init=False)
    fold: Callable[[Value], str] = field(init=False)
    deliver_criteria: Criteria | None = None
    import_criteria: Mapping[str, Criteria] = field(default_factory=dict)
    requested: set[str] = field(default_factory=set)
    woken: dict[tuple[str, Side], dict[tuple[str, str], None]] = field(default_factory=dict)
    outboxes: dict[Side, Outbox] = field(default_factory=dict)

    def system(self, side: Side) -> Metered:
        return self.crm if side == "crm" else self.marketing

    def default_owner(self) -> str | None:
        """Who owns what nobody else does, by the CRM, else by the integration; its absence is a finding."""
        self.crm.spend(1)
        crm: Crm = self.crm.system  # type: ignore[assignment]  # asked of the CRM only
        owner = crm.default_owner()
        named = self.integration.users.default_owner
        if owner is None and named is not None:
            owner = self.users.named("crm", named)
        if owner is None:
            self.find(
                "ASG207",
                f"{self.crm.name} names no default owner; the connector's user owns what no rule gives away.",
                At("crm", self.crm.name),
            )
        return owner

    @property
    def deliver_as(self) -> str:
        """The CRM object that a new person becomes."""
        wanted = self.integration.people.deliver_as
        return next(name for name in self.integration.people.crm if name.lower() == wanted)

    def wake(self, kind: Kind, side: Side, object: str, id: str) -> None:
        """Look at this record in this cycle although no feed names it."""
        self.woken.setdefault((kind.name, side), {})[object, id] = None

    def find(self, code: str, cause: str, *places: Place | At, evidence: Sequence[Evidence] = ()) -> Finding:
        """Report a finding about this cycle."""
        finding = find(code, cause, places=places, evidence=evidence)
        self.report.add(finding)
        return finding

    def at(self, side: Side, record: Record, field: str = "") -> At:
        return At(side, self.system(side).name, record.object, record.id, field)

    def decided(self, kind: Kind, visit: Visit, because: str, target: Side | None, mapping: str = "") -> None:
        self.report.decisions.append(
            Decision(
                kind.name,
                visit.crm.id if visit.crm else "",
                visit.marketing.id if visit.marketing else "",
                mapping,
                because,
                target,
            )
        )

    def decided_member(self, link: Link, campaign: str, because: str, target: Side) -> None:
        self.report.decisions.append(Decision("member", link.crm_id, link.marketing_id, campaign, because, target))

    def links_of(self, kind: Kind, side: Side, records: Iterable[Record]) -> dict[tuple[str, str], Link]:
        """The links of these records, tombstones included, by (object, id)."""
        by_object: dict[str, list[str]] = {}
        for record in records:
            by_object.setdefault(record.object, []).append(record.id)
        found: dict[tuple[str, str], Link] = {}
        for object, ids in by_object.items():
            links = (
                self.store.links.by_crm(kind.name, object, ids)
                if side == "crm"
                else self.store.links.by_marketing(kind.name, ids)
            )
            found.update(((object, id), link) for id, link in links.items())
        return found


@dataclass(slots=True)
class Marks:
    """Results that become durable in one commit: links with their pairs, answers, the queue, closed intents.
    `new_links`: by identity, for none of them has a number yet."""

    links: dict[int, Link] = field(default_factory=dict)
    new_links: dict[int, Link] = field(default_factory=dict)
    delivered: list[tuple[Link, list[tuple[str, str]]]] = field(default_factory=list)
    aside: dict[tuple[str, Side, str, str], Aside] = field(default_factory=dict)
    in_order: dict[tuple[str, Side, str, str], None] = field(default_factory=dict)
    closed: list[int] = field(default_factory=list)
    cursors: dict[str, str] = field(default_factory=dict)

    def save(self, link: Link) -> None:
        if link.id:
            self.links[link.id] = link
        else:
            self.new_links[id(link)] = link

    def close(self, intents: Iterable[Intent]) -> None:
        self.closed += [intent.id for intent in intents]

    def set_aside(self, kind: Kind, side: Side, record: Record, code: str, reason: str, policy: Policy) -> None:
        self.put_aside((kind.name, side, record.object, record.id), code, reason, policy)

    def put_aside(self, key: tuple[str, Side, str, str], code: str, reason: str, policy: Policy) -> None:
        self.aside[key] = Aside(*key, code, reason, policy)

    def settle(self, kind: Kind, side: Side, record: Record) -> None:
        """Whatever it was set aside for is over."""
        self.in_order[(kind.name, side, record.object, record.id)] = None

    def commit(self, cycle: Cycle) -> None:
        """Make it all durable; nothing to do costs nothing."""
        store = cycle.store
        drops = []
        if self.in_order:
            waiting = {(one.kind, one.side, one.object, one.record) for one in store.set_aside.all()}
            drops = [key for key in self.in_order if key in waiting and key not in self.aside]
        if not (self.links or self.new_links or self.delivered or self.aside or drops or self.closed or self.cursors):
            self.in_order.clear()
            return
        with store.transaction():
            new = list(self.new_links.values())
            store.links.save(new)
            store.links.succeed_tombstones(new)
            store.links.save(list(self.links.values()))
            for link, answers in self.delivered:
                store.links.deliver(link.id, answers)
            for key in drops:
                store.set_aside.drop(*key)
            for aside in self.aside.values():
                store.set_aside.put(aside, cycle.number)
            store.intents.close(self.closed)
            for feed, cursor in self.cursors.items():
                store.set_cursor(feed, cursor)
        self.clear()

    def clear(self) -> None:
        """Everything that was marked is durable now."""
        for marked in (
            self.links,
            self.new_links,
            self.delivered,
            self.aside,
            self.in_order,
            self.closed,
            self.cursors,
        ):
            marked.clear()


def chunks(items: Sequence[_Item], size: int = BATCH) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def describe_refusal(refusal: Refusal) -> str:
    """The system's own words, for a finding."""
    named = f" ({refusal.field})" if refusal.field else ""
    return f"{refusal.code}{named}: {refusal.text}"
