"""The JWT bearer grant (RFC 7523): who a signed assertion says one is.

Only RS256 is taken, as the vendor takes it. The signature is checked against the certificate of the connected app that
issued it; the times against the sandbox's clock, three minutes of skew forgiven.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from leadsim.certificates import rsa_key
from leadsim.dialects.salesforce.apps import App
from leadsim.dialects.salesforce.oauth_errors import OAuthRefused

SKEW_SECONDS = 180
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


@dataclass(frozen=True, slots=True)
class Asserted:
    """An assertion that is true: the app that issued it, and the user name that it speaks for."""

    app: App
    user_name: str


def read_assertion(text: str, *, app_of: Callable[[str], App], audiences: Collection[str], now: datetime) -> Asserted:
    """Who an assertion speaks for. `audiences`: the org's own addresses, beside the vendor's login hosts.
    Raises OAuthRefused."""
    header, claims, signed, signature = _parts(text)
    app = app_of(str(claims.get("iss", "")))
    if header.get("alg") != "RS256" or app.certificate is None or not _verify(app.certificate, signed, signature):
        raise _invalid()
    named = claims.get("aud")
    wanted = named if isinstance(named, list) else [named]
    if not any(isinstance(one, str) and one.rstrip("/") in {*AUDIENCES, *audiences} for one in wanted):
        raise OAuthRefused("invalid_grant", "audience is invalid")
    moment = now.timestamp()
    if moment >= _seconds(claims.get("exp")) + SKEW_SECONDS:
        raise OAuthRefused("invalid_grant", "expired authorization code")
    if "nbf" in claims and moment < _seconds(claims["nbf"]) - SKEW_SECONDS:
        raise _invalid()
    # `prn` is what drafts of the standard called the subject; the vendor still reads it.
    user_name = claims.get("sub", claims.get("prn"))
    if not isinstance(user_name, str) or not user_name:
        raise _invalid()
    return Asserted(app, user_name)


def claims_in(form: bytes) -> bytes:
    """The claims of the assertion in a token request, not yet checked: enough to tell which org is meant."""
    _, found, rest = form.partition(b"assertion=")
    parts = rest.partition(b"&")[0].decode("latin-1").split(".")
    if not found or len(parts) != 3:
        return b""
    try:
        return _decoded(parts[1])
    except OAuthRefused:
        return b""


def _invalid() -> OAuthRefused:
    return OAuthRefused("invalid_grant", "invalid assertion")


def _parts(text: str) -> tuple[dict[str, Any], dict[str, Any], bytes, bytes]:
    """Header, claims, what is signed, and the signature (RFC 7515, 3.1)."""
    parts = text.strip().split(".")
    if len(parts) != 3:
        raise _invalid()
    header, claims = _object(parts[0]), _object(parts[1])
    return header, claims, f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2])


def _object(part: str) -> dict[str, Any]:
    try:
        read = orjson.loads(_decoded(part))
    except orjson.JSONDecodeError:
        raise _invalid() from None
    if not isinstance(read, dict):
        raise _invalid()
    return read


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part.rstrip("=") + "=" * (-len(part.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None


def _seconds(value: object) -> float:
    """A moment as NumericDate (RFC 7519, 2), which some clients write as a text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return float(value)
    raise _invalid()


def _verify(certificate: str, signed: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        rsa_key(certificate).verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
