"""The journal's digest of a Salesforce org is the same in process and over the wire (architecture.md rule 5)."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import urlencode

import orjson
import pytest

from leadsim.app import Sandbox, build_app
from leadsim.listen import Listening, listen
from leadsim.proxy import Authority
from leadsim.recipe import Recipe
from tests.gateway.caller import build, recipe_with

HOST = "acme-crm.my.salesforce.com"
RECIPE = recipe_with("acme-crm", dialect="salesforce")
FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
DATA = "/services/data/v59.0"
Send = Callable[[str, str, dict[str, str], bytes], bytes]


def _walk(send: Send, prefix: str) -> None:
    """Sign in, write, read, page, fail, bulk: everything whose answer could tell how it came."""
    app = {"grant_type": "client_credentials", "client_id": "sync", "client_secret": "leadproof-sync"}
    token = orjson.loads(send("POST", f"{prefix}/services/oauth2/token", FORM, urlencode(app).encode()))
    bearer = {"authorization": f"Bearer {token['access_token']}"}

    def call(method: str, path: str, content: object = None, headers: dict[str, str] | None = None) -> bytes:
        body = b"" if content is None else content if isinstance(content, bytes) else orjson.dumps(content)
        told = {**bearer, **(JSON if content is not None else {}), **(headers or {})}
        return send(method, f"{prefix}{DATA}{path}", told, body)

    lead = orjson.loads(call("POST", "/sobjects/Lead", {"LastName": "A", "Company": "B"}))["id"]
    call("POST", "/sobjects/Lead", {"LastName": "A"})
    call("PATCH", f"/sobjects/Lead/{lead}", {"City": "Oslo"})
    call("GET", f"/sobjects/Lead/{lead}")
    rows = [{"attributes": {"type": "Lead"}, "LastName": str(n), "Company": "B"} for n in range(200)]
    call("POST", "/composite/sobjects", {"records": rows})
    paged = call("GET", "/query?q=SELECT+Id+FROM+Lead", None, {"sforce-query-options": "batchSize=200"})
    send("GET", prefix + orjson.loads(paged)["nextRecordsUrl"], bearer, b"")
    job = orjson.loads(call("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"}))["id"]
    call("PUT", f"/jobs/ingest/{job}/batches", b"LastName,Company\nA,B\nC,\n", {"content-type": "text/csv"})
    call("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
    call("GET", f"/jobs/ingest/{job}/failedResults")
    for path in ("/sobjects/Lead/describe", "/limits", "/nothing", "/query?q=nonsense"):
        call("GET", path)
    for path in ("/services/oauth2/userinfo", "/services/wsdl/partner"):
        send("GET", prefix + path, bearer, b"")


def _in_process(prefix: str, host: str) -> Sandbox:
    sandbox, caller = build(RECIPE)

    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        plain, _, query = path.partition("?")
        pairs = [tuple(one.split("=", 1)) for one in query.replace("+", " ").split("&") if one]
        return caller.send(method, plain, body=body, query=pairs, headers={"host": host, **headers}).body  # type: ignore[arg-type]

    _walk(send, prefix)
    return sandbox


def _over(connect: Callable[[], http.client.HTTPConnection], prefix: str) -> None:
    def send(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        with closing(connect()) as connection:
            connection.request(method, path, body or None, headers)
            return connection.getresponse().read()

    _walk(send, prefix)


@pytest.fixture
def served() -> Iterator[tuple[Sandbox, Listening]]:
    """A sandbox on free ports."""
    sandbox = Sandbox.build(Recipe.model_validate(RECIPE), 7)
    listening = listen(sandbox, build_app(sandbox))
    yield sandbox, listening
    listening.close()
    sandbox.close()


def check_same(one: Sandbox, other: Sandbox) -> None:
    assert one.world.journal.facts() == other.world.journal.facts()
    assert one.world.journal.digest() == other.world.journal.digest()


def test_over_http(served: tuple[Sandbox, Listening]) -> None:
    """At the org's own port, with the org in the path."""
    sandbox, listening = served
    port = listening.port("acme-crm")
    _over(lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=10), "/acme-crm")
    check_same(sandbox, _in_process("/acme-crm", "sandbox"))


def test_through_the_proxy(served: tuple[Sandbox, Listening]) -> None:
    """At the vendor's host, with TLS, without the org in the path."""
    sandbox, listening = served
    authority = Authority()
    port = int(listening.open_proxy(authority).rpartition(":")[2])
    trust = ssl.create_default_context(cadata=authority.pem.decode())

    def connect() -> http.client.HTTPConnection:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=trust)
        connection.set_tunnel(HOST, 443)
        return connection

    _over(connect, "")
    check_same(sandbox, _in_process("", HOST))
