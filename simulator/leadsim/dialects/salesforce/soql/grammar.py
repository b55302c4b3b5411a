"""The grammar of SOQL, and the way from text to tree.

After the vendor's "SOQL and SOSL Reference"; words are no reserved names where a name must stand (`FROM Group`).
What the vendor's language has beyond this (TYPEOF, WITH, ROLLUP ...) is read and refused by name.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Literal

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from leadsim.dialects.salesforce.soql.failures import QueryRefused, at_place, not_simulated, unexpected
from leadsim.dialects.salesforce.soql.tree import (
    Call,
    Comparison,
    Condition,
    Item,
    Joined,
    Not,
    Operand,
    Ordering,
    Path,
    Select,
    Written,
)

LONGEST_QUERY = 100_000
DEEPEST = 100

# No field, alias or object is called so; what only begins clauses (GROUP, ORDER, ALL ...) may be a name elsewhere.
RESERVED = (
    "select", "from", "where", "and", "or", "not", "like", "in", "having", "limit", "asc", "desc", "nulls", "includes",
    "excludes", "using", "with",
)  # fmt: skip
PLACES = ("DISTANCE", "GEOLOCATION")  # the functions that take plain values
GRAMMAR = r"""
start: query
query: SELECT items FROM source using where with_ grouping ordering limit offset fors all_rows
items: item ("," item)*

item: path NAME? -> plain_item
    | call NAME? -> plain_item
    | "(" query ")" -> sub_item
    | TYPEOF path (path | ",")* -> typeof

path: NAME ("." NAME)*
call: NAME "(" [argument ("," argument)*] ")"
argument: path | call | STRING | NUMBER

source: path (AS? NAME)? ("," path (AS? NAME)?)*
using: (USING NAME NAME)?
where: (WHERE condition)?
with_: (WITH rest+)?
rest: NAME | STRING | "=" | "(" rest* ")" | ","
grouping: (GROUP BY operand ("," operand)* having)?
having: (HAVING condition)?
ordering: (ORDER BY order_item ("," order_item)*)?
order_item: operand [ASC | DESC] [NULLS (FIRST | LAST)]
limit: (LIMIT NUMBER)?
offset: (OFFSET NUMBER)?
fors: (FOR NAME)*
all_rows: (ALL ROWS)?

condition: term -> alone
    | term (AND term)+ -> joined
    | term (OR term)+ -> joined
term: NOT term -> negated
    | "(" condition ")" -> nested
    | comparison
comparison: operand COMPARE value
    | operand LIKE value
    | operand IN values
    | operand NOT IN values
    | operand INCLUDES values
    | operand EXCLUDES values
operand: path | call
values: "(" value ("," value)* ")" -> listed
    | "(" query ")" -> semi_join
value: STRING | NUMBER | DATE | DATETIME | NAME
    | NAME ":" NUMBER -> counted

COMPARE: "<=" | ">=" | "!=" | "<>" | "=" | "<" | ">"
STRING: /'(?:[^'\\]|\\.)*'/s
DATETIME.5: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})/i
DATE.4: /\d{4}-\d{2}-\d{2}/
NUMBER.3: /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?(?![\w.])/i
NAME: /(?!(?:RESERVED)\b)[a-z][a-z0-9_]*\b/i

SELECT.2: /select\b/i
FROM.2: /from\b/i
TYPEOF.2: /typeof\b/i
AS.2: /as\b/i
USING.2: /using\b/i
WHERE.2: /where\b/i
WITH.2: /with\b/i
GROUP.2: /group\b/i
BY.2: /by\b/i
HAVING.2: /having\b/i
ORDER.2: /order\b/i
ASC.2: /asc\b/i
DESC.2: /desc\b/i
NULLS.2: /nulls\b/i
FIRST.2: /first\b/i
LAST.2: /last\b/i
LIMIT.2: /limit\b/i
OFFSET.2: /offset\b/i
FOR.2: /for\b/i
ALL.2: /all\b/i
ROWS.2: /rows\b/i
AND.2: /and\b/i
OR.2: /or\b/i
NOT.2: /not\b/i
LIKE.2: /like\b/i
IN.2: /in\b/i
INCLUDES.2: /includes\b/i
EXCLUDES.2: /excludes\b/i

