"""Who may call a local service: nobody's web page, and only who knows the token (quality.md "Security")."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from leadproof.serving.tokens import same

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_READING = frozenset({"GET", "HEAD"})


@dataclass(frozen=True, slots=True)
class Denial:
    """Status and words of a refused call."""

    status: int
    text: str


def deny(method: str, headers: dict[str, str], token: str) -> Denial | None:
    """Why the call is refused; None if it may pass.

    `Host` must be loopback (DNS rebinding), `Origin` of a write too (a page in the user's browser), and the
    token must be right (any other user of this machine).
    """
    host = urlsplit(f"//{headers.get('host', '')}").hostname
    if host not in LOOPBACK:
        return Denial(421, f"The host {host!r} is not this machine; use 127.0.0.1.")
    origin = headers.get("origin")
    if origin is not None and method not in _READING and urlsplit(origin).hostname not in LOOPBACK:
        return Denial(403, f"Pages of {origin!r} may not call this service.")
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not same(given.strip(), token):
        return Denial(401, "The token is missing or wrong; it stands in .leadproof/up.json.")
    return None
