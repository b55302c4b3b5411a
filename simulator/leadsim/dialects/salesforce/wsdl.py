"""The part of the partner API that is answered here, as a WSDL: written from the table of types below.

Each type is a sequence in the order in which the vendor's own has its elements: clients that read the WSDL rely on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from leadsim.dialects.salesforce.routing import segments_of
from leadsim.dialects.salesforce.session import origin_of
from leadsim.dialects.salesforce.versions import LAST
from leadsim.gateway.call import Call
from leadsim.gateway.messages import Answer

# Type -> its elements: (name, type, how many: "1" one, "?" one that may be nil, "*" any number).
TYPES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "LoginResult": (
        ("metadataServerUrl", "xsd:string", "?"), ("passwordExpired", "xsd:boolean", "1"),
        ("sandbox", "xsd:boolean", "1"), ("serverUrl", "xsd:string", "?"), ("sessionId", "xsd:string", "?"),
        ("userId", "tns:ID", "?"), ("userInfo", "tns:GetUserInfoResult", "0"),
    ),
    "GetUserInfoResult": (
        ("accessibilityMode", "xsd:boolean", "1"), ("chatterExternal", "xsd:boolean", "1"),
        ("currencySymbol", "xsd:string", "?"), ("orgAttachmentFileSizeLimit", "xsd:int", "1"),
        ("orgDefaultCurrencyIsoCode", "xsd:string", "?"), ("orgDefaultCurrencyLocale", "xsd:string", "?"),
        ("orgDisallowHtmlAttachments", "xsd:boolean", "1"), ("orgHasPersonAccounts", "xsd:boolean", "1"),
        ("organizationId", "tns:ID", "1"), ("organizationMultiCurrency", "xsd:boolean", "1"),
        ("organizationName", "xsd:string", "1"), ("profileId", "tns:ID", "?"), ("roleId", "tns:ID", "?"),
        ("sessionSecondsValid", "xsd:int", "1"), ("userDefaultCurrencyIsoCode", "xsd:string", "?"),
        ("userEmail", "xsd:string", "?"), ("userFullName", "xsd:string", "?"), ("userId", "tns:ID", "1"),
        ("userLanguage", "xsd:string", "1"), ("userLocale", "xsd:string", "1"), ("userName", "xsd:string", "1"),
        ("userTimeZone", "xsd:string", "1"), ("userType", "xsd:string", "1"), ("userUiSkin", "xsd:string", "1"),
    ),
    "GetServerTimestampResult": (("timestamp", "xsd:dateTime", "1"),),
    "Error": (("fields", "xsd:string", "*"), ("message", "xsd:string", "1"), ("statusCode", "xsd:string", "1")),
    "LeadConvert": (
        ("accountId", "tns:ID", "?0"), ("bypassAccountDedupeCheck", "xsd:boolean", "?0"),
        ("bypassContactDedupeCheck", "xsd:boolean", "?0"), ("contactId", "tns:ID", "?0"),
        ("convertedStatus", "xsd:string", "1"), ("doNotCreateOpportunity", "xsd:boolean", "0"),
        ("leadId", "tns:ID", "1"), ("opportunityId", "tns:ID", "?0"), ("opportunityName", "xsd:string", "?0"),
        ("overwriteLeadSource", "xsd:boolean", "0"), ("ownerId", "tns:ID", "?0"),
        ("sendNotificationEmail", "xsd:boolean", "0"),
    ),
    "LeadConvertResult": (
        ("accountId", "tns:ID", "?"), ("contactId", "tns:ID", "?"), ("errors", "tns:Error", "*"),
        ("leadId", "tns:ID", "?"), ("opportunityId", "tns:ID", "?"), ("success", "xsd:boolean", "1"),
    ),
    "MergeRequest": (
        ("masterRecord", "ens:sObject", "1"), ("recordToMergeIds", "tns:ID", "*"),
    ),
    "MergeResult": (
        ("errors", "tns:Error", "*"), ("id", "tns:ID", "?"), ("mergedRecordIds", "tns:ID", "*"),
        ("success", "xsd:boolean", "1"),
    ),
    "UndeleteResult": (("errors", "tns:Error", "*"), ("id", "tns:ID", "?"), ("success", "xsd:boolean", "1")),
}  # fmt: skip
# Operation -> what it takes, and its result: (element, type, how many).
MESSAGES: Mapping[str, tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str, str], ...]]] = {
    "login": (
        (("username", "xsd:string", "1"), ("password", "xsd:string", "1")), (("result", "tns:LoginResult", "1"),),
    ),
    "logout": ((), ()),
    "getUserInfo": ((), (("result", "tns:GetUserInfoResult", "1"),)),
    "getServerTimestamp": ((), (("result", "tns:GetServerTimestampResult", "1"),)),
    "convertLead": ((("leadConverts", "tns:LeadConvert", "*"),), (("result", "tns:LeadConvertResult", "*"),)),
    "merge": ((("request", "tns:MergeRequest", "*"),), (("result", "tns:MergeResult", "*"),)),
    "undelete": ((("ids", "tns:ID", "*"),), (("result", "tns:UndeleteResult", "*"),)),
}  # fmt: skip
OCCURS: Mapping[str, str] = {
    "1": "", "0": ' minOccurs="0"', "?": ' nillable="true"', "?0": ' nillable="true" minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
}  # fmt: skip
PARTNER, OBJECTS = "urn:partner.soap.sforce.com", "urn:sobject.partner.soap.sforce.com"


def serve(call: Call) -> Answer:
    """GET /services/wsdl/partner"""
    segments = call.request.segments
    prefix = "" if segments_of(call.request) == tuple(part for part in segments if part) else f"/{segments[0]}"
    origin = origin_of(call.request.scheme, call.request.headers.get("host", ""), prefix)
    return Answer(200, wsdl(f"{origin}/services/Soap/u/{LAST}.0"), {"content-type": "text/xml;charset=UTF-8"})


@lru_cache(maxsize=16)
def wsdl(address: str) -> bytes:
    """The whole document for an API at this address."""
    types = "".join(_complex(name, rows) for name, rows in TYPES.items())
    elements = "".join(
        _element(name, taken) + _element(f"{name}Response", given) for name, (taken, given) in MESSAGES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<definitions targetNamespace="{PARTNER}" xmlns="http://schemas.xmlsoap.org/wsdl/" '
        f'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:tns="{PARTNER}" xmlns:ens="{OBJECTS}"><types>'
        f'<xsd:schema elementFormDefault="qualified" targetNamespace="{OBJECTS}"><xsd:import namespace="{PARTNER}"/>'
        f"{_SOBJECT}</xsd:schema>"
        f'<xsd:schema elementFormDefault="qualified" targetNamespace="{PARTNER}"><xsd:import namespace="{OBJECTS}"/>'
        f"{_BASICS}{types}{elements}</xsd:schema></types>"
        f"{_messages()}{_port()}{_binding()}"
        f'<service name="SforceService"><port binding="tns:SoapBinding" name="Soap">'
        f'<soap:address location="{address}"/></port></service></definitions>'
    ).encode()


_SOBJECT = (
    '<xsd:complexType name="sObject"><xsd:sequence><xsd:element name="type" type="xsd:string"/>'
    '<xsd:element name="fieldsToNull" type="xsd:string" nillable="true" minOccurs="0" maxOccurs="unbounded"/>'
    '<xsd:element name="Id" type="tns:ID" nillable="true"/>'
    '<xsd:any namespace="##targetNamespace" minOccurs="0" maxOccurs="unbounded" processContents="lax"/>'
    "</xsd:sequence></xsd:complexType>"
)
_BASICS = (
    '<xsd:simpleType name="ID"><xsd:restriction base="xsd:string"><xsd:length value="18"/></xsd:restriction>'
    '</xsd:simpleType><xsd:element name="SessionHeader"><xsd:complexType><xsd:sequence>'
    '<xsd:element name="sessionId" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>'
)


def _sequence(rows: tuple[tuple[str, str, str], ...]) -> str:
    inside = "".join(f'<xsd:element name="{name}" type="{type}"{OCCURS[many]}/>' for name, type, many in rows)
    return f"<xsd:sequence>{inside}</xsd:sequence>"


def _complex(name: str, rows: tuple[tuple[str, str, str], ...]) -> str:
    return f'<xsd:complexType name="{name}">{_sequence(rows)}</xsd:complexType>'


def _element(name: str, rows: tuple[tuple[str, str, str], ...]) -> str:
    return f'<xsd:element name="{name}"><xsd:complexType>{_sequence(rows)}</xsd:complexType></xsd:element>'


def _messages() -> str:
    parts = "".join(
        f'<message name="{name}Request"><part element="tns:{name}" name="parameters"/></message>'
        f'<message name="{name}Response"><part element="tns:{name}Response" name="parameters"/></message>'
        for name in MESSAGES
    )
    return f'<message name="Header"><part element="tns:SessionHeader" name="SessionHeader"/></message>{parts}'


def _port() -> str:
    operations = "".join(
        f'<operation name="{name}"><input message="tns:{name}Request"/><output message="tns:{name}Response"/>'
        "</operation>"
        for name in MESSAGES
    )
    return f'<portType name="Soap">{operations}</portType>'


def _binding() -> str:
    header = '<soap:header use="literal" message="tns:Header" part="SessionHeader"/>'
    operations = "".join(
        f'<operation name="{name}"><soap:operation soapAction=""/><input>{"" if name == "login" else header}'
        '<soap:body parts="parameters" use="literal"/></input><output><soap:body use="literal"/></output></operation>'
        for name in MESSAGES
    )
    transport = "http://schemas.xmlsoap.org/soap/http"
    return (
        f'<binding name="SoapBinding" type="tns:Soap"><soap:binding style="document" transport="{transport}"/>'
        f"{operations}</binding>"
    )
