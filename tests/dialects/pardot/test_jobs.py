"""Imports by CSV and exports to it: their states, what is refused when, and rows that fail alone."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.dialects.pardot.desk import V5, Desk, refused
from tests.dialects.pardot.speaker import signed_in
from tests.gateway.caller import Reply

IMPORT = {"operation": "Upsert", "object": "Prospect"}
HEAD = {"content-type": "multipart/form-data; boundary=b"}


@pytest.fixture
def desk() -> Desk:
    """A business unit of its own."""
    return Desk()


def _form(**parts: str) -> bytes:
    written = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in parts.items()
    )
    return f"{written}--b--\r\n".encode()


def _batch(desk: Desk, id: int, text: str) -> Reply:
    return desk.session.post(f"{V5}/imports/{id}/batches", body=_form(file=text), headers=HEAD)


def _read(desk: Desk, id: int) -> dict[str, Any]:
    fields = "status,createdCount,updatedCount,errorCount,batchesRef,errorRef,isExpired"
    told: dict[str, Any] = desk.v5("GET", f"/imports/{id}", fields=fields).json
    return told


def test_an_import_from_its_opening_to_its_errors(desk: Desk) -> None:
    """Open with a place for batches, ready, complete: rows made, changed by id, address and Salesforce id, put on
    lists, and refused alone with their reason."""
    lead = "00Q5g00000000a1EAA"
    first = desk.prospect("a@acme.example")
    desk.prospect("b@acme.example", salesforceId=lead)
    news = desk.query("lists")[0]["id"]
    made = desk.v5("POST", "/imports", IMPORT, fields="id,status,batchesRef")
    id = made.json["id"]
    assert (made.status, made.json["status"]) == (201, "Open")
    assert made.json["batchesRef"].endswith(f"/api/v5/imports/{id}/batches")
    good = f"a@acme.example,Oslo,{news}\r\nnew@acme.example,Bergen,\r\n"
    rows = f"matchEmail,city,addToList\r\n{good},x,\r\nc@acme.example,Voss,5\r\n"
    assert _batch(desk, id, rows).status == 204
    assert _batch(desk, id, f"matchSalesforceId,city\r\n{lead},Molde\r\n{lead[:-3]},Hamar\r\n001,x\r\n").status == 204
    done = desk.v5("PATCH", f"/imports/{id}", {"status": "Ready"}, fields="id,status")
    assert done.json == {"id": id, "status": "Waiting"}
    told = _read(desk, id)
    assert told["errorRef"].endswith(f"/imports/{id}/errors")
    assert (told["status"], told["createdCount"], told["updatedCount"], told["errorCount"]) == ("Complete", 1, 3, 3)
    cities = {one["email"]: one["city"] for one in desk.query("prospects", "email,city")}
    assert cities == {"a@acme.example": "Oslo", "b@acme.example": "Hamar", "new@acme.example": "Bergen"}
    assert desk.query("list-memberships", "prospectId") == [{"prospectId": first}]
    listed = desk.session.get(f"{V5}/imports/{id}/errors")
    failed = list(csv.reader(io.StringIO(listed.body.decode())))
    assert [row[-1] for row in failed] == [
        "error", "One or more required parameter values are missing: email", "Invalid list ID: 5",
        "Invalid prospect fid",
    ]  # fmt: skip


def test_an_import_in_one_call(desk: Desk) -> None:
    """A form with the wish and the file; nothing is made where no match may make."""
    wish = '{"operation":"Upsert","object":"Prospect","status":"Ready","createOnNoMatch":false}'
    body = _form(input=wish, file="matchEmail,city\r\nnobody@acme.example,Oslo\r\n")
    made = desk.session.post(f"{V5}/imports", body=body, headers=HEAD)
    assert (made.status, made.json["status"]) == (201, "Waiting")
    assert _read(desk, made.json["id"])["errorCount"] == 1
    assert desk.query("prospects") == []


def test_what_was_deleted_comes_back_where_asked(desk: Desk) -> None:
    """And is an error otherwise."""
    gone = desk.prospect()
    desk.v5("DELETE", f"prospects/{gone}")
    for restore, wanted in ((False, (0, 1)), (True, (1, 0))):
        id = desk.v5("POST", "/imports", {**IMPORT, "restoreDeleted": restore}).json["id"]
        _batch(desk, id, f"matchId,city\r\n{gone},Oslo\r\n")
        desk.v5("PATCH", f"/imports/{id}", {"status": "Ready"})
        told = _read(desk, id)
        assert (told["updatedCount"], told["errorCount"]) == wanted
    assert desk.query("prospects", "id,city") == [{"id": gone, "city": "Oslo"}]


def test_imports_that_are_refused(desk: Desk) -> None:
    """Each with its code; an import is over a day after it was opened."""
    for body, code in (
        ({}, 153), ({"operation": "Insert", "object": "Prospect"}, 154), ({**IMPORT, "shoe": 1}, 180),
        ({**IMPORT, "status": "Ready"}, 156), ({**IMPORT, "restoreDeleted": "yes"}, 154),
    ):  # fmt: skip
        assert refused(desk.v5("POST", "/imports", body))[:2] == (400, code)
    assert refused(desk.v5("POST", "/imports", {**IMPORT, "fields": []}))[0] == 501
    id = desk.v5("POST", "/imports", IMPORT).json["id"]
    for text, code in (
        ("email\r\n", 159), ("email,city\r\na\r\n", 159), ("email,shoe\r\na,b\r\n", 130), ("", 159),
        ("matchId,matchEmail\r\n1,a\r\n", 130), ("email,email\r\na,b\r\n", 130),
    ):  # fmt: skip
        assert refused(_batch(desk, id, text))[:2] == (400, code), text
    assert refused(desk.v5("PATCH", f"/imports/{id}", {"status": "Ready"}))[1] == 156
    assert refused(desk.v5("PATCH", f"/imports/{id}", {"status": "Open"}))[1] == 154
    assert refused(desk.v5("GET", "/imports/77", fields="id"))[:2] == (404, 109)
    _batch(desk, id, "email\r\na@acme.example\r\n")
    desk.v5("PATCH", f"/imports/{id}", {"status": "Ready"})
    assert refused(desk.v5("PATCH", f"/imports/{id}", {"status": "Ready"}))[1] == 155
    assert refused(_batch(desk, id, "email\r\nb@acme.example\r\n"))[1] == 161
    late = desk.v5("POST", "/imports", IMPORT).json["id"]
    desk.sandbox.world.clock.advance(24 * 3600)
    desk.session = signed_in(desk.caller)
    assert _read(desk, late)["isExpired"] is True
    assert refused(_batch(desk, late, "email\r\nb@acme.example\r\n"))[1] == 161


def _export(desk: Desk, **arguments: Any) -> Reply:
    given = {"updatedAfter": "2026-03-01T00:00:00Z", **arguments}
    procedure = {
        "name": "filterByUpdatedAt",
        "arguments": {name: one for name, one in given.items() if one is not None},
    }
    body = {"object": "Prospect", "fields": ["id", "email", "optedOut"], "procedure": procedure}
    return desk.v5("POST", "/exports", body, fields="id,status,resultRefs")


def test_an_export(desk: Desk) -> None:
    """Waits, is complete at the next call, and its file has a row for each record and the names first."""
    kept, gone = desk.prospect("a@acme.example", optedOut=True), desk.prospect("b@acme.example")
    desk.v5("DELETE", f"prospects/{gone}")
    made = _export(desk, deleted="all")
    assert (made.status, made.json["status"], made.json["resultRefs"]) == (201, "Waiting", None)
    told = desk.v5("GET", f"/exports/{made.json['id']}", fields="status,resultRefs,isExpired").json
    assert (told["status"], told["isExpired"]) == ("Complete", False)
    (address,) = told["resultRefs"]
    listed = desk.session.get(address.removeprefix("http://sandbox"))
    assert listed.headers["content-type"].startswith("text/csv")
    assert list(csv.reader(io.StringIO(listed.body.decode()))) == [
        ["id", "email", "optedOut"], [str(kept), "a@acme.example", "true"], [str(gone), "b@acme.example", "false"],
    ]  # fmt: skip
    desk.sandbox.world.clock.advance(8 * 24 * 3600)
    desk.session = signed_in(desk.caller)
    assert desk.v5("GET", f"/exports/{made.json['id']}", fields="isExpired").json == {"isExpired": True}
    assert desk.session.get(address.removeprefix("http://sandbox")).status == 404


def test_exports_that_are_refused(desk: Desk) -> None:
    """An unknown procedure or argument, a span that is too long or the wrong way round, a field that isn't there."""
    for arguments, code in (
        ({"shoe": 1}, 175), ({"updatedAfter": None}, 176), ({"updatedAfter": "x"}, 177),
        ({"updatedAfter": "2024-01-01T00:00:00Z"}, 177), ({"updatedBefore": "2026-02-01T00:00:00Z"}, 177),
        ({"deleted": "some"}, 177),
    ):  # fmt: skip
        assert refused(_export(desk, **arguments))[:2] == (400, code), arguments
    good = {"object": "Prospect", "procedure": {"name": "filterByUpdatedAt", "arguments": {}}}
    for body, code in (
        ({**good, "object": "Shoe"}, 154), ({"procedure": {}}, 153), ({"object": "Prospect"}, 153),
        ({**good, "procedure": {"name": "everything"}}, 174), ({**good, "fields": ["shoe"]}, 180),
        ({**good, "fields": []}, 154), ({**good, "shoe": 1}, 180),
    ):  # fmt: skip
        assert refused(desk.v5("POST", "/exports", body))[:2] == (400, code), body
    related = desk.v5("POST", "/exports", {**good, "fields": ["id", "campaign.name"]})
    assert (related.status, b"campaign.name) in exports is not simulated" in related.body) == (501, True), related.body
