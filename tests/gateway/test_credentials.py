"""Logging in: grants, HTTP Basic, tokens that expire on the sandbox's clock, and secrets that stay secret."""

from __future__ import annotations

import base64

import orjson
import pytest

from tests.gateway.caller import CRM, Caller, basic, build, recipe_with

TOKEN = "/acme-crm/oauth/token"
WHOAMI = f"{CRM}/whoami"


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "sync", "password": "leadproof-sync"},
        {"grant_type": "client_credentials", "client_id": "sync", "client_secret": "leadproof-sync"},
    ],
)
def test_a_grant_gives_a_token(form: dict[str, str]) -> None:
    """RFC 6749: both grants answer a bearer token with its life, and it works; it must not be cached."""
    _, caller = build()
    reply = caller.form(TOKEN, **form)
    assert (reply.status, reply.json["token_type"], reply.json["expires_in"]) == (200, "Bearer", 3600)
    assert reply.headers["cache-control"] == "no-store"
    token = {"authorization": f"Bearer {reply.json['access_token']}"}
    assert caller.get(WHOAMI, headers=token).json["user"] == "sync"


def test_a_client_may_show_its_secret_in_the_header() -> None:
    """RFC 6749, 2.3.1: client_secret_basic; the form then names only the grant."""
    _, caller = build()
    headers = {**basic(), "content-type": "application/x-www-form-urlencoded"}
    reply = caller.post(TOKEN, body=b"grant_type=client_credentials", headers=headers)
    assert reply.status == 200


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"grant_type": "password", "username": "sync", "password": "wrong-one"}, 401),
        ({"grant_type": "password", "username": "nobody-here", "password": "leadproof-sync"}, 401),
        ({"grant_type": "password", "username": "ola.c", "password": "leadproof-ola.c"}, 401),
        ({"grant_type": "password", "username": "inbound", "password": "leadproof-inbound"}, 401),
        ({"grant_type": "password", "username": "sync"}, 400),
        ({"grant_type": "client_credentials", "username": "sync", "password": "leadproof-sync"}, 400),
        ({"grant_type": "device_code"}, 400),
        ({"username": "sync", "password": "leadproof-sync"}, 400),
        ({"grant_type": "password", "username": "sync", "password": "leadproof-sync", "scope": "all"}, 400),
    ],
)
def test_a_wrong_login_is_refused(form: dict[str, str], status: int) -> None:
    """Wrong password, unknown or inactive user, a queue, a missing or unknown part: no token."""
    _, caller = build()
    reply = caller.form(TOKEN, **form)
    assert reply.status == status
    assert "access_token" not in reply.body.decode()


def test_the_form_is_a_form() -> None:
    """Another content type is 415; a parameter that stands twice is refused (RFC 6749, 3.2)."""
    _, caller = build()
    assert caller.post(TOKEN, {"grant_type": "password"}).status == 415
    headers = {"content-type": "application/x-www-form-urlencoded"}
    twice = b"grant_type=password&username=sync&username=sync&password=leadproof-sync"
    assert caller.post(TOKEN, body=twice, headers=headers).status == 400
    assert caller.post(TOKEN, body=b"\xff", headers=headers).status == 400


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer nonsense", "Basic !!!", "Basic " + base64.b64encode(b"no colon").decode(), "Digest x", "Bearer"],
)
def test_no_usable_credentials(authorization: str) -> None:
    """401 with the schemes that would do (RFC 9110, 11.6.1)."""
    _, caller = build()
    reply = caller.get(WHOAMI, headers={"authorization": authorization} if authorization else {})
    assert (reply.status, reply.error["kind"]) == (401, "login")
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_token_expires_on_the_sandboxs_clock() -> None:
    """It works in its last second and not in the next; the refusal says that it expired, and a new login helps."""
    _, caller = build()
    session = caller.login()
    caller.patch("/_lab/clock", {"mode": "frozen"})
    caller.post("/_lab/clock/advance", {"seconds": 3599})
    assert session.get(WHOAMI).status == 200
    caller.post("/_lab/clock/advance", {"seconds": 1})
    reply = session.get(WHOAMI)
    assert (reply.status, reply.error["kind"], reply.error["code"]) == (401, "expired", "CON104")
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    assert caller.login().get(WHOAMI).status == 200


