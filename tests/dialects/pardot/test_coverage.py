"""The coverage table is honest: every row that works is called and answers, every refused one is called and refuses."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.dialects.pardot.coverage import OLD_SIGN_IN, coverage, place
from leadsim.dialects.pardot.routing import Operation
from leadsim.dialects.pardot.table import OUTSIDE, REFUSED_ACTIONS, REFUSED_V4, REFUSED_V5, V4, V5
from leadsim.engine.change import Caller, Change
from tests.dialects.pardot.desk import V5 as V5_BASE
from tests.dialects.pardot.desk import Desk, refused
from tests.dialects.pardot.speaker import ORG
from tests.gateway.caller import Reply

FORM = {"content-type": "application/x-www-form-urlencoded"}
V4_OPERATIONS = [operation for operations in V4.values() for operation in operations.values()]


HOSTED = {"forms": [{"id": "contact", "fields": ["email"], "captcha": "pass"}]}


class Known:
    """Things that calls are about: the id of one record of each collection."""

    def __init__(self) -> None:
        desk = self.desk = Desk(**HOSTED)
        org = desk.sandbox.gateway.sites[ORG].org
        self.ids: dict[str, int] = {"prospects": desk.prospect()}
        other = desk.prospect("other@acme.example")
        self.ids["tags"] = desk.v5("POST", f"prospects/{other}/do/addTag", {"tagName": "vip"}).json["id"]
        desk.v5("POST", f"prospects/{self.ids['prospects']}/do/addTag", {"tagName": "vip"})
        self.ids["lists"] = desk.made("lists", name="Webinar")
        self.ids["list-memberships"] = desk.made("list-memberships", listId=self.ids["lists"], prospectId=other)
        self.ids["form-handlers"] = desk.made("form-handlers", name="Trial")
        self.ids["form-handler-fields"] = desk.made(
            "form-handler-fields", formHandlerId=self.ids["form-handlers"], name="city", prospectApiFieldId="city"
        )
        self._engine("account", {"name": "Acme"})
        self._engine("opportunity", {"name": "Deal"})
        self._engine("activity", {"prospect": str(other), "type": "page_view"})
        org.send_email(["news", str(self.ids["lists"])], "Hello", _by())
        for collection in ("campaigns", "users", "prospect-accounts", "opportunities", "tagged-objects", "forms",
                           "emails", "list-emails", "visitor-activities", "custom-fields"):  # fmt: skip
            self.ids[collection] = desk.query(collection)[0]["id"]

    def _engine(self, object: str, values: dict[str, Any]) -> None:
        self.desk.sandbox.gateway.sites[ORG].org.save(Change("create", object, values=values), _by())


def _by() -> Caller:
    return Caller("sync", "connector")


# What a good body of version 5 is, by operation; an id in it is that of the collection named.
BODIES: dict[str, dict[str, Any]] = {
    "create prospects": {"email": "new@acme.example"},
    "update prospects": {"city": "Oslo"},
    "create lists": {"name": "New"},
    "update lists": {"title": "New"},
    "create list-memberships": {"listId": "lists", "prospectId": "prospects"},
    "update list-memberships": {"optedOut": True},
    "create tags": {"name": "new"},
    "update tags": {"name": "renamed"},
    "create form-handlers": {"name": "New"},
    "update form-handlers": {"name": "New"},
    "create form-handler-fields": {"formHandlerId": "form-handlers", "name": "zip", "prospectApiFieldId": "zip"},
    "create custom-fields": {"name": "Size", "fieldId": "Size", "type": "Number"},
    "upsertLatestByEmail": {"matchEmail": "new@acme.example", "prospect": {"city": "Oslo"}},
    "undelete prospects": {"email": "nord@acme.example"},
    "merge tags": {"tagIds": []},
    "create imports": {"operation": "Upsert", "object": "Prospect"},
    "create exports": {
        "object": "Prospect",
        "procedure": {"name": "filterByUpdatedAt", "arguments": {"updatedAfter": "2026-03-01T00:00:00Z"}},
    },
    "submit imports": {"status": "Ready"},
}


def _body(known: Known, operation: Operation) -> dict[str, Any] | None:
    if operation.name.startswith(("addTag", "removeTag")):
        return {"tagName": "vip"}
    body = BODIES.get(operation.name)
    return body and {
        key: known.ids.get(value, value) if isinstance(value, str) else value for key, value in body.items()
    }


FILE = {"content-type": "multipart/form-data; boundary=b"}


def _part(csv: str) -> bytes:
    head = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'
    return f"{head}{csv}\r\n--b--\r\n".encode()


def _job(known: Known, operation: Operation) -> str:
    """The path of an operation on an import or export that is far enough for it."""
    desk = known.desk
    if operation.object == "exports":
        made = desk.v5("POST", "/exports", BODIES["create exports"])
    else:
        made = desk.v5("POST", "/imports", BODIES["create imports"])
        if operation.name in ("submit imports", "read errors of imports"):
            path = f"{V5_BASE}/imports/{made.json['id']}"
            desk.session.post(f"{path}/batches", body=_part("email\r\nnobody\r\n"), headers=FILE)
            if operation.name == "read errors of imports":
                desk.v5("PATCH", f"/imports/{made.json['id']}", {"status": "Ready"})
    return operation.path.replace("{id}", str(made.json["id"])).replace("{file}", "0")


def _call_v5(known: Known, operation: Operation) -> Reply:
    if operation.object in ("imports", "exports"):
        path = _job(known, operation)
        if operation.name == "add batch to imports":
            return known.desk.session.post(f"{V5_BASE}{path}", body=_part("email\r\na@b.example\r\n"), headers=FILE)
        query = {"fields": "id"} if operation.handler.__name__ in ("query", "read") else {}
        return known.desk.v5(operation.method, path, _body(known, operation), **query)
    path = operation.path.replace("{id}", str(known.ids.get(operation.object, 0)))
    if operation.name == "undelete prospects":
        known.desk.v5("DELETE", f"prospects/{known.ids['prospects']}")
    if operation.name.startswith("removeTag"):
        known.desk.v5("POST", path.removeprefix("/objects/").replace("removeTag", "addTag"), {"tagName": "vip"})
    query = {"fields": "id"} if operation.method == "GET" else {}
    return known.desk.v5(operation.method, path, _body(known, operation), **query)


@pytest.fixture(scope="module")
def known() -> Known:
    """Made once, for the calls that spoil nothing of what the others are about."""
    return Known()


@pytest.mark.parametrize("operation", V5, ids=lambda one: one.name)
def test_every_working_row_of_version_5_works(operation: Operation, known: Known) -> None:
    """A good call is answered with success."""
    spoils = operation.does in ("delete", "create", "update")
    reply = _call_v5(Known() if spoils else known, operation)
    assert reply.status in (200, 201, 204), (operation.name, reply.status, reply.body)


V4_PARAMETERS: dict[str, dict[str, str]] = {
    "prospect create": {"email": "new@acme.example"},
    "prospect update": {"id": "prospects", "city": "Oslo"},
    "prospect upsert": {"email": "new@acme.example"},
    "prospect delete": {"id": "prospects"},
    "prospect assign": {"id": "prospects", "user_id": "users"},
    "prospect unassign": {"id": "prospects"},
    "prospect batchCreate": {"prospects": '[{"email":"new@acme.example"}]'},
    "prospect batchUpdate": {"prospects": '{"prospects":[]}'},
    "prospect batchUpsert": {"prospects": "<prospects><prospect><email>n@a.example</email></prospect></prospects>"},
    "list create": {"name": "New"},
    "list update": {"id": "lists", "title": "x"},
    "list delete": {"id": "lists"},
    "listMembership create": {"list_id": "lists", "prospect_id": "prospects"},
    "listMembership update": {"id": "list-memberships", "opted_out": "1"},
    "listMembership delete": {"id": "list-memberships"},
}


@pytest.mark.parametrize("operation", V4_OPERATIONS, ids=lambda one: one.name)
def test_every_working_row_of_version_4_works(operation: Operation, known: Known) -> None:
    """The same of version 4."""
    state = known if operation.permission is None else Known()
    given = V4_PARAMETERS.get(operation.name, {"id": operation.object} if operation.path == "read" else {})
    parameters = {key: str(state.ids.get(value, value)) for key, value in given.items()}
    if operation.name == "prospect batchUpdate":
        parameters["prospects"] = f'[{{"id":"{state.ids["prospects"]}","city":"Oslo"}}]'
    object = operation.name.partition(" ")[0]
    reply = state.desk.v4(object, operation.path, **parameters)
    assert reply.status in (200, 201, 204), (operation.name, reply.status, reply.body)
    assert not reply.body or reply.json["@attributes"]["stat"] == "ok"


@pytest.mark.parametrize("operation", [one for one in OUTSIDE if one.name not in OLD_SIGN_IN], ids=lambda one: one.name)
def test_every_row_outside_works(operation: Operation, known: Known) -> None:
    """The sign-in, who one is, and a form that is posted."""
    path = f"/{ORG}{operation.path}".replace("{id}", str(known.ids["form-handlers"]))
    body = {
        "token": b"grant_type=client_credentials&client_id=sync&client_secret=leadproof-sync",
        "submit form": b"email=visitor@acme.example",
    }.get(operation.name, b"")
    reply = known.desk.session.send(operation.method, path, body=body, headers=FORM)
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("collection", REFUSED_V5)
def test_every_refused_collection_refuses(collection: str, known: Known) -> None:
    """501 that names it, whatever is asked of it."""
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/1"), ("POST", "/1/do/addTag")):
        reply = known.desk.v5(method, f"/{place(collection)}{path}", {} if method == "POST" else None)
        status, _, text = refused(reply)
        assert (status, text) == (501, f"{REFUSED_V5[collection]} is not simulated by this sandbox.")


@pytest.mark.parametrize("path", REFUSED_ACTIONS)
def test_every_refused_action_refuses(path: str, known: Known) -> None:
    """The same of actions on collections that are there."""
    collection, _, last = path.partition("/")
    method, tail = ("PATCH", "1") if last == "{id}" else ("POST", f"1/do/{last}")
    status, _, text = refused(known.desk.v5(method, f"/objects/{collection}/{tail}", {}))
    assert (status, text) == (501, f"{REFUSED_ACTIONS[path]} is not simulated by this sandbox.")


@pytest.mark.parametrize("path", REFUSED_V4)
def test_every_refused_row_of_version_4_refuses(path: str, known: Known) -> None:
    """The same of version 4."""
    object, _, operation = path.partition("/")
    status, _, text = refused(known.desk.v4(object, operation or "query"))
    assert (status, text) == (501, f"{REFUSED_V4[path]} is not simulated by this sandbox.")


def test_an_address_of_nobody_is_not_found(known: Known) -> None:
    """What the vendor hasn't either is no "not simulated"."""
    assert refused(known.desk.v5("GET", "shoes"))[:2] == (404, 198)
    assert refused(known.desk.v5("POST", "prospects/1/do/dance", {}))[:2] == (400, 205)
    assert refused(known.desk.v4("shoe", "query"))[:2] == (400, 2)
    assert refused(known.desk.v4("prospect", "dance"))[:2] == (400, 2)
    assert refused(known.desk.v5("PUT", "prospects", {}))[:2] == (405, 60)


def test_the_table_has_every_row() -> None:
    """Names once, and as many as the tables have."""
    rows = coverage()
    assert len({(row.name, row.method, row.path) for row in rows}) == len(rows)
    works = [row for row in rows if row.state == "works"]
    assert len(works) == len(V5) + len(V4_OPERATIONS) + len(OUTSIDE) - len(OLD_SIGN_IN)
