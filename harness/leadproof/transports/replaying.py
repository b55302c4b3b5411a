"""Answers from a recording: no system is needed; a client that asks something else is told what differs."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from typing import TypeAlias

from leadproof.transports.exchange import Exchange, redacted_request
from leadproof.transports.protocol import Request, Response

_Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...], bytes]
_PARTS = ("method", "path", "query", "body")
NEAREST = 3


class ReplayDiverged(Exception):
    """The client asked for something that the recording does not hold (any more)."""

    def __init__(self, request: Request, nearest: list[tuple[Request, list[str]]]) -> None:
        self.request, self.nearest = request, nearest
        lines = [f"the recording has no answer left for {request.method} {request.path}"]
        for other, differs in nearest:
            lines.append(f"  near: {other.method} {other.path} differs in {', '.join(differs) or 'nothing: used up'}")
        super().__init__("\n".join(lines))


class Replaying:
    """A transport over recorded exchanges.

    Each is used once; equal requests (method, path, sorted query, body, all without secrets) get their
    answers in the recorded order. Headers don't count: they hold tokens and clients' names.
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        self._all = list(exchanges)
        self._left: defaultdict[_Key, deque[Exchange]] = defaultdict(deque)
        for exchange in self._all:
            self._left[_key(exchange.request)].append(exchange)

    def send(self, request: Request) -> Response:
        """The recorded response, or the recorded failure; raises `ReplayDiverged` where there is none."""
        waiting = self._left.get(_key(request))
        if not waiting:
            raise ReplayDiverged(request, self._nearest(request))
        exchange = waiting.popleft()
        if exchange.failure is not None:
            raise exchange.failure
        if exchange.response is None:
            raise ValueError(f"{request.method} {request.path}: recorded without response or failure")
        return exchange.response

    def close(self) -> None:
        """Nothing to let go of."""

    def left(self) -> list[Exchange]:
        """What has not been asked for, in the recorded order."""
        waiting = {id(e) for queue in self._left.values() for e in queue}
        return [exchange for exchange in self._all if id(exchange) in waiting]

    def _nearest(self, request: Request) -> list[tuple[Request, list[str]]]:
        """The recorded requests that differ in the fewest parts, first recorded first."""
        wanted = _key(request)
        told: dict[_Key, tuple[Request, list[str]]] = {}
        for exchange in self._all:
            key = _key(exchange.request)
            if key not in told:
                differs = [part for part, a, b in zip(_PARTS, key, wanted, strict=True) if a != b]
                told[key] = (exchange.request, differs)
        return sorted(told.values(), key=lambda near: len(near[1]))[:NEAREST]


def _key(request: Request) -> _Key:
    told = redacted_request(request)
    return told.method, told.path, tuple(sorted(told.query)), told.body
