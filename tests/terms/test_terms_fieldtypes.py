"""Field types: reading, comparing, ordering (product.md F, sync-semantics.md "Types")."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadterms.fields import FieldSpec, ObjectSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, e164, parse, reader, same
from leadterms.refusals import RULE_CODES, ValueRefused
from leadterms.values import Value, order_key, plain
from tests.terms.term_strategies import WRITABLE_TYPES, decimals, field, fields_and_values, line_text, phones, values_of

PRODUCT_TYPES = (
    "single_line multi_line number auto_number percent currency date date_time checkbox dropdown "
    "multi_select radio user email phone messaging social address url formula statistics reference"
)


def test_the_table_holds_every_type_of_the_product() -> None:
    """The field types are those of product.md F, and references between objects."""
    assert " ".join(FIELD_TYPES) == PRODUCT_TYPES


@given(fields_and_values())
def test_plain_form_reads_back(drawn: tuple[FieldSpec, list[Value]]) -> None:
    """parse(plain(v)) == v for every type: what goes through JSON comes back equal and of the same Python
    type."""
    spec, (value,) = drawn
    read = parse(spec, plain(value))
    assert read == value
    assert type(read) is type(value)


@given(fields_and_values())
def test_a_typed_value_reads_as_itself(drawn: tuple[FieldSpec, list[Value]]) -> None:
    """A value that is typed already passes unchanged: parsing twice is parsing once."""
    spec, (value,) = drawn
    assert parse(spec, value) == value


def _outcome(read: Callable[[object], Value], raw: object) -> Value | tuple[str, str]:
    try:
        return read(raw)
    except ValueRefused as refused:
        return refused.rule, refused.text


@given(
    st.sampled_from(sorted(FIELD_TYPES)),
    st.sampled_from([None, 0, 3, 300]),
    st.booleans(),
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.sampled_from(["Hot", "a\nb", "x" * 256])
    ),
)
def test_a_kept_reader_reads_as_parse_does(type: str, length: int | None, restricted: bool, raw: object) -> None:
    """Whatever is given to it, a field's own reader gives the value, or the refusal, that `parse` gives."""
    spec = field(type, length=length, restricted=restricted, choices=("Hot", "Cold"))
    assert _outcome(reader(spec), raw) == _outcome(lambda given: parse(spec, given), raw)


@given(st.sampled_from(["number", "date", "date_time", "checkbox"]), st.data())
def test_order_key_orders_as_the_value(type: str, data: st.DataObject) -> None:
    """Byte order of the keys is the order of the values, and equal keys mean equal values."""
    a, b = data.draw(values_of(type)), data.draw(values_of(type))
    key_a, key_b = order_key(a), order_key(b)
    assert key_a is not None
    assert key_b is not None
    assert (key_a.encode() < key_b.encode()) == (a < b)  # type: ignore[operator]
    assert (key_a == key_b) == (a == b)


@given(
    st.lists(
        st.one_of(
            decimals,
            st.integers().map(Decimal),
            st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e-30"), max_value=Decimal("1e-30")),
        ),
        min_size=2,
        max_size=6,
    )
)
def test_number_keys_sort_any_size(numbers: list[Decimal]) -> None:
    """Numbers of any size and scale sort by their keys; 1, 1.0 and 1E0 have one key."""
    assert sorted(numbers, key=lambda n: order_key(n) or "") == sorted(numbers)
    for one in numbers:
        sign, digits, exponent = one.as_tuple()
        assert isinstance(exponent, int)
        assert order_key(one) == order_key(Decimal((sign, (*digits, 0, 0), exponent - 2)))


@given(line_text, line_text)
def test_text_orders_casefolded(a: str, b: str) -> None:
    """Text sorts without regard to case; a blank has no key."""
    assert order_key(a.upper().casefold()) == order_key(a.upper())
    assert (order_key(a) < order_key(b)) == (a.casefold() < b.casefold())  # type: ignore[operator]
    assert order_key(None) is order_key("") is order_key("  ") is order_key(frozenset()) is None


@given(fields_and_values(count=3))
def test_same_is_an_equivalence(drawn: tuple[FieldSpec, list[Value]]) -> None:
    """Reflexive, symmetric and transitive, for every type."""
    spec, (a, b, c) = drawn
    assert same(spec, a, a)
    assert same(spec, a, b) == same(spec, b, a)
    if same(spec, a, b) and same(spec, b, c):
        assert same(spec, a, c)


@given(phones, phones, phones)
def test_same_phone_is_an_equivalence(a: str, b: str, c: str) -> None:
    """Also for telephone numbers, which are compared by two different keys."""
    spec = field("phone")
    assert same(spec, a, a)
    assert same(spec, a, b) == same(spec, b, a)
    if same(spec, a, b) and same(spec, b, c):
        assert same(spec, a, c)


