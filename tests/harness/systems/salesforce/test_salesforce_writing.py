"""What the Salesforce client writes, and what became of each row: documented responses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from leadproof.systems import failures
from leadproof.systems.campaigns import MemberWrite
from leadproof.systems.ports import Write
from leadproof.transports import Request, Response, TransportFailed
from leadterms.fields import FieldSpec
from tests.harness.systems.salesforce.documented import BASE, LEAD, client, errors, id_of, lead, ok, page

CREATE = f"POST {BASE}/composite/sobjects"
UPDATE = f"PATCH {BASE}/composite/sobjects"
DELETE = f"DELETE {BASE}/composite/sobjects"
QUERY = f"GET {BASE}/query"


def made(*ids: str) -> Response:
    """A collection in which every row was stored."""
    return ok([{"id": one, "success": True, "errors": []} for one in ids])


def row_error(code: str, message: str = "told", fields: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": fields or [], **more}]}


TAKEN = "duplicate value found: Key__c duplicates value on record with id: 00Q5g0000000001"


def create(number: int = 1, **more: Any) -> Write:
    return Write("create", "Lead", values={"LastName": str(number)}, **more)


def test_a_row_as_it_travels() -> None:
    """The type, typed values in the vendor's spelling, the owner; a number is exact, not a binary fraction."""
    values = {
        "AnnualRevenue": Decimal("12345678901234.10"), "Topics__c": frozenset({"B", "A"}), "Email": None,
        "DemoAt__c": datetime(2026, 3, 2, 9, 0, 0, 5, tzinfo=UTC), "Birthday__c": date(1980, 2, 29), "DoNotCall": True,
    }  # fmt: skip
    crm, wire = client({CREATE: made(id_of(1)), QUERY: page(lead(1))})
    (result,) = crm.write([Write("create", "Lead", values=values, owner="005A")])
    assert (result.outcome, result.id) == ("created", id_of(1))
    assert result.record is not None
    assert b'"AnnualRevenue":12345678901234.1' in wire.sent("/composite/sobjects")[0].body
    (body,) = wire.bodies("/composite/sobjects")
    assert body == {"allOrNone": False, "records": [{
        "attributes": {"type": "Lead"}, "AnnualRevenue": 12345678901234.1, "Topics__c": "A;B", "Email": None,
        "DemoAt__c": "2026-03-02T09:00:00Z", "Birthday__c": "1980-02-29", "DoNotCall": True, "OwnerId": "005A",
    }]}  # fmt: skip


def test_whether_rules_run_is_always_said() -> None:
    """The vendor's default is yes, on updates too: the header stands on every write but deletes. Rows that differ in
    it go in requests of their own; the results keep the rows' order."""
    crm, wire = client(
        {CREATE: [made(id_of(1), id_of(3)), made(id_of(2))], UPDATE: made(id_of(4)), DELETE: made(id_of(5))}
    )
    writes = [
        create(1, assign=True), create(2, allow_duplicates=True), create(3, assign=True),
        Write("update", "Lead", id=id_of(4), values={"LastName": "x"}), Write("delete", "Lead", id=id_of(5)),
    ]  # fmt: skip
    results = crm.write(writes)
    assert [(one.outcome, one.id) for one in results] == [
        ("created", id_of(1)), ("created", id_of(2)), ("created", id_of(3)), ("updated", id_of(4)),
        ("deleted", id_of(5)),
    ]  # fmt: skip
    told = [
        (one.method, one.headers.get("sforce-auto-assign"), one.headers.get("sforce-duplicate-rule-header"))
        for one in wire.sent("/composite/sobjects")
    ]
    assert told == [
        ("POST", "TRUE", "allowSave=false"), ("POST", "FALSE", "allowSave=true"), ("PATCH", "FALSE", "allowSave=false"),
        ("DELETE", None, None),
    ]  # fmt: skip
    assert dict(wire.sent("/composite/sobjects")[3].query) == {"ids": id_of(5), "allOrNone": "false"}


