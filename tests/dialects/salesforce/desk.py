"""A Salesforce org in process, and a client that knows nothing but addresses and JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadsim.app import Sandbox
from tests.dialects.salesforce.speaker import VERSION, log_in
from tests.gateway.caller import Caller, Reply, build, recipe_with

DATA = f"/acme-crm/services/data/v{VERSION}"
FIELDS = [
    {"object": "Lead", "id": "Score__c", "label": "Score", "type": "number", "scale": 0},
    {"object": "Lead", "id": "Key__c", "label": "Key", "type": "single_line", "external_id": True, "unique": True},
    {"object": "Lead", "id": "Loose__c", "label": "Loose", "type": "single_line", "external_id": True},
    {"object": "Lead", "id": "Topics__c", "label": "Topics", "type": "multi_select", "choices": ["A", "B", "C"]},
    {"object": "Lead", "id": "Tier__c", "label": "Tier", "type": "dropdown", "choices": ["Gold", "Iron"]},
    {
        "object": "Account",
        "id": "Number__c",
        "label": "Number",
        "type": "single_line",
        "external_id": True,
        "unique": True,
    },
]
RULES = [{"name": "Nordic", "criteria": {"rows": [["Country", "in", ["NO", "DK"]]]}, "assign": {"user": "kari.c"}}]


class Desk:
    """One logged-in client."""

    def __init__(self, **changes: Any) -> None:
        recipe = recipe_with(
            "acme-crm", **{"dialect": "salesforce", "fields": FIELDS, "assignment_rules": RULES, **changes}
        )
        self.sandbox: Sandbox
        self.sandbox, self.caller = build(recipe)
        self.session = self.log_in("sync")

    def log_in(self, user: str) -> Caller:
        """A session of a user."""
        reply = log_in(self.caller, user=user)
        assert reply.status == 200, reply.body
        return Caller(self.caller.app, self.caller.actor, {"authorization": f"Bearer {reply.json['access_token']}"})

    def send(self, method: str, path: str, json: Any = None, **more: Any) -> Reply:
        """A call below /services/data/v59.0."""
        return self.session.send(method, DATA + path, json, **more)

    def query(self, soql: str, *, all: bool = False, headers: Mapping[str, str] | None = None) -> Any:
        """The answer to a query that is fine."""
        reply = self.send("GET", "/queryAll" if all else "/query", query={"q": soql}, headers=headers)
        assert reply.status == 200, reply.body
        return reply.json

    def rows(self, soql: str, *, all: bool = False) -> list[dict[str, Any]]:
        """The records of a query, without their attributes."""
        return [{k: v for k, v in one.items() if k != "attributes"} for one in self.query(soql, all=all)["records"]]

    def values(self, soql: str) -> list[Any]:
        """The one value of each record."""
        return [next(iter(row.values())) for row in self.rows(soql)]

    def refused(self, soql: str) -> tuple[str, str]:
        """The code and text that a query is refused with."""
        reply = self.send("GET", "/query", query={"q": soql})
        assert reply.status >= 400, reply.body
        return reply.json[0]["errorCode"], reply.json[0]["message"]

    def make(self, object: str, **values: Any) -> str:
        """A new record's id."""
        reply = self.send("POST", f"/sobjects/{object}", values)
        assert reply.status == 201, reply.body
        id: str = reply.json["id"]
        return id

    def lead(self, **values: Any) -> str:
        """A new lead's id."""
        return self.make("Lead", **{"LastName": "Test", "Company": "Acme", **values})
