"""The value table by itself: every configuration comes to rest, and no row can be left out or turned round."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import pytest

from leadproof.connector.value_table import ROWS, Outcome, Reading, Rights, Row, Side, Situation, decide, judge

VALUES = ("", "a", "b")
MASTERS = ("crm", "marketing", "latest")
CONFIGURATIONS = [
    Rights(master, overwrite, direction, clears)  # type: ignore[arg-type]
    for master, overwrite, direction, clears in product(
        MASTERS, ("always", "if_blank", "never"), ("both", "to_crm", "to_marketing"), ("keep", "propagate")
    )
]
# What people do between two cycles: each side is set to a value or left alone (None), and who was later.
SIDES: tuple[Side, ...] = ("crm", "marketing")
EDITS = [
    (crm, marketing, later)
    for crm in (None, *VALUES)
    for marketing in (None, *VALUES)
    for later in (SIDES if None not in (crm, marketing) else SIDES[:1])
]


class State(NamedTuple):
    """One mapping of one link between two cycles. `created`: the side that this sync just created."""

    crm: str
    marketing: str
    pair: tuple[str, str] | None = None
    created: Side | None = None


STARTS = [
    State(crm, marketing, None, created)
    for crm, marketing in product(VALUES, repeat=2)
    for created in (None, *SIDES)
    # What this sync created with a value got its pair then; only what was blank on the other side is left.
    if created is None or not (crm if created == "marketing" else marketing)
]


def edited(state: State, crm: str | None, marketing: str | None) -> State:
    """The state after people's edits."""
    return state._replace(
        crm=state.crm if crm is None else crm, marketing=state.marketing if marketing is None else marketing
    )


def cycled(
    rights: Rights, state: State, later: Side, *, reformats: bool = False, rows: Sequence[Row] = ROWS
) -> tuple[State, Side | None]:
    """Decide, write, read back, store the pair; with the side that was written. A marketing org that reformats
    makes capitals of what it is given."""
    crm, marketing, pair, created = state
    held = pair or ("", "")
    reading = Reading(
        same=crm == marketing,
        crm_blank=not crm,
        marketing_blank=not marketing,
        crm_changed=held[0] != crm,
        marketing_changed=held[1] != marketing,
        first=pair is None,
        created=created,
    )
    target = judge(rights, reading, lambda: later, rows).target
    if target == "crm":
        crm = marketing
    elif target == "marketing":
        marketing = crm.upper() if reformats else crm
    return State(crm, marketing, (crm, marketing)), target


def reachable(rights: Rights, *, reformats: bool = False) -> list[State]:
    """Every state between two cycles that any history of edits, however long, can lead to."""
    found = dict.fromkeys(STARTS)
    left = list(STARTS)
    while left:
        state = left.pop()
        for crm, marketing, later in EDITS:
            after, _ = cycled(rights, edited(state, crm, marketing), later, reformats=reformats)
            if after not in found:
                found[after] = None
                left.append(after)
    return list(found)


@pytest.mark.parametrize("reformats", [False, True])
@pytest.mark.parametrize("rights", CONFIGURATIONS, ids=str)
def test_every_configuration_is_quiet_after_one_cycle(rights: Rights, reformats: bool) -> None:
    """After the cycle that follows any edits in any reachable state, the next writes nothing."""
    for state in reachable(rights, reformats=reformats):
        for crm, marketing, later in EDITS:
            after, _ = cycled(rights, edited(state, crm, marketing), later, reformats=reformats)
            assert cycled(rights, after, later, reformats=reformats) == (after, None), (state, crm, marketing)


@pytest.mark.parametrize("rights", CONFIGURATIONS, ids=str)
def test_what_differs_at_rest_is_allowed_to(rights: Rights) -> None:
    """With both directions, a difference stays only where the master is blank and may not be written."""
    for state in reachable(rights):
        if state.pair is None or state.crm == state.marketing:
            continue
        master = {"crm": state.crm, "marketing": state.marketing}.get(rights.master)
        assert rights.direction != "both" or (not master and rights.overwrite == "never"), state


