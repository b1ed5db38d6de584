"""How fast a host may be asked: one request at a time, a gap between starts, a wait the server asked for, a breaker.

Pure state per host with the clock handed in; the download handler waits, this only says how long.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from config.outlets import OutletSpec
from config.settings import Settings


@dataclass(slots=True)
class HostPace:
    """The pace of one host. Instants are seconds of a monotonic clock."""

    gap_s: float
    breaker_failures: int
    next_start: float = 0.0
    failures: int = 0

    def wait_s(self, now: float) -> float:
        """Seconds until the next request may start."""
        return max(0.0, self.next_start - now)

    def started(self, now: float) -> None:
        """Note that a request starts now."""
        self.next_start = max(self.next_start, now) + self.gap_s

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

    def of(self, host: str) -> HostPace:
        """Return the pace of a host, made on first need."""
        if host not in self.hosts:
            gap = gap_s(host, settings=self.settings, spec=self.spec)
            self.hosts[host] = HostPace(gap, self.settings.politeness.breaker_failures)
        return self.hosts[host]


def gap_s(host: str, *, settings: Settings, spec: OutletSpec | None) -> float:
    """Seconds between two requests to a host, before its robots.txt was read.

    The outlet's own pace counts for public hosts; a private host is the operator's own, where the floor says it all.
    """
    floor = settings.floor_s_for(host)
    if host.lower() in settings.private_hosts or spec is None:
        return floor
    return max(floor, spec.pace.delay_s)
