"""The value table by itself: every configuration comes to rest, and no row can be left out or turned round."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from leadproof.connector.value_table import ROWS, Outcome, Reading, Rights, Row, Side, Situation, judge

VALUES = ("", "a", "b")
MASTERS = ("crm", "marketing", "latest")
CONFIGURATIONS = [
    Rights(master, overwrite, direction, clears)  # type: ignore[arg-type]
    for master, overwrite, direction, clears in product(
        MASTERS, ("always", "if_blank", "never"), ("both", "to_crm", "to_marketing"), ("keep", "propagate")
    )
]
# An edit of a cycle: what each side is set to before it (None: left alone), and who was later.
EDITS = [
    (crm, marketing, later)
    for crm in (None, *VALUES)
    for marketing in (None, *VALUES)
    for later in (("crm", "marketing") if None not in (crm, marketing) else ("crm",))
]


class Mapping:
    """One mapping between two cells; `stores` is what marketing makes of a value that it is given."""

    def __init__(self, rights: Rights, crm: str, marketing: str, reformats: bool, created: Side | None) -> None:
        self.rights = rights
        self.held: dict[Side, str] = {"crm": crm, "marketing": marketing}
        self.pair: tuple[str, str] | None = None
        self.created = created
        self.reformats = reformats
        self.later: Side = "crm"

    def edit(self, crm: str | None, marketing: str | None, later: Side) -> None:
        self.held["crm"] = self.held["crm"] if crm is None else crm
        self.held["marketing"] = self.held["marketing"] if marketing is None else marketing
        self.later = later

    def cycle(self, rows: Sequence[Row] = ROWS) -> Side | None:
        """Decide, write, read back, store the pair; answers the side that was written."""
        crm, marketing = self.held["crm"], self.held["marketing"]
        pair = self.pair or ("", "")
        reading = Reading(
            same=crm == marketing,
            crm_blank=not crm,
            marketing_blank=not marketing,
            crm_changed=pair[0] != crm,
            marketing_changed=pair[1] != marketing,
            first=self.pair is None,
            created=self.created,
        )
        target = judge(self.rights, reading, lambda: self.later, rows).target
        if target == "crm":
            self.held["crm"] = marketing
        elif target == "marketing":
            self.held["marketing"] = crm.upper() if self.reformats else crm
        self.pair = (self.held["crm"], self.held["marketing"])
        self.created = None
        return target


def histories(rights: Rights, *, reformats: bool) -> Iterator[Mapping]:
    """Every first link, then every edit, then every second edit; each brought to the point after its cycle."""
    created: tuple[Side | None, ...] = (None, "crm", "marketing")
    for crm, marketing, who in product(VALUES, VALUES, created):
        if who is not None and (crm if who == "crm" else marketing):
            continue  # what this sync created holds what it sent
        for first, second in product([None, *EDITS], repeat=2):
            mapping = Mapping(rights, crm, marketing, reformats, who)
            mapping.cycle()
            for edit in (first, second):
                if edit is not None:
                    mapping.edit(*edit)  # type: ignore[arg-type]
                    mapping.cycle()
            yield mapping


@pytest.mark.parametrize("reformats", [False, True])
@pytest.mark.parametrize("master", MASTERS)
def test_every_configuration_is_quiet_after_one_cycle(master: str, reformats: bool) -> None:
    """After the cycle that follows the last edit, the next writes nothing; also if the target reformats."""
    judged = 0
    for rights in CONFIGURATIONS:
        if rights.master != master:
            continue
        for mapping in histories(rights, reformats=reformats):
            judged += 1
            assert mapping.cycle() is None, (rights, mapping.held, mapping.pair)
    assert judged > 10_000


@pytest.mark.parametrize("rights", CONFIGURATIONS, ids=str)
def test_what_differs_at_rest_is_allowed_to(rights: Rights) -> None:
    """A difference stays only where direction forbids the write, or the master is blank and may not be written."""
    for mapping in histories(rights, reformats=False):
        crm, marketing = mapping.held["crm"], mapping.held["marketing"]
        if crm == marketing:
            continue
        blank_master = "" in (crm, marketing) if rights.master == "latest" else not mapping.held[rights.master]
        assert rights.direction != "both" or (blank_master and rights.overwrite == "never"), (rights, mapping.held)


def outcomes(rows: Sequence[Row]) -> list[Side | None]:
    """What every history of one edit writes under every configuration with both directions."""
    told = []
    for rights in CONFIGURATIONS:
        for crm, marketing in product(VALUES, repeat=2):
            for first, second in product([None, *EDITS], repeat=2):
                mapping = Mapping(rights, crm, marketing, False, None)
                told.append(mapping.cycle(rows))
                for edit in (first, second):
                    if edit is not None:
                        mapping.edit(*edit)  # type: ignore[arg-type]
                        told.append(mapping.cycle(rows))
    return told


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


@pytest.mark.slow
@pytest.mark.parametrize("position", range(len(ROWS)), ids=[row.__name__ for row in ROWS])
@pytest.mark.parametrize("how", ["removed", "swapped"])
def test_no_row_can_be_left_out_or_turned_round(position: int, how: str) -> None:
    """Without the row, or with its result swapped, some history is written differently."""
    rows = list(ROWS)
    rows[position : position + 1] = [swapped(ROWS[position])] if how == "swapped" else []
    assert outcomes(rows) != outcomes(ROWS)


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
    from leadproof.connector.value_table import decide

    assert decide(situation(**told)) == (row, outcome)
