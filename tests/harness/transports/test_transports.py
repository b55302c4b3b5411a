"""One contract for every transport: a request arrives unchanged, and so does its response."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from leadproof.transports import (
    FAULT_KINDS,
    Exchange,
    FaultKind,
    Faulty,
    InProcess,
    Recording,
    ReplayDiverged,
    Replaying,
    Request,
    Response,
    Transport,
    TransportFailed,
    WireFault,
    read_exchanges,
    write_exchanges,
)
from leadproof.transports.http import Http
from leadproof.transports.in_process import Waited


class Echo:
    """An ASGI application that answers with what it was asked, and counts what it has applied."""

    def __init__(self) -> None:
        self.applied: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.applied.append(body)
        told = {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "x": dict(scope["headers"]).get(b"x-note", b"").decode("latin-1"),
            "body": body.decode("utf-8"),
        }
        status = 404 if scope["path"].endswith("absent") else 200
        headers = [(b"content-type", b"application/json"), (b"x-two", b"1"), (b"X-Two", b"2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})


class _Server:
    """A real uvicorn on a free port, in a thread."""

    def __init__(self, app: Any) -> None:
        self.server = uvicorn.Server(
            uvicorn.Config(app, port=0, log_level="critical", lifespan="off", proxy_headers=False)
        )
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.socket.close()


@pytest.fixture(scope="module")
def echo_server() -> Iterator[tuple[Echo, str]]:
    echo = Echo()
    server = _Server(echo)
    yield echo, server.url
    server.stop()


REQUESTS = [
    Request("GET", "/a/records"),
    Request("GET", "/a/reports/lead%20source/50%25/%C3%B8%2F", (("since", "1 2+3&4"), ("limit", "5"))),
    Request("POST", "/a/batch", headers={"content-type": "application/json"}, body='{"n": "Åse"}'.encode()),
    Request("POST", "/a/empty", headers={"x-note": "hello"}),
    Request("DELETE", "/a/absent"),
    Request("PUT", "/a/by/email/kari%40example.com/x"),
]
QUERY_TEXT = st.text(st.sampled_from("aZ09_.~,-=&+ %/ø"), max_size=4)


@given(st.lists(st.tuples(QUERY_TEXT, QUERY_TEXT), min_size=1, max_size=3))
def test_a_query_in_process_is_quoted_as_over_http(query: list[tuple[str, str]]) -> None:
    """Whatever the names and values hold, they arrive as the library that quotes them would send them."""
    answer = InProcess(Echo(), actor="connector").send(Request("GET", "/a", tuple(query)))
    assert json.loads(answer.body)["query"] == urlencode(query, safe=",")


KINDS = ("in_process", "http", "recording", "replaying", "faulty")


@pytest.fixture(params=KINDS)
def transport(request: pytest.FixtureRequest, echo_server: tuple[Echo, str]) -> Iterator[Transport]:
    """Each transport over the same application."""
    built: dict[str, Callable[[], Transport]] = {
        "in_process": lambda: InProcess(Echo(), actor="connector"),
        "http": lambda: Http(echo_server[1]),
        "recording": lambda: Recording(InProcess(Echo(), actor="connector")),
        "replaying": lambda: Replaying(_recorded()),
        "faulty": lambda: Faulty(InProcess(Echo(), actor="connector"), [WireFault("reset", nth=99)]),
    }
    made = built[request.param]()
    yield made
    made.close()
    made.close()


def _recorded() -> list[Exchange]:
    recording = Recording(InProcess(Echo(), actor="connector"))
    for request in REQUESTS:
        recording.send(request)
    return recording.exchanges


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: f"{r.method} {r.path}")
def test_every_transport_carries_a_request_unchanged(transport: Transport, request_: Request) -> None:
    """Method, path, query, header and body arrive as they were given, and the answer comes back whole."""
    response = transport.send(request_)
    expected = InProcess(Echo(), actor="connector").send(request_)
    assert response.status == expected.status
    assert json.loads(response.body) == json.loads(expected.body)
    assert json.loads(response.body)["path"] == unquote(request_.path)
    assert json.loads(response.body)["body"] == request_.body.decode()
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-two"] == "1, 2"


def test_a_waiting_application_is_refused_instead_of_hanging() -> None:
    """In process nothing else runs, so an application that waits can't be answered."""

    class Never:
        def __await__(self) -> Iterator[None]:
            yield

    async def waits(scope: Any, receive: Any, send: Any) -> None:
        await Never()

    with pytest.raises(Waited, match="GET /x"):
        InProcess(waits, actor="connector").send(Request("GET", "/x"))