def test_upsert_goes_by_the_external_id() -> None:
    """The object and the key stand in the address; whether it was made is told row by row."""
    path = f"PATCH {BASE}/composite/sobjects/Lead/Key__c"
    answer = ok([{"id": id_of(1), "success": True, "created": True, "errors": []},
                 {"id": id_of(2), "success": True, "created": False, "errors": []}])  # fmt: skip
    crm, wire = client({path: answer})
    writes = [Write("upsert", "Lead", key=("Key__c", key), values={"LastName": "x"}) for key in ("a", "b")]
    assert [one.outcome for one in crm.write(writes)] == ["created", "updated"]
    assert [one["Key__c"] for one in wire.bodies("/Key__c")[0]["records"]] == ["a", "b"]


def test_a_record_written_twice_keeps_its_order() -> None:
    """Then only neighbours that differ in no record share a request."""
    crm, wire = client({UPDATE: made(id_of(1))})
    writes = [Write("update", "Lead", id=id_of(1), values={"LastName": text}) for text in ("first", "second")]
    assert [one.outcome for one in crm.write(writes)] == ["updated", "updated"]
    assert [body["records"][0]["LastName"] for body in wire.bodies("/composite/sobjects")] == ["first", "second"]


def test_two_hundred_rows_a_request() -> None:
    """450 rows are three requests, and one reading back for each 200."""

    def answer(request: Request) -> Response:
        rows = orjson.loads(request.body)["records"]
        return made(*(id_of(int(row["LastName"])) for row in rows))

    crm, wire = client({CREATE: answer})
    results = crm.write([create(number) for number in range(450)])
    assert [one.id for one in results] == [id_of(number) for number in range(450)]
    assert [len(body["records"]) for body in wire.bodies("/composite/sobjects")] == [200, 200, 50]
    assert len(wire.queries()) == 3


@pytest.mark.parametrize(
    ("error", "kind", "field", "definite", "matches"),
    [
        (row_error("REQUIRED_FIELD_MISSING", fields=["LastName"]), "invalid", "LastName", True, ()),
        (row_error("STRING_TOO_LONG", fields=["Email"]), "invalid", "Email", True, ()),
        (row_error("INVALID_CROSS_REFERENCE_KEY"), "gone", None, True, ()),
        (row_error("INVALID_CROSS_REFERENCE_KEY", fields=["OwnerId"]), "invalid", "OwnerId", True, ()),
        (row_error("ENTITY_IS_DELETED"), "gone", None, True, ()),
        (row_error("CANNOT_UPDATE_CONVERTED_LEAD"), "gone", None, True, ()),
        (row_error("UNABLE_TO_LOCK_ROW"), "locked", None, True, ()),
        (row_error("INSUFFICIENT_ACCESS_OR_READONLY"), "permission", None, True, ()),
        (row_error("UNKNOWN_EXCEPTION"), "fault", None, False, ()),
        (row_error("SOMETHING_NEW"), "invalid", None, True, ()),
        (
            row_error("DUPLICATE_VALUE", TAKEN),
            "duplicate", None, True, ("00Q5g0000000001",),
        ),
        (
            row_error("DUPLICATES_DETECTED", duplicateResult={"matchResults": [{"matchRecords": [
                {"record": {"Id": id_of(8)}}, {"record": {"Id": id_of(9)}}]}]}),
            "duplicate", None, True, (id_of(8), id_of(9)),
        ),
    ],
)  # fmt: skip
def test_each_refusal_has_its_kind(
    error: dict[str, Any], kind: str, field: str | None, definite: bool, matches: tuple[str, ...]
) -> None:
    """The vendor's code decides; the field and the records in the way are told."""
    crm, _ = client({UPDATE: ok([error])})
    (result,) = crm.write([Write("update", "Lead", id=id_of(1), values={"LastName": "x"})])
    refusal = result.refusal
    assert refusal is not None
    assert (result.outcome, refusal.kind, refusal.field, refusal.definite, refusal.matches) == (
        "refused", kind, field, definite, matches,
    )  # fmt: skip


