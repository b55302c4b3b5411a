"""Single records, collections and composites: what is saved, and how each refusal reads."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.salesforce.desk import DATA, Desk
from tests.gateway.caller import Reply

GOOD = {"LastName": "Test", "Company": "Acme"}
ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "required": (
        {"FirstName": "x"},
        {"message": "Required fields are missing: [LastName, Company]", "errorCode": "REQUIRED_FIELD_MISSING",
         "fields": ["LastName", "Company"]},
    ),
    "unknown": ({**GOOD, "Nope": 1}, {"message": "No such column 'Nope' on sobject of type Lead",
    "errorCode": "INVALID_FIELD"}),
    "read only": (
        {**GOOD, "Name": "x", "CreatedDate": "2020-01-01"},
        {"message": "Unable to create/update fields: Name, CreatedDate. Please check the security settings of "
        "this field and "
         "verify that it is read/write for your profile or permission set.",
         "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "fields": ["Name", "CreatedDate"]},
    ),
    "an id of one's own": (
        {**GOOD, "Id": "00Q000000000001AAA"},
        {"message": "cannot specify Id in an insert call", "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE",
         "fields": ["Id"]},
    ),
    "a field twice": (
        {**GOOD, "lastname": "Other"},
        {"message": "Duplicate field specified: LastName", "errorCode": "INVALID_FIELD", "fields": ["LastName"]},
    ),
    "too long": (
        {**GOOD, "LastName": "x" * 81},
        {"message": f"Last Name: data value too large: {'x' * 81} (max length=80)", "errorCode": "STRING_TOO_LONG",
         "fields": ["LastName"]},
    ),
    "restricted picklist": (
        {**GOOD, "Tier__c": "Tin"},
        {"message": "Tier: bad value for restricted picklist field: Tin",
         "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "fields": ["Tier__c"]},
    ),
    "email": (
        {**GOOD, "Email": "badone"},
        {"message": "Email: invalid email address: badone", "errorCode": "INVALID_EMAIL_ADDRESS", "fields": ["Email"]},
    ),
    "number": (
        {**GOOD, "Score__c": "many"},
        {"message": "Cannot deserialize instance of double from VALUE_STRING value many or request may be "
        "missing a required "
         "field at [line:1, column:48]", "errorCode": "JSON_PARSER_ERROR"},
    ),
    "text": (
        {**GOOD, "City": 5},
        {"message": "Cannot deserialize instance of string from VALUE_NUMBER_INT value 5 or request may be "
        "missing a required "
         "field at [line:1, column:44]", "errorCode": "JSON_PARSER_ERROR"},
    ),
    "range": (
        {**GOOD, "NumberOfEmployees": 10**12},
        {"message": "Employees: value outside of valid range on numeric field: 1000000000000",
         "errorCode": "NUMBER_OUTSIDE_VALID_RANGE", "fields": ["NumberOfEmployees"]},
    ),
    "no id": (
        {**GOOD, "OwnerId": "me"},
        {"message": "Owner ID: id value of incorrect type: me", "errorCode": "MALFORMED_ID", "fields": ["OwnerId"]},
    ),
    "wrong object": (
        {**GOOD, "OwnerId": "0015g000000000LAAQ"},
        {"message": "Owner ID: id value of incorrect type: 0015g000000000LAAQ",
        "errorCode": "FIELD_INTEGRITY_EXCEPTION",
         "fields": ["OwnerId"]},
    ),
    "nobody": (
        {**GOOD, "OwnerId": "0055g0000000zzz"},
        {"message": "invalid cross reference id", "errorCode": "INVALID_CROSS_REFERENCE_KEY", "fields": ["OwnerId"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("values", "error"), ROWS.values(), ids=ROWS.keys())
def test_a_refused_record(values: dict[str, Any], error: dict[str, Any]) -> None:
    """Code, text and fields to the letter; nothing is saved."""
    desk = Desk()
    reply = desk.send("POST", "/sobjects/Lead", values)
    assert (reply.status, reply.json) == (400, [error])
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def _error(reply: Reply) -> tuple[int, str, str]:
    return reply.status, reply.json[0]["errorCode"], reply.json[0]["message"]


def test_values_of_every_type_come_back(desk: Desk) -> None:
    """Numbers as numbers or text, rounded to the field's decimals; days, moments, sets, booleans; blanks as null."""
    id = desk.lead(
        AnnualRevenue="1000.50", NumberOfEmployees="12", Topics__c="B;A", DoNotCall="true", Score__c=4.5, City=" Oslo ",
        Street="Gate 1\r\n0150", Title="a\nb", Phone="", Key__c="K",
    )  # fmt: skip
    lead = desk.send("GET", f"/sobjects/lead/{id[:15]}").json
    expected = {
        "AnnualRevenue": 1001.0, "NumberOfEmployees": 12, "Topics__c": "A;B", "DoNotCall": True, "Score__c": 5.0,
        "City": "Oslo", "Street": "Gate 1\r\n0150", "Title": "a b", "Phone": None, "IsDeleted": False, "Id": id,
        "Status": "Open - Not Contacted", "CreatedDate": "2026-03-02T09:00:02.000+0000",
    }  # fmt: skip
    assert {name: lead[name] for name in expected} == expected
    assert lead["Address"]["city"] == "Oslo"
    deal = desk.make("Opportunity", Name="Deal", StageName="Closed Won", CloseDate="2026-05-01T10:00:00Z", Amount=10)
    [shown] = desk.rows(
        f"SELECT CloseDate, IsWon, Probability, ForecastCategory, FiscalQuarter FROM Opportunity WHERE Id = '{deal}'"
    )
    assert shown == {"CloseDate": "2026-05-01", "IsWon": True, "Probability": 100.0, "ForecastCategory": "Closed",
                     "FiscalQuarter": 2}  # fmt: skip


