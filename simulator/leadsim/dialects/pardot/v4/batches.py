"""Up to 50 prospects in one call: a parameter `prospects` of JSON or XML, in the query or in a form.

The answer tells the rows that were refused, by their place; all good is 201, any bad row 200 with stat "fail"
(vendors/salesforce-pardot-dynamics-eloqua.md 2A).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from leadsim.dialects.pardot.catalog import PObject
from leadsim.dialects.pardot.errors import PardotRefused
from leadsim.dialects.pardot.session import Session, usage
from leadsim.dialects.pardot.v4.asking import XML, Asked, elements_document, format_of
from leadsim.dialects.pardot.v4.rows import Row, write_rows
from leadsim.gateway.messages import JSON, Answer

MOST = 50


def batch_create(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/batchCreate"""
    return _batch(session, asked, object, "create")


def batch_update(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/batchUpdate"""
    return _batch(session, asked, object, "update")


def batch_upsert(session: Session, asked: Asked, object: PObject) -> Answer:
    """do/batchUpsert"""
    return _batch(session, asked, object, "upsert")


def _batch(session: Session, asked: Asked, object: PObject, way: str) -> Answer:
    text = asked.take("prospects")
    asked.end()
    if text is None:
        raise PardotRefused(13, "prospects")
    rows = read_rows(text)
    if len(rows) > MOST:
        raise PardotRefused(70)
    if not rows:
        raise PardotRefused(36, "prospects")
    refused = write_rows(session, object, way, [Row(row) for row in rows])
    errors = {str(place): failure.message for place, failure in sorted(refused.items())}
    stat = "fail" if errors else "ok"
    headers = usage(session.call)
    if format_of(session.request) == "json":
        content = {"@attributes": {"stat": stat, "version": 1}, "errors": errors}
        return Answer(200 if errors else 201, orjson.dumps(content), {"content-type": JSON, **headers})
    listed = [{"@attributes": {"prospect": place}, "err": message} for place, message in errors.items()]
    body = elements_document(stat, {"errors": {"prospect": listed} if listed else {}})
    return Answer(200 if errors else 201, body, {"content-type": XML, **headers})


def read_rows(text: str) -> list[dict[str, Any]]:
    """The rows of a batch: `{"prospects": [{...}]}`, a list, an object of objects by address, or XML.
    Raises PardotRefused."""
    stripped = text.strip()
    reader: Callable[[str], list[dict[str, Any]]] = _xml_rows if stripped.startswith("<") else _json_rows
    return reader(stripped)


def _json_rows(text: str) -> list[dict[str, Any]]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise PardotRefused(71) from None
    if isinstance(content, dict):
        content = content["prospects"] if set(content) == {"prospects"} else content
    if isinstance(content, dict):
        content = [{"email": email, **row} if isinstance(row, dict) else row for email, row in content.items()]
    if not isinstance(content, list):
        raise PardotRefused(71)
    for row in content:
        if not isinstance(row, dict) or any(isinstance(value, dict | list) for value in row.values()):
            raise PardotRefused(90)
    return content


def _xml_rows(text: str) -> list[dict[str, Any]]:
    try:
        root = fromstring(text.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise PardotRefused(71) from None
    if root.tag != "prospects" or any(one.tag != "prospect" for one in root):
        raise PardotRefused(71)
    if any(len(field) or not isinstance(field.tag, str) for row in root for field in row):
        raise PardotRefused(90)
    return [{field.tag: (field.text or "").strip() for field in row} for row in root]
