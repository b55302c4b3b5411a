"""New custom fields over the Tooling API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.salesforce.desk import Desk

PATH = "/tooling/sobjects/CustomField"
PICKLIST = {"restricted": True, "valueSetDefinition": {"value": [{"fullName": "Basic"}, {"fullName": "Plus"}]}}


def _body(**metadata: Any) -> dict[str, Any]:
    return {"FullName": "Lead.Fresh__c", "Metadata": {"label": "Fresh", **metadata}}


def test_a_new_field_is_described_and_takes_values(desk: Desk) -> None:
    """It stands in the describe with its type and choices, and records hold it at once."""
    made = desk.send("POST", PATH, _body(type="Picklist", valueSet=PICKLIST))
    assert (made.status, made.json["success"], made.json["id"][:3]) == (201, True, "00N")
    described = {one["name"]: one for one in desk.send("GET", "/sobjects/Lead/describe").json["fields"]}
    field = described["Fresh__c"]
    assert (field["type"], field["restrictedPicklist"], field["label"]) == ("picklist", True, "Fresh")
    assert [one["value"] for one in field["picklistValues"]] == ["Basic", "Plus"]
    id = desk.lead(Fresh__c="Plus")
    assert desk.query(f"SELECT Fresh__c FROM Lead WHERE Id = '{id}'")["records"][0]["Fresh__c"] == "Plus"


def test_a_field_is_made_once(desk: Desk) -> None:
    """The same name again is refused by the vendor's code, whatever its type."""
    assert desk.send("POST", PATH, _body(type="Text", length=40, externalId=True, unique=True)).status == 201
    again = desk.send("POST", PATH, _body(type="Text", length=40))
    assert (again.status, again.json[0]["errorCode"]) == (400, "DUPLICATE_DEVELOPER_NAME")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (_body(type="Text"), 400, "FIELD_INTEGRITY_EXCEPTION"),
        (_body(type="Number", scale=0), 400, "FIELD_INTEGRITY_EXCEPTION"),
        (_body(type="Picklist"), 400, "FIELD_INTEGRITY_EXCEPTION"),
        (_body(type="Nonsense"), 400, "FIELD_INTEGRITY_EXCEPTION"),
        (_body(type="Date", colour="red"), 400, "JSON_PARSER_ERROR"),
        (_body(type="Date", required="yes"), 400, "FIELD_INTEGRITY_EXCEPTION"),
        (_body(type="Lookup"), 501, "NOT_SIMULATED"),
        ({"FullName": "Lead.Fresh", "Metadata": {"label": "x", "type": "Date"}}, 400, "FIELD_INTEGRITY_EXCEPTION"),
        ({"FullName": "Nope.Fresh__c", "Metadata": {"label": "x", "type": "Date"}}, 400, "FIELD_INTEGRITY_EXCEPTION"),
        ({"FullName": "Lead.Fresh__c"}, 400, "REQUIRED_FIELD_MISSING"),
        ({"FullName": "Lead.Fresh__c", "Metadata": {}, "Other": 1}, 400, "INVALID_FIELD"),
    ],
)
def test_what_is_no_field_is_refused(desk: Desk, body: dict[str, Any], status: int, code: str) -> None:
    """Never a lax success: what the type asks for must be there, and what nobody knows must not."""
    reply = desk.send("POST", PATH, body)
    assert (reply.status, reply.json[0]["errorCode"]) == (status, code)
