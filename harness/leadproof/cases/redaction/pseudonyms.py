"""Keyed, consistent pseudonyms of the same shape: the same word is the same pseudonym wherever it stands.

A word keeps its length, its scripts and its letter case, so that what matched without regard to case still does; two
words never become one. An e-mail stays an e-mail (below `.example`, where no mail goes), a phone number keeps its
country, its length and its validity class, a date stays a date of that year.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache, lru_cache
from ipaddress import ip_address

from leadproof.cases.redaction.permutation import permuted, permuted_letters, walked

WORD = re.compile(r"[^\W_]+")
_LOCAL = r"\w.!#$%&'*+/=?^`{|}~-"
EMAIL = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,100}}@(?:[^\W_][\w-]{{0,62}}\.){{1,8}}[^\W\d_]{{2,}}")
PHONE = re.compile(r"(?<![\w+])(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){6,14}(?![\w])")
URL = re.compile(r"(?i)\bhttps?://[^\s\"'<>\\]+")
NOWHERE = "example"
KEPT_LABELS = frozenset({"www", NOWHERE})
WALKS = 400
LONGEST = 48
"""Letters of a word that are permuted together; longer ones in pieces, as the arithmetic grows with their square."""


@cache
def _alphabet(letter: str) -> str:
    """The letters that a lower-case letter may become: those of its script's block, each with one upper-case form."""
    if letter.isascii():
        return "0123456789" if letter.isdigit() else "abcdefghijklmnopqrstuvwxyz"
    block, kind = ord(letter) >> 8, unicodedata.category(letter)
    inside = (chr(number) for number in range(max(0x80, block << 8), (block + 1) << 8))
    return "".join(
        one for one in inside if unicodedata.category(one) == kind and one.lower() == one and one.upper().lower() == one
    )


def _single(letter: str) -> bool:
    return len(letter) == 1 and len(letter.lower()) == 1