@pytest.mark.parametrize(
    ("type", "a", "b", "expected"),
    [
        ("phone", "+47 22 12 34 56", "004722123456", True),
        ("phone", "+44 (0)20 7946 0958", "+442079460958", True),
        ("phone", "22 12 34 56", "22123456", True),
        ("phone", "22 12 34 56", "+47 22 12 34 56", False),  # without a country code nobody can know
        ("phone", "+47 22 12 34 56 ext. 5", "+47 22 12 34 56", False),
        ("phone", "00000000", "+47 22 12 34 56", False),
        ("email", "Kari@Acme.example", " kari@acme.example", True),
        ("user", "Kari.C ", "kari.c", True),
        ("multi_line", "a\r\nb", "a\nb", True),
        ("single_line", "Kari", "kari", False),
        ("single_line", "", None, True),
        ("single_line", "  ", None, True),
        ("number", Decimal("1.50"), Decimal("1.5"), True),
        ("number", Decimal(0), None, False),
        ("checkbox", False, None, False),
        ("multi_select", frozenset({"Hot"}), frozenset({"Cold"}), False),
    ],
)
def test_what_counts_as_the_same(type: str, a: Value, b: Value, expected: bool) -> None:
    """Each type compares by its own rule; zero and false are not blank."""
    assert same(field(type), a, b) is expected


@pytest.mark.parametrize("value", [None, "", " \t", (), frozenset()])
def test_blank(value: Value) -> None:
    """Empty, missing or whitespace only is blank."""
    assert blank(value)


@pytest.mark.parametrize("value", [False, Decimal(0), 0, "0", "-", date(2026, 3, 2)])
def test_not_blank(value: Value) -> None:
    """0 and false are values."""
    assert not blank(value)


@pytest.mark.parametrize("type", [name for name in WRITABLE_TYPES if name != "checkbox"])
@pytest.mark.parametrize("raw", [None, "", "  "])
def test_blank_text_is_no_value(type: str, raw: object) -> None:
    """Blank text reads as None in every type but a checkbox, which has no blank."""
    assert parse(field(type), raw) is None
    assert parse(field("checkbox"), raw) is False


@pytest.mark.parametrize(
    ("type", "raw", "value"),
    [
        ("number", "12.50", Decimal("12.5")),
        ("number", "-0", Decimal(0)),
        ("number", 3, Decimal(3)),
        ("number", 0.1, Decimal("0.1")),
        ("number", "+.5", Decimal("0.5")),
        ("checkbox", "NO", False),
        ("checkbox", "Yes", True),
        ("checkbox", 1, True),
        ("single_line", "0123", "0123"),
        ("single_line", 123, "123"),
        ("date", "2026-03-02", date(2026, 3, 2)),
        ("date_time", "2026-03-02T10:00:00+01:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("date_time", "2026-03-02 09:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("multi_select", "Hot; Cold;", frozenset({"Hot", "Cold"})),
        ("multi_select", ["Hot"], frozenset({"Hot"})),
        ("email", " kari@acme.example ", "kari@acme.example"),
        ("email", "kåre@blåbær.example", "kåre@blåbær.example"),
        ("url", "www.acme.example/a?b=c", "www.acme.example/a?b=c"),
        ("statistics", "2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
    ],
)
def test_what_is_read(type: str, raw: object, value: Value) -> None:
    """Text and JSON values are read by the field's type, exactly."""
    read = parse(field(type), raw)
    assert read == value
    assert type == "checkbox" or not isinstance(read, bool)


@pytest.mark.parametrize(
    ("type", "raw", "rule"),
    [
        ("number", "1,234.5", "type"),
        ("number", "4.7E+10", "type"),
        ("number", "NaN", "type"),
        ("number", True, "type"),
        ("number", 0.1234567890123456789, "type"),
        ("number", "١٢", "type"),
        ("number", "1" * 19, "range"),
        ("date", "02.03.2026", "type"),
        ("date", "2026-02-30", "type"),
        ("date", "20260302", "type"),
        ("date", "2026-W10-1", "type"),
        ("date", datetime(2026, 3, 2, tzinfo=UTC), "type"),
        ("date_time", "2026-03-02T09:00:00", "type"),
        ("date_time", "2026-03-02", "type"),
        ("date_time", datetime(2026, 3, 2), "type"),  # noqa: DTZ001  # that it has no zone is the point
        ("checkbox", "maybe", "type"),
        ("checkbox", 2, "type"),
        ("dropdown", "HOT", "choice"),
        ("multi_select", "Hot;Warm", "choice"),
        ("multi_select", {"Hot": 1}, "type"),
        ("email", "kari", "email"),
        ("email", "kari@", "email"),
        ("email", "kari@acme", "email"),
        ("email", "kari..x@acme.example", "email"),
        ("email", "a" * 65 + "@acme.example", "email"),
        ("email", "a@-acme.example", "email"),
        ("url", "test", "url"),
        ("url", "javascript:alert(1)", "url"),
        ("url", "https://a b.example", "url"),
        ("single_line", "a\nb", "line"),
        ("single_line", "a\x00b", "character"),
        ("multi_line", "a\ud800", "character"),
        ("single_line", ["a"], "type"),
        ("single_line", True, "type"),
        ("single_line", "x" * 256, "length"),
        ("phone", "1" * 41, "length"),
    ],
)
def test_what_is_refused(type: str, raw: object, rule: str) -> None:
    """Nothing is cut, rounded or guessed: the refusal names the rule, the object and the field's id."""
    with pytest.raises(ValueRefused) as refused:
        parse(field(type), raw)
    assert refused.value.rule == rule
    assert refused.value.code == RULE_CODES[rule]
    assert f"Lead.{type}__c" in refused.value.text


def test_a_field_sets_its_own_limits() -> None:
    """Length, scale and choices are the field's; a field without choices accepts none."""
    assert parse(field("single_line", length=3), "abc") == "abc"
    assert parse(field("number", scale=1), "1.50") == Decimal("1.5")
    assert parse(field("dropdown", restricted=False), "Warm") == "Warm"
    for spec, raw, rule in (
        (field("single_line", length=3), "abcd", "length"),
        (field("number", scale=1), "1.55", "scale"),
        (field("number", scale=0), 1.5, "scale"),
        (field("dropdown", choices=()), "Hot", "choice"),
    ):
        with pytest.raises(ValueRefused) as refused:
            parse(spec, raw)
        assert refused.value.rule == rule


def test_a_wrong_choice_names_the_near_one() -> None:
    """The refusal lists the choices and says what probably was meant."""
    with pytest.raises(ValueRefused) as refused:
        parse(field("dropdown", choices=("Working", "Closed")), "workin")
    assert "Working, Closed" in refused.value.text
    assert refused.value.fix == "Did you mean 'Working'?"


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+47 22 12 34 56", None, "+4722123456"),
        ("0047 22123456", None, "+4722123456"),
        ("22 12 34 56", "NO", "+4722123456"),
        ("+47 22 12 34 56 ext 5", None, "+4722123456;ext=5"),
        ("22 12 34 56", None, None),
        ("test", None, None),
        ("+47 1", None, None),
    ],
)
def test_e164(text: str, region: str | None, number: str | None) -> None:
    """A number in E.164 where it can be known, with its extension."""
    assert e164(text, region) == number


