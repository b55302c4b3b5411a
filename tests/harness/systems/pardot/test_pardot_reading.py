"""Describe, single readings, queries, changes: values typed, pages whole, nothing missed and nothing told twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadproof.systems.failures import Forbidden, NotSimulated, Refused
from leadproof.systems.pardot.describing import custom_field, name_v4, reader, written
from leadproof.systems.pardot.standard import OBJECTS
from leadproof.systems.ports import Capability
from leadproof.transports import Response
from leadterms.criteria import parse_criteria
from leadterms.fields import FieldSpec
from leadterms.values import Value
from tests.harness.systems.pardot.scripted_unit import PLAIN_CUSTOM_FIELDS, Unit, ok, page, prospect, v5_error

PROSPECTS = "GET prospects"


def test_describe_is_the_table_and_the_units_own_fields() -> None:
    """Standard fields with their rights; custom fields under their v5 names and with our types."""
    schema = Unit(customs=True).client().describe()
    assert list(schema) == list(OBJECTS)
    fields = schema["prospects"].fields
    assert fields["email"].required
    assert not fields["firstName"].read_only
    assert fields["salesforceLeadId"].read_only
    assert fields["grade"].read_only
    assert {id: spec.type for id, spec in fields.items() if id.endswith("__c")} == {
        "CRM_Record__c": "single_line",
        "Budget__c": "number",
        "Born__c": "date",
        "Topics__c": "multi_select",
        "Tier__c": "dropdown",
        "Said__c": "multi_line",
    }
    assert not fields["Tier__c"].restricted


def test_no_field_is_forgotten_between_the_versions() -> None:
    """v4 has the same fields in snake case; a custom field goes by its own id."""
    assert name_v4("addressOne") == "address_one"
    assert name_v4("isDoNotCall") == "is_do_not_call"
    assert name_v4("zip") == "zip"
    assert name_v4("CRM_Record__c") == "CRM_Record"


def test_one_record_is_read_whole() -> None:
    """Values come typed by the field; who changed it, whose it is and when come with the record."""
    raw = prospect(
        5, firstName="Anne", score=12, isDoNotCall=True, optedOut=False, assignedToId=8, Budget__c=12.5,
        Born__c="1980-02-03", lastActivityAt="2026-03-01T10:00:00+01:00", phone=None,
    )  # fmt: skip
    unit = Unit({"GET prospects/5": ok(raw)})
    fields = [
        "email",
        "firstName",
        "score",
        "isDoNotCall",
        "optedOut",
        "Budget__c",
        "Born__c",
        "lastActivityAt",
        "phone",
    ]
    (found,) = unit.client().read("prospects", ["5"], fields)
    assert found.values == {
        "email": "p5@acme.example",
        "firstName": "Anne",
        "score": Decimal(12),
        "isDoNotCall": True,
        "optedOut": False,
        "Budget__c": Decimal("12.5"),
        "Born__c": date(1980, 2, 3),
        "lastActivityAt": datetime(2026, 3, 1, 9, tzinfo=UTC),
        "phone": None,
    }
    assert (found.id, found.owner, found.modified_by, found.deleted) == ("5", "8", "7", False)
    asked = unit.queries("GET prospects/5")[0]["fields"].split(",")
    assert {"id", "createdAt", "updatedAt", "updatedById", "isDeleted", "assignedToId", "email"} <= set(asked)


def test_deleted_and_absent_records_are_left_out() -> None:
    """A 404 and a row in the recycle bin are no records; the order is that of the ids asked for."""
    unit = Unit(
        {
            "GET prospects/5": v5_error(109, "The requested record was not found.", 404),
            PROSPECTS: page(prospect(1), prospect(2, isDeleted=True), prospect(3)),
        }
    )
    client = unit.client()
    assert client.read("prospects", ["5"], ["email"]) == []
    assert [one.id for one in client.read("prospects", ["3", "2", "1"], ["email"])] == ["3", "1"]
    assert unit.queries(PROSPECTS)[0]["idList"] == "1,2,3"
    assert client.read("prospects", ["no number"], ["email"]) == []


def test_a_query_follows_its_pages() -> None:
    """Only `fields` goes with a page token; everything else would be refused."""
    unit = Unit({PROSPECTS: [page(prospect(1), token="t2"), page(prospect(2))]})
    found = list(unit.client().find("prospects", None, ["email"]))
    assert [one.id for one in found] == ["1", "2"]
    first, second = unit.queries(PROSPECTS)
    assert first["limit"] == "1000"
    assert sorted(second) == ["fields", "nextPageToken"]


@pytest.mark.parametrize(
    ("rows", "filters", "matching"),
    [
        ([["email", "=", "P1@acme.example"]], [{"email": "P1@acme.example"}], ["1"]),
        ([["email", "in", [f"p{n}@acme.example" for n in (1, 2)]]], [{"email": f"p{n}@acme.example"} for n in (1, 2)],
         ["1", "2"]),
        ([["id", "in", ["2", "1"]]], [{"idList": "1,2"}], ["1", "2"]),
        ([["assignedToId", "=", "8"]], [{"userId": "8"}], ["2"]),
        ([["score", ">=", "10"]], [{}], ["2"]),
        ([["email", "starts_with", "p1"]], [{}], ["1"]),
    ],
)  # fmt: skip
def test_criteria_narrow_the_query_and_are_held_against_each_row(
    rows: list[list[object]], filters: list[dict[str, str]], matching: list[str]
) -> None:
    """What the API filters goes to it; whatever it answers, only what fits the whole criteria is found."""
    everybody = page(prospect(1, score=5), prospect(2, score=10, assignedToId=8))
    unit = Unit({PROSPECTS: everybody})
    found = list(unit.client().find("prospects", parse_criteria({"rows": rows}), ["email"]))
    assert [one.id for one in found] == matching
    asked = [
        {k: v for k, v in one.items() if k not in ("fields", "limit", "orderBy")} for one in unit.queries(PROSPECTS)
    ]
    assert asked == filters
    assert all(set(one.values) == {"email"} for one in found)


def test_alternatives_are_not_narrowed() -> None:
    """With OR, a filter on one row would lose the other's matches."""
    unit = Unit({PROSPECTS: page(prospect(1, score=5), prospect(2, score=10))})
    criteria = parse_criteria({"rows": [["email", "=", "p1@acme.example"], ["score", "=", "10"]], "logic": "1 OR 2"})
    assert len(list(unit.client().find("prospects", criteria, ["email"]))) == 2
    assert "email" not in unit.queries(PROSPECTS)[0]


