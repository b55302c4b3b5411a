"""Over real sockets: the port says who calls, faults really break the wire, and the digest is the same."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from leadsim.app import Sandbox, build_app
from leadsim.listen import Listening, PortTaken, listen
from leadsim.recipe import Recipe
from tests.gateway.caller import CRM, MARKETING, RECIPE, basic, build

SECONDS = 10


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, Listening]]:
    """A sandbox on free ports."""
    sandbox = Sandbox.build(Recipe.model_validate(RECIPE), 7)
    listening = listen(sandbox, build_app(sandbox, token="lab-secret"))
    yield sandbox, listening
    listening.close()
    sandbox.close()


def _call(
    port: int,
    method: str,
    path: str,
    json: Any = None,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """One request on a connection of its own."""
    told = dict(headers or {})
    if json is not None:
        body, told = orjson.dumps(json), {"content-type": "application/json", **told}
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        connection.request(method, path, body, told)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()


STEPS: list[tuple[str, str, str, str, Any]] = [
    ("acme-crm", "connector", "POST", f"{CRM}/records/Lead", {"values": {"LastName": "A", "Company": "B"}}),
    ("acme-crm", "connector", "POST", f"{CRM}/records/Lead", {"values": {"LastName": ""}}),
    ("acme-crm", "visitor", "GET", f"{CRM}/whoami", None),
    ("acme-crm", "somebody", "GET", f"{CRM}/whoami", None),
    ("acme-marketing", "connector", "GET", f"{MARKETING}/changes/prospect", None),
    ("acme-marketing", "visitor", "GET", f"{MARKETING}/nothing", None),
    ("acme-crm", "connector", "GET", f"{CRM}/openapi.json", None),
    ("", "", "GET", "/nowhere", None),
]


def test_the_digest_is_the_same_over_http_and_in_process(served: tuple[Sandbox, Listening]) -> None:
    """The same steps by the same actors: the same facts, ids, times and refusals (architecture.md rule 5)."""
    sandbox, listening = served
    form = urlencode({"grant_type": "password", "username": "sync", "password": "leadproof-sync"}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    _call(listening.port("acme-crm"), "POST", "/acme-crm/oauth/token", None, headers, form)
    for org, actor, method, path, json in STEPS:
        port = listening.port(org, actor) if org else listening.control_port
        _call(port, method, path, json, {**basic(), "user-agent": "other", "accept": "*/*"})
    here, caller = build()
    caller.form("/acme-crm/oauth/token", grant_type="password", username="sync", password="leadproof-sync")
    for _, actor, method, path, json in STEPS:
        caller.actor = actor
        caller.send(method, path, json, headers=basic())
    assert sandbox.world.journal.facts() == here.world.journal.facts()
    assert sandbox.world.journal.digest() == here.world.journal.digest()


def test_every_port_serves_every_path(served: tuple[Sandbox, Listening]) -> None:
    """The org is in the path; the port adds only who calls."""
    _, listening = served
    port = listening.port("acme-marketing", "visitor")
    status, _, body = _call(port, "GET", f"{CRM}/whoami", headers=basic())
    told = orjson.loads(body)
    assert (status, told["actor"], told["address"], told["org"]) == (200, "visitor", "203.0.113.9", "acme-crm")
    assert _call(port, "GET", "/_lab/state")[0] == 200


def test_requests_of_many_clients_are_one_after_the_other(served: tuple[Sandbox, Listening]) -> None:
    """Eight clients at once: every write is there once, each exchange has a second of its own."""
    sandbox, listening = served
    port = listening.port("acme-crm")

    def work(client: int) -> None:
        for number in range(10):
            values = {"LastName": "A", "Company": "B", "Email": f"p{number}@c{client}.example"}
            assert _call(port, "POST", f"{CRM}/records/Lead", {"values": values}, basic())[0] == 201

    threads = [threading.Thread(target=work, args=(client,)) for client in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exchanges = sandbox.world.journal.facts(kind="exchange")
    assert len({fact["at"] for fact in exchanges}) == 80
    assert [fact["n"] for fact in exchanges] == sorted(fact["n"] for fact in exchanges)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("reset", ConnectionResetError),
        ("refused", ConnectionResetError),
        ("lost_after_apply", ConnectionResetError),
        ("truncated", http.client.IncompleteRead),
    ],
)
def test_a_fault_breaks_the_connection(served: tuple[Sandbox, Listening], kind: str, error: type[Exception]) -> None:
    """The client sees its socket reset, or a body that ends too early; the next call is answered."""
    _, listening = served
    assert _call(listening.control_port, "POST", "/_lab/faults", {"at": "crm", "kind": kind})[0] == 201
    with pytest.raises(error):
        _call(listening.port("acme-crm"), "GET", f"{CRM}/whoami", headers=basic())
    assert _call(listening.port("acme-crm"), "GET", f"{CRM}/whoami", headers=basic())[0] == 200


def test_a_timeout_keeps_the_line_open_and_holds_nobody_up(served: tuple[Sandbox, Listening]) -> None:
    """Nothing comes while the client waits; others are answered meanwhile."""
    _, listening = served
    _call(listening.control_port, "POST", "/_lab/faults", {"at": "crm", "kind": "timeout"})
    port = listening.port("acme-crm")
    with socket.create_connection(("127.0.0.1", port)) as waiting:
        head = f"GET {CRM}/whoami HTTP/1.1\r\nhost: x\r\nauthorization: {basic()['authorization']}\r\n\r\n"
        waiting.sendall(head.encode())
        facts: list[Any] = []
        while not facts:  # until the sandbox has taken the call
            _, _, body = _call(listening.control_port, "GET", "/_lab/journal?kind=fault")
            facts = orjson.loads(body)["facts"]
        assert _call(port, "GET", f"{CRM}/whoami", headers=basic())[0] == 200
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)


def test_a_busy_port_is_said() -> None:
    """With the port and what to do; nothing stays open."""
    sandbox, caller = build()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(PortTaken, match=str(taken)) as caught:
            listen(sandbox, caller.app, ports={("acme-crm", "connector"): taken})
        assert caught.value.port == taken


def test_a_wished_port_is_used_and_given_back() -> None:
    """And after `close` it can be used again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    for _ in range(2):
        sandbox, caller = build()
        listening = listen(sandbox, caller.app, ports={("acme-crm", "connector"): free})
        assert listening.url("acme-crm") == f"http://127.0.0.1:{free}"
        assert _call(free, "GET", f"{CRM}/whoami", headers=basic())[0] == 200
        listening.close()
        listening.close()


