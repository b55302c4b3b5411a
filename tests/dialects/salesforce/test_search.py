"""SOSL: records found by words in their fields, over /search and /parameterizedSearch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialects.salesforce.desk import Desk

MAIL = r"FIND {nord\@acme.example} IN EMAIL FIELDS RETURNING "


@pytest.fixture
def people(desk: Desk) -> Desk:
    """A lead and two contacts."""
    desk.lead(FirstName="Kari", LastName="Nord", Company="Acme", Email="nord@acme.example", Country="NO")
    desk.lead(FirstName="Ola", LastName="Nordmann", Company="Beta", Phone="+47 22 33 44 55", City="Acme")
    desk.make("Contact", FirstName="Kari", LastName="Nord", Email="nord@acme.example")
    return desk


def _found(desk: Desk, sosl: str) -> list[Any]:
    reply = desk.send("GET", "/search", query={"q": sosl})
    assert reply.status == 200, reply.body
    records: list[Any] = reply.json["searchRecords"]
    return records


def _names(records: list[Any]) -> list[tuple[str, str]]:
    return [(one["attributes"]["type"], one["Name"]) for one in records]


def test_a_person_is_found_by_e_mail_in_two_objects(people: Desk) -> None:
    """As connectors look for one before they write: objects in the order asked for, with the fields asked for."""
    records = _found(people, f"{MAIL}Contact(Id, Name), Lead(Id, Name WHERE IsConverted = false)")
    assert _names(records) == [("Contact", "Kari Nord"), ("Lead", "Kari Nord")]
    assert set(records[0]) == {"attributes", "Id", "Name"}
    assert _found(people, f"{MAIL}Lead(Name WHERE Country = 'DK')") == []
    assert [one["attributes"]["type"] for one in _found(people, r"FIND {nord\@acme.example}")] == ["Contact", "Lead"]


@pytest.mark.parametrize(
    ("terms", "scope", "names"),
    [
        ("nord", "ALL", ["Kari Nord"]),
        ("nord*", "NAME", ["Kari Nord", "Ola Nordmann"]),
        ("n?rd", "NAME", ["Kari Nord"]),
        ("acme", "ALL", ["Kari Nord", "Ola Nordmann"]),
        ("acme", "NAME", []),
        ("acme", "EMAIL", ["Kari Nord"]),
        ("acme beta", "ALL", ["Ola Nordmann"]),
        ("acme AND beta", "ALL", ["Ola Nordmann"]),
        ('"Kari Nord"', "NAME", ["Kari Nord"]),
        ('"Nord Kari"', "NAME", []),
        ("22", "PHONE", ["Ola Nordmann"]),
        (".*", "ALL", None),
        ("a", "ALL", None),
        ("", "ALL", None),
    ],
)
def test_terms_and_scopes(people: Desk, terms: str, scope: str, names: list[str] | None) -> None:
    """Whole words in any case, all of them; * and ?; phrases; a term of one letter is refused."""
    sosl = f"FIND {{{terms}}} IN {scope} FIELDS RETURNING Lead(Name ORDER BY Name)"
    if names is None:
        refused = people.send("GET", "/search", query={"q": sosl})
        assert (refused.status, refused.json[0]["errorCode"]) == (400, "MALFORMED_SEARCH")
        return
    assert [one["Name"] for one in _found(people, sosl)] == names


def test_bounds(people: Desk) -> None:
    """LIMIT and OFFSET of an object, and of the whole search."""
    assert len(_found(people, "FIND {nord*} RETURNING Lead(Name ORDER BY Name LIMIT 1), Contact")) == 2
    assert len(_found(people, "FIND {nord*} RETURNING Lead(Name), Contact LIMIT 1")) == 1
    second = _found(people, "FIND {nord*} RETURNING Lead(Name ORDER BY Name LIMIT 1 OFFSET 1)")
    assert [one["Name"] for one in second] == ["Ola Nordmann"]


@pytest.mark.parametrize(
    ("sosl", "code"),
    [
        ("FIND nord", "MALFORMED_SEARCH"), ("SELECT Id FROM Lead", "MALFORMED_SEARCH"),
        ("FIND {nord} IN SOME FIELDS", "MALFORMED_SEARCH"), ("FIND {nord} RETURNING", "MALFORMED_SEARCH"),
        ("FIND {nord} RETURNING Lead(Id", "MALFORMED_SEARCH"), ("FIND {nord} nonsense", "MALFORMED_SEARCH"),
        ("FIND {nord} RETURNING Nothing", "INVALID_TYPE"), ("FIND {nord} RETURNING Lead(Nmae)", "INVALID_FIELD"),
        ("FIND {nord} RETURNING Lead(COUNT(Id))", "MALFORMED_SEARCH"), ("FIND {kari OR ola}", "NOT_SIMULATED"),
        ("FIND {nord} WITH SNIPPET", "NOT_SIMULATED"), ("FIND {nord} RETURNING Lead()", "MALFORMED_QUERY"),
    ],
)  # fmt: skip
def test_searches_that_can_not_be(people: Desk, sosl: str, code: str) -> None:
    """Refused by name, never with an empty answer."""
    assert people.send("GET", "/search", query={"q": sosl}).json[0]["errorCode"] == code


def test_parameters(people: Desk) -> None:
    """The same search as GET and as POST."""
    query = {"q": "nord*", "sobject": "Lead", "Lead.fields": "Id,Name", "Lead.where": "Country = 'NO'", "in": "NAME"}
    found = people.send("GET", "/parameterizedSearch", query=query).json["searchRecords"]
    assert _names(found) == [("Lead", "Kari Nord")]
    lead = {"name": "Lead", "fields": ["Id", "Name"], "where": "Country = 'NO'"}
    body = {"q": "nord*", "in": "NAME", "sobjects": [lead]}
    assert people.send("POST", "/parameterizedSearch", body).json["searchRecords"] == found
    assert len(people.send("POST", "/parameterizedSearch", {"q": "nord*"}).json["searchRecords"]) == 3
    bound = people.send("GET", "/parameterizedSearch", query={"q": "nord*", "overallLimit": "2"})
    assert len(bound.json["searchRecords"]) == 2
    for wrong in (
        {}, {"q": ""}, {"q": "nord", "x": 1}, {"q": "nord", "in": 1}, {"q": "nord", "overallLimit": 0},
        {"q": "nord", "sobjects": "Lead"}, {"q": "nord", "sobjects": [{"name": "Nope"}]}, {"q": "nord", "fields": "Id"},
    ):  # fmt: skip
        assert people.send("POST", "/parameterizedSearch", wrong).status == 400, wrong
