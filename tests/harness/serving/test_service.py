"""The connector's local service: who may call it, what it runs, what it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from leadproof.findings import find
from leadproof.serving.loop import Cadence
from leadproof.serving.refusals import ServingRefused
from leadproof.serving.running import (
    Running,
    RunningSystem,
    Service,
    find_running,
    remove_running,
    write_running,
)
from leadproof.serving.serverthread import ServerThread, bind
from leadproof.serving.service import Service as ConnectorService
from leadproof.serving.service import Work
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import Unreachable
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request, Response

TOKEN = "the-token"


@dataclass
class Report:
    """One cycle's report."""

    number: int
    writes_crm: int = 0
    writes_marketing: int = 0
    decisions: list[Any] = field(default_factory=list)
    findings: list[Any] = field(default_factory=list)
    set_aside: list[Any] = field(default_factory=list)
    stopped: Any = None


class Countdown:
    """A connector whose writes get fewer with each cycle, until it writes nothing; it may fail or be stopped."""

    def __init__(self, writes: int = 2) -> None:
        self.left = writes
        self.number = 0
        self.threads: set[str] = set()
        self.closed = False
        self.fails: Exception | None = None
        self.stops = False

    def cycle(self) -> Report:
        self.threads.add(threading.current_thread().name)
        if self.fails is not None:
            raise self.fails
        self.number += 1
        writes, self.left = self.left, max(0, self.left - 1)
        stopped = find("CON101", "switched off") if self.stops else None
        return Report(self.number, writes, findings=[stopped] if stopped else [], stopped=stopped)

    def install(self) -> list[str]:
        return ["Lead.MarketingId__c"]

    def close(self) -> None:
        self.closed = True


@dataclass
class Up:
    """A running service and what is behind it."""

    running: Running
    connectors: list[Countdown]
    forgotten: list[int]
    stop: Callable[[], None]

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Response:
        wire = Http(self.running.connector.url)
        told = {"authorization": f"Bearer {TOKEN}", **headers}
        try:
            return wire.send(Request(method, path, (), told, body))
        finally:
            wire.close()


@pytest.fixture
def up() -> Iterator[Up]:
    """A service on a real port."""
    connectors: list[Countdown] = []
    forgotten: list[int] = []

    def start() -> Countdown:
        connectors.append(Countdown())
        return connectors[-1]

    work = Work(start, lambda: forgotten.append(1))
    server = ServerThread(ConnectorService(work, token=TOKEN, sync_every_seconds=None), bind(0, "it"), "test")
    server.start()
    system = RunningSystem("native", "http://127.0.0.1:1", "acme", Credentials("sync", "canary"))
    running = Running(system, system, Service(server.url, TOKEN), Service("http://127.0.0.1:2", "t"), 7)
    yield Up(running, connectors, forgotten, server.stop)
    server.stop()
    work.close()
    assert connectors[-1].closed


def test_a_sync_runs_cycles_and_answers_their_reports(up: Up) -> None:
    """One by default, as many as asked, or until one writes nothing; all in the connector's own thread."""
    assert [report["writes_crm"] for report in up.running.sync()] == [2]
    assert [report["writes_crm"] for report in up.running.sync(until_quiet=True)] == [1, 0]
    assert [report["number"] for report in up.running.sync(cycles=2)] == [4, 5]
    assert up.running.status()["cycles"] == 5
    assert len(up.connectors[0].threads) == 1


def test_a_stopped_cycle_is_the_last_and_says_why(up: Up) -> None:
    """A connector that is switched off is not called again and again."""
    up.connectors[0].stops = True
    (report,) = up.running.sync(cycles=5)
    assert report["stopped"]["code"] == "CON101"
    assert report["findings"][0]["cause"] == "switched off"
    assert len(up.running.sync(until_quiet=True)) == 1


def test_install_and_reset(up: Up) -> None:
    """Install says what it added; reset empties the systems and starts a connector without memory."""
    assert up.running.install() == ["Lead.MarketingId__c"]
    up.running.sync()
    up.running.reset()
    assert (len(up.connectors), up.connectors[0].closed, up.forgotten) == (2, True, [1])
    assert up.running.status() == {"cycles": 0, "sync_every_seconds": None, "last": None}


