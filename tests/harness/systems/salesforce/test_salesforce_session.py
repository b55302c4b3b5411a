"""The Salesforce client's login, and every failure by its name: documented responses only."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from leadproof.systems import failures
from leadproof.systems.credentials import Credentials
from leadproof.systems.ports import Write
from leadproof.transports import Response, TransportFailed
from tests.harness.systems.salesforce.documented import BASE, KNOWN, NOW, TOKEN, client, errors, ok, page, soap, token

QUERY = f"GET {BASE}/query"
HTML = Response(200, {"content-type": "text/html"}, b"<!doctype html><title>Sign in</title>")


def test_a_password_carries_the_security_token_and_the_apps_key() -> None:
    """Username-password flow: all five parts; the token is used from then on, once got."""
    crm, wire = client({})
    crm.users()
    form = parse_qs(wire.asked[0].body.decode())
    assert form == {
        "grant_type": ["password"], "username": ["sync@acme.example"], "password": ["passTOKEN"],
        "client_id": ["key"], "client_secret": ["secret"],
    }  # fmt: skip
    assert {one.headers["authorization"] for one in wire.asked[1:]} == {"Bearer 00D!t1"}
    assert len(wire.sent("/token")) == 1
    assert crm.access_token() == "00D!t1"


def test_an_app_logs_in_by_itself() -> None:
    """Client-credentials flow where there is no password; a bare token is used as it is."""
    crm, wire = client({}, Credentials(client_id="key", client_secret="secret"))
    assert crm.access_token() == "00D!t1"
    assert parse_qs(wire.asked[0].body.decode())["grant_type"] == ["client_credentials"]
    held, asked = client({}, Credentials(token="00D!held"))
    held.users()
    assert asked.asked[0].headers["authorization"] == "Bearer 00D!held"


@pytest.mark.parametrize(
    "gone",
    [
        errors(401, "INVALID_SESSION_ID"),
        ok({"error": "invalid_token", "error_description": "Bad_OAuth_Token"}, 403),
    ],
    ids=["rest", "userinfo"],
)
def test_a_session_that_ended_is_renewed_once(gone: Response) -> None:
    """The call was turned away at the door, so it is repeated with a new session; a second time it is a failure."""
    crm, wire = client({TOKEN: [token(1), token(2)], QUERY: [gone, page()]})
    assert crm.users() == []
    assert [one.headers.get("authorization") for one in wire.asked] == [
        None, "Bearer 00D!t1", None, "Bearer 00D!t2", "Bearer 00D!t2",
    ]  # fmt: skip
    again, _ = client({QUERY: gone})
    with pytest.raises(failures.LoginRefused):
        again.users()
    only, _ = client({QUERY: gone}, Credentials(token="00D!held"))
    with pytest.raises(failures.LoginRefused):
        only.users()


def refused_login(error: str, text: str) -> Response:
    return ok({"error": error, "error_description": text}, 400)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refused_login("invalid_grant", "authentication failure"), failures.LoginRefused, "CON110"),
        (refused_login("invalid_client_id", "client identifier invalid"), failures.LoginRefused, "CON110"),
        (refused_login("inactive_user", "user is inactive"), failures.LoginRefused, "CON110"),
        (refused_login("invalid_grant", "ip restricted or invalid login hours"), failures.AddressRefused, "NET110"),
        (refused_login("rate_limit_exceeded", "login rate exceeded"), failures.QuotaSpent, "CON112"),
        (Response(503, {}, b"busy"), failures.ServerFailed, "NET109"),
        (HTML, failures.BadAnswer, "NET108"),
        (ok({"token_type": "Bearer"}), failures.BadAnswer, "NET108"),
        (TransportFailed("reset"), failures.Unreachable, "NET106"),
    ],
)
def test_a_login_that_fails_is_named_and_the_call_never_went(
    answer: Response | TransportFailed, kind: type[failures.CallFailed], code: str
) -> None:
    """Whatever became of the login, the call itself was certainly not made."""
    crm, _ = client({TOKEN: answer})
    with pytest.raises(kind) as failed:
        crm.write([Write("create", "Lead", values={"LastName": "A"})])
    assert (failed.value.code, failed.value.definite) == (code, True)


@pytest.mark.parametrize(
    ("answer", "kind", "code", "definite"),
    [
        (errors(403, "REQUEST_LIMIT_EXCEEDED"), failures.QuotaSpent, "CON112", True),
        (errors(403, "API_CURRENTLY_DISABLED"), failures.Forbidden, "CON111", True),
        (errors(403, "INSUFFICIENT_ACCESS"), failures.Forbidden, "CON111", True),
        (errors(403, "LOGIN_DURING_RESTRICTED_DOMAIN"), failures.AddressRefused, "NET110", True),
        (errors(403, "INVALID_LOGIN_HOURS"), failures.LoginRefused, "CON110", True),
        (errors(404, "NOT_FOUND"), failures.Refused, "NOT_FOUND", True),
        (errors(400, "MALFORMED_QUERY"), failures.Refused, "MALFORMED_QUERY", True),
        (errors(500, "UNKNOWN_EXCEPTION"), failures.ServerFailed, "NET109", False),
        (errors(503, "SERVER_UNAVAILABLE"), failures.ServerFailed, "NET109", False),
        (errors(501, "NOT_SIMULATED"), failures.NotSimulated, "SIM901", True),
        (Response(502, {"retry-after": "7"}, b"<html>Bad gateway</html>"), failures.ServerFailed, "NET109", False),
        (HTML, failures.BadAnswer, "NET108", False),
        (Response(418, {}, b"teapot"), failures.BadAnswer, "NET108", False),
        (TransportFailed("refused"), failures.Unreachable, "NET101", True),
        (TransportFailed("timeout"), failures.Unreachable, "NET105", False),
    ],
)
def test_each_failure_of_a_call_has_its_name(
    answer: Response | TransportFailed, kind: type[failures.CallFailed], code: str, definite: bool
) -> None:
    """Status and code decide together; what says that the call did not apply is definite."""
    crm, _ = client({QUERY: answer})
    with pytest.raises(kind) as failed:
        crm.users()
    assert (failed.value.code, failed.value.definite, failed.value.system) == (code, definite, "acme-crm")


def test_what_a_server_asks_to_wait_is_told() -> None:
    """Retry-After of a gateway's answer."""
    crm, _ = client({QUERY: Response(503, {"retry-after": "7"}, b"")})
    with pytest.raises(failures.ServerFailed) as failed:
        crm.users()
    assert failed.value.retry_after_seconds == 7