@given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)), st.integers(-840, 840))  # noqa: DTZ001
def test_moments_are_kept_in_utc(local: datetime, minutes: int) -> None:
    """A moment with any offset becomes the same moment in UTC."""
    moment = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    read = parse(field("date_time"), moment)
    assert read == moment
    assert str(plain(read)).endswith("Z")


@given(st.sampled_from(WRITABLE_TYPES), st.text(max_size=30))
def test_any_text_is_read_or_refused(type: str, text: str) -> None:
    """No text crashes a type, and what was accepted reads back."""
    try:
        value = parse(field(type), text)
    except ValueRefused:
        return
    assert parse(field(type), plain(value)) == value


@given(fields_and_values(), st.booleans(), st.sampled_from([None, 1, 80]))
def test_a_definition_survives_describe(drawn: tuple[FieldSpec, list[Value]], flag: bool, length: int | None) -> None:
    """from_json(to_json(spec)) == spec, its default included, and a whole object likewise."""
    spec, (value,) = drawn
    assume(value is not None and value is not False)
    full = field(spec.type, default=value, required=flag, unique=not flag, scale=4)
    assert FieldSpec.from_json(full.to_json()) == full
    shorter = field("multi_line", length=length, formula={"concat": ["a"]}, refers_to="Account")
    described = ObjectSpec("Lead", "Lead", {full.id: full, shorter.id + "x": field("multi_line", id="multi_line__cx")})
    assert ObjectSpec.from_json(described.to_json()) == described
    assert FieldSpec.from_json(shorter.to_json()) == shorter


@pytest.mark.parametrize(
    "described",
    [
        {"object": "Lead", "id": "a", "type": "nothing"},
        {"object": "Lead", "id": "a"},
        {"object": "Lead", "id": "", "type": "number"},
        {"object": "Lead", "id": "a", "type": "number", "size": 3},
        {"object": "Lead", "id": "a", "type": "number", "scale": "0"},
        {"object": "Lead", "id": "a", "type": "number", "scale": -1},
        {"object": "Lead", "id": "a", "type": "number", "required": "yes"},
        {"object": "Lead", "id": "a", "type": "number", "default": "x"},
        {"object": "Lead", "id": "a", "type": "dropdown", "choices": "Hot"},
        {"object": "Lead", "id": "a", "type": "formula", "formula": "concat"},
        {"object": "Lead", "id": "a", "type": "number", "label": 3},
    ],
)
def test_a_bad_definition_is_refused(described: dict[str, object]) -> None:
    """A definition with an unknown type or key, or a value of the wrong kind, is refused."""
    with pytest.raises(ValueRefused):
        FieldSpec.from_json(described)


def test_the_vocabulary_imports_fast() -> None:
    """Reading criteria and common values needs neither pydantic, YAML nor the telephone and e-mail
    libraries."""
    code = (
        "import sys, leadterms.criteria, leadterms.fieldtypes as t\n"
        "from leadterms.fields import FieldSpec\n"
        "assert t.parse(FieldSpec('L', 'e', 'E', 'email'), 'a.b@acme.example')\n"
        "heavy = {'pydantic', 'ruamel.yaml', 'phonenumbers', 'email_validator', 'rapidfuzz'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
