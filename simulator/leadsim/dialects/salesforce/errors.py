"""What is refused, in the vendor's words: status, code, text, fields. Tables first.

Texts and codes are those that clients parse: vendors/salesforce-pardot-dynamics-eloqua.md 1E, and
vendors/troubleshooting-cases.md 9. The body of a REST refusal is a list; of a row in a batch, `errors` of its result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadsim.gateway.refusal import (
    AddressRefused,
    CodingRefused,
    FaultFired,
    GatewayRefusal,
    LoginRefused,
    NotPermitted,
    QuotaSpent,
    TooLarge,
    Undecodable,
    UnknownOrg,
)


@dataclass(frozen=True, slots=True)
class ApiError:
    """One refusal. `fields` None: the kind that has none. `extra`: further keys of a REST body."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    definite: bool = True

    def rest(self) -> dict[str, Any]:
        """As the body of a refused REST call lists it."""
        body: dict[str, Any] = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return body

    def row(self) -> dict[str, Any]:
        """As the result of one row of a batch lists it."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ()), **self.extra}

    @property
    def status(self) -> int:
        """The HTTP status of a call that is refused so."""
        return STATUSES.get(self.code, 400)


class ApiRefused(Exception):
    """A call that is refused as a whole."""

    def __init__(self, errors: Sequence[ApiError], status: int | None = None) -> None:
        super().__init__(errors[0].message)
        self.errors = tuple(errors)
        self.status = status if status is not None else errors[0].status


def refused(code: str, message: str, *, status: int | None = None, fields: tuple[str, ...] | None = None) -> ApiRefused:
    """One refusal of a whole call."""
    return ApiRefused([ApiError(code, message, fields)], status)


def not_found() -> ApiRefused:
    """Nothing is at this address."""
    return refused("NOT_FOUND", "The requested resource does not exist")


def not_simulated(what: str) -> ApiRefused:
    """The vendor has it, this sandbox has not."""
    return refused("NOT_SIMULATED", f"{what} is not simulated by this sandbox.")


# Codes whose HTTP status is not 400.
STATUSES: Mapping[str, int] = {
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "API_CURRENTLY_DISABLED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "EXCEEDED_MAX_SIZE_REQUEST": 413,
    "NOT_SIMULATED": 501,
    "SERVER_UNAVAILABLE": 503,
    "UNKNOWN_EXCEPTION": 500,
    "INVALIDJOB": 404,
}

# The gateway's refusals over REST: (code, text). The first class that fits counts.
GATEWAY: tuple[tuple[type[GatewayRefusal], str, str], ...] = (
    # A session is bound to where it may be used from; the login that follows says why it is refused.
    (AddressRefused, "INVALID_SESSION_ID", "Session expired or invalid"),
    (LoginRefused, "INVALID_SESSION_ID", "Session expired or invalid"),
    (QuotaSpent, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    (UnknownOrg, "NOT_FOUND", "The requested resource does not exist"),
    (TooLarge, "EXCEEDED_MAX_SIZE_REQUEST", "The request body is too large."),
)
FAULTS: Mapping[int, tuple[str, str]] = {
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    429: ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support"),
    502: ("SERVER_UNAVAILABLE", "Bad gateway"),
    503: ("SERVER_UNAVAILABLE", "Server Too Busy"),
    504: ("SERVER_UNAVAILABLE", "The server is temporarily unavailable"),
}
READ_ONLY = "insufficient access rights on object id"
API_DISABLED = "API is disabled for this User"


def of_gateway(refusal: GatewayRefusal) -> tuple[int, ApiError]:
    """The gateway's refusal in the vendor's words, and its HTTP status."""
    if isinstance(refusal, FaultFired):
        code, text = FAULTS.get(refusal.status, ("UNKNOWN_EXCEPTION", refusal.text))
        return refusal.status, ApiError(code, text, definite=refusal.definite)
    if isinstance(refusal, NotPermitted):
        api = "'api'" in refusal.text
        error = (
            ApiError("API_CURRENTLY_DISABLED", API_DISABLED)
            if api
            else ApiError("INSUFFICIENT_ACCESS_OR_READONLY", READ_ONLY)
        )
        return error.status, error
    if isinstance(refusal, CodingRefused):
        code = "JSON_PARSER_ERROR" if isinstance(refusal, Undecodable) else "UNSUPPORTED_MEDIA_TYPE"
        return refusal.status, ApiError(code, refusal.text)
    for kind, code, text in GATEWAY:
        if isinstance(refusal, kind):
            error = ApiError(code, text)
            return error.status, error
    return refusal.status, ApiError("UNKNOWN_EXCEPTION", refusal.text)
