"""Fields and values that suit them, drawn by Hypothesis."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES
from leadterms.values import Value

CHOICES = ("Hot", "Cold", "hot", "Luke warm", "Ærlig", "0123", "NO", "12.50", "true")
WRITABLE_TYPES = tuple(name for name, one in FIELD_TYPES.items() if not one.computed)

_writable = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
line_text = st.text(_writable, min_size=1, max_size=40).filter(lambda text: not text.isspace())
lines_text = st.lists(line_text, min_size=1, max_size=3).map("\n".join)
decimals = st.decimals(min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False)
local_parts = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9._+-]{0,10}[a-zA-Z0-9])?", fullmatch=True)
emails = st.builds(
    lambda local, domain: f"{local}@{domain}.example",
    local_parts.filter(lambda local: ".." not in local),
    st.from_regex(r"[a-zA-Z]([a-zA-Z0-9-]{0,8}[a-zA-Z0-9])?", fullmatch=True).filter(
        lambda name: "--" not in name and not name.lower().startswith("xn")
    ),
)
phones = st.one_of(
    st.from_regex(r"\+47 ?[2-9][0-9] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2}", fullmatch=True),
    st.from_regex(r"[0-9 ()-]{1,20}", fullmatch=True).filter(lambda text: not text.isspace()),
    line_text,
)

_BY_TYPE: dict[str, st.SearchStrategy[Value]] = {
    "multi_line": lines_text,
    "address": lines_text,
    "number": decimals,
    "percent": decimals,
    "currency": decimals,
    "date": st.dates(),
    "date_time": st.datetimes(timezones=st.just(UTC)),
    "checkbox": st.booleans(),
    "dropdown": st.sampled_from(CHOICES),
    "radio": st.sampled_from(CHOICES),
    "multi_select": st.frozensets(st.sampled_from(CHOICES), min_size=1),
    "user": line_text.map(str.strip),
    "reference": line_text.map(str.strip),
    "email": emails,
    "phone": phones,
    "url": emails.map(lambda address: "https://" + address.partition("@")[2]),
}


def field(type: str, **changes: Any) -> FieldSpec:
    """A field of the type, with choices where it needs some."""
    choices = CHOICES if FIELD_TYPES[type].chosen else ()
    return FieldSpec(
        **{"object": "Lead", "id": f"{type}__c", "label": type, "type": type, "choices": choices} | changes
    )


def values_of(type: str) -> st.SearchStrategy[Value]:
    """Values, not blank, that a field of the type holds."""
    return _BY_TYPE.get(type, line_text)


@st.composite
def fields_and_values(draw: st.DrawFn, count: int = 1) -> tuple[FieldSpec, list[Value]]:
    """A writable field and `count` of its values, a blank now and then."""
    name = draw(st.sampled_from(WRITABLE_TYPES))
    blank: Value = False if name == "checkbox" else None
    return field(name), [draw(st.one_of(values_of(name), st.just(blank))) for _ in range(count)]
