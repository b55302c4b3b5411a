"""Who may use `/_lab` (quality.md "Security"): this process, loopback, or whoever has the token.

Loopback alone is no proof: a browser on this machine sends whatever a page tells it to. So the Host must be one of
ours (against DNS rebinding), a write with an Origin must come from there too, and a request that a proxy passed on
counts as one from outside.
"""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from ipaddress import ip_address

from leadsim.control.errors import error_answer
from leadsim.gateway.allowlist import read_address
from leadsim.gateway.edge import Scope
from leadsim.gateway.messages import Answer

HOSTS = ("localhost", "127.0.0.1", "[::1]")
SAFE = ("GET", "HEAD", "OPTIONS")
TOKEN = b"x-lab-token"
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-forwarded-host", b"x-real-ip")


class Guard:
    """Stands before the control application."""

    def __init__(self, *, token: str = "", hosts: Iterable[str] = ()) -> None:
        self._token = token
        self._hosts = frozenset(host.lower() for host in (*HOSTS, *hosts))

    def refusal(self, scope: Scope) -> Answer | None:
        """Why this request may not pass; None when it may."""
        headers = dict(scope["headers"])
        client = scope.get("client")
        if client is None and "leadsim" in (scope.get("extensions") or {}):
            return None  # the in-process transport: whoever holds the application holds the sandbox
        if self._has_token(headers):
            return None
        host = _name(headers.get(b"host", b"").decode("latin-1"))
        if host not in self._hosts:
            return error_answer(
                403, "CON120", "address", f"the control API does not answer for the host {host!r}",
                "Call it as localhost or 127.0.0.1, or send X-Lab-Token",
            )  # fmt: skip
        if not _on_loopback(client) or any(name in headers for name in FORWARDED):
            return error_answer(
                401, "CON121", "login", "the control API is open to this machine only",
                "Send the sandbox's token in the header X-Lab-Token",
            )  # fmt: skip
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and scope["method"] not in SAFE and _name(origin.partition("://")[2]) not in self._hosts:
            return error_answer(
                403, "CON122", "address", f"a page of {origin} may not change the sandbox",
                "Use a page of the sandbox itself, or send X-Lab-Token",
            )  # fmt: skip
        return None

    def _has_token(self, headers: dict[bytes, bytes]) -> bool:
        return bool(self._token) and compare_digest(headers.get(TOKEN, b""), self._token.encode())


def _name(authority: str) -> str:
    """The host of `host:port`, lower case, IPv6 in its brackets."""
    host, colon, port = authority.lower().rpartition(":")
    return host if colon and port.isdigit() else authority.lower()


def _on_loopback(client: tuple[str, int] | None) -> bool:
    if client is None:
        return False
    address = read_address(client[0])
    return address is not None and ip_address(str(address)).is_loopback
