"""The Pardot dialect: which org a request is for, what it wants, who it says it is, and the answer."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from leadsim.dialects.pardot.errors import PardotRefused, not_simulated, of_gateway
from leadsim.dialects.pardot.ids import business_unit_id, looks_like_business_unit
from leadsim.dialects.pardot.login import HEADER, oauth_refusal, presented
from leadsim.dialects.pardot.routing import Found, find
from leadsim.dialects.pardot.session import Session, segments_of
from leadsim.dialects.pardot.v4.asking import form_of
from leadsim.dialects.pardot.v4.asking import refusal as v4_refusal
from leadsim.dialects.pardot.v4.calls import answer as v4_answer
from leadsim.gateway.call import Call, Wanted
from leadsim.gateway.credentials import Presented
from leadsim.gateway.faults import Target
from leadsim.gateway.messages import JSON, Answer, Request
from leadsim.gateway.refusal import AddressRefused, GatewayRefusal, LoginRefused, NotPermitted, QuotaSpent, TokenExpired

LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


class Pardot:
    """Versions 3, 4 and 5 of the API of Pardot, now Marketing Cloud Account Engagement."""

    name = "pardot"
    hosts: tuple[str, ...] = ("pi.pardot.com", "pi.demo.pardot.com", *LOGIN_HOSTS)
    codings: tuple[str, ...] = ()

    # --- which org, what, who ------------------------------------------------------------------------------------

    def org_of(self, request: Request, orgs: Sequence[str]) -> str | None:
        """The port's org; that of the business unit's id; the only one, where there is one."""
        if not request.segments or request.segments[0] not in ("api", "services", "l"):
            return None
        if request.org in orgs:
            return request.org
        if request.segments[0] != "api":
            return _at_login(request, orgs)
        named = request.headers.get(HEADER, "").strip()
        for org in orgs:
            if business_unit_id(org) == named:
                return org
        return orgs[0] if orgs else None

    def wanted(self, request: Request, side: str) -> Wanted:
        """What a method and path want; nothing, when nothing is there."""
        found = find(request.method, segments_of(request.segments))
        operation = found.operation
        if operation is None:
            return Wanted("", "any", found.params, handler=found)
        public = operation.public
        return Wanted(
            operation.name,
            operation.does,
            found.params,
            _ENGINE.get(found.params.get("object", "")),
            operation.permission,
            "none" if public else "required",
            not public,
            found,
        )

    def targets(self, wanted: Wanted, request: Request) -> Sequence[Target]:
        """The call, and each row of a batch; a single write is row 0 of itself."""
        whole = Target(wanted.does, wanted.object)
        if wanted.does == "batch":
            rows = batch_size(request)
            return (whole, *[Target(wanted.operation, wanted.object, row) for row in range(rows)])
        return (whole, Target(wanted.does, wanted.object, 0)) if wanted.permission else (whole,)

    def presented(self, request: Request) -> Presented | None:
        """A Salesforce session. Raises `LoginRefused` where the business unit's id is missing or another's."""
        if segments_of(request.segments)[:1] != ("api",):
            return None
        if request.headers.get("authorization") and (failure := _business_unit(request)) is not None:
            raise LoginRefused(failure.message)
        return presented(request)

    # --- answers -------------------------------------------------------------------------------------------------

    def answer(self, call: Call) -> Answer:
        """The answer to what the gateway let through."""
        found: Found = call.wanted.handler
        try:
            operation = found.operation
            _check_org(call)
            if operation is None:
                raise _nowhere(found)
            if operation.raw:
                return operation.handler(call)
            session = Session(call)
            return v4_answer(session, operation) if operation.version == 4 else operation.handler(session)
        except PardotRefused as failure:
            return _refusal(failure, call.request)

    def refuse(self, refusal: GatewayRefusal, request: Request) -> Answer:
        """The gateway's refusal in the words of the version that was called."""
        if segments_of(request.segments)[:1] == ("services",):
            return _oauth(refusal)
        if isinstance(refusal, LoginRefused):
            return _refusal(_login_failure(refusal, request), request)
        return _refusal(of_gateway(refusal), request)


