"""do/query of any object: criteria, sorting, limit and offset, how much is answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.search import Condition, Deleted, Direction, Search, count, every, page
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.v4.asking import Asked, answer, one_or_many
from leadsim.dialects.pardot.v4.shapes import full
from leadsim.gateway.messages import Answer

MOST = 200
GRADES = ("F", "D-", "D", "D+", "C-", "C", "C+", "B-", "B", "B+", "A-", "A", "A+")
_ORDERS = ("ascending", "descending")


def query(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/query"""
    conditions, deleted = criteria(asked, object)
    limit, offset = _limit(asked), _offset(asked)
    order = _order(asked, object)
    fields = _fields(asked, object)
    output = asked.output
    asked.end()
    search = Search(object, tuple(conditions), order, deleted)
    if output == "mobile":
        records = list(islice(every(session.view, search), offset, None))
    else:
        records = page(session.view, search, limit, None, offset).records
    rows = [full(record, output, fields, in_query=True) for record in records]
    tag = object.table.tag
    if output == "bulk":
        return answer(session, {"result": {tag: one_or_many(rows)} if rows else None})
    total = offset + len(rows) if offset + len(rows) < limit and output != "mobile" else count(session.view, search)
    result: dict[str, Any] = {"total_results": total}
    if rows:
        result[tag] = one_or_many(rows)
    return answer(session, {"result": result})


# --- result set -------------------------------------------------------------------------------------------------


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None


def _limit(asked: Asked) -> int:
    text = asked.take("limit")
    if text is None:
        return MOST
    limit = _whole(text)
    if not limit:
        raise PardotRefused(23)
    return min(limit, MOST)


def _offset(asked: Asked) -> int:
    text = asked.take("offset")
    offset = 0 if text is None else _whole(text)
    if offset is None:
        raise PardotRefused(21)
    return offset


def _order(asked: Asked, object: PObject) -> tuple[tuple[Field, Direction], ...]:
    by, how = asked.take("sort_by"), asked.take("sort_order")
    names = [name.strip() for name in by.split(",")] if by else []
    orders = [name.strip().lower() for name in how.split(",")] if how else []
    if len(names) > 2:
        raise PardotRefused(133)
    if len(orders) > 2:
        raise PardotRefused(134)
    if len(names) == 2 and "id" not in names:
        raise PardotRefused(135)
    if any(name not in object.table.sorts for name in names):
        raise PardotRefused(19)
    if any(name not in _ORDERS for name in orders) or len(orders) > max(1, len(names)):
        raise PardotRefused(20)
    given = dict(zip(names, orders, strict=False))
    order: list[tuple[Field, Direction]] = []
    for name in names or (["id"] if orders else []):
        default = object.table.sorts[name] if names else orders[0]
        order.append((object.v4_fields[name], "desc" if given.get(name, default) == "descending" else "asc"))
    return tuple(order)


def _fields(asked: Asked, object: PObject) -> list[Field] | None:
    text = asked.take("fields")
    if text is None:
        return None
    names = list(dict.fromkeys(["id", *(name.strip() for name in text.split(",") if name.strip())]))
    unknown = [name for name in names if name not in object.v4_fields]
    if unknown:
        raise PardotRefused(130, ", ".join(unknown))
    return [object.v4_fields[name] for name in names]


# --- criteria ---------------------------------------------------------------------------------------------------


def criteria(asked: Asked, object: PObject) -> tuple[list[Condition], Deleted]:
    """What the parameters select. Raises PardotRefused."""
    conditions: list[Condition] = []
    zone, now = asked.session.view.zone, asked.session.view.now
    for name, (v4, operator) in _TIMES.items():
        if v4 in object.v4_fields and (text := asked.take(name)) is not None:
            conditions.append(Condition(object.v4_fields[v4], operator, read_time(text, now, zone)))
    for name, operator in (("id_greater_than", ">"), ("id_less_than", "<")):
        if (text := asked.take(name)) is not None:
            number = _whole(text)
            if number is None:
                raise PardotRefused(16)
            conditions.append(Condition(object.v4_fields["id"], operator, number))
    for read in _OF.get(object.table.v5, ()):
        conditions += read(asked, object)
    deleted = _truth(asked, "deleted", 27) if object.table.binned else None
    return conditions, "true" if deleted else "false"


