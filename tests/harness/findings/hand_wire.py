"""What a client meets before, or instead of, an answer of its system; and who may call the sandbox's controls."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from leadproof.doctor.connection import failed_call
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import CallFailed
from leadproof.systems.native import NativeCrm
from leadproof.systems.records import Write
from leadproof.transports import Response, TransportFailed, WireKind
from leadsim.app import build_app
from leadsim.listen import listen
from tests.gateway.caller import build
from tests.harness.findings.hand import ByHand, Told, told
from tests.harness.systems.scripted import Scripted, ok, refused

USERS = "GET /acme/crm/v1/users"
BATCH = "POST /acme/crm/v1/batch"


def answered(step: Response | TransportFailed) -> Callable[[Path], Told]:
    """What a client of the native API says of an answer, or of none."""

    def play(_: Path) -> Told:
        try:
            NativeCrm(Scripted({USERS: step}), "acme", Credentials(username="sync", password="x")).users()
        except CallFailed as failure:
            return told([failed_call("crm", failure)])
        return {}

    return play


def broken(kind: WireKind) -> Callable[[Path], Told]:
    """The wire fails in this way."""
    return answered(TransportFailed(kind))


def row(error: dict[str, Any] | None) -> Callable[[Path], Told]:
    """What a client says of a row that was refused so."""

    def play(_: Path) -> Told:
        result = {"outcome": "refused" if error else "created", "id": "L1", "version": 1, "record": None}
        system = NativeCrm(
            Scripted({BATCH: ok({"results": [{**result, "error": error}]})}), "acme", Credentials(token="t")
        )
        (done,) = system.write([Write("create", "Lead", values={})])
        return {} if done.refusal is None else {done.refusal.code: f"{done.refusal.text} [{done.refusal.kind}]\n"}

    return play


def controlled(method: str, **headers: str) -> Callable[[Path], Told]:
    """What the control API says to a caller with these headers."""

    def play(_: Path) -> Told:
        sandbox, _caller = build()
        listening = listen(sandbox, build_app(sandbox, token="lab-secret"))
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", listening.control_port, timeout=10)) as line:
                line.request(method, "/_lab/faults", headers={key.replace("_", "-"): it for key, it in headers.items()})
                answer = line.getresponse()
                body = answer.read()
        finally:
            listening.close()
            sandbox.close()
        error = json.loads(body)["error"] if answer.status >= 400 else None
        return {} if error is None else {error["code"]: f"{answer.status} {error['code']} {error['message']}\n"}

    return play


def _may_not(code: str) -> dict[str, Any]:
    return json.loads(refused(403, "permission", code).body)["error"]  # type: ignore[no-any-return]


WIRE: dict[str, ByHand] = {
    "NET102": ByHand(broken("dns"), broken("refused")),
    "NET103": ByHand(broken("tls"), answered(ok({"users": []}))),
    "NET104": ByHand(broken("connect_timeout"), broken("refused")),
    "NET108": ByHand(
        answered(Response(200, {"content-type": "text/html"}, b"<html>Please log in")),
        answered(refused(400, "invalid", "REF746")),
    ),
    "REF700": ByHand(answered(refused(400, "invalid", "REF700")), row(_may_not("REF701"))),
    "REF704": ByHand(row(_may_not("REF704")), answered(refused(403, "permission", "CON111"))),
    "RUN807": ByHand(answered(refused(400, "invalid", "E_TEAPOT")), answered(refused(400, "invalid", "REF746"))),
    "CON120": ByHand(controlled("GET", host="evil.example"), controlled("GET", host="localhost")),
    "CON121": ByHand(controlled("GET", x_forwarded_for="203.0.113.1"), controlled("GET")),
    "CON122": ByHand(controlled("DELETE", origin="http://evil.example"), controlled("DELETE")),
}