def test_many_addresses_are_one_scan() -> None:
    """The API looks up one address a call; a hundred are found cheaper in pages of a thousand."""
    unit = Unit({PROSPECTS: page(*(prospect(number) for number in range(1, 201)))})
    wanted = [f"p{number}@acme.example" for number in range(1, 101)]
    found = list(unit.client().find("prospects", parse_criteria({"rows": [["email", "in", wanted]]}), ["email"]))
    assert len(found) == 100
    assert len(unit.calls(PROSPECTS)) == 1


def test_fields_with_several_values_are_read_one_by_one() -> None:
    """The query of prospects leaves them out, so each record of a page is read by itself, and only then."""
    single = prospect(1, Topics__c=["CRM", "Mail"], Said__c=["first", "second"])
    unit = Unit({PROSPECTS: page(prospect(1)), "GET prospects/1": ok(single)}, customs=True)
    client = unit.client()
    (found,) = client.find("prospects", None, ["Topics__c", "Said__c"])
    assert found.values == {"Topics__c": frozenset({"CRM", "Mail"}), "Said__c": "first\nsecond"}
    assert "Topics__c" not in unit.queries(PROSPECTS)[0]["fields"]
    list(client.find("prospects", None, ["email"]))
    assert len(unit.calls("GET prospects/1")) == 1


CUT = {"pardot-warning": "203;Record count for nextPageToken sequence has been exceeded. No page token returned."}


