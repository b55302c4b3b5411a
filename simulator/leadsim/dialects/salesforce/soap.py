"""The Partner SOAP API, as far as connectors need it: login, conversion of leads, merge, undelete, who one is.

Answers have the order and the names of the vendor's WSDL, with the prefixes that clients look for by text
(vendors/salesforce-pardot-dynamics-eloqua.md 1A 2 and 19).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from leadsim.dialects.salesforce.encoding import moment_text
from leadsim.dialects.salesforce.errors import ApiError
from leadsim.dialects.salesforce.ids import org_id, read_id
from leadsim.dialects.salesforce.login import issue, prove
from leadsim.dialects.salesforce.session import Session
from leadsim.dialects.salesforce.soap_leads import convert_lead, merge, undelete
from leadsim.dialects.salesforce.soap_schema import check_message, check_operation, unanswered_header
from leadsim.dialects.salesforce.view import Record
from leadsim.dialects.salesforce.xmltree import XmlRefused, local_name, namespace_of, read_xml, text, texts
from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import LoginRefused

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
XML = "text/xml;charset=UTF-8"
XML_KINDS = ("text/xml", "application/xml", "")


@dataclass(frozen=True, slots=True)
class Message:
    """One request: the operation's name, its body, and the session header's id."""

    operation: str
    namespace: str
    body: Any
    headers: Mapping[str, Any]


class SoapFault(Exception):
    """A refused SOAP call."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.text = message


def read_message(body: bytes) -> Message:
    """The request in an envelope. Raises SoapFault."""
    try:
        root = read_xml(body)
    except XmlRefused:
        raise SoapFault("UNKNOWN_EXCEPTION", "The content of the request is no XML") from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise SoapFault("UNKNOWN_EXCEPTION", "The content of the request is no SOAP envelope")
    headers = {local_name(one): one for part in root if local_name(part) == "Header" for one in part}
    bodies = [one for part in root if local_name(part) == "Body" for one in part]
    if len(bodies) != 1:
        raise SoapFault("UNKNOWN_EXCEPTION", "The body of the envelope needs exactly one operation")
    return Message(local_name(bodies[0]), namespace_of(bodies[0]), bodies[0], headers)


def session_id(body: bytes) -> str:
    """The session header's id, "" where there is none or nothing can be read."""
    try:
        header = read_message(body).headers.get("SessionHeader")
    except SoapFault:
        return ""
    return "" if header is None else text(header, "sessionId")


def operation_of(body: bytes) -> str:
    """The operation that is asked for, "" where nothing can be read."""
    try:
        return read_message(body).operation
    except SoapFault:
        return ""


def unreadable_answer(message: str, status: int = 500) -> Answer:
    """A fault of the envelope itself: the client's, without a code of the vendor's."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{ENVELOPE}"><soapenv:Body>'
        f"<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>{escape(message)}</faultstring>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status, body.encode(), {"content-type": XML})


def fault_answer(code: str, message: str, status: int = 500) -> Answer:
    """A fault: the code stands in faultcode, in front of faultstring, and in the detail."""
    shown = escape(message)
    kind = "LoginFault" if code in LOGIN_CODES else "UnexpectedErrorFault"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:sf="urn:fault.partner.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {shown}</faultstring>"
        f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{shown}</sf:exceptionMessage></sf:{kind}></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status, body.encode(), {"content-type": XML})


LOGIN_CODES = frozenset(
    {"INVALID_LOGIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "LOGIN_DURING_RESTRICTED_DOMAIN", "LOGIN_DURING_RESTRICTED_TIME",
     "PASSWORD_LOCKOUT", "ORG_LOCKED", "INACTIVE_USER"}
)  # fmt: skip
INVALID_LOGIN = "Invalid username, password, security token; or user locked out."
NEW_LOCATION = (
    f"{INVALID_LOGIN} Are you at a new location? When accessing Salesforce--either via a desktop client or the "
    f"API--from "
    "outside of your company's trusted networks, you must add a security token to your password to log in."
)
RESTRICTED = "The user is not permitted to log in from this domain"


def answer_xml(operation: str, result: str, namespace: str = "urn:partner.soap.sforce.com") -> Answer:
    """An operation's result, already as XML."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns="{namespace}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>'
        f"<{operation}Response>{result}</{operation}Response></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(200, body.encode(), {"content-type": XML})


def element(name: str, value: Any) -> str:
    """One element; nothing is nil."""
    if value is None:
        return f'<{name} xsi:nil="true"/>'
    if isinstance(value, bool):
        return f"<{name}>{'true' if value else 'false'}</{name}>"
    return f"<{name}>{escape(str(value))}</{name}>"


def errors_xml(errors: list[ApiError]) -> str:
    """The errors of one result."""
    return "".join(
        "<errors>"
        + "".join(element("fields", name) for name in error.fields or ())
        + element("message", error.message)
        + element("statusCode", error.code)
        + "</errors>"
        for error in errors
    )


# --- operations -------------------------------------------------------------------------------------------------


