"""Values for dummy records: what product.md A1 says a dummy lead holds.

Free-text fields hold the word `test`; picklists, checkboxes, dates and numbers hold an allowed value that the
run remembers; names, e-mail addresses and phone numbers come from seeded Faker, under .example domains.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from leadterms.fields import FieldSpec
from leadterms.fieldtypes import FIELD_TYPES, length_limit
from leadterms.values import Value

if TYPE_CHECKING:
    from faker import Faker

WORD = "test"
DOMAIN = "lead.example"
FIRST_NAMES = frozenset({"firstname", "first_name"})
LAST_NAMES = frozenset({"lastname", "last_name", "name"})
COMPANIES = frozenset({"company"})


@dataclass(frozen=True, slots=True)
class Identity:
    """A dummy person: every lead of a run gets another one, the same for the same seed."""

    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    number: int


@cache
def _faker() -> Faker:
    from faker import Faker

    return Faker("en_US", use_weighting=False)


def draw(*parts: object) -> int:
    """A whole number that depends on nothing but its parts (the run's seed among them)."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def identity(seed: object, number: int, word: str = "") -> Identity:
    """The `number`th dummy person of a scenario whose world has this seed. `word` goes into the e-mail address: that
    of a live run, so that no other run's dummies have it."""
    faker = _faker()
    faker.seed_instance(draw(seed, "identity", number))
    first, last = faker.first_name(), faker.last_name()
    local = f"{_ascii(first)}.{_ascii(last)}.{number}" + (f".{word}" if word else "")
    phone = f"+4722{draw(seed, 'phone', number) % 900000 + 100000:06d}"
    return Identity(first, last, f"{local}@{DOMAIN}", phone, faker.company(), number)


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return "".join(letter for letter in plain if letter.isalnum()) or WORD


def fillable(spec: FieldSpec) -> bool:
    """Whether a person could fill this field: not computed, not read-only, not a reference or a user."""
    if spec.system or spec.read_only or FIELD_TYPES[spec.type].computed:
        return False
    return spec.type not in ("reference", "user")


def dummy_value(spec: FieldSpec, who: Identity, seed: object, *, choices: Sequence[str] | None = None) -> Value:
    """The value that the dummy lead holds in this field. `choices`: the allowed ones that the other side knows too.

    A picklist without any choice stays blank."""
    kind = FIELD_TYPES[spec.type]
    if kind.kind == "text" and not kind.chosen:
        return _text(spec, who)
    pick = draw(seed, who.number, spec.object, spec.id)
    allowed = list(spec.choices if choices is None else choices)
    if kind.chosen:
        if not allowed:
            return None
        if spec.type == "multi_select":
            first = pick % len(allowed)
            return frozenset({allowed[first], allowed[(first + 1) % len(allowed)]})
        return allowed[pick % len(allowed)]
    return _BY_KIND[kind.kind](spec, pick)


def _text(spec: FieldSpec, who: Identity) -> Value:
    by_type: Mapping[str, str] = {
        "email": who.email,
        "phone": who.phone,
        "url": f"https://{WORD}.example/{who.number}",
    }
    name = spec.id.casefold()
    if spec.type in by_type:
        text = by_type[spec.type]
    elif name in FIRST_NAMES:
        text = who.first_name
    elif name in LAST_NAMES:
        text = who.last_name
    elif name in COMPANIES:
        text = who.company
    else:
        text = WORD
    return text[: length_limit(spec)] if length_limit(spec) else text


def _number(spec: FieldSpec, pick: int) -> Value:
    # Small enough for every scale and every percent, with the scale's digits, the last of them not a zero.
    whole = Decimal(pick % 89 + 10)
    if not spec.scale:
        return whole
    digits = (pick // 97) % 10**spec.scale
    return whole + Decimal(digits - digits % 10 + pick % 9 + 1).scaleb(-spec.scale)


def _date(spec: FieldSpec, pick: int) -> Value:
    return date(1980 + pick % 20, pick // 20 % 12 + 1, pick // 240 % 28 + 1)


def _date_time(spec: FieldSpec, pick: int) -> Value:
    return datetime(2025, pick % 12 + 1, pick // 12 % 28 + 1, pick // 336 % 24, pick // 8064 % 60, tzinfo=UTC)


def _checkbox(spec: FieldSpec, pick: int) -> Value:
    return True


_BY_KIND = {
    "number": _number,
    "date": _date,
    "date_time": _date_time,
    "checkbox": _checkbox,
}
