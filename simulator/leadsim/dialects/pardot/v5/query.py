"""GET of a collection: fields, filters, order, pages.

A page token is stateless, as the vendor's is: base64 of JSON that says what was asked and where to go on.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import orjson

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.encoding import read_moment, v5_json
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.ids import read_number
from leadsim.dialects.pardot.search import Condition, Deleted, Direction, Search, page
from leadsim.dialects.pardot.session import Session
from leadsim.dialects.pardot.standard import Field
from leadsim.dialects.pardot.v5.fields import read_fields
from leadsim.gateway.messages import Answer

DEFAULT_LIMIT, MOST, MOST_OFFSET, MOST_OF_A_TOKEN = 200, 1000, 2000, 100_000
MOST_FILTERED = 3
TOKEN_LIFE = timedelta(hours=4)
TOO_MANY = "203;Record count for nextPageToken sequence has been exceeded. No page token returned."
SHARED = ("fields", "limit", "offset", "orderBy", "deleted", "nextPageToken")
# How a filter's name ends, and the operator that it means. Numbers and moments have each their own words.
_NUMBERS = {"": "=", "GreaterThan": ">", "GreaterThanOrEqualTo": ">=", "LessThan": "<", "LessThanOrEqualTo": "<="}
_MOMENTS = {"": "=", "After": ">", "AfterOrEqualTo": ">=", "Before": "<", "BeforeOrEqualTo": "<="}
_TEXTS = {"": "="}
_DELETED: Mapping[str, Deleted] = {"all": "all", "true": "true", "false": "false"}


def query(session: Session) -> Answer:
    """GET /objects/{object}"""
    object = session.object
    filters = filters_of(object)
    asked = session.query(*SHARED, *filters)
    shown = read_fields(asked.get("fields"), object, session.catalog)
    if several := [name for name, field in shown.fields.items() if field.type == "Array"]:
        raise PardotRefused(224, ", ".join(several))
    if "nextPageToken" in asked:
        if others := [name for name in asked if name not in ("fields", "nextPageToken")]:
            raise PardotRefused(5, f"nextPageToken stands alone with fields, not with {', '.join(others)}")
        token = _read_token(asked["nextPageToken"], object, session.view.now)
        written: dict[str, str] = dict(token["filters"])
        order, deleted, limit, offset = token["orderBy"], token["deleted"], token["limit"], 0
    else:
        token = {"resumeValue": None, "page": 1, "recCount": 0}
        written = {name: value for name, value in asked.items() if name in filters}
        order, deleted, limit, offset = asked.get("orderBy", ""), _deleted(asked, object), _limit(asked), _offset(asked)
    conditions = tuple(_condition(name, value, *filters[name]) for name, value in written.items())
    if len({condition.field.v5 for condition in conditions}) > MOST_FILTERED:
        raise PardotRefused(209)
    search = Search(object, conditions, _order(order, object), deleted)
    found = page(session.view, search, limit, token["resumeValue"], offset)
    counted = token["recCount"] + len(found.records)
    next_token, headers = None, {}
    if found.next is not None and counted >= MOST_OF_A_TOKEN:
        headers["pardot-warning"] = TOO_MANY
    elif found.next is not None:
        next_token = _write_token(
            {
                "object": object.table.v5,
                "orderBy": order,
                "filters": list(written.items()),
                "limit": limit,
                "resumeValue": found.next,
                "page": token["page"] + 1,
                "recCount": counted,
                "expireTime": v5_json(session.view.now + TOKEN_LIFE, session.view.zone),
                "deleted": deleted,
            }
        )
    fields = asked["fields"]
    content = {
        "nextPageToken": next_token,
        "nextPageUrl": None if next_token is None else _url(session, fields, next_token),
        "values": [shown.of(record) for record in found.records],
    }
    return session.answer(200, content, headers)


def _url(session: Session, fields: str, token: str) -> str:
    name = session.object.table.v5
    path = f"/api/v5/{name}" if name in ("imports", "exports") else f"/api/v5/objects/{name}"
    return f"{session.origin}{path}?fields={quote(fields, safe=',.')}&nextPageToken={quote(token, safe='')}"


# --- what is asked ----------------------------------------------------------------------------------------------


def filters_of(object: PObject) -> dict[str, tuple[Field, str]]:
    """The names of all filters of an object: the field and the operator that each means."""
    found: dict[str, tuple[Field, str]] = {}
    if "id" in object.table.filters:
        found["idList"] = (object.fields["id"], "in")
    for name in object.table.filters:
        field = object.fields[name]
        forms = {"Integer": _NUMBERS, "DateTime": _MOMENTS}.get(field.type, _TEXTS)
        found.update({f"{name}{ending}": (field, operator) for ending, operator in forms.items()})
    return found


def _condition(name: str, text: str, field: Field, operator: str) -> Condition:
    if operator == "in":
        numbers = [read_number(part.strip()) for part in text.split(",")]
        if None in numbers or len(numbers) > MOST:
            raise PardotRefused(16, name)
        return Condition(field, operator, numbers)
    if field.type == "Integer":
        number = int(text) if re.fullmatch(r"0|[1-9][0-9]{0,17}", text, re.ASCII) else None
        if number is None:
            raise PardotRefused(16 if name.startswith("id") else 51, name)
        return Condition(field, operator, number)
    if field.type == "DateTime":
        moment = read_moment(text)
        if moment is None:
            raise PardotRefused(7, name)
        return Condition(field, operator, moment)
    if not text:
        raise PardotRefused(36, name)
    return Condition(field, operator, text)


def _limit(asked: Mapping[str, str]) -> int:
    if "limit" not in asked:
        return DEFAULT_LIMIT
    limit = read_number(asked["limit"])
    if limit is None or limit > MOST:
        raise PardotRefused(23)
    return limit


def _offset(asked: Mapping[str, str]) -> int:
    if "offset" not in asked:
        return 0
    offset = 0 if asked["offset"] == "0" else read_number(asked["offset"])
    if offset is None or offset > MOST_OFFSET:
        raise PardotRefused(21)
    return offset


def _deleted(asked: Mapping[str, str], object: PObject) -> Deleted:
    text = asked.get("deleted")
    if text is None:
        return "false" if object.table.binned else "all"
    if not object.table.binned or text not in _DELETED:
        raise PardotRefused(51, "deleted")
    return _DELETED[text]


def _order(text: str, object: PObject) -> tuple[tuple[Field, Direction], ...]:
    """ "updatedAt ASC,id": fields that one may filter by, each once."""
    order: list[tuple[Field, Direction]] = []
    for part in text.split(",") if text.strip() else ():
        words = part.split()
        direction = words[1].lower() if len(words) == 2 else "asc"
        if len(words) not in (1, 2) or words[0] not in object.table.filters or direction not in ("asc", "desc"):
            raise PardotRefused(51, "orderBy")
        if words[0] in [field.v5 for field, _ in order]:
            raise PardotRefused(51, "orderBy")
        order.append((object.fields[words[0]], "desc" if direction == "desc" else "asc"))
    return tuple(order)


# --- tokens -----------------------------------------------------------------------------------------------------


def _write_token(content: dict[str, Any]) -> str:
    return base64.b64encode(orjson.dumps(content)).decode()


def _read_token(text: str, object: PObject, now: datetime) -> dict[str, Any]:
    """What a token says. Raises PardotRefused for one that was not issued so, or too long ago."""
    try:
        content = orjson.loads(base64.b64decode(text, validate=True))
        _check_token(content, object)
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise PardotRefused(211) from None
    expires = read_moment(content["expireTime"])
    if expires is None:
        raise PardotRefused(211)
    if now >= expires:
        raise PardotRefused(210)
    return dict(content)


_TOKEN_KEYS = {"object", "orderBy", "filters", "limit", "resumeValue", "page", "recCount", "expireTime", "deleted"}


def _check_token(content: Any, object: PObject) -> None:
    """Raises ValueError for what can be no token of this object."""
    known = filters_of(object)
    filters = dict(content["filters"])
    resume = content["resumeValue"]
    fine = (
        set(content) == _TOKEN_KEYS
        and content["object"] == object.table.v5
        and all(name in known and isinstance(value, str) for name, value in filters.items())
        and all(isinstance(content[name], int) and content[name] > 0 for name in ("limit", "page", "recCount"))
        and content["limit"] <= MOST
        and content["deleted"] in _DELETED
        and all(isinstance(content[name], str) for name in ("orderBy", "expireTime"))
        and ((type(resume) is int and resume > 0) or _is_cursor(resume, len(_order(content["orderBy"], object))))
    )
    if not fine:
        raise ValueError("no token of ours")


def _is_cursor(resume: Any, ordered: int) -> bool:
    """The keys of the last record in the order asked for, then its place."""
    return (
        isinstance(resume, list)
        and 1 <= len(resume) <= ordered + 1
        and type(resume[-1]) is int
        and all(one is None or isinstance(one, str | int) for one in resume)
    )