class Pseudonyms:
    """Pseudonyms by one key (16 bytes or more). Raises ValueError for a shorter key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("a key for pseudonyms has at least 16 bytes")
        self._key = key[:64]
        self.word = lru_cache(maxsize=65536)(self._word)

    def _word(self, word: str) -> str:
        """Another word of the same letters' kinds, in the same letter case."""
        word = unicodedata.normalize("NFC", word)
        if len(word) > LONGEST:
            return "".join(self.word(word[at : at + LONGEST]) for at in range(0, len(word), LONGEST))
        lowered = [letter.lower() if _single(letter) and _single(letter.lower()) else letter for letter in word]
        alphabets = [_alphabet(letter) for letter in lowered]
        places = [alphabet.find(letter) for letter, alphabet in zip(lowered, alphabets, strict=True)]
        known = [number for number, place in enumerate(places) if place >= 0]
        sizes = [len(alphabets[number]) for number in known]
        shape = ".".join(f"{alphabets[number][0]}{len(alphabets[number])}" if places[number] >= 0 else lowered[number]
                         for number in range(len(word)))  # fmt: skip
        drawn = permuted_letters(self._key, shape, [places[number] for number in known], sizes)
        for number, place in zip(known, drawn, strict=True):
            lowered[number] = alphabets[number][place]
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, lowered, strict=True))

    def text(self, text: str) -> str:
        """Every word, e-mail, phone number and address of the web in a text about a person."""
        pieces = []
        for kind, part in _parts(text):
            change = {"email": self.email, "phone": self.phone, "url": self.url}.get(kind, self._words)
            pieces.append(change(part))
        return "".join(pieces)

    def known(self, text: str, rest: Callable[[str], str]) -> str:
        """The e-mails and international phone numbers of any text; `rest` changes what is between."""
        pieces = []
        for kind, part in _parts(text, urls=False):
            pieces.append(self.email(part) if kind == "email" else self.phone(part) if kind else rest(part))
        return "".join(pieces)

    def _words(self, text: str) -> str:
        return WORD.sub(lambda found: self.word(found[0]), text)

    def email(self, address: str) -> str:
        """`somebody.else@acme.example` -> `xkfp.qzlw@tbrv.kqm.example`; two addresses never become one."""
        local, _, domain = address.rpartition("@")
        return f"{self._words(local)}@{self.domain(domain)}"

    def domain(self, domain: str) -> str:
        """A host name below `.example`."""
        labels = domain.split(".")
        told = [one if one.lower() in KEPT_LABELS else self._words(one) for one in labels]
        return ".".join(told if labels[-1].lower() == NOWHERE else [*told, NOWHERE])

    def url(self, url: str) -> str:
        """The same scheme; host, path and query of others' words."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        if "@" in host or ":" in host:
            return f"{scheme}://{self._words(rest)}"
        return f"{scheme}://{self.domain(host)}{slash}{self._words(path)}"

    def date(self, text: str) -> str:
        """Another day of the same year, for an ISO date; other texts become other texts."""
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            return self.text(text)
        first = date(day.year, 1, 1)
        days = 366 if calendar.isleap(day.year) else 365
        drawn = permuted(self._key, f"day {day.year}", (day - first).days, days)
        return (first + timedelta(days=drawn)).isoformat() + text[10:]

    def ip(self, text: str) -> str:
        """Another public address of the same family; private ones, and what is none, stay."""
        try:
            address = ip_address(text)
        except ValueError:
            return text
        if not address.is_global or address.is_multicast:
            return text
        bits = 32 if address.version == 4 else 125
        base = 0 if address.version == 4 else 1 << 125  # 2000::/3 holds all public ones of version 6

        def step(one: str) -> str:
            return str(permuted(self._key, f"ip{address.version}", int(one), 1 << bits))

        def public(one: str) -> bool:
            other = type(address)(base + int(one))
            return other.is_global and not other.is_multicast

        start = str(int(address) - base)
        return str(type(address)(base + int(walked(step, start, public, WALKS))))

    def place(self, text: str) -> str:
        """A latitude or longitude: the whole degrees stay, the rest is another."""
        whole, point, rest = text.partition(".")
        if not point or not rest.isdigit() or not whole.lstrip("+-").isdigit():
            return text if whole.lstrip("+-").isdigit() else self.text(text)
        return f"{whole}.{self.word(rest)}"

    def phone(self, number: str) -> str:
        """Another number of the same country, length, spelling and validity. One that repeats a digit is a false one
        that everybody types, and stays."""
        digits = "".join(letter for letter in number if letter.isdigit())
        if len(set(digits)) < 2 or len(digits) < 4:
            return number
        country, national = split_number(number, digits)
        if not country:
            return respelled(number, "", self.word(national))
        wanted = _validity(country + national)
        drawn = walked(self.word, national, lambda other: _validity(country + other) == wanted, WALKS)
        return respelled(number, country, drawn)


def _parts(text: str, *, urls: bool = True) -> Iterator[tuple[str, str]]:
    """The text in pieces: addresses of the web, e-mails, phone numbers, and what is between."""
    kinds = (("url", URL), ("email", EMAIL), ("phone", PHONE))
    spans = sorted(
        (found.start(), -found.end(), kind)
        for kind, pattern in kinds
        if urls or kind != "url"
        for found in pattern.finditer(text)
    )
    at = 0
    for start, end, kind in spans:
        if start < at:
            continue
        yield "", text[at:start]
        yield kind, text[start:-end]
        at = -end
    yield "", text[at:]


def split_number(number: str, digits: str) -> tuple[str, str]:
    """The country's calling code and the rest; ("", digits) for a number without one."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    start = number.lstrip(" (")
    if start.startswith("00"):
        digits = digits[2:]
    elif not start.startswith("+"):
        return "", digits
    for length in (1, 2, 3):
        if digits[:length].isdigit() and int(digits[:length] or "0") in COUNTRY_CODE_TO_REGION_CODE:
            return digits[:length], digits[length:]
    return "", digits


@lru_cache(maxsize=65536)
def _validity(international: str) -> tuple[object, ...]:
    import phonenumbers

    try:
        parsed = phonenumbers.parse(f"+{international}", None)
    except phonenumbers.NumberParseException:
        return ("unreadable",)
    valid = phonenumbers.is_valid_number(parsed)
    region = phonenumbers.region_code_for_number(parsed) if valid else ""
    kind = phonenumbers.number_type(parsed) if valid else ""
    return (valid, phonenumbers.is_possible_number(parsed), region, kind)


def respelled(number: str, country: str, national: str) -> str:
    """The new digits in the old spelling: `+47 22 12 34 56` keeps its blanks."""
    prefix = "00" if country and number.lstrip(" (").startswith("00") else ""
    digits = iter(prefix + country + national)
    return "".join(next(digits, letter) if letter.isdigit() else letter for letter in number)
