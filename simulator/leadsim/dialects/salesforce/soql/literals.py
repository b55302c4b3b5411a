"""The value of a condition, read by the type of what it is compared with; the wrong kind is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from leadsim.dialects.salesforce.catalog import NUMBERS
from leadsim.dialects.salesforce.ids import read_id
from leadsim.dialects.salesforce.soql.dates import is_literal, moment, span
from leadsim.dialects.salesforce.soql.failures import QueryRefused, at_place
from leadsim.dialects.salesforce.soql.plans import Test
from leadsim.dialects.salesforce.soql.tree import Written
from leadterms.values import Value

ORDERED = frozenset({"<", "<=", ">", ">="})
TEXTS = frozenset({"string", "textarea", "picklist", "phone", "email", "url", "anyType"})
_CALLED = {"datetime": "dateTime", "double": "double", "currency": "double", "percent": "double", "int": "int"}


@dataclass(frozen=True, slots=True)
class Span:
    """The values from `first` up to, not including, `last`: a day, a week ... as a date literal says it."""

    first: date | datetime
    last: date | datetime


Wanted = Value | Span


class Reader:
    """Reads literals for one query at one moment. Days begin in the org's time zone."""

    def __init__(self, text: str, now: datetime, zone: ZoneInfo) -> None:
        self._text = text
        self._zone = zone
        self._today = now.astimezone(zone).date()

    def read(self, literal: Written, test: Test) -> Wanted:
        """The literal's value. Raises QueryRefused."""
        type, name = test.operand.type, _name(test)
        if literal.kind == "null":
            if test.operator in ORDERED or test.operator in ("LIKE", "INCLUDES", "EXCLUDES"):
                raise self._at(
                    "INVALID_FIELD", test, f"operator {test.operator} can not be used with null for field '{name}'"
                )
            return None
        if type in ("id", "reference"):
            return self._id(literal, test, name)
        if type == "multipicklist":
            text = self._text_of(literal, test, name, type)
            return frozenset(part.strip() for part in text.split(";") if part.strip())
        if type in TEXTS:
            return self._text_of(literal, test, name, type)
        if type == "boolean":
            if literal.kind != "boolean":
                raise self._wrong(literal, test, name, "boolean")
            return literal.value
        if type in NUMBERS:
            if literal.kind != "number" or not isinstance(literal.value, Decimal):
                raise self._wrong(literal, test, name, _CALLED[type])
            if not literal.value.is_finite() or abs(literal.value.adjusted()) > 300:
                raise self._at("INVALID_FIELD", test, f"value of filter criterion for field '{name}' is out of range")
            return literal.value
        return self._date(literal, test, name, type)

    def _date(self, literal: Written, test: Test, name: str, type: str) -> Wanted:
        if literal.kind == "literal":
            if not is_literal(literal.text, literal.number is not None):
                raise self._wrong(literal, test, name, _CALLED.get(type, type))
            try:
                first, last = span(literal.text, literal.number, self._today)
                return (
                    Span(moment(first, self._zone), moment(last, self._zone))
                    if type == "datetime"
                    else Span(first, last)
                )
            except (OverflowError, ValueError):
                raise self._at(
                    "INVALID_FIELD", test, f"date literal {literal.text}:{literal.number} is out of range"
                ) from None
        if literal.kind != type:
            raise self._wrong(literal, test, name, _CALLED.get(type, type))
        try:
            if type == "date":
                return date.fromisoformat(literal.text)
            return datetime.fromisoformat(literal.text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise at_place(
                "MALFORMED_QUERY", self._text, literal.at, f"invalid date: {literal.text}", syntax=True
            ) from None

    def _text_of(self, literal: Written, test: Test, name: str, type: str) -> str:
        if literal.kind != "string" or not isinstance(literal.value, str):
            called = "string" if type in TEXTS else type
            raise self._at(
                "INVALID_FIELD", test,
                f"value of filter criterion for field '{name}' must be of type {called} and should be enclosed "
                f"in quotes",
            )  # fmt: skip
        return literal.value

    def _id(self, literal: Written, test: Test, name: str) -> str | None:
        if test.operator in ORDERED:
            # Ids can be walked through in order; a text that is none has no place in that order.
            return self._known_id(literal, test, name)
        if test.operator == "LIKE":
            raise self._at("INVALID_QUERY_FILTER_OPERATOR", test, "invalid operator on id field")
        text = self._text_of(literal, test, name, "ID")
        return None if not text else self._known_id(literal, test, name)

    def _known_id(self, literal: Written, test: Test, name: str) -> str:
        text = self._text_of(literal, test, name, "ID")
        id = read_id(text)
        if id is None:
            raise self._at("INVALID_QUERY_FILTER_OPERATOR", test, f"invalid ID field: {text}")
        return id

    def _wrong(self, literal: Written, test: Test, name: str, called: str) -> QueryRefused:
        return self._at(
            "INVALID_FIELD", test,
            f"value of filter criterion for field '{name}' must be of type {called} and should not be enclosed "
            f"in quotes",
        )  # fmt: skip

    def _at(self, code: str, test: Test, text: str) -> QueryRefused:
        return at_place(code, self._text, test.at, text)


def _name(test: Test) -> str:
    operand = test.operand
    if hasattr(operand, "names"):
        return ".".join(operand.names)
    return operand.name