%ignore /\s+/
"""

_ESCAPES = {
    "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"', "%": "\\%", "_": "\\_",
}  # fmt: skip


@cache
def _parser() -> Lark:
    grammar = GRAMMAR.replace("RESERVED", "|".join(RESERVED))
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=False, maybe_placeholders=True)


@lru_cache(maxsize=1024)
def parse(text: str) -> Select:
    """The tree of a query. Raises QueryRefused with the vendor's words. Clients ask the same again and again."""
    if not text.strip():
        raise QueryRefused("MALFORMED_QUERY", "A query string has to be specified")
    if len(text) > LONGEST_QUERY:
        raise QueryRefused("QUERY_TOO_COMPLICATED", "SOQL statements can have at most 100,000 characters.")
    if _depth(text) > DEEPEST:
        raise QueryRefused("QUERY_TOO_COMPLICATED", "The query has too many nested parentheses.")
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as failed:
        raise _syntax(text, failed) from None
    try:
        select: Select = _Reader(text).transform(tree)
    except VisitError as failed:
        if isinstance(failed.orig_exc, QueryRefused):
            raise failed.orig_exc from None
        raise
    return select


def _depth(text: str) -> int:
    deepest = depth = 0
    for letter in text:
        if letter == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif letter == ")":
            depth -= 1
    return deepest


def _syntax(text: str, failed: UnexpectedInput) -> QueryRefused:
    if isinstance(failed, UnexpectedToken) and failed.token.type != "$END":
        return unexpected(text, failed.token.start_pos or 0, str(failed.token))
    if isinstance(failed, UnexpectedCharacters):
        at = failed.pos_in_stream or 0
        letter = text[at]
        if letter == "'":
            return at_place("MALFORMED_QUERY", text, at, "unterminated string literal", syntax=True)
        return unexpected(text, at, letter)
    assert isinstance(failed, UnexpectedEOF | UnexpectedToken)
    return unexpected(text, len(text), "<EOF>")


def _words(children: list[Any], *types: str) -> list[Any]:
    """The children without the keywords."""
    return [one for one in children if not (isinstance(one, Token) and one.type in types)]


