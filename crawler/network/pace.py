"""How fast a host may be asked: one request at a time, a gap between starts, a wait the server asked for, a breaker.

Pure state per host with the clock handed in; the download handler waits, this only says how long. www.x and x are
one host: they are one server, and a redirect from one to the other must not double the pace. What other processes
asked meanwhile is known to the turns that all of them share.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from config.outlets import OutletSpec, fold_host
from config.settings import Settings
from crawler.network.tally import Tally
from index.host_records import Breaker, DelayRule, HostState, Rest

SLOW_FOR = timedelta(days=1)
"""So long after the last answer that asked us to slow down a host is asked at the slower pace."""


class Turns(Protocol):
    """The clock that all processes share."""

    def take(self, host: str, gap_s: float) -> float:
        """Take the turn to ask a host and return 0, or return the seconds to wait before trying again."""
        ...

    def hold(self, host: str, rest: Rest) -> None:
        """Let no process ask a host for a while."""
        ...


@dataclass(slots=True)
class HostPace:
    """The pace of one host. Instants are seconds of a monotonic clock. `gap_s` is the longest that a rule asks for."""

    gap_s: float
    breaker_failures: int
    next_start: float = 0.0
    last_start: float | None = None
    failures: int = 0
    why: DelayRule = DelayRule.FLOOR
    rules: dict[DelayRule, float] = field(default_factory=dict)

    def wait_s(self, now: float) -> float:
        """Seconds until the next request may start."""
        return max(0.0, self.next_start - now)

    def started(self, now: float) -> None:
        """Note that a request starts now."""
        self.next_start = max(self.next_start, now) + self.gap_s
        self.last_start = now

    def keep_apart(self, gap_s: float, why: DelayRule = DelayRule.FLOOR) -> None:
        """Leave at least so many seconds between requests from now on, the last one made included.

        What a rule asked for before is replaced; of all rules the one that asks for most counts.
        """
        self.rules.setdefault(DelayRule.FLOOR, self.gap_s)
        self.rules[why] = gap_s
        self.why = max(self.rules, key=lambda rule: self.rules[rule])
        self.gap_s = self.rules[self.why]
        if self.last_start is not None:
            self.next_start = max(self.next_start, self.last_start + self.gap_s)

    def slow_down(self, most_s: float) -> None:
        """Double the gap, to `most_s` at the most: the server said that it is asked too fast."""
        self.keep_apart(max(self.gap_s, min(most_s, 2 * self.gap_s)), DelayRule.SLOWED)

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
    """The paces of all hosts of one process. `known` is what runs before found out about them, by folded name."""

    settings: Settings
    spec: OutletSpec | None
    hosts: dict[str, HostPace] = field(default_factory=dict)
    asked_last: float | None = None  # monotonic instant of the last request of the run before
    turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    known: Mapping[str, HostState] = field(default_factory=dict)
    known_at: datetime | None = None
    shared: Turns | None = None
    tally: Tally = field(default_factory=Tally)

    def of(self, host: str) -> HostPace:
        """Return the pace of a host, made on first need."""
        folded = fold_host(host)
        gap = gap_s(host, settings=self.settings, spec=self.spec)
        if folded not in self.hosts:
            failures = self.settings.politeness.breaker_failures
            self.hosts[folded] = HostPace(self.settings.floor_s_for(host), failures, last_start=self.asked_last)
            self._remember(self.hosts[folded], self.known.get(folded))
        pace = self.hosts[folded]
        rule = DelayRule.OUTLET_FILE if gap > self.settings.floor_s_for(host) else DelayRule.FLOOR
        # Only one of www.x and x may be listed as private: then the longer floor counts for both.
        pace.keep_apart(max(gap, pace.rules.get(rule, 0.0)), rule)
        return pace

    def turn(self, host: str) -> asyncio.Lock:
        """Return the lock that whoever asks a host holds: one request at a time, over http and https."""
        return self.turns.setdefault(fold_host(host), asyncio.Lock())

    def take(self, host: str) -> float:
        """Take the turn that all processes share; return 0, or the seconds to wait before trying again.

        A host without a gap is the operator's own, which may be asked at any time.
        """
        gap = self.of(host).gap_s
        return 0.0 if self.shared is None or gap <= 0 else self.shared.take(host, gap)

    def _remember(self, pace: HostPace, known: HostState | None) -> None:
        """Begin where the run before left off: a host that was left alone is tried once, a slowed one stays slow."""
        if known is None or self.known_at is None:
            return
        if known.breaker is not Breaker.CLOSED:
            pace.failures = pace.breaker_failures - 1
        if known.robots is not None and known.robots.crawl_delay_s:
            most = self.settings.politeness.max_crawl_delay_s
            pace.keep_apart(min(most, known.robots.crawl_delay_s), DelayRule.CRAWL_DELAY)
        if known.slowed_at is not None and self.known_at - known.slowed_at < SLOW_FOR:
            pace.keep_apart(known.slow_s, DelayRule.SLOWED)


def gap_s(host: str, *, settings: Settings, spec: OutletSpec | None) -> float:
    """Seconds between two requests to a host, before its robots.txt was read.

    The outlet's own pace counts for public hosts; a private host is the operator's own, where the floor says it all.
    """
    floor = settings.floor_s_for(host)
    if host.lower() in settings.private_hosts or spec is None:
        return floor
    return max(floor, spec.pace.delay_s)
