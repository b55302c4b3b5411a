"""Which addresses an org answers (product.md C1, quality.md "Security"): networks in CIDR notation, v4 and v6."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_interface,
    ip_network,
)
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

MAPPED_BITS = 96
"""The first 96 bits of ::ffff:a.b.c.d say "this is an IPv4 address" (RFC 4291, 2.5.5.2)."""


@dataclass(frozen=True, slots=True)
class OddEntry:
    """One entry of an allowlist that cannot be meant: its text, a finding's code, why, and what to write instead."""

    entry: str
    code: str
    text: str
    fix: str


class AllowlistRefused(ValueError):
    """At least one entry is odd. An allowlist is taken whole or not at all: half a list shuts callers out silently."""

    def __init__(self, problems: Iterable[OddEntry]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        self.code = first.code
        self.text = "; ".join(f"{odd.entry!r}: {odd.text}. {odd.fix}" for odd in self.problems)
        super().__init__(self.text)


@lru_cache(maxsize=4096)
def read_address(text: str) -> Address | None:
    """The address, with an IPv4-mapped IPv6 address as its IPv4 one; None where `text` is none (a socket path)."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def read_network(entry: str) -> Network:
    """One entry: an address, or a network in CIDR notation. Raises `AllowlistRefused`."""
    text = entry.strip()
    try:
        network = ip_network(text)
    except ValueError:
        raise AllowlistRefused([_diagnose(entry, text)]) from None
    if isinstance(network, IPv6Network) and network.network_address.ipv4_mapped is not None:
        return IPv4Network((network.network_address.ipv4_mapped, network.prefixlen - MAPPED_BITS))
    return network


def _diagnose(entry: str, text: str) -> OddEntry:
    """Why an entry is no network, and what its writer probably meant."""
    try:
        meant = ip_interface(text).network
    except ValueError:
        pass
    else:
        return OddEntry(
            entry,
            "NET111",
            "has bits set to the right of its prefix, so it is unclear whether the address or the network is meant",
            f"Write {meant} for the network, or {text.partition('/')[0]} for the one address",
        )
    address, slash, prefix = text.partition("/")
    if slash and read_address(address) is not None:
        longest = 32 if isinstance(ip_address(address), IPv4Address) else 128
        return OddEntry(
            entry,
            "NET111",
            f"has the prefix {prefix!r}, which is no number from 0 to {longest}",
            f"Write {address} for the one address, or {address}/N with N from 0 to {longest}",
        )
    return OddEntry(
        entry,
        "NET111",
        "is no IP address and no network",
        'Write an address ("10.20.0.7") or a network in CIDR notation ("10.20.0.0/24", "2001:db8::/48")',
    )


class Allowlist:
    """The networks an org answers. An empty list answers nobody; a recipe that names none has 0.0.0.0/0 and ::/0."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        """Raises `AllowlistRefused`, with every odd entry at once."""
        self.entries = tuple(entries)
        networks: list[Network] = []
        problems: list[OddEntry] = []
        for entry in self.entries:
            try:
                networks.append(read_network(entry))
            except AllowlistRefused as refused:
                problems += refused.problems
        if problems:
            raise AllowlistRefused(problems)
        self._networks = tuple(networks)
        self._seen: dict[str, bool] = {}

    def admits(self, address: str) -> bool:
        """Whether the org answers this address; it never answers what is no address at all."""
        known = self._seen.get(address)
        if known is None:
            parsed = read_address(address)
            known = parsed is not None and any(
                parsed.version == network.version and parsed in network for network in self._networks
            )
            if len(self._seen) < 4096:  # a hostile caller must not grow it without end
                self._seen[address] = known
        return known
