"""How fast a host may be asked: one request at a time, a gap between starts, a wait the server asked for, a breaker.

Pure state per host with the clock handed in; the download handler waits, this only says how long. www.x and x are
one host: they are one server, and a redirect from one to the other must not double the pace.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from config.outlets import OutletSpec, fold_host
from config.settings import Settings
from crawler.network.seen import NetworkSeen


@dataclass(slots=True)
class HostPace:
    """The pace of one host. Instants are seconds of a monotonic clock."""

    gap_s: float
    breaker_failures: int
    next_start: float = 0.0
    last_start: float | None = None
    failures: int = 0

    def wait_s(self, now: float) -> float:
        """Seconds until the next request may start."""
        return max(0.0, self.next_start - now)

    def started(self, now: float) -> None:
        """Note that a request starts now."""
        self.next_start = max(self.next_start, now) + self.gap_s
        self.last_start = now

    def keep_apart(self, gap_s: float) -> None:
        """Leave at least so many seconds between requests from now on, the last one made included."""
        self.gap_s = max(self.gap_s, gap_s)
        if self.last_start is not None:
            self.next_start = max(self.next_start, self.last_start + self.gap_s)

    def hold(self, now: float, seconds: float) -> None:
        """Let nothing start for so many seconds: the server asked for it."""
        self.next_start = max(self.next_start, now + seconds)

    def ended(self, *, failed: bool) -> None:
        """Note how a request ended; failures count in a row."""
        self.failures = self.failures + 1 if failed else 0

    @property
    def broken(self) -> bool:
        """Whether the host failed so often in a row that it is left alone for the rest of the run."""
        return self.failures >= self.breaker_failures


@dataclass(slots=True)
class Paces:
    """The paces of all hosts of one process."""

    settings: Settings
    spec: OutletSpec | None
    hosts: dict[str, HostPace] = field(default_factory=dict)
    asked_last: float | None = None  # monotonic instant of the last request of the run before
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    seen: NetworkSeen = field(default_factory=NetworkSeen)  # what was met at these paces

    def of(self, host: str) -> HostPace:
        """Return the pace of a host, made on first need."""
        folded = fold_host(host)
        gap = gap_s(host, settings=self.settings, spec=self.spec)
        if folded not in self.hosts:
            failures = self.settings.politeness.breaker_failures
            self.hosts[folded] = HostPace(gap, failures, last_start=self.asked_last)
        self.hosts[folded].keep_apart(gap)
        return self.hosts[folded]

    def turn(self, host: str) -> asyncio.Lock:
        """Return the lock that whoever asks a host holds: one request at a time, over http and https."""
        return self.turns.setdefault(fold_host(host), asyncio.Lock())


def gap_s(host: str, *, settings: Settings, spec: OutletSpec | None) -> float:
    """Seconds between two requests to a host, before its robots.txt was read.

    The outlet's own pace counts for public hosts; a private host is the operator's own, where the floor says it all.
    """
    floor = settings.floor_s_for(host)
    if host.lower() in settings.private_hosts or spec is None:
        return floor
    return max(floor, spec.pace.delay_s)
