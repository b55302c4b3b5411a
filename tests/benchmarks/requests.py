"""P1, P2, P3: single requests over real sockets, as server CPU per request, against two peers and the floor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import orjson

from leadproof.transports import Request
from leadproof.transports.http import Http
from tests.benchmarks.figures import Figure, Sizes
from tests.benchmarks.load import drive, message
from tests.benchmarks.orgs import CRM, lead
from tests.benchmarks.servers import Server, ours, peer, theirs

BASE = f"/{CRM}/crm/v1/records/Lead"
SOBJECT = f"/{CRM}/services/data/v59.0/sobjects/Lead"
JSON = "application/json"
DYNAMO = {
    "content-type": "application/x-amz-json-1.0",
    "authorization": "AWS4-HMAC-SHA256 Credential=a/20260302/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0",
    "x-amz-date": "20260302T090000Z",
}
GOALS = {
    "moto": ("P1", (15, 8), (40, 20)),
    "dynalite": ("P2", (0.3, 0.3), (1, 1)),
    "floor": ("P3", (0.12, 0.12), (0.25, 0.25)),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A server and how it is asked: reads, and creates numbered from `start`."""

    server: Server
    gets: Callable[[int], list[bytes]]
    posts: Callable[[int, int], list[bytes]]


def single_requests(sizes: Sizes) -> Iterator[Figure]:
    """All that can be compared here, in one run."""
    with ExitStack() as stack:
        own = {
            "leadproof": _leadproof(stack.enter_context(ours("leadproof"))),
            "salesforce": _salesforce(stack.enter_context(ours("salesforce"))),
        }
        others = {"floor": _floor(stack.enter_context(ours("floor")))}
        absent = []
        for name in ("moto", "dynalite"):
            if peer(name) is None:
                absent.append(name)
            else:
                others[name] = _dynamo(stack.enter_context(theirs(name)))
        costs = _costs({**own, **others}, sizes)
    for which, dialect in (("leadproof", ""), ("salesforce", ", Salesforce dialect")):
        yield from _figures(costs, costs[which], dialect, absent)


def _figures(
    costs: dict[str, tuple[float, float]], mine: tuple[float, float], dialect: str, absent: list[str]
) -> Iterator[Figure]:
    for name in ("moto", "dynalite", "floor"):
        number, must, ambitious = GOALS[name]
        for place, what in enumerate(("GET by id", "POST create")):
            label = f"{what}{dialect}, vs {name if name != 'floor' else 'a raw ASGI dict app'}"
            if name in absent:
                why = f"not measured: {name} is not installed (LEADPROOF_{name.upper()}=program names it)"
                yield Figure(number, label, None, must[place], ambitious[place], "higher", why)
                continue
            own, other = mine[place], costs[name][place]
            detail = f"server CPU {own * 1e6:.0f} us / {other * 1e6:.0f} us a request"
            yield Figure(number, label, other / own, must[place], ambitious[place], "higher", detail)


def _costs(targets: dict[str, Target], sizes: Sizes) -> dict[str, tuple[float, float]]:
    """Server CPU a request of reading and of creating: the best of the rounds, all servers in each."""
    count = sizes.requests
    reads: dict[str, list[float]] = {name: [] for name in targets}
    writes: dict[str, list[float]] = {name: [] for name in targets}
    for turn in range(sizes.rounds):
        for name, target in targets.items():
            few = count if name != "moto" else max(20, count // 20)  # it needs milliseconds for each
            reads[name].append(_cost(target.server, target.gets(few)))
            writes[name].append(_cost(target.server, target.posts(1 + turn * count, few)))
    return {name: (min(reads[name]), min(writes[name])) for name in targets}


def _cost(server: Server, requests: list[bytes]) -> float:
    before = server.cpu()
    drive(server.url, requests)
    return (server.cpu() - before) / len(requests)


def _leadproof(server: Server) -> Target:
    headers = {"authorization": f"Bearer {server.token}", "content-type": JSON}
    id = _first(server, BASE, {"values": lead(0)}, headers)
    read = message("GET", server.host, f"{BASE}/{id}", headers)

    def posts(start: int, count: int) -> list[bytes]:
        bodies = (orjson.dumps({"values": lead(number)}) for number in range(start, start + count))
        return [message("POST", server.host, BASE, headers, body) for body in bodies]

    return Target(server, lambda count: [read] * count, posts)


def _salesforce(server: Server) -> Target:
    """A whole record with all of its fields, as the vendor answers it; a create that names numbers as numbers."""
    headers = {"authorization": f"Bearer {server.token}", "content-type": JSON}
    id = _first(server, SOBJECT, {**lead(0), "AnnualRevenue": 1250000}, headers)
    read = message("GET", server.host, f"{SOBJECT}/{id}", headers)

    def posts(start: int, count: int) -> list[bytes]:
        bodies = (orjson.dumps({**lead(number), "AnnualRevenue": 1250000}) for number in range(start, start + count))
        return [message("POST", server.host, SOBJECT, headers, body) for body in bodies]

    return Target(server, lambda count: [read] * count, posts)


def _floor(server: Server) -> Target:
    headers = {"content-type": JSON}
    id = _first(server, "/records", {"values": lead(0)}, headers)
    read = message("GET", server.host, f"/records/{id}", headers)

    def posts(start: int, count: int) -> list[bytes]:
        bodies = (orjson.dumps({"values": lead(number)}) for number in range(start, start + count))
        return [message("POST", server.host, "/records", headers, body) for body in bodies]

    return Target(server, lambda count: [read] * count, posts)


def _dynamo(server: Server) -> Target:
    """moto and dynalite both speak DynamoDB: GetItem and PutItem of the same values."""
    table = {
        "TableName": "leads",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }

    def asked(operation: str, body: object) -> bytes:
        headers = {**DYNAMO, "x-amz-target": f"DynamoDB_20120810.{operation}"}
        return message("POST", server.host, "/", headers, orjson.dumps(body))

    def item(number: int) -> dict[str, dict[str, str]]:
        return {"id": {"S": f"r{number}"}, **{field: {"S": value} for field, value in lead(number).items()}}

    drive(server.url, [asked("CreateTable", table)])
    drive(server.url, [asked("PutItem", {"TableName": "leads", "Item": item(0)})])
    read = asked("GetItem", {"TableName": "leads", "Key": {"id": {"S": "r0"}}})
    return Target(
        server,
        lambda count: [read] * count,
        lambda start, count: [
            asked("PutItem", {"TableName": "leads", "Item": item(number)}) for number in range(start, start + count)
        ],
    )


def _first(server: Server, path: str, body: object, headers: dict[str, str]) -> str:
    wire = Http(server.url)
    answer = wire.send(Request("POST", path, (), headers, orjson.dumps(body)))
    wire.close()
    found = re.search(rb'"id":"([^"]+)"', answer.body)
    if found is None:
        raise RuntimeError(f"no record was made: {answer.status} {answer.body[:200]!r}")
    return found[1].decode()
