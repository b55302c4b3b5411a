"""Hypothesis over the SOAP API: whatever stands in an envelope is answered by a result or by a fault."""

from __future__ import annotations

from functools import cache
from xml.sax.saxutils import escape, quoteattr

from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadsim.dialects.salesforce.soap import ENVELOPE, OPERATIONS
from leadsim.dialects.salesforce.wsdl import TYPES
from tests.dialects.salesforce.desk import Desk

WORDS = sorted({name for rows in TYPES.values() for name, _, _ in rows})
WORDS += ["leadConverts", "request", "type", "Id", "fieldsToNull", "ids", "LastName", "username", "password", "x"]
LETTERS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Z"]), max_size=12)
VALUES = st.one_of(
    LETTERS, st.sampled_from(["true", "Lead", "Closed - Converted", "00Q5g0000000001AAA", "001x", "{lead}", "{user}"])
)
PARTNER = "urn:partner.soap.sforce.com"
SOAP = "/acme-crm/services/Soap/u/59.0"
AS_XML = {"content-type": "text/xml", "soapaction": ""}


def _written(name: str, inside: str, space: str) -> str:
    return f"<{name} xmlns={quoteattr(space)}>{inside}</{name}>"


ELEMENTS = st.recursive(
    st.builds(_written, st.sampled_from(WORDS), VALUES.map(escape), st.sampled_from([PARTNER, "", "urn:other"])),
    lambda below: st.builds(
        _written, st.sampled_from(WORDS), st.lists(below, max_size=4).map("".join), st.just(PARTNER)
    ),
    max_leaves=10,
)
BODIES = st.builds(
    lambda name, inside: _written(name, "".join(inside), PARTNER),
    st.sampled_from([*(name for name in OPERATIONS if name != "logout"), "describeSObject", "x"]),
    st.lists(ELEMENTS, max_size=3),
)


@cache
def _desk() -> tuple[Desk, str, str, str]:
    desk = Desk(logins=[{"actor": "connector", "user": "sync", "expires_seconds": 10**8}])
    about = desk.session.get("/acme-crm/services/oauth2/userinfo").json
    token = desk.session.headers["authorization"].removeprefix("Bearer ")
    return desk, desk.lead(), about["user_id"], token


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(body=BODIES, signed=st.booleans())
def test_any_envelope_has_an_answer(body: str, signed: bool) -> None:
    """200 with the operation's response, 500 with a fault, 501 with the name of what is not simulated."""
    desk, lead, user, token = _desk()
    header = (
        f"<u:SessionHeader xmlns:u='{PARTNER}'><u:sessionId>{token if signed else 'x'}</u:sessionId></u:SessionHeader>"
    )
    whole = f"<s:Envelope xmlns:s='{ENVELOPE}'><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    sent = whole.replace("{lead}", lead).replace("{user}", user).encode()
    reply = desk.caller.post(SOAP, body=sent, headers=AS_XML)
    assert reply.status in (200, 500, 501), reply.body
    answered = fromstring(reply.body)[0][0]
    if reply.status == 200:
        assert answered.tag.endswith("Response")
        return
    assert answered.tag == f"{{{ENVELOPE}}}Fault"
    assert (reply.status == 501) == (b"NOT_SIMULATED" in reply.body)


@settings(max_examples=200, deadline=None, database=None)
@given(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode), ELEMENTS.map(str.encode)))
def test_what_is_no_envelope_is_a_fault(body: bytes) -> None:
    """Whatever bytes: a fault."""
    desk = _desk()[0]
    reply = desk.caller.post(SOAP, body=body, headers=AS_XML)
    assert reply.status == 500
    assert b"<faultstring>" in reply.body
