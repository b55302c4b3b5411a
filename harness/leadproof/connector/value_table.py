"""Whose value wins: the nine rows of the value table, and which side of a mapping is their master.

Everything here is pure. A row sees a `Situation` and answers with an `Outcome`, or None where it does not fit;
the first row that fits decides. Source: sync-semantics.md "Whose value is it".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

Side: TypeAlias = Literal["crm", "marketing"]
Master: TypeAlias = Literal["crm", "marketing", "latest"]
Overwrite: TypeAlias = Literal["always", "if_blank", "never"]
Direction: TypeAlias = Literal["both", "to_crm", "to_marketing", "none"]
Clears: TypeAlias = Literal["keep", "propagate"]

OTHER: dict[Side, Side] = {"crm": "marketing", "marketing": "crm"}


class Outcome(Enum):
    """What a row does. "replica := blank" of rows 6 and 7 is "replica := w" with a blank w."""

    NOTHING = "nothing"
    REPLICA_TAKES = "replica := w"
    MASTER_TAKES = "master := r"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rows look at: the master's value w and the replica's r, each against its half of the pair.

    `first`: no pair is kept, so both sides count as changed. `fills_master`: this sync just created the
    master's record and direction permits to write it. `overwrite` is already `never` where direction forbids
    writing the master.
    """

    same: bool
    w_blank: bool
    r_blank: bool
    w_changed: bool
    r_changed: bool
    first: bool
    fills_master: bool
    overwrite: Overwrite
    clears: Clears


Row: TypeAlias = Callable[[Situation], Outcome | None]


def already_the_same(s: Situation) -> Outcome | None:
    """Row 1."""
    return Outcome.NOTHING if s.same else None


def nothing_changed(s: Situation) -> Outcome | None:
    """Row 2: a settled difference stays."""
    if not s.first and not s.w_changed and not s.r_changed:
        return Outcome.NOTHING
    return None


def first_link_with_value(s: Situation) -> Outcome | None:
    """Row 3."""
    return Outcome.REPLICA_TAKES if s.first and not s.w_blank else None


def first_link_without_value(s: Situation) -> Outcome | None:
    """Row 4: a first link never erases."""
    if not s.first:
        return None
    if s.overwrite != "never" or s.fills_master:
        return Outcome.MASTER_TAKES
    return Outcome.NOTHING


def master_changed(s: Situation) -> Outcome | None:
    """Row 5: whatever r is."""
    return Outcome.REPLICA_TAKES if not s.first and s.w_changed and not s.w_blank else None


def master_cleared(s: Situation) -> Outcome | None:
    """Row 6."""
    if not s.first and s.w_changed and s.w_blank and s.clears == "propagate":
        return Outcome.REPLICA_TAKES
    return None


def master_blank(s: Situation) -> Outcome | None:
    """Row 7: cleared under `keep`, or blank before and r changed."""
    if s.first or not s.w_blank:
        return None
    if s.overwrite != "never":
        return Outcome.MASTER_TAKES
    return Outcome.REPLICA_TAKES if s.clears == "propagate" else Outcome.NOTHING


def replica_wins(s: Situation) -> Outcome | None:
    """Row 8."""
    if not _only_replica_changed(s) or s.w_blank or s.overwrite != "always":
        return None
    return Outcome.MASTER_TAKES if not s.r_blank or s.clears == "propagate" else None


def changed_back(s: Situation) -> Outcome | None:
    """Row 9: changed back, or refilled: the false phone number."""
    return Outcome.REPLICA_TAKES if _only_replica_changed(s) and not s.w_blank else None


def _only_replica_changed(s: Situation) -> bool:
    return not s.first and s.r_changed and not s.w_changed


# Each row states its whole condition, so that none leans on the one above it doing its work.
ROWS: tuple[Row, ...] = (
    already_the_same,
    nothing_changed,
    first_link_with_value,
    first_link_without_value,
    master_changed,
    master_cleared,
    master_blank,
    replica_wins,
    changed_back,
)


def decide(situation: Situation, rows: Sequence[Row] = ROWS) -> tuple[str, Outcome]:
    """The first row that fits, by name, and its outcome."""
    for row in rows:
        outcome = row(situation)
        if outcome is not None:
            return row.__name__, outcome
    return "no_row", Outcome.NOTHING


def permits(direction: Direction, target: Side) -> bool:
    """Whether the mapping's direction lets a value enter this side."""
    return direction in ("both", f"to_{target}")


def effective_overwrite(overwrite: Overwrite, direction: Direction, master: Master, master_side: Side) -> Overwrite:
    """What may enter the master: `latest` counts as `always`, and a forbidden direction as `never`."""
    if not permits(direction, master_side):
        return "never"
    return "always" if master == "latest" else overwrite


@dataclass(frozen=True, slots=True)
class Rights:
    """What a mapping allows, with all defaults applied."""

    master: Master = "crm"
    overwrite: Overwrite = "if_blank"
    direction: Direction = "both"
    clears: Clears = "keep"


class Reading(NamedTuple):
    """Both sides of one mapping as read in this cycle; `first`: no settled pair, so both count as changed.

    A tuple, because one is made for each mapping of each record, and looked up."""

    same: bool
    crm_blank: bool
    marketing_blank: bool
    crm_changed: bool
    marketing_changed: bool
    first: bool
    created: Side | None = None

    def blank(self, side: Side) -> bool:
        return self.crm_blank if side == "crm" else self.marketing_blank

    def changed(self, side: Side) -> bool:
        return self.first or (self.crm_changed if side == "crm" else self.marketing_changed)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which row decided, and which side takes the other's value (None: nothing is written)."""

    row: str
    target: Side | None


def latest_side(reading: Reading, later: Callable[[], Side]) -> Side:
    """w under `master: latest`: the one side that changed; if both, the later; on a first link a value
    beats a blank. `later` is asked only when both changed: change times may cost a call."""
    if reading.first and reading.crm_blank != reading.marketing_blank:
        return "marketing" if reading.crm_blank else "crm"
    if reading.changed("crm") != reading.changed("marketing"):
        return "crm" if reading.changed("crm") else "marketing"
    if reading.same or not reading.changed("crm"):
        return "crm"
    return later()


def judge(rights: Rights, reading: Reading, later: Callable[[], Side], rows: Sequence[Row] = ROWS) -> Verdict:
    """Decide one mapping of one link. A write that direction forbids is dropped and is no error."""
    master = latest_side(reading, later) if rights.master == "latest" else rights.master
    return _verdict(rights, master, reading, tuple(rows))


@lru_cache(maxsize=4_096)
def _verdict(rights: Rights, master: Side, reading: Reading, rows: tuple[Row, ...]) -> Verdict:
    """The rows are pure and what they look at is a few yes or no, so each case is decided once."""
    replica = OTHER[master]
    row, outcome = decide(
        Situation(
            same=reading.same,
            w_blank=reading.blank(master),
            r_blank=reading.blank(replica),
            w_changed=reading.changed(master),
            r_changed=reading.changed(replica),
            first=reading.first,
            fills_master=reading.created == master and permits(rights.direction, master),
            overwrite=effective_overwrite(rights.overwrite, rights.direction, rights.master, master),
            clears=rights.clears,
        ),
        rows,
    )
    if outcome is Outcome.NOTHING:
        return Verdict(row, None)
    target = replica if outcome is Outcome.REPLICA_TAKES else master
    return Verdict(row, target if permits(rights.direction, target) else None)
