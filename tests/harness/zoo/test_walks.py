"""Random walks through the real connector and both systems: quiet, and the oracle content.

Quiet within 3 cycles, the oracle content, 2 silent cycles after. The oracle judges twice:
knowing where the cycles began, and not knowing it.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadproof.connector.defects import planted
from leadproof.systems.ports import Write
from tests.harness.zoo.walk import BASIC, MOVES, Move, Terms, Walk

PHONE = st.builds(
    "master: {}, overwrite: {}, clears: {}, direction: {}".format,
    st.sampled_from(("crm", "marketing", "latest")),
    st.sampled_from(("always", "if_blank", "never")),
    st.sampled_from(("keep", "propagate")),
    st.sampled_from(("both", "to_crm", "to_marketing", "none")),
)
PEOPLE = st.builds(
    "deliver: all, import: {}, ambiguous: {}, deletes: {}, assign_by: {}".format,
    st.sampled_from(("all", "none")),
    st.sampled_from(("refuse", "oldest", "newest")),
    st.sampled_from(("ignore", "propagate")),
    st.sampled_from(("crm_rules", "marketing")),
)
MATCH = st.sampled_from(("email", "email", "email, phone", "phone, email"))
CLEARS = st.sampled_from(("keep", "propagate"))
TERMS = st.builds(Terms, phone=PHONE, people=PEOPLE, match=MATCH, accounts=st.booleans(), clears=CLEARS)


def moves(kinds: int) -> st.SearchStrategy[list[Move]]:
    move = st.tuples(st.integers(0, kinds - 1), st.integers(0, 39), st.integers(0, 11))
    return st.lists(move, min_size=3, max_size=16)


def must_end_content(terms: Terms, taken: list[Move]) -> None:
    walk = Walk(terms)
    try:
        walk.go(taken)
        for hidden in (False, True):
            found = [str(violation) for violation in walk.judge(hidden=hidden)]
            assert found == [], "\n".join([*walk.told, *found])
    finally:
        walk.close()


@settings(max_examples=20, deadline=None)
@given(TERMS, moves(BASIC))
def test_any_edits_end_as_the_oracle_says(terms: Terms, taken: list[Move]) -> None:
    """Creations, edits, forms, owners, members, in any order, with cycles anywhere between."""
    must_end_content(terms, taken)


@settings(max_examples=15, deadline=None)
@given(TERMS, moves(len(MOVES)))
def test_conversions_deletes_and_merges_end_as_the_oracle_says(terms: Terms, taken: list[Move]) -> None:
    """The same, with the moves that make links move and end."""
    must_end_content(terms, taken)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(TERMS, moves(len(MOVES)))
def test_many_walks(terms: Terms, taken: list[Move]) -> None:
    """The long sweep of the same."""
    must_end_content(terms, taken)


def test_a_walk_with_a_planted_bug_is_caught() -> None:
    """A walk can fail: an owner swapped, a changed-back row removed."""
    edits: list[Move] = [(0, 0, 1), (4, 0, 0), (2, 0, 3), (4, 0, 0)]
    for defect, check in (("swaps_owners", "oracle.owner"), ("row_9_removed", "oracle.changed_back")):
        walk = Walk(Terms(), planted(defect))
        try:
            walk.go(edits)
            assert check in {violation.check for violation in walk.judge()}, walk.told
        finally:
            walk.close()


def test_a_lead_is_chosen_where_the_only_contact_is_somebody_elses() -> None:
    """Two prospects of one address; the lead of the first is converted, then sales types in a lead of that address.

    The contact is linked and so no candidate; by `ambiguous: oldest` the second prospect belongs to the new lead."""
    people = "deliver: all, import: all, ambiguous: oldest, deletes: ignore, assign_by: crm_rules"
    first, second, cycle, converted, typed_in = (0, 29, 0), (0, 16, 0), (4, 0, 0), (10, 0, 0), (1, 24, 0)
    must_end_content(Terms(people=people), [first, second, cycle, converted, typed_in])


@pytest.mark.parametrize("deletes", ["ignore", "propagate"])
@pytest.mark.parametrize("ends", ["merged deleted", "deleted merged", "merged cycle deleted", "deleted cycle merged"])
def test_a_merge_and_the_delete_of_the_winners_partner_in_any_order(deletes: str, ends: str) -> None:
    """Two linked leads are merged, and the winner's prospect is deleted: of one cycle the merge counts first, so that
    the loser's prospect is left over; its link moves only where an earlier cycle saw the delete."""
    step = {"merged": (13, 0, 0), "deleted": (11, 0, 5), "cycle": (4, 0, 0)}
    people = f"deliver: all, import: all, ambiguous: refuse, deletes: {deletes}, assign_by: crm_rules"
    first, second = (0, 0, 0), (0, 6, 0)
    must_end_content(Terms(people=people), [first, second, step["cycle"], *(step[one] for one in ends.split())])