class _Reader(Transformer[Token, Any]):
    """Makes the tree of a query."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, children: list[Any]) -> Select:
        select: Select = children[0]
        return select

    def query(self, children: list[Any]) -> Select:
        select, items, _, (source, alias), _, where, _, (group, having), order, limit, offset, _, all_rows = children
        return Select(
            items, source, alias, where, group, having, order, limit, offset, all_rows, select.start_pos, self._text
        )  # fmt: skip

    def items(self, children: list[Any]) -> tuple[Item, ...]:
        return tuple(children)

    def plain_item(self, children: list[Any]) -> Item:
        what, *alias = children
        return Item(what, str(alias[0]) if alias else None, what.at)

    def sub_item(self, children: list[Any]) -> Item:
        return Item(children[0], None, children[0].at)

    def typeof(self, children: list[Any]) -> Item:
        raise not_simulated("TYPEOF in SOQL")

    def path(self, children: list[Any]) -> Path:
        return Path(tuple(str(one) for one in children), children[0].start_pos)

    def call(self, children: list[Any]) -> Call:
        name, *args = children
        plain = next((one for one in args if isinstance(one, Token)), None)
        if plain is not None:
            if name.upper() in PLACES:
                raise not_simulated(f"{name}() in SOQL")
            raise unexpected(self._text, plain.start_pos or 0, str(plain))
        return Call(name.upper(), tuple(one for one in args if one is not None), name.start_pos, str(name))

    def argument(self, children: list[Any]) -> Operand | Token:
        operand: Operand | Token = children[0]
        return operand

    operand = argument

    def source(self, children: list[Any]) -> tuple[Path, str | None]:
        parts = _words(children, "AS")
        if sum(isinstance(one, Path) for one in parts) > 1:
            raise not_simulated("A list of aliased relationships in FROM")
        return parts[0], str(parts[1]) if len(parts) > 1 else None

    def using(self, children: list[Any]) -> None:
        if children:
            raise not_simulated(f"USING {children[1]} {children[2]} in SOQL")

    def with_(self, children: list[Any]) -> None:
        if children:
            raise not_simulated("WITH in SOQL")

    def rest(self, children: list[Any]) -> str:
        return ""

    def fors(self, children: list[Any]) -> None:
        if children:
            raise not_simulated(f"FOR {children[1].upper()} in SOQL")

    def where(self, children: list[Any]) -> Condition | None:
        return children[1] if children else None

    having = where

    def grouping(self, children: list[Any]) -> tuple[tuple[Operand, ...], Condition | None]:
        if not children:
            return (), None
        *parts, having = _words(children, "GROUP", "BY")
        return tuple(parts), having

    def ordering(self, children: list[Any]) -> tuple[Ordering, ...]:
        return tuple(one for one in children if isinstance(one, Ordering))

    def order_item(self, children: list[Any]) -> Ordering:
        operand, *words = children
        types = {one.type for one in words if one is not None}
        nulls_last = True if "LAST" in types else False if "FIRST" in types else None
        return Ordering(operand, "DESC" in types, nulls_last)

    def limit(self, children: list[Any]) -> int | None:
        return self._whole(children[1]) if children else None

    offset = limit

    def all_rows(self, children: list[Any]) -> bool:
        return bool(children)

    def _whole(self, token: Token) -> int:
        if not token.isdecimal() or len(token) > 18:
            raise unexpected(self._text, token.start_pos or 0, str(token))
        return int(token)

    def alone(self, children: list[Any]) -> Condition:
        condition: Condition = children[0]
        return condition

    def nested(self, children: list[Any]) -> Condition:
        condition: Condition = children[0]
        return condition

    def term(self, children: list[Any]) -> Condition:
        condition: Condition = children[0]
        return condition

    def negated(self, children: list[Any]) -> Condition:
        return Not(children[1])

    def joined(self, children: list[Any]) -> Condition:
        word: Literal["AND", "OR"] = "AND" if children[1].type == "AND" else "OR"
        return Joined(word, tuple(_words(children, "AND", "OR")))

    def comparison(self, children: list[Any]) -> Comparison:
        operand, *words, values = children
        operator = " ".join(str(word).upper() for word in words)
        at = words[0].start_pos or 0
        if isinstance(values, Select):
            return Comparison(operand, operator, (), values, at)
        listed = values if isinstance(values, tuple) else (values,)
        return Comparison(operand, "!=" if operator == "<>" else operator, listed, None, at)

    def listed(self, children: list[Any]) -> tuple[Written, ...]:
        return tuple(children)

    def semi_join(self, children: list[Any]) -> Select:
        select: Select = children[0]
        return select

    def counted(self, children: list[Any]) -> Written:
        name, number = children
        return Written("literal", name.upper(), name.start_pos, self._whole(number))

    def value(self, children: list[Any]) -> Written:
        from decimal import Decimal

        token: Token = children[0]
        at, text = token.start_pos or 0, str(token)
        if token.type == "STRING":
            return Written("string", text, at, value=self._unescaped(text[1:-1], at))
        if token.type == "NUMBER":
            return Written("number", text, at, value=Decimal(text))
        if token.type == "DATE":
            return Written("date", text, at)
        if token.type == "DATETIME":
            return Written("datetime", text, at)
        word = text.upper()
        if word == "NULL":
            return Written("null", text, at)
        if word in ("TRUE", "FALSE"):
            return Written("boolean", text, at, value=word == "TRUE")
        return Written("literal", word, at)

    def _unescaped(self, text: str, at: int) -> str:
        """A string literal's text; a wildcard that was escaped keeps its backslash, for LIKE."""
        if "\\" not in text:
            return text
        out, place = [], 0
        while place < len(text):
            letter = text[place]
            if letter != "\\":
                out.append(letter)
                place += 1
                continue
            escaped = text[place + 1]
            if escaped.lower() == "u" and len(text) >= place + 6 and _is_hex(text[place + 2 : place + 6]):
                out.append(chr(int(text[place + 2 : place + 6], 16)))
                place += 6
                continue
            replaced = _ESCAPES.get(escaped if escaped in _ESCAPES else escaped.lower())
            if replaced is None:
                raise at_place(
                    "MALFORMED_QUERY", self._text, at, f"Invalid string literal '{text}'. Illegal character sequence "
                    f"'\\{escaped}' in string literal.", syntax=True,
                )  # fmt: skip
            out.append(replaced)
            place += 2
        return "".join(out)


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)