def test_a_scan_goes_on_behind_the_last_id_when_page_tokens_end() -> None:
    """After 100,000 records the vendor gives no token any more, and says so in a header only."""
    first = page(prospect(7))
    unit = Unit({PROSPECTS: [Response(200, {**first.headers, **CUT}, first.body), page(prospect(8))]})
    assert [one.id for one in unit.client().find("prospects", None, ["email"])] == ["7", "8"]
    assert [one.get("idGreaterThan") for one in unit.queries(PROSPECTS)] == [None, "7"]
    assert {one["orderBy"] for one in unit.queries(PROSPECTS)} == {"id"}


def test_changes_go_on_when_page_tokens_end() -> None:
    """There is more, and the next reading begins at the newest stamp; nothing is told twice."""
    first = page(prospect(1))
    unit = Unit({PROSPECTS: [Response(200, {**first.headers, **CUT}, first.body), page(prospect(1), prospect(2))]})
    client = unit.client()
    cut = client.changes("prospects", None, ["email"], 1000)
    assert cut.more
    assert [one.id for one in client.changes("prospects", cut.next, ["email"], 1000).items] == ["2"]
    assert unit.queries(PROSPECTS)[1]["updatedAtAfterOrEqualTo"] == "2026-03-02T09:28:59+00:00"


def test_values_that_the_user_may_not_see_are_no_blanks() -> None:
    """Left out for lack of rights, they would be cleared on the other side: the call fails by name."""
    hidden = page(prospect(1))
    warning = {"pardot-warning": "202;Record(s) have been redacted from output due to access rules"}
    unit = Unit({PROSPECTS: Response(200, {**hidden.headers, **warning}, hidden.body)})
    with pytest.raises(Forbidden):
        unit.client().changes("prospects", None, ["email"], 100)


# --- changes -----------------------------------------------------------------------------------------


def test_changes_are_read_by_time_with_the_recycle_bin() -> None:
    """The first reading asks for everything by time; deleted ones are told as such."""
    unit = Unit({PROSPECTS: [page(prospect(1), token="t2"), page(prospect(2, isDeleted=True))]})
    client = unit.client()
    first = client.changes("prospects", None, ["email"], 2000)
    assert ([one.id for one in first.items], first.more) == (["1"], True)
    second = client.changes("prospects", first.next, ["email"], 2000)
    assert [(one.id, one.deleted) for one in second.items] == [("2", True)]
    assert not second.more
    asked, paged = unit.queries(PROSPECTS)
    assert (asked["orderBy"], asked["deleted"], asked["limit"]) == ("updatedAt", "all", "1000")
    assert "updatedAtAfterOrEqualTo" not in asked
    assert sorted(paged) == ["fields", "nextPageToken"]


RECENT = "2026-03-02T09:59:50+00:00"


def test_the_next_reading_begins_a_minute_before_the_last_and_tells_nothing_twice() -> None:
    """61 s before the reading began, as a change may become readable a minute late; what comes again is left out."""
    late = prospect(9, updatedAt="2026-03-02T09:59:00+00:00")
    first_row, changed = prospect(1, updatedAt=RECENT), prospect(1, updatedAt=RECENT, firstName="New")
    unit = Unit({PROSPECTS: [page(first_row), page(late, first_row), page(late, changed)]})
    client = unit.client()
    first = client.changes("prospects", None, ["email", "firstName"], 100)
    second = client.changes("prospects", first.next, ["email", "firstName"], 100)
    assert [one.id for one in second.items] == ["9"]
    assert unit.queries(PROSPECTS)[1]["updatedAtAfterOrEqualTo"] == "2026-03-02T09:58:59+00:00"
    third = client.changes("prospects", second.next, ["email", "firstName"], 100)
    assert [(one.id, one.values["firstName"]) for one in third.items] == [("1", "New")]