def call(session: Session) -> Answer:
    """POST /services/Soap/u/{version}"""
    try:
        if session.header("content-type").partition(";")[0].strip().lower() not in XML_KINDS:
            return unreadable_answer("Unsupported Media Type", 415)
        if "soapaction" not in session.request.headers:
            raise XmlRefused("SOAPAction HTTP header missing")
        message = read_message(session.request.body)
        check_operation(message.operation, message.namespace)
        handler = OPERATIONS.get(message.operation)
        if handler is None:
            return _not_simulated(f"SOAP {message.operation}()")
        check_message(message.operation, message.body)
        header = unanswered_header(message.operation, message.headers)
        if header:
            return _not_simulated(f"SOAP {message.operation}() with {header}")
        return handler(session, message)
    except SoapFault as fault:
        return fault_answer(fault.code, fault.text)
    except XmlRefused as unfit:
        return unreadable_answer(str(unfit))


def _not_simulated(what: str) -> Answer:
    return fault_answer("NOT_SIMULATED", f"{what} is not simulated by this sandbox.", 501)


def _login(session: Session, message: Message) -> Answer:
    call = session.call
    password = text(message.body, "password")
    call.secrets.append(password)
    scope = message.headers.get("LoginScopeHeader")
    named = [] if scope is None else [one for one in texts(scope, "organizationId") if one]
    if any(read_id(one) != org_id(call.site.name) for one in named):
        raise SoapFault("INVALID_LOGIN", INVALID_LOGIN)
    try:
        login = prove(call.site, text(message.body, "username"), password)
    except LoginRefused as refusal:
        inactive = "inactive" in refusal.text
        code = "INACTIVE_USER" if inactive else "INVALID_LOGIN"
        raise SoapFault(code, "User is inactive" if inactive else INVALID_LOGIN) from None
    if "api" not in login.may:
        raise SoapFault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    token = issue(call, login)
    own = org_id(call.site.name)
    user = session.view.user_id(login.user)
    result = (
        "<result>"
        + element("metadataServerUrl", f"{session.origin}/services/Soap/m/{session.version}/{own}")
        + element("passwordExpired", False)
        + element("sandbox", True)
        + element("serverUrl", f"{session.origin}/services/Soap/u/{session.version}/{own}")
        + element("sessionId", token)
        + element("userId", user)
        + f"<userInfo>{_user_info(session, user)}</userInfo>"
        + "</result>"
    )
    return answer_xml("login", result)


def _user_info(session: Session, user: str) -> str:
    record = session.view.by_id(user)
    own = org_id(session.call.site.name)
    values: dict[str, Any] = {
        "accessibilityMode": False, "chatterExternal": False, "currencySymbol": "$",
        "orgAttachmentFileSizeLimit": 26214400,
        "orgDefaultCurrencyIsoCode": "USD", "orgDefaultCurrencyLocale": "en_US", "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False, "organizationId": own, "organizationMultiCurrency": False,
        "organizationName": session.call.site.name, "profileId": _named(record, "ProfileId"), "roleId": None,
        "sessionSecondsValid": 7200, "userDefaultCurrencyIsoCode": None, "userEmail": _named(record, "Email"),
        "userFullName": _named(record, "Name"), "userId": user, "userLanguage": "en_US", "userLocale": "en_US",
        "userName": _named(record, "Username"), "userTimeZone": session.view.org.settings.time_zone,
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }  # fmt: skip
    return "".join(element(name, value) for name, value in values.items())


def _named(record: Record | None, name: str) -> Any:
    return None if record is None else record.named(name)


def _get_user_info(session: Session, message: Message) -> Answer:
    user = session.view.user_id(session.call.user)
    return answer_xml("getUserInfo", f"<result>{_user_info(session, user)}</result>")


def _server_timestamp(session: Session, message: Message) -> Answer:
    stamp = moment_text(session.view.now).replace("+0000", "Z")
    return answer_xml("getServerTimestamp", f"<result>{element('timestamp', stamp)}</result>")


def _logout(session: Session, message: Message) -> Answer:
    header = message.headers.get("SessionHeader")
    token = "" if header is None else text(header, "sessionId")
    session.call.site.credentials.revoke(token.rpartition("!")[2])
    return answer_xml("logout", "")


def _convert(session: Session, message: Message) -> Answer:
    return answer_xml("convertLead", convert_lead(session, message.body))


def _merge(session: Session, message: Message) -> Answer:
    return answer_xml("merge", merge(session, message.body))


def _undelete(session: Session, message: Message) -> Answer:
    return answer_xml("undelete", undelete(session, message.body))


OPERATIONS: Mapping[str, Callable[[Session, Message], Answer]] = {
    "login": _login,
    "logout": _logout,
    "getUserInfo": _get_user_info,
    "getServerTimestamp": _server_timestamp,
    "convertLead": _convert,
    "merge": _merge,
    "undelete": _undelete,
}
WRITES = frozenset({"convertLead", "merge", "undelete"})
PUBLIC = frozenset({"login"})
