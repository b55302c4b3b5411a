"""Where HTTP's framing ends: pure ASGI, one whole request in, one whole answer out.

The body is buffered first, and bounded; then gateway and handler run as one uninterrupted step, because nothing
between the two awaits anything (architecture.md "The rules of the house", 5). Requests of a world are so
serialised by construction, under any server.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, TypeAlias

from leadsim.gateway.messages import Answer, Request, read_scope

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Step: TypeAlias = Callable[[Request], Answer]

BODY_LIMIT_BYTES = 16 * 1024 * 1024
WIRE_FAULT = "leadsim.wire_fault"
"""The message that takes the place of an answer that is lost on the wire, as the transports read it."""


class Edge:
    """The ASGI application. `step` answers a request; `refuse_size` one whose body is too large to be read."""

    def __init__(
        self,
        step: Step,
        refuse_size: Step,
        *,
        beside: Mapping[str, AsgiApp] | None = None,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
    ) -> None:
        """`beside`: applications for first path segments that are no orgs (they begin with an underscore)."""
        self._step = step
        self._refuse_size = refuse_size
        self._beside = beside or {}
        self._limit = body_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3."""
        if scope["type"] != "http":
            await _other(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith("/_"):
            other = self._beside.get(path.split("/", 2)[1])
            if other is not None:
                await other(scope, receive, send)
                return
        body = await self._whole_body(receive)
        if body is None:
            return  # the client left in the middle of its own request
        too_large = len(body) > self._limit
        request = read_scope(scope, b"" if too_large else body)
        answer = (self._refuse_size if too_large else self._step)(request)
        if answer.wire is not None:
            await _lose(answer, scope, receive, send)
        else:
            await deliver(answer, send, head=request.method == "HEAD")

    async def _whole_body(self, receive: Receive) -> bytes | None:
        """The body; None when the client went away. Of a body beyond the limit the rest is read and dropped:
        a server that closes while its client still writes gives the client a reset instead of our 413."""
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            return bytes(message.get("body", b""))
        pieces: list[bytes] = []
        size = 0
        while message["type"] == "http.request":
            piece = message.get("body", b"")
            if size <= self._limit:
                pieces.append(piece)
            size += len(piece)
            if not message.get("more_body", False):
                return b"".join(pieces)
            message = await receive()
        return None


async def deliver(answer: Answer, send: Send, *, head: bool) -> None:
    """Send a whole answer; without its body for a HEAD request."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    headers.append((b"content-length", b"%d" % len(answer.body)))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})


async def _lose(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Break the connection in place of the answer: our own transports and listener know how. Under a foreign
    ASGI server nothing can close the socket, so the least untrue answer is given: a gateway's 502 or 504."""
    if "leadsim" in (scope.get("extensions") or {}):
        await send({"type": WIRE_FAULT, "kind": answer.wire, "answer": answer})
        return
    status = 504 if answer.wire == "timeout" else 502
    await deliver(Answer(status, b""), send, head=False)


async def _other(scope: Scope, receive: Receive, send: Send) -> None:
    """Lifespan is acknowledged; anything else (a WebSocket) is turned away."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await receive()
    await send({"type": "websocket.close", "code": 1003})
