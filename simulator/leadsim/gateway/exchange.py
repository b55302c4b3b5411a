"""Journals every exchange, refusals too: what the digest is made of (formats.md "The digest").

Recorded are the method, path, sorted query, status, both bodies as text and the headers listed here. All other
headers (dates, user agents, accept lists, hosts) differ between transports and say nothing about the lead.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from leadsim.gateway.messages import Answer, Request
from leadsim.gateway.redaction import PLACEHOLDER, hide, named, redact, redact_query

REQUEST_HEADERS = frozenset({
    "authorization", "content-encoding", "content-type", "idempotency-key", "if-match", "if-modified-since",
    "if-unmodified-since", "pardot-business-unit-id", "sforce-auto-assign", "sforce-call-options",
    "sforce-duplicate-rule-header", "sforce-query-options", "soapaction", "x-sfdc-session",
})  # fmt: skip
"""Those that decide what is answered: without one of them the same request would be another."""
RESPONSE_HEADERS = frozenset({
    "content-type", "etag", "location", "retry-after", "sforce-locator", "sforce-numberofrecords", "www-authenticate",
    "x-quota", "x-time",
})  # fmt: skip
ORIGIN = "{origin}"
TEXT_LIMIT = 256 * 1024
"""Characters of a body that are recorded; of a longer one (a bulk upload) the beginning and its digest."""


def exchange_fact(
    request: Request, answer: Answer, *, org: str, at: str, actor: str, user: str, secrets: Iterable[str]
) -> dict[str, Any]:
    """The journal's fact of one exchange; its number is the journal's to give."""
    sent = request.body.decode("utf-8", "backslashreplace")
    known = (*secrets, *named(sent))
    origin = request.headers.get("host", "")
    return {
        "kind": "exchange",
        "org": org,
        "at": at,
        "actor": actor,
        "user": user,
        "method": request.method,
        "path": hide(request.path, known),
        "query": redact_query(request.query, known) if request.query else [],
        "status": answer.status,
        "request_headers": _listed(request.headers, REQUEST_HEADERS, known),
        "request_body": _text(sent, known, origin),
        "response_headers": {
            name: _without_origin(told, origin)
            for name, told in _listed(answer.headers, RESPONSE_HEADERS, known).items()
        },
        "response_body": _text(answer.body.decode("utf-8", "backslashreplace"), known, origin),
    }


def _listed(headers: dict[str, str], names: frozenset[str], secrets: tuple[str, ...]) -> dict[str, str]:
    kept = {name: hide(value, secrets) for name, value in headers.items() if name in names}
    scheme = kept.get("authorization")
    if scheme is not None:
        kept["authorization"] = f"{scheme.partition(' ')[0]} {PLACEHOLDER}"
    if "x-sfdc-session" in kept:
        kept["x-sfdc-session"] = PLACEHOLDER
    return kept


def _text(body: str, secrets: tuple[str, ...], origin: str) -> str:
    if not body:
        return ""
    text = _without_origin(redact(body, secrets), origin)  # before it is cut and counted: no port in the digest of it
    if len(text) > TEXT_LIMIT:
        digest = sha256(text.encode()).hexdigest()
        text = f"{text[:TEXT_LIMIT]}... ({len(text)} characters, SHA-256 {digest})"
    return text


def _without_origin(text: str, origin: str) -> str:
    """`http://host:port` of this sandbox becomes `{origin}`: a port is chance, and no part of the truth."""
    if origin and "://" in text:
        for scheme in ("http://", "https://"):
            text = text.replace(scheme + origin, ORIGIN)
    return text
