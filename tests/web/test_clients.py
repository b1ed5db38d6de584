"""Who asks, behind proxies or not, as a table."""

from __future__ import annotations

import pytest

from web.clients import client_address, network_of

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusted", "client"),
    [
        ("203.0.113.7", "", (), "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", (), "203.0.113.7"),  # nobody is trusted
        ("203.0.113.7", "198.51.100.1", (PROXY,), "203.0.113.7"),  # not the one that is
        (PROXY, "198.51.100.1", (PROXY,), "198.51.100.1"),
        (PROXY, "6.6.6.6, 198.51.100.1", (PROXY,), "198.51.100.1"),  # what a client claims before the proxy saw it
        (PROXY, "198.51.100.1, 10.0.0.2", ("10.0.0.0/8",), "198.51.100.1"),  # two proxies of ours
        (PROXY, "10.0.0.3, 10.0.0.2", ("10.0.0.0/8",), "10.0.0.3"),
        (PROXY, "nonsense", (PROXY,), PROXY),
        (PROXY, "", (PROXY,), PROXY),
        (PROXY, ",,", (PROXY,), PROXY),
        ("::1", "2001:db8::7", ("::1/128",), "2001:db8::7"),
        ("::ffff:10.0.0.1", "198.51.100.1", (PROXY,), "198.51.100.1"),
        ("", "198.51.100.1", (PROXY,), ""),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_is(remote, forwarded, trusted, client):
    assert client_address(remote, forwarded, trusted) == client


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:0:ff::1", "2001:db8::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_network_is_what_one_customer_is_given(address, network):
    assert network_of(address) == network
