"""No lax success over SOAP: what the WSDL does not allow is a fault, what cannot be is an error, nothing is written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from leadsim.dialects.salesforce.ids import org_id
from tests.dialects.salesforce.desk import Desk

SOAP = "/acme-crm/services/Soap/u/59.0"
OPENED = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:u="urn:partner.soap.sforce.com">'
AS_XML = {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}
STATUS = "<u:convertedStatus>Closed - Converted</u:convertedStatus>"
NAME_AND_WORD = "<u:username>sync</u:username><u:password>leadproof-sync</u:password>"


class Wrong(NamedTuple):
    """A wrong request with words of its `{lead}`, `{other}`, `{contact}`, `{account}`; and what it is answered:
    a fault's text, or the code of the result's error."""

    body: str
    says: str
    status: int = 500
    header: str = ""
    headers: Mapping[str, str] = AS_XML


def _convert(more: str, lead: str = "<u:leadId>{lead}</u:leadId>") -> str:
    return f"<u:convertLead><u:leadConverts>{lead}{STATUS}{more}</u:leadConverts></u:convertLead>"


def _merge(more: str = "", type: str = "<u:type>Lead</u:type>", losers: tuple[str, ...] = ("{other}",)) -> str:
    ids = "".join(f"<u:recordToMergeIds>{one}</u:recordToMergeIds>" for one in losers)
    master = f"<u:masterRecord>{type}<u:Id>{{lead}}</u:Id>{more}</u:masterRecord>"
    return f"<u:merge><u:request>{master}{ids}</u:request></u:merge>"


def _here(element: str, type: str, space: str = "urn:partner.soap.sforce.com") -> str:
    return f"Element {{{space}}}{element} invalid at this location in type {type}"


NOWHERE = "No operation available for request {{{0}}}{1}, please check the WSDL for the service."
PARTNER = "urn:partner.soap.sforce.com"
CREATE = "<u:create><u:sObjects><u:type>Lead</u:type></u:sObjects></u:create>"
ALL = "<u:{0}><u:{1}>true</u:{1}></u:{0}>"
FAULTS: dict[str, Wrong] = {
    "JSON": Wrong("<u:getUserInfo/>", "Unsupported Media Type", 415, headers={"content-type": "application/json"}),
    "no action": Wrong("<u:getUserInfo/>", "SOAPAction HTTP header missing", headers={"content-type": "text/xml"}),
    "an unknown operation": Wrong("<u:zork/>", NOWHERE.format(PARTNER, "zork")),
    "of another namespace": Wrong("<convertLead xmlns='urn:other'/>", NOWHERE.format("urn:other", "convertLead")),
    "of no namespace": Wrong("<getUserInfo/>", NOWHERE.format("", "getUserInfo")),
    "create": Wrong(CREATE, "NOT_SIMULATED: SOAP create() is not simulated by this sandbox.", 501),
    "query": Wrong("<u:query/>", "NOT_SIMULATED: SOAP query() is not simulated by this sandbox.", 501),
    "log in twice": Wrong(f"<u:login>{NAME_AND_WORD}<u:username>x</u:username></u:login>", _here("username", "login")),
    "log in with more": Wrong(f"<u:login>{NAME_AND_WORD}<u:x>1</u:x></u:login>", _here("x", "login")),
    "log in to a portal": Wrong(
        f"<u:login>{NAME_AND_WORD}</u:login>", "NOT_SIMULATED: SOAP login() with LoginScopeHeader is not simulated by "
        "this sandbox.", 501, ALL.format("LoginScopeHeader", "portalId"),
    ),
    **{
        f"log in to {name}": Wrong(
            f"<u:login>{NAME_AND_WORD}</u:login>", "INVALID_LOGIN: Invalid username, password, security token; or user "
            "locked out.", header=f"<u:LoginScopeHeader><u:organizationId>{id}</u:organizationId></u:LoginScopeHeader>",
        )
        for name, id in {"a foreign org": org_id("another"), "no org": "true", "an org that is none": "0"}.items()
    },
    "log in as nobody": Wrong(
        "<u:login/>", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
    ),
    "more": Wrong("<u:getUserInfo><u:x/></u:getUserInfo>", _here("x", "getUserInfo")),
    "text": Wrong("<u:getUserInfo>zork</u:getUserInfo>", "Text 'zork' invalid at this location in type getUserInfo"),
    "no conversion": Wrong("<u:convertLead><u:leadConvert/></u:convertLead>", _here("leadConvert", "convertLead")),
    "an unknown wish": Wrong(_convert("<u:zork>1</u:zork>"), _here("zork", "LeadConvert")),
    "a wish of another namespace": Wrong(
        _convert("<ownerId xmlns='urn:other'/>"), _here("ownerId", "LeadConvert", "urn:other")
    ),
    "two leads": Wrong(_convert("<u:leadId>{other}</u:leadId>"), _here("leadId", "LeadConvert")),
    "two statuses": Wrong(_convert(STATUS), _here("convertedStatus", "LeadConvert")),
    "within an id": Wrong(_convert("<u:ownerId><u:x/></u:ownerId>"), _here("x", "tns:ID")),
    **{
        f"{name} that is no boolean": Wrong(
            _convert(f"<u:{name}>yes</u:{name}>"), "'yes' is not a valid value for the type xsd:boolean"
        )
        for name in ("doNotCreateOpportunity", "overwriteLeadSource", "sendNotificationEmail")
    },
    "no type": Wrong(
        _merge(type=""), "Missing entity type information. sObject requires a separate 'type' field be sent."
    ),
    "a field twice": Wrong(_merge("<u:City>a</u:City><u:City>b</u:City>"), _here("City", "sObject")),
    "a field of another namespace": Wrong(_merge("<City xmlns='urn:x'>a</City>"), _here("City", "sObject", "urn:x")),
    "no request": Wrong("<u:merge><u:requests/></u:merge>", _here("requests", "merge")),
    "no ids": Wrong("<u:undelete><u:id>{lead}</u:id></u:undelete>", _here("id", "undelete")),
    "all or none": Wrong(
        "<u:undelete><u:ids>{gone}</u:ids></u:undelete>",
        "NOT_SIMULATED: SOAP undelete() with AllOrNoneHeader is not simulated by this sandbox.", 501,
        ALL.format("AllOrNoneHeader", "allOrNone"),
    ),
    "a rule": Wrong(
        _merge(), "NOT_SIMULATED: SOAP merge() with AssignmentRuleHeader is not simulated by this sandbox.", 501,
        ALL.format("AssignmentRuleHeader", "useDefaultRule"),
    ),
}  # fmt: skip
ERRORS: dict[str, Wrong] = {
    "no lead": Wrong(_convert("", ""), "INVALID_CROSS_REFERENCE_KEY"),
    "a lead that is none": Wrong(_convert("", "<u:leadId>zork</u:leadId>"), "MALFORMED_ID"),
    "a lead that is a contact": Wrong(_convert("", "<u:leadId>{contact}</u:leadId>"), "INVALID_CROSS_REFERENCE_KEY"),
    "an account that is a contact": Wrong(
        _convert("<u:accountId>{contact}</u:accountId>"), "INVALID_CROSS_REFERENCE_KEY"
    ),
    "a contact without its account": Wrong(_convert("<u:contactId>{contact}</u:contactId>"), "REQUIRED_FIELD_MISSING"),
    "a contact of another account": Wrong(
        _convert("<u:accountId>{strange}</u:accountId><u:contactId>{contact}</u:contactId>"),
        "INVALID_CROSS_REFERENCE_KEY",
    ),
    "an owner that is a lead": Wrong(_convert("<u:ownerId>{other}</u:ownerId>"), "INVALID_CROSS_REFERENCE_KEY"),
    "an owner that is none": Wrong(_convert("<u:ownerId>zork</u:ownerId>"), "MALFORMED_ID"),
    "a name and no opportunity": Wrong(
        _convert("<u:doNotCreateOpportunity>1</u:doNotCreateOpportunity><u:opportunityName>x</u:opportunityName>"),
        "INVALID_ARGUMENT_TYPE",
    ),
    "a name that is too long": Wrong(
        _convert(f"<u:opportunityName>{'x' * 121}</u:opportunityName>"), "STRING_TOO_LONG"
    ),
    "no loser": Wrong(_merge(losers=()), "INVALID_ARGUMENT_TYPE"),
    "three losers": Wrong(_merge(losers=("{other}", "{third}", "{fourth}")), "INVALID_ARGUMENT_TYPE"),
    "a loser twice": Wrong(_merge(losers=("{other}", "{other}")), "INVALID_ARGUMENT_TYPE"),
    "itself": Wrong(_merge(losers=("{lead}",)), "FIELD_INTEGRITY_EXCEPTION"),
    "a loser that is none": Wrong(_merge(losers=("zork",)), "MALFORMED_ID"),
    "a loser that is a contact": Wrong(_merge(losers=("{contact}",)), "INVALID_CROSS_REFERENCE_KEY"),
    "a loser that is gone": Wrong(_merge("<u:City>x</u:City>", losers=("{gone}",)), "ENTITY_IS_DELETED"),
    "a master of another type": Wrong(_merge(type="<u:type>Contact</u:type>"), "INVALID_CROSS_REFERENCE_KEY"),
    "a master of no type": Wrong(_merge(type="<u:type>Zork</u:type>"), "INVALID_TYPE"),
    "an unknown field": Wrong(_merge("<u:Nope>1</u:Nope>"), "INVALID_FIELD"),
    "an unknown field to empty": Wrong(_merge("<u:fieldsToNull>Nope</u:fieldsToNull>"), "INVALID_FIELD"),
    "a field to fill and empty": Wrong(
        _merge("<u:fieldsToNull>City</u:fieldsToNull><u:City>x</u:City>"), "INVALID_FIELD"
    ),
    "a required field to empty": Wrong(_merge("<u:fieldsToNull>LastName</u:fieldsToNull>"), "REQUIRED_FIELD_MISSING"),
    "what is not in the bin": Wrong("<u:undelete><u:ids>{lead}</u:ids></u:undelete>", "UNDELETE_FAILED"),
    "no id": Wrong("<u:undelete><u:ids>zork</u:ids></u:undelete>", "MALFORMED_ID"),
}  # fmt: skip


class Org(NamedTuple):
    """One org for all: nothing of what is refused changes it."""

    desk: Desk
    ids: dict[str, str]

    def sent(self, wrong: Wrong) -> tuple[int, str]:
        """Status and text of the answer."""
        token = self.desk.session.headers["authorization"].removeprefix("Bearer ")
        session = f"<u:SessionHeader><u:sessionId>{token}</u:sessionId></u:SessionHeader>"
        body = wrong.body
        for name, id in self.ids.items():
            body = body.replace(f"{{{name}}}", id)
        envelope = f"{OPENED}<s:Header>{session}{wrong.header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        reply = self.desk.caller.post(SOAP, body=envelope.encode(), headers=wrong.headers)
        return reply.status, reply.body.decode()

    def must_be_untouched(self) -> None:
        """The leads are as they were."""
        rows = self.desk.rows("SELECT Id, LastName, City, IsConverted FROM Lead ORDER BY Id")
        plain = {"LastName": "Test", "City": None, "IsConverted": False}
        wanted = [{"Id": self.ids[name], **plain} for name in ("lead", "other", "third", "fourth")]
        assert rows == wanted


@pytest.fixture(scope="module")
def org() -> Org:
    """Four leads, one in the bin, a contact of an account, and another account."""
    desk = Desk()
    ids = {name: desk.lead() for name in ("lead", "other", "third", "fourth", "gone")}
    desk.send("DELETE", f"/sobjects/Lead/{ids['gone']}")
    ids |= {name: desk.make("Account", Name=name) for name in ("account", "strange")}
    ids["contact"] = desk.make("Contact", LastName="Berg", AccountId=ids["account"])
    return Org(desk, ids)


@pytest.mark.parametrize("wrong", FAULTS.values(), ids=FAULTS.keys())
def test_a_request_that_is_none_of_the_wsdl(org: Org, wrong: Wrong) -> None:
    """A fault with the vendor's words; 500 as SOAP has it, but for what is not simulated."""
    status, told = org.sent(wrong)
    found = re.search(r"<faultstring>([^<]*)</faultstring>", told)
    assert found is not None, told
    assert (status, found[1]) == (wrong.status, wrong.says)
    org.must_be_untouched()


@pytest.mark.parametrize("wrong", ERRORS.values(), ids=ERRORS.keys())
def test_a_request_that_cannot_be_done(org: Org, wrong: Wrong) -> None:
    """A result without success, with one code; what was begun is undone."""
    status, told = org.sent(wrong)
    assert (status, re.findall(r"<success>(\w+)</success>", told)) == (200, ["false"]), told
    assert re.findall(r"<statusCode>(\w+)</statusCode>", told) == [wrong.says], told
    org.must_be_untouched()


def test_headers_that_ask_for_nothing_change_nothing(org: Org) -> None:
    """A `false`, a client's name: the call is answered."""
    header = ALL.format("AllOrNoneHeader", "allOrNone").replace("true", "false")
    header += "<u:CallOptions><u:client>x</u:client></u:CallOptions>"
    status, told = org.sent(Wrong("<u:undelete><u:ids>zork</u:ids></u:undelete>", "", header=header))
    assert (status, "MALFORMED_ID" in told) == (200, True)
