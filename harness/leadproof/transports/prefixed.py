"""A system that stands below a path: a sandbox serves many orgs at one address."""

from __future__ import annotations

from dataclasses import replace

from leadproof.transports.protocol import Request, Response, Transport


class Prefixed:
    """A transport around another that puts a path in front of every request's own."""

    def __init__(self, inner: Transport, prefix: str) -> None:
        self._inner = inner
        self._prefix = prefix

    def send(self, request: Request) -> Response:
        """As the inner transport."""
        return self._inner.send(replace(request, path=self._prefix + request.path))

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()
