"""Append-only facts (exchange, change, decision, fault, note) and their digest.

A fact is a dictionary that orjson can write; contract: `n` (world-wide, rising), `org`, `kind`, `at`, `actor`,
`user`, `request`, and what its kind adds. The digest follows formats.md "The digest": canonical JSON (sorted keys),
SHA-256, one chain per org, folded by org name. `n` and `request` are positions in the whole world, which overlapping
requests to *different* orgs may interleave, so they stay outside the hash; an org's chain keeps the order.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from typing import Any, NamedTuple

import orjson

Fact = dict[str, Any]
BLOCK_CHARACTERS = 512 * 1024
"""How much is packed together. What a scenario tells stays below, so that a short run packs and unpacks nothing."""


class Written(NamedTuple):
    """A fact as text. It is written as soon as it is told: as dictionaries, the facts of a large job would fill the
    memory until the end of its request."""

    slot: tuple[str, str]  # (org, kind)
    place: str  # its number and its request's
    body: str  # text, not the bytes: what orjson returns holds a far larger buffer (performance.md, 9)


@dataclass(frozen=True, slots=True)
class Block:
    """Facts that are packed together: a sandbox that runs for days must not keep every body as it came."""

    first: int
    last: int
    slots: frozenset[tuple[str, str]]  # (org, kind) of what is inside
    packed: bytes


class Journal:
    """All that happened in one world, in order."""

    def __init__(self) -> None:
        self._n = 0
        self._blocks: list[Block] = []
        self._tail_lines: list[str] = []
        self._tail_slots: set[tuple[str, str]] = set()
        self._tail_size = 0
        self._chains: dict[str, Any] = {}
        self._held: list[Written] | None = None
        self._opened = 0
        self._counts: dict[tuple[str, str], int] = {}

    def resume(self, last: int) -> None:
        """Go on counting behind a number that an earlier run had reached, when the orgs were kept in files."""
        self._n = max(self._n, last)

    @property
    def last(self) -> int:
        """The number of the newest fact; 0 when there is none."""
        return self._n

    def begin(self) -> int:
        """Open a request: its exchange gets this number, and facts until `finish` come after it."""
        if self._held is not None:
            raise RuntimeError(f"request {self._opened} is still open; one request is one uninterrupted step")
        self._n += 1
        self._opened = self._n
        self._held = []
        return self._opened

    def finish(self, exchange: Fact) -> None:
        """Close the request with its exchange fact, which stands before the facts that it caused."""
        if self._held is None:
            raise RuntimeError("no request is open")
        held, self._held = self._held, None
        self._write([_written(self._opened, exchange), *held])

    def append(self, fact: Fact) -> int:
        """Add a fact; gives its number. The dictionary belongs to the journal from now on."""
        self.extend((fact,))
        return self._n

    def extend(self, facts: Sequence[Fact]) -> None:
        """Add facts in their order. The dictionaries belong to the journal from now on."""
        written = [_written(n, fact) for n, fact in enumerate(facts, self._n + 1)]
        self._n += len(written)
        if self._held is None:
            self._write(written)
        else:
            self._held += written

    def _write(self, facts: Sequence[Written]) -> None:
        for org, told in groupby(facts, _org):
            chain = self._chains.get(org)
            if chain is None:
                chain = self._chains[org] = sha256()
            chain.update("".join([f"{one.body}\n" for one in told]).encode())
        counts, slots, lines = self._counts, self._tail_slots, self._tail_lines
        for slot, place, body in facts:
            slots.add(slot)
            counts[slot] = counts.get(slot, 0) + 1
            lines.append(place + body)
            self._tail_size += len(body)
            if self._tail_size >= BLOCK_CHARACTERS:
                self._pack()
                slots, lines = self._tail_slots, self._tail_lines

    def _pack(self) -> None:
        lines = self._tail_lines
        first, last = _number(lines[0]), _number(lines[-1])
        packed = zlib.compress("\n".join(lines).encode(), 1)
        self._blocks.append(Block(first, last, frozenset(self._tail_slots), packed))
        self._empty_tail()

    def _empty_tail(self) -> None:
        self._tail_lines = []
        self._tail_slots = set()
        self._tail_size = 0

    def facts(
        self,
        *,
        after: int = 0,
        org: str | None = None,
        kind: str | None = None,
        object: str | None = None,
        id: str | None = None,
        limit: int | None = None,
    ) -> list[Fact]:
        """Facts with `n` above `after` that fit every given filter, in order, at most `limit`."""
        fits = {"org": org, "kind": kind, "object": object, "id": id}
        return [_read(line) for line in islice(self._found(after, fits), limit)]

    def texts(self, after: int, limit: int, fits: Mapping[str, str | None]) -> list[tuple[int, str]]:
        """The same, by filters in a mapping: the number of each, and it as the text of a JSON object, which a reader
        is sent as it is."""
        found: list[tuple[int, str]] = []
        for line in islice(self._found(after, fits), limit):
            n, request, fact = line.split(" ", 2)
            found.append((int(n), f'{{"n":{n},"request":{"null" if request == "-" else request},{fact[1:]}'))
        return found

    def _found(self, after: int, fits: Mapping[str, str | None]) -> Iterator[str]:
        """The lines of the facts that fit. A fact is read only where the text of each filter stands in it."""
        wanted = {name: value for name, value in fits.items() if value is not None}
        lines = self._lines(after, wanted.get("org"), wanted.get("kind"))
        if not wanted:
            yield from lines
            return
        texts = [f'"{name}":{orjson.dumps(value).decode()}' for name, value in wanted.items()]
        for line in lines:
            if all(text in line for text in texts):
                fact = _read(line)
                if all(fact.get(name) == value for name, value in wanted.items()):
                    yield line

    def _lines(self, after: int, org: str | None = None, kind: str | None = None) -> Iterator[str]:
        """The facts after a number, as they are kept; whole blocks are left out that hold nothing of an org or kind."""
        for block in self._blocks:
            if block.last <= after:
                continue
            if not any(org in (None, of_org) and kind in (None, of_kind) for of_org, of_kind in block.slots):
                continue
            lines = zlib.decompress(block.packed).decode().split("\n")
            yield from lines if block.first > after else _after(lines, after)
        yield from _after(self._tail_lines, after)

    def count(self, *, org: str | None = None, kind: str | None = None) -> int:
        """How many facts there are, of one org and one kind if given."""
        return sum(
            number
            for (of_org, of_kind), number in self._counts.items()
            if org in (None, of_org) and kind in (None, of_kind)
        )

    def digest(self, org: str | None = None) -> str:
        """SHA-256 in hex of one org's chain, or of all chains folded by org name. What was cleared still counts."""
        if org is not None:
            return self._chain_digest(org)
        folded = [[name, self._chain_digest(name)] for name in sorted(self._chains)]
        return sha256(orjson.dumps(folded)).hexdigest()

    def _chain_digest(self, org: str) -> str:
        chain = self._chains.get(org)
        return str((chain if chain is not None else sha256()).hexdigest())

    def clear(self) -> None:
        """Forget the facts to free their memory. Numbers go on, and so do the chains."""
        self._blocks = []
        self._empty_tail()
        self._counts = {}

    def drop_chain(self, org: str) -> None:
        """Leave an org that was dropped out of the digest."""
        self._chains.pop(org, None)


def _after(lines: list[str], n: int) -> list[str]:
    """The lines of facts above a number; numbers rise, so that few are looked at."""
    return lines[bisect_right(lines, n, key=_number) :]


def _number(line: str) -> int:
    return int(line[: line.index(" ")])


def _written(n: int, fact: Fact) -> Written:
    request = fact.pop("request", None)
    body = orjson.dumps(fact, option=orjson.OPT_SORT_KEYS).decode()
    return Written((fact["org"], fact["kind"]), f"{n} {'-' if request is None else request} ", body)


def _org(fact: Written) -> str:
    return fact.slot[0]


def _read(line: str) -> Fact:
    n, request, body = line.split(" ", 2)
    fact: Fact = orjson.loads(body)
    fact["n"] = int(n)
    fact["request"] = None if request == "-" else int(request)
    return fact
