"""Where two recordings part: the first exchange that differs, and what in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from leadproof.cases.case import Case
from leadproof.cases.divergence import difference, exchange_difference
from leadproof.cases.har import Recorded, read_har
from leadproof.cases.judging import Replay, replay
from leadproof.cases.recording import record_scenario
from leadproof.library import starter


def exchange(method: str = "POST", path: str = "/a", query: str = "", body: str = '{"x": 1}', status: int = 200,
             answer: str = '{"ok": true}') -> Recorded:  # fmt: skip
    """One exchange, as a HAR file tells it."""
    pairs = [dict(zip(("name", "value"), one.split("="), strict=True)) for one in query.split("&") if one]
    entry = {
        "startedDateTime": "2026-01-02T03:04:05Z",
        "request": {"method": method, "url": f"https://crm.example{path}?{query}", "headers": [], "queryString": pairs,
                    "postData": {"text": body, "mimeType": "application/json"}},
        "response": {"status": status, "headers": [], "content": {"text": answer, "mimeType": "application/json"}},
    }  # fmt: skip
    (one,) = read_har(json.dumps({"log": {"version": "1.2", "entries": [entry]}}).encode())
    return one


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (exchange(), ""),
        (exchange(method="PUT", path="/b"), "PUT /b instead of POST /a"),
        (exchange(query="page=2"), "POST /a: the query is {'page': '2'} instead of {}"),
        (exchange(body='{"x": 2}'), "POST /a: the request differs: x is 2, recorded 1"),
        (exchange(body='{"x": 1, "y": [1]}'), "POST /a: the request differs: y is [1], recorded null"),
        (exchange(status=503), "POST /a: the status differs: the whole is 503, recorded 200"),
        (exchange(answer='{"ok": false}'), "POST /a: the answer differs: ok is false, recorded true"),
    ],
)
def test_the_first_thing_that_differs_is_named(now: Recorded, told: str) -> None:
    """Method and path before the query, that before bodies and the status."""
    assert exchange_difference(exchange(), now) == told


def test_one_side_is_longer() -> None:
    """An exchange too many and one too few are told apart."""
    anonymous, known = exchange(method="GET"), replace(exchange(), actor="connector")
    assert exchange_difference(None, known) == "POST /a by connector was more than recorded"
    assert exchange_difference(anonymous, None) == "GET /a by somebody was recorded, and not made now"


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (b'{"a": [{"b": 1}, 2]}', b'{"a": [{"b": 1}, 3]}', "a[1] is 3, recorded 2"),
        (b'{"a": [1]}', b'{"a": [1, 2]}', "a is [1,2], recorded [1]"),
        (b'{"a": null}', b"{}", "'{}', recorded '{\"a\": null}'"),
        (b"[1]", b"7", "the whole is 7, recorded [1]"),
        (b"Email,Name\n1,2", b"Email,City\n1,2", "'Email,City\\n1,2', recorded 'Email,Name\\n1,2'"),
        (b"<a/>" + b"x" * 150, b"<a/>" + b"x" * 140 + b"y", f"'...{'x' * 20}y', recorded '...{'x' * 30}'"),
        (b'{"n": 1}', b'{"n": "1"}', "n is '1', recorded 1"),
        (b'{"n": null}', b'{"n": "null"}', "n is 'null', recorded null"),
        (b'"%s"' % (b"a" * 130), b'"%sb"' % (b"a" * 130), f"the whole is '...{'a' * 20}b', recorded '...{'a' * 20}'"),
    ],
)
def test_where_two_bodies_differ(was: bytes, now: bytes, told: str) -> None:
    """A path of JSON, however deep; else the texts around the first byte that differs."""
    assert difference(was, now) == told


@pytest.fixture(scope="module")
def undelivered(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A short case that fails: nothing is synced."""
    folder = tmp_path_factory.mktemp("undelivered")
    for name in ("recipe.yaml", "leadproof.yaml"):
        (folder / name).write_bytes((starter() / name).read_bytes())
    (folder / "short.yaml").write_text(
        "scenario: Nothing is synced\nsteps:\n  - create_lead: {as: lead, in: marketing, fill: basics}\n"
        "  - check_delivered: {lead: $lead, count: 1}\n"
    )
    return record_scenario(folder / "short.yaml")


def test_a_replay_tells_where_it_left_the_recording(undelivered: Case) -> None:
    """What another scenario writes differs in its exchange; nothing is told where all is as recorded, to the byte;
    and where all exchanges are, the check is named whose verdict differs."""
    assert replay(undelivered, Replay()).divergence == ""
    text = undelivered.files["scenario.yaml"]
    other = undelivered.with_files({"scenario.yaml": text.replace(b"fill: basics", b"values: {last_name: Other}")})
    told = replay(other, Replay())
    assert told.judgement == "FAILED"
    assert told.divergence.startswith("exchange ")
    assert told.divergence.endswith("items[0].values.country is 'test', recorded null")
    expected = json.loads(undelivered.files["expected.json"])
    expected["digest"], expected["checks"][0]["verdict"] = "another", "skipped"
    doubted = undelivered.with_files({"expected.json": json.dumps(expected).encode()})
    check = expected["checks"][0]["id"]
    assert replay(doubted, Replay()).divergence == f"check {check}: failed, recorded skipped"
