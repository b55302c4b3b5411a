"""The oracle's law of values says what the table of sync-semantics.md says, whatever was edited before."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.oracle.rules import Exchange, FieldRule
from leadproof.oracle.standing import Cycle, Edited, SideName, Standing, Step, explore
from leadterms.fields import FieldSpec
from tests.harness.oracle.value_table import Configuration, Sides, one_cycle

CONFIGURATIONS = [
    Configuration(*terms)
    for terms in itertools.product(
        ("crm", "marketing", "latest"),
        ("always", "if_blank", "never"),
        ("keep", "propagate"),
        ("both", "to_crm", "to_marketing", "none"),
    )
]
TEXTS = Exchange(
    FieldSpec("Lead", "Phone", "Phone", "single_line"), FieldSpec("prospect", "phone", "Phone", "single_line")
)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIDES: tuple[SideName, ...] = ("crm", "marketing")
EDITS = [(side, text) for side in SIDES for text in ("", "a", "b")]


def rule_of(configuration: Configuration) -> FieldRule:
    return FieldRule(TEXTS, *_terms(configuration))  # type: ignore[arg-type]


def _terms(c: Configuration) -> tuple[str, str, str, str]:
    return c.master, c.overwrite, c.direction, c.clears


def decided(configuration: Configuration, sides: Sides) -> tuple[str, str]:
    """What the oracle's rule makes of a row that stands so."""
    row = Standing(
        sides.crm or None,
        sides.marketing or None,
        None if sides.pair is None else (sides.pair[0] or None, sides.pair[1] or None),
        START + timedelta(seconds=sides.crm_at),
        START + timedelta(seconds=sides.marketing_at),
    )
    (after,) = rule_of(configuration).decide(row)
    assert after.pair == (after.crm, after.marketing)
    return str(after.crm or ""), str(after.marketing or "")


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: "-".join(_terms(c)))
def test_every_row_that_can_stand_is_decided_as_the_table_does(configuration: Configuration) -> None:
    """All values of both sides and of the pair, both orders of the edits, and the first link."""
    texts = ("", "a", "b", "c")
    pairs: list[tuple[str, str] | None] = [None, *itertools.product(texts[:3], repeat=2)]
    for crm, marketing, pair, (crm_at, marketing_at) in itertools.product(
        texts, texts, pairs, ((1, 2), (2, 1), (1, 1))
    ):
        sides = Sides(crm, marketing, crm_at, marketing_at, pair)
        expected, number = one_cycle(configuration, sides)
        assert decided(configuration, sides) == (expected.crm, expected.marketing), f"row {number} of {sides}"


@pytest.mark.parametrize("configuration", CONFIGURATIONS, ids=lambda c: "-".join(_terms(c)))
def test_a_second_cycle_changes_nothing(configuration: Configuration) -> None:
    """After every history of three edits and the cycles between them, one cycle is enough to be quiet."""
    for history in itertools.product((*EDITS, None), repeat=3):
        sides = Sides("a", "b", 0, 0)
        for moment, edit in enumerate(history, start=1):
            sides = _step(configuration, sides, edit, moment)
        once, _ = one_cycle(configuration, sides)
        assert decided(configuration, once) == (once.crm, once.marketing), history


def _step(configuration: Configuration, sides: Sides, edit: tuple[str, str] | None, moment: int) -> Sides:
    if edit is None:
        return one_cycle(configuration, sides)[0]
    side, text = edit
    if side == "crm":
        return Sides(text, sides.marketing, moment, sides.marketing_at, sides.pair)
    return Sides(sides.crm, text, sides.crm_at, moment, sides.pair)


@given(
    st.sampled_from(CONFIGURATIONS),
    st.lists(st.one_of(st.none(), st.sampled_from(EDITS)), max_size=7),
)
def test_hidden_boundaries_accept_every_placement_and_nothing_else(
    configuration: Configuration, history: list[tuple[SideName, str] | None]
) -> None:
    """With hidden cycles the standings are those of every choice of cycles between the edits, exactly."""
    edits = [edit for edit in history if edit is not None]
    expected = set()
    for placed in itertools.product((False, True), repeat=len(edits)):
        sides = Sides("", "a")
        for moment, (edit, cycle_before) in enumerate(zip(edits, placed, strict=True), start=1):
            if cycle_before:
                sides = one_cycle(configuration, sides)[0]
            sides = _step(configuration, sides, edit, moment)
        last, _ = one_cycle(configuration, sides)
        expected.add((last.crm, last.marketing))
    steps: list[Step] = []
    for moment, (side, text) in enumerate(edits, start=1):
        steps += [Cycle(certain=False), Edited(side, text or None, START + timedelta(seconds=moment))]
    steps.append(Cycle(certain=True))
    rows = explore(Standing(None, "a", None, START, START), rule_of(configuration), steps)
    assert {(str(row.crm or ""), str(row.marketing or "")) for row in rows} == expected
