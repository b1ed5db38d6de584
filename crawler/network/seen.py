"""What the network showed of each host during a run: statuses, requests without an answer, how long answers took.

Pure: the download handler and the middlewares tell, nothing is asked here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from index.health.records import HostSeen
from index.outcomes import Outcome

NO_ANSWER = frozenset(
    {Outcome.TIMEOUT, Outcome.CONNECTION_FAILED, Outcome.TLS_FAILED, Outcome.ADDRESS_REFUSED, Outcome.UNDECODABLE}
)
"""Outcomes of a request that got no answer to be read. One cut for its size did get one."""


@dataclass(slots=True)
class NetworkSeen:
    """Counts what came of every request; those for robots.txt count for their host and among the failures only."""

    statuses: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    _requests: Counter[str] = field(default_factory=Counter)
    _seconds: dict[str, list[float]] = field(default_factory=dict)
    _robots: dict[str, str] = field(default_factory=dict)

    def answered(self, host: str, status: int, *, seconds: float, is_robots: bool = False) -> None:
        """Note an answer, and the seconds from the request to its last byte."""
        self._requests[host] += 1
        self._seconds.setdefault(host, []).append(seconds)
        if not is_robots:
            self.statuses[str(status)] += 1

    def failed(self, host: str, outcome: Outcome) -> None:
        """Note a request that ended without an answer, as `outcome` says."""
        self._requests[host] += 1
        if outcome in NO_ANSWER:
            self.failures[outcome.value] += 1

    def robots_read(self, host: str, digest: str) -> None:
        """Note what a host's robots.txt says; of http and https the one read first."""
        if digest:
            self._robots.setdefault(host, digest)

    def hosts(self) -> dict[str, HostSeen]:
        """Return what each host was like."""
        names = sorted({*self._requests, *self._robots})
        return {name: HostSeen(self._requests[name], self._median(name), self._robots.get(name, "")) for name in names}

    def _median(self, host: str) -> float | None:
        seconds = self._seconds.get(host)
        return round(median(seconds), 3) if seconds else None
