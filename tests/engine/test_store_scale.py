"""What must stay flat however many records there are: the statements, and the indexes that they use."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from leadsim.engine.query import Query
from leadsim.engine.records import Org
from leadsim.engine.store import COLUMNS
from leadterms.criteria import parse_criteria
from tests.engine.worlds import create, crm_org

FIELDS = [
    {"object": "Lead", "id": "Key__c", "type": "single_line", "unique": True, "external_id": True},
    {"object": "Lead", "id": "Score__c", "type": "number", "scale": 0},
]


def many(count: int) -> Org:
    """An org with so many leads."""
    values = {
        "LastName": "test", "Company": "test", "Email": {"text": "l{n}@lead.example"}, "Key__c": {"text": "k{n}"},
        "Score__c": {"text": "{n}"},
    }  # fmt: skip
    return crm_org(fields=FIELDS, records=[{"object": "Lead", "count": count, "values": values}])


def plan(org: Org, rows: list[list[object]], **more: object) -> str:
    """How the database runs a query, as one text."""
    criteria = parse_criteria({"rows": rows}) if rows else None
    return "; ".join(org.reading.plan(Query("Lead", criteria, **more)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([["Email", "=", "L1@lead.example"]], "key_Lead_Email"),
        ([["Key__c", "=", "k1"]], "key_Lead_Key__c"),
        ([["Owner", "=", "kari"]], "key_Lead_Owner"),
        ([["Score__c", ">", 10]], "key_Lead_Score__c"),
        ([["Score__c", "in", [1, 2]]], "key_Lead_Score__c"),
        ([["id", "=", "led0"]], "autoindex"),
    ],
)
def test_a_lookup_uses_an_index(rows: list[list[object]], index: str) -> None:
    """E-mail, external id, owner and any field that was filtered on are found by index, never by a scan."""
    said = plan(many(50), rows)
    assert "SEARCH record USING INDEX" in said
    assert index in said
    assert "SCAN record" not in said


def test_a_page_walks_the_order() -> None:
    """The next page by creation begins at its place in the index; nothing is sorted."""
    said = plan(many(50), [], after=(20,))
    assert "record_object_seq" in said
    assert "TEMP B-TREE" not in said


def test_a_page_ordered_by_a_field_isnt_sorted() -> None:
    """Ordering by a field reads its index in order."""
    said = plan(many(50), [], order=(("Score__c", "asc"),))
    assert "key_Lead_Score__c" in said
    assert "TEMP B-TREE" not in said


def test_the_change_feed_seeks() -> None:
    """A page of changes begins at the cursor by index and is read in order: no scan, no sort, no offset."""
    org = many(20)
    statement = org.store._sql["changes"]
    assert "OFFSET" not in statement
    said = "; ".join(org.store.plan(statement, {"of": "Lead", "since": 5, "until": "9999", "count": 10}))
    assert "SEARCH record USING INDEX record_object_mod (object=? AND mod>?)" in said
    assert "TEMP B-TREE" not in said


def test_reading_again_makes_no_plan() -> None:
    """The change feed, a record and a lookup are planned once, whatever cursor or id is asked: partial indexes let
    SQLite plan anew at each binding of a parameter that they might fit, which costs more than the reading."""
    org = many(20)
    looked_at: list[object] = []  # SQLite asks its authorizer while it makes a plan, and only then

    def watch(*what: object) -> int:
        looked_at.append(what)
        return sqlite3.SQLITE_OK

    def read(number: int) -> None:
        org.changes("Lead", number, 10)
        org.changes("Contact", number, 10)
        org.lookup("Lead", "Email", f"l{number}@lead.example")
        org.row(f"led{number}")

    read(0)
    org.store._connection.set_authorizer(watch)
    read(1)
    assert looked_at, "setting the authorizer makes SQLite plan each statement once more"
    looked_at.clear()
    read(2)
    assert looked_at == []


def names(org: Org) -> list[tuple[Any, Any]]:
    """What the org says of its campaigns."""
    return [(campaign.values["Name"], campaign.values.get("Age__c")) for campaign, _ in org.campaigns()]


def test_the_few_are_read_again_only_when_something_was_written() -> None:
    """Campaigns, asked for in every cycle, cost no statement while nothing is written; a write, and a write that is
    undone, are seen at once."""
    org = crm_org()
    create(org, "Campaign", Name="One")
    assert names(org) == [("One", None)]
    seen: list[str] = []
    org.store._connection.set_trace_callback(seen.append)
    assert names(org) == [("One", None)]
    org.store._connection.set_trace_callback(None)
    assert seen == []

    def stopped() -> None:
        with org.together():
            create(org, "Campaign", Name="Two")
            assert names(org) == [("One", None), ("Two", None)]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    assert names(org) == [("One", None)]
    create(org, "Campaign", Name="Three")
    assert names(org) == [("One", None), ("Three", None)]


def test_the_few_grow_older() -> None:
    """What changes by itself as time goes by is worked out anew, though nothing was written."""
    age = {"object": "Campaign", "id": "Age__c", "type": "formula", "formula": {"days_since": "StartDate"}}
    org = crm_org(fields=[age])
    create(org, "Campaign", Name="One", StartDate="2026-03-01")
    before = names(org)
    org.clock.advance(3 * 86_400)
    assert names(org) == [("One", before[0][1] + 3)]


@pytest.mark.parametrize("count", [10, 200])
def test_a_write_costs_as_many_statements_whatever_the_size(count: int) -> None:
    """Create, update and the lookups of their checks run the same number of statements in a small and a large org."""
    org = many(count)
    create(org, "Lead", Key__c="warm up")
    seen: list[str] = []
    org.store._connection.set_trace_callback(seen.append)
    lead = create(org, "Lead", Key__c="new", Email="new@lead.example")
    creating = len(seen)
    org.store._connection.set_trace_callback(None)
    assert creating == 4  # begin, is the key taken, insert, commit
    assert lead.seq == org.changes("Lead", 0, 1000)[1]


def test_a_batch_is_one_transaction() -> None:
    """200 rows: one BEGIN, one savepoint, one COMMIT, and for each row its key's lookup and its insert."""
    from leadsim.engine.change import Change
    from tests.engine.worlds import SYNC

    org = many(5)
    create(org, "Lead", Key__c="warm up")
    seen: list[str] = []
    org.store._connection.set_trace_callback(seen.append)
    values = {"LastName": "test", "Company": "test"}
    org.save_batch([Change("create", "Lead", values={**values, "Key__c": f"n{n}"}) for n in range(200)], SYNC)
    org.store._connection.set_trace_callback(None)
    assert [seen[0], seen[-1]] == ["BEGIN", "COMMIT"]
    assert sum(text in ("BEGIN", "COMMIT") for text in seen) == 2
    assert len(seen) == 4 + 200 * 2