def test_a_login_may_have_shorter_tokens() -> None:
    """`expires_seconds` of the recipe's login."""
    login = {"actor": "connector", "user": "sync", "expires_seconds": 60}
    _, caller = build(recipe_with("acme-crm", logins=[login]))
    session = caller.login()
    caller.post("/_lab/clock/advance", {"seconds": 60})
    assert session.get(WHOAMI).error["kind"] == "expired"


def test_a_user_who_is_switched_off_is_out_at_once() -> None:
    """Also with a token that is still good; switched on again, the token works again."""
    _, caller = build()
    session = caller.login(user="kari.c")
    for active, status in ((False, 401), (True, 200)):
        caller.patch("/_lab/orgs/acme-crm/settings", {"users": [{"id": "kari.c", "active": active}]})
        assert session.get(WHOAMI).status == status


def test_tokens_belong_to_one_org() -> None:
    """A token of the CRM is nothing to the marketing org."""
    _, caller = build()
    assert caller.login("acme-crm").get("/acme-marketing/marketing/v1/whoami").status == 401


def test_other_logins_by_the_control_api() -> None:
    """A password that is changed shuts the old one out; the recipe's own password wins over the default."""
    _, caller = build()
    logins = [{"actor": "connector", "user": "sync", "password": "another-secret"}]
    caller.patch("/_lab/orgs/acme-crm/settings", {"logins": logins})
    assert caller.get(WHOAMI, headers=basic()).status == 401
    assert caller.get(WHOAMI, headers=basic(password="another-secret")).status == 200


CANARY = "canary-9f3b7c"


def test_secrets_are_never_recorded() -> None:
    """A canary as password, as secret, as token, in header, form, body and query, right and wrong: the journal holds
    none of it, nor any token that was issued."""
    login = {"actor": "connector", "user": "sync", "password": CANARY}
    sandbox, caller = build(recipe_with("acme-crm", logins=[login]))
    issued = []
    for grant in (("password", "username", "password"), ("client_credentials", "client_id", "client_secret")):
        kind, user, secret = grant
        issued.append(caller.form(TOKEN, **{"grant_type": kind, user: "sync", secret: CANARY}).json["access_token"])
    session = Caller(caller.app, "connector", {"authorization": f"Bearer {issued[0]}"})
    session.get(WHOAMI)
    session.post(f"{CRM}/records/Lead", {"values": {"LastName": issued[1], "Company": "B", "password": CANARY}})
    caller.get(WHOAMI, headers=basic(password=CANARY))
    caller.get(WHOAMI, headers=basic(password=CANARY + "x"))
    caller.get(WHOAMI, headers={"authorization": f"Bearer {CANARY}"})
    caller.get(WHOAMI, query={"access_token": CANARY, "password": CANARY})
    caller.form("/acme-crm/oauth/tokn", grant_type="password", username="sync", password=CANARY)
    caller.form(TOKEN, grant_type="password", username="sync", pasword=CANARY)
    caller.post(TOKEN, {"password": CANARY, "client_secret": CANARY})
    caller.patch("/_lab/orgs/acme-crm/settings", {"logins": [login]})
    recorded = orjson.dumps(sandbox.world.journal.facts()).decode()
    assert CANARY not in recorded
    assert issued[0] not in recorded
    assert "{secret}" in recorded
    assert base64.b64encode(f"sync:{CANARY}".encode()).decode() not in recorded


def test_a_placeholder_is_stable() -> None:
    """Two sandboxes with different passwords record the same, so a changed secret changes no digest."""
    digests = set()
    for password in ("one-secret-word", "quite-another-one"):
        sandbox, caller = build(
            recipe_with("acme-crm", logins=[{"actor": "connector", "user": "sync", "password": password}])
        )
        caller.form(TOKEN, grant_type="password", username="sync", password=password)
        caller.get(WHOAMI, headers=basic(password=password))
        digests.add(sandbox.world.journal.digest())
    assert len(digests) == 1