def _at_login(request: Request, orgs: Sequence[str]) -> str | None:
    """The org that answers a sign-in at Salesforce's own host: it passes it on to the sandbox's Salesforce org, and
    answers itself where there is none."""
    host = request.headers.get("host", "").partition(":")[0].lower()
    parts = tuple(part for part in request.segments if part)
    return orgs[0] if orgs and host in LOGIN_HOSTS and parts == ("services", "oauth2", "token") else None


_ENGINE = {
    "prospects": "prospect", "lists": "list", "list-memberships": "list_membership", "campaigns": "campaign",
    "users": "user", "prospect-accounts": "account", "opportunities": "opportunity", "tags": "tag", "forms": "form",
    "visitor-activities": "activity", "emails": "email_send", "list-emails": "email", "form-handlers": "form",
    "tagged-objects": "tagged_object",
}  # fmt: skip


def batch_size(request: Request) -> int:
    """How many rows a batch has; 0 where they can't be read."""
    from leadsim.dialects.pardot.v4.batches import read_rows

    try:
        given = dict([*request.query, *form_of(request)])
        return len(read_rows(given.get("prospects", "")))
    except PardotRefused:
        return 0


def _business_unit(request: Request) -> PardotRefused | None:
    """What is wrong with the header that names the business unit, as far as the request alone tells."""
    named = request.headers.get(HEADER)
    if named is None:
        return PardotRefused(181, "Pardot-Business-Unit-Id header not found on request.")
    if not looks_like_business_unit(named.strip()):
        return PardotRefused(182, "Pardot-Business-Unit-Id")
    return None


def _check_org(call: Call) -> None:
    """Raises PardotRefused where the header names another business unit than the one that was reached."""
    if call.wanted.login == "none":
        return
    if call.request.headers.get(HEADER, "").strip() != business_unit_id(call.site.name):
        raise PardotRefused(201)


def _login_failure(refusal: LoginRefused, request: Request) -> PardotRefused:
    scheme = request.headers.get("authorization", "").partition(" ")[0].lower()
    if not scheme:
        return PardotRefused(49)
    if scheme == "pardot":
        return PardotRefused(199)
    failure = _business_unit(request)
    if failure is not None:
        return failure
    if isinstance(refusal, TokenExpired) or "is no user of org" not in refusal.text:
        return PardotRefused(184)
    text = "User associated with access token is not valid for the Pardot Business Unit ID specified in"
    return PardotRefused(49, f"{text} Pardot-Business-Unit-Id header")


def _nowhere(found: Found) -> PardotRefused:
    """Nothing is at this address: not simulated, the wrong method, or nothing of the vendor's."""
    if found.not_simulated:
        return not_simulated(found.not_simulated)
    if found.allowed:
        failure = PardotRefused(60, f"allowed: {', '.join(found.allowed)}")
        failure.headers["allow"] = ", ".join(found.allowed)
        return failure
    return PardotRefused(found.code or 198)


def _refusal(failure: PardotRefused, request: Request) -> Answer:
    parts = segments_of(request.segments)
    if parts[:2] == ("api", "v5") or parts[:1] != ("api",):
        body = orjson.dumps({"code": failure.code, "message": failure.message})
        return Answer(failure.status, body, {"content-type": JSON, **failure.headers})
    return v4_refusal(failure, request)


def _oauth(refusal: GatewayRefusal) -> Answer:
    if isinstance(refusal, AddressRefused):
        return oauth_refusal("invalid_grant", "ip restricted or invalid login hours")
    if isinstance(refusal, QuotaSpent):
        return oauth_refusal("rate_limit_exceeded", "login rate exceeded")
    if isinstance(refusal, NotPermitted):
        return oauth_refusal("invalid_grant", "user hasn't approved this consumer")
    return oauth_refusal("unavailable", refusal.text, refusal.status)
