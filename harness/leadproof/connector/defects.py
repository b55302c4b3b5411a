"""Planted connector bugs, by name: what the checklist is measured with (product.md H3, quality.md R7).

Each defect is one function that takes a Connector class and answers a broken subclass; one line in `DEFECTS`
registers it. The connector itself knows nothing of them. `planted("echoes")(integration, crm, marketing, store)` is
used wherever `Connector(...)` is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from leadproof.connector import connector as steps
from leadproof.connector.connector import Connector
from leadproof.connector.cycle import Ambiguous, Cycle, Deletes
from leadproof.connector.intents import Intent
from leadproof.connector.kinds import Kind
from leadproof.connector.metered import Metered
from leadproof.connector.outbox import Outbox
from leadproof.connector.planting import (
    Connecting,
    Defect,
    PlantedUsers,
    with_members,
    with_meter,
    with_outbox,
    with_rows,
    with_step,
)
from leadproof.connector.report import CycleReport
from leadproof.connector.reported import REPORTED
from leadproof.connector.users import Partner
from leadproof.connector.value_table import ROWS, Outcome, Rights, Row, Side, Situation
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import Cursor, Page, Record, Write, WriteResult
from leadterms.fieldtypes import blank

_RESTED, _RESTS = "rested", 3


def planted(name: str) -> Connecting:
    """The connector with this bug. Raises KeyError for a name that DEFECTS does not have."""
    broken = DEFECTS[name](Connector)
    broken.__name__ = f"Connector_{name}"
    return broken


# --- bugs of behaviour ----------------------------------------------------------------------------------------


def do_nothing(base: Connecting) -> Connecting:
    """Says that all is well."""

    return with_members(base, cycle=lambda self: CycleReport(1))


def one_way(written: Side) -> Defect:
    """Writes one side only; what the other side should have got counts as done."""

    def plant(base: Connecting) -> Connecting:
        return with_outbox(base, _OneWay, written=written)

    return plant


class _OneWay(Outbox):
    written: Side

    def send(self, intents: Sequence[Intent]) -> list[WriteResult]:
        if self._side == self.written:
            return super().send(intents)
        return [WriteResult("unknown", None) for _ in intents]


def doubles_on_retry(base: Connecting) -> Connecting:
    """After an answer that was lost it creates again, with a new key and without looking."""
    return with_outbox(base, _Doubling)


class _Doubling(Outbox):
    def ask(self, intent: Intent) -> WriteResult:
        if intent.purpose != "create":
            return super().ask(intent)
        again = replace(intent.write, idempotency_key="", allow_duplicates=True, values=self._unlinked(intent))
        (result,) = self._system.write([again])
        return result

    def _unlinked(self, intent: Intent) -> dict[str, Any]:
        """The link field is unique, so a bug that made a second record must leave it out."""
        link = self._cycle.kinds[intent.kind].link_field(self._side)
        return {name: value for name, value in intent.write.values.items() if name != link}


def swaps_owners(base: Connecting) -> Connecting:
    """Gives every lead to the next user in the list instead of the partner."""

    def swapped(cycle: Cycle) -> None:
        steps.sync_users(cycle)
        cycle.users = _Swapped(cycle.users)

    return with_step(base, steps.sync_users, swapped)


class _Swapped(PlantedUsers):
    def partner(self, owner: str, target: Side) -> Partner:
        right = super().partner(owner, target)
        active = [user.id for user in self._users[target].values() if user.active and not user.queue]
        if right.user is None or len(active) < 2:
            return right
        return Partner(active[(active.index(right.user) + 1) % len(active)], wanted=right.wanted)


def misses_pages(base: Connecting) -> Connecting:
    """Reads the first page of a feed and believes that it was the last, then goes on behind the rest."""
    return with_meter(base, _OnePage)


class _OnePage(Metered):
    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        first = page = super().changes(object, since, fields, limit)
        while page.more:
            page = super().changes(object, page.next, fields, limit)
        return Page(first.items, page.next, False)


def case_sensitive_email(base: Connecting) -> Connecting:
    """Compares match keys letter by letter."""

    def typed(cycle: Cycle) -> None:
        cycle.fold = lambda value: "" if blank(value) else str(value)
        steps.sync_users(cycle)

    return with_meter(with_step(base, steps.sync_users, typed), _AllowsDuplicates)


class _AllowsDuplicates(Metered):
    """Tells the CRM to take what it would call a duplicate, as such connectors have to."""

    def write(self, writes: Sequence[Any]) -> list[WriteResult]:
        return super().write([replace(one, allow_duplicates=True) for one in writes])


def echoes(base: Connecting) -> Connecting:
    """Takes its own writes for news and writes every linked record again, in each cycle."""

    def loud(cycle: Cycle) -> None:
        steps.sync_persons(cycle)
        _echo(cycle)

    return with_step(base, steps.sync_persons, loud)


def echoes_late(base: Connecting) -> Connecting:
    """Rests for three cycles, as if it had settled, and takes its own writes for news in the fourth."""

    def late(cycle: Cycle) -> None:
        steps.sync_opportunities(cycle)
        rested = int(cycle.store.state(_RESTED) or "0") + 1 if cycle.report.silent else 0
        if rested > _RESTS:
            rested = 0
            _echo(cycle)
        with cycle.store.transaction():
            cycle.store.set_state(_RESTED, str(rested))

    return with_step(base, steps.sync_opportunities, late)


def _echo(cycle: Cycle) -> None:
    kind = cycle.kinds["person"]
    for link in cycle.store.links.all("person"):
        if not link.gone:
            _touch(cycle, kind, "marketing", link.marketing_id, kind.marketing_object, kind.marketing_link)


def _touch(cycle: Cycle, kind: Kind, side: Side, id: str, object: str, field: str) -> None:
    system = cycle.system(side)
    for record in system.read(object, [id], kind.fields(side, object)):
        value = record.values.get(field)
        cycle.report.count(side, 2)
        system.write([Write("update", object, id, values={field: None})])
        system.write([Write("update", object, id, values={field: value})])


def skips_member_status(base: Connecting) -> Connecting:
    """Adds members, and never looks at their status again."""
    return with_meter(base, _FirstStatusOnly)


class _FirstStatusOnly(Metered):
    """Sets a member once; a later change of the status is answered as if it had been written."""

    known: dict[tuple[Side, str, str], str]

    def set_members(self, writes: Sequence[MemberWrite]) -> list[WriteResult]:
        members = {(one.campaign, one.person) for one in self.system.members(None, 2000).items if not one.deleted}
        new = [one for one in writes if one.op == "remove" or (one.campaign, one.person) not in members]
        results = iter(super().set_members(new) if new else [])
        return [next(results) if one in new else WriteResult("unchanged", None) for one in writes]


# --- rows of the value table, settings ignored ------------------------------------------------------------------


def row_removed(position: int) -> Defect:
    """The value table without one row."""

    def plant(base: Connecting) -> Connecting:
        return with_rows(base, (*ROWS[:position], *ROWS[position + 1 :]))

    return plant


def row_swapped(position: int) -> Defect:
    """The value table with one row's result turned round: nothing -> replica := w -> master := r -> replica := w."""

    def plant(base: Connecting) -> Connecting:
        return with_rows(base, (*ROWS[:position], _turned(ROWS[position]), *ROWS[position + 1 :]))

    return plant


