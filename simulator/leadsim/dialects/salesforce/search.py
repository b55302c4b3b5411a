"""/search and /parameterizedSearch: records by words in them (SOSL), each object's own query for what is shown.

A search's RETURNING is, object by object, a query without SELECT and FROM; it is read as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from leadsim.dialects.salesforce.catalog import SField, SObject
from leadsim.dialects.salesforce.errors import ApiRefused, refused
from leadsim.dialects.salesforce.queries import of_query, planned, runner
from leadsim.dialects.salesforce.session import Session, check_keys, object_body
from leadsim.dialects.salesforce.soql.failures import QueryRefused
from leadsim.dialects.salesforce.view import Record
from leadsim.gateway.messages import Answer

MOST_FOUND = 2000
SHORTEST_TERM = 2
TEXTS = frozenset({"string", "textarea", "email", "phone", "url"})
# Word of IN ... FIELDS -> whether a field is one of them.
SCOPES: Mapping[str, frozenset[str]] = {
    "ALL": TEXTS, "EMAIL": frozenset({"email"}), "PHONE": frozenset({"phone"}), "NAME": frozenset(),
    "SIDEBAR": TEXTS,
}  # fmt: skip
_FIND = re.compile(r"\s*FIND\s*\{((?:[^{}\\]|\\.)*)\}\s*", re.IGNORECASE)
_IN = re.compile(r"IN\s+(\w+)\s+FIELDS\s*", re.IGNORECASE)
_LIMIT = re.compile(r"LIMIT\s+(\d+)\s*\Z", re.IGNORECASE)
_OBJECT = re.compile(r"\s*(\w+)\s*")
_TERM = re.compile(r'"((?:[^"\\]|\\.)*)"|((?:[^\s"\\]|\\.)+)')
_AFTER_FIELDS = re.compile(r"\b(WHERE|ORDER\s+BY|LIMIT|OFFSET|USING|WITH|FOR)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object of a search: the query that says what is shown of it, or only that ids are."""

    object: SObject
    query: str


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, where, and what is shown of it."""

    terms: tuple[re.Pattern[str], ...]
    scope: str
    wanted: tuple[Wanted, ...]
    limit: int


def search(session: Session) -> Answer:
    """GET /search?q=FIND {...}"""
    text = dict(session.request.query).get("q")
    if not text:
        raise refused("MALFORMED_SEARCH", "A search string has to be specified")
    return _answer(session, _read(session, text))


def parameterized(session: Session) -> Answer:
    """GET or POST /parameterizedSearch: the same, in parameters."""
    asked = _from_query(session) if session.request.method == "GET" else _from_body(session)
    where = asked["sobjects"] or [{"name": one.name} for one in _searchable(session)]
    wanted = []
    for one in where:
        object = _object(session, str(one.get("name", "")))
        fields = one.get("fields") or asked["fields"] or ["Id"]
        limit = one.get("limit", asked["defaultLimit"])
        condition = f" WHERE {one['where']}" if one.get("where") else ""
        bound = f" LIMIT {limit}" if limit is not None else ""
        wanted.append(Wanted(object, f"SELECT {', '.join(map(str, fields))} FROM {object.name}{condition}{bound}"))
    limit = min(MOST_FOUND, asked["overallLimit"] or MOST_FOUND)
    return _answer(session, Search(_terms(asked["q"]), _scope(asked["in"]), tuple(wanted), limit))


def _answer(session: Session, asked: Search) -> Answer:
    try:
        found = list(islice(_found(session, asked), asked.limit))
    except QueryRefused as failure:
        raise of_query(failure) from None
    return session.answer(200, {"searchRecords": found})


def _found(session: Session, asked: Search) -> Iterator[dict[str, Any]]:
    for wanted in asked.wanted:
        made = planned(session, wanted.query)
        if made.grouped or made.counted:
            raise refused("MALFORMED_SEARCH", "Aggregate functions are not supported in RETURNING")
        running = runner(session, wanted.query, deleted=False)
        rows = running.matching(replace(made, limit=None, offset=0))
        hits = (row for row in rows if _matches(row, asked))
        last = None if made.limit is None else made.offset + made.limit
        yield from (running.show(made, row) for row in islice(hits, made.offset, last))


def _matches(record: Record, asked: Search) -> bool:
    """Whether all terms are in the record's fields, each in any of them."""
    texts = [str(record.get(one) or "") for one in record.object.fields.values() if _looked_at(one, asked.scope)]
    return all(any(term.search(text) for text in texts) for term in asked.terms)


def _looked_at(field: SField, scope: str) -> bool:
    name = field.name_field or field.part_of == "Name"
    return field.type in SCOPES[scope] or (name and scope in ("NAME", "ALL", "SIDEBAR"))


# --- reading ----------------------------------------------------------------------------------------------------


def _malformed(text: str) -> ApiRefused:
    return refused("MALFORMED_SEARCH", text)


def _terms(text: str) -> tuple[re.Pattern[str], ...]:
    """Words, and phrases in quotes; * stands for any letters, ? for one."""
    terms = []
    for phrase, word in _TERM.findall(text):
        if word.upper() in ("AND", "OR", "NOT"):
            if word.upper() == "AND":
                continue
            raise refused("NOT_SIMULATED", f"The operator {word.upper()} of a search is not simulated by this sandbox.")
        plain = re.sub(r"\\(.)", r"\1", phrase or word)
        if len(plain.replace("*", "").replace("?", "")) < SHORTEST_TERM:
            raise _malformed(f"search term must be longer than one character: {plain}")
        parts = [{"*": r"[^\s]*", "?": r"[^\s]"}.get(part, re.escape(part)) for part in re.split(r"([*?])", plain)]
        terms.append(re.compile(rf"(?<!\w){''.join(parts)}(?!\w)", re.IGNORECASE))
    if not terms:
        raise _malformed("search term must be longer than one character: ")
    return tuple(terms)


