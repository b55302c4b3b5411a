"""The Salesforce dialect: which org a request is for, what it wants, who it says it is, and the answer."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from leadsim.dialects.salesforce import oauth_errors, soap
from leadsim.dialects.salesforce.apps import ends_with_token
from leadsim.dialects.salesforce.assertion import claims_in
from leadsim.dialects.salesforce.errors import ApiRefused, not_found, not_simulated, of_gateway, refused
from leadsim.dialects.salesforce.ids import SHORT, org_id
from leadsim.dialects.salesforce.login import bare_token
from leadsim.dialects.salesforce.routing import Found, Route, Router, method_of, segments_of
from leadsim.dialects.salesforce.session import Session, error_answer, limit_info
from leadsim.dialects.salesforce.sobjects import Several
from leadsim.dialects.salesforce.table import DATA, OUTSIDE, REFUSED, REFUSED_OUTSIDE
from leadsim.dialects.salesforce.versions import is_version
from leadsim.dialects.salesforce.xmltree import text as xml_text
from leadsim.gateway.call import Call, Wanted
from leadsim.gateway.coding import GZIP_AND_DEFLATE
from leadsim.gateway.credentials import Bearer, Presented
from leadsim.gateway.faults import Target
from leadsim.gateway.messages import Answer, Request
from leadsim.gateway.refusal import AddressRefused, CodingRefused, FaultFired, GatewayRefusal, LoginRefused

VENDOR_HOSTS = (".my.salesforce.com", ".salesforce.com", ".force.com")
DATA_ROOT = ("services", "data")


class Salesforce:
    """Salesforce's REST, SOAP and Bulk APIs."""

    name = "salesforce"
    hosts: tuple[str, ...] = ("login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com")
    codings: tuple[str, ...] = GZIP_AND_DEFLATE

    def __init__(self) -> None:
        self._data = Router(DATA)
        self._outside = Router(OUTSIDE)

    # --- which org, what, who ------------------------------------------------------------------------------------

    def org_of(self, request: Request, orgs: Sequence[str]) -> str | None:
        """The port's org; that of the host (acme-crm.my.salesforce.com), of the token, of the user's address; the
        only one, where there is one."""
        if not request.segments or request.segments[0] not in ("services", "id"):
            return None
        if request.org in orgs:
            return request.org
        host = request.headers.get("host", "").partition(":")[0].lower()
        first = host.partition(".")[0]
        if host.endswith(VENDOR_HOSTS) and first in orgs:
            return first
        token = self._token(request)
        for org in orgs:
            if token.startswith(f"{org_id(org)[:SHORT]}!"):
                return org
        said = request.body + claims_in(request.body)
        named = [org for org in orgs if f"@{org}.".encode() in said or f"%40{org}.".encode() in said]
        if len(named) == 1:
            return named[0]
        return orgs[0] if len(orgs) == 1 else None

    def wanted(self, request: Request, side: str) -> Wanted:
        """What a method and path want; nothing, when nothing is there."""
        found, params = self._find(request)
        route = found.route
        if route is None:
            return Wanted("", "any", params, handler=found)
        public, does, permission = route.public, route.does, route.permission
        if route.handler is soap.call:
            operation = soap.operation_of(request.body)
            public, does = operation in soap.PUBLIC, "token" if operation == "login" else "any"
            permission = "write" if operation in soap.WRITES else None
            if operation == "convertLead":
                does = "update"
        elif route.name in ("composite", "compositeBatch", "compositeGraph"):
            permission = None  # each of its calls is asked for what it needs
        return Wanted(
            route.name,
            does,
            params,
            params.get("object"),
            permission,
            "none" if public else "required",
            not public,
            route,
        )

    def _find(self, request: Request) -> tuple[Found, dict[str, str]]:
        segments = segments_of(request)
        if segments[:2] == DATA_ROOT and len(segments) > 2:
            version = segments[2]
            if not version.startswith("v") or not is_version(version[1:]):
                return Found(None), {}
            found = self._data.find(method_of(request), segments[3:] or ("",))
            return found, {**found.params, "version": version[1:]}
        found = self._outside.find(request.method, segments)
        if "version" in found.params and not is_version(found.params["version"]):
            return Found(None), {}
        return found, dict(found.params)

    def targets(self, wanted: Wanted, request: Request) -> Sequence[Target]:
        """The call, and each row of a collection; a single write is row 0 of itself."""
        whole = Target(wanted.does, wanted.object)
        rows = self._rows(wanted, request)
        if rows is not None:
            return (whole, *[Target(_ROW_WORDS[wanted.operation], object, row) for row, object in enumerate(rows)])
        single = wanted.permission or wanted.operation == "addBulk1Batch"  # which asks for its right by itself
        return (whole, Target(wanted.does, wanted.object, 0)) if single else (whole,)

    def _rows(self, wanted: Wanted, request: Request) -> list[str | None] | None:
        if wanted.operation not in _ROW_WORDS:
            return None
        if wanted.operation == "deleteCollection":
            ids = dict(request.query).get("ids", "")
            return [None for _ in ids.split(",")]
        try:
            records = orjson.loads(request.body)["records"]
            return [wanted.object or str(record["attributes"]["type"]) for record in records]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return None

    def presented(self, request: Request) -> Presented | None:
        """`Authorization: Bearer` or `OAuth`, Bulk 1.0's X-SFDC-Session, or SOAP's session header."""
        token = self._token(request)
        if token:
            return Bearer(bare_token(token))
        return None

    def bare_token(self, token: str) -> str:
        """The org's part of a session, for the dialects that take Salesforce's (leadsim.dialects.sessions)."""
        return bare_token(token)

    def _token(self, request: Request) -> str:
        scheme, _, rest = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() in ("bearer", "oauth"):
            return rest.strip()
        bulk = request.headers.get("x-sfdc-session", "")
        if bulk:
            return bulk.strip()
        segments = segments_of(request)
        return soap.session_id(request.body) if segments[:2] == ("services", "Soap") else ""

    # --- answers -------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """The answer to what the gateway let through."""
        route = call.wanted.handler
        try:
            if not isinstance(route, Route):
                raise self._nowhere(call.request, route)
            if route.raw:
                return route.handler(call)
            return route.handler(Session(call))
        except Several as several:
            return Answer(300, orjson.dumps(several.urls), {"content-type": "application/json;charset=UTF-8"})
        except ApiRefused as failure:
            answer = error_answer(failure)
            answer.headers["sforce-limit-info"] = limit_info(call.site.quota)
            return answer

    def _nowhere(self, request: Request, found: Found) -> ApiRefused:
        """Nothing is at this address: wrong method, not simulated, or nothing of the vendor's."""
        segments = segments_of(request)
        if found.allowed:
            allowed = ",".join(found.allowed)
            return refused(
                "METHOD_NOT_ALLOWED", f"HTTP Method '{method_of(request)}' not allowed. Allowed are {allowed}"
            )
        for path, what in REFUSED_OUTSIDE:
            parts = tuple(path.strip("/").split("/"))
            if segments[: len(parts)] == parts:
                return not_simulated(what)
        if segments[:2] == DATA_ROOT and len(segments) > 3 and is_version(segments[2][1:]):
            for first, what in REFUSED:
                if segments[3] == first:
                    return not_simulated(what)
            if segments[3] in _PARTLY:
                return not_simulated(f"/{'/'.join(segments[3:])}")
        return not_found()

    def refuse(self, refusal: GatewayRefusal, request: Request) -> Answer:
        """The gateway's refusal as the endpoint that was called says it."""
        segments = segments_of(request)
        if isinstance(refusal, LoginRefused) and (segments[:1] == ("id",) or segments[-1:] == ("userinfo",)):
            return oauth_errors.bad_token()
        if segments[:2] == ("services", "oauth2"):
            return oauth_errors.oauth_answer(oauth_errors.of_gateway(refusal))
        if segments[:2] == ("services", "Soap"):
            return self._soap_refusal(refusal, request)
        status, error = of_gateway(refusal)
        if segments[:2] == ("services", "async"):
            from leadsim.dialects.salesforce.bulk1_wire import error_answer as bulk_answer

            return bulk_answer(error, status)
        return error_answer(ApiRefused([error], status))

    def _soap_refusal(self, refusal: GatewayRefusal, request: Request) -> Answer:
        if isinstance(refusal, CodingRefused):
            return soap.unreadable_answer(refusal.text, 415 if refusal.status == 415 else 500)
        status, error = of_gateway(refusal)
        if isinstance(refusal, AddressRefused) and soap.operation_of(request.body) == "login":
            password = xml_text(soap.read_message(request.body).body, "password")
            if ends_with_token(request.org, password):
                return soap.fault_answer("LOGIN_DURING_RESTRICTED_DOMAIN", soap.RESTRICTED)
            return soap.fault_answer("LOGIN_MUST_USE_SECURITY_TOKEN", soap.NEW_LOCATION)
        if error.code == "INVALID_SESSION_ID":
            text = "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session hash"
            return soap.fault_answer(error.code, text)
        return soap.fault_answer(error.code, error.message, status if isinstance(refusal, FaultFired) else 500)


_PARTLY = frozenset({"composite", "jobs", "limits", "search", "sobjects", "query", "queryAll"})
_ROW_WORDS = {
    "createTree": "create",
    "createCollection": "create",
    "updateCollection": "update",
    "deleteCollection": "delete",
    "upsertCollection": "upsert",
}
