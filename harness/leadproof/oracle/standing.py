"""One row of one person as it stands, and what may become of it: exploring every placement of cycles.

A *row* is one mapping of one link: what the CRM holds, what marketing holds, and the settled pair. Outside edits
change it, a cycle decides it by a rule. Where cycle boundaries cannot be seen, a cycle may have run between any two
outside changes (sync-semantics.md "Oracle and boundaries"), so a row has a small *set* of ways to stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from leadterms.values import Value

SideName: TypeAlias = Literal["crm", "marketing"]


def other(side: SideName) -> SideName:
    """The system across."""
    return "marketing" if side == "crm" else "crm"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one row stands. `pair` is what each side held when it was settled; None before the first link.

    `made`: the side whose record this sync is about to create, before it has; `*_at`: the last outside change.
    `reason` and `said` tell how it came to be so and make no difference between two standings.
    """

    crm: Value
    marketing: Value
    pair: tuple[Value, Value] | None = None
    crm_at: datetime | None = None
    marketing_at: datetime | None = None
    made: SideName | None = None
    reason: str = field(default="", compare=False)
    said: str = field(default="", compare=False)

    def of(self, side: SideName) -> Value:
        """What one side holds."""
        return self.crm if side == "crm" else self.marketing

    def edited(self, side: SideName, value: Value, at: datetime | None) -> Standing:
        """After an outside edit of one side."""
        if side == "crm":
            return replace(self, crm=value, crm_at=at)
        return replace(self, marketing=value, marketing_at=at)

    def written(self, side: SideName, value: Value) -> Standing:
        """After the connector wrote one side; the pair is not settled by this."""
        return replace(self, crm=value) if side == "crm" else replace(self, marketing=value)

    def settled(self, reason: str, said: str) -> Standing:
        """After the connector decided: the pair is what both sides hold now."""
        return replace(self, pair=(self.crm, self.marketing), made=None, reason=reason, said=said)


class Rule(Protocol):
    """How a connector must decide one row. More than one outcome where the semantics leave a choice."""

    def decide(self, row: Standing) -> Iterable[Standing]: ...


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody outside changed one side."""

    side: SideName
    value: Value
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle that surely, or perhaps, decided this row. `opens`: it surely decided it if it never was before."""

    certain: bool
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """The CRM's half is another record from here on (converted, merged), under `rule`; None: it stops syncing.

    `first`: the new record's field had no partner before, so the row is linked for the first time."""

    rule: Rule | None
    value: Value
    at: datetime | None = None
    first: bool = False


Step: TypeAlias = Edited | Cycle | Moved


def explore(start: Standing, rule: Rule, steps: Sequence[Step]) -> tuple[frozenset[Standing], bool]:
    """Every way in which the row may stand after `steps`, and whether it still syncs then."""
    rows: frozenset[Standing] = frozenset((start,))
    deciding: Rule | None = rule
    for step in steps:
        if isinstance(step, Edited):
            rows = frozenset(row.edited(step.side, step.value, step.at) for row in rows)
        elif isinstance(step, Moved):
            deciding = step.rule
            rows = frozenset(_moved(row, step) for row in rows)
        elif deciding is not None:
            rows = _after_cycle(rows, deciding, step)
    return rows, deciding is not None


def _after_cycle(rows: frozenset[Standing], rule: Rule, cycle: Cycle) -> frozenset[Standing]:
    after: set[Standing] = set()
    for row in rows:
        after.update(rule.decide(row))
        if not cycle.certain and not (cycle.opens and row.pair is None):
            after.add(row)
    return frozenset(after)


def _moved(row: Standing, step: Moved) -> Standing:
    now = row.edited("crm", step.value, step.at if step.value != row.crm else row.crm_at)
    return replace(now, pair=None, made=None) if step.first else now
