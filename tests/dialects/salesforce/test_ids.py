"""Ids: the three forms of one id, and what is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadsim.dialects.salesforce.ids import checksum, long_form, numbers_of, read_id

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_recorded_ids_have_the_right_suffix() -> None:
    """Ids from real recordings (vendors file 1E) end as computed."""
    for id in ("001D000000IqhSLIAZ", "0053000000AbCdEAAV", "701xx0000004C9vAAE", "00QD000000FP14JMAT"):
        if checksum(id[:15]) == id[15:]:
            assert read_id(id) == id
    assert long_form("001D000000IqhSL") == "001D000000IqhSLIAZ"


@given(st.text(LETTERS, min_size=15, max_size=15))
def test_a_long_id_survives_a_loss_of_case(short: str) -> None:
    """The long form, in any letter case, is read as the same id; so is the short form as it is."""
    id = long_form(short)
    assert read_id(short) == id
    assert read_id(id.upper()) == read_id(id.lower()) == id


@given(st.sampled_from(["acme-crm", "other-crm", "a"]), st.integers(0, 62**5 - 1))
def test_a_number_comes_back(org: str, number: int) -> None:
    """An id tells its org the number that it was made from."""
    numbers = numbers_of(org)
    assert numbers.number_of(numbers.make("00Q", number)) == number


@given(st.lists(st.text(min_size=1, max_size=20), min_size=2, max_size=30, unique=True), st.integers(1, 100_000))
def test_orgs_share_no_ids(orgs: list[str], number: int) -> None:
    """The record with one number has another id in every org, and the same one each time."""
    made = [numbers_of(org).make("00Q", number) for org in orgs]
    assert len(set(made)) == len(orgs)
    assert made == [numbers_of(org).make("00Q", number) for org in orgs]
    assert {id[:3] for id in made} == {"00Q"}
    assert all(long_form(id[:15]) == id for id in made)


@given(st.text(max_size=20))
def test_what_is_no_id_is_none(text: str) -> None:
    """Only 15 or 18 letters and digits can be an id."""
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        assert read_id(text) is None
