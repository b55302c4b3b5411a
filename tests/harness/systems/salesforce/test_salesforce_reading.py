"""What the Salesforce client reads: describes, records, queries, changes and histories, from documented responses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.systems import failures
from leadproof.systems.salesforce.changes import OVERLAP_SECONDS, Reading
from leadproof.systems.salesforce.describing import Described
from leadproof.systems.salesforce.soql import LONGEST, literal, quoted, wheres
from leadproof.transports import Request, Response
from leadterms.criteria import parse_criteria
from leadterms.refusals import CriteriaRefused
from tests.harness.systems.salesforce.documented import BASE, LEAD, client, field, id_of, lead, ok, page

QUERY = f"GET {BASE}/query"
ALL = f"GET {BASE}/queryAll"
SPECS = Described.of(LEAD).spec.fields


def test_a_describe_becomes_fields() -> None:
    """Types, lengths, digits, active choices, defaults, references and rights; compound fields are left out."""
    assert "Address" not in SPECS
    told = {
        name: SPECS[name].type for name in ("LastName", "Description", "Status", "Topics__c", "Full__c", "Number__c")
    }
    assert told == {
        "LastName": "single_line", "Description": "multi_line", "Status": "dropdown", "Topics__c": "multi_select",
        "Full__c": "formula", "Number__c": "auto_number",
    }  # fmt: skip
    assert (SPECS["LastName"].required, SPECS["Status"].required, SPECS["Email"].required) == (True, False, False)
    assert (SPECS["Status"].choices, SPECS["Status"].default, SPECS["Status"].restricted) == (("Open",), "Open", False)
    assert SPECS["Topics__c"].restricted
    assert (SPECS["AnnualRevenue"].scale, SPECS["NumberOfEmployees"].scale) == (2, 0)
    assert (SPECS["Key__c"].external_id, SPECS["Key__c"].unique, SPECS["Key__c"].length) == (True, True, 40)
    assert (SPECS["OwnerId"].type, SPECS["MasterRecordId"].refers_to) == ("user", "Lead")
    assert SPECS["Full__c"].read_only
    assert SPECS["SystemModstamp"].system


def test_only_objects_of_lead_flow_are_described() -> None:
    """The standard ones and the org's own, once each; an org has hundreds."""
    listed = [{"name": name, "queryable": True, "custom": custom} for name, custom in (
        ("Lead", False), ("ApexLog", False), ("Order__c", True), ("Lead__History", True),
    )]  # fmt: skip
    own = {**LEAD, "name": "Order__c"}
    crm, wire = client(
        {f"GET {BASE}/sobjects": ok({"sobjects": listed}), f"GET {BASE}/sobjects/Order__c/describe": ok(own)}
    )
    assert list(crm.describe()) == ["Lead", "Order__c"]
    assert len(wire.sent("/describe")) == 2


