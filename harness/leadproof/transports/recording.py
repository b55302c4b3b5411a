"""Keeps every exchange that passes, in memory or line by line in a file."""

from __future__ import annotations

from pathlib import Path

from leadproof.transports.exchange import Exchange, as_line, redacted
from leadproof.transports.protocol import Request, Response, Transport, TransportFailed


class Recording:
    """A transport around another; `exchanges` holds what passed, redacted, failures too.

    With `path` each exchange is appended to the file as soon as it ended, so that a crash loses none.
    """

    def __init__(self, inner: Transport, *, path: Path | None = None) -> None:
        self._inner = inner
        self._file = path.open("a", encoding="utf-8", newline="\n") if path else None
        self.exchanges: list[Exchange] = []

    def send(self, request: Request) -> Response:
        """As the inner transport does."""
        try:
            response = self._inner.send(request)
        except TransportFailed as failed:
            self._keep(Exchange(request, failure=failed))
            raise
        self._keep(Exchange(request, response))
        return response

    def close(self) -> None:
        """Close the file and the inner transport."""
        if self._file is not None:
            self._file.close()
        self._inner.close()

    def _keep(self, exchange: Exchange) -> None:
        if self._file is None:
            self.exchanges.append(redacted(exchange))
        elif not self._file.closed:
            self._file.write(as_line(exchange))
            self._file.flush()
