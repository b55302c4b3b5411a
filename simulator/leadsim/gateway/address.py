"""Who is calling, and from where (architecture.md "The rules of the house", 8).

On loopback all clients look alike, so the recipe names actors, each with a simulated address. The transport or
the port states the actor; a header never does. Where no actor is stated the socket's peer counts, and only behind
a hop that the operator trusts is `X-Forwarded-For` read, from its right end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leadsim.gateway.allowlist import Network, read_address, read_network
from leadsim.gateway.messages import Request

IN_PROCESS = "127.0.0.1"
"""The address of a caller without a socket and without a declared one."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The actor's name ("" for a stranger) and the address the gateway sees."""

    actor: str
    address: str


class Addresses:
    """Resolves a request's origin. `actors`: name -> address; `trusted`: networks whose `X-Forwarded-For` counts."""

    def __init__(self, actors: Mapping[str, str], trusted: Iterable[str] = ()) -> None:
        """Raises `AllowlistRefused` for an odd trusted network."""
        self._actors = {name: Origin(name, _normal(address)) for name, address in actors.items()}
        self._trusted = tuple(read_network(entry) for entry in trusted)

    def origin(self, request: Request) -> Origin:
        """An actor that the recipe does not name has no address of its own, so its socket's counts."""
        if request.actor:
            known = self._actors.get(request.actor)
            return known or Origin(request.actor, self._peer(request))
        return Origin("", self._peer(request))

    def _peer(self, request: Request) -> str:
        peer = _normal(request.peer) if request.peer else IN_PROCESS
        if not self._trusted or not _inside(peer, self._trusted):
            return peer
        hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        for hop in reversed(hops):
            if read_address(hop) is None:
                break  # what a trusted hop cannot have written ends the chain
            peer = _normal(hop)
            if not _inside(peer, self._trusted):
                break
        return peer


def _normal(address: str) -> str:
    parsed = read_address(address)
    return address if parsed is None else str(parsed)


def _inside(address: str, networks: tuple[Network, ...]) -> bool:
    parsed = read_address(address)
    return parsed is not None and any(parsed.version == net.version and parsed in net for net in networks)
