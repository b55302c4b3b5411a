"""The vendor's error codes as the ports' refusals and failures: literal tables first.

Source: REST API guide "Status Codes and Error Responses", SOAP API guide "ExceptionCode" and "StatusCode". A REST
error is a list of `{"message", "errorCode", "fields"}`; a row of a collection has `statusCode` instead; OAuth has
`{"error", "error_description"}`; SOAP a fault with `sf:exceptionCode`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from leadproof.systems.failures import (
    AddressRefused,
    BadAnswer,
    CallFailed,
    Forbidden,
    LoginRefused,
    NotSimulated,
    QuotaSpent,
    Refused,
    ServerFailed,
)
from leadproof.systems.ports import Refusal
from leadproof.systems.records import RefusalKind
from leadproof.transports.protocol import Response

SESSION_GONE = "INVALID_SESSION_ID"
DUPLICATES = "DUPLICATES_DETECTED"

KINDS: Mapping[str, RefusalKind] = {
    DUPLICATES: "duplicate",
    "DUPLICATE_VALUE": "duplicate",
    "DUPLICATE_EXTERNAL_ID": "duplicate",
    "MULTIPLE_CHOICES": "duplicate",
    "UNABLE_TO_LOCK_ROW": "locked",
    "ENTITY_IS_LOCKED": "locked",
    "ENTITY_IS_DELETED": "gone",
    "CANNOT_UPDATE_CONVERTED_LEAD": "gone",
    "NOT_FOUND": "gone",
    "INSUFFICIENT_ACCESS_OR_READONLY": "permission",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "permission",
    "INSUFFICIENT_ACCESS": "permission",
    "CANNOT_DELETE_OWNER": "permission",
    "PRECONDITION_FAILED": "conflict",
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": "fault",
    "PROCESSING_HALTED": "fault",
    "UNKNOWN_EXCEPTION": "fault",
    "QUERY_TIMEOUT": "fault",
    "SERVER_UNAVAILABLE": "fault",
    "REQUEST_RUNNING_TOO_LONG": "fault",
}
"""What a code says about one record; a code that is not here refuses its values."""
CALLS: Mapping[str, str] = {
    "NOT_FOUND": "REF742",
    "METHOD_NOT_ALLOWED": "REF743",
    "UNSUPPORTED_MEDIA_TYPE": "REF744",
    "JSON_PARSER_ERROR": "REF745",
    **dict.fromkeys(("MALFORMED_QUERY", "INVALID_FIELD", "MALFORMED_ID", "INVALID_SEARCH"), "REF746"),
    "INVALID_QUERY_LOCATOR": "REF747",
    "INVALID_TYPE": "REF707",
    "INVALIDENTITY": "REF707",
    "INVALIDJOBSTATE": "REF749",
}
"""What a code says about a call as such: its path, method, body, query, page or object."""
UNCERTAIN = frozenset({"UNKNOWN_EXCEPTION", "REQUEST_RUNNING_TOO_LONG", "SERVER_UNAVAILABLE"})
"""Codes of rows after which nobody knows whether the row was stored."""
ADDRESS = frozenset({"LOGIN_DURING_RESTRICTED_DOMAIN", "LOGIN_MUST_USE_SECURITY_TOKEN", "INVALID_LOGIN_IP"})
"""SOAP's and REST's words for an address that the user's login ranges do not hold."""
HOURS = frozenset({"LOGIN_DURING_RESTRICTED_TIME", "INVALID_LOGIN_HOURS"})
LOGIN = frozenset(
    {"INVALID_LOGIN", "INVALID_AUTH_HEADER", "PASSWORD_LOCKOUT", "ORG_LOCKED", "INACTIVE_USER", SESSION_GONE, *HOURS}
)
FORBIDDEN = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "FUNCTIONALITY_NOT_ENABLED",
    }
)
QUOTA = frozenset({"REQUEST_LIMIT_EXCEEDED", "rate_limit_exceeded"})
BAD_TOKEN = "invalid_token"
"""How the OAuth endpoints (userinfo) say that the session is gone; their description is Bad_OAuth_Token."""
NOT_SIMULATED = 501
NOT_APPROVED = "user hasn't approved this consumer"
"""How the OAuth endpoints say that the user may not use this app, or not the API at all."""
OAUTH_REFUSALS = frozenset({"invalid_grant", "invalid_client", "invalid_client_id", "unauthorized_client"})
"""Words of RFC 6749, 5.2, for a login that is none."""
_RANGES = "ip restricted"
"""How OAuth begins "ip restricted or invalid login hours": the vendor does not tell the two apart."""
_HOLDER = re.compile(r"record with id: ?([a-zA-Z0-9]{15,18})")


@dataclass(frozen=True, slots=True)
class VendorError:
    """One error as the vendor words it, whatever endpoint it came from."""

    code: str
    text: str
    fields: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> RefusalKind:
        """What it says about the record. A dangling id refuses the value; without a field it is the record's own."""
        if self.code == "INVALID_CROSS_REFERENCE_KEY" and not self.fields:
            return "gone"
        return KINDS.get(self.code, "invalid")

    def refusal(self) -> Refusal:
        """As the ports say it, with the records that stand in the way."""
        return Refusal(
            code=self.code,
            text=self.text,
            field=self.fields[0] if self.fields else None,
            kind=self.kind,
            definite=self.code not in UNCERTAIN,
            matches=_matches(self),
        )


