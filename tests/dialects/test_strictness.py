"""No lax success: what is contradictory, repeated, ignored or out of bounds is refused, and nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadsim.gateway.strictness import LaxJson, check_json
from tests.gateway.caller import CRM, MARKETING, Caller, Reply, build

LEAD = {"LastName": "Test", "Company": "Example"}
LEADS = f"{CRM}/records/Lead"
JSON_BODY = {"content-type": "application/json"}


def _crm() -> Caller:
    return build()[1].login()


def _marketing() -> Caller:
    return build()[1].login("acme-marketing")


def _written(caller: Caller, object: str = "Lead", base: str = CRM) -> list[Any]:
    records: list[Any] = caller.get(f"{base}/changes/{object}").json["records"]
    return records


def _refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.error["code"]) == (status, code), reply.body
    assert reply.error["message"]


# --- JSON ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LEADS, b'{"values":{"LastName":"A","LastName":"B","Company":"x"}}'),
        (LEADS, b'{"values":{"LastName":"A","Company":"x"},"values":{"LastName":"B","Company":"x"}}'),
        (LEADS, b'{"values":{"LastName":"A","Last\\u004eame":"B","Company":"x"}}'),
        (LEADS, b'{ "values" : {"LastName" : "A", "Company": "x"}, "assign" : true , "assign" : true}'),
        (
            f"{CRM}/batch",
            b'{"items":[{"op":"create","op":"delete","object":"Lead","values":{"LastName":"A","Company":"x"}}]}',
        ),
        ("/_lab/clock/advance", b'{"seconds":1,"seconds":2}'),
        ("/_lab/faults", b'{"at":"crm","at":"crm","operation":"any","kind":"status"}'),
    ],
)
def test_a_key_stands_once(path: str, body: bytes) -> None:
    """RFC 8259, 4: whoever picks one of two loses the other silently, so neither is taken."""
    caller = _crm()
    _refused(caller.post(path, body=body, headers=JSON_BODY), 400, "REF745")
    assert _written(caller) == []


def test_a_key_stands_once_in_the_rows_of_a_job() -> None:
    """The part is refused as a whole; the job stays open and empty."""
    caller = _crm()
    job = caller.post(f"{CRM}/jobs", {"object": "Lead", "op": "create"}).json["id"]
    rows = b'[{"LastName":"A","LastName":"B","Company":"x"}]'
    _refused(caller.put(f"{CRM}/jobs/{job}/data", body=rows, headers=JSON_BODY), 400, "REF745")
    assert caller.get(f"{CRM}/jobs/{job}").json["rows"] == 0


def test_a_number_is_one_of_json() -> None:
    """NaN and Infinity are words of another language."""
    caller = _crm()
    for number in (b"NaN", b"Infinity", b"-Infinity"):
        body = b'{"values":{"LastName":"A","Company":"x","AnnualRevenue":' + number + b"}}"
        assert caller.post(LEADS, body=body, headers=JSON_BODY).status == 400
    assert _written(caller) == []


class _Pairs(list):  # type: ignore[type-arg]
    """An object whose keys may repeat."""


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    lambda inner: st.lists(inner, max_size=3)
    | st.lists(st.tuples(st.sampled_from(['"', ":", "a", "b", '":', "å"]), inner), max_size=3).map(_Pairs),
    max_leaves=12,
)  # fmt: skip


def _spelled(tree: Any, space: str, ascii: bool) -> str:
    if isinstance(tree, _Pairs):
        parts = (f"{json.dumps(k, ensure_ascii=ascii)}{space}:{_spelled(v, space, ascii)}" for k, v in tree)
        return "{" + f"{space},".join(parts) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(_spelled(one, space, ascii) for one in tree) + "]"
    return json.dumps(tree, ensure_ascii=ascii)


def _repeats(tree: Any) -> bool:
    if isinstance(tree, _Pairs):
        return len({key for key, _ in tree}) < len(tree) or any(_repeats(value) for _, value in tree)
    return isinstance(tree, list) and any(_repeats(one) for one in tree)


@given(tree=TREES, space=st.sampled_from(["", " ", "\n\t"]), ascii=st.booleans())
def test_repeated_keys_are_seen_in_any_spelling(tree: Any, space: str, ascii: bool) -> None:
    """Exactly the documents that repeat a key in one object are refused, by the quick way and by the slow one."""
    body = _spelled(tree, space, ascii).encode()
    if _repeats(tree):
        with pytest.raises(LaxJson, match="twice"):
            check_json(body)
    else:
        check_json(body)