def test_who_we_are() -> None:
    """User, zone, quota and time come from three places; the vendor tells no address."""
    crm, _ = client({
        "GET /services/oauth2/userinfo": ok({"user_id": "005000000000001AAA", "zoneinfo": "Europe/Oslo"}),
        f"GET {BASE}/limits": ok({"DailyApiRequests": {"Max": 5000, "Remaining": 4982}}),
    })  # fmt: skip
    seen = crm.connect()
    assert (seen.user, seen.time_zone, seen.address, seen.kind) == ("005000000000001AAA", "Europe/Oslo", "", "crm")
    assert (seen.quota.limit, seen.quota.used, seen.quota.left, seen.quota.resets_at) == (5000, 18, 4982, None)
    assert seen.time.isoformat() == "2026-03-02T09:00:05+00:00"
    assert NOW["date"].endswith("GMT")


def test_an_answer_of_another_shape_is_a_bad_answer() -> None:
    """Not a crash: what is missing is named."""
    crm, _ = client({QUERY: ok({"records": []})})
    with pytest.raises(failures.BadAnswer, match="KeyError: 'done'"):
        crm.users()


SOAP = "POST /services/Soap/u/60.0"
STATUS = f"GET {BASE}/query"
CONVERTED = page({"Id": "x", "ApiName": "Closed - Converted"})
RESULT = (
    "<convertLeadResponse><result><accountId>001</accountId><contactId>003</contactId><leadId>00Q</leadId>"
    '<opportunityId xsi:nil="true"/><success>true</success></result></convertLeadResponse>'
)
FAULT = (
    "<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: told</faultstring><detail>"
    "<sf:UnexpectedErrorFault><sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>told"
    "</sf:exceptionMessage></sf:UnexpectedErrorFault></detail></soapenv:Fault>"
)
ERROR = (
    "<convertLeadResponse><result><errors><message>cannot reference converted lead</message>"
    "<statusCode>CANNOT_UPDATE_CONVERTED_LEAD</statusCode></errors><success>false</success></result>"
    "</convertLeadResponse>"
)