def test_owners_and_assignment(desk: Desk) -> None:
    """Rules run unless told otherwise, on create and on update; an inactive owner is refused, a queue may own."""
    users = {row["Username"]: row["Id"] for row in desk.rows("SELECT Username, Id FROM User")}
    queue = desk.values("SELECT Id FROM Group")[0]
    owner = "SELECT OwnerId FROM Lead WHERE Id = '{}'"
    ruled = desk.lead(Country="NO")
    assert desk.values(owner.format(ruled)) == [users["kari.c"]]
    plain = desk.send(
        "POST", "/sobjects/Lead", {**GOOD, "Country": "NO"}, headers={"Sforce-Auto-Assign": "false"}
    ).json["id"]
    assert desk.values(owner.format(plain)) == [users["sync"]]
    assert (
        desk.send("PATCH", f"/sobjects/Lead/{plain}", {"City": "x"}, headers={"Sforce-Auto-Assign": "FALSE"}).status
        == 204
    )
    assert desk.values(owner.format(plain)) == [users["sync"]]
    assert desk.send("PATCH", f"/sobjects/Lead/{plain}", {"City": "y"}).status == 204
    assert desk.values(owner.format(plain)) == [users["kari.c"]]
    queued = desk.lead(OwnerId=queue)
    assert desk.rows(f"SELECT Owner.Name, Owner.Type FROM Lead WHERE Id = '{queued}'")[0]["Owner"]["Type"] == "Queue"
    refused = desk.send("POST", "/sobjects/Lead", {**GOOD, "OwnerId": users["ola.c"]})
    text = f"operation performed with inactive user [{users['ola.c'][:15]}] as owner of lead"
    assert _error(refused) == (400, "INACTIVE_OWNER_OR_USER", text)


def test_missing_and_deleted_records(desk: Desk) -> None:
    """What isn't there, was deleted, is another object's, or is no id."""
    id = desk.lead()
    assert desk.send("DELETE", f"/sobjects/Lead/{id}").status == 204
    assert _error(desk.send("GET", f"/sobjects/Lead/{id}"))[:2] == (404, "NOT_FOUND")
    assert _error(desk.send("PATCH", f"/sobjects/Lead/{id}", {"City": "x"})) == (
        404,
        "ENTITY_IS_DELETED",
        "entity is deleted",
    )
    assert _error(desk.send("DELETE", f"/sobjects/Lead/{id}"))[:2] == (404, "ENTITY_IS_DELETED")
    assert (
        _error(desk.send("PATCH", "/sobjects/Lead/00Q5g0000000zzzEAA", {"City": "x"}))[1]
        == "INVALID_CROSS_REFERENCE_KEY"
    )
    text = "Provided external ID field does not exist or is not accessible: nope"
    assert _error(desk.send("GET", "/sobjects/Lead/nope")) == (404, "NOT_FOUND", text)
    assert _error(desk.send("GET", "/sobjects/Nope/describe"))[:2] == (404, "NOT_FOUND")
    assert desk.values(f"SELECT IsDeleted FROM Lead WHERE Id = '{id}'") == []
    assert desk.query(f"SELECT IsDeleted FROM Lead WHERE Id = '{id}' ALL ROWS")["records"][0]["IsDeleted"] is True


