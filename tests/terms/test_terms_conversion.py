"""Conversion between two fields: lossless or refused (sync-semantics.md "Types")."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, convert, converter, same
from leadterms.refusals import ConversionRefused
from leadterms.values import Value
from tests.terms.term_strategies import CHOICES, WRITABLE_TYPES, field, values_of

ZONES = ("UTC", "Europe/Oslo", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")


@given(st.sampled_from(WRITABLE_TYPES), st.sampled_from(WRITABLE_TYPES), st.sampled_from(ZONES), st.data())
def test_conversion_is_lossless_or_refused(here: str, there: str, zone: str, data: st.DataObject) -> None:
    """What was converted converts back to the same value, or the conversion was refused. Two same values
    convert to values that are the same."""
    source, target = field(here), field(there)
    value = data.draw(values_of(here))
    try:
        converted = convert(value, source, target, time_zone=zone)
    except ConversionRefused as refused:
        code, text = refused.code, refused.text
        assert code in {"MAP303", "MAP304", "MAP305", "MAP312"}
        assert f"Lead.{source.id}" in text
        return
    assert not blank(converted)
    back = convert(converted, target, source, time_zone=zone)
    assert same(source, back, value) or _only_spelled_otherwise(value, back)


@given(st.sampled_from(WRITABLE_TYPES), st.sampled_from(WRITABLE_TYPES), st.sampled_from(ZONES), st.data())
def test_a_converter_does_what_convert_does(here: str, there: str, zone: str, data: st.DataObject) -> None:
    """Made ready for two fields, it answers the same value or the same refusal, the first time and again."""
    source, target = field(here), field(there)
    ready = converter(source, target, time_zone=zone)
    for value in (data.draw(values_of(here)), None):
        for _ in range(2):
            assert _told(ready, value) == _told(lambda one: convert(one, source, target, time_zone=zone), value)


def _told(conversion: Callable[[Value], Value], value: Value) -> tuple[str, object]:
    try:
        converted = conversion(value)
    except ConversionRefused as refused:
        return refused.code, refused.text
    return type(converted).__name__, converted


def _only_spelled_otherwise(value: Value, back: Value) -> bool:
    """Text read as a number, a checkbox, a moment or a set may come back in its canonical spelling; space
    around an identifier goes."""
    if not isinstance(value, str) or not isinstance(back, str):
        return False
    words = [["true", "yes", "on", "1"], ["false", "no", "off", "0"]]
    spelled = any(value.strip().casefold() in group and back in group for group in words)
    try:
        number = Decimal(value) == Decimal(back)
    except ArithmeticError:
        number = False
    pieces = {piece.strip() for piece in value.split(";")} - {""} == set(back.split(";"))
    return spelled or number or pieces or value.strip() == back


@pytest.mark.parametrize("there", WRITABLE_TYPES)
@settings(max_examples=12)
@given(here=st.sampled_from(WRITABLE_TYPES))
def test_a_blank_stays_blank(here: str, there: str) -> None:
    """A blank converts to a blank; in a checkbox to false."""
    assert convert(None, field(here), field(there)) == (False if there == "checkbox" else None)


@pytest.mark.parametrize(
    ("here", "value", "there", "expected"),
    [
        ("number", Decimal("12.50"), "single_line", "12.5"),
        ("single_line", "12.50", "currency", Decimal("12.5")),
        ("single_line", "YES", "checkbox", True),
        ("checkbox", True, "single_line", "true"),
        ("checkbox", True, "number", Decimal(1)),
        ("number", Decimal(0), "checkbox", False),
        ("multi_select", frozenset({"Hot", "Cold"}), "single_line", "Cold;Hot"),
        ("single_line", "Hot;Cold", "multi_select", frozenset({"Hot", "Cold"})),
        ("dropdown", "Hot", "multi_select", frozenset({"Hot"})),
        ("multi_select", frozenset({"Hot"}), "radio", "Hot"),
        ("date", date(2026, 3, 2), "date_time", datetime(2026, 3, 1, 23, tzinfo=UTC)),
        ("date_time", datetime(2026, 3, 1, 23, tzinfo=UTC), "date", date(2026, 3, 2)),
        ("phone", "+47 22 12 34 56", "phone", "+47 22 12 34 56"),
        ("phone", "+47 22 12 34 56", "single_line", "+47 22 12 34 56"),
    ],
)
def test_what_converts(here: str, value: Value, there: str, expected: Value) -> None:
    """Each pair of types with a common meaning; days are those of the org's time zone (here Oslo)."""
    converted = convert(value, field(here), field(there), time_zone="Europe/Oslo")
    assert converted == expected
    assert type(converted) is type(expected)


