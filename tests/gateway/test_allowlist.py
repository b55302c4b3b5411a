"""Which addresses an allowlist admits, and which entries cannot be meant (product.md C1)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadsim.gateway.allowlist import Allowlist, AllowlistRefused


@given(address=st.ip_addresses(v=4), prefix=st.integers(0, 32), other=st.ip_addresses(v=4))
def test_a_network_admits_its_own(address: IPv4Address, prefix: int, other: IPv4Address) -> None:
    """A v4 network admits exactly the addresses with its first bits, also as IPv4-mapped IPv6, and no v6 address."""
    network = ip_network(f"{address}/{prefix}", strict=False)
    allowlist = Allowlist([str(network)])
    assert allowlist.admits(str(address))
    assert allowlist.admits(f"::ffff:{address}")
    shift = 32 - prefix
    assert allowlist.admits(str(other)) == (int(address) >> shift == int(other) >> shift)
    assert not allowlist.admits("2001:db8::1")


@given(address=st.ip_addresses(v=6), prefix=st.integers(0, 128))
def test_a_v6_network(address: IPv6Address, prefix: int) -> None:
    """The same for v6; what maps an IPv4 address is that address."""
    if address.ipv4_mapped is not None or (prefix < 96 and int(address) >> 32 == 0xFFFF):
        return
    network = ip_network(f"{address}/{prefix}", strict=False)
    if network.network_address.ipv4_mapped is None:  # type: ignore[union-attr]
        assert Allowlist([str(network)]).admits(str(address))


def test_a_mapped_network_is_its_ipv4_network() -> None:
    """::ffff:10.0.0.0/104 is 10.0.0.0/8."""
    allowlist = Allowlist(["::ffff:10.0.0.0/104"])
    assert allowlist.admits("10.9.8.7")
    assert not allowlist.admits("11.0.0.1")


@pytest.mark.parametrize(
    ("entry", "why", "meant"),
    [
        ("10.20.0.7/24", "bits set", "10.20.0.0/24"),
        ("2001:db8::1/48", "bits set", "2001:db8::/48"),
        ("10.20.0.0/33", "prefix", "10.20.0.0"),
        ("10.20.0.0/-1", "prefix", "10.20.0.0"),
        ("10.20.0", "no IP address", "CIDR"),
        ("10.020.0.7", "no IP address", "CIDR"),
        ("10.20.0.7-10.20.0.9", "no IP address", "CIDR"),
        ("crm.example", "no IP address", "CIDR"),
        ("*", "no IP address", "CIDR"),
        ("", "no IP address", "CIDR"),
        ("::ffff:0:0/90", "bits set", "::ffc0:0:0/90"),
    ],
)
def test_an_odd_entry_is_refused_with_what_was_meant(entry: str, why: str, meant: str) -> None:
    """Each says why it cannot be meant, and what to write instead, under one code."""
    with pytest.raises(AllowlistRefused) as caught:
        Allowlist(["10.0.0.0/8", entry])
    (odd,) = caught.value.problems
    assert (odd.entry, odd.code) == (entry, "NET111")
    assert why in odd.text
    assert meant in odd.fix


def test_all_odd_entries_are_named_at_once() -> None:
    """An administrator mends a list in one go."""
    with pytest.raises(AllowlistRefused) as caught:
        Allowlist(["10.0.0.1/8", "10.0.0.0/8", "nonsense"])
    assert [odd.entry for odd in caught.value.problems] == ["10.0.0.1/8", "nonsense"]


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "not an address", ""])
def test_an_empty_list_admits_nobody(address: str) -> None:
    """An org that allows no network answers nobody; what is no address is never admitted."""
    assert not Allowlist([]).admits(address)
    assert not Allowlist(["0.0.0.0/0", "::/0"]).admits("not an address")