def test_external_ids(desk: Desk) -> None:
    """Upsert creates and updates; several matches give 300 with the addresses; parents can be named by theirs."""
    assert desk.send("PATCH", "/sobjects/Lead/Key__c/a%2Fb", GOOD).status == 201
    assert desk.send("PATCH", "/sobjects/Lead/Key__c/a%2Fb", {"City": "x"}).json["created"] is False
    first, second = desk.lead(Loose__c="same"), desk.lead(Loose__c="same")
    several = desk.send("PATCH", "/sobjects/Lead/Loose__c/same", {"City": "x"})
    root = "/services/data/v59.0/sobjects/Lead/"
    assert (several.status, several.json) == (300, [root + first, root + second])
    duplicate = desk.send("POST", "/sobjects/Lead", {**GOOD, "Key__c": "a/b"})
    assert _error(duplicate)[1] == "DUPLICATE_VALUE"
    assert "duplicate value found: Key__c duplicates value on record with id: 00Q" in duplicate.json[0]["message"]
    account = desk.make("Account", Name="Acme", Number__c="A-1")
    contact = desk.make("Contact", LastName="Berg", Account={"Number__c": "A-1"})
    assert desk.values(f"SELECT AccountId FROM Contact WHERE Id = '{contact}'") == [account]
    missing = desk.send("POST", "/sobjects/Contact", {"LastName": "B", "Account": {"Number__c": "A-9"}})
    assert _error(missing)[1:] == (
        "INVALID_FIELD",
        "Foreign key external ID: a-9 not found for field Number__c in entity Account",
    )


def test_campaign_members(desk: Desk) -> None:
    """A person is a member once; the status must be the campaign's; what responds is marked."""
    campaign, lead = desk.values("SELECT Id FROM Campaign")[0], desk.lead()
    member = desk.make("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Responded")
    [shown] = desk.rows(
        f"SELECT HasResponded, FirstRespondedDate, Type, Name FROM CampaignMember WHERE Id = '{member}'"
    )
    assert shown == {"HasResponded": True, "FirstRespondedDate": "2026-03-02", "Type": "Lead", "Name": "Test"}
    again = desk.send("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead})
    assert _error(again) == (400, "DUPLICATE_VALUE", "Already a campaign member.")
    assert desk.values(f"SELECT NumberOfResponses FROM Campaign WHERE Id = '{campaign}'") == [1]


def test_collections(desk: Desk) -> None:
    """Each row has its own result, in order; with allOrNone one bad row undoes the others."""
    rows = [{"attributes": {"type": "Lead"}, **GOOD}, {"attributes": {"type": "Lead"}, "LastName": "x"},
            {"attributes": {"type": "Account"}, "Name": "Acme"}]  # fmt: skip
    made = desk.send("POST", "/composite/sobjects", {"allOrNone": False, "records": rows}).json
    assert [one["success"] for one in made] == [True, False, True]
    assert made[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [Company]",
            "fields": ["Company"],
        }
    ]
    none = desk.send("POST", "/composite/sobjects", {"allOrNone": True, "records": rows}).json
    assert [one["errors"][0]["statusCode"] for one in none] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING", "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]  # fmt: skip
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 1
    id = made[0]["id"]
    keyed = [{"attributes": {"type": "Lead"}, **GOOD, "Key__c": "k"}, {"attributes": {"type": "Lead"}, "Key__c": ""}]
    upserted = desk.send("PATCH", "/composite/sobjects/Lead/Key__c", {"records": keyed}).json
    assert [one.get("created") for one in upserted] == [True, None]
    change = [{"attributes": {"type": "Lead"}, "id": id, "City": "Oslo"}, {"attributes": {"type": "Lead"}, "City": "x"}]
    changed = desk.send("PATCH", "/composite/sobjects", {"records": change}).json
    assert [one["success"] for one in changed] == [True, False]
    assert changed[1]["errors"][0]["message"] == "Id not specified in an update call"
    read = desk.send(
        "GET", "/composite/sobjects/Lead", query={"ids": f"{id},00Q5g0000000zzzEAA", "fields": "City"}
    ).json
    assert (read[0]["City"], read[1]) == ("Oslo", None)
    gone = desk.send("DELETE", "/composite/sobjects", query={"ids": f"{id},xyz"}).json
    assert [one["success"] for one in gone] == [True, False]
    many = {"records": [{"attributes": {"type": "Lead"}, **GOOD}] * 201}
    assert _error(desk.send("POST", "/composite/sobjects", many))[1] == "EXCEEDED_ID_LIMIT"


