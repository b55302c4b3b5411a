"""Answers have the shape of documented and recorded ones: keys, kinds of values, status, media type, headers."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from leadsim.dialects.pardot.ids import business_unit_id
from leadsim.dialects.pardot.standard import OBJECTS
from tests.dialects.pardot.desk import V5, Desk
from tests.dialects.pardot.speaker import ORG
from tests.gateway.caller import Reply

FIXTURES = Path(__file__).parents[3] / "fixtures" / "vendors" / "pardot"
SHAPES: dict[str, Any] = orjson.loads((FIXTURES / "documented-shapes.json").read_bytes())
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d\Z")
LOCAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\Z")
KINDS: dict[str, Callable[[Any], bool]] = {
    "text": lambda value: isinstance(value, str),
    "integer": lambda value: type(value) is int,
    "boolean": lambda value: isinstance(value, bool),
    "moment": lambda value: isinstance(value, str) and bool(MOMENT.match(value)),
    "local": lambda value: isinstance(value, str) and bool(LOCAL.match(value)),
}
UPDATED = {"name": "filterByUpdatedAt", "arguments": {"updatedAfter": "2026-03-01T00:00:00Z"}}


def _check_shape(shape: Any, value: Any, at: str) -> None:
    """Compare a value with its documented shape, all the way down; a text that is no kind's name stands for itself."""
    if isinstance(shape, str) and shape.removesuffix("?") in KINDS:
        fine = (value is None and shape.endswith("?")) or KINDS[shape.removesuffix("?")](value)
        assert fine, (at, shape, value)
    elif isinstance(shape, dict):
        assert set(shape) == set(value), (at, sorted(set(shape) ^ set(value)))
        for name, inner in shape.items():
            _check_shape(inner, value[name], f"{at}.{name}")
    elif isinstance(shape, list):
        assert value, at
        for place, one in enumerate(value):
            _check_shape(shape[0], one, f"{at}[{place}]")
    else:
        assert value == shape, at


def _answers() -> dict[str, Reply]:
    desk = Desk(time_zone="Europe/Oslo")
    lists = {"fields": "id"}
    bearer = {"authorization": desk.session.headers["authorization"]}
    unit = {"pardot-business-unit-id": business_unit_id(ORG)}
    none = desk.v4("prospect", "query")
    prospect = desk.prospect()
    gone = desk.prospect("gone@acme.example")
    fields = "id,email,createdAt,optedOut,campaign.name"
    upsert = {"matchEmail": "nord@acme.example", "prospect": {"city": "Oslo"}, "fields": ["id", "email"]}
    wish = {"operation": "Upsert", "object": "Prospect"}
    return {
        "query": desk.v5("GET", "prospects", fields=fields),
        "create": desk.v5("POST", "prospects", {"email": "b@acme.example"}, fields="id,email"),
        "update without fields": desk.v5("PATCH", f"prospects/{prospect}", {"city": "Oslo"}),
        "delete": desk.v5("DELETE", f"prospects/{gone}"),
        "upsert latest by email": desk.v5("POST", "prospects/do/upsertLatestByEmail", upsert),
        "missing fields": desk.v5("GET", "emails"),
        "missing header": desk.caller.get(f"{V5}/objects/lists", query=lists, headers=bearer),
        "no session": desk.caller.get(f"{V5}/objects/lists", query=lists),
        "another business unit": desk.session.get(
            f"{V5}/objects/lists", query=lists, headers={"pardot-business-unit-id": "0Uv000000000000AAA"}
        ),
        "not found": desk.v5("GET", "prospects/5", fields="id"),
        "v4 query of one": desk.v4("list", "query"),
        "v4 query of several": desk.v4("user", "query"),
        "v4 query of none": none,
        "v4 not found": desk.v4("prospect", "read/email/nobody@acme.example"),
        "v4 batch": desk.v4("prospect", "batchUpsert", prospects='[{"email":"c@acme.example"}]'),
        "v4 batch with a bad row": desk.v4("prospect", "batchUpsert", prospects='[{"email":"nobody"}]'),
        "v4 delete": desk.v4("prospect", f"delete/id/{prospect}"),
        "v4 wrong session": desk.caller.get(
            f"/{ORG}/api/list/version/4/do/query", query={"format": "json"},
            headers={"authorization": "Bearer x", **unit},
        ),
        "import": desk.v5("POST", "/imports", wish, fields="id,status,batchesRef,isExpired"),
        "export": desk.v5(
            "POST", "/exports", {"object": "Prospect", "procedure": UPDATED}, fields="id,status,isExpired,resultRefs"
        ),
    }  # fmt: skip


ANSWERS = _answers()


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "source"])
def test_an_answer_has_its_documented_shape(name: str) -> None:
    """Status, media type, headers, body."""
    shape, reply = SHAPES[name], ANSWERS[name]
    assert reply.status == shape["status"], reply.body
    if shape["body"] is None:
        assert reply.body == b""
        return
    assert reply.headers["content-type"] == shape["media"]
    assert set(shape.get("headers", ())) <= set(reply.headers)
    _check_shape(shape["body"], reply.json, name)


def test_every_answer_is_compared() -> None:
    """No answer without a shape."""
    assert set(ANSWERS) == set(SHAPES) - {"source"}


def test_the_fields_are_the_vendors() -> None:
    """Every field that the vendor lists is known, and none that it says only it fills can be written."""
    listed = orjson.loads((FIXTURES / "v5-fields.json").read_bytes())["objects"]
    own = {table.v5: {row[0]: row for row in table.rows if row[0]} for table in OBJECTS}
    for collection in sorted(set(own) & set(listed)):
        missing = sorted(set(listed[collection]) - {"createdBy", "updatedBy"} - set(own[collection]))
        assert missing == [], collection
        for name, read_only in listed[collection].items():
            if read_only and name in own[collection]:
                assert not set("rw") & set(own[collection][name][4]), (collection, name)