def test_a_prospect_that_outlived_its_lead_is_another_leads_without_being_made_for_it() -> None:
    """A lead is imported and deleted; a second one of the same address is linked with the prospect: a first link of
    two records that were there, not a creation."""
    must_end_content(Terms(), [(1, 37, 0), (4, 0, 0), (1, 0, 0), (11, 0, 0)])


def test_a_form_of_before_a_merge_makes_nobody_anew() -> None:
    """A form's lead is merged into another one that is linked: its prospect is left over, and its old answers are no
    new ones."""
    must_end_content(Terms(), [(0, 0, 0), (5, 1, 0), (4, 0, 0), (13, 0, 0)])


def test_who_waited_for_a_free_lead_gets_the_winner_of_a_merge() -> None:
    """Two prospects of one address, of which the first has the lead; another lead is merged into it, and the first
    prospect is deleted: the lead is the second one's, whatever the loser's link was."""
    must_end_content(Terms(), [(0, 0, 0), (0, 0, 0), (0, 6, 0), (4, 0, 0), (13, 0, 0), (11, 0, 5)])


def test_a_lead_that_goes_with_its_prospect_is_no_candidate_any_more() -> None:
    """A prospect is deleted, which deletes its lead; of the same cycle a form brings the person back, and sales has
    typed in another lead of that address: they belong together."""
    people = "deliver: all, import: all, ambiguous: oldest, deletes: propagate, assign_by: crm_rules"
    must_end_content(Terms(people=people), [(0, 22, 9), (4, 0, 0), (11, 4, 9), (5, 35, 8), (1, 12, 9)])


def test_answers_that_a_deleted_lead_had_are_not_given_to_the_next() -> None:
    """A form's lead is deleted, sales types in another of that address: it gets what is answered from now on."""
    form, cycle, delete, typed_in = (5, 0, 0), (4, 0, 0), (11, 0, 0), (1, 0, 0)
    must_end_content(Terms(), [form, cycle, delete, typed_in, cycle, (5, 0, 1)])


@pytest.mark.parametrize(("clears", "left"), [("keep", "+47 22 12 34 57"), ("propagate", None)])
def test_an_accounts_cleared_field_follows_the_integrations_default(clears: str, left: str | None) -> None:
    """What sales clears on an account stays at marketing under `clears: keep`, and goes under `propagate`."""
    created, with_phone, cycle = (14, 0, 0), (14, 0, 2), (4, 0, 0)
    walk = Walk(Terms(accounts=True, clears=clears))
    try:
        walk.go([created, with_phone, cycle])
        (account,) = walk.pair.leads("Account")
        walk.pair.sales.write([Write("update", "Account", account.id, values={"Phone": None})])
        assert walk.judge() == [], walk.told
        (copy,) = walk.pair.marketer.find("account", None, ["phone"])
        assert copy.values["phone"] == left
    finally:
        walk.close()
