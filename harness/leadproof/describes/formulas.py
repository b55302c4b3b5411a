"""A formula of Salesforce as one that the sandbox computes: texts in a row, a sum, days since a date.

Anything else (conditions, functions, other objects' fields) is not understood, and None is answered: a formula that is
computed wrongly would be worse than one that is not computed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

_NAME = r"[A-Za-z][A-Za-z0-9_]*"
_TOKEN = re.compile(
    rf"""\s*(?:(?P<name>{_NAME})|"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<sign>[&+]))"""
)
_DAYS = re.compile(rf"\s*TODAY\(\s*\)\s*-\s*(?:DATEVALUE\(\s*({_NAME})\s*\)|({_NAME}))\s*\Z", re.IGNORECASE)
_COLUMNS: Mapping[str, str] = {"createddate": "created_at", "lastmodifieddate": "modified_at"}
TEXT, NUMBER = "string", "double"


def translate(text: str, result: str, fields: Collection[str]) -> dict[str, Any] | None:
    """The recipe's `formula` of a describe's `calculatedFormula`, whose result has the describe's type `result`.
    `fields` are those that the sandbox knows of the object, its columns aside."""
    days = _DAYS.match(text)
    if days:
        name = days[1] or days[2]
        column = _COLUMNS.get(name.lower()) or _known(name, fields)
        return {"days_since": column} if column and result == NUMBER else None
    parts = _joined(text)
    if parts is None:
        return None
    sign, operands = parts
    alone = len(operands) == 1
    names = [_known(value, fields) if is_name else value for is_name, value in operands]
    if None in names:
        return None
    if result == TEXT and (alone or sign == "&" or any(not is_name for is_name, _ in operands)):
        # In a concat a part that looks like a name is a field, so a literal word cannot be told.
        if any(not is_name and re.match(rf"{_NAME}\Z", value) for is_name, value in operands):
            return None
        return {"concat": names}
    if result in (NUMBER, "currency", "percent") and sign in ("+", "") and all(is_name for is_name, _ in operands):
        return {"sum": names}
    return None


def _joined(text: str) -> tuple[str, list[tuple[bool, str]]] | None:
    """`A & " " & B` as its one sign and its operands (is a field's name, text); None for anything else."""
    tokens: list[re.Match[str]] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or (found["sign"] is None) == bool(len(tokens) % 2):
            return None
        tokens.append(found)
        at = found.end()
    signs = {token["sign"] for token in tokens[1::2]}
    if len(signs) > 1 or len(tokens) % 2 == 0:
        return None
    return next(iter(signs), ""), [_operand(token) for token in tokens[::2]]


def _operand(token: re.Match[str]) -> tuple[bool, str]:
    if token["name"]:
        return True, token["name"]
    literal = token["double"] if token["double"] is not None else token["single"]
    return False, re.sub(r"\\(.)", r"\1", literal)


def _known(name: str, fields: Collection[str]) -> str | None:
    """The field in its own letter case; formulas may write it in any."""
    return next((field for field in fields if field.lower() == name.lower()), None)
