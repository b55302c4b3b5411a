"""A keyed permutation of the texts of one shape: no two texts get the same pseudonym, and without the key none is
turned back.

A balanced Feistel network over the smallest even number of bits that holds all texts of the shape, walked until the
result is one of them again (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b

ROUNDS = 10


def permuted(key: bytes, tweak: str, number: int, count: int) -> int:
    """Another number below `count`; different numbers give different ones, for each key and tweak in another way."""
    if count < 2:
        return number
    half = ((count - 1).bit_length() + 1) // 2
    while True:
        number = _network(key, tweak, number, half)
        if number < count:
            return number


def _network(key: bytes, tweak: str, number: int, half: int) -> int:
    mask = (1 << half) - 1
    left, right = number >> half, number & mask
    width = (half + 7) // 8
    for turn in range(ROUNDS):
        told = f"{turn}\x1f{half}\x1f{tweak}\x1f{right}".encode()
        drawn = b"".join(
            blake2b(told + bytes([part]), key=key, digest_size=64).digest() for part in range(width // 64 + 1)
        )
        left, right = right, left ^ (int.from_bytes(drawn[:width], "big") & mask)
    return (left << half) | right


def permuted_letters(key: bytes, tweak: str, places: Sequence[int], sizes: Sequence[int]) -> list[int]:
    """The same for a text: `places` are its letters' positions in their alphabets, `sizes` the alphabets' sizes."""
    number, count = 0, 1
    for place, size in zip(places, sizes, strict=True):
        number, count = number * size + place, count * size
    number = permuted(key, tweak, number, count)
    drawn: list[int] = []
    for size in reversed(sizes):
        number, place = divmod(number, size)
        drawn.append(place)
    return drawn[::-1]


def walked(step: Callable[[str], str], start: str, fits: Callable[[str], bool], most: int) -> str:
    """Steps of a permutation until a text fits; a permutation of the texts that fit. `start` itself if none does."""
    text = start
    for _ in range(most):
        text = step(text)
        if text == start or fits(text):
            return text
    return start
