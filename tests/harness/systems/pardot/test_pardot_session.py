"""Login, the unit's header, and every documented error as a failure of the ports."""

from __future__ import annotations

from dataclasses import fields

import pytest

from leadproof.integration.model import Credentials as InFile
from leadproof.systems.credentials import Credentials
from leadproof.systems.failures import (
    AddressRefused,
    BadAnswer,
    CallFailed,
    Forbidden,
    LoginRefused,
    NotSimulated,
    QuotaSpent,
    Refused,
    ServerFailed,
    Unreachable,
)
from leadproof.systems.registry import dialects, open_system
from leadproof.transports import Response, TransportFailed
from tests.harness.systems.pardot.scripted_unit import KNOWN, Unit, ok, page, v4_error, v5_error

LISTS = "GET lists"


def test_the_registry_finds_it() -> None:
    """`dialect: pardot` is a marketing tool, and no CRM."""
    assert "pardot" in dialects("marketing")
    assert "pardot" not in dialects("crm")
    assert open_system("marketing", "pardot", Unit(), "acme", KNOWN).name == "acme"


def test_salesforce_logs_in_and_every_call_names_the_unit() -> None:
    """One token request with the user's password; then the token and the unit's id on each call."""
    unit = Unit({LISTS: page()})
    client = unit.client()
    assert client.lists() == []
    assert client.lists() == []
    (form,) = unit.forms("POST /services/oauth2/token")
    assert form["grant_type"] == "password"
    assert form["username"] == "sync@acme.example"
    for call in unit.calls(LISTS):
        assert call.headers["authorization"] == "Bearer t1"
        assert call.headers["pardot-business-unit-id"] == "0Uv000000000001AAA"


@pytest.mark.parametrize("gone", [v5_error(184, "access_token is invalid", 401), v5_error(49, "Access Denied", 401)])
def test_an_ended_token_is_renewed_once(gone: Response) -> None:
    """The call that was turned away is repeated with a new token; a second refusal is told."""
    unit = Unit(
        {LISTS: [gone, page()], "POST /services/oauth2/token": [ok({"access_token": "a"}), ok({"access_token": "b"})]}
    )
    assert unit.client().lists() == []
    assert [one.headers["authorization"] for one in unit.calls(LISTS)] == ["Bearer a", "Bearer b"]
    with pytest.raises(LoginRefused):
        Unit({LISTS: gone}).client().lists()


def test_a_token_of_somebody_else_is_used_and_not_renewed() -> None:
    """Without credentials an expired token is the end."""
    unit = Unit({LISTS: [page(), v5_error(184, "access_token is invalid", 401)]})
    client = unit.client(Credentials(token="given", business_unit_id="0Uv1"))
    assert client.lists() == []
    assert client.access_token() == "given"
    with pytest.raises(LoginRefused):
        client.lists()
    assert unit.calls("POST /services/oauth2/token") == []


@pytest.mark.parametrize(
    ("answer", "kind", "definite"),
    [
        (v5_error(181, "A required header is missing"), LoginRefused, True),
        (
            v5_error(201, "Business Unit specified in Pardot-Business-Unit-Id header not found or inactive."),
            LoginRefused,
            True,
        ),
        (v5_error(122, "Daily API rate limit met"), QuotaSpent, True),
        (v5_error(66, "You have exceeded your concurrent request limit."), ServerFailed, True),
        (v5_error(202, "Minute rate limit met"), ServerFailed, True),
        (v5_error(183, "An internal error occurred", 500), ServerFailed, False),
        (v5_error(214, "API request timed out."), ServerFailed, False),
        (v5_error(46, "This API user lacks sufficient permissions", 405), Forbidden, True),
        (v5_error(53, "Client IP address/location must be activated"), AddressRefused, True),
        (v5_error(13, "One or more required parameters are missing: fields"), Refused, True),
        (v4_error(4, "Invalid prospect email address"), Refused, True),
        (ok({"code": 501, "message": "not simulated"}, 501), NotSimulated, True),
        (Response(200, {"content-type": "text/html"}, b"<html>login</html>"), BadAnswer, False),
        (Response(404, {"content-type": "text/html"}, b"<html>gone</html>"), BadAnswer, False),
        (Response(502, {"content-type": "text/html"}, b"<html>bad gateway</html>"), ServerFailed, False),
        (ok({"rows": []}), BadAnswer, False),
        (ok([]), BadAnswer, False),
        (page({"name": "no id"}), BadAnswer, False),
        (TransportFailed("timeout"), Unreachable, False),
        (TransportFailed("refused"), Unreachable, True),
    ],
)
def test_errors_are_failures_that_say_whether_anything_was_done(
    answer: Response | TransportFailed, kind: type[CallFailed], definite: bool
) -> None:
    """Each documented code, each odd body and each failure of the wire: the ports' failure, and whether it is sure."""
    with pytest.raises(kind) as failed:
        Unit({LISTS: answer}).client().lists()
    assert failed.value.definite is definite
    assert failed.value.system == "acme-marketing"
    assert failed.value.text