def test_in_process_states_the_actor_and_turns_wire_faults_into_failures() -> None:
    """The application learns who calls; a fault message in place of the answer is a failure of its kind."""
    seen = []

    async def fails(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["extensions"]["leadsim"])
        await send({"type": "leadsim.wire_fault", "kind": "truncated"})

    with pytest.raises(TransportFailed) as failed:
        InProcess(fails, actor="visitor").send(Request("GET", "/x"))
    assert (failed.value.kind, failed.value.definite) == ("truncated", False)
    assert seen == [{"actor": "visitor"}]


def test_an_application_that_ends_early_is_a_truncated_answer() -> None:
    """No answer is made up for an application that never finished its own."""

    async def ends(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    with pytest.raises(TransportFailed) as failed:
        InProcess(ends, actor="connector").send(Request("GET", "/x"))
    assert failed.value.kind == "truncated"


# --- the wire's failures over real sockets --------------------------------------------------------


def _answering(raw: bytes, *, after: str = "close") -> tuple[str, threading.Thread, socket.socket]:
    """A server that reads one request, sends `raw` and then closes, or waits until the client left."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(ConnectionError):  # a client may leave rudely
            connection.recv(65536)
            if raw:
                connection.sendall(raw)
            if after == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                return
            if after == "close":
                connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):  # unread bytes would turn the close into a reset
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}", thread, listening


@pytest.mark.parametrize(
    ("raw", "after", "kind"),
    [
        (b"", "close", "reset"),
        (b"", "reset", "reset"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", "close", "truncated"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", "close", "truncated"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", "hold", "timeout"),
        (b"", "hold", "timeout"),
    ],
)
def test_a_broken_answer_is_never_definite(raw: bytes, after: str, kind: str) -> None:
    """Once the request is out nobody knows whether it was applied, however the answer was lost."""
    url, thread, listening = _answering(raw, after=after)
    transport = Http(url, answer_seconds=0.2)
    try:
        with pytest.raises(TransportFailed) as failed:
            transport.send(Request("POST", "/x", body=b"{}"))
    finally:
        transport.close()
        thread.join()
        listening.close()
    assert (failed.value.kind, failed.value.definite) == (kind, False)


def test_what_was_never_sent_is_definite() -> None:
    """A refused connection, an unknown host and a failed handshake certainly applied nothing."""
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    for url, kind in ((f"http://127.0.0.1:{port}", "refused"), ("http://nowhere.invalid", "dns")):
        transport = Http(url)
        with pytest.raises(TransportFailed) as failed:
            transport.send(Request("GET", "/x"))
        transport.close()
        assert (failed.value.kind, failed.value.definite) == (kind, True)
    url, thread, listening = _answering(b"this is not TLS\r\n\r\n")
    transport = Http(url.replace("http:", "https:"))
    with pytest.raises(TransportFailed) as failed:
        transport.send(Request("GET", "/x"))
    transport.close()
    thread.join()
    listening.close()
    assert (failed.value.kind, failed.value.definite) == ("tls", True)


def test_a_url_that_is_none_is_refused_at_once() -> None:
    """A missing scheme is a mistake of the caller, not of the wire."""
    with pytest.raises(ValueError, match="no http or https URL"):
        Http("localhost:8080")


# --- faults on purpose ----------------------------------------------------------------------------

APPLIED: dict[str, int] = {
    "refused": 0,
    "dns": 0,
    "tls": 0,
    "connect_timeout": 0,
    "timeout_before_apply": 0,
    "html_200": 0,
    "timeout_after_apply": 1,
    "reset": 1,
    "truncated": 1,
    "drip": 1,
    "bad_json": 1,
    "duplicate": 2,
}


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_applies_what_it_says_and_is_definite_only_where_nothing_was_sent(kind: FaultKind) -> None:
    """Each kind reaches the application as often as its name says; `definite` is never a lie."""
    echo = Echo()
    faulty = Faulty(InProcess(echo, actor="connector"), [WireFault(kind)])
    request = Request("POST", "/x", body=b"{}")
    answer: Response | None = None
    failure: TransportFailed | None = None
    try:
        answer = faulty.send(request)
    except TransportFailed as failed:
        failure = failed
    assert len(echo.applied) == APPLIED[kind]
    if failure is not None:
        assert failure.definite == (kind in ("refused", "dns", "tls", "connect_timeout"))
    else:
        assert answer is not None
        assert answer.status == 200
        if kind == "duplicate":
            assert json.loads(answer.body)["path"] == "/x"
        else:
            with pytest.raises(ValueError, match=r".*"):
                json.loads(answer.body)
    assert json.loads(faulty.send(request).body)["path"] == "/x"


@given(
    nth=st.integers(1, 8),
    times=st.one_of(st.none(), st.integers(1, 4)),
    calls=st.lists(st.sampled_from(["/a/batch", "/a/changes"]), max_size=12),
)
def test_faults_strike_the_same_calls_every_time(nth: int, times: int | None, calls: list[str]) -> None:
    """The nth call that fits is hit, and those after it `times` times; others never; a repeat is equal."""

    def struck() -> list[int]:
        faulty = Faulty(InProcess(Echo(), actor="c"), [WireFault("reset", nth=nth, times=times, path="batch")])
        hit = []
        for number, path in enumerate(calls):
            try:
                faulty.send(Request("POST", path))
            except TransportFailed:
                hit.append(number)
        return hit

    fitting = [number for number, path in enumerate(calls) if path == "/a/batch"]
    last = None if times is None else nth - 1 + times
    assert struck() == fitting[nth - 1 : last]
    assert struck() == struck()


# --- recordings -----------------------------------------------------------------------------------


def test_a_recording_holds_no_secret_and_replays_the_same(tmp_path: Path) -> None:
    """Passwords and tokens are gone from the file; a client with other credentials still gets the answers."""

    async def login(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        headers = [(b"content-type", b"application/json")]
        body = b'{"access_token":"canary-token","expires_in":3600}'
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    path = tmp_path / "login.ndjson"
    recording = Recording(InProcess(login, actor="connector"), path=path)
    form = {"content-type": "application/x-www-form-urlencoded"}
    recording.send(Request("POST", "/t", (), form, b"username=kari&password=canary-password"))
    recording.send(Request("POST", "/t", (("token", "canary-query"),), {"authorization": "Bearer canary-header"}, b""))
    recording.close()
    assert "canary" not in path.read_text()
    assert "kari" in path.read_text()
    replaying = Replaying(read_exchanges(path))
    answer = replaying.send(Request("POST", "/t", (), form, b"username=kari&password=another"))
    assert json.loads(answer.body)["expires_in"] == 3600


def test_failures_and_binary_bodies_survive_a_recording(tmp_path: Path) -> None:
    """What a file gives back is what passed: failures with their kind, bodies byte by byte."""
    exchanges = [
        Exchange(Request("GET", "/a"), Response(200, {"x": "1"}, b"\xff\x00binary")),
        Exchange(Request("POST", "/b", body=b"\xfe"), failure=TransportFailed("reset")),
    ]
    path = tmp_path / "all.ndjson"
    write_exchanges(path, exchanges)
    back = list(read_exchanges(path))
    assert back[0] == exchanges[0]
    assert back[1].request == exchanges[1].request
    assert back[1].failure is not None
    assert (back[1].failure.kind, back[1].failure.definite) == ("reset", False)
    with pytest.raises(TransportFailed):
        Replaying(back).send(exchanges[1].request)


def test_a_diverging_client_is_told_the_nearest_recorded_requests() -> None:
    """Another body, or the same request once too often, names what is near and what differs."""
    replaying = Replaying(_recorded())
    replaying.send(REQUESTS[0])
    with pytest.raises(ReplayDiverged, match="used up") as used_up:
        replaying.send(REQUESTS[0])
    assert used_up.value.nearest[0][0].path == "/a/records"
    with pytest.raises(ReplayDiverged, match="POST /a/batch differs in body"):
        replaying.send(Request("POST", "/a/batch", body=b"{}"))
    assert [exchange.request for exchange in replaying.left()] == REQUESTS[1:]


def test_a_damaged_recording_names_its_line(tmp_path: Path) -> None:
    """A line that is no exchange is refused with file and line."""
    path = tmp_path / "bad.ndjson"
    write_exchanges(path, _recorded()[:1])
    path.write_text(path.read_text() + '{"method": "GET"}\n')
    with pytest.raises(ValueError, match=r"bad\.ndjson:2: not a recorded exchange"):
        list(read_exchanges(path))


@pytest.mark.parametrize(("url", "read"), [("http://crm.example", False), ("https://crm.example", True)])
def test_the_certificates_are_read_only_where_there_is_tls(
    url: str, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading them takes as long as starting a sandbox, and every command that speaks to a running one would pay."""
    files: list[object] = []
    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *told, **more: files.append(more))
    Http(url).close()
    assert bool(files) == read
