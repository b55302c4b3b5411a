"""Ids: the three forms of one id, and what is none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadsim.dialects.salesforce.ids import checksum, long_form, make_id, number_of, read_id

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


@given(st.integers(0, 62**9 - 1))
def test_a_number_comes_back(number: int) -> None:
    """An id tells the number that it was made from."""
    assert number_of(make_id("00Q", number)) == number


@given(st.text(max_size=20))
def test_what_is_no_id_is_none(text: str) -> None:
    """Only 15 or 18 letters and digits can be an id."""
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        assert read_id(text) is None
