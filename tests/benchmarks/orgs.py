"""Sandboxes for the benchmarks: everything switched on that a request passes, and orgs of any size."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from leadproof.sandbox import Over, Sandbox
from leadproof.transports import Request, Transport
from leadsim.engine.store import COLUMNS
from leadsim.recipe import Recipe
from leadterms.documents import parse_text

CRM, MARKETING = "b-crm", "b-marketing"
RECIPE = """
recipe: 1
actors: {connector: {address: 10.20.0.7}}
orgs:
  b-crm:
    kind: crm
    allowlist: [10.20.0.0/24, "2001:db8::/48"]
    quota: {calls_per_day: 2000000000}
    logins: [{actor: connector, user: sync, expires_seconds: 900000000}]
    users: [{id: sync}, {id: kari.c}]
    default_owner: sync
    fields:
      - {object: Lead, id: MarketingId__c, type: single_line, unique: true, external_id: true}
      - {object: Contact, id: MarketingId__c, type: single_line, unique: true, external_id: true}
    assignment_rules:
      - {name: Nordic, criteria: {rows: [[Country, in, [NO, DK]]]}, assign: {round_robin: [kari.c]}}
  b-marketing:
    kind: marketing
    allowlist: [10.20.0.0/24]
    logins: [{actor: connector, user: sync, expires_seconds: 900000000}]
    users: [{id: sync}, {id: kari.m}]
"""
BATCH = 200


def sandbox(over: Over = "process", *, crm: str = "native") -> Sandbox:
    """A fresh sandbox; `crm`: the dialect of its CRM."""
    recipe = RECIPE.replace("    kind: crm\n", f"    kind: crm\n    dialect: {crm}\n")
    return Sandbox.start(parse_text(recipe, Recipe, file="recipe.yaml"), seed=1, over=over)


def lead(number: int) -> dict[str, str]:
    """The values of a lead; made-up by number."""
    return {
        "FirstName": "Test",
        "LastName": f"Person {number}",
        "Company": f"Company {number % 500}",
        "Email": f"person.{number}@company{number % 500}.example",
        "Phone": f"+47 22 {number % 90 + 10} {number // 90 % 90 + 10} 56",
        "City": "Oslo",
        "Country": "NO",
        "Rating": "Hot",
        "AnnualRevenue": "1250000",
    }


def prospect(number: int) -> dict[str, str]:
    """The values of a prospect; made-up by number."""
    return {
        "first_name": "Test",
        "last_name": f"Person {number}",
        "company": f"Company {number % 500}",
        "email": f"person.{number}@company{number % 500}.example",
        "phone": f"+47 22 {number % 90 + 10} {number // 90 % 90 + 10} 56",
        "city": "Oslo",
        "country": "NO",
    }


@dataclass(frozen=True, slots=True)
class Caller:
    """A bare client: requests are made once, answers are not read. What is measured is the other side."""

    wire: Transport
    org: str
    side: str
    headers: dict[str, str]

    @classmethod
    def of(cls, box: Sandbox, org: str = CRM) -> Caller:
        """Logged in as the connector."""
        side = box.org(org).side
        client = box.crm(org) if side == "crm" else box.marketing(org)
        headers = {"authorization": f"Bearer {client.access_token()}", "content-type": "application/json"}
        client.close()
        return cls(box.transport(org, "connector"), org, side, headers)

    def request(self, method: str, path: str, body: Any = None, query: tuple[tuple[str, str], ...] = ()) -> Request:
        """A request to send as often as wanted."""
        raw = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        return Request(method, f"/{self.org}/{self.side}/v1/{path}", query, self.headers, raw)

    def send(self, request: Request) -> bytes:
        """The answer's body; an answer that is no success would spoil the figure, so it is an error."""
        answer = self.wire.send(request)
        if answer.status >= 300:
            raise RuntimeError(f"{request.method} {request.path}: {answer.status} {answer.body[:300]!r}")
        return answer.body

    def create(self, object: str, rows: Sequence[dict[str, str]]) -> list[str]:
        """Create records by batches; their ids."""
        ids: list[str] = []
        for start in range(0, len(rows), BATCH):
            items = [{"op": "create", "object": object, "values": row} for row in rows[start : start + BATCH]]
            results = orjson.loads(self.send(self.request("POST", "batch", {"items": items})))["results"]
            ids.extend(result["id"] for result in results)
        return ids


def connection(box: Sandbox, org: str = CRM) -> sqlite3.Connection:
    """The database behind an org, for what only a benchmark may do."""
    found: sqlite3.Connection = box._world.gateway.sites[org].org.store._connection
    return found


def multiply(box: Sandbox, object: str, wanted: int, org: str = CRM) -> None:
    """Fill an org to `wanted` records by copying those it has in SQL: a million through the API takes minutes."""
    database = connection(box, org)
    held = database.execute("SELECT count(*) FROM record WHERE object = ?", (object,)).fetchone()[0]
    counters = box._world.gateway.sites[org].org.counters
    top = max(database.execute("SELECT max(seq), max(mod) FROM record").fetchone())
    copied = [c for c in COLUMNS if c not in ("seq", "mod", "id")]
    columns = ", ".join(copied)
    database.execute("BEGIN")
    number = 0
    while held < wanted:
        number += 1
        take = min(held, wanted - held)
        database.execute(
            f"INSERT INTO record (seq, mod, id, {columns}) "
            f"SELECT ?1 + row_number() OVER (ORDER BY seq), ?1 + row_number() OVER (ORDER BY seq), "
            f"id || '-' || ?2, {columns} FROM record WHERE object = ?3 ORDER BY seq LIMIT ?4",
            (top, number, object, take),
        )
        top += take
        held += take
    database.execute("COMMIT")
    counters["mod"] = max(counters.get("mod", 0), top)
