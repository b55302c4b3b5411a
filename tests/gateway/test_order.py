"""Who may call, and in which order a call is refused (architecture.md "The rules of the house", 7 and 8)."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.app import Sandbox
from leadsim.gateway.faults import FaultSpec
from tests.gateway.caller import CRM, Caller, basic, build, recipe_with

WHOAMI = f"{CRM}/whoami"
ELSEWHERE = ["192.0.2.0/24"]


def _exchanges(sandbox: Sandbox, org: str = "acme-crm") -> list[dict[str, Any]]:
    return sandbox.world.journal.facts(kind="exchange", org=org)


def test_refusals_come_in_the_order_of_the_rule() -> None:
    """With everything wrong at once, each obstacle shows only when the one before it is taken away."""
    recipe = recipe_with("acme-crm", allowlist=ELSEWHERE, quota={"calls_per_day": 0})
    sandbox, caller = build(recipe)
    sandbox.gateway.faults.add(FaultSpec(at="crm", kind="status", status=500, times="always"))
    wrong = basic(password="wrong-one")
    path = f"{CRM}/records/Nothing/x?colour=red".partition("?")[0]

    def refusal(headers: dict[str, str]) -> tuple[int, str]:
        reply = caller.get(path, headers=headers, query={"colour": "red"})
        return reply.status, reply.error["kind"]

    assert caller.get("/no-org/crm/v1/whoami").error["code"] == "REF741"
    assert refusal(wrong) == (403, "address")
    caller.patch("/_lab/orgs/acme-crm/settings", {"allowlist": ["10.20.0.0/24"]})
    assert refusal(wrong) == (401, "login")
    assert refusal(basic()) == (429, "quota")
    caller.patch("/_lab/orgs/acme-crm/settings", {"quota": {"calls_per_day": 10}})
    assert refusal(basic()) == (500, "fault")
    caller.delete("/_lab/faults")
    assert refusal(basic()) == (400, "invalid")


def test_every_refusal_is_journalled_and_ticks_the_clock() -> None:
    """A refused call is an exchange like any other; a call to no org and one to /_lab are none and move no clock."""
    sandbox, caller = build()
    before = caller.get("/_lab/clock").json["now"]
    caller.get("/no-org/crm/v1/whoami")
    caller.get("/_lab/state")
    assert caller.get("/_lab/clock").json["now"] == before
    assert _exchanges(sandbox) == []
    caller.get(WHOAMI)
    caller.get(WHOAMI, headers=basic(password="wrong-one"))
    caller.get(f"{CRM}/nothing", headers=basic())
    assert [fact["status"] for fact in _exchanges(sandbox)] == [401, 401, 404]
    assert caller.get("/_lab/clock").json["now"] == "2026-03-02T09:00:03Z"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "10.20.0.7"},
        {"forwarded": "for=10.20.0.7"},
        {"x-real-ip": "10.20.0.7"},
        {"x-leadsim-actor": "connector"},
        {"host": "10.20.0.7"},
    ],
)
def test_no_header_changes_who_is_calling(headers: dict[str, str]) -> None:
    """A stranger's address is the socket's peer, whatever the headers say."""
    _, caller = build(recipe_with("acme-crm", allowlist=["10.20.0.0/24"]))
    stranger = Caller(caller.app, actor="", extensions=False, peer="198.51.100.4")
    reply = stranger.get(WHOAMI, headers={**basic(), **headers})
    assert (reply.status, reply.error["kind"]) == (403, "address")
    assert "198.51.100.4" in reply.error["message"]
    assert caller.get(WHOAMI, headers=basic()).json["address"] == "10.20.0.7"


@pytest.mark.parametrize(
    ("forwarded", "seen"),
    [
        ("203.0.113.50", "203.0.113.50"),
        ("10.20.0.7, 203.0.113.50", "203.0.113.50"),
        ("203.0.113.50, 198.51.100.9", "203.0.113.50"),
        ("203.0.113.50, rubbish", "198.51.100.4"),
        ("", "198.51.100.4"),
        ("::ffff:203.0.113.50", "203.0.113.50"),
    ],
)
def test_behind_a_trusted_hop_the_nearest_untrusted_address_counts(forwarded: str, seen: str) -> None:
    """X-Forwarded-For is read from its right end, only as far as the hops are trusted (RFC 7239, 8.1)."""
    from leadsim.app import build_app
    from leadsim.recipe import Recipe
    from tests.gateway.caller import RECIPE

    sandbox = Sandbox.build(Recipe.model_validate(RECIPE), 7, trusted_hops=["198.51.100.0/24"])
    stranger = Caller(build_app(sandbox), actor="", extensions=False, peer="198.51.100.4")
    reply = stranger.get(WHOAMI, headers={**basic(), "x-forwarded-for": forwarded})
    assert reply.json["address"] == seen


def test_a_mapped_address_is_its_ipv4_address() -> None:
    """A peer that a dual-stack socket reports as ::ffff:a.b.c.d is a.b.c.d, for the allowlist and in whoami."""
    _, caller = build(recipe_with("acme-crm", allowlist=["192.0.2.0/24"]))
    mapped = Caller(caller.app, actor="", extensions=False, peer="::ffff:192.0.2.9")
    assert mapped.get(WHOAMI, headers=basic()).json["address"] == "192.0.2.9"
    other = Caller(caller.app, actor="", extensions=False, peer="::ffff:192.0.3.9")
    assert other.get(WHOAMI, headers=basic()).status == 403


def test_an_actor_has_the_recipes_address() -> None:
    """What the transport states counts, not the socket it came through."""
    _, caller = build(recipe_with("acme-crm", allowlist=["10.20.0.0/24"]))
    visitor = Caller(caller.app, actor="visitor", peer="10.20.0.9")
    assert "203.0.113.9" in visitor.get(WHOAMI, headers=basic()).error["message"]


def test_permissions() -> None:
    """Reading needs `api`, changing needs `write`; each lack is said by name, and changes nothing."""
    _, caller = build()
    reader, nobody = basic("reader"), basic("nobody")
    assert caller.get(WHOAMI, headers=reader).json["permissions"] == ["api"]
    refused = caller.post(f"{CRM}/records/Lead", {"values": {"LastName": "A", "Company": "B"}}, headers=reader)
    assert (refused.status, refused.error["kind"], refused.error["definite"]) == (403, "permission", True)
    assert "'write'" in refused.error["message"]
    assert "'api'" in caller.get(WHOAMI, headers=nobody).error["message"]
    assert caller.post(f"{CRM}/query", {"object": "Lead"}, headers=reader).json["records"] == []


def test_a_body_beyond_the_limit_is_refused_as_a_whole() -> None:
    """413, journalled without the body; in whatever pieces it arrives."""
    sandbox, caller = build()
    body = b'{"object": "' + b"x" * (16 * 1024 * 1024) + b'"}'
    for pieces in (1, 7):
        reply = caller.post(f"{CRM}/query", body=body, headers=basic(), pieces=pieces)
        assert (reply.status, reply.error["code"]) == (413, "REF740")
    assert [fact["request_body"] for fact in _exchanges(sandbox)] == ["", ""]
    assert caller.post(f"{CRM}/query", body=b"", headers={**basic(), "content-type": "application/json"}).status == 400


def test_a_body_in_pieces_is_one_body() -> None:
    """How the network cut the body up makes no difference."""
    _, caller = build()
    whole = caller.post(f"{CRM}/query", {"object": "Lead"}, headers=basic())
    assert caller.post(f"{CRM}/query", {"object": "Lead"}, headers=basic(), pieces=5).json == whole.json
