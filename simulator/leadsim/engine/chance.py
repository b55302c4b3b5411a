"""Every id and every draw: one seed, one named stream per use (architecture.md "The rules of the house", 5).

A stream is SHA-256 in counter mode, keyed by (seed, scenario, org, stream). Its whole state is one counter, so a
refused row can give its draws back and a snapshot stays small; and the numbers depend on no library's version.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from functools import cache
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")

# Crockford's base 32: no letters that are mistaken for digits.
ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_WIDTH = 1 << 64


@cache
def _table(alphabet: str) -> bytes:
    """The letter of each byte."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


class Stream:
    """One named sequence of draws. Its position lives in `counters`, which the owner saves and restores."""

    __slots__ = ("_counters", "_key", "_slot")

    def __init__(self, key: bytes, slot: str, counters: MutableMapping[str, int]) -> None:
        self._key = key
        self._slot = slot
        self._counters = counters

    def block(self) -> bytes:
        """The next 32 bytes."""
        position = self._counters.get(self._slot, 0)
        self._counters[self._slot] = position + 1
        return sha256(self._key + position.to_bytes(8, "big")).digest()

    def below(self, limit: int) -> int:
        """A whole number from 0 to `limit` - 1, each as likely; ValueError when `limit` is not positive."""
        if limit <= 0:
            raise ValueError(f"a draw needs a positive limit, not {limit}")
        fair = _WIDTH - _WIDTH % limit  # draws at or above would favour the small numbers
        while True:
            drawn = int.from_bytes(self.block()[:8], "big")
            if drawn < fair:
                return drawn % limit

    def fraction(self) -> float:
        """A number from 0 up to, not including, 1."""
        return (int.from_bytes(self.block()[:8], "big") >> 11) / (1 << 53)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely."""
        return choices[self.below(len(choices))]

    def letters(self, length: int, alphabet: str = ID_LETTERS) -> str:
        """A text of `length` letters (at most 32) of an alphabet of a power of two letters, at most 256."""
        return self.block()[:length].translate(_table(alphabet)).decode()

    def seed(self) -> int:
        """A number to seed a library with (Faker)."""
        return int.from_bytes(self.block()[:8], "big")


class Chance:
    """The streams of one world. `org` may be "" for what belongs to the world itself."""

    def __init__(self, seed: int | str, scenario: str = "") -> None:
        self.seed_text = str(seed)
        self.scenario = scenario
        self._counters: dict[str, dict[str, int]] = {}

    def counters(self, org: str) -> dict[str, int]:
        """The positions of an org's streams; the org keeps its other counters (sequence, turns) here as well."""
        return self._counters.setdefault(org, {})

    def stream(self, org: str, name: str) -> Stream:
        """The stream of one use. Two calls with the same names share one position."""
        key = sha256("\x1f".join((self.seed_text, self.scenario, org, name)).encode()).digest()
        return Stream(key, "chance:" + name, self.counters(org))

    def drop(self, org: str) -> None:
        """Forget an org's positions, when the org itself is dropped."""
        self._counters.pop(org, None)

    def state(self) -> dict[str, dict[str, int]]:
        """All positions, for a snapshot."""
        return {org: dict(counters) for org, counters in sorted(self._counters.items())}

    def restore(self, state: dict[str, dict[str, int]]) -> None:
        """Back to a saved state; the dictionaries that streams hold stay the same objects."""
        for org, counters in self._counters.items():
            counters.clear()
            counters.update(state.get(org, {}))
        for org, saved in state.items():
            if org not in self._counters:
                self._counters[org] = dict(saved)
