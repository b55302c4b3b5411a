"""The JWT bearer grant: who comes in by a signed assertion, and each way in which one is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.dialects.salesforce.desk import DATA
from tests.dialects.salesforce.signing import GRANT, ec_certificate, signer, unsigned
from tests.gateway.caller import Caller, Reply, build, recipe_with

TOKEN = "/acme-crm/services/oauth2/token"
NOW = int(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC).timestamp())
GOOD: dict[str, Any] = {"iss": "3MVG9app", "sub": "sync", "aud": "https://login.salesforce.com", "exp": NOW + 180}


def _opened(**app: Any) -> Caller:
    apps = [
        {"client_id": "3MVG9app", "certificate": signer().certificate, **app},
        {"client_id": "3MVG9plain", "client_secret": "s3cret", "run_as": "sync"},
    ]
    return build(recipe_with("acme-crm", dialect="salesforce", connected_apps=apps))[1]


@pytest.fixture(scope="module")
def caller() -> Caller:
    """An org that knows a program's certificate."""
    return _opened()


def _ask(caller: Caller, assertion: str) -> Reply:
    return caller.form(TOKEN, grant_type=GRANT, assertion=assertion)


def _refused(caller: Caller, **claims: Any) -> tuple[int, str, str]:
    kept = {name: value for name, value in {**GOOD, **claims}.items() if value is not None}
    reply = _ask(caller, signer().assertion(**kept))
    return reply.status, reply.json.get("error", ""), reply.json.get("error_description", "")


def test_a_signed_assertion_opens_a_session(caller: Caller) -> None:
    """As the user that it names; without a refresh token, because one signs again."""
    reply = _ask(caller, signer().assertion(**GOOD))
    assert reply.status == 200, reply.body
    assert "refresh_token" not in reply.json
    headers = {"authorization": f"Bearer {reply.json['access_token']}"}
    assert caller.get("/acme-crm/services/oauth2/userinfo", headers=headers).json["preferred_username"] == "sync"
    assert caller.get(f"{DATA}/limits", headers=headers).status == 200


@pytest.mark.parametrize(
    "audience",
    ["https://test.salesforce.com", "https://acme-crm.my.salesforce.com", "http://sandbox/acme-crm", ["x", "https://login.salesforce.com/"]],
)  # fmt: skip
def test_audiences(caller: Caller, audience: Any) -> None:
    """The vendor's login hosts, the org's own host, and the address that the org is reached at."""
    assert _ask(caller, signer().assertion(**{**GOOD, "aud": audience})).status == 200


def test_refusals(caller: Caller) -> None:
    """Each in the vendor's words, by RFC 6749's errors."""
    assert _refused(caller, aud="https://sandbox.example") == (400, "invalid_grant", "audience is invalid")
    assert _refused(caller, aud=None) == (400, "invalid_grant", "audience is invalid")
    assert _refused(caller, exp=None) == (400, "invalid_grant", "invalid assertion")
    assert _refused(caller, exp="soon") == (400, "invalid_grant", "invalid assertion")
    assert _refused(caller, sub=None) == (400, "invalid_grant", "invalid assertion")
    assert _refused(caller, nbf=NOW + 86_400) == (400, "invalid_grant", "invalid assertion")
    assert _refused(caller, sub="nobody-here") == (400, "invalid_grant", "user hasn't approved this consumer")
    assert _refused(caller, sub="ola.c") == (400, "invalid_grant", "user hasn't approved this consumer")
    assert _refused(caller, iss="3MVG9other") == (400, "invalid_client_id", "client identifier invalid")
    assert _refused(caller, iss="3MVG9plain") == (400, "invalid_grant", "invalid assertion")


def test_the_clock_is_the_sandboxs_and_forgives_three_minutes() -> None:
    """An assertion that has just expired still counts, one of three minutes ago doesn't, by the sandbox's clock."""
    caller = _opened()
    assertion = signer().assertion(**{**GOOD, "exp": NOW})
    assert _ask(caller, assertion).status == 200
    caller.post("/_lab/clock/advance", {"seconds": 170})
    assert _ask(caller, assertion).status == 200
    caller.post("/_lab/clock/advance", {"seconds": 10})
    reply = _ask(caller, assertion)
    assert reply.json == {"error": "invalid_grant", "error_description": "expired authorization code"}


def test_only_the_right_key_signs(caller: Caller) -> None:
    """Another key, another algorithm, none at all, a changed claim: none of them is an assertion."""
    body, claims = signer().assertion(**GOOD), orjson.dumps(GOOD)
    header, _, signature = body.split(".")
    changed = unsigned(orjson.dumps({**GOOD, "sub": "kari.c"})).split(".")[1]
    for text in (
        signer("another").assertion(**GOOD), signer().assertion("RS384", **GOOD), unsigned(claims),
        f"{header}.{changed}.{signature}", body[:-8], "no assertion", "",
    ):  # fmt: skip
        reply = _ask(caller, text)
        assert (reply.status, reply.json["error_description"]) == (400, "invalid assertion"), text


def test_approved_users_only() -> None:
    """An app for approved users speaks for nobody else."""
    caller = _opened(users=["sync"])
    assert _ask(caller, signer().assertion(**GOOD)).status == 200
    refused = _ask(caller, signer().assertion(**{**GOOD, "sub": "kari.c"}))
    assert refused.json["error"] == "invalid_app_access"


def test_a_named_app_comes_in_by_its_secret() -> None:
    """As whom it runs; an app that runs as nobody, or that has no secret, does not."""
    caller = _opened()
    app = {"grant_type": "client_credentials", "client_id": "3MVG9plain"}
    assert caller.form(TOKEN, **app, client_secret="s3cret").status == 200
    assert caller.form(TOKEN, **app, client_secret="wrong").json["error"] == "invalid_client"
    bare = {**app, "client_id": "3MVG9app", "client_secret": ""}
    assert caller.form(TOKEN, **bare).json["error"] == "invalid_client"
    nobody = _opened(client_secret="s3cret").form(TOKEN, **{**bare, "client_secret": "s3cret"})
    assert nobody.json["error_description"] == "no client credentials user enabled"


def test_an_assertion_is_a_secret() -> None:
    """The journal doesn't keep what would let a reader in."""
    caller = _opened()
    assertion = signer().assertion(**GOOD)
    _ask(caller, assertion)
    facts = caller.get("/_lab/journal", query={"kind": "exchange"}).body.decode()
    assert TOKEN in facts
    assert assertion not in facts
    assert assertion.split(".")[2] not in facts


def test_a_recipe_with_an_unfit_certificate_is_refused() -> None:
    """Text that is no certificate, and a key that RS256 can't use."""
    for certificate, words in (("-----", "no certificate in PEM"), (ec_certificate(), "no RSA key")):
        with pytest.raises(ValidationError, match=words):
            _opened(certificate=certificate)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.text(), st.from_regex(r"[\w-]{0,20}\.[\w-]{0,40}\.[\w-]{0,20}", fullmatch=True), st.binary().map(unsigned)
    )
)
def test_nothing_else_is_an_assertion(caller: Caller, text: str) -> None:
    """Whatever is sent: 400 and an OAuth error."""
    reply = _ask(caller, text)
    assert reply.status == 400
    assert reply.json["error"] in ("invalid_grant", "invalid_client_id")
