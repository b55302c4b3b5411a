"""`replay --as systems`: the recorded systems answer a client, and what it asks beyond the recording is told."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

import orjson

from leadproof.cases.capturing import VOCABULARY
from leadproof.cases.case import Case
from leadproof.cases.divergence import difference
from leadproof.cases.gate import HOP_BY_HOP
from leadproof.cases.har import Recorded
from leadproof.cases.redaction.pseudonyms import Pseudonyms
from leadproof.cases.redaction.secrets import PLACEHOLDER
from leadproof.cases.redaction.traffic import Redactor
from leadproof.transports.exchange import Exchange
from leadproof.transports.protocol import Request, Response

NEAREST = 3
SECRET = "{secret}"
_Key: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...], bytes]
_LOOPBACK = re.compile(r"^(127\.|localhost|\[?::1)")


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A request that the recording has no answer for, and the recorded ones that are nearest: (number from 1, what
    was asked, what differs)."""

    asked: str
    nearest: tuple[tuple[int, str, str], ...]

    def told(self) -> list[str]:
        """Lines for people."""
        lines = [f"no recorded answer for {self.asked}"]
        return lines + [f"  near: exchange {number}, {asked}: {differs}" for number, asked, differs in self.nearest]


@dataclass
class RecordedSystems:
    """Answers for a gate, out of a case. Each recorded answer is given once, equal requests get theirs in order.

    Secrets and headers don't count: they hold tokens and clients' names. With the key of the pseudonyms a client may
    speak of the people themselves.
    """

    case: Case
    key: bytes | None = None
    unmatched: list[Unmatched] = field(default_factory=list)
    answered: int = 0

    def __post_init__(self) -> None:
        self._left: defaultdict[_Key, deque[tuple[int, Recorded]]] = defaultdict(deque)
        self._keys = [_key(one.request) for one in self.case.traffic]
        for number, (key, one) in enumerate(zip(self._keys, self.case.traffic, strict=True), 1):
            self._left[key].append((number, one))
        self._given: set[int] = set()
        self._plain = Redactor(Pseudonyms(bytes(16)), people=False)
        self._redactor: Redactor | None = None
        if self.key is not None and self.case.sheet.redacted.people:
            self._redactor = _knowing(self.case, self.key)

    def __call__(self, origin: str, request: Request) -> Response:
        """The recorded answer or failure; 404 with the nearest where there is none."""
        keys = [_key(_redacted(self._plain, origin, request))]
        if self._redactor is not None:
            keys.append(_key(_redacted(self._redactor, origin, request)))
        for key in keys:
            if self._left.get(key):
                number, one = self._left[key].popleft()
                self._given.add(number)
                self.answered += 1
                if one.exchange.failure is not None:
                    raise one.exchange.failure
                assert one.response is not None
                return _given(one, origin)
        missed = self._nearest(request, keys[-1])
        self.unmatched.append(missed)
        body = orjson.dumps({"error": "not recorded", "told": missed.told()})
        return Response(404, {"content-type": "application/json", "x-leadproof": "not-recorded"}, body)

    @property
    def left(self) -> list[int]:
        """The numbers of the exchanges that nobody asked for."""
        return [number for number in range(1, len(self._keys) + 1) if number not in self._given]

    def _nearest(self, request: Request, wanted: _Key) -> Unmatched:
        found: list[tuple[int, int, int, str]] = []
        for number, key in enumerate(self._keys, 1):
            differs = _differs(key, wanted, used=number in self._given)
            weight = sum(1 for part, other in zip(key, wanted, strict=True) if part != other)
            far = abs(len(key[3]) - len(wanted[3])) + (0 if key[1] == wanted[1] else 10_000)
            found.append((weight, far, number, differs))
        nearest = [
            (number, f"{self._keys[number - 1][0]} {self._keys[number - 1][1]}", differs)
            for _, _, number, differs in sorted(found)[:NEAREST]
        ]
        return Unmatched(f"{wanted[0]} {wanted[1]}", tuple(nearest))


def _knowing(case: Case, key: bytes) -> Redactor:
    from leadproof.cases.capturing import sandbox_redactor

    redactor = sandbox_redactor(case, Pseudonyms(key))
    redactor.know_pseudonyms(orjson.loads(case.files.get(VOCABULARY, b'{"words": []}'))["words"])
    return redactor


def _redacted(redactor: Redactor, origin: str, request: Request) -> Request:
    one = Recorded(Exchange(request, Response(200, {}, b"")), origin)
    redactor.learn([one])
    return redactor.redacted(one).request


def _key(request: Request) -> _Key:
    """What makes two requests the same: method, path, sorted query, and what the body says."""
    query = tuple(sorted((name, PLACEHOLDER.sub(SECRET, value)) for name, value in request.query))
    body = PLACEHOLDER.sub(SECRET, request.body.decode("utf-8", "surrogateescape"))
    try:
        told = orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        told = body.encode("utf-8", "surrogateescape")
    return request.method, PLACEHOLDER.sub(SECRET, request.path), query, told


def _differs(key: _Key, wanted: _Key, *, used: bool) -> str:
    (method, path, query, body), (asked_by, asked_path, asked_query, asked_body) = key, wanted
    told: list[str] = []
    if method != asked_by:
        told.append(f"method: {asked_by}, recorded {method}")
    if path != asked_path:
        told.append(f"path: {asked_path}, recorded {path}")
    if query != asked_query:
        odd = sorted(set(query) ^ set(asked_query))
        told.append(f"query: {', '.join(f'{name}={value}' for name, value in odd[:3])}")
    if body != asked_body:
        told.append(f"body: {difference(body, asked_body)}")
    return "; ".join(told) if told else ("nothing: its answer was given already" if used else "nothing")


def _given(one: Recorded, origin: str) -> Response:
    """The answer; a client that was told our own address finds it wherever the recording names a loopback one."""
    assert one.response is not None
    headers = {name: value for name, value in one.response.headers.items() if name not in HOP_BY_HOP}
    body = one.response.body
    if one.origin != origin and _LOOPBACK.match(urlsplit(one.origin).netloc):
        body = body.replace(one.origin.encode(), origin.encode())
        headers = {name: value.replace(one.origin, origin) for name, value in headers.items()}
    return Response(one.response.status, headers, body)


def unasked(systems: RecordedSystems, most: int = 5) -> Sequence[str]:
    """The first recorded requests that nobody asked for, for people."""
    traffic = systems.case.traffic
    return [f"exchange {number}: {traffic[number - 1].request.method} {traffic[number - 1].request.path}"
            for number in systems.left[:most]]  # fmt: skip
