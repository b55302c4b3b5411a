"""A system that stands below a path: a sandbox serves many orgs at one address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from leadproof.transports.protocol import Request, Response, Transport


class Prefixed:
    """A transport around another that puts a path in front of every request's own. `others`: what is put in front of
    paths that begin so instead, where a vendor has another vendor's host for them (Pardot's login is Salesforce's)."""

    def __init__(self, inner: Transport, prefix: str, others: Mapping[str, str] | None = None) -> None:
        self._inner = inner
        self._prefix = prefix
        self._others = dict(others or {})

    def send(self, request: Request) -> Response:
        """As the inner transport."""
        prefix = next((told for start, told in self._others.items() if request.path.startswith(start)), self._prefix)
        return self._inner.send(replace(request, path=prefix + request.path))

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()
