"""Refused token requests (RFC 6749, 5.2), in the vendor's words."""

from __future__ import annotations

import orjson

from leadsim.gateway.messages import Answer
from leadsim.gateway.refusal import AddressRefused, CodingRefused, GatewayRefusal, NotPermitted, QuotaSpent

JSON_UTF8 = "application/json;charset=UTF-8"


class OAuthRefused(Exception):
    """A token request that is refused."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def oauth_answer(failure: OAuthRefused) -> Answer:
    """The answer to a refused token request."""
    body = {"error": failure.error, "error_description": failure.description}
    return Answer(failure.status, orjson.dumps(body), {"content-type": JSON_UTF8, "cache-control": "no-store"})


def bad_token() -> Answer:
    """What the identity addresses say of a session that is none: a word, by which clients know to log in again."""
    return Answer(403, b"Bad_OAuth_Token", {"content-type": "text/html;charset=UTF-8"})


def of_gateway(refusal: GatewayRefusal) -> OAuthRefused:
    """The gateway's refusal as the sign-in says it."""
    if isinstance(refusal, AddressRefused):
        return OAuthRefused("invalid_grant", "ip restricted or invalid login hours")
    if isinstance(refusal, QuotaSpent):
        return OAuthRefused("rate_limit_exceeded", "login rate exceeded")
    if isinstance(refusal, NotPermitted):
        return OAuthRefused("invalid_grant", "user hasn't approved this consumer")
    if isinstance(refusal, CodingRefused):
        return OAuthRefused("invalid_request", refusal.text)
    return OAuthRefused("unavailable", refusal.text, refusal.status)
