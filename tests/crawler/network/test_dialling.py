"""Connections that Scrapy does not make obey the address rule too."""

from __future__ import annotations

import socket

import pytest

from crawler.network.dialling import DiallingError, dial


def answering(*addresses):
    def resolve(host, port, **_):
        kinds = [socket.AF_INET6 if ":" in one else socket.AF_INET for one in addresses]
        return [(kind, 1, 6, "", (one, port)) for kind, one in zip(kinds, addresses, strict=True)]

    return resolve


@pytest.fixture
def canary():
    """A listener on loopback that nothing may reach."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    yield listener
    with pytest.raises(TimeoutError):
        listener.accept()
    listener.close()


SPELLINGS = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "::1", "0", "LOCALHOST.")


@pytest.mark.parametrize("host", [*SPELLINGS, "::ffff:127.0.0.1"])
def test_no_spelling_of_a_private_address_is_connected_to(host, canary, settings):
    with pytest.raises(DiallingError):
        dial(host, canary.getsockname()[1], settings=settings, timeout_s=2)


@pytest.mark.parametrize("address", ["169.254.169.254", "10.0.0.1", "fd00::1", "64:ff9b::7f00:1", "100.64.0.1"])
def test_a_name_that_leads_to_one_is_refused_and_the_setting_named(address, settings):
    with pytest.raises(DiallingError, match=r'add "mail\.example" to network\.private_hosts') as told:
        dial("mail.example", 25, settings=settings, timeout_s=2, resolve=answering(address))
    assert f"mail.example is {address}, an address that is" in str(told.value)


def test_of_several_addresses_only_those_allowed_are_tried(settings, monkeypatch):
    tried = []

    def refused(address, timeout):
        tried.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("crawler.network.dialling.socket.create_connection", refused)
    with pytest.raises(DiallingError, match=r"mail\.example:25 cannot be reached \(Connection refused\)"):
        dial("mail.example", 25, settings=settings, timeout_s=2, resolve=answering("127.0.0.1", "93.184.216.34"))
    assert tried == [("93.184.216.34", 25)]


def test_a_listed_host_is_reached_by_any_spelling_of_its_case(make_settings):
    settings = make_settings(network={"private_hosts": ["Mail.example"]})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        dial("MAIL.example", port, settings=settings, timeout_s=2, resolve=answering("127.0.0.1")).close()


def test_a_fixed_address_of_the_settings_is_taken_and_judged(make_settings):
    settings = make_settings(network={"hosts": {"mail.example": "127.0.0.1:25"}})
    with pytest.raises(DiallingError, match="loopback"):
        dial("mail.example", 25, settings=settings, timeout_s=2)


def test_a_name_that_nobody_knows_is_told(settings):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(DiallingError, match=r"mail\.example: no such host \(Name or service not known\)"):
        dial("mail.example", 25, settings=settings, timeout_s=2, resolve=unknown)
