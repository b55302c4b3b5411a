"""Bugs that users of real connectors reported in public, and those that every first connector has.

Registered with the others in defects.py. Mautic's CRM plugins, by their issue tracker: edits on both sides in one
window, wrong modified stamps, owners that are not pushed, records that are never tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from leadproof.connector import connector as steps
from leadproof.connector.cycle import Cycle
from leadproof.connector.intents import Intent
from leadproof.connector.metered import Metered
from leadproof.connector.outbox import Outbox
from leadproof.connector.planting import Connecting, Defect, PlantedUsers, with_meter, with_outbox, with_rows, with_step
from leadproof.connector.users import Partner
from leadproof.connector.value_table import ROWS, Outcome, Side, Situation
from leadproof.systems.outreach import Answer
from leadproof.systems.ports import Cursor, Page, Record, WriteResult
from leadproof.systems.records import FieldChange
from leadterms.values import Value

Altering: TypeAlias = Callable[[Value], Value]


def both_sides_lost(base: Connecting) -> Connecting:
    """A row that both sides changed in one window is left as it is, on both sides, for good."""

    def left_alone(s: Situation) -> Outcome | None:
        both = not s.first and s.w_changed and s.r_changed and not s.same
        return Outcome.NOTHING if both else None

    return with_rows(base, (ROWS[0], left_alone, *ROWS[1:]))


def owner_not_pushed(base: Connecting) -> Connecting:
    """The CRM's owner never reaches marketing."""

    def unowned(cycle: Cycle) -> None:
        steps.sync_users(cycle)
        cycle.users = _Unpushed(cycle.users)

    return with_step(base, steps.sync_users, unowned)


class _Unpushed(PlantedUsers):
    def partner(self, owner: str, target: Side) -> Partner:
        right = super().partner(owner, target)
        return replace(right, user=None, trouble="missing") if target == "marketing" and right.user else right


def wrong_modified_stamp(base: Connecting) -> Connecting:
    """Marketing's stamps are read as local time of somewhere else: marketing always seems to be the later."""
    return with_meter(base, _Ahead)


class _Ahead(Metered):
    def history(self, object: str, id: str) -> list[FieldChange]:
        told = super().history(object, id)
        return [replace(one, at=one.at + timedelta(hours=9)) for one in told] if self.side == "marketing" else told


def never_retries(base: Connecting) -> Connecting:
    """What was set aside is forgotten."""

    def forgetful(cycle: Cycle) -> None:
        for one in cycle.store.set_aside.all():
            with cycle.store.transaction():
                cycle.store.set_aside.drop(one.kind, one.side, one.object, one.record)
        steps.sync_persons(cycle)

    return with_step(base, steps.sync_persons, forgetful)


def exclusive_watermark(base: Connecting) -> Connecting:
    """Goes on one behind where the last page ended."""
    return with_meter(base, _OneBehind)


class _OneBehind(Metered):
    def changes(self, object: str, since: Cursor | None, fields: Sequence[str], limit: int) -> Page[Record]:
        behind = str(int(since) + 1) if since is not None and since.isdigit() else since
        return super().changes(object, behind, fields, limit)


def last_answer_only(base: Connecting) -> Connecting:
    """Reads the current value instead of every answer."""
    return with_meter(base, _LastAnswer)


class _LastAnswer(Metered):
    def answers(self, id: str, field: str) -> list[Answer]:
        return super().answers(id, field)[-1:]


def assigns_again(base: Connecting) -> Connecting:
    """Leaves it to the CRM's default whether an update runs the assignment rules."""

    class Assigning(Outbox):
        def send(self, intents: Sequence[Intent]) -> list[WriteResult]:
            for intent in intents if self._side == "crm" else ():
                if intent.purpose == "update":
                    intent.write = replace(intent.write, assign=True)
            return super().send(intents)

    return with_outbox(base, Assigning)


def opt_out_like_any_box(base: Connecting) -> Connecting:
    """Decides opt-outs by the value table, where the master's unticked box wins."""

    def unticking(cycle: Cycle) -> None:
        steps.sync_users(cycle)
        for name, kind in cycle.kinds.items():
            twins = {
                object: tuple(replace(one, manner="table") if one.manner == "sticky" else one for one in held)
                for object, held in kind.twins.items()
            }
            cycle.kinds[name] = replace(kind, twins=twins)

    return with_step(base, steps.sync_users, unticking)


def repeats_answers(base: Connecting) -> Connecting:
    """Knows answers by their place among all of them, counted from the newest: each new one renames the others."""
    return with_meter(base, _Renumbered)


class _Renumbered(Metered):
    def answers(self, id: str, field: str) -> list[Answer]:
        told = super().answers(id, field)
        return [replace(one, id=f"{one.id}-{len(told) - place}") for place, one in enumerate(told)]


def alters(side: Side, change: Altering) -> Defect:
    """Every value that is written to one side is altered on its way."""

    def plant(base: Connecting) -> Connecting:
        class Altered(Outbox):
            def send(self, intents: Sequence[Intent]) -> list[WriteResult]:
                link_fields = {kind.link_field(self._side) for kind in self._cycle.kinds.values()}
                for intent in intents if self._side == side else ():
                    values = {
                        name: value if name in link_fields else change(value)
                        for name, value in intent.write.values.items()
                    }
                    intent.write = replace(intent.write, values=values)
                return super().send(intents)

        return with_outbox(base, Altered)

    return plant


def knows_few_fields(base: Connecting) -> Connecting:
    """Was written for the first fields that anybody asked for, and never learnt the others."""

    class Few(Outbox):
        def send(self, intents: Sequence[Intent]) -> list[WriteResult]:
            link_fields = {kind.link_field(self._side) for kind in self._cycle.kinds.values()}
            for intent in intents:
                known = {
                    name: value
                    for name, value in intent.write.values.items()
                    if name in link_fields or name.replace("_", "").casefold() in FIRST_FIELDS
                }
                intent.write = replace(intent.write, values=known)
            return super().send(intents)

    return with_outbox(base, Few)


def _without_zeros(value: Value) -> Value:
    trimmed = value.lstrip("0") if isinstance(value, str) and value.isdigit() else value
    return trimmed or value


def _hour_later(value: Value) -> Value:
    return value + timedelta(hours=1) if isinstance(value, datetime) else value


def _cut(value: Value) -> Value:
    return value[:12] if isinstance(value, str) and len(value) > 12 and "@" not in value and "#" not in value else value


def _truth_lost(value: Value) -> Value:
    return False if value is True else value


FIRST_FIELDS = frozenset({"email", "firstname", "lastname", "company", "phone", "name"})

REPORTED: dict[str, Any] = {
    "knows_few_fields": knows_few_fields,
    "both_sides_lost": both_sides_lost,
    "owner_not_pushed": owner_not_pushed,
    "wrong_modified_stamp": wrong_modified_stamp,
    "never_retries": never_retries,
    "exclusive_watermark": exclusive_watermark,
    "last_answer_only": last_answer_only,
    "assigns_again": assigns_again,
    "opt_out_like_any_box": opt_out_like_any_box,
    "repeats_answers": repeats_answers,
    "trims_zeros": alters("crm", _without_zeros),
    "local_time": alters("crm", _hour_later),
    "cuts_texts": alters("marketing", _cut),
    "loses_ticks": alters("crm", _truth_lost),
}
"""By name; defects.py takes them in."""
