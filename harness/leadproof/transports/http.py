"""Over real sockets: one keep-alive connection pool of one actor.

httpx2's transport is used without its client around it: redirects, cookies and proxies from the environment
must not come between the harness and the system under test, and a request costs about half as much.
"""

from __future__ import annotations

import socket
import ssl
import time
from urllib.parse import urlencode, urlsplit

import httpx2

from leadproof.transports.protocol import Request, Response, TransportFailed, WireKind

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 60.0
BODY_BYTES = 256 * 1024 * 1024
"""No answer of an API is larger; a runaway one must not fill the memory."""


class Http:
    """The transport of one actor to a server at `url` (scheme, host, port and an optional path prefix)."""

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        verify: ssl.SSLContext | bool = True,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no http or https URL")
        self.url = url.rstrip("/")
        self._host = parts.netloc.rpartition("@")[2]
        self._answer_seconds = answer_seconds
        self._timeouts = {
            "connect": connect_seconds,
            "read": answer_seconds,
            "write": answer_seconds,
            "pool": connect_seconds,
        }
        # Reading the certificates of the world takes as long as starting a sandbox; without TLS nobody asks for them.
        trusted = verify if parts.scheme == "https" else False
        self._wire = httpx2.HTTPTransport(verify=trusted, trust_env=False)

    def send(self, request: Request) -> Response:
        """One request, one complete response; everything that goes wrong is a `TransportFailed`."""
        deadline = time.monotonic() + self._answer_seconds
        try:
            response = self._wire.handle_request(self._outgoing(request))
        except httpx2.TransportError as failed:
            raise _told(failed) from failed
        try:
            body = self._body(response, deadline)
        except httpx2.TransportError as failed:
            raise _told(failed, answering=True) from failed
        finally:
            response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status_code, headers, body)

    def close(self) -> None:
        """Close the connections; the transport can't be used afterwards."""
        self._wire.close()

    def _outgoing(self, request: Request) -> httpx2.Request:
        url = self.url + request.path
        if request.query:
            url = f"{url}?{urlencode(request.query)}"
        headers = {"host": self._host, "accept": "*/*", **request.headers}
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers["content-length"] = str(len(request.body))
        return httpx2.Request(
            request.method,
            url,
            headers=headers,
            stream=httpx2.ByteStream(request.body),
            extensions={"timeout": self._timeouts},
        )

    def _body(self, response: httpx2.Response, deadline: float) -> bytes:
        """The whole body. A server that drips it keeps every single read in time, so the sum is watched."""
        pieces, size = [], 0
        for piece in response.iter_raw():
            pieces.append(piece)
            size += len(piece)
            if size > BODY_BYTES:
                raise TransportFailed("truncated", f"the answer is larger than {BODY_BYTES} bytes")
            if time.monotonic() > deadline:
                raise TransportFailed("timeout", f"the answer took longer than {self._answer_seconds:g} s")
        return b"".join(pieces)


def _told(failed: httpx2.TransportError, *, answering: bool = False) -> TransportFailed:
    """The failure in the harness's words; `answering`: the answer's head was already there."""
    kind: WireKind
    if isinstance(failed, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        kind = "connect_timeout"
    elif isinstance(failed, httpx2.ConnectError):
        kind = _why_not_connected(failed)
    elif isinstance(failed, httpx2.TimeoutException):
        kind = "timeout"
    elif answering:
        # a reset in the middle of the body loses the same as an early end, but has its own name
        kind = "reset" if isinstance(failed, httpx2.ReadError) else "truncated"
    else:
        kind = "reset"
    return TransportFailed(kind, str(failed))


def _why_not_connected(failed: BaseException) -> WireKind:
    """The reason that the connection failed for, found in the chain of causes."""
    link: BaseException | None = failed
    while link is not None:
        if isinstance(link, socket.gaierror):
            return "dns"
        # A reset (unlike a refusal) comes after the TCP handshake: the peer left in the middle of TLS.
        if isinstance(link, ssl.SSLError | ConnectionResetError | BrokenPipeError):
            return "tls"
        link = link.__cause__ or link.__context__
    return "refused"