def test_concurrency_and_minute_limits_say_how_long_to_wait() -> None:
    """The vendor has no Retry-After: the waits are those of its documentation's limits."""
    for code, seconds in ((66, 1), (202, 60)):
        with pytest.raises(ServerFailed) as failed:
            Unit({LISTS: v5_error(code, "too many")}).client().lists()
        assert failed.value.retry_after_seconds == seconds


def test_a_refused_login_is_definite_whatever_it_is() -> None:
    """The call behind the login was never sent."""
    for answer in (
        ok({"error": "invalid_grant", "error_description": "authentication failure"}, 400),
        ok({}),
        Response(503, {}, b""),
    ):
        with pytest.raises(CallFailed) as failed:
            Unit({"POST /services/oauth2/token": answer}).client().lists()
        assert failed.value.definite


def test_who_we_are() -> None:
    """Salesforce says whose token it is, the unit which of its users that is; quota and time come with it."""
    users = [
        {
            "id": 7,
            "username": "other",
            "email": "sync@acme.example",
            "salesforceId": "005000000000009AAA",
            "isDeleted": False,
        },
        {
            "id": 8,
            "username": "sync",
            "email": "x@acme.example",
            "salesforceId": "005000000000001AAA",
            "isDeleted": False,
        },
    ]
    unit = Unit(
        {
            "GET /services/oauth2/userinfo": ok(
                {"user_id": "005000000000001AAA", "preferred_username": "sync@acme.example"}
            ),
            "GET users": page(*users),
            "GET account": ok({"id": 1, "maximumDailyApiCalls": 25000, "apiCallsUsed": 24}),
            "GET /api/user/version/4/do/read/id/8": ok({"user": {"id": 8, "timezone": "Europe/Oslo"}}),
        }
    )
    seen = unit.client().connect()
    assert (seen.user, seen.org, seen.kind, seen.time_zone) == ("8", "acme-marketing", "marketing", "Europe/Oslo")
    assert (seen.quota.limit, seen.quota.left) == (25000, 24976)
    assert seen.time.isoformat() == "2026-03-02T10:00:00+00:00"


def test_a_stranger_to_the_unit_is_refused_by_name() -> None:
    """A Salesforce user who is no user of the unit cannot be told whose changes are ours."""
    unit = Unit({"GET /services/oauth2/userinfo": ok({"user_id": "005X"}), "GET users": page()})
    with pytest.raises(LoginRefused, match=r"sync@acme\.example is no user"):
        unit.client().connect()


def test_quota_of_an_answer_that_was_asked_for_it() -> None:
    """Where the account may not be read, the usage header of any answer tells the calls of the day."""
    counted = page({"id": 8, "username": "sync@acme.example"}, at="2026-03-02T10:00:00Z")
    unit = Unit(
        {
            "GET /services/oauth2/userinfo": ok({}),
            "GET users": Response(200, {**counted.headers, "x-api-usage": "api-usage=30/25000"}, counted.body),
            "GET account": v5_error(46, "no permission", 405),
            "GET /api/user/version/4/do/read/id/8": v4_error(10, "Invalid user ID"),
        }
    )
    seen = unit.client().connect()
    assert (seen.quota.limit, seen.quota.used, seen.time_zone) == (25000, 30, "UTC")


def test_it_closes_its_wire() -> None:
    """Closing twice does nothing more."""
    unit = Unit()
    client = unit.client()
    client.close()
    client.close()
    assert unit.closed


def test_an_integration_can_name_all_that_a_login_needs() -> None:
    """Each key of a live system's credentials is one that a client takes, the business unit's among them."""
    known = {one.name for one in fields(Credentials)}
    assert InFile.model_fields.keys() <= known
    assert {"business_unit_id", "login_url", "security_token"} <= InFile.model_fields.keys()