def test_a_failed_call_is_told_with_its_code(up: Up) -> None:
    """What fails in a system comes out with the code of its cause, and the service lives on."""
    up.connectors[0].fails = Unreachable("acme", "POST /x", "reset", kind="reset", definite=False)
    with pytest.raises(ServingRefused, match="POST /x") as refused:
        up.running.sync()
    assert refused.value.code == "NET106"
    up.connectors[0].fails = None
    assert len(up.running.sync()) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Basic the-token"}, 401),
        ({"authorization": ""}, 401),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:5000"}, 200),
        ({"host": "localhost:9"}, 200),
    ],
)
def test_only_this_machine_with_the_token_may_call(up: Up, headers: dict[str, str], status: int) -> None:
    """DNS rebinding, foreign pages and missing tokens are refused, and nothing was run."""
    answer = up.ask("POST", "/sync", **headers)
    assert answer.status == status
    assert up.connectors[0].number == (1 if status == 200 else 0)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/sync", b"{", 400),
        ("POST", "/sync", b"[]", 400),
        ("POST", "/sync", b'{"cycles": "2"}', 400),
        ("POST", "/sync", b'{"cycles": true}', 400),
        ("POST", "/sync", b'{"cycles": 0}', 400),
        ("POST", "/sync", b'{"cycles": 1001}', 400),
        ("POST", "/sync", b'{"until": "noon"}', 400),
        ("POST", "/sync", b'{"cycle": 2}', 400),
        ("POST", "/sync", b" " * 70_000, 413),
        ("GET", "/sync", b"", 404),
        ("POST", "/sink", b"", 404),
    ],
)
def test_what_it_cannot_read_is_refused(up: Up, method: str, path: str, body: bytes, status: int) -> None:
    """A request that is not understood runs nothing, and says what is."""
    answer = up.ask(method, path, body)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (status, "RUN816")
    assert up.connectors[0].number == 0


def test_a_port_that_is_taken_is_refused_with_its_number() -> None:
    """Exit code 3, a code, and what to do."""
    taken = bind(0, "something")
    port = taken.getsockname()[1]
    with pytest.raises(ServingRefused, match=f"Port {port} for the connector") as refused:
        bind(port, "the connector")
    taken.close()
    assert (refused.value.code, refused.value.exit_code) == ("RUN810", 3)


# --- the file that tells where it is --------------------------------------------------------------


def test_the_state_file_is_for_this_user_only_and_is_read_back(up: Up, tmp_path: Path) -> None:
    """Mode 0600; the same sandbox comes out; its secrets are not in its repr."""
    path = tmp_path / ".leadproof" / "up.json"
    write_running(up.running, path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["up.json"]
    found = find_running(path)
    assert found == up.running
    assert "canary" not in repr(found)
    assert TOKEN not in repr(found)
    assert found.status()["cycles"] == 0


def test_only_its_own_state_file_is_removed(up: Up, tmp_path: Path) -> None:
    """A second sandbox that took over the file keeps it when the first ends."""
    path = tmp_path / "up.json"
    write_running(up.running, path)
    other = Running(up.running.crm, up.running.marketing, Service("http://127.0.0.1:3", "x"), up.running.control, 8)
    remove_running(other, path)
    assert path.exists()
    remove_running(up.running, path)
    assert not path.exists()
    remove_running(up.running, path)


def test_no_sandbox_a_dead_one_and_a_damaged_file_are_told_apart(up: Up, tmp_path: Path) -> None:
    """RUN811 where there is none or it is gone, RUN812 where the file can't be used."""
    path = tmp_path / "up.json"
    with pytest.raises(ServingRefused, match="No sandbox is running here") as absent:
        find_running(path)
    for text in ("{", "[]", '{"crm": 1}'):
        path.write_text(text)
        with pytest.raises(ServingRefused) as damaged:
            find_running(path)
        assert damaged.value.code == "RUN812"
    write_running(up.running, path)
    up.stop()
    with pytest.raises(ServingRefused, match="does not answer") as dead:
        find_running(path).sync()
    assert (absent.value.code, dead.value.code) == ("RUN811", "RUN811")


def test_another_program_on_the_port_is_not_taken_for_the_connector() -> None:
    """An answer that is not the connector's is named, with its status."""

    async def page(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
            await send({"type": "http.response.body", "body": b"<ht>"})

    server = ServerThread(page, bind(0, "a page"), "test")
    server.start()
    system = RunningSystem("native", "http://127.0.0.1:1", "acme", Credentials())
    running = Running(system, system, Service(server.url, "x"), Service("http://127.0.0.1:2", "t"), 7)
    with pytest.raises(ServingRefused, match="answered 200") as refused:
        running.status()
    server.stop()
    assert refused.value.code == "RUN814"


def test_the_cadence_goes_on_after_a_failed_cycle() -> None:
    """A failure is told, the next cycle runs, and stopping waits for the running one."""
    third: Future[int] = Future()
    failures: list[Exception] = []
    count = 0

    def cycle() -> None:
        nonlocal count
        count += 1
        if count == 1:
            raise RuntimeError("the first one fails")
        if count == 3:
            third.set_result(count)

    cadence = Cadence(0.001, cycle, failures.append)
    cadence.start()
    assert third.result(timeout=10) == 3
    cadence.stop()
    after = count
    assert [str(failed) for failed in failures] == ["the first one fails"]
    assert count == after
