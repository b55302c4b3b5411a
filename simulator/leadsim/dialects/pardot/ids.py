"""Record ids are whole numbers of one row, org-wide; a business unit has an 18-character Salesforce id."""

from __future__ import annotations

import re
from hashlib import sha256

FIRST = 10_000_000
"""The id before an org's first record: ids of one org have eight digits, so that they sort as texts too."""
BUSINESS_UNIT_PREFIX = "0Uv"
PEOPLE_PREFIXES = ("00Q", "003")
"""What a prospect's Salesforce id begins with: it is a lead's or a contact's."""
USER_PREFIX = "005"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WHOLE = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII)


def new_id(object: str, seq: int) -> str:
    """The engine's id of a record that is made: what clients see as a number."""
    return str(FIRST + seq)


def number_of(seq: int) -> int:
    """The number that clients see of the org's record with this place in the order of creation."""
    return FIRST + seq


def seq_of(number: int) -> int:
    """The record's place in the order of creation; may be that of none."""
    return number - FIRST


def read_number(text: str) -> int | None:
    """A whole number above 0, in its one spelling; None where the text is none."""
    return int(text) if _WHOLE.match(text) else None


def business_unit_id(org: str) -> str:
    """The id of an org as a business unit. It follows from the org's name."""
    drawn = sha256(f"business unit\x1f{org}".encode()).digest()
    return long_form(BUSINESS_UNIT_PREFIX + "".join(_LETTERS[byte % len(_LETTERS)] for byte in drawn[:12]))


def looks_like_business_unit(text: str) -> bool:
    """Whether this has the form of a business unit's id: 18 characters that begin with 0Uv."""
    return len(text) == 18 and text.startswith(BUSINESS_UNIT_PREFIX) and text.isascii() and text.isalnum()


def read_person_id(text: str) -> str | None:
    """The long form of a lead's or contact's Salesforce id; None where it is none."""
    id = _salesforce_id(text)
    return id if id is not None and id[:3] in PEOPLE_PREFIXES else None


def read_owner_id(text: str) -> str | None:
    """The long form of a user's Salesforce id; None where it is none."""
    id = _salesforce_id(text)
    return id if id is not None and id[:3] == USER_PREFIX else None


def _salesforce_id(text: str) -> str | None:
    if len(text) not in (15, 18) or not text.isascii() or not text.isalnum():
        return None
    whole = long_form(text[:15])
    return whole if text in (text[:15], whole) else None


def long_form(short: str) -> str:
    """A Salesforce id of 15 characters with the 3 that guard its letter case."""
    chunks = (short[start : start + 5] for start in (0, 5, 10))
    return short + "".join(
        _CHECK[sum(1 << place for place, one in enumerate(chunk) if one.isupper())] for chunk in chunks
    )
