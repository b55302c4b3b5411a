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
SIDES: tuple[SideName, SideName] = ("crm", "marketing")


def other(side: SideName) -> SideName:
    """The system across."""
    return "marketing" if side == "crm" else "crm"


@dataclass(frozen=True, slots=True)
class Standing:
    """How one row stands. `pair` is what each side held when it was settled; None before the first link.

    `made`: the side whose record this sync is about to create, before it has, and `given` what its system itself
    puts there (a number that it counts). `*_at`: the last outside change.
    `reason` and `said` tell how it came to be so and make no difference between two standings.
    """

    crm: Value
    marketing: Value
    pair: tuple[Value, Value] | None = None
    crm_at: datetime | None = None
    marketing_at: datetime | None = None
    made: SideName | None = None
    given: Value = None
    reason: str = field(default="", compare=False)
    said: str = field(default="", compare=False)

    def of(self, side: SideName) -> Value:
        """What one side holds."""
        return self.crm if side == "crm" else self.marketing

    def settled_at(self, side: SideName) -> tuple[Value, Value] | None:
        """What one side holds and held when it was settled; None before the first link."""
        return None if self.pair is None else (self.of(side), self.pair[0 if side == "crm" else 1])

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
        return replace(self, pair=(self.crm, self.marketing), made=None, given=None, reason=reason, said=said)

    def left(self, reason: str, said: str) -> Standing:
        """After it decided to write nothing. Where nothing happened since the last decision, that one's reason
        stays: it is still why the row stands so."""
        if self.pair == (self.crm, self.marketing) and self.reason:
            return self
        return self.settled(reason, said)


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
class Wrote:
    """The connector wrote this value to one side: only a row that was decided so can stand here. A write that no
    decision explains says nothing; what is wrong about it shows at the end."""

    side: SideName
    value: Value


@dataclass(frozen=True, slots=True)
class Moved:
    """One side's half is another record from here on (converted, merged). `rule` decides from then on; None: the
    row stops syncing. `first`: the new record's field had no partner before, so this is a first link."""

    side: SideName
    rule: Rule | None
    value: Value
    at: datetime | None = None
    first: bool = False


Step: TypeAlias = Edited | Wrote | Cycle | Moved


def explore(start: Standing, rule: Rule | None, steps: Sequence[Step]) -> tuple[Standing, ...]:
    """Every way in which the row may stand after `steps`, in a fixed order."""
    rows: dict[Standing, None] = {start: None}
    deciding = rule
    for step in steps:
        if isinstance(step, Edited):
            rows = dict.fromkeys(row.edited(step.side, step.value, step.at) for row in rows)
        elif isinstance(step, Wrote):
            explained = [row for row in rows if row.settled_at(step.side) == (step.value, step.value)]
            rows = dict.fromkeys(explained) if explained else rows
        elif isinstance(step, Moved):
            deciding = step.rule
            rows = dict.fromkeys(_moved(row, step) for row in rows)
        elif deciding is not None:
            rows = dict.fromkeys(after for row in rows for after in _after_cycle(row, deciding, step))
    return tuple(rows)


def _after_cycle(row: Standing, rule: Rule, cycle: Cycle) -> Iterable[Standing]:
    for decided in rule.decide(row):
        yield decided
        if cycle.opens and not cycle.certain and row.pair is None:
            # Created, but the answer was lost: the pair may not have been stored, and is a first link again.
            yield replace(decided, pair=None, made=None)
    if not cycle.certain and not (cycle.opens and row.pair is None):
        yield row


def _moved(row: Standing, step: Moved) -> Standing:
    kept = row.crm_at if step.side == "crm" else row.marketing_at
    now = row.edited(step.side, step.value, step.at if step.value != row.of(step.side) else kept)
    return replace(now, pair=None, made=None) if step.first else now
