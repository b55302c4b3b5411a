"""The analysis of assignment rules agrees with brute force, and every lead it shows is what it says."""

from __future__ import annotations

from itertools import combinations

import pytest

from leadproof.doctor.assignment import Rule, RuleSet, analyse
from leadproof.doctor.assignment.meetings import meetings
from leadterms.criteria import evaluate
from tests.benchmarks.rules import FIELDS as LONG_FIELDS
from tests.benchmarks.rules import some_rules
from tests.harness.doctor.rulesets import FIELDS, brute_force, contradictory, random_rules

SETS_IN_A_PART = 500
PARTS = 40


def expect_agreement(rules: list[Rule]) -> None:
    """Every claim about these rules, and every silence, is what brute force says."""
    truth, found = brute_force(rules), analyse(rules, FIELDS)
    assert found.unproven == []
    numbers = range(len(rules))
    assert [one.rule for one in found.unmatchable] == [one for one in numbers if not truth.matches(one)]
    for dead in found.unmatchable:
        assert contradictory(rules[dead.rule], dead.rows)
        for fewer in combinations(dead.rows, len(dead.rows) - 1):
            assert not contradictory(rules[dead.rule], fewer)
    shadowed = [one for one in numbers if truth.matches(one) and not truth.reached(one)]
    assert [one.rule for one in found.shadowed] == shadowed
    for shadow in found.shadowed:
        assert truth.covered(shadow.rule, shadow.by)
        for few in combinations(shadow.by, len(shadow.by) - 1):
            assert not truth.covered(shadow.rule, few)
    assert (found.gap is not None) == truth.gap()
    if found.gap is not None:
        assert not any(evaluate(rule.criteria, found.gap.lead) for rule in rules)
    contested = {one: truth.contested(one, rules) for one in numbers}
    assert [one.first for one in found.overlaps] == [one for one in numbers if contested[one]]
    for overlap in found.overlaps:
        assert overlap.second == contested[overlap.first][0]
        assert RuleSet(rules, FIELDS).first(overlap.lead) == overlap.first
        assert evaluate(rules[overlap.second].criteria, overlap.lead)


@pytest.mark.parametrize("seed", range(60))
def test_random_rules_are_judged_as_by_brute_force(seed: int) -> None:
    """Fields of every kind, logic of every form: nothing missed, nothing invented, nothing left unproven."""
    expect_agreement(random_rules(seed))


def test_rules_that_share_a_lead_are_found_for_all_as_for_each_pair() -> None:
    """Many rules with holes in their values, with values between which there are none, and over long fields."""
    few = [rule for seed in range(60) for rule in random_rules(seed)]
    for found in (RuleSet(few, FIELDS), RuleSet(some_rules(150, 3, mixed=False), LONG_FIELDS)):
        boxes = [box for boxed in found.boxed for box in boxed.may]
        assert len(boxes) > 140
        for place, shared in enumerate(meetings(found.space, boxes)):
            for other in range(len(boxes)):
                both = other != place and not found.space.empty(boxes[place] & boxes[other])
                assert bool(shared >> other & 1) == both


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_twenty_thousand_random_rule_sets_are_judged_as_by_brute_force(part: int) -> None:
    """The same at length: 20,000 sets, of which an eighth takes its turn."""
    for number in range(SETS_IN_A_PART):
        expect_agreement(random_rules(1_000 + part * SETS_IN_A_PART + number))