def test_a_cursor_does_not_grow_with_what_lies_behind() -> None:
    """Ten thousand records loaded an hour ago are neither kept in the cursor nor read again."""
    unit = Unit({PROSPECTS: page(*(prospect(number) for number in range(1, 1001)))})
    first = unit.client().changes("prospects", None, ["email"], 1000)
    assert len(first.items) == 1000
    assert len(first.next) < 200


def test_an_expired_page_token_begins_the_rest_anew() -> None:
    """After four hours a token is worthless: from a minute before the newest stamp, without telling anything again."""
    told, new = prospect(1, updatedAt=RECENT), prospect(2, updatedAt=RECENT)
    unit = Unit({PROSPECTS: [page(told, token="t2"), v5_error(210, "Page token has expired."), page(told, new)]})
    client = unit.client()
    first = client.changes("prospects", None, ["email"], 100)
    again = client.changes("prospects", first.next, ["email"], 100)
    assert [one.id for one in again.items] == ["2"]
    resumed = unit.queries(PROSPECTS)[2]
    assert "nextPageToken" not in resumed
    assert resumed["updatedAtAfterOrEqualTo"] == "2026-03-02T09:58:49+00:00"


def test_another_refusal_of_a_page_is_not_swallowed() -> None:
    """Only the token's own end begins anew."""
    unit = Unit(
        {PROSPECTS: [page(prospect(1), token="t2"), v5_error(180, "One or more of the specified fields are invalid")]}
    )
    client = unit.client()
    first = client.changes("prospects", None, ["email"], 100)
    with pytest.raises(Refused):
        client.changes("prospects", first.next, ["email"], 100)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 200), st.integers(0, 60)), min_size=1, max_size=25))
def test_no_change_is_missed_whatever_the_lag(history: list[tuple[int, int, int]]) -> None:
    """Changes (who, at which second, readable how many seconds later), read every seven seconds, every half minute by
    a client that has the cursor alone: every record ends up told at its newest state, and no state of it is told
    twice."""
    rows: dict[int, list[tuple[int, int]]] = {}
    for who, at, lag in sorted(history, key=lambda one: one[1]):
        rows.setdefault(who, []).append((at, at + lag))
    told: list[tuple[str, datetime]] = []
    clock = {"now": 0}
    visible: list[tuple[int, int]] = []

    def answer(request: object) -> object:
        since = dict(request.query).get("updatedAtAfterOrEqualTo", "")  # type: ignore[attr-defined]
        stamps = ((who, _stamp(at)) for at, who in sorted(visible))
        return page(
            *(prospect(who, updatedAt=stamp) for who, stamp in stamps if stamp >= since), at=_stamp(clock["now"])
        )

    cursor = None
    for now in range(0, 281, 7):
        visible.clear()
        for who, states in rows.items():
            seen = [at for at, readable in states if readable <= now]
            if seen:
                visible.append((max(seen), who))
        clock["now"] = now
        if now % 28 == 0:
            client = Unit({PROSPECTS: answer}, at=_stamp(now)).client()  # type: ignore[dict-item]
        read = client.changes("prospects", cursor, ["email"], 100)
        cursor = read.next
        told += [(one.id, one.modified) for one in read.items]
    assert len(told) == len(set(told))
    newest = {str(who): max(at for at, _ in states) for who, states in rows.items()}
    last = dict(told)
    assert {id: int(stamp.timestamp()) for id, stamp in last.items()} == {id: _BASE + at for id, at in newest.items()}


_BASE = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp())


def _stamp(second: int) -> str:
    return datetime.fromtimestamp(_BASE + second, UTC).isoformat()


# --- values and the rest -------------------------------------------------------------------------------

VALUES: dict[str, st.SearchStrategy[Value]] = {
    "single_line": st.text(min_size=1, max_size=20),
    "number": st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4),
    "date": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "date_time": st.integers(0, 2**31).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    "checkbox": st.booleans(),
    "multi_select": st.frozensets(st.text(min_size=1, max_size=5), min_size=1, max_size=4),
}