def test_values_are_typed() -> None:
    """Exact numbers, aware moments, days, sets; a blank text is None and a box has no blank."""
    raw = lead(
        Email="a@x.example", AnnualRevenue=1234.56, NumberOfEmployees=7, Topics__c="B;A", DoNotCall=None,
        Birthday__c="1980-02-29", DemoAt__c="2026-03-02T09:00:00.000+0000", Description="",
    )  # fmt: skip
    crm, _ = client({QUERY: page(raw)})
    (record,) = crm.read("Lead", [id_of(1)], [])
    values = record.values
    assert (values["AnnualRevenue"], values["NumberOfEmployees"]) == (Decimal("1234.56"), Decimal(7))
    assert (values["Topics__c"], values["DoNotCall"], values["Description"]) == (frozenset("AB"), False, None)
    assert (values["Birthday__c"], values["DemoAt__c"]) == (date(1980, 2, 29), datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert (record.owner, record.modified_by, record.version) == (
        "005000000000002AAA", "005000000000001AAA", "2026-03-02T09:00:03.000+0000",
    )  # fmt: skip
    assert (record.created, record.deleted, record.merged_into, record.converted_to) == (
        datetime(2026, 3, 2, 9, 0, 1, tzinfo=UTC), False, None, None,
    )  # fmt: skip


def test_records_are_read_in_the_order_asked_for_and_in_chunks() -> None:
    """450 ids are three queries; what is absent is left out, what is no id is not asked for."""

    def answer(request: Request) -> Response:
        soql = dict(request.query)["q"]
        return page(*(lead(number) for number in range(450) if id_of(number) in soql and number != 3))

    crm, wire = client({QUERY: answer})
    ids = [id_of(number) for number in reversed(range(450))]
    found = crm.read("Lead", [*ids, "no id'"], ["Email"])
    assert [one.id for one in found] == [one for one in ids if one != id_of(3)]
    assert len(wire.queries()) == 3
    assert set(found[0].values) == {"Email"}
    assert all(len(quote(soql, safe="")) < LONGEST for soql in wire.queries())


def test_a_query_goes_on_where_the_vendor_says() -> None:
    """nextRecordsUrl is followed to the end, whatever stands in front of its path."""
    following = f"https://acme.my.salesforce.com{BASE}/query/01g-2000"
    crm, wire = client({QUERY: page(lead(1), following=following), f"GET {BASE}/query/01g-2000": page(lead(2))})
    assert [one.id for one in crm.find("Lead", None, [])] == [id_of(1), id_of(2)]
    assert "ORDER BY CreatedDate, Id" in wire.queries()[0]


@pytest.mark.parametrize(
    ("rows", "logic", "where"),
    [
        ([["Email", "=", "o'neil@x.example"]], None, r"Email = 'o\'neil@x.example'"),
        ([["Email", "=", None]], None, "Email = null"),
        ([["Email", "is_blank"], ["LastName", "not_blank"]], "1 OR NOT 2", "(Email = null OR (NOT LastName != null))"),
        ([["LastName", "contains", "50%_"]], None, r"LastName LIKE '%50\%\_%'"),
        ([["LastName", "starts_with", "A"]], None, "LastName LIKE 'A%'"),
        ([["LastName", "not_contains", "x"]], None, "(LastName = null OR (NOT LastName LIKE '%x%'))"),
        ([["AnnualRevenue", ">=", "12.50"]], None, "AnnualRevenue >= 12.5"),
        ([["DoNotCall", "=", "yes"]], None, "DoNotCall = true"),
        ([["DemoAt__c", "<", "2026-03-02T10:00:00+01:00"]], None, "DemoAt__c < 2026-03-02T09:00:00Z"),
        ([["Birthday__c", "=", "1980-02-29"]], None, "Birthday__c = 1980-02-29"),
        ([["Topics__c", "contains", "A"]], None, "Topics__c INCLUDES ('A')"),
        ([["Status", "in", ["Open", "Gone"]]], None, "Status IN ('Open','Gone')"),
        ([["Status", "not_in", ["Open"]]], None, "(Status = null OR Status NOT IN ('Open'))"),
        ([["id", "in", ["a", "b"]]], None, "Id IN ('a','b')"),
    ],
)
def test_criteria_are_soql(rows: list[Any], logic: str | None, where: str) -> None:
    """Each operator with its meaning: a blank matches only what leadterms says it does."""
    criteria = parse_criteria({"rows": rows, "logic": logic})
    assert list(wheres(criteria, SPECS, LONGEST)) == [where]


def test_a_question_about_no_field_is_refused_here() -> None:
    """An unknown field is told before anything is sent."""
    crm, wire = client({})
    with pytest.raises(CriteriaRefused):
        list(crm.find("Lead", parse_criteria({"rows": [["Nonsense", "=", "x"]]}), []))
    assert wire.queries() == []


WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=60)