_TIMES = {
    "created_after": ("created_at", ">"),
    "created_before": ("created_at", "<"),
    "updated_after": ("updated_at", ">"),
    "updated_before": ("updated_at", "<"),
    "last_activity_after": ("last_activity_at", ">"),
    "last_activity_before": ("last_activity_at", "<"),
}


def read_time(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The vendor's words for times, and ISO 8601; without an offset in the org's zone. Of GNU's further forms none."""
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    words: Mapping[str, datetime] = {
        "now": now,
        "today": today,
        "yesterday": today - timedelta(days=1),
        "last_7_days": today - timedelta(days=7),
        "this_month": today.replace(day=1),
        "last_month": (today.replace(day=1) - timedelta(days=1)).replace(day=1),
    }
    word = text.strip().lower()
    if word in words:
        return words[word].astimezone(UTC)
    if not re.fullmatch(
        r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?\s*(Z|[+-]\d{2}:?\d{2})?)?", text.strip()
    ):
        raise PardotRefused(7, text)
    try:
        read = datetime.fromisoformat(re.sub(r"\s+(?=[Z+-])", "", text.strip()))
        return (read.replace(tzinfo=zone) if read.tzinfo is None else read).astimezone(UTC)
    except (ValueError, OverflowError):
        raise PardotRefused(7, text) from None


def _truth(asked: Asked, name: str, code: int) -> bool | None:
    text = asked.take(name)
    if text is None:
        return None
    if text.lower() not in ("true", "false"):
        raise PardotRefused(code)
    return text.lower() == "true"


def _score(asked: Asked, object: PObject) -> list[Condition]:
    found: dict[str, int] = {}
    for name, operator in (("score_equal_to", "="), ("score_greater_than", ">"), ("score_less_than", "<")):
        if (text := asked.take(name)) is not None:
            if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
                raise PardotRefused(29)
            found[operator] = int(text)
    if "=" in found and len(found) > 1:
        raise PardotRefused(31)
    if ">" in found and "<" in found and found[">"] >= found["<"]:
        raise PardotRefused(30)
    return [Condition(object.v4_fields["score"], operator, value) for operator, value in found.items()]


def _grade(asked: Asked, object: PObject) -> list[Condition]:
    found: dict[str, int] = {}
    for name, operator in (("grade_equal_to", "="), ("grade_greater_than", ">"), ("grade_less_than", "<")):
        if (text := asked.take(name)) is not None:
            if text not in GRADES:
                raise PardotRefused(32)
            found[operator] = GRADES.index(text)
    if "=" in found and len(found) > 1:
        raise PardotRefused(34)
    if not found:
        return []
    low, high = found.get(">", -1), found.get("<", len(GRADES))
    if low >= high:
        raise PardotRefused(33)
    wanted = [GRADES[found["="]]] if "=" in found else list(GRADES[low + 1 : high])
    return [Condition(object.v4_fields["grade"], "in", wanted)] if wanted else [_never(object)]


def _never(object: PObject) -> Condition:
    return Condition(object.v4_fields["id"], "<", 0)


def _assigned(asked: Asked, object: PObject) -> list[Condition]:
    user, assigned = asked.take("assigned_to_user"), _truth(asked, "assigned", 26)
    field = object.v4_fields["user_id"]
    if user is not None:
        users = asked.session.catalog.objects["users"]
        known = [
            one.number
            for one in asked.session.view.rows(users)
            if user in (str(one.number), str(one.named("email")), str(one.named("username")))
        ]
        if not known:
            raise PardotRefused(11 if "@" in user else 10)
        return [Condition(field, "=", known[0])]
    return [] if assigned is None else [Condition(field, "not_blank" if assigned else "is_blank")]


