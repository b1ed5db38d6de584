"""The address guard: the resolver of every Scrapy process. No connection is made that it did not allow.

It judges the resolved address, not the name, so odd spellings, redirects and names that change their address are all
caught at the same place: what it hands on is what is connected to.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from scrapy.crawler import Crawler
from scrapy.resolver import CachingHostnameResolver, HostResolution
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer

from config.addresses import why_refused
from config.settings import Settings


@implementer(IResolutionReceiver)
class _Judge:
    """Stands between a look-up and its asker and lets only allowed addresses through."""

    def __init__(self, receiver: Any, host: str, refusals: dict[str, str]) -> None:
        self.receiver = receiver
        self.host = host
        self.refusals = refusals
        self.refused = ""
        self.allowed = False

    def resolutionBegan(self, resolution: Any) -> None:
        """Pass on."""
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        """Pass on a public address, remember a refused one."""
        found = str(getattr(address, "host", ""))
        reason = why_refused(found)
        if reason is None:
            self.allowed = True
            self.receiver.addressResolved(address)
        else:
            self.refused = f"{self.host} is {found}, an address that is {reason}."

    def resolutionComplete(self) -> None:
        """Pass on. A name with a public address beside private ones was not refused: whatever fails now fails there."""
        if self.refused and not self.allowed:
            self.refusals[self.host] = self.refused
        self.receiver.resolutionComplete()


@implementer(IHostnameResolver)
class GuardedResolver(CachingHostnameResolver):
    """Scrapy's caching resolver with the address rule, the private hosts and the fixed hosts of the settings."""

    def __init__(self, reactor: Any, cache_size: int, *, settings: Settings) -> None:
        """Keep what the operator allows. `refusals` says, by host, why an address was refused."""
        super().__init__(reactor, cache_size)
        self.private_hosts = settings.private_hosts
        self.fixed = {host.lower(): _split(target) for host, target in settings.network.hosts.items()}
        self.refusals: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardedResolver:
        """Make the resolver from the settings that travel inside Scrapy's."""
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), settings=crawler.settings["WATCHFLOOR_SETTINGS"])

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[Any] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """Resolve a name; the receiver hears only of addresses that may be connected to."""
        host = hostName.lower().rstrip(".")
        self.refusals.pop(host, None)
        if host not in self.private_hosts:
            resolutionReceiver = _Judge(resolutionReceiver, host, self.refusals)
        if host in self.fixed:
            address, port = self.fixed[host]
            kind = IPv6Address if ip_address(address).version == 6 else IPv4Address
            resolution = HostResolution(hostName)
            resolutionReceiver.resolutionBegan(resolution)
            resolutionReceiver.addressResolved(kind("TCP", address, port or portNumber))
            resolutionReceiver.resolutionComplete()
            return resolution
        return super().resolveHostName(resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics)


def _split(target: str) -> tuple[str, int]:
    """Read "address:port", "[address]:port" or "address"."""
    if target.startswith("["):
        address, _, rest = target[1:].partition("]")
        return address, int(rest.lstrip(":") or 0)
    if target.count(":") == 1:
        address, _, port = target.partition(":")
        return address, int(port)
    return target, 0
