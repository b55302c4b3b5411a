"""A piece that is requests to the simulated orgs, in the native dialect.

Each call is `METHOD: path` with `body` (JSON), `raw` (text as it is), `query`, `headers`, `as` (a user, else `sync`).
`{id}` in a path is the id that the last answer told, `{name}` what an answer told under `keep: {name: key}`. A path is
below the CRM's, or marketing's with `in: marketing`, unless it begins with a slash. `crm`, `marketing`: settings that
the org is given before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from leadsim.gateway.faults import FaultSpec
from tests.gateway.caller import CRM, MARKETING, Caller, Reply, basic, build
from tests.harness.findings.told import Words

KEYS = frozenset({"calls", "crm", "marketing", "faults"})
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def play(piece: Mapping[str, Any], code: str, folder: Path) -> list[Words]:
    """The refusals in the answers."""
    sandbox, caller = build()
    for org in ("crm", "marketing"):
        if org in piece:
            assert caller.patch(f"/_lab/orgs/acme-{org}/settings", piece[org]).status == 200
    for fault in piece.get("faults", ()):
        sandbox.gateway.faults.add(FaultSpec(**{key: _plain(value) for key, value in fault.items()}))
    told: list[Words] = []
    held: dict[str, str] = {}
    for call in piece["calls"]:
        method = next(one for one in METHODS if one in call)
        reply = _send(caller, method, call, held)
        told += _refusals(reply)
        body = reply.json if reply.body[:1] in (b"{", b"[") else {}
        if isinstance(body, dict):
            held |= {"id": str(body["id"])} if "id" in body else {}
            held |= {name: str(body[key]) for name, key in call.get("keep", {}).items()}
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _send(caller: Caller, method: str, call: Mapping[str, Any], held: Mapping[str, str]) -> Reply:
    path = str(call[method])
    for name, value in held.items():
        path = path.replace(f"{{{name}}}", value)
    if not path.startswith("/"):
        path = f"{MARKETING if call.get('in') == 'marketing' else CRM}/{path}"
    raw = call.get("raw")
    headers = {**basic(call.get("as", "sync")), **call.get("headers", {})}
    if raw is not None:
        body = raw["letter"] * int(raw["times"]) if isinstance(raw, dict) else raw
        return caller.send(method, path, body=body.encode(), headers={"content-type": "application/json", **headers})
    json = call.get("body")
    return caller.send(method, path, json, query=call.get("query", {}), headers=headers)


def _refusals(reply: Reply) -> Iterator[Words]:
    if reply.body[:1] != b"{":
        return
    body = reply.json
    rows = [body.get("error"), *(one.get("error") for one in body.get("results", ()) if isinstance(one, dict))]
    for error in rows:
        if isinstance(error, dict):
            yield Words(error["code"], f"{reply.status} {error['code']} {error['message']}\n")