def _flags(asked: Asked, object: PObject) -> list[Condition]:
    found = []
    starred = _truth(asked, "is_starred", 25)
    if starred is not None:
        found.append(Condition(object.v4_fields["is_starred"], "=", starred))
    if (text := asked.take("last_activity_never")) is not None:
        if text.lower() != "true":
            raise PardotRefused(50, "last_activity_never")
        found.append(Condition(object.v4_fields["last_activity_at"], "is_blank"))
    if (new := _truth(asked, "new", 28)) is not None:
        if not new:
            raise PardotRefused(51, "new=false")
        found += [
            Condition(object.v4_fields["user_id"], "is_blank"),
            Condition(object.v4_fields["is_reviewed"], "=", False),
            Condition(object.v4_fields["last_activity_at"], "not_blank"),
        ]
    return found


def _on_list(asked: Asked, object: PObject) -> list[Condition]:
    number = _number_of(asked, "list_id", "lists")
    if number is None:
        return []
    places = asked.session.catalog.objects["list-memberships"]
    search = Search(places, (Condition(places.fields["listId"], "=", number),))
    people = [place.named("prospectId") for place in every(asked.session.view, search)]
    return [Condition(object.v4_fields["id"], "in", people)] if people else [_never(object)]


def _number_of(asked: Asked, name: str, collection: str) -> int | None:
    """The number of a live record that a parameter names. Raises PardotRefused."""
    text = asked.take(name)
    if text is None:
        return None
    target = asked.session.catalog.objects[collection]
    number = _whole(text)
    found = asked.session.view.find(target, number) if number else None
    if found is None or found.deleted:
        raise PardotRefused(target.table.missing)
    return number


def _by(name: str, collection: str) -> Callable[[Asked, PObject], list[Condition]]:
    def read(asked: Asked, object: PObject) -> list[Condition]:
        number = _number_of(asked, name, collection)
        return [] if number is None else [Condition(object.v4_fields[name], "=", number)]

    return read


def _among(name: str) -> Callable[[Asked, PObject], list[Condition]]:
    """Ids with commas between them."""

    def read(asked: Asked, object: PObject) -> list[Condition]:
        text = asked.take(name)
        if text is None:
            return []
        numbers = [_whole(part) for part in text.split(",")]
        if None in numbers:
            raise PardotRefused(16)
        return [Condition(object.v4_fields[name], "in", numbers)]

    return read


def _equal(name: str) -> Callable[[Asked, PObject], list[Condition]]:
    def read(asked: Asked, object: PObject) -> list[Condition]:
        text = asked.take(name)
        return [] if text is None else [Condition(object.v4_fields[name], "=", text)]

    return read


def _activity_kinds(asked: Asked, object: PObject) -> list[Condition]:
    found = []
    if (prospect_only := _truth(asked, "prospect_only", 50)) is not None and not prospect_only:
        raise PardotRefused(51, "prospect_only=false: a sandbox has no visitors without a prospect")
    for name, field in (("email_only", "list_email_id"), ("form_only", "form_id")):
        if _truth(asked, name, 50):
            found.append(Condition(object.v4_fields[field], "not_blank"))
    return found


_OF: Mapping[str, tuple[Callable[[Asked, PObject], list[Condition]], ...]] = {
    "prospects": (_score, _grade, _assigned, _flags, _on_list),
    "lists": (_equal("name"),),
    "campaigns": (_equal("name"),),
    "prospect-accounts": (_equal("name"),),
    "list-memberships": (_by("list_id", "lists"),),
    "visitor-activities": (_among("prospect_id"), _among("type"), _among("form_id"), _activity_kinds),
    "tags": (_equal("name"),),
    "tagged-objects": (_by("tag_id", "tags"),),
}
