"""Tokens, sessions, SOAP login, addresses: who comes in, and how the others are told."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from hmac import new
from typing import Any

import pytest

from tests.dialects.salesforce.desk import DATA, Desk
from tests.gateway.caller import Caller, Reply, build, recipe_with

TOKEN = "/acme-crm/services/oauth2/token"
SOAP = "/acme-crm/services/Soap/u/59.0"
APP = {"client_id": "sync", "client_secret": "leadproof-sync"}


def _envelope(body: str, session: str = "") -> bytes:
    header = f"<u:SessionHeader><u:sessionId>{session}</u:sessionId></u:SessionHeader>" if session else ""
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:partner.soap.sforce.com">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def soap(caller: Caller, body: str, session: str = "") -> Reply:
    """A SOAP call."""
    return caller.post(SOAP, body=_envelope(body, session), headers={"content-type": "text/xml", "soapaction": '""'})


def _login(password: str) -> str:
    return f"<u:login><u:username>sync</u:username><u:password>{password}</u:password></u:login>"


def text(reply: Reply, name: str) -> str:
    """The text of an element, found as clients find it: by regular expression."""
    found = re.search(rf"<{name}[^>]*>([^<]*)</{name}>", reply.body.decode())
    return found[1] if found else ""


def _opened(**changes: Any) -> Caller:
    return build(recipe_with("acme-crm", dialect="salesforce", **changes))[1]


def test_the_signature_is_verifiable() -> None:
    """django-salesforce checks it: HMAC-SHA256 over id and issued_at by the consumer secret."""
    answer = _opened().form(TOKEN, grant_type="client_credentials", **APP).json
    signed = new(APP["client_secret"].encode(), (answer["id"] + answer["issued_at"]).encode(), sha256).digest()
    assert answer["signature"] == base64.b64encode(signed).decode()
    assert (answer["token_type"], answer["instance_url"]) == ("Bearer", "http://sandbox/acme-crm")
    assert answer["access_token"].startswith("00D")


def test_refresh_tokens_rotate() -> None:
    """Each refresh gives a new token, and the old one is worth nothing."""
    from leadsim.dialects.salesforce.apps import first_refresh_token
    from leadsim.gateway.credentials import Login

    caller = _opened()
    first = first_refresh_token("acme-crm", Login("sync", "leadproof-sync"))
    one = caller.form(TOKEN, grant_type="refresh_token", refresh_token=first, **APP).json
    assert one["refresh_token"] != first
    again = caller.form(TOKEN, grant_type="refresh_token", refresh_token=first, **APP)
    assert (again.status, again.json) == (
        400, {"error": "invalid_grant", "error_description": "expired access/refresh token"},
    )  # fmt: skip
    assert caller.form(TOKEN, grant_type="refresh_token", refresh_token=one["refresh_token"], **APP).status == 200


def test_refused_grants() -> None:
    """RFC 6749's errors with the vendor's words."""
    caller = _opened()
    expected = {
        ("password", "username", "nobody"): (400, "invalid_grant", "authentication failure"),
        ("password", "client_secret", "x"): (400, "invalid_client", "invalid client credentials"),
        ("password", "client_id", "x"): (400, "invalid_client_id", "client identifier invalid"),
        ("magic", "username", "sync"): (400, "unsupported_grant_type", "grant type not supported"),
    }
    for (grant, field, value), (status, error, words) in expected.items():
        form = {"grant_type": grant, "username": "sync", "password": "leadproof-sync", **APP, field: value}
        reply = caller.form(TOKEN, **form)
        assert (reply.status, reply.json) == (status, {"error": error, "error_description": words})
    inactive = {"grant_type": "password", "username": "ola.c", "password": "leadproof-ola.c", **APP}
    assert caller.form(TOKEN, **inactive).json["error_description"] == "inactive user"


def test_revoke_and_identity(desk: Desk) -> None:
    """A revoked session is at its end; before that it tells who it is."""
    token = desk.session.headers["authorization"].removeprefix("Bearer ")
    about = desk.session.get("/acme-crm/services/oauth2/userinfo").json
    assert (about["preferred_username"], len(about["user_id"])) == ("sync", 18)
    identity = desk.session.get(f"/acme-crm/id/{about['organization_id']}/{about['user_id']}").json
    assert identity["urls"]["rest"] == "http://sandbox/acme-crm/services/data/v{version}/"
    assert desk.caller.form("/acme-crm/services/oauth2/revoke", token=token).status == 200
    ended = desk.send("GET", "/limits")
    assert (ended.status, ended.json) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )
    assert desk.caller.get(f"{DATA}/limits", headers={"authorization": "Bearer x"}).status == 401
    for path in ("/acme-crm/services/oauth2/userinfo", f"/acme-crm/id/{about['organization_id']}/{about['user_id']}"):
        told = desk.session.get(path)
        assert (told.status, told.body) == (403, b"Bad_OAuth_Token")
    assert desk.caller.get(f"{DATA}/limits").status == 401


def test_soap_login() -> None:
    """Readable by regular expression; the session works over REST, also with the scheme OAuth."""
    caller = _opened()
    reply = soap(caller, _login("leadproof-sync"))
    assert (reply.status, text(reply, "passwordExpired")) == (200, "false")
    assert text(reply, "serverUrl") == f"http://sandbox/acme-crm/services/Soap/u/59.0/{text(reply, 'organizationId')}"
    session = text(reply, "sessionId")
    assert caller.get(f"{DATA}/limits", headers={"authorization": f"OAuth {session}"}).status == 200
    refused = soap(caller, _login("wrong"))
    assert (refused.status, text(refused, "sf:exceptionCode")) == (500, "INVALID_LOGIN")
    assert text(refused, "faultstring").startswith("INVALID_LOGIN: Invalid username, password, security token")
    info = soap(caller, "<u:getUserInfo/>", session)
    assert text(info, "userName") == "sync"


def test_a_wrong_address() -> None:
    """Each way in says it in its own words; a session that moved there is no session."""
    from leadsim.dialects.salesforce.apps import security_token

    caller = _opened(allowlist=["192.0.2.0/24"])
    oauth = caller.form(TOKEN, grant_type="password", username="sync", password="leadproof-sync", **APP)
    assert (oauth.status, oauth.json["error"]) == (400, "invalid_grant")
    assert oauth.json["error_description"] == "ip restricted or invalid login hours"
    plain = soap(caller, _login("leadproof-sync"))
    assert text(plain, "sf:exceptionCode") == "LOGIN_MUST_USE_SECURITY_TOKEN"
    token = soap(caller, _login("leadproof-sync" + security_token("acme-crm", "sync")))
    assert text(token, "sf:exceptionCode") == "LOGIN_DURING_RESTRICTED_DOMAIN"
    assert (
        caller.get(f"{DATA}/limits", headers={"authorization": "Bearer x"}).json[0]["errorCode"] == "INVALID_SESSION_ID"
    )


def test_rights() -> None:
    """Without `api` nobody comes in; without `write` nothing is written."""
    caller = _opened()
    nobody = caller.form(TOKEN, grant_type="password", username="nobody", password="leadproof-nobody", **APP)
    headers = {"authorization": f"Bearer {nobody.json['access_token']}"}
    refused = caller.get(f"{DATA}/limits", headers=headers)
    assert (refused.status, refused.json[0]["errorCode"]) == (403, "API_CURRENTLY_DISABLED")
    reader = caller.form(TOKEN, grant_type="password", username="reader", password="leadproof-reader", **APP)
    headers = {"authorization": f"Bearer {reader.json['access_token']}"}
    assert caller.get(f"{DATA}/limits", headers=headers).status == 200
    lead = {"LastName": "x", "Company": "y"}
    assert (
        caller.post(f"{DATA}/sobjects/Lead", lead, headers=headers).json[0]["errorCode"]
        == "INSUFFICIENT_ACCESS_OR_READONLY"
    )
    part = {"method": "POST", "url": "/services/data/v59.0/sobjects/Lead", "referenceId": "a", "body": lead}
    composite = caller.post(f"{DATA}/composite", {"compositeRequest": [part]}, headers=headers).json
    assert composite["compositeResponse"][0]["httpStatusCode"] == 403


def _session(desk: Desk) -> str:
    return desk.session.headers["authorization"].removeprefix("Bearer ")


def test_convert_lead(desk: Desk) -> None:
    """The lead becomes contact, account and opportunity; then it can't be changed any more."""
    lead = desk.lead(LastName="Berg", Company="Acme")
    body = (
        f"<u:convertLead><u:leadConverts><u:convertedStatus>Closed - "
        f"Converted</u:convertedStatus><u:leadId>{lead}</u:leadId>"
        "<u:opportunityName>Big deal</u:opportunityName></u:leadConverts></u:convertLead>"
    )
    reply = soap(desk.caller, body, _session(desk))
    assert text(reply, "success") == "true", reply.body
    [shown] = desk.rows(f"SELECT IsConverted, Status, ConvertedContactId, ConvertedDate FROM Lead WHERE Id = '{lead}'")
    assert shown == {"IsConverted": True, "Status": "Closed - Converted", "ConvertedContactId": text(reply,
    "contactId"),
                     "ConvertedDate": "2026-03-02"}  # fmt: skip
    assert desk.values(f"SELECT Name FROM Opportunity WHERE Id = '{text(reply, 'opportunityId')}'") == ["Big deal"]
    changed = desk.send("PATCH", f"/sobjects/Lead/{lead}", {"City": "x"})
    assert (changed.status, changed.json) == (
        400, [{"message": "cannot reference converted lead", "errorCode": "CANNOT_UPDATE_CONVERTED_LEAD",
        "fields": []}],
    )  # fmt: skip
    again = soap(desk.caller, body, _session(desk))
    assert text(again, "statusCode") == "CANNOT_UPDATE_CONVERTED_LEAD"
    wrong = soap(desk.caller, body.replace("Closed - Converted", "Won"), _session(desk))
    assert text(wrong, "success") == "false"


