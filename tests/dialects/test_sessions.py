"""A session of one vendor's org at another vendor's: who comes in, and who doesn't."""

from __future__ import annotations

from typing import Any

import pytest

from leadsim.app import Sandbox
from leadsim.dialects.native.dialect import Native
from leadsim.gateway.credentials import Elsewhere, Presented
from leadsim.gateway.messages import Request
from tests.dialects.salesforce.speaker import log_in
from tests.gateway.caller import Caller, Reply, build, recipe_with

USERS = [{"id": "sync"}, {"id": "kari.m", "email": "Kari@acme.example"}, {"id": "ola.c", "active": False}]
WHOAMI = "/acme-marketing/marketing/v1/whoami"


class TakesSessions(Native):
    """The native dialect, but one logs in at Salesforce."""

    def presented(self, request: Request) -> Presented | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return Elsewhere("salesforce", token) if token else None


@pytest.fixture
def pair() -> tuple[Sandbox, Caller]:
    """A Salesforce org, and a marketing org that takes its sessions."""
    users = [{"id": "sync"}, {"id": "kari.c", "email": "kari@acme.example"}, {"id": "ola.c"}, {"id": "eva.c"}]
    recipe = recipe_with("acme-crm", dialect="salesforce", users=users)
    recipe["orgs"]["acme-marketing"] = {**recipe["orgs"]["acme-marketing"], "users": USERS, "logins": []}
    sandbox, caller = build(recipe)
    sandbox.gateway.sites["acme-marketing"].dialect = TakesSessions()
    return sandbox, caller


def _token(caller: Caller, user: str = "sync") -> str:
    token: str = log_in(caller, user=user).json["access_token"]
    return token


def _ask(caller: Caller, token: str) -> Reply:
    return caller.get(WHOAMI, headers={"authorization": f"Bearer {token}"})


def test_the_same_person_comes_in(pair: tuple[Sandbox, Caller]) -> None:
    """By id, or by e-mail address in any letter case."""
    _, caller = pair
    assert _ask(caller, _token(caller)).json["user"] == "sync"
    assert _ask(caller, _token(caller, "kari.c")).json["user"] == "kari.m"


def test_others_are_refused(pair: tuple[Sandbox, Caller]) -> None:
    """A token that nobody issued, somebody unknown here, somebody inactive here: 401, each with its reason."""
    _, caller = pair
    words: list[Any] = []
    for token in ("00D!nonsense", _token(caller, "eva.c"), _token(caller, "ola.c")):
        reply = _ask(caller, token)
        assert reply.status == 401
        words.append(reply.error["message"])
    assert "no salesforce org" in words[0]
    assert "no user of org acme-marketing" in words[1]
    assert "inactive" in words[2]


def test_a_session_ends_where_it_was_issued(pair: tuple[Sandbox, Caller]) -> None:
    """By time, by revocation, and by the fault that expires tokens."""
    sandbox, caller = pair
    revoked, expired, faulty = _token(caller), _token(caller), _token(caller)
    caller.form("/acme-crm/services/oauth2/revoke", token=revoked)
    assert _ask(caller, revoked).status == 401
    assert caller.post("/_lab/faults", {"kind": "token_expired", "at": "acme-marketing"}).status == 201
    assert _ask(caller, faulty).status == 401
    assert _ask(caller, faulty).error["kind"] == "expired"
    assert _ask(caller, expired).status == 200
    sandbox.world.clock.advance(3 * 3600)
    assert _ask(caller, expired).error["kind"] == "expired"