def test_a_collection_that_names_no_duplicates_is_asked_one_by_one() -> None:
    """The single call tells the records; if nothing stands in the way any more, the record is made by it."""
    bare = ok([row_error("DUPLICATES_DETECTED"), row_error("DUPLICATES_DETECTED")])
    told = {"matchResults": [{"matchRecords": [{"record": {"Id": id_of(7)}}]}]}
    single = ok(
        [{"errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "duplicateResult": told}], 400
    )
    path = f"POST {BASE}/sobjects/Lead"
    crm, wire = client({CREATE: bare, path: [single, ok({"id": id_of(2), "success": True, "errors": []}, 201)]})
    first, second = crm.write([create(1), create(2)])
    assert first.refusal is not None
    assert first.refusal.matches == (id_of(7),)
    assert (second.outcome, second.id) == ("created", id_of(2))
    assert wire.bodies("/sobjects/Lead")[0] == {"attributes": {"type": "Lead"}, "LastName": "1"}


def test_a_lost_answer_leaves_its_rows_unknown_and_goes_on() -> None:
    """Port rule: nothing is raised; the requests after it are still tried."""
    crm, _ = client({CREATE: [TransportFailed("timeout"), made(id_of(200))]})
    results = crm.write([create(number) for number in range(201)])
    assert {one.outcome for one in results[:200]} == {"unknown"}
    assert (results[200].outcome, results[200].id) == ("created", id_of(200))
    assert results[0].refusal is not None
    assert not results[0].refusal.definite


def test_a_failure_that_did_nothing_is_raised_first_and_told_later() -> None:
    """Before anything was written it is the caller's; afterwards the rest is refused, definitely."""
    crm, _ = client({CREATE: errors(403, "REQUEST_LIMIT_EXCEEDED")})
    with pytest.raises(failures.QuotaSpent):
        crm.write([create()])
    rows = ok([{"id": id_of(number), "success": True, "errors": []} for number in range(200)])
    later, wire = client({CREATE: [rows, errors(403, "REQUEST_LIMIT_EXCEEDED")]})
    results = later.write([create(number) for number in range(500)])
    assert [one.outcome for one in results] == ["created"] * 200 + ["refused"] * 300
    assert {one.refusal.definite for one in results[200:] if one.refusal is not None} == {True}
    assert len(wire.sent("/composite/sobjects")) == 2


@pytest.mark.parametrize("body", [{"odd": 1}, [], [{"success": True}], ["text"]])
def test_an_answer_of_another_shape_proves_nothing(body: object) -> None:
    """Its rows are unknown, not created and not refused."""
    crm, _ = client({CREATE: ok(body)})
    (result,) = crm.write([create()])
    assert (result.outcome, result.record) == ("unknown", None)


def test_a_reading_back_that_fails_takes_nothing_from_the_write() -> None:
    """The record is made; whoever wants to see it reads it."""
    crm, _ = client({CREATE: made(id_of(1)), QUERY: errors(503, "SERVER_UNAVAILABLE")})
    (result,) = crm.write([create()])
    assert (result.outcome, result.id, result.record) == ("created", id_of(1), None)


def test_an_owner_cannot_be_blank() -> None:
    """Said before anything is sent; the other rows go."""
    crm, wire = client({CREATE: made(id_of(1))})
    refused, done = crm.write([create(1, owner=""), create(2)])
    assert refused.refusal is not None
    assert (refused.refusal.kind, refused.refusal.field, done.outcome) == ("invalid", "OwnerId", "created")
    assert len(wire.bodies("/composite/sobjects")[0]["records"]) == 1
    assert crm.write([create(1, owner="")])[0].outcome == "refused"


# --- members --------------------------------------------------------------------------------------


def member(id: str, person: str, status: str) -> dict[str, Any]:
    return {"Id": id, "CampaignId": "701A", "LeadId": person, "ContactId": None, "Status": status}


def test_a_membership_is_made_changed_left_or_removed() -> None:
    """One look at what is there, then one request for each kind of write; nothing for what is right already."""
    held = page(member("00vA", "00QA", "Sent"), member("00vB", "00QB", "Sent"), member("00vC", "00QC", "Sent"))
    crm, wire = client({QUERY: held, CREATE: made("00vD"), UPDATE: made("00vB"), DELETE: made("00vC")})
    writes = [
        MemberWrite("set", "701A", "Lead", "00QA", "Sent"), MemberWrite("set", "701A", "Lead", "00QB", "Came"),
        MemberWrite("remove", "701A", "Lead", "00QC"), MemberWrite("set", "701A", "Lead", "00QD", "Sent"),
        MemberWrite("remove", "701A", "Lead", "00QE"),
    ]  # fmt: skip
    assert [one.outcome for one in crm.set_members(writes)] == [
        "unchanged",
        "updated",
        "deleted",
        "created",
        "unchanged",
    ]
    created = next(one for one in wire.sent("/composite/sobjects") if one.method == "POST")
    (row,) = orjson.loads(created.body)["records"]
    assert row == {"attributes": {"type": "CampaignMember"}, "CampaignId": "701A", "LeadId": "00QD", "Status": "Sent"}


def test_who_became_a_member_meanwhile_is_looked_for_again() -> None:
    """ "Already a campaign member": the row that is there now gets the status."""
    late = [page(), page(member("00vA", "00QA", "Sent"))]
    crm, _ = client(
        {QUERY: late, CREATE: ok([row_error("DUPLICATE_VALUE", "Already a campaign member.")]), UPDATE: made("00vA")}
    )
    (result,) = crm.set_members([MemberWrite("set", "701A", "Lead", "00QA", "Came")])
    assert (result.outcome, result.id) == ("updated", "00vA")


def test_a_member_is_a_lead_or_a_contact() -> None:
    """Anything else is refused here."""
    crm, _ = client({})
    (result,) = crm.set_members([MemberWrite("set", "701A", "Account", "001A", "Sent")])
    assert result.outcome == "refused"


# --- install --------------------------------------------------------------------------------------

TOOLING = f"POST {BASE}/tooling/sobjects/CustomField"


def test_fields_are_added_by_the_tooling_api() -> None:
    """Each with the vendor's own type and extent; what is there with the same type is left alone."""
    crm, wire = client({TOOLING: ok({"id": "00NA", "success": True, "errors": []}, 201)})
    wanted = [
        FieldSpec("Lead", "MarketingId__c", "Marketing id", "single_line", length=40, external_id=True, unique=True),
        FieldSpec("Lead", "Seats__c", "Seats", "number", scale=2),
        FieldSpec("Lead", "Notes__c", "Notes", "multi_line"),
        FieldSpec("Lead", "Product__c", "Product", "dropdown", choices=("Basic", "Plus")),
        FieldSpec("Lead", "Key__c", "Key", "single_line", length=20),
    ]
    assert crm.install(wanted) == ["Lead.MarketingId__c", "Lead.Seats__c", "Lead.Notes__c", "Lead.Product__c"]
    told = {body["FullName"]: body["Metadata"] for body in wire.bodies("/CustomField")}
    assert told["Lead.MarketingId__c"] == {
        "label": "Marketing id", "required": False, "type": "Text", "length": 40, "externalId": True, "unique": True,
        "caseSensitive": False,
    }  # fmt: skip
    assert (told["Lead.Seats__c"]["type"], told["Lead.Seats__c"]["scale"]) == ("Number", 2)
    assert (told["Lead.Notes__c"]["type"], told["Lead.Notes__c"]["length"]) == ("LongTextArea", 32_768)
    values = told["Lead.Product__c"]["valueSet"]["valueSetDefinition"]["value"]
    assert [one["fullName"] for one in values] == ["Basic", "Plus"]


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (FieldSpec("Lead", "Key__c", "Key", "date"), "conflict"),
        (FieldSpec("Lead", "Sum__c", "Sum", "formula"), "invalid"),
    ],
)
def test_what_cannot_be_added_is_refused(spec: FieldSpec, kind: str) -> None:
    """Another type under that name, or a type that an integration cannot make."""
    crm, wire = client({})
    with pytest.raises(failures.Refused) as refused:
        crm.install([spec])
    assert refused.value.refusal.kind == kind
    assert wire.sent("/CustomField") == []
    assert LEAD["name"] == "Lead"