def _conversion(desk: Desk, lead: str, more: str) -> Reply:
    wish = f"<u:convertedStatus>Closed - Converted</u:convertedStatus><u:leadId>{lead}</u:leadId>{more}"
    body = f"<u:convertLead><u:leadConverts>{wish}</u:leadConverts></u:convertLead>"
    return soap(desk.caller, body, _session(desk))


def test_whose_lead_source_a_conversion_keeps(desk: Desk) -> None:
    """An existing contact keeps its own, unless `overwriteLeadSource` says otherwise, which needs that contact."""
    account = desk.make("Account", Name="Acme")
    contact = desk.make("Contact", LastName="Berg", LeadSource="Web", AccountId=account)
    for overwrite, kept in (("false", "Web"), ("true", "Other")):
        lead = desk.lead(LastName="Berg", Company="Acme", LeadSource="Other")
        wish = f"<u:accountId>{account}</u:accountId><u:contactId>{contact}</u:contactId>"
        wish += f"<u:overwriteLeadSource>{overwrite}</u:overwriteLeadSource>"
        reply = _conversion(desk, lead, wish)
        assert text(reply, "success") == "true", reply.body
        assert desk.values(f"SELECT LeadSource FROM Contact WHERE Id = '{contact}'") == [kept]
    lead = desk.lead(LastName="Berg", Company="Acme")
    reply = _conversion(desk, lead, "<u:overwriteLeadSource>true</u:overwriteLeadSource>")
    assert text(reply, "success") == "false"


