"""Canaries: secrets and people that are planted somewhere, and the search for them in whatever is written."""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from faker import Faker

from leadproof.cases.case import read_case

KEY = b"canaries are kept by this key, and by no other"


@dataclass(frozen=True)
class Someone:
    """One person; each of the texts is a canary."""

    first: str
    last: str
    email: str
    phone: str
    street: str
    company: str
    handle: str
    born: str

    def values(self) -> list[str]:
        return [self.first, self.last, self.email, self.phone, self.street, self.company, self.handle, self.born]


def people(count: int) -> list[Someone]:
    """Seeded, with names that are no words of any schema."""
    fake = Faker(["no_NO", "de_DE", "pl_PL"])
    fake.seed_instance(4711)
    found = []
    for number in range(count):
        mark = "".join("bdfgklmprt"[int(digit)] + "aeiou"[int(digit) % 5] for digit in f"{number:02d}")
        first, last = f"{fake.first_name().split()[0]}{mark}", f"{fake.last_name().split()[-1]}{mark}"
        found.append(
            Someone(
                first,
                last,
                f"{mark}.{number}q@{mark}firma{number}.com",
                f"+47 22 {10 + number} {30 + number} {50 + number}",
                f"Gaten{mark} {100 + number}",
                f"Firma{mark.title()} Verk",
                f"@handle{mark}{number}",
                f"19{60 + number}-0{1 + number % 9}-1{number % 10}",
            )
        )
    return found


def secrets(count: int) -> list[str]:
    return [sha256(f"secret {number}".encode()).hexdigest()[: 20 + number % 12] + "Zq" for number in range(count)]


def spellings(canary: str) -> Iterator[bytes]:
    """The canary in each encoding that it could hide in."""
    yield canary.lower().encode()
    yield quote(canary, safe="").lower().encode()
    yield json.dumps(canary).strip('"').lower().encode()
    yield html.escape(canary).lower().encode()
    yield canary.encode().hex().lower().encode()


def aligned(canary: str) -> Iterator[bytes]:
    """Base64, at each of its three alignments, without the letters that the neighbours decide."""
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + canary.encode()).rstrip(b"=")
        yield coded[(0, 2, 3)[shift] : -2]


def artefacts(case: Path, *texts: str) -> dict[str, bytes]:
    """Everything that was written: the file, each entry, what could be unpacked of it, and the texts."""
    found = {"the file": case.read_bytes()}
    with zipfile.ZipFile(case) as opened:
        for name in opened.namelist():
            found[name] = opened.read(name)
    for number, told in enumerate(read_case(case).traffic):
        found[f"exchange {number}"] = repr(told).encode()
    for token in set(re.findall(rb"[A-Za-z0-9+/_-]{16,}={0,2}", b"\n".join(found.values()))):
        with suppress(ValueError, OSError):  # most of them are no base64
            plain = base64.b64decode(token + b"=" * (-len(token) % 4), altchars=b"-_" if b"-" in token else None)
            found[f"inside {token[:20]!r}"] = gzip.decompress(plain) if plain.startswith(b"\x1f\x8b") else plain
    return found | {f"text {number}": text.encode() for number, text in enumerate(texts)}


def must_hold_none(canaries: list[str], held: dict[str, bytes]) -> None:
    everything = b"\n".join(held.values())
    lowered = everything.lower()
    leaks: list[tuple[str, str]] = []
    for canary in canaries:
        hits = [(one, True) for one in dict.fromkeys(spellings(canary)) if one in lowered]
        hits += [(one, False) for one in aligned(canary) if one in everything]
        for form, folded in hits:
            leaks += [(canary, name) for name, data in held.items() if form in (data.lower() if folded else data)]
    assert leaks == []