def test_nothing_but_the_master_comes_back() -> None:
    """A value that only the replica changed is the master's again, for each master without overwrite."""
    for master, overwrite in product(("crm", "marketing"), ("if_blank", "never")):
        rights = Rights(master, overwrite)  # type: ignore[arg-type]
        state = State("a", "a", ("a", "a"))
        false = state._replace(marketing="b") if master == "crm" else state._replace(crm="b")
        assert cycled(rights, false, "crm")[0] == state


def swapped(row: Row) -> Row:
    """The row with its result turned round."""

    def turned(situation: Situation) -> Outcome | None:
        outcome = row(situation)
        return {
            None: None,
            Outcome.NOTHING: Outcome.REPLICA_TAKES,
            Outcome.REPLICA_TAKES: Outcome.MASTER_TAKES,
            Outcome.MASTER_TAKES: Outcome.REPLICA_TAKES,
        }[outcome]

    return turned


@pytest.mark.parametrize("position", range(len(ROWS)), ids=[row.__name__ for row in ROWS])
@pytest.mark.parametrize("how", ["removed", "swapped"])
def test_no_row_can_be_left_out_or_turned_round(position: int, how: str) -> None:
    """Without the row, or with its result swapped, some reachable state is decided otherwise."""
    rows = list(ROWS)
    rows[position : position + 1] = [swapped(ROWS[position])] if how == "swapped" else []
    assert any(
        cycled(rights, edited(state, crm, marketing), later)
        != cycled(rights, edited(state, crm, marketing), later, rows=rows)
        for rights in CONFIGURATIONS
        for state in reachable(rights)
        for crm, marketing, later in EDITS
    )


def situation(**told: object) -> Situation:
    plain: dict[str, object] = {
        "same": False, "w_blank": False, "r_blank": False, "w_changed": False, "r_changed": False,
        "first": False, "fills_master": False, "overwrite": "if_blank", "clears": "keep",
    }  # fmt: skip
    return Situation(**{**plain, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "row", "outcome"),
    [
        ({"same": True, "w_changed": True, "r_changed": True}, "already_the_same", Outcome.NOTHING),
        ({}, "nothing_changed", Outcome.NOTHING),
        ({"first": True, "w_changed": True, "r_changed": True}, "first_link_with_value", Outcome.REPLICA_TAKES),
        ({"first": True, "w_blank": True}, "first_link_without_value", Outcome.MASTER_TAKES),
        ({"first": True, "w_blank": True, "overwrite": "never"}, "first_link_without_value", Outcome.NOTHING),
        (
            {"first": True, "w_blank": True, "overwrite": "never", "fills_master": True},
            "first_link_without_value",
            Outcome.MASTER_TAKES,
        ),
        ({"w_changed": True, "r_changed": True}, "master_changed", Outcome.REPLICA_TAKES),
        ({"w_changed": True, "w_blank": True, "clears": "propagate"}, "master_cleared", Outcome.REPLICA_TAKES),
        ({"w_changed": True, "w_blank": True}, "master_blank", Outcome.MASTER_TAKES),
        ({"r_changed": True, "w_blank": True, "overwrite": "never"}, "master_blank", Outcome.NOTHING),
        (
            {"r_changed": True, "w_blank": True, "overwrite": "never", "clears": "propagate"},
            "master_blank",
            Outcome.REPLICA_TAKES,
        ),
        ({"r_changed": True, "overwrite": "always"}, "replica_wins", Outcome.MASTER_TAKES),
        ({"r_changed": True, "r_blank": True, "overwrite": "always"}, "changed_back", Outcome.REPLICA_TAKES),
        (
            {"r_changed": True, "r_blank": True, "overwrite": "always", "clears": "propagate"},
            "replica_wins",
            Outcome.MASTER_TAKES,
        ),
        ({"r_changed": True}, "changed_back", Outcome.REPLICA_TAKES),
    ],
)
def test_each_row_as_the_page_says(told: dict[str, object], row: str, outcome: Outcome) -> None:
    """Each row of the printed table, with the row that decides it by name."""
    assert decide(situation(**told)) == (row, outcome)
