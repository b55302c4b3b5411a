"""Criteria as SQL and as a function are one thing; paging and order hold over any data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadsim.engine.change import Change
from leadsim.engine.records import Org
from leadsim.engine.refusals import Refused
from leadsim.engine.stored import Stored
from leadterms.criteria import Criteria, Row, bind, evaluate, parse_criteria
from leadterms.logic import And, Logic, Not, Or, Ref
from leadterms.values import order_key
from tests.engine.worlds import KARI, SYNC, create, crm_org

FIELDS = {
    "name": "single_line",
    "notes": "multi_line",
    "size": "number",
    "price": "currency",
    "born": "date",
    "seen": "date_time",
    "ready": "checkbox",
    "colour": "dropdown",
    "tags": "multi_select",
}
COLOURS = ["red", "Blå", "STRASSE", "straße"]
# Letters whose casefolding is longer, or differs from lower(): German sharp s, Turkish dotted I, final sigma.
words = st.text(st.sampled_from("aAbBßẞİıΣσς éÉ%_'\"\\z"), max_size=6)
numbers = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, places=3) | st.sampled_from(
    [Decimal(0), Decimal("-0"), Decimal("1.50"), Decimal("1.5"), Decimal("10"), Decimal("9"), Decimal("-10")]
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": words,
    "notes": words,
    "size": numbers,
    "price": st.decimals(min_value=-1000, max_value=1000, allow_nan=False, places=2),
    "born": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "seen": st.datetimes(datetime(1990, 1, 1), datetime(2050, 1, 1), timezones=zones),  # noqa: DTZ001
    "ready": st.booleans(),
    "colour": st.sampled_from(COLOURS),
    "tags": st.frozensets(st.sampled_from(COLOURS), max_size=3).map(sorted),
}


def things() -> Org:
    """An org with an object that has a field of every kind."""
    fields = [
        {
            "id": id,
            "type": type,
            **({"choices": COLOURS} if type in ("dropdown", "multi_select") else {}),
            **({"scale": 3} if type == "number" else {}),
        }
        for id, type in FIELDS.items()
    ]
    return crm_org(objects=[{"id": "Thing", "fields": fields}])


records = st.lists(
    st.fixed_dictionaries({}, optional={field: st.none() | values for field, values in VALUES.items()}), max_size=8
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """A row that suits its field's type."""
    field = draw(st.sampled_from(sorted(FIELDS)))
    kind, values = FIELDS[field], VALUES[field]
    operators = ["=", "!=", "is_blank", "not_blank"]
    if kind != "multi_select":
        operators += ["in", "not_in"]
    if kind in ("single_line", "multi_line", "dropdown"):
        operators += ["contains", "not_contains", "starts_with", "ends_with", "<", "<=", ">", ">="]
    elif kind == "multi_select":
        operators += ["contains", "not_contains"]
    elif kind != "checkbox":
        operators += ["<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    if operator in ("is_blank", "not_blank"):
        return Row(field, operator)
    filled = values.filter(lambda value: bool(value.strip()) if isinstance(value, str) else value not in ([], None))
    if operator in ("in", "not_in"):
        return Row(field, operator, tuple(draw(st.lists(filled, min_size=1, max_size=3))))
    value = draw(filled) if operator not in ("=", "!=") else draw(values | st.just(""))
    return Row(field, operator, tuple(value) if isinstance(value, list) else value)


def logics(count: int) -> st.SearchStrategy[Logic]:
    """Any logic over so many rows."""
    return st.recursive(
        st.integers(1, count).map(Ref),
        lambda part: (
            st.lists(part, min_size=1, max_size=3).map(lambda parts: And(tuple(parts)))
            | st.lists(part, min_size=1, max_size=3).map(lambda parts: Or(tuple(parts)))
            | part.map(Not)
        ),
        max_leaves=6,
    )


@st.composite
def criteria(draw: st.DrawFn) -> Criteria:
    """One to four rows under any logic."""
    some = draw(st.lists(rows(), min_size=1, max_size=4))
    return Criteria(tuple(some), draw(logics(len(some))))


def fill(org: Org, values: list[dict[str, Any]]) -> list[Stored]:
    """Make a thing of each."""
    return [org.save(Change("create", "Thing", values=one), SYNC).record for one in values]


@given(records, st.lists(criteria(), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_sql_and_evaluate_agree(values: list[dict[str, Any]], asked: list[Criteria]) -> None:
    """Whatever the records and the criteria, the database finds exactly those that evaluate says match."""
    org = things()
    stored = fill(org, values)
    for one in asked:
        bound = bind(one, org.schema.query_fields("Thing"))
        expected = [record.id for record in stored if evaluate(bound, record.values)]
        assert [record.id for record in org.find("Thing", one, limit=1000).records] == expected


@given(records, st.lists(criteria(), min_size=1, max_size=2), st.data())
@settings(max_examples=40, deadline=None)
def test_keys_follow_every_write(values: list[dict[str, Any]], asked: list[Criteria], data: st.DataObject) -> None:
    """A field that was filtered on before it was written again is found by its new value, not by its old one."""
    org = things()
    stored = fill(org, values)
    for one in asked:
        org.find("Thing", one)
    again = st.fixed_dictionaries({}, optional={field: st.none() | some for field, some in VALUES.items()})
    stored = [
        org.save(Change("update", "Thing", id=record.id, values=data.draw(again)), SYNC).record for record in stored
    ]
    for one in asked:
        bound = bind(one, org.schema.query_fields("Thing"))
        expected = [record.id for record in stored if evaluate(bound, record.values)]
        assert [record.id for record in org.find("Thing", one).records] == expected


orders = st.lists(
    st.tuples(st.sampled_from(sorted(set(FIELDS) - {"tags"})), st.sampled_from(["asc", "desc"])),
    max_size=3,
    unique_by=lambda pair: pair[0],
)


def compare(order: list[tuple[str, str]], a: Stored, b: Stored) -> int:
    """The order that is promised: blanks first ascending, last descending, ties as created."""
    for field, direction in order:
        x, y = order_key(a.values.get(field)), order_key(b.values.get(field))
        if x != y:
            less = x is None or (y is not None and x < y)
            return (-1 if less else 1) if direction == "asc" else (1 if less else -1)
    return a.seq - b.seq


@given(records, orders, st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_pages_are_the_whole_in_order(values: list[dict[str, Any]], order: list[tuple[str, str]], limit: int) -> None:
    """Page after page gives every record once, in the order asked for, whatever the size of a page."""
    org = things()
    stored = fill(org, values)
    expected = [one.id for one in sorted(stored, key=cmp_to_key(lambda a, b: compare(order, a, b)))]
    got: list[str] = []
    after: tuple[Any, ...] | None = None
    while True:
        page = org.find("Thing", None, tuple(order), limit, after)  # type: ignore[arg-type]
        got += [record.id for record in page.records]
        if page.next is None:
            break
        assert len(page.records) == limit
        after = page.next
    assert got == expected


def test_system_fields_can_be_asked() -> None:
    """Who made and changed a record, and when, are fields of a query like others."""
    org = crm_org()
    first = create(org, "Lead", Email="a@lead.example")
    org.clock.advance(60)
    second = create(org, "Lead", Email="b@lead.example")
    now = org.clock.text()
    found = org.find("Lead", parse_criteria({"rows": [["created_at", ">=", now]]}))
    assert [one.id for one in found.records] == [second.id]
    found = org.find("Lead", parse_criteria({"rows": [["id", "=", first.id], ["created_by", "=", "sync"]]}))
    assert [one.id for one in found.records] == [first.id]
    found = org.find("Lead", parse_criteria({"rows": [["version", "<", 2]]}), order=(("created_at", "desc"),))
    assert [one.id for one in found.records] == [second.id, first.id]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Nope", "=", "1"]], "Nope"),
        ([["NumberOfEmployees", "contains", "1"]], "contains"),
        ([["AnnualRevenue", ">", "much"]], "much"),
    ],
)
def test_unfit_criteria_are_refused(rows: list[list[str]], said: str) -> None:
    """Criteria that don't fit the fields are refused with the reason; nothing is guessed."""
    with pytest.raises(Refused, match=said) as refused:
        crm_org().find("Lead", parse_criteria({"rows": rows}))
    assert refused.value.kind == "invalid"


def test_deleted_records_are_found_on_request_only() -> None:
    """A query leaves out the bin unless it asks for it."""
    org = crm_org()
    lead = create(org, "Lead")
    org.save(Change("delete", "Lead", id=lead.id), SYNC)
    assert org.find("Lead").records == []
    assert [one.id for one in org.find("Lead", deleted=True).records] == [lead.id]


def test_views() -> None:
    """product.md F: created this week, assigned to me, closing this month; by the reader, the day and the time zone."""
    views = [
        {"name": "this week", "object": "Lead", "criteria": {"rows": [["created_at", ">=", "$week_start"]]}},
        {"name": "mine", "object": "Lead", "criteria": {"rows": [["Owner", "=", "$me"]]}},
        {
            "name": "closing",
            "object": "Opportunity",
            "criteria": {"rows": [["CloseDate", ">=", "$month_start"], ["CloseDate", "<=", "$month_end"]]},
            "order": [["CloseDate", "desc"]],
        },
    ]
    org = crm_org(views=views, time_zone="America/New_York")
    monday = create(org, "Lead")  # 2026-03-02, a Monday, 04:00 in New York
    deals = [create(org, "Opportunity", CloseDate=f"2026-{day}").id for day in ("03-01", "03-31", "04-01")]
    assert [one.id for one in org.show_view("closing", SYNC).records] == [deals[1], deals[0]]
    org.clock.advance(6 * 86400 + 18 * 3600)  # Monday 03:00 in UTC, still Sunday in New York
    sunday = create(org, "Lead", Owner="kari")
    assert [one.id for one in org.show_view("this week", SYNC).records] == [monday.id, sunday.id]
    org.clock.advance(3600)
    assert org.show_view("this week", SYNC).records == []
    assert [one.id for one in org.show_view("mine", KARI).records] == [sunday.id]
    with pytest.raises(Refused, match="closing"):
        org.show_view("nothing", SYNC)


def test_a_view_that_cant_work_is_refused_at_once() -> None:
    """Its criteria are checked when the org is built."""
    with pytest.raises(Refused, match="Nope"):
        crm_org(views=[{"name": "x", "object": "Lead", "criteria": {"rows": [["Nope", "=", "1"]]}}])
