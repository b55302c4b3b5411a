"""A small HTTP server that clients take for the systems themselves: as their proxy (CONNECT, with an authority of our
own), or directly. What it answers is somebody else's business.

Stands between a connector and systems that are recorded, or in their place. Listens on loopback only.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from leadproof.transports.protocol import Request, Response, TransportFailed

HOST = "127.0.0.1"
BODY_BYTES = 64 * 1024 * 1024
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade", "content-length", "date", "server"}
)  # fmt: skip
Answers: TypeAlias = Callable[[str, Request], Response]
"""Answers a request to an origin (scheme, host and port). Raises TransportFailed: the connection is broken instead."""


class Gate:
    """An open gate; `close` it, or use it in a `with`. Requests are answered one after the other, in their order."""

    def __init__(self, answers: Answers, ca: Path, *, port: int = 0) -> None:
        """Listen, and write the authority's certificate to `ca`. Raises OSError for a port that is taken."""
        import trustme

        self._answers = answers
        self._one_by_one = threading.Lock()
        self._authority = trustme.CA(organization_name="Leadproof cases")
        self.context = lru_cache(maxsize=256)(self._context)
        ca.parent.mkdir(parents=True, exist_ok=True)
        ca.write_bytes(self._authority.cert_pem.bytes())
        self._server = _Server((HOST, port), _Handler)
        self._server.gate = self
        self._thread = threading.Thread(target=self._server.serve_forever, name="leadproof-gate", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens: the proxy's URL, and the systems' own for clients that can be told it."""
        return f"http://{HOST}:{self._server.server_address[1]}"

    def answer(self, origin: str, request: Request) -> Response:
        """One answer at a time."""
        with self._one_by_one:
            return self._answers(origin, request)

    def _context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def close(self) -> None:
        """Stop listening; a second call does nothing."""
        self._server.shutdown()
        for connection in list(self._server.connections):
            with suppress(OSError):  # it has just gone by itself
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them: a connection must not outlive its gate
    gate: Gate

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    """One connection: plain, or after CONNECT inside TLS."""

    protocol_version = "HTTP/1.1"
    timeout = 300
    server: _Server
    _origin = ""

    def setup(self) -> None:
        """A client."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """It left; a tunnel has a socket of its own that is ours to close."""
        with suppress(OSError):
            super().finish()
        self.server.connections.discard(self.connection)
        self.connection.close()

    def do_CONNECT(self) -> None:
        """Open the tunnel, and go on speaking HTTP inside it."""
        host, _, port = self.path.rpartition(":")
        self.send_response_only(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        host = host.strip("[]").lower()
        secured = self.server.gate.context(host).wrap_socket(self.connection, server_side=True)
        self.server.connections.discard(self.connection)
        self.server.connections.add(secured)
        self.rfile.close()
        self.connection = self.request = secured
        self.rfile = secured.makefile("rb")
        self.wfile = secured.makefile("wb")  # buffered: an answer is written whole
        self._origin = f"https://{host}" if port == "443" else f"https://{host}:{port}"
        self.close_connection = False

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self._send(Response(413, {"content-type": "text/plain"}, b"The request is too large to be recorded.\n"))
            self.close_connection = True
            return
        url = urlsplit(self.path)
        origin = self._origin or (f"{url.scheme}://{url.netloc}" if url.netloc else f"http://{self.headers['host']}")
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            if lower not in HOP_BY_HOP and lower != "host":
                headers[lower] = f"{headers[lower]}, {value}" if lower in headers else value
        query = tuple(parse_qsl(url.query, keep_blank_values=True))
        request = Request(self.command, url.path or "/", query, headers, body)
        try:
            response = self.server.gate.answer(origin, request)
        except TransportFailed:
            self.close_connection = True
            return
        self._send(response)

    def _body(self) -> bytes | None:
        """The whole body; None for one that is too large."""
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("content-length") or 0)
        return self.rfile.read(length) if length <= BODY_BYTES else None

    def _chunks(self) -> bytes | None:
        pieces: list[bytes] = []
        total = 0
        while size := int(self.rfile.readline(1024).partition(b";")[0].strip() or b"0", 16):
            total += size
            if total > BODY_BYTES:
                return None
            pieces.append(self.rfile.read(size))
            self.rfile.readline(8)
        while self.rfile.readline(65536).strip():
            pass  # trailers
        return b"".join(pieces)

    def _send(self, response: Response) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            if name not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a log would hold what the recording leaves out."""


for _method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
    setattr(_Handler, f"do_{_method}", _Handler._serve)  # http.server finds its methods by these names
