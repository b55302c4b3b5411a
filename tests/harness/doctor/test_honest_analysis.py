"""Where the cells are not complete the analysis says so, and claims nothing that it has not proven."""

from __future__ import annotations

import pytest

from leadproof.doctor.assignment import Rule, RuleSet, analyse
from leadproof.doctor.assignment.analysis import Analysis
from leadproof.doctor.assignment.axes import bits
from leadterms.criteria import bind, evaluate, parse_criteria
from leadterms.fields import FieldSpec
from tests.harness.doctor.rulesets import field, fulfils, random_rules

FIELDS: dict[str, FieldSpec] = {
    spec.id: spec
    for spec in (
        field("City", "single_line", length=40),
        field("Email", "email", length=80),
        field("Site", "url"),
        field("Size", "number", scale=0),
        field("Code", "single_line", length=6),
        field("Name", "formula", formula={"concat": ["City"]}),
        field("Account", "reference", refers_to="Account"),
        field("Topics", "multi_select", choices=tuple("ABCDEFGHIJKLMN")),
        *(field(f"F{number}", "number") for number in range(20)),
    )
}


def rule(rows: list[list[object]], logic: str | None = None, to: str = "kari") -> Rule:
    """A rule of these rows."""
    criteria = parse_criteria({"rows": rows, "logic": logic})
    return Rule("R", bind(criteria, FIELDS), (to,))


def judged(*rules: Rule) -> Analysis:
    """The analysis of these rules."""
    return analyse(rules, FIELDS)


@pytest.mark.parametrize(
    ("rows", "matchable"),
    [
        ([["Size", ">", "1"], ["Size", "<", "2"]], False),
        ([["Size", ">", "1"], ["Size", "<", "3"]], True),
        ([["City", "starts_with", "Os"], ["City", "starts_with", "Be"]], False),
        ([["City", "starts_with", "Os"], ["City", "starts_with", "oslo"], ["City", "ends_with", "Os"]], True),
        ([["City", "=", "Oslo"], ["City", "not_contains", "SL"]], False),
        ([["City", "starts_with", "Oslo"], ["City", "not_contains", "slo"]], False),
        ([["Email", "=", "no address"]], False),
        ([["Email", "ends_with", "@acme.example"], ["Email", "starts_with", "info"]], True),
        ([["Email", "contains", "acme"], ["Email", "not_contains", "example"]], True),
        ([["Site", "contains", "acme"], ["Site", "ends_with", ".no"]], True),
        ([["Topics", "contains", ["A"]], ["Topics", "not_contains", ["a"]]], False),
        ([["Topics", "=", ["A", "B"]], ["Topics", "contains", ["C"]]], False),
        ([["Code", "=", "longer than six"]], True),  # perhaps: some letters are one and casefold to three
        ([["Code", "=", "much longer than three times six"]], False),
    ],
)
def test_parts_of_texts_are_judged_completely(rows: list[list[object]], matchable: bool) -> None:
    """What a text begins with, ends with and contains, what addresses and whole numbers can be, is known."""
    found = judged(rule(rows))
    assert (found.unmatchable == []) == matchable
    assert found.unproven == []


def test_a_formula_is_no_witness() -> None:
    """Its values are computed, so no lead is shown for it; that its conditions contradict is still known."""
    first, second = rule([["Name", "=", "a"]]), rule([["Name", "contains", "a"]], to="ola")
    found = judged(first, second)
    assert (found.gap, found.overlaps, found.shadowed) == (None, [], [])
    assert None in [one.rule for one in found.unproven]
    assert judged(rule([["Name", "=", "a"], ["Name", "=", "b"]])).unmatchable[0].rows == (0, 1)


def test_a_reference_is_witnessed_by_a_blank_only() -> None:
    """Which records there are to point at is not known: the lead of the gap has no account."""
    found = judged(rule([["Account", "=", "acc1"]]))
    assert found.gap is not None
    assert found.gap.lead == {"Account": None}


def test_order_and_parts_of_one_text_are_not_enumerable() -> None:
    """No rule is called unmatchable or shadowed on what is not known; what the samples show is shown."""
    rows: list[list[object]] = [["City", "<", "m"], ["City", "contains", "zz"]]
    found = judged(rule(rows))
    assert found.unmatchable == []
    assert found.gap is not None
    assert not evaluate(rule(rows).criteria, found.gap.lead)  # type: ignore[arg-type]
    assert judged(rule([["City", "<", "m"]]), rule([["City", "contains", "a"]], to="ola")).shadowed == []


def test_many_parts_and_many_choices_are_not_enumerated() -> None:
    """Fifteen parts of a text, or fourteen choices, have too many combinations: nothing false is claimed."""
    parts = rule([["City", "contains", f"part{number}"] for number in range(15)])

    for one in (parts, rule([["Topics", "contains", [letter]] for letter in "ABCDEFGHIJKLMN"])):
        found = judged(one, rule([["City", "=", "part1"]], to="ola"))
        assert found.unmatchable == []
        assert found.shadowed == []


def test_a_rule_with_too_many_ways_is_left_open() -> None:
    """Nothing is claimed of it, nor of what other rules leave to it."""
    pairs = rule(
        [[f"F{number}", "=", "1"] for number in range(20)],
        " AND ".join(f"({2 * number + 1} OR {2 * number + 2})" for number in range(10)),
    )
    found = judged(pairs, rule([["Size", "=", "1"]], to="ola"))
    assert found.unproven[0].rule == 0
    assert found.unproven[0].why == "its logic has too many ways to be fulfilled"
    assert (found.gap, found.overlaps, found.shadowed, found.unmatchable) == (None, [], [], [])


def test_a_rule_that_cannot_be_read_hides_nothing() -> None:
    """It may take any lead: no gap and no overlap behind it is claimed, and a contradiction elsewhere still is."""
    found = judged(Rule("unread", None), rule([["Size", "=", "1"], ["Size", "=", "2"]]))
    assert found.gap is None
    assert [one.rule for one in found.unmatchable] == [1]


@pytest.mark.parametrize("seed", range(40))
def test_conditions_are_sets_of_cells_as_the_engine_evaluates_them(seed: int) -> None:
    """In each cell the sample fulfils exactly the conditions whose sets have the cell."""
    from tests.harness.doctor.rulesets import FIELDS as OTHERS

    rules = random_rules(seed)
    axes = {axis.spec.id: axis for axis in RuleSet(rules, OTHERS).axes}
    for row in (row for one in rules if one.criteria is not None for row in one.criteria.rows):
        axis = axes[row.field]
        for cell in bits(axis.possible & ~axis.wild):
            assert fulfils(row, axis.sample(cell)) == bool(axis.masks[row.operator, row.value][0] >> cell & 1)
