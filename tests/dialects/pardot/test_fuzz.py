"""Whatever is asked, the answer is the vendor's: never an error of the server's, never a lax success."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leadsim.dialects.pardot.errors import MESSAGES
from leadsim.dialects.pardot.table import V4, V5
from leadsim.dialects.pardot.v5.query import SHARED, filters_of
from tests.dialects.pardot.desk import Desk
from tests.dialects.pardot.speaker import ORG

ODD = st.one_of(
    st.text(max_size=12), st.integers(-5, 10**19), st.floats(allow_nan=False, allow_infinity=False), st.booleans(),
    st.none(), st.lists(st.integers(0, 9), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(0, 9), max_size=1),
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from(["", "0", "1", "10000001", "10000006", "99999999999", "true", "id", "id,email", "all", "updatedAt",
                     "2026-03-02T09:00:00Z", "2026-03-02", "today", "A+", "a@acme.example", "nord@acme.example",
                     "00Q5g00000000a1EAA", "e30=", "prospect.email", "ascending"]),
    st.text(max_size=12),
)  # fmt: skip


@cache
def _desk() -> Desk:
    desk = Desk()
    prospect = desk.prospect()
    desk.made("list-memberships", listId=desk.query("lists")[0]["id"], prospectId=prospect)
    return desk


def _check(reply: Any) -> None:
    """A success, or a refusal of the vendor's form with a code that it has."""
    assert reply.status < 500, reply.body
    if reply.status >= 400:
        body = reply.json
        code = body["@attributes"]["err_code"] if "err" in body else body["code"]
        assert code in MESSAGES, body


NAMES = sorted({*SHARED, "shoe", *(name for one in _desk().query("custom-fields", "fieldId") for name in one)})


@settings(max_examples=150)
@given(st.sampled_from([one for one in V5 if one.method == "GET"]), st.data())
def test_reads_of_version_5(operation: Any, data: st.DataObject) -> None:
    """Any parameters with any values: those that the operation doesn't know are never accepted."""
    from leadsim.dialects.pardot.catalog import catalog_of

    object = catalog_of(_desk().sandbox.gateway.sites[ORG].org.schema).objects[operation.object]
    known = {*SHARED, *filters_of(object)} if operation.name.startswith("query") else {"fields", "deleted"}
    asked = data.draw(st.dictionaries(st.sampled_from(sorted({*known, *NAMES, "updatedAtAfter"})), WORDS, max_size=4))
    path = operation.path.replace("{id}", data.draw(WORDS).replace("/", "") or "1").removeprefix("/objects/")
    reply = _desk().v5("GET", path, **asked)
    _check(reply)
    if reply.status == 200 and path.count("/") == operation.path.count("/") - 2:
        assert set(asked) <= known
        assert asked.get("fields", "").strip()


@settings(max_examples=150)
@given(st.data())
def test_writes_of_version_5(data: st.DataObject) -> None:
    """Any body: a success keeps what it was given, to the letter of its type."""
    from leadsim.dialects.pardot.catalog import catalog_of

    fields = catalog_of(_desk().sandbox.gateway.sites[ORG].org.schema).objects["prospects"].fields
    body = data.draw(st.dictionaries(st.sampled_from([*fields, "shoe"]), ODD, max_size=4))
    body.setdefault("email", "a@acme.example")
    asked = ",".join(name for name in body if name in fields)
    reply = _desk().v5("POST", "prospects", body, fields=asked or "id")
    _check(reply)
    if reply.status == 201:
        for name, value in body.items():
            assert fields[name].creatable
            told = reply.json[name]
            if isinstance(value, bool) or isinstance(told, bool):
                assert bool(value) is told
            elif isinstance(value, str) and value.strip():
                assert told == value.strip() or told.split() == value.split()


@settings(max_examples=150)
@given(st.sampled_from([one for rows in V4.values() for one in rows.values()]), st.data())
def test_calls_of_version_4(operation: Any, data: st.DataObject) -> None:
    """Any operation with any parameters, in JSON and XML."""
    names = ["id", "fid", "email", "limit", "offset", "sort_by", "sort_order", "output", "fields", "created_after",
             "id_greater_than", "list_id", "prospect_id", "first_name", "score", "is_starred", "list_10000005",
             "user_id", "group_id", "user_email", "deleted", "prospects", "name", "opted_out", "shoe"]  # fmt: skip
    asked = data.draw(st.dictionaries(st.sampled_from(names), WORDS, max_size=4))
    if operation.path.startswith("batch") and data.draw(st.booleans()):
        asked["prospects"] = data.draw(
            st.sampled_from(['[{"email":"a@b.example"}]', "[1]", "{", "<prospects/>", '{"a":1}'])
        )
    reply = _desk().v4(operation.name.partition(" ")[0], operation.path, **asked)
    _check(reply)
    if reply.status in (200, 201):
        assert "shoe" not in asked
    xml = _desk().session.post(
        f"/{ORG}/api/{operation.name.partition(' ')[0]}/version/4/do/{operation.path}", query=asked
    )
    assert xml.status < 500


@settings(max_examples=100)
@given(
    st.lists(
        st.sampled_from(["api", "v5", "objects", "prospects", "do", "query", "version", "4", "prospect", "1", "", "x"]),
        max_size=7,
    ),
    st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"]),
    st.binary(max_size=20),
)
def test_any_address(parts: list[str], method: str, body: bytes) -> None:
    """Any path, method and body."""
    reply = _desk().session.send(method, "/".join(["", ORG, "api", *parts]), body=body)
    assert reply.status < 500, reply.body
