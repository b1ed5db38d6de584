"""The pure address rule that every outgoing request obeys: which IP addresses may be connected to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_EXPLICIT = {
    # Python 3.11 calls these public; each can be a detour to a private IPv4 address or is used inside networks.
    ip_network("64:ff9b::/96"): "an IPv4 address behind NAT64",
    ip_network("64:ff9b:1::/48"): "an IPv4 address behind local NAT64",
    ip_network("2002::/16"): "an IPv4 address behind 6to4",
    ip_network("2001::/32"): "an IPv4 address behind Teredo",
    ip_network("::/96"): "an IPv4 address in IPv6 form",
    ip_network("100.64.0.0/10"): "shared inside providers (CGNAT)",
    ip_network("192.0.0.0/24"): "reserved for protocols",
    ip_network("192.88.99.0/24"): "reserved (6to4 relay)",
    ip_network("198.18.0.0/15"): "reserved for benchmarks",
    ip_network("240.0.0.0/4"): "reserved",
    ip_network("fec0::/10"): "site-local",
}


def why_refused(address: str | IPv4Address | IPv6Address) -> str | None:
    """Say why an IP address must not be connected to; None when it is a public one.

    What cannot be read as an IP address is refused too.
    """
    try:
        parsed = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return "not an IP address"
    if isinstance(parsed, IPv6Address):
        if parsed.scope_id:
            return "bound to a network interface"
        if parsed.ipv4_mapped is not None:
            return why_refused(parsed.ipv4_mapped)
    for test, reason in (
        (parsed.is_unspecified, "unspecified"),
        (parsed.is_loopback, "loopback"),
        (parsed.is_link_local, "link-local"),
        (parsed.is_multicast, "multicast"),
        (parsed.is_private, "private"),
    ):
        if test:
            return reason
    for network, reason in _EXPLICIT.items():
        if parsed.version == network.version and parsed in network:
            return reason
    if parsed.is_reserved or not parsed.is_global:
        return "reserved"
    return None