def test_the_feed_pages_through_everything_once() -> None:
    """Each record once, at its newest state, also when it changes between two pages."""
    org = many(25)
    first, cursor, more = org.changes("Lead", None, 10)
    assert more
    again = first[0]
    create(org, "Lead")
    from tests.engine.worlds import update

    update(org, again, City="Oslo")
    seen = [one.id for one in first]
    while more:
        page, cursor, more = org.changes("Lead", cursor, 10)
        seen += [one.id for one in page]
    assert len(seen) == 27
    assert seen.count(again.id) == 2
    assert org.changes("Lead", cursor) == ([], cursor, False)


def test_columns_are_text_and_whole_numbers() -> None:
    """architecture.md "Storage": only such types move to PostgreSQL without surprises."""
    org = many(1)
    types = org.store._connection.execute("SELECT name, type FROM pragma_table_info('record')").fetchall()
    assert [name for name, _ in types] == list(COLUMNS)
    assert {kind for _, kind in types} == {"INTEGER", "VARCHAR"}


def test_the_next_page_ordered_by_a_field_seeks() -> None:
    """The second page begins at its key in the field's index."""
    said = plan(many(50), [], order=(("Score__c", "asc"),), after=("p5000112", 20))
    assert "key_Lead_Score__c (object=? AND <expr>>?)" in said
    assert "TEMP B-TREE" not in said