def _scope(word: str) -> str:
    scope = word.upper().removesuffix(" FIELDS").strip()
    if scope not in SCOPES:
        raise _malformed(f"unexpected token: '{word}'")
    return scope


def _object(session: Session, name: str) -> SObject:
    object = session.catalog.get(name)
    if object is None or object.engine is None:
        raise refused("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return object


def _searchable(session: Session) -> list[SObject]:
    return [one for one in session.catalog.objects.values() if one.engine is not None and one.name_field is not None]


def _read(session: Session, text: str) -> Search:
    """A whole SOSL statement. Raises ApiRefused."""
    find = _FIND.match(text)
    if find is None:
        raise _malformed("a search begins with FIND and its terms in braces")
    rest, scope, limit = text[find.end() :], "ALL", MOST_FOUND
    inside = _IN.match(rest)
    if inside is not None:
        scope, rest = _scope(inside[1]), rest[inside.end() :]
    wanted: list[Wanted] = []
    if rest[:9].upper() == "RETURNING":
        wanted, rest = _returning(session, rest[9:])
    bound = _LIMIT.match(rest)
    if bound is not None:
        limit, rest = min(MOST_FOUND, int(bound[1])), ""
    if rest.strip():
        word = rest.split()[0]
        if word.upper() in ("WITH", "UPDATE"):
            raise refused("NOT_SIMULATED", f"{word.upper()} in a search is not simulated by this sandbox.")
        raise _malformed(f"unexpected token: '{word}'")
    shown = wanted or [Wanted(one, f"SELECT Id FROM {one.name}") for one in _searchable(session)]
    return Search(_terms(find[1]), scope, tuple(shown), limit)


def _returning(session: Session, text: str) -> tuple[list[Wanted], str]:
    """The objects behind RETURNING, and what follows them."""
    wanted = []
    while True:
        named = _OBJECT.match(text)
        if named is None:
            raise _malformed("RETURNING needs the name of an object")
        object, text = _object(session, named[1]), text[named.end() :]
        query = f"SELECT Id FROM {object.name}"
        if text.startswith("("):
            inside, text = _bracket(text)
            after = _AFTER_FIELDS.search(inside)
            fields = inside[: after.start()] if after else inside
            query = f"SELECT {fields.strip()} FROM {object.name} {inside[after.start() :] if after else ''}"
        wanted.append(Wanted(object, query))
        text = text.lstrip()
        if not text.startswith(","):
            return wanted, text
        text = text[1:]


def _bracket(text: str) -> tuple[str, str]:
    """What is inside the bracket that the text begins with, and what is behind it."""
    depth, quoted, escaped = 0, False, False
    for place, letter in enumerate(text):
        if escaped or (quoted and letter == "\\"):
            escaped = not escaped
        elif letter == "'":
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
            if depth == 0:
                return text[1:place], text[place + 1 :]
    raise _malformed("a bracket of RETURNING is not closed")


# --- parameters -------------------------------------------------------------------------------------------------

KEYS = ("q", "in", "fields", "sobjects", "overallLimit", "defaultLimit")
OBJECT_KEYS = ("name", "fields", "limit", "where")


def _from_query(session: Session) -> dict[str, Any]:
    named: dict[str, dict[str, Any]] = {}
    found: dict[str, Any] = {}
    for name, value in session.request.query:
        object, dot, key = name.partition(".")
        if name == "sobject":
            named.setdefault(value, {"name": value})
        elif dot and key in OBJECT_KEYS:
            named.setdefault(object, {"name": object})[key] = value.split(",") if key == "fields" else value
        elif name == "fields":
            found["fields"] = value.split(",")
        elif name in KEYS:
            found[name] = value
    return _complete({**found, "sobjects": list(named.values())})


def _from_body(session: Session) -> dict[str, Any]:
    body = object_body(session.json())
    objects = body.get("sobjects", [])
    if not isinstance(objects, list) or not all(isinstance(one, dict) for one in objects):
        raise refused("JSON_PARSER_ERROR", "sobjects must be a list of objects")
    for known, part in ((KEYS, body), *((OBJECT_KEYS, one) for one in objects)):
        check_keys(part, known)
    return _complete(body)


def _complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, each of its type. Raises ApiRefused."""
    asked = {"in": "ALL", "fields": [], "sobjects": [], **given}
    if not isinstance(asked.get("q"), str) or not asked["q"].strip():
        raise refused("MISSING_ARGUMENT", "The q parameter is required")
    if not isinstance(asked["in"], str):
        raise _malformed(f"unexpected token: '{asked['in']}'")
    for one in (asked, *asked["sobjects"]):
        for name in ("overallLimit", "defaultLimit", "limit"):
            if name in one:
                one[name] = _whole(name, one[name])
        fields = one.get("fields", [])
        if not isinstance(fields, list) or not all(isinstance(field, str) for field in fields):
            raise refused("JSON_PARSER_ERROR", "fields must be a list of names")
    return {"overallLimit": None, "defaultLimit": None, **asked}


def _whole(name: str, value: Any) -> int:
    text = "" if isinstance(value, bool) else str(value)
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_FOUND):
        raise refused("INVALID_SEARCH_SCOPE", f"{name} must be between 1 and {MOST_FOUND}: {value}")
    return int(text)