@pytest.mark.parametrize(
    ("source", "value", "target", "code"),
    [
        (field("number"), Decimal(1), field("date"), "MAP303"),
        (field("multi_select"), frozenset({"Hot"}), field("number"), "MAP303"),
        (field("checkbox"), True, field("multi_select"), "MAP303"),
        (field("dropdown"), "Hot", field("dropdown", choices=("hot",)), "MAP304"),
        (field("single_line"), "Warm", field("radio"), "MAP304"),
        (field("single_line"), "abcd", field("single_line", length=3), "MAP305"),
        (field("single_line"), "0123", field("number"), "MAP312"),
        (field("single_line"), "-007", field("number"), "MAP312"),
        (field("number"), Decimal("1.5"), field("number", scale=0), "MAP312"),
        (field("number"), Decimal(2), field("checkbox"), "MAP312"),
        (field("multi_line"), "a\nb", field("single_line"), "MAP312"),
        (field("multi_select"), frozenset({"Hot", "Cold"}), field("dropdown"), "MAP312"),
        (field("multi_select"), frozenset({"a;b"}), field("single_line"), "MAP312"),
        (field("date_time"), datetime(2026, 3, 2, 9, tzinfo=UTC), field("date"), "MAP312"),
        (field("single_line"), "kari", field("email"), "MAP312"),
    ],
)
def test_what_would_be_lost_is_refused(source: FieldSpec, value: Value, target: FieldSpec, code: str) -> None:
    """Nothing is cut, rounded or guessed on its way to the other side."""
    with pytest.raises(ConversionRefused) as refused:
        convert(value, source, target, time_zone="Europe/Oslo")
    assert refused.value.code == code
    assert refused.value.fix


def test_a_value_map_translates_and_is_complete() -> None:
    """A choice travels through the value map; one without a partner is refused with both lists in the
    message."""
    source = field("dropdown", choices=("Hot", "Cold", "Frozen"))
    target = field("dropdown", id="rating", choices=("hot", "cold", "Frozen"))
    values = {"Hot": "hot", "Cold": "cold"}
    assert convert("Hot", source, target, values=values) == "hot"
    assert convert(None, source, target, values=values) is None
    with pytest.raises(ConversionRefused) as refused:
        convert("Frozen", source, target, values=values)
    assert refused.value.code == "MAP304"
    assert "Hot, Cold" in refused.value.text
    assert "cold, hot" in refused.value.text


def test_a_value_map_serves_checkboxes_and_sets() -> None:
    """The spellings of a checkbox and each choice of a set go through the map."""
    yes_no = field("dropdown", choices=("Yes", "No"))
    assert convert(True, field("checkbox"), yes_no, values={"true": "Yes", "false": "No"}) == "Yes"
    assert convert("No", yes_no, field("checkbox"), values={"Yes": "true", "No": "false"}) is False
    several = field("multi_select", choices=("h", "c"))
    assert convert(
        frozenset({"Hot", "Cold"}), field("multi_select"), several, values={"Hot": "h", "Cold": "c"}
    ) == frozenset({"h", "c"})


def test_every_choice_converts_to_itself() -> None:
    """Equal choice lists need no value map."""
    for choice in CHOICES:
        assert convert(choice, field("dropdown"), field("radio")) == choice
    assert {name for name, one in FIELD_TYPES.items() if one.chosen} == {"dropdown", "radio", "multi_select"}
