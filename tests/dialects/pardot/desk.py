"""A Pardot business unit and a client of it, for the tests beside this file."""

from __future__ import annotations

from typing import Any

from tests.dialects.pardot.speaker import ORG, signed_in
from tests.gateway.caller import Caller, Reply, build, recipe_with

V5 = f"/{ORG}/api/v5"


class Desk:
    """A sandbox with one business unit; `changes` go into the org's recipe. Several prospects may share an address."""

    def __init__(self, **changes: Any) -> None:
        recipe = recipe_with(ORG, **{"dialect": "pardot", "duplicate_rules": [], **changes})
        self.sandbox, self.caller = build(recipe)
        self.session = signed_in(self.caller)

    def v5(self, method: str, path: str, json: Any = None, *, caller: Caller | None = None, **query: str) -> Reply:
        """One call of version 5: `path` is below /objects, or begins with a slash."""
        where = f"{V5}{path}" if path.startswith("/") else f"{V5}/objects/{path}"
        return (caller or self.session).send(method, where, json, query=query)

    def v4(self, object: str, operation: str, version: int = 4, method: str = "POST", **parameters: str) -> Reply:
        """One call of version 3 or 4, in JSON."""
        path = f"/{ORG}/api/{object}/version/{version}/do/{operation}"
        return self.session.send(method, path, query={"format": "json", **parameters})

    def prospect(self, email: str = "nord@acme.example", **values: Any) -> int:
        """The id of a new prospect."""
        reply = self.v5("POST", "prospects", {"email": email, **values})
        assert reply.status == 201, reply.body
        id: int = reply.json["id"]
        return id

    def made(self, collection: str, **values: Any) -> int:
        """The id of a new record."""
        reply = self.v5("POST", collection, values)
        assert reply.status == 201, reply.body
        id: int = reply.json["id"]
        return id

    def query(self, collection: str, fields: str = "id", **asked: str) -> list[dict[str, Any]]:
        """All values of a query, over all pages."""
        reply = self.v5("GET", collection, fields=fields, **asked)
        assert reply.status == 200, reply.body
        values: list[dict[str, Any]] = reply.json["values"]
        while reply.json["nextPageToken"]:
            reply = self.v5("GET", collection, fields=fields, nextPageToken=reply.json["nextPageToken"])
            assert reply.status == 200, reply.body
            values += reply.json["values"]
        return values


def refused(reply: Reply) -> tuple[int, int, str]:
    """Status, code and text of a refusal, in either version's form."""
    body = reply.json
    if "err" in body:
        return reply.status, body["@attributes"]["err_code"], body["err"]
    return reply.status, body["code"], body["message"]