def _part(method: str, path: str, name: str, body: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "method": method,
        "url": f"/services/data/v59.0{path}",
        "referenceId": name,
        **({"body": body} if body else {}),
        **more,
    }


def test_composite(desk: Desk) -> None:
    """Later parts use what earlier ones gave; a part that fails doesn't stop others; each has its headers."""
    parts = [
        _part("POST", "/sobjects/Account", "acc", {"Name": "Acme"}),
        _part("POST", "/sobjects/Contact", "con", {"LastName": "Berg", "AccountId": "@{acc.id}"}),
        _part("GET", "/query?q=SELECT+Id,Account.Name+FROM+Contact", "found"),
        _part(
            "PATCH", "/sobjects/Contact/@{found.records[0].Id}", "change", {"Title": "@{found.records[0].Account.Name}"}
        ),
        _part("POST", "/sobjects/Lead", "bad", {"LastName": "x"}),
        _part(
            "POST", "/sobjects/Lead", "lead-2-x", {**GOOD, "Country": "NO"}, httpHeaders={"Sforce-Auto-Assign": "FALSE"}
        ),
    ]
    answer = desk.send("POST", "/composite", {"allOrNone": "false", "compositeRequest": parts}).json[
        "compositeResponse"
    ]
    assert [one["httpStatusCode"] for one in answer] == [201, 201, 200, 204, 400, 201]
    assert [one["referenceId"] for one in answer] == ["acc", "con", "found", "change", "bad", "lead-2-x"]
    assert answer[0]["httpHeaders"]["Location"].endswith(answer[0]["body"]["id"])
    assert desk.values("SELECT Title FROM Contact") == ["Acme"]
    assert desk.rows("SELECT Owner.Username FROM Lead")[0]["Owner"]["Username"] == "sync"