@given(st.lists(WORDS, min_size=1, max_size=80, unique=True))
def test_a_list_too_long_becomes_several_that_share_nothing(values: list[str]) -> None:
    """Every value is asked for exactly once, and every condition fits, if a single value does."""
    criteria = parse_criteria({"rows": [["LastName", "in", values]]})
    conditions = list(wheres(criteria, SPECS, 2_000))
    asked = ",".join(one.removeprefix("LastName IN (").removesuffix(")") for one in conditions)
    assert asked == ",".join(literal(one) for one in values)
    assert len(conditions) == 1 or all(len(quote(one, safe="")) <= 2_000 for one in conditions)


@given(st.text())
def test_a_text_stays_inside_its_quotes(text: str) -> None:
    """Whatever a person wrote, no quote ends the text before its end."""
    inside = quoted(text)[1:-1]
    bare = inside.replace("\\\\", "").replace("\\'", "")
    assert "'" not in bare
    assert "\n" not in inside


# --- changes --------------------------------------------------------------------------------------


class Org:
    """An org of leads that are stamped, as `queryAll` answers about them."""

    def __init__(self, stamps: dict[int, int]) -> None:
        self.stamps = dict(stamps)
        self.edits: dict[int, int] = {}

    def rows(self, reading: Reading, size: int) -> list[dict[str, Any]]:
        """What the reading's condition matches, in its order."""
        rows = sorted((self._row(number) for number in self.stamps), key=lambda row: (row["SystemModstamp"], row["Id"]))
        return [row for row in rows if self._fits(row, reading)][:size]

    def _row(self, number: int) -> dict[str, Any]:
        minute, second = divmod(self.stamps[number], 60)
        stamp = f"2026-03-02T09:{minute:02d}:{second:02d}.000+0000"
        return {"Id": id_of(number), "SystemModstamp": stamp, "Email": str(self.edits.get(number, 0))}

    @staticmethod
    def _fits(row: dict[str, Any], reading: Reading) -> bool:
        if not reading.at:
            return True
        if reading.id:
            return (row["SystemModstamp"], row["Id"]) > (reading.at, reading.id)
        at = datetime.fromisoformat(reading.at).timestamp() - OVERLAP_SECONDS
        return datetime.fromisoformat(row["SystemModstamp"]).timestamp() >= at

    def read(self, reading: Reading, size: int) -> tuple[list[str], Reading]:
        """Pages to the end, through the cursor's text: ids told, in order."""
        told: list[str] = []
        for _ in range(1000):
            rows = self.rows(reading, size)
            fresh, reading = reading.take(rows, more=len(rows) == size)
            told += [row["Id"] for row in fresh]
            reading = Reading.of(reading.cursor())
            if len(rows) < size:
                return told, reading
        raise AssertionError("the reading stands still")


def test_a_load_of_one_instant_is_read_once_and_whole() -> None:
    """2,500 records of one second in pages of 200: each once; nothing is told again when nothing changed; and of those
    that change at that same instant afterwards, each once more, the smallest id too."""
    org = Org(dict.fromkeys(range(2500), 30))
    told, reading = org.read(Reading(), 200)
    assert sorted(told) == [id_of(number) for number in range(2500)]
    assert org.read(reading, 200)[0] == []
    org.edits.update({0: 1, 1234: 1})
    again, reading = org.read(reading, 200)
    assert sorted(again) == [id_of(0), id_of(1234)]
    assert org.read(reading, 200)[0] == []


@given(
    st.dictionaries(st.integers(0, 60), st.integers(0, 200), max_size=30),
    st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 50)), max_size=6), max_size=6),
    st.integers(2, 7),
)
def test_no_change_is_missed(stamps: dict[int, int], rounds: list[list[tuple[int, int]]], size: int) -> None:
    """Whatever changes between readings, also with stamps up to a minute back: each changed record is told, and none
    that did not change within the overlap."""
    org, reading, newest = Org(stamps), Reading(), max(stamps.values(), default=0)
    _, reading = org.read(reading, size)
    for number, changes in enumerate(rounds, 1):
        changed = set()
        for lead_number, back in changes:
            newest = max(newest, newest + 50 - back)
            org.stamps[lead_number] = max(0, newest - back)
            org.edits[lead_number] = number
            changed.add(id_of(lead_number))
        told, reading = org.read(reading, size)
        assert changed <= set(told)