def _turned(row: Row) -> Row:
    def turned(situation: Situation) -> Outcome | None:
        outcome = row(situation)
        if outcome is None:
            return None
        return Outcome.MASTER_TAKES if outcome is Outcome.REPLICA_TAKES else Outcome.REPLICA_TAKES

    turned.__name__ = f"{row.__name__}_swapped"
    return turned


def right_ignored(name: str, value: str) -> Defect:
    """Every mapping is treated as if the integration said `name: value`."""

    def plant(base: Connecting) -> Connecting:
        def ignoring(cycle: Cycle) -> None:
            steps.sync_users(cycle)
            for kind_name, kind in cycle.kinds.items():
                cycle.kinds[kind_name] = replace(
                    kind,
                    twins={
                        object: tuple(
                            twin if twin.manner == "append" else replace(twin, rights=_with(twin.rights, name, value))
                            for twin in twins
                        )
                        for object, twins in kind.twins.items()
                    },
                )

        return with_step(base, steps.sync_users, ignoring)

    return plant


def _with(rights: Rights, name: str, value: str) -> Rights:
    told: dict[str, Any] = {name: value}
    return replace(rights, **told)


def ambiguous_ignored(base: Connecting) -> Connecting:
    """Takes the oldest of several matches whatever the integration says; told to take one, it refuses."""

    def settings(self: Connector) -> tuple[Deletes, Ambiguous]:
        deletes, ambiguous = base.settings(self)
        return deletes, "oldest" if ambiguous == "refuse" else "refuse"

    return with_members(base, settings=settings)


def deletes_ignored(base: Connecting) -> Connecting:
    """Deletes the partner where the integration says to ignore a delete, and the other way round."""

    def settings(self: Connector) -> tuple[Deletes, Ambiguous]:
        deletes, ambiguous = base.settings(self)
        return "propagate" if deletes == "ignore" else "ignore", ambiguous

    return with_members(base, settings=settings)


DEFECTS: Mapping[str, Defect] = MappingProxyType(
    {
        "do_nothing": do_nothing,
        "one_way_to_crm": one_way("crm"),
        "one_way_to_marketing": one_way("marketing"),
        "doubles_on_retry": doubles_on_retry,
        "swaps_owners": swaps_owners,
        "misses_pages": misses_pages,
        "case_sensitive_email": case_sensitive_email,
        "echoes": echoes,
        "echoes_late": echoes_late,
        "skips_member_status": skips_member_status,
        **{f"row_{number + 1}_removed": row_removed(number) for number in range(len(ROWS))},
        **{f"row_{number + 1}_swapped": row_swapped(number) for number in range(len(ROWS))},
        "overwrite_ignored_always": right_ignored("overwrite", "always"),
        "overwrite_ignored_if_blank": right_ignored("overwrite", "if_blank"),
        "overwrite_ignored_never": right_ignored("overwrite", "never"),
        "clears_ignored_keep": right_ignored("clears", "keep"),
        "clears_ignored_propagate": right_ignored("clears", "propagate"),
        "direction_ignored": right_ignored("direction", "both"),
        "direction_ignored_to_crm": right_ignored("direction", "to_crm"),
        "direction_ignored_to_marketing": right_ignored("direction", "to_marketing"),
        "ambiguous_ignored": ambiguous_ignored,
        "deletes_ignored": deletes_ignored,
        **REPORTED,
    }
)
"""Every defect by name. A further one is one function above and one line here."""
