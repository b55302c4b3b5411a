"""Record ids: 3 characters say the object, 12 the record, 3 guard the letter case.

The long form is made for places that lose case: each of its last 3 characters tells which letters of 5 are capitals
(vendors/salesforce-pardot-dynamics-eloqua.md 1E: checked against recorded ids).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

SHORT, LONG = 15, 18
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]
_VALUE = {digit: value for value, digit in enumerate(_DIGITS)}
_NUMBER_DIGITS = 9
_RESERVED = "0"  # the sixth character of every id
# Numbers of a server are dealt to its orgs in blocks, large enough that none is ever used up.
_BLOCKS, _BLOCK = len(_DIGITS) ** 3, len(_DIGITS) ** 5

# The first three characters of the ids of an object. Custom objects get a00, a01 ...
PREFIXES: dict[str, str] = {
    "Account": "001",
    "Contact": "003",
    "User": "005",
    "Opportunity": "006",
    "Organization": "00D",
    "UserRole": "00E",
    "Profile": "00e",
    "Group": "00G",
    "GroupMember": "011",
    "OpportunityContactRole": "00K",
    "Lead": "00Q",
    "CampaignMember": "00v",
    "AssignmentRule": "01Q",
    "LeadStatus": "01J",
    "OpportunityStage": "01J",
    "CampaignMemberStatus": "01Y",
    "RecordType": "012",
    "LeadHistory": "017",
    "ContactHistory": "017",
    "AccountHistory": "017",
    "OpportunityFieldHistory": "017",
    "QueueSobject": "03g",
    "Campaign": "701",
    "Bulk job": "750",
    "Bulk batch": "751",
}


def checksum(short: str) -> str:
    """The last three characters of the long form of a 15-character id."""
    suffix = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start : start + 5]) if "A" <= letter <= "Z")
        suffix += _CHECK[bits]
    return suffix


def long_form(id: str) -> str:
    """A short id in its long form; a long one as it is."""
    return id + checksum(id) if len(id) == SHORT else id


@lru_cache(maxsize=65_536)
def read_id(text: str) -> str | None:
    """The long form of what a client sent, or None where that can be no id.

    A long id may come in any letter case, because its last three characters restore the right one."""
    if len(text) not in (SHORT, LONG) or not text.isascii() or not text.isalnum():
        return None
    if len(text) == SHORT:
        return long_form(text)
    short = _with_case(text[:SHORT], text[SHORT:].upper())
    return None if short is None else short + checksum(short)


def _with_case(letters: str, suffix: str) -> str | None:
    """The short id whose capitals the suffix tells; None where the suffix can't be true."""
    restored = []
    for chunk, check in enumerate(suffix):
        bits = _CHECK.find(check)
        if bits < 0:
            return None
        for place in range(5):
            letter = letters[chunk * 5 + place]
            capital = bool(bits >> place & 1)
            if capital and not letter.isalpha():
                return None
            restored.append(letter.upper() if capital else letter.lower())
    return "".join(restored)


def prefix_of(object: str) -> str:
    """The first three characters of an object's ids; a custom object's follow from its name."""
    known = PREFIXES.get(object)
    if known is not None:
        return known
    drawn = sha256(object.encode()).digest()
    return f"a{_DIGITS[drawn[0] % 10]}{_DIGITS[drawn[1] % len(_DIGITS)]}"


@dataclass(frozen=True, slots=True)
class Numbers:
    """How one org numbers its records. `pod` is the part of an id that tells the server, `first` where its numbers
    begin there: many orgs share a server, and no two records on it share an id."""

    pod: str
    first: int

    def make(self, prefix: str, number: int) -> str:
        """The long id of the record with this number in its org."""
        return _written(f"{prefix}{self.pod}{_RESERVED}", self.first + number)

    def number_of(self, id: str) -> int:
        """The record's number within its org: what `make` was given; nonsense for another org's id."""
        number = 0
        for digit in id[SHORT - _NUMBER_DIGITS : SHORT]:
            number = number * len(_DIGITS) + _VALUE[digit]
        return number - self.first


@lru_cache(maxsize=4096)
def _written(front: str, number: int) -> str:
    pairs = []
    for _ in range(_NUMBER_DIGITS // 2):
        number, pair = divmod(number, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return long_form(f"{front}{_DIGITS[number]}{pairs[3]}{pairs[2]}{pairs[1]}{pairs[0]}")


@lru_cache(maxsize=1024)
def numbers_of(org: str) -> Numbers:
    """An org's numbers, which follow from its name: so they are the same in every run."""
    drawn = sha256(f"pod\x1f{org}".encode()).digest()
    pod = "".join(_DIGITS[byte % len(_DIGITS)] for byte in drawn[:2])
    return Numbers(pod, int.from_bytes(drawn[2:8], "big") % _BLOCKS * _BLOCK)


def org_id(org: str) -> str:
    """The long id of an org, which follows from its name."""
    drawn = sha256(org.encode()).digest()
    return long_form("00D" + "".join(_DIGITS[byte % len(_DIGITS)] for byte in drawn[:12]))
