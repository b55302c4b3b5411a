"""In process: calls the ASGI application directly and steps its coroutine by hand.

No event loop and no threads: faster and deterministic (performance.md "What follows", 6). It works because
handlers wait for nothing (architecture.md "The rules of the house", 5); an application that does wait is
refused with `Waited` instead of hanging.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import unquote, urlencode

from leadproof.transports.protocol import Request, Response, TransportFailed, WireKind

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_WIRE_FAULT = "leadsim.wire_fault"
_HOST = (b"host", b"sandbox")
LISTED = ","
"""Stands in a query as it is (RFC 3986, 3.4): a list of fields is no longer than it looks, and quickly read."""
_UNQUOTED = re.compile(rf"[\w.~{LISTED}=&-]*", re.ASCII)


class Waited(RuntimeError):
    """The application awaited something that only an event loop could deliver."""


class InProcess:
    """The transport of one actor to an ASGI application in this process."""

    def __init__(self, app: AsgiApp, *, actor: str) -> None:
        self._app = app
        self._leadsim = {"actor": actor}

    def send(self, request: Request) -> Response:
        """One request, one complete response; a switched-on wire fault raises `TransportFailed`."""
        answer = _Answer(request.body)
        stepped = self._app(self._scope(request), answer.receive, answer.send).__await__()
        try:
            next(stepped)
        except StopIteration:
            return answer.complete()
        raise Waited(f"{request.method} {request.path}: the application waited for something outside itself")

    def close(self) -> None:
        """Nothing to let go of."""

    def _scope(self, request: Request) -> Scope:
        path = request.path
        headers = [_HOST]
        headers.extend((k.encode("latin-1"), v.encode("latin-1")) for k, v in request.headers.items())
        if request.body:
            headers.append((b"content-length", b"%d" % len(request.body)))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": unquote(path) if "%" in path else path,
            "raw_path": path.encode("ascii"),
            "query_string": _written(request.query) if request.query else b"",
            "root_path": "",
            "headers": headers,
            "server": ("sandbox", 80),
            "client": None,
            "extensions": {"leadsim": dict(self._leadsim)},
        }


def _written(query: Sequence[tuple[str, str]]) -> bytes:
    """As `urlencode` writes it; most queries hold nothing that it would have to quote, and take a tenth of the time."""
    text = "&".join([f"{name}={value}" for name, value in query])
    if text.count("=") != len(query) or text.count("&") != len(query) - 1 or not _UNQUOTED.fullmatch(text):
        text = urlencode(query, safe=LISTED)
    return text.encode("ascii")


@lru_cache(maxsize=256)
def _header(name: bytes) -> str:
    """A header's name; there are few."""
    return name.decode("latin-1").lower()


class _Answer:
    """Both ends of the ASGI conversation of one request."""

    __slots__ = ("_body", "_done", "_fault", "_headers", "_pieces", "_status")

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._status = 0
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._fault: WireKind | None = None
        self._done = False

    async def receive(self) -> Message:
        body, self._body = self._body, None
        if body is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self._status = message["status"]
            for name, value in message.get("headers", ()):
                key, text = _header(name), value.decode("latin-1")
                # RFC 9110, section 5.3: repeated lines are one list
                self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text
        elif kind == "http.response.body":
            self._pieces.append(message.get("body", b""))
            self._done = not message.get("more_body", False)
        elif kind == _WIRE_FAULT:
            self._fault = message["kind"]

    def complete(self) -> Response:
        if self._fault is not None:
            raise TransportFailed(self._fault, "a fault of the sandbox")
        if not self._done:
            raise TransportFailed("truncated", "the application ended before its answer did")
        return Response(self._status, self._headers, b"".join(self._pieces))
