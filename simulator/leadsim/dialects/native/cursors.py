"""Where a page ended: cursors that fit their question alone, and places in a feed.

A cursor holds the last record's keys and a print of what was asked. With another question it would give a wrong page,
or an empty one, without a word; a place that the feed has not reached yet would make its reader deaf for ever.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import orjson

from leadsim.dialects.native.errors import BAD_CURSOR, NativeRefusal, problem
from leadsim.dialects.native.shapes.words import BIGGEST
from leadsim.engine.records import Org

_PRINT_BYTES = 6


def cursor_text(place: Sequence[Any] | None, question: object) -> str | None:
    """A page's end as a client gets it; None after the last page. `question`: all that decides which records come,
    and in which order, without the page's size."""
    return None if place is None else urlsafe_b64encode(orjson.dumps([_printed(question), *place])).decode()


def read_cursor(cursor: str | None, parts: int, question: object) -> tuple[Any, ...] | None:
    """Where the page before ended: `parts` keys. Raises `NativeRefusal` for a cursor that was not made here, or was
    made for another question."""
    if cursor is None:
        return None
    try:
        place = orjson.loads(urlsafe_b64decode(cursor.encode("ascii")))
    except ValueError:
        place = None
    if (
        not isinstance(place, list)
        or len(place) != parts + 1
        or place[0] != _printed(question)
        or not all(part is None or type(part) in (str, int) for part in place)
        or type(place[-1]) is not int
        or not all(abs(part) <= BIGGEST for part in place if type(part) is int)
    ):
        raise NativeRefusal(
            BAD_CURSOR,
            "cursor: is no cursor of this question",
            fix="Send the `next` of the page before, unchanged, with the same question",
            problems=[problem("cursor", "cursor", "is no cursor of this question", cursor)],
        )
    return tuple(place[1:])


def _printed(question: object) -> str:
    return blake2b(repr(question).encode("utf-8", "surrogatepass"), digest_size=_PRINT_BYTES).hexdigest()


def position(org: Org, since: str | None) -> int:
    """The place in the org's feed that a `since` names; 0 is its beginning. Raises `NativeRefusal` for a text that is
    no place, and for one beyond the newest change: the org was set back, or it is another's."""
    if since is None:
        return 0
    place = int(since) if since.isascii() and since.isdigit() and len(since) <= 18 else -1
    if place < 0 or str(place) != since or place > org.counters.get("mod", 0):
        raise NativeRefusal(
            BAD_CURSOR,
            "since is no cursor of this feed",
            fix="Send the `next` of the page before, unchanged, or leave it out to begin at the beginning",
            problems=[problem("since", "cursor", "is no cursor of this feed", since)],
        )
    return place