@given(st.sampled_from(sorted(VALUES)).flatmap(lambda one: st.tuples(st.just(one), VALUES[one])))
def test_what_is_written_reads_back_the_same(case: tuple[str, Value]) -> None:
    """Each value survives the API's JSON exactly, decimals included."""
    import json

    type, value = case
    spec = FieldSpec("prospects", "X__c", "X", type, restricted=False)
    back = reader(spec)(json.loads(json.dumps(written(spec, value))))
    assert back == value


@pytest.mark.parametrize(
    ("raw", "type"),
    [
        ({"fieldId": "A", "type": "Checkbox"}, "checkbox"),
        ({"fieldId": "A", "type": "Checkbox", "isUseValues": True}, "multi_select"),
        ({"fieldId": "A", "type": "Radio Button"}, "radio"),
        ({"fieldId": "A", "type": "text"}, "single_line"),
        ({"fieldId": "A", "type": "CRM User"}, "single_line"),
        ({"fieldId": "A", "type": "Something New"}, "single_line"),
    ],
)
def test_custom_types(raw: dict[str, object], type: str) -> None:
    """The types of the vendor's list, in either letter case; an unknown one is read as text."""
    assert custom_field(raw).type == type


def test_users_lists_and_campaigns() -> None:
    """A user in the recycle bin is inactive; campaigns have no statuses, which live in Salesforce."""
    unit = Unit(
        {
            "GET users": page(
                {
                    "id": 7,
                    "username": "anne",
                    "firstName": "A",
                    "lastName": "B",
                    "email": "a@acme.example",
                    "isDeleted": False,
                },
                {"id": 8, "username": None, "email": "b@acme.example", "isDeleted": True},
            ),
            "GET lists": page({"id": 3, "name": "News", "isDynamic": True}),
            "GET campaigns": page({"id": 2, "name": "spring"}),
        }
    )
    client = unit.client()
    assert [(one.id, one.user_name, one.name, one.active) for one in client.users()] == [
        ("7", "anne", "A B", True),
        ("8", "b@acme.example", "", False),
    ]
    assert [(one.id, one.name, one.dynamic) for one in client.lists()] == [("3", "News", True)]
    assert [(one.id, one.name, one.statuses) for one in client.campaigns()] == [("2", "spring", ())]


def test_each_prospect_is_a_member_of_its_campaign() -> None:
    """Without a status, and with the recycle bin's as removed."""
    unit = Unit({PROSPECTS: page(prospect(1, campaignId=2), prospect(3), prospect(4, campaignId=2, isDeleted=True))})
    members = unit.client().members(None, 100).items
    assert [(one.person, one.campaign, one.status, one.deleted) for one in members] == [
        ("1", "2", "", False),
        ("4", "2", "", True),
    ]


def test_what_the_vendor_lacks_is_refused_by_name_and_not_claimed() -> None:
    """No capability is claimed for it, nothing is sent, and the failure says what is missing."""
    unit = Unit()
    client = unit.client()
    lacking = {
        Capability.HISTORY: lambda: client.history("prospects", "1"),
        Capability.ANSWERS: lambda: client.answers("1", "comments", None),
        Capability.REPORTS: lambda: client.report("campaign"),
        Capability.MERGE: lambda: client.merge("prospects", "1", ["2"]),
        Capability.EMAIL: lambda: client.send_email(["1"], "x"),
        Capability.CONNECTOR_STATUS: lambda: client.connector_status(),
    }
    for capability, call in lacking.items():
        assert capability not in client.can
        with pytest.raises(NotSimulated, match="does not have"):
            call()
    assert unit.asked == []


def test_an_unknown_object_is_a_clear_failure() -> None:
    """The client knows four objects; another is no KeyError."""
    with pytest.raises(Refused, match="Lead"):
        Unit().client().read("Lead", ["1"], [])


def test_the_script_has_the_fields_that_it_says() -> None:
    """The custom fields of the ordinary scripts have one value each, so queries tell them."""
    assert all(not one.get("isRecordMultipleResponses") for one in PLAIN_CUSTOM_FIELDS)
