"""Dummy values: product.md A1 for every field type, valid and the same for the same seed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from leadproof.scenario.filling import dummy_value, fillable, identity
from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, blank, parse, same
from leadterms.values import plain

TYPES = sorted(name for name, kind in FIELD_TYPES.items() if not kind.computed and name not in ("user", "reference"))


@st.composite
def specs(draw: st.DrawFn) -> FieldSpec:
    """A writable field of any type, with parameters that a real one could have."""
    kind = draw(st.sampled_from(TYPES))
    choices = draw(st.lists(st.sampled_from(["Red", "Green", "Blue"]), min_size=1, unique=True))
    return FieldSpec(
        "Lead",
        draw(st.sampled_from(["FirstName", "LastName", "Company", "Email", "Anything__c"])),
        "Label",
        kind,
        length=draw(st.none() | st.integers(60, 4000)) if FIELD_TYPES[kind].kind == "text" else None,
        scale=draw(st.none() | st.integers(0, 4)) if FIELD_TYPES[kind].kind == "number" else None,
        choices=tuple(choices) if FIELD_TYPES[kind].chosen else (),
    )


@given(specs(), st.text(max_size=8), st.integers(1, 5000))
def test_a_dummy_value_is_a_valid_filled_value_of_its_field(spec: FieldSpec, seed: str, number: int) -> None:
    """Every type gets a value that is not blank, that the field accepts as it is, and that the seed repeats."""
    who = identity(seed, number)
    value = dummy_value(spec, who, seed)
    assert fillable(spec)
    assert not blank(value)
    assert same(spec, parse(spec, plain(value)), value)
    assert dummy_value(spec, identity(seed, number), seed) == value


@given(st.text(max_size=8), st.integers(1, 500))
def test_people_of_one_scenario_are_told_apart(seed: str, number: int) -> None:
    """No two dummy people share an e-mail address, and all are under .example."""
    emails = {identity(seed, number + more).email for more in range(3)}
    assert len(emails) == 3
    assert all(email.endswith(".example") for email in emails)