def read_errors(body: object) -> list[VendorError]:
    """The errors of a decoded REST or OAuth body, or of one row of a collection; [] where it is none of these."""
    if isinstance(body, Mapping) and isinstance(body.get("error"), str):
        return [VendorError(body["error"], str(body.get("error_description", body["error"])), (), body)]
    rows: list[Any] = body if isinstance(body, list) else [body]
    found = []
    for row in rows:
        code = (row.get("errorCode") or row.get("statusCode")) if isinstance(row, Mapping) else None
        if isinstance(code, str):
            fields = tuple(str(one) for one in row.get("fields") or ())
            found.append(VendorError(code, str(row.get("message", code)), fields, row))
    return found


def refused_rows(body: object) -> tuple[str, ...]:
    """The rows of a collection, or the requests of a composite one, that were refused in an answer of status 200."""
    inner = (body.get("compositeResponse") or body.get("results")) if isinstance(body, Mapping) else body
    found = []
    for number, row in enumerate(inner if isinstance(inner, list) else (), 1):
        if not isinstance(row, Mapping):
            continue
        told = row.get("errors") if row.get("success") is False else None
        if int(row.get("httpStatusCode") or row.get("statusCode") or 0) >= 400:
            told = row.get("body") or row.get("result")
        errors = read_errors(told) if told else []
        found += [f"row {number}: {errors[0].code}: {errors[0].text}"] if errors else []
    return tuple(found)


def failure(system: str, operation: str, response: Response, errors: list[VendorError]) -> CallFailed:
    """The failure that a refused call is. `errors` as the endpoint's body gave them."""
    if response.status == NOT_SIMULATED:
        return NotSimulated(system, operation, errors[0].text if errors else "not simulated")
    if not errors:
        return _unnamed(system, operation, response)
    first = errors[0]
    if first.code in QUOTA:
        # The day is a rolling one of 24 hours; when calls come back is not said.
        return QuotaSpent(system, operation, first.text, retry_at=None)
    if first.code in ADDRESS:
        return AddressRefused(system, operation, first.text)
    if first.code in OAUTH_REFUSALS:
        return login_failure(system, operation, response, errors)
    if first.code in (*LOGIN, BAD_TOKEN) or response.status == 401:
        return LoginRefused(system, operation, first.text)
    if first.code in FORBIDDEN:
        return Forbidden(system, operation, f"{first.text} [{first.code}]")
    if response.status >= 500 and first.kind in ("fault", "invalid"):
        return ServerFailed(
            system,
            operation,
            f"{first.text} [{first.code}]",
            status=response.status,
            definite=False,
            retry_after_seconds=retry_after(response),
        )
    return Refused(system, operation, first.refusal())


def login_failure(system: str, operation: str, response: Response, errors: list[VendorError]) -> CallFailed:
    """The failure that a refused token request is (RFC 6749, 5.2, with the vendor's descriptions)."""
    if errors and response.status < 500:
        first = errors[0]
        if first.text.startswith(_RANGES) or first.code in ADDRESS:
            return AddressRefused(system, operation, first.text)
        if first.code in QUOTA:
            return QuotaSpent(system, operation, first.text, retry_at=None)
        if first.text.startswith(NOT_APPROVED):
            return Forbidden(system, operation, f"{first.text} [{first.code}]")
        return LoginRefused(system, operation, f"{first.text} [{first.code}]")
    return failure(system, operation, response, errors)


def _unnamed(system: str, operation: str, response: Response) -> CallFailed:
    told = f"status {response.status}: {beginning(response.body)}"
    if response.status >= 500:
        after = retry_after(response)
        return ServerFailed(system, operation, told, status=response.status, definite=False, retry_after_seconds=after)
    return BadAnswer(system, operation, told)


def _matches(error: VendorError) -> tuple[str, ...]:
    """The records that a duplicate rule or a unique field names; both say so in their own way."""
    told = error.raw.get("duplicateResult")
    if isinstance(told, Mapping):
        records = [one.get("record") or {} for result in told.get("matchResults", ()) for one in result["matchRecords"]]
        return tuple(dict.fromkeys(str(one["Id"]) for one in records if one.get("Id")))
    return tuple(_HOLDER.findall(error.text)) if error.kind == "duplicate" else ()


def retry_after(response: Response) -> int | None:
    """Seconds that the answer asks to wait."""
    after = response.headers.get("retry-after", "")
    return int(after) if after.isdigit() else None


def beginning(body: bytes) -> str:
    """The first characters of a body, for a person who must see what came instead."""
    text = " ".join(body[:200].decode("utf-8", "replace").split())
    return repr(text[:80] + ("..." if len(text) > 80 else ""))


def decoded(system: str, operation: str, response: Response) -> Any:
    """The body's JSON; None where there is none. Raises BadAnswer."""
    if not response.body:
        return None
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError as wrong:
        kind = response.headers.get("content-type", "nothing said")
        text = f"status {response.status} with a body that is no JSON ({kind}): {beginning(response.body)}"
        raise BadAnswer(system, operation, text) from wrong


def errors_of(response: Response) -> list[VendorError]:
    """The errors of a response, [] where its body is none of the vendor's."""
    try:
        return read_errors(orjson.loads(response.body))
    except orjson.JSONDecodeError:
        return []
