"""The connector as a local service: POST /sync, POST /install, POST /reset, GET /status.

`POST /sync` takes `{"cycles": n}` (default 1) or `{"until": "quiet"}` and answers `{"cycles": [report, ...]}`,
each `{"number", "writes_crm", "writes_marketing", "decisions", "set_aside", "findings", "stopped"}`.
Refusals: `{"error": {"code", "message", "fix"}}`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

from leadproof.serving.guard import deny
from leadproof.systems.failures import CallFailed
from leadproof.transports.in_process import Receive, Scope, Send

BODY_BYTES = 65536
UNTIL_QUIET_CYCLES = 20
MOST_CYCLES = 1000


class Report(Protocol):
    """What one cycle of a connector answers (connector.CycleReport)."""

    number: int
    writes_crm: int
    writes_marketing: int
    decisions: list[Any]
    findings: list[Any]
    set_aside: list[Any]
    stopped: Any


class Syncs(Protocol):
    """A connector."""

    def cycle(self) -> Report: ...
    def install(self) -> list[str]: ...
    def close(self) -> None: ...


class Work:
    """The one connector of a running sandbox, used by the service and the cadence.

    Everything about it happens in one thread of its own: one cycle at a time, and its store is never shared.
    `start` makes a connector; `forget` resets the systems and empties the connector's store; `wait_for_reads` lets the
    time pass after which reads tell all that was written, and answers whether there was any to wait for.
    """

    def __init__(
        self,
        start: Callable[[], Syncs],
        forget: Callable[[], None],
        wait_for_reads: Callable[[], bool] = lambda: False,
    ) -> None:
        self._start = start
        self._forget = forget
        self._wait_for_reads = wait_for_reads
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="leadproof-connector")
        self._connector = self._thread.submit(start).result()
        self.cycles = 0
        self.last: Mapping[str, Any] | None = None

    def sync(self, cycles: int) -> Future[list[dict[str, Any]]]:
        """Run that many cycles; fewer where one was stopped."""
        return self._thread.submit(self._sync, cycles)

    def sync_until_quiet(self) -> Future[list[dict[str, Any]]]:
        """Run cycles until one that sees all writes nothing."""
        return self._thread.submit(self._sync_until_quiet)

    def install(self) -> Future[list[str]]:
        """Add to the CRM what the connector needs."""
        return self._thread.submit(lambda: self._connector.install())

    def reset(self) -> Future[None]:
        """Back to the recipe, with an empty memory."""
        return self._thread.submit(self._reset)

    def close(self) -> None:
        """Wait for a running cycle, then close the connector."""
        self._thread.submit(lambda: self._connector.close()).result()
        self._thread.shutdown()

    def _sync(self, cycles: int) -> list[dict[str, Any]]:
        reports: list[dict[str, Any]] = []
        while len(reports) < cycles and not (reports and reports[-1]["stopped"]):
            reports.append(self._cycle())
        return reports

    def _sync_until_quiet(self) -> list[dict[str, Any]]:
        reports: list[dict[str, Any]] = []
        saw_all = False
        while len(reports) < UNTIL_QUIET_CYCLES:
            reports.append(self._cycle())
            if reports[-1]["stopped"]:
                break
            if reports[-1]["writes_crm"] or reports[-1]["writes_marketing"]:
                saw_all = False
            elif saw_all or not self._wait_for_reads():
                break
            else:
                saw_all = True
        return reports

    def _reset(self) -> None:
        self._connector.close()
        self._forget()
        self._connector = self._start()
        self.cycles, self.last = 0, None

    def _cycle(self) -> dict[str, Any]:
        report = told(self._connector.cycle())
        self.cycles += 1
        self.last = report
        return report


def told(report: Report) -> dict[str, Any]:
    """A cycle's report as JSON."""
    return {
        "number": report.number,
        "writes_crm": report.writes_crm,
        "writes_marketing": report.writes_marketing,
        "decisions": len(report.decisions),
        "set_aside": len(report.set_aside),
        "findings": [finding.to_json() for finding in report.findings],
        "stopped": report.stopped.to_json() if report.stopped is not None else None,
    }


class Service:
    """The ASGI application. Work is done elsewhere: a long sync must not keep the service from answering."""

    def __init__(self, work: Work, *, token: str, sync_every_seconds: float | None) -> None:
        self._work = work
        self._token = token
        self._every = sync_every_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            return
        status, body = await self._answer(scope, receive)
        raw = json.dumps(body).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(raw))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        denied = deny(scope["method"], headers, self._token)
        if denied is not None:
            return denied.status, _error("RUN815", denied.text)
        raw = await _body(receive)
        if raw is None:
            return 413, _error("RUN816", f"The body is larger than {BODY_BYTES} bytes.")
        route = (scope["method"], scope["path"])
        try:
            if route == ("GET", "/status"):
                return 200, self._status()
            if route == ("POST", "/sync"):
                return 200, await self._sync(raw)
            if route == ("POST", "/install"):
                return 200, {"added": await asyncio.wrap_future(self._work.install())}
            if route == ("POST", "/reset"):
                await asyncio.wrap_future(self._work.reset())
                return 200, self._status()
        except _BadBody as wrong:
            return 400, _error("RUN816", str(wrong))
        except CallFailed as failed:
            return 502, _error(failed.code, str(failed))
        return 404, _error("RUN816", f"There is nothing at {scope['method']} {scope['path']}.")

    def _status(self) -> dict[str, Any]:
        return {"cycles": self._work.cycles, "sync_every_seconds": self._every, "last": self._work.last}

    async def _sync(self, raw: bytes) -> dict[str, Any]:
        cycles = _wanted(raw)
        if cycles is None:
            return {"cycles": await asyncio.wrap_future(self._work.sync_until_quiet())}
        return {"cycles": await asyncio.wrap_future(self._work.sync(cycles))}


class _BadBody(ValueError):
    pass


def _wanted(raw: bytes) -> int | None:
    """How many cycles; None until quiet."""
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError as wrong:
        raise _BadBody(f"The body is no JSON: {wrong}") from None
    if body == {"until": "quiet"}:
        return None
    if isinstance(body, dict) and set(body) <= {"cycles"}:
        cycles = body.get("cycles", 1)
        if type(cycles) is int and 1 <= cycles <= MOST_CYCLES:
            return cycles
    raise _BadBody(f'The body is {{"cycles": 1 to {MOST_CYCLES}}} or {{"until": "quiet"}}, not {raw[:80]!r}.')


async def _body(receive: Receive) -> bytes | None:
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size <= BODY_BYTES:
            pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces) if size <= BODY_BYTES else None


def _error(code: str, text: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": text, "fix": ""}}
