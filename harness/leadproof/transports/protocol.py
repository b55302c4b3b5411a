"""The seam between a client and a system: one request in, one complete response out.

In process, HTTP, recording, replaying, wire faults: all are transports under the same synchronous client
code (architecture.md "The rules of the house", 6). A transport is made for one actor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

WireKind: TypeAlias = Literal["refused", "dns", "tls", "connect_timeout", "timeout", "reset", "truncated"]

NEVER_SENT: frozenset[WireKind] = frozenset({"refused", "dns", "tls", "connect_timeout"})
"""The failures before a byte of the request went out: the request certainly did not apply."""

_TEXTS: dict[WireKind, str] = {
    "refused": "the connection was refused: nothing listens there",
    "dns": "the host's name could not be resolved",
    "tls": "the TLS handshake failed",
    "connect_timeout": "no connection within the time limit",
    "timeout": "the request was sent, but no answer came within the time limit",
    "reset": "the connection was reset after the request was sent",
    "truncated": "the answer broke off before its end",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` begins with "/" and is percent-encoded as it travels (RFC 3986, 3.3): a slash
    inside an id stays inside it. `query` is not encoded. Header names are lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """One complete HTTP response; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class TransportFailed(Exception):
    """No complete response. `definite`: the request certainly was not applied by the other side."""

    def __init__(self, kind: WireKind, detail: str = "", *, definite: bool | None = None) -> None:
        self.kind = kind
        self.definite = kind in NEVER_SENT if definite is None else definite
        self.text = f"{_TEXTS[kind]} ({detail})" if detail else _TEXTS[kind]
        super().__init__(self.text)


class Transport(Protocol):
    """How requests of one actor reach a system."""

    def send(self, request: Request) -> Response:
        """Raises `TransportFailed`; never anything else for what happens on the wire."""
        ...

    def close(self) -> None:
        """Let go of sockets and files; a second call does nothing."""
        ...
