"""Sends requests on to the systems they were meant for: those that the user named, and the sandbox's."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from leadproof.cases.gate import HOP_BY_HOP
from leadproof.transports.http import Http
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed


class ThroughProxy:
    """A transport to one origin through a proxy, whose authority is trusted: the sandbox's fake vendor hosts."""

    def __init__(self, origin: str, proxy: str, ca: Path) -> None:
        self._origin = origin
        self._wire = httpx2.HTTPTransport(
            verify=ssl.create_default_context(cafile=str(ca)), proxy=httpx2.Proxy(proxy), trust_env=False
        )

    def send(self, request: Request) -> Response:
        """As `Http`, but through the proxy."""
        url = httpx2.URL(self._origin + request.path, params=list(request.query) or None)
        host = urlsplit(self._origin).netloc
        headers = {"host": host, **request.headers, "content-length": str(len(request.body))}
        made = httpx2.Request(request.method, url, headers=headers, stream=httpx2.ByteStream(request.body))
        try:
            response = self._wire.handle_request(made)
            try:
                body = b"".join(response.iter_raw())
            finally:
                response.close()
        except httpx2.TransportError as failed:
            raise TransportFailed("reset", str(failed)) from failed
        return Response(response.status_code, {k.lower(): v for k, v in response.headers.items()}, body)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()


class Upstream:
    """Where each host's requests go. A host that nobody named goes nowhere, and is told so with 403.

    `named`: host -> URL, the vendors' real ones among them, because the user said so; `proxy` and `ca`: the running
    sandbox's, for every other host.
    """

    def __init__(self, named: Mapping[str, str], proxy: str = "", ca: Path | None = None) -> None:
        self._named = dict(named)
        self._proxy, self._ca = proxy, ca
        self._open: dict[str, Transport] = {}

    def send(self, origin: str, request: Request) -> Response:
        """The system's own answer. Raises TransportFailed as the wire does."""
        transport = self._transport(origin)
        if transport is None:
            host = urlsplit(origin).hostname
            text = f"The recording proxy leads nowhere for {host}: name it with --upstream {host}.\n"
            return Response(403, {"content-type": "text/plain; charset=utf-8"}, text.encode())
        kept = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        return transport.send(Request(request.method, request.path, request.query, kept, request.body))

    def leads(self, origin: str) -> bool:
        """Whether requests to it go anywhere."""
        return (urlsplit(origin).hostname or "") in self._named or bool(self._proxy)

    def _transport(self, origin: str) -> Transport | None:
        if origin not in self._open:
            url = self._named.get(urlsplit(origin).hostname or "")
            if url is not None:
                self._open[origin] = Http(url or origin)
            elif self._proxy and self._ca is not None and origin.startswith("https://"):
                self._open[origin] = ThroughProxy(origin, self._proxy, self._ca)
            else:
                return None
        return self._open[origin]

    def close(self) -> None:
        """Close all connections."""
        for transport in self._open.values():
            transport.close()
