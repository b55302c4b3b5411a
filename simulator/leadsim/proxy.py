"""A forward proxy for clients with built-in hosts: CONNECT to a vendor's host ends in the sandbox, with TLS.

RFC 9110, 9.3.6 (CONNECT) and 7.6. It opens no connection of its own, ever: a tunnel is the client's connection itself,
decrypted with a certificate of our own authority and handed to the server's protocol. Any other host, and any request
without a tunnel, is refused with a sentence.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, cast

import trustme

HEAD_BYTES = 16384
TLS_PORT = "443"
CERTIFICATES = 256
HANDSHAKE_SECONDS = 30


class Authority:
    """A certificate authority that lives as long as this object; its key is never written anywhere."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="Leadproof sandbox")
        self.context = lru_cache(maxsize=CERTIFICATES)(self._context)

    @property
    def pem(self) -> bytes:
        """Its certificate: what a client must trust."""
        return self._authority.cert_pem.bytes()

    def _context(self, host: str) -> ssl.SSLContext:
        """What a server that calls itself `host` speaks TLS with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])
        return context


def serves(host: str, known: Collection[str]) -> bool:
    """Whether `host` is one of `known`; "*.my.salesforce.com" stands for every host below that name."""
    return any(host.endswith(one[1:]) if one.startswith("*.") else host == one for one in known)


class ProxyProtocol(asyncio.Protocol):
    """One connection: reads the head of the proxy request, then refuses, or does TLS and hands over to `inner`.

    `known` answers the hosts that lead to the sandbox; `connections` is the server's, which closes them at its end.
    """

    def __init__(
        self,
        inner: Callable[[], asyncio.Protocol],
        authority: Authority,
        known: Callable[[], Collection[str]],
        connections: set[Any],
    ) -> None:
        self._inner = inner
        self._authority = authority
        self._known = known
        self._connections = connections
        self._held = bytearray()
        self._transport: asyncio.Transport | None = None
        self._upgrade: asyncio.Task[None] | None = None
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """It left."""
        self._lost = True
        self._connections.discard(self)

    def shutdown(self) -> None:
        """The server ends (uvicorn asks each of its connections this). TLS that is being agreed upon is given up: its
        client may never answer, and nobody else would tell the server that this connection is gone."""
        if self._upgrade is not None:
            self._upgrade.cancel()
        self._connections.discard(self)
        if self._transport is not None:
            self._transport.abort()

    def abort(self) -> None:
        """As `shutdown`, which waits for nothing either."""
        self.shutdown()

    def data_received(self, data: bytes) -> None:
        """The head; later, what arrives inside the tunnel before it was handed over."""
        self._held += data
        if self._upgrade is not None or self._transport is None or self._transport.is_closing():
            return
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            if len(self._held) > HEAD_BYTES:
                self._refuse(431, "The request's head is too long.")
            return
        line = bytes(self._held[: self._held.find(b"\r\n")]).decode("latin-1")
        rest = bytes(self._held[end + 4 :])
        self._head(line, rest)

    def _head(self, line: str, rest: bytes) -> None:
        parts = line.split(" ")
        if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
            self._refuse(400, "This is no HTTP/1.1 request.")
            return
        method, target, _ = parts
        known = self._known()
        if method != "CONNECT":
            self._refuse(403, f"The sandbox's proxy only opens tunnels (CONNECT): {method} {target} went nowhere.")
            return
        host, _, port = target.rpartition(":")
        host = host.lower()
        if port != TLS_PORT or not serves(host, known):
            names = ", ".join(known) or "none, as no org speaks a dialect with hosts of its own"
            self._refuse(403, f"The sandbox's proxy leads only to itself, never to {target}. Hosts: {names}; port 443.")
            return
        if rest:
            # TLS begins with the client's greeting, which it may send only after our answer.
            self._refuse(400, "Nothing may follow CONNECT before it is answered.")
            return
        assert self._transport is not None
        self._held.clear()
        self._transport.pause_reading()
        self._transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self._upgrade = asyncio.get_running_loop().create_task(self._tunnel(host))

    async def _tunnel(self, host: str) -> None:
        plain = self._transport
        assert plain is not None
        loop = asyncio.get_running_loop()
        try:
            context = self._authority.context(host)
            secured = await loop.start_tls(
                plain, self, context, server_side=True, ssl_handshake_timeout=HANDSHAKE_SECONDS
            )
        except (OSError, ssl.SSLError):
            plain.abort()  # a client that does not trust the authority, or left
            self._connections.discard(self)
            return
        if secured is None or self._lost:
            return
        # Data may have come with the handshake's last part, before anybody could be told of the connection.
        inner = self._inner()
        self._connections.discard(self)
        secured.set_protocol(inner)
        inner.connection_made(secured)
        if self._held:
            inner.data_received(bytes(self._held))

    def _refuse(self, status: int, text: str) -> None:
        assert self._transport is not None
        body = f"{text}\n".encode()
        reason = {400: "Bad Request", 403: "Forbidden", 431: "Request Header Fields Too Large"}[status]
        head = (
            f"HTTP/1.1 {status} {reason}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self._transport.write(head.encode("latin-1") + body)
        self._transport.close()
