"""A load generator for HTTP/1.1 over keep-alive connections: requests made beforehand, answers only counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import cast
from urllib.parse import urlsplit

import uvloop

CONNECTIONS = 8
ROUND_SECONDS = 300


class LoadFailed(RuntimeError):
    """An answer that was no success: the figure would be of something else."""


class _Client(asyncio.Protocol):
    """One connection: sends its requests one after the other. A server that closes after each answer (moto's
    does) is connected to again."""

    def __init__(self, requests: Sequence[bytes], address: tuple[str, int]) -> None:
        self._left = list(reversed(requests))
        self._address = address
        self._held = b""
        self._closing = False
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Until all are answered."""
        while self._left:
            self._held, self._closing, self._lost = b"", False, asyncio.get_running_loop().create_future()
            await asyncio.get_running_loop().create_connection(lambda: self, *self._address)
            await self._lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by name
        self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, separator, rest = self._held.partition(b"\r\n\r\n")
        if not separator:
            return
        if head[9:10] != b"2":
            self._end(LoadFailed((head + rest)[:400].decode("latin-1")))
            return
        lowered = head.lower()
        place = lowered.find(b"content-length:")
        end = lowered.find(b"\r\n", place)
        length = int(lowered[place + 15 : end if end > 0 else None])
        if len(rest) < length:
            return
        self._held = rest[length:]
        self._left.pop()
        self._closing = b"connection: close" in lowered
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(None if self._closing or not self._left else exc or LoadFailed("the server closed the connection"))

    def _next(self) -> None:
        if self._left and not self._closing:
            self._transport.write(self._left[-1])
        else:
            self._transport.close()

    def _end(self, why: Exception | None) -> None:
        if not self._lost.done():
            self._lost.set_exception(why) if why is not None else self._lost.set_result(None)


def message(method: str, host: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request as it goes over the wire."""
    told = {"host": host, **(headers or {})}
    if body:
        told["content-length"] = str(len(body))
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


def drive(url: str, requests: Sequence[bytes]) -> None:
    """Send them all over a few connections; raises `LoadFailed` for an answer that is no success."""
    parts = urlsplit(url)

    async def run() -> None:
        address = (str(parts.hostname), int(parts.port or 80))
        clients = [_Client(requests[number::CONNECTIONS], address) for number in range(CONNECTIONS)]
        await asyncio.wait_for(asyncio.gather(*(client.run() for client in clients)), ROUND_SECONDS)

    uvloop.run(run())
