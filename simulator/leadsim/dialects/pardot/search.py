"""Finding records: by an index of the engine where it has one, else in memory over all rows.

In memory are what an org has few of, what the vendor makes of other values, and everything while reads lag behind
writes: then the conditions judge the values that are seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.computed import ONLY
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.view import Record, View
from leadsim.engine.query import Order
from leadterms.criteria import Criteria, Row
from leadterms.logic import every_row

Direction = Literal["asc", "desc"]
Deleted = Literal["false", "true", "all"]
Resume = list[Any] | int | None
PAGE = 2000
_DIGITS, _HIGHEST = 8, "99999999"
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True, slots=True)
class Condition:
    """A field, an operator (=, <, <=, >, >=, in, is_blank, not_blank) and the value, as clients see it."""

    field: Field
    operator: str
    value: Any = None

    def holds(self, record: Record) -> bool:
        """Whether a record's value meets it; a blank is neither more nor less than anything."""
        value = record.get(self.field)
        if self.operator in ("is_blank", "not_blank"):
            return (value in (None, "", False)) == (self.operator == "is_blank")
        if value is None:
            return False
        if self.operator == "in":
            return value in self.value
        wanted = self.value
        if isinstance(value, str):
            value, wanted = value.casefold(), str(wanted).casefold()
        return _COMPARE[self.operator](value, wanted)


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, in which order."""

    object: PObject
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[Field, Direction], ...] = ()
    deleted: Deleted = "false"


@dataclass(frozen=True, slots=True)
class Page:
    """Records, and where the next page begins; None where there are no more."""

    records: list[Record]
    next: Resume


def page(view: View, search: Search, limit: int, resume: Resume = None, offset: int = 0) -> Page:
    """A page of what is found. `resume` is what the page before said."""
    asked = _asked(view, search)
    if asked is None or isinstance(resume, int):
        found = _in_memory(view, search)
        start = resume if isinstance(resume, int) else offset
        return Page(found[start : start + limit], start + limit if start + limit < len(found) else None)
    if asked is NOTHING:
        return Page([], None)
    after = None if resume is None else tuple(resume)
    if offset:
        skipped = view.org.find(asked.object, asked.criteria, asked.order, offset, after, deleted=asked.deleted)
        if skipped.next is None:
            return Page([], None)
        after = skipped.next
    found_page = view.org.find(asked.object, asked.criteria, asked.order, limit, after, deleted=asked.deleted)
    records = [Record(view, search.object, stored) for stored in found_page.records]
    return Page(records, None if found_page.next is None else list(found_page.next))


def count(view: View, search: Search) -> int:
    """How many there are."""
    return sum(1 for _ in every(view, search))


def every(view: View, search: Search) -> Iterator[Record]:
    """All that is found, in order."""
    asked = _asked(view, search)
    if asked is None:
        yield from _in_memory(view, search)
        return
    if asked is NOTHING:
        return
    after = None
    while True:
        found = view.org.find(asked.object, asked.criteria, asked.order, PAGE, after, deleted=asked.deleted)
        for stored in found.records:
            yield Record(view, search.object, stored)
        if found.next is None:
            return
        after = found.next


def first(view: View, search: Search) -> Record | None:
    """The first that is found."""
    return next(islice(every(view, search), 1), None)


# --- in memory --------------------------------------------------------------------------------------------------


def _in_memory(view: View, search: Search) -> list[Record]:
    found = [
        record
        for record in view.rows(search.object)
        if (search.deleted == "all" or record.deleted == (search.deleted == "true"))
        and all(condition.holds(record) for condition in search.conditions)
    ]
    for field, direction in reversed(search.order):
        found.sort(key=lambda record, field=field: _key(record.get(field)), reverse=direction == "desc")  # type: ignore[misc]
    return found


def _key(value: Any) -> tuple[bool, Any]:
    """Blanks come first; texts whatever their letter case."""
    if value is None:
        return (False, "")
    return (True, value.casefold() if isinstance(value, str) else value)


# --- by the engine ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """The search as the engine is asked."""

    object: str
    criteria: Criteria | None
    order: Order
    deleted: bool


NOTHING = _Asked("", None, (), False)


def _asked(view: View, search: Search) -> _Asked | None:
    """The search in the engine's words; None where it has none for it."""
    table = search.object.table
    if table.few or view.lag_seconds:
        return None
    only = ONLY.get(table.v5)
    rows = [] if only is None else [Row(only[0], "=", only[1])]
    for condition in search.conditions:
        made = _row(view, search.object, condition)
        if made is None:
            return None
        if made == IMPOSSIBLE:
            return NOTHING
        rows.append(made)
    if search.deleted == "true":
        rows.append(Row("deleted", "=", True))
    order: list[tuple[str, Direction]] = []
    for field, direction in search.order:
        column = _column(field)
        if column is None:
            return None
        order.append((column, direction))
    if order == [("id", "asc")]:
        order = []  # the order of creation is that of the numbers
    criteria = Criteria(tuple(rows), every_row(len(rows))) if rows else None
    return _Asked(table.engine, criteria, tuple(order), search.deleted != "false")


IMPOSSIBLE = Row("", "impossible")


def _column(field: Field) -> str | None:
    if field.source == "seq":
        return "id"
    return field.key if field.source in ("field", "at") else None


def _row(view: View, object: PObject, condition: Condition) -> Row | None:
    field, operator, value = condition.field, condition.operator, condition.value
    if operator in ("is_blank", "not_blank"):
        return Row(field.key, operator) if field.source in ("field", "ref") and field.type != "Boolean" else None
    if field.source == "seq":
        return _by_number("id", operator, value)
    if field.source == "at":
        return Row(field.key, operator, value)
    if field.source == "field" and operator != "in":
        return Row(field.key, operator, value.isoformat() if isinstance(value, date | datetime) else value)
    if field.source != "ref" or not field.of:
        return None
    target = view.catalog.objects[field.of]
    if operator == "=":
        found = view.find(target, value, written=True)
        return Row(field.key, "=", found.stored.id) if found is not None and found.stored is not None else IMPOSSIBLE
    if not target.table.few:
        return _by_number(field.key, operator, value)
    ids = [
        record.stored.id
        for record in view.rows(target)
        if record.stored is not None
        and (record.number in value if operator == "in" else _COMPARE[operator](record.number, value))
    ]
    return Row(field.key, "in", tuple(ids)) if ids else IMPOSSIBLE


def _by_number(column: str, operator: str, value: Any) -> Row:
    """Numbers are compared as texts of the same length."""
    if operator == "in":
        return Row(column, "in", tuple(str(one) for one in value))
    if operator == "=":
        return Row(column, "=", str(value))
    return Row(column, operator, min(str(value).zfill(_DIGITS), _HIGHEST, key=_numeric))


def _numeric(text: str) -> int:
    return int(text)