def test_a_lead_is_converted_over_soap() -> None:
    """With the org's own converted status, the session in the header, and names escaped."""
    crm, wire = client({SOAP: soap(RESULT), STATUS: CONVERTED})
    made = crm.convert("00Q", opportunity="Tom & Co <1>")
    assert (made.contact_id, made.account_id, made.opportunity_id) == ("003", "001", None)
    sent = wire.sent("/60.0")[0].body.decode()
    assert "<urn:sessionId>00D!t1</urn:sessionId>" in sent
    assert "<urn:convertedStatus>Closed - Converted</urn:convertedStatus>" in sent
    assert "<urn:opportunityName>Tom &amp; Co &lt;1&gt;</urn:opportunityName>" in sent
    crm.convert("00Q")
    again = wire.sent("/60.0")[1].body.decode()
    assert "<urn:doNotCreateOpportunity>true</urn:doNotCreateOpportunity>" in again
    assert len(wire.queries()) == 1, "the status is asked for once"


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (soap(FAULT.format(code="REQUEST_LIMIT_EXCEEDED"), 500), failures.QuotaSpent, "CON112"),
        (soap(FAULT.format(code="LOGIN_DURING_RESTRICTED_DOMAIN"), 500), failures.AddressRefused, "NET110"),
        (soap(FAULT.format(code="INVALID_TYPE"), 500), failures.ServerFailed, "NET109"),
        (soap(ERROR), failures.Refused, "CANNOT_UPDATE_CONVERTED_LEAD"),
        (soap("<convertLeadResponse/>"), failures.BadAnswer, "NET108"),
        (Response(200, {}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), failures.BadAnswer, "NET108"),
        (Response(200, {}, b"no xml"), failures.BadAnswer, "NET108"),
        (Response(503, {}, b"no xml"), failures.ServerFailed, "NET109"),
    ],
)
def test_soap_fails_by_the_same_names(answer: Response, kind: type[failures.CallFailed], code: str) -> None:
    """A fault's code is read as REST's; a body with a document type is not even parsed."""
    crm, _ = client({SOAP: answer, STATUS: CONVERTED})
    with pytest.raises(kind) as failed:
        crm.convert("00Q")
    assert failed.value.code == code


def test_a_soap_session_that_ended_is_renewed() -> None:
    """INVALID_SESSION_ID in a fault, with status 500."""
    gone = soap(FAULT.format(code="INVALID_SESSION_ID"), 500)
    crm, wire = client({TOKEN: [token(1), token(2)], SOAP: [gone, soap(RESULT)], STATUS: CONVERTED})
    assert crm.convert("00Q").contact_id == "003"
    assert "00D!t2" in wire.sent("/60.0")[1].body.decode()


def test_what_the_api_does_not_tell() -> None:
    """Assignment rules' entries, the default owner and reports: said so, never made up."""
    crm, wire = client({})
    assert crm.default_owner() is None
    for ask in (crm.assignment_rules, lambda: crm.report("campaign")):
        with pytest.raises(failures.Refused, match="Salesforce") as refused:
            ask()
        assert refused.value.code == "NOT_READABLE"
    assert not {"assignment_rules", "reports", "idempotency", "conditional_write"} & {one.value for one in crm.can}
    assert wire.asked == []
    assert KNOWN.security_token not in repr(KNOWN)
