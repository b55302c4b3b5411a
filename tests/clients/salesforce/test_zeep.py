"""zeep, unmodified, against the served WSDL: it checks each answer against the types that the WSDL names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import zeep
from lxml import etree
from tests.clients.salesforce.wire import Wire
from zeep.transports import Transport

WSDL = "https://acme-crm.my.salesforce.com/services/wsdl/partner"
FIELDS = "urn:sobject.partner.soap.sforce.com"


class Soap:
    """The partner API with a session."""

    def __init__(self, session: requests.Session) -> None:
        self.client = zeep.Client(WSDL, transport=Transport(session=session))
        self.login = self.client.service.login("sync", "leadproof-sync")
        binding = "{urn:partner.soap.sforce.com}SoapBinding"
        self.service = self.client.create_service(binding, self.login.serverUrl)
        self.headers = {"SessionHeader": {"sessionId": self.login.sessionId}}
        self.rest = requests.Session()
        self.rest.proxies, self.rest.verify, self.rest.trust_env = session.proxies, session.verify, False
        self.rest.headers["authorization"] = f"Bearer {self.login.sessionId}"

    def lead(self, **values: Any) -> str:
        """A new lead, made over REST."""
        url = "https://acme-crm.my.salesforce.com/services/data/v59.0/sobjects/Lead"
        made = self.rest.post(url, json={"LastName": "Test", "Company": "Acme", **values}, timeout=30)
        id: str = made.json()["id"]
        return id

    def read(self, id: str, object: str = "Lead") -> Any:
        """A record, over REST."""
        url = f"https://acme-crm.my.salesforce.com/services/data/v59.0/sobjects/{object}/{id}"
        return self.rest.get(url, timeout=30).json()


@pytest.fixture
def soap(wire: Wire) -> Iterator[Soap]:
    """Logged in at the address that the WSDL names, going on at the one that the login answers."""
    with requests.Session() as session:
        session.proxies, session.verify, session.trust_env = wire.proxies, wire.ca, False
        soap = Soap(session)
        yield soap
        soap.rest.close()


def test_login_and_who_one_is(soap: Soap) -> None:
    """The login's result is typed; the session header opens the other calls."""
    assert (soap.login.passwordExpired, soap.login.userInfo.userName) == (False, "sync")
    info = soap.service.getUserInfo(_soapheaders=soap.headers)
    assert (info.userId, info.organizationName) == (soap.login.userId, "acme-crm")
    assert soap.service.getServerTimestamp(_soapheaders=soap.headers).year == 2026


def test_faults_are_faults(soap: Soap) -> None:
    """A wrong password, a session that is none, an element that no type has."""
    with pytest.raises(zeep.exceptions.Fault) as failed:
        soap.client.service.login("sync", "no")
    assert failed.value.code == "sf:INVALID_LOGIN"
    assert failed.value.message.startswith("INVALID_LOGIN: Invalid username, password")
    with pytest.raises(zeep.exceptions.Fault) as failed:
        soap.service.getUserInfo(_soapheaders={"SessionHeader": {"sessionId": "none"}})
    assert failed.value.code == "sf:INVALID_SESSION_ID"


def test_convert_lead(soap: Soap) -> None:
    """A lead becomes a contact, an account and an opportunity; a second time it is refused in the result."""
    lead = soap.lead(Email="a@acme.example")
    wish = {"leadId": lead, "convertedStatus": "Closed - Converted", "opportunityName": "Big deal"}
    [done] = soap.service.convertLead([wish], _soapheaders=soap.headers)
    assert (done.success, done.leadId, done.errors) == (True, lead, [])
    assert soap.read(done.opportunityId, "Opportunity")["Name"] == "Big deal"
    assert soap.read(done.contactId, "Contact")["AccountId"] == done.accountId
    [again] = soap.service.convertLead([wish], _soapheaders=soap.headers)
    assert (again.success, again.errors[0].statusCode) == (False, "CANNOT_UPDATE_CONVERTED_LEAD")


def test_merge_and_undelete(soap: Soap) -> None:
    """The master takes the fields that the call gives it; the losers are gone, and don't come back."""
    winner, loser, other = soap.lead(), soap.lead(), soap.lead()
    city = etree.Element(f"{{{FIELDS}}}City")
    city.text = "Bergen"
    master = {"type": "Lead", "Id": winner, "_value_1": [city]}
    [merged] = soap.service.merge([{"masterRecord": master, "recordToMergeIds": [loser]}], _soapheaders=soap.headers)
    assert (merged.success, merged.mergedRecordIds) == (True, [loser])
    assert soap.read(winner)["City"] == "Bergen"
    soap.rest.delete(f"https://acme-crm.my.salesforce.com/services/data/v59.0/sobjects/Lead/{other}", timeout=30)
    back, gone = soap.service.undelete([other, loser], _soapheaders=soap.headers)
    assert (back.success, back.id, gone.success) == (True, other, False)
    soap.service.logout(_soapheaders=soap.headers)
    assert soap.read(winner)[0]["errorCode"] == "INVALID_SESSION_ID"