def test_an_odd_request_does_not_stop_the_server(served: tuple[Sandbox, Listening]) -> None:
    """What is no HTTP is turned away; half a request that is given up leaves nothing behind."""
    sandbox, listening = served
    port = listening.port("acme-crm")
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line:
        line.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 400")
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"POST " + f"{CRM}/query".encode() + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
    assert _call(port, "GET", f"{CRM}/whoami", headers=basic())[0] == 200
    assert len(sandbox.world.journal.facts(kind="exchange")) == 1


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("GET", {}, 200, ""),
        ("GET", {"host": "evil.example"}, 403, "CON120"),
        ("GET", {"host": "evil.example", "x-lab-token": "lab-secret"}, 200, ""),
        ("GET", {"host": "evil.example", "x-lab-token": "wrong"}, 403, "CON120"),
        ("GET", {"x-forwarded-for": "203.0.113.1"}, 401, "CON121"),
        ("GET", {"x-forwarded-for": "203.0.113.1", "x-lab-token": "lab-secret"}, 200, ""),
        ("GET", {"origin": "http://evil.example"}, 200, ""),
        ("DELETE", {"origin": "http://evil.example"}, 403, "CON122"),
        ("DELETE", {"origin": "null"}, 403, "CON122"),
        ("DELETE", {"origin": "http://localhost:8080"}, 204, ""),
        ("DELETE", {}, 204, ""),
    ],
)
def test_who_may_control(
    served: tuple[Sandbox, Listening], method: str, headers: dict[str, str], status: int, code: str
) -> None:
    """This machine may, a page from elsewhere and a proxied stranger may not, the token opens always."""
    _, listening = served
    answered, _, body = _call(listening.control_port, method, "/_lab/faults", headers=headers)
    assert answered == status
    if code:
        assert orjson.loads(body)["error"]["code"] == code