def test_deleted_and_merged_records_are_told() -> None:
    """queryAll: the recycle bin too; a merged record names its winner."""
    gone, merged = lead(1, IsDeleted=True), lead(2, IsDeleted=True, MasterRecordId=id_of(9))
    crm, wire = client({ALL: page(gone, merged)})
    told = crm.changes("Lead", None, ["Email"], 2000)
    assert [(one.deleted, one.merged_into) for one in told.items] == [(True, None), (True, id_of(9))]
    assert not told.more
    assert wire.queries("/queryAll")[0].endswith("ORDER BY SystemModstamp, Id LIMIT 2000")


def test_a_cursor_of_somebody_else_is_named() -> None:
    """Not read as a beginning: that would tell everything once more."""
    crm, _ = client({})
    with pytest.raises(failures.BadAnswer, match="cursor"):
        crm.changes("Lead", "17", [], 10)


def test_history_begins_with_what_the_record_was_made_with() -> None:
    """The vendor keeps changes only: what a field held at first is its oldest change's old value, else what it holds
    now; a reference stands under its relationship's name."""
    record = {**lead(1, Email="new@x.example", LastName="A"), "CreatedById": "005000000000001AAA"}
    rows = [
        {"Id": "017", "CreatedById": "005B", "CreatedDate": "2026-03-02T10:00:00.000+0000", "Field": "Email",
         "OldValue": "old@x.example", "NewValue": "new@x.example"},
        {"Id": "018", "CreatedById": "005B", "CreatedDate": "2026-03-02T11:00:00.000+0000", "Field": "Owner",
         "OldValue": "005A", "NewValue": "005000000000002AAA"},
        {"Id": "019", "CreatedById": "005B", "CreatedDate": "2026-03-02T12:00:00.000+0000", "Field": "created",
         "OldValue": None, "NewValue": None},
    ]  # fmt: skip
    crm, wire = client({ALL: page(record), QUERY: page(*rows)})
    told = {(one.op, one.field): (one.before, one.after) for one in crm.history("Lead", id_of(1))}
    assert told["create", "Email"] == (None, "old@x.example")
    assert told["create", "LastName"] == (None, "A")
    assert told["create", "OwnerId"] == (None, "005A")
    assert told["update", "OwnerId"] == ("005A", "005000000000002AAA")
    assert ("create", "CreatedDate") not in told
    assert "FROM LeadHistory WHERE LeadId" in wire.queries()[0]
    none, _ = client({ALL: page()})
    with pytest.raises(failures.Refused) as refused:
        none.history("Lead", id_of(1))
    assert refused.value.refusal.kind == "gone"


def test_users_queues_and_campaigns() -> None:
    """Queues are among those who may own a lead; a campaign's statuses stand in their order."""

    def answer(request: Request) -> Response:
        soql = dict(request.query)["q"]
        rows: dict[str, list[dict[str, Any]]] = {
            "User": [{"Id": "005A", "Username": "kari@acme.example", "Name": "Kari", "Email": None, "IsActive": False}],
            "Group": [{"Id": "00GA", "Name": "Nordic queue", "DeveloperName": "Nordic"}],
            "Campaign": [{"Id": "701A", "Name": "Spring"}],
            "CampaignMemberStatus": [
                {"CampaignId": "701A", "Label": "Sent", "HasResponded": False, "SortOrder": 1},
                {"CampaignId": "701A", "Label": "Came", "HasResponded": True, "SortOrder": 2},
            ],
        }
        return page(*rows[soql.split(" FROM ")[1].split()[0]])

    crm, _ = client({QUERY: answer})
    told = [(one.id, one.user_name, one.email, one.active, one.queue) for one in crm.users()]
    assert told == [("005A", "kari@acme.example", "", False, False), ("00GA", "Nordic", "", True, True)]
    (spring,) = crm.campaigns()
    assert [(one.name, one.responded) for one in spring.statuses] == [("Sent", False), ("Came", True)]
    assert field("X")["label"] == "X"
