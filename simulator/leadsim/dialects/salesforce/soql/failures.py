"""What a query is refused with: the vendor's code and text, and the place it points at.

The text shows the part of the query around the place, a caret, and `ERROR at Row:R:Column:C`; clients read the names
out of it by regular expressions (vendors/salesforce-pardot-dynamics-eloqua.md 1E). A syntax error's column counts from
0, a name's from 1, and the caret stands under column C counted from 1: so recorded answers have it.
"""

from __future__ import annotations

_BEFORE, _AFTER = 30, 40


class QueryRefused(Exception):
    """A query that can't be run: `code` (MALFORMED_QUERY, INVALID_FIELD ...) and `text`."""

    def __init__(self, code: str, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.status = status


def at_place(code: str, query: str, offset: int, text: str, *, syntax: bool = False) -> QueryRefused:
    """A refusal that points at the character `offset` (from 0) of the query."""
    offset = min(offset, len(query))
    begin = query.rfind("\n", 0, offset) + 1
    end = query.find("\n", offset)
    line = query[begin : end if end >= 0 else len(query)]
    row = query.count("\n", 0, offset) + 1
    place = offset - begin
    column = place if syntax else place + 1
    first = _word_start(line, place - _BEFORE)
    last = _word_end(line, place + _AFTER)
    caret = " " * max(0, column - 1 - first) + "^"
    return QueryRefused(code, f"\n{line[first:last]}\n{caret}\nERROR at Row:{row}:Column:{column}\n{text}")


def unexpected(query: str, offset: int, token: str) -> QueryRefused:
    """The query has this token where none such may stand."""
    return at_place("MALFORMED_QUERY", query, offset, f"unexpected token: '{token}'", syntax=True)


def not_simulated(what: str) -> QueryRefused:
    """A part of SOQL that the vendor has and this sandbox has not."""
    return QueryRefused("NOT_SIMULATED", f"{what} is not simulated by this sandbox.", status=501)


def _word_start(line: str, place: int) -> int:
    if place <= 0:
        return 0
    while place > 0 and not line[place - 1].isspace():
        place -= 1
    return place


def _word_end(line: str, place: int) -> int:
    while place < len(line) and not line[place].isspace():
        place += 1
    return min(place, len(line))