@pytest.mark.parametrize(
    ("name", "value"), [("sendNotificationEmail", "true"), ("opportunityId", "006000000000001AAA")]
)
def test_what_a_conversion_does_not_do_is_refused_by_name(desk: Desk, name: str, value: str) -> None:
    """Never accepted and ignored: the lead stays as it is; a plain `false` is no wish."""
    lead = desk.lead(LastName="Berg", Company="Acme")
    reply = _conversion(desk, lead, f"<u:{name}>{value}</u:{name}>")
    assert (text(reply, "success"), text(reply, "statusCode")) == ("false", "NOT_SIMULATED")
    assert name in text(reply, "message")
    assert desk.values(f"SELECT IsConverted FROM Lead WHERE Id = '{lead}'") == [False]
    done = _conversion(desk, lead, "<u:sendNotificationEmail>false</u:sendNotificationEmail>")
    assert text(done, "success") == "true"


def test_merge_and_undelete(desk: Desk) -> None:
    """A merged record points at its master and can't come back; a deleted one can."""
    winner, loser, gone = desk.lead(), desk.lead(City="Oslo"), desk.lead()
    merge = (
        f"<u:merge><u:request><u:masterRecord><u:type>Lead</u:type><u:Id>{winner}</u:Id></u:masterRecord>"
        f"<u:recordToMergeIds>{loser}</u:recordToMergeIds></u:request></u:merge>"
    )
    assert text(soap(desk.caller, merge, _session(desk)), "success") == "true"
    [shown] = desk.rows(f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'", all=True)
    assert shown == {"IsDeleted": True, "MasterRecordId": winner}
    assert desk.values(f"SELECT City FROM Lead WHERE Id = '{winner}'") == ["Oslo"]
    desk.send("DELETE", f"/sobjects/Lead/{gone}")
    undelete = f"<u:undelete><u:ids>{gone}</u:ids><u:ids>{loser}</u:ids></u:undelete>"
    reply = soap(desk.caller, undelete, _session(desk))
    assert re.findall(r"<success>(\w+)</success>", reply.body.decode()) == ["true", "false"]
    assert desk.values(f"SELECT Id FROM Lead WHERE Id = '{gone}'") == [gone]


def test_soap_that_is_none(desk: Desk) -> None:
    """Broken XML, document types and unknown operations are faults, never more."""
    for body in (b"", b"<x", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<a/>", _envelope("")):
        reply = desk.caller.post(SOAP, body=body, headers={"content-type": "text/xml"})
        assert reply.status == 500
        assert "faultcode" in reply.body.decode()
    absent = soap(desk.caller, "<u:describeLayout/>", _session(desk))
    assert (absent.status, text(absent, "sf:exceptionCode")) == (501, "NOT_SIMULATED")
