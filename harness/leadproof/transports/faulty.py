"""Wire faults, on purpose: the nth matching call fails in a named way, the same each time (quality.md R1).

Service faults (quota, locks, lost after apply ...) are the sandbox's; these are what the wire does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from leadproof.transports.protocol import Request, Response, Transport, TransportFailed, WireKind

FaultKind: TypeAlias = Literal[
    "refused",  # nothing listens
    "dns",
    "tls",
    "connect_timeout",
    "timeout_before_apply",  # the request was lost on its way
    "timeout_after_apply",  # the answer was lost on its way
    "reset",  # applied; the connection broke before the answer
    "truncated",  # applied; the answer broke off
    "drip",  # applied; the answer came so slowly that the time limit passed
    "html_200",  # never arrived: a proxy answered 200 with a page of its own
    "bad_json",  # applied; the answer's body was damaged
    "duplicate",  # delivered twice; the second answer is the one that arrives
]

FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

_BEFORE: Mapping[FaultKind, WireKind] = {
    "refused": "refused",
    "dns": "dns",
    "tls": "tls",
    "connect_timeout": "connect_timeout",
    "timeout_before_apply": "timeout",
}
_AFTER: Mapping[FaultKind, WireKind] = {
    "timeout_after_apply": "timeout",
    "reset": "reset",
    "truncated": "truncated",
    "drip": "timeout",
}
_PAGE = b"<!doctype html><title>Sign in</title><p>This network asks you to sign in first."


@dataclass(frozen=True, slots=True)
class WireFault:
    """The fault of the `nth` call (from 1) that fits `method` and `path` (a part of it), and of the calls
    after it until it struck `times` times; None: for good."""

    kind: FaultKind
    nth: int = 1
    times: int | None = 1
    method: str = ""
    path: str = ""

    def fits(self, request: Request) -> bool:
        return self.method in ("", request.method) and self.path in request.path

    def strikes(self, count: int) -> bool:
        """Whether the `count`-th fitting call is hit."""
        return count >= self.nth and (self.times is None or count < self.nth + self.times)


class Faulty:
    """A transport around another, with faults. `calls`: how many it has seen; `struck`: what hit which."""

    def __init__(self, inner: Transport, faults: Sequence[WireFault]) -> None:
        self._inner = inner
        self._faults = tuple(faults)
        self._counts = [0] * len(self._faults)
        self.calls = 0
        self.struck: list[tuple[int, WireFault]] = []

    def send(self, request: Request) -> Response:
        """As the inner transport, unless a fault strikes: the first in the list that fits."""
        self.calls += 1
        striking = None
        for place, fault in enumerate(self._faults):
            if fault.fits(request):
                self._counts[place] += 1
                if striking is None and fault.strikes(self._counts[place]):
                    striking = fault
        if striking is None:
            return self._inner.send(request)
        self.struck.append((self.calls, striking))
        return _strike(striking.kind, self._inner, request)

    def close(self) -> None:
        """Close the inner transport."""
        self._inner.close()


def _strike(kind: FaultKind, inner: Transport, request: Request) -> Response:
    if kind in _BEFORE:
        raise TransportFailed(_BEFORE[kind], kind)
    if kind == "html_200":
        return Response(200, {"content-type": "text/html; charset=utf-8"}, _PAGE)
    response = inner.send(request)
    if kind in _AFTER:
        raise TransportFailed(_AFTER[kind], kind)
    if kind == "duplicate":
        return inner.send(request)
    return replace(response, body=response.body[: max(1, len(response.body) // 2)] + b"\xff{")
