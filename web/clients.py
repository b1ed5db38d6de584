"""Who asks: the address of a client behind proxies, and its network. Pure, of header values."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

_V4_BITS = 24
_V6_BITS = 56
"""What one customer is usually given; a single address of it costs nothing to change."""


def client_address(remote: str, forwarded_for: str, trusted: Sequence[str]) -> str:
    """Return the client's address: that of the socket, or the last one that a trusted proxy did not add itself."""
    current = remote
    for hop in reversed([part.strip() for part in forwarded_for.split(",") if part.strip()]):
        if not is_among(current, trusted):
            break
        if _address(hop) is None:
            break
        current = hop
    return current


def network_of(address: str) -> str:
    """Return the network a client belongs to; what is no address is a network of its own."""
    found = _address(address)
    if found is None:
        return address
    bits = _V4_BITS if found.version == 4 else _V6_BITS
    return str(ip_network((found, bits), strict=False))


def is_among(address: str, networks: Sequence[str]) -> bool:
    """Say whether an address lies in one of the networks."""
    found = _address(address)
    return found is not None and any(found in ip_network(network) for network in networks)


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