def test_composite_all_or_none(desk: Desk) -> None:
    """One failure undoes all, also what later parts would have seen; the journal has no trace of it."""
    parts = [_part("POST", "/sobjects/Lead", "one", GOOD), _part("POST", "/sobjects/Lead", "two", {"LastName": "x"})]
    facts = desk.sandbox.world.journal.count(kind="change")
    answer = desk.send("POST", "/composite", {"allOrNone": True, "compositeRequest": parts}).json["compositeResponse"]
    assert answer[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert answer[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert desk.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
    assert desk.sandbox.world.journal.count(kind="change") == facts


def test_composite_batch(desk: Desk) -> None:
    """As many results as requests, in order; halted ones say so."""
    urls = ["v59.0/sobjects/Lead/describe", "v59.0/sobjects/Nope/describe", "v59.0/limits"]
    body = {"batchRequests": [{"method": "GET", "url": url} for url in urls]}
    answer = desk.send("POST", "/composite/batch", body).json
    assert answer["hasErrors"] is True
    assert [one["statusCode"] for one in answer["results"]] == [200, 404, 200]
    halted = desk.send("POST", "/composite/batch", {**body, "haltOnError": True}).json["results"]
    assert [one["statusCode"] for one in halted] == [200, 404, 412]


def test_duplicate_rules(desk: Desk) -> None:
    """A blocked duplicate names the records; the header lets it through."""
    first = desk.lead(Email="a@acme.example")
    reply = desk.send("POST", "/sobjects/Lead", {**GOOD, "Email": "A@ACME.example"})
    result = reply.json[0]["duplicateResult"]
    assert (reply.status, reply.json[0]["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
    header = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    assert desk.send("POST", "/sobjects/Lead", {**GOOD, "Email": "A@ACME.example"}, headers=header).status == 201


def test_history(desk: Desk) -> None:
    """Who changed which field, from what to what: what Mautic reads of opt-outs."""
    id = desk.lead()
    desk.send("PATCH", f"/sobjects/Lead/{id}", {"HasOptedOutOfEmail": True, "City": "Oslo"})
    found = desk.rows(
        f"SELECT Field, OldValue, NewValue, CreatedBy.Username FROM LeadHistory WHERE LeadId = '{id}' AND Field = "
        "'HasOptedOutOfEmail' ORDER BY CreatedDate"
    )
    assert [(one["OldValue"], one["NewValue"]) for one in found] == [(False, True)]
    assert desk.values("SELECT LeadId FROM LeadHistory WHERE Field = 'City'") == [id]
    assert desk.refused("SELECT Id FROM LeadHistory WHERE NewValue = 'x'")[0] == "INVALID_FIELD"


def test_locked_rows_and_partial_success(desk: Desk) -> None:
    """Faults by row read as the vendor's row lock."""
    lab = desk.caller
    lab.post("/_lab/faults", {"at": "acme-crm", "operation": "create", "kind": "row_lock", "rows": [1]})
    rows = [{"attributes": {"type": "Lead"}, **GOOD}] * 3
    made = desk.send("POST", "/composite/sobjects", {"records": rows}).json
    assert [one["success"] for one in made] == [True, False, True]
    assert made[1]["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert "unable to obtain exclusive access to this record" in made[1]["errors"][0]["message"]
    lab.post("/_lab/faults", {"at": "acme-crm", "operation": "update", "kind": "row_lock"})
    assert _error(desk.send("PATCH", f"/sobjects/Lead/{made[0]['id']}", {"City": "x"}))[1] == "UNABLE_TO_LOCK_ROW"


def test_bodies_that_are_none(desk: Desk) -> None:
    """No body, broken JSON, a list for an object, an id inside."""
    url = f"{DATA}/sobjects/Lead"
    assert _error(desk.session.post(url))[1] == "JSON_PARSER_ERROR"
    assert _error(desk.session.post(url, body=b'{"LastName":'))[1] == "JSON_PARSER_ERROR"
    assert _error(desk.session.post(url, []))[1] == "JSON_PARSER_ERROR"
    assert _error(desk.send("PATCH", f"/sobjects/Lead/{desk.lead()}", {"Id": "x"}))[1] == "INVALID_FIELD"
    assert _error(desk.send("POST", "/sobjects/User", {"Username": "x"}))[1] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def test_keys_that_no_record_can_have(desk: Desk) -> None:
    """A control character, a number that is text elsewhere, a blank: not found, in the path and in a parent's key."""
    for value in ("\x08", "%20", "a" * 300):
        assert desk.send("GET", f"/sobjects/Lead/Key__c/{value}").status == 404
    for key in ("\x08", "", 5, True, None, {"a": 1}, ["a"]):
        reply = desk.send("POST", "/sobjects/Contact", {"LastName": "x", "Account": {"Number__c": key}})
        assert (reply.status, reply.json[0]["errorCode"]) == (400, "INVALID_FIELD"), key
    account = desk.make("Account", Name="Acme", Number__c="5")
    back_door = {"LastName": "x", "Company": "y", "ConvertedAccount": {"Number__c": "5"}}
    refused = desk.send("POST", "/sobjects/Lead", back_door)
    assert refused.json[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    contact = desk.make("Contact", LastName="x", Account={"Number__c": 5})
    assert desk.values(f"SELECT AccountId FROM Contact WHERE Id = '{contact}'") == [account]


def test_moments_that_no_calendar_has(desk: Desk) -> None:
    """What lies outside the years 1 to 9999 in UTC is refused, not stumbled over."""
    code, text = desk.refused("SELECT Id FROM Lead WHERE CreatedDate > 9999-12-31T23:59:59-12:00")
    assert (code, "invalid date" in text) == ("MALFORMED_QUERY", True)
    span = {"start": "0001-01-01T00:00:00+12:00", "end": "2026-03-02T09:00:00Z"}
    refused = desk.send("GET", "/sobjects/Lead/updated", query=span)
    assert (refused.status, refused.json[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")
