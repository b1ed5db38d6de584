"""What a process sees of the hosts it asks: requests, gaps, waits, statuses, robots.txt. Counted here, kept elsewhere.

Clocks are handed in; nothing is fetched, nothing is stored.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.outlets import fold_host
from crawler.network.robots import Robots
from index.health.records import HostSeen
from index.host_records import (
    Answered,
    Breaker,
    DelayRule,
    HostNotes,
    HostPaceInRun,
    HostState,
    HourOfUse,
    RobotsChange,
    RobotsSeen,
)
from index.outcomes import Outcome
from index.robots_rules import changed_lines

if TYPE_CHECKING:
    from crawler.network.pace import HostPace, Paces

NO_ANSWER = frozenset(
    {Outcome.TIMEOUT, Outcome.CONNECTION_FAILED, Outcome.TLS_FAILED, Outcome.ADDRESS_REFUSED, Outcome.UNDECODABLE}
)
"""Outcomes of a request that got no answer to be read."""

ANSWERS_KEPT = 20
SECONDS_KEPT = 50
GAPS_KEPT = 10_000
"""Gaps of which the median is taken; a run asks a host some thousand times at the most."""


@dataclass(slots=True)
class HostTally:
    """What was seen of one host in this process. `hours` is what was added since it was last kept."""

    host: str
    requests: int = 0
    waited_s: float = 0.0
    gaps: deque[float] = field(default_factory=lambda: deque(maxlen=GAPS_KEPT))
    smallest_gap_s: float | None = None
    statuses: Counter[str] = field(default_factory=Counter)
    page_statuses: Counter[str] = field(default_factory=Counter)  # robots.txt aside
    no_answers: Counter[str] = field(default_factory=Counter)
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=SECONDS_KEPT))
    answers: deque[Answered] = field(default_factory=lambda: deque(maxlen=ANSWERS_KEPT))
    hours: dict[datetime, HourOfUse] = field(default_factory=dict)
    robots: RobotsSeen | None = None
    robots_of_https: bool = False
    robots_digest: str = ""
    kept_robots: RobotsSeen | None = None
    asked_at: datetime | None = None
    slowed_at: datetime | None = None
    breaker_since: datetime | None = None
    breaker_why: str = ""
    tls_faults: int = 0
    tls_at: datetime | None = None
    tls_detail: str = ""
    _last_start: float | None = None

    @property
    def response_s(self) -> float | None:
        """The median of seconds until an answer was there, of the last fifty; None before the first."""
        return round(median(self.seconds), 3) if self.seconds else None

    def started(self, *, at: datetime, clock: float, waited_s: float) -> None:
        """Note that a request starts, after so many seconds of waiting for the pace."""
        gap = None if self._last_start is None else clock - self._last_start
        self._last_start = clock
        self.asked_at = at
        self.requests += 1
        self.waited_s += waited_s
        if gap is not None:
            self.gaps.append(gap)
            self.smallest_gap_s = _smaller(self.smallest_gap_s, gap)
        held = self._hour(at)
        self.hours[held.hour] = replace(
            held,
            requests=held.requests + 1,
            waited_s=held.waited_s + waited_s,
            smallest_gap_s=_smaller(held.smallest_gap_s, gap),
        )

    def not_answered(self, outcome: Outcome) -> None:
        """Note the outcome of a request that ended without an answer. One cut for its size did get one."""
        if outcome in NO_ANSWER:
            self.no_answers[outcome.value] += 1

    def answered(
        self, *, at: datetime, status: int | None, seconds: float, failed: bool, is_robots: bool = False
    ) -> None:
        """Note how a request ended; `status` is None where no answer came."""
        self.statuses[str(status) if status is not None else "none"] += 1
        if status is not None and not is_robots:
            self.page_statuses[str(status)] += 1
        self.answers.append(Answered(at, status, round(seconds, 3)))
        if status is not None:
            self.seconds.append(seconds)
        if failed:
            held = self._hour(at)
            self.hours[held.hour] = replace(held, failures=held.failures + 1)

    def tls_failed(self, *, at: datetime, detail: str) -> None:
        """Note that a certificate or a handshake was not accepted."""
        self.tls_faults, self.tls_at, self.tls_detail = self.tls_faults + 1, at, detail

    def pace_in_run(self) -> HostPaceInRun:
        """Return how this run has asked the host so far."""
        return HostPaceInRun(
            self.host,
            self.requests,
            round(median(self.gaps), 3) if self.gaps else None,
            None if self.smallest_gap_s is None else round(self.smallest_gap_s, 3),
            round(self.waited_s, 3),
            self.response_s,
            dict(self.statuses),
        )

    def _hour(self, at: datetime) -> HourOfUse:
        hour = at.replace(minute=0, second=0, microsecond=0)
        return self.hours.get(hour) or HourOfUse(hour)


@dataclass(slots=True)
class Tally:
    """What was seen of all hosts of a process."""

    hosts: dict[str, HostTally] = field(default_factory=dict)

    def of(self, host: str) -> HostTally:
        """Return the tally of a host, made on first need."""
        folded = fold_host(host)
        return self.hosts.setdefault(folded, HostTally(folded))

    @property
    def statuses(self) -> Counter[str]:
        """Answers by their HTTP status, those about robots.txt aside."""
        return sum((one.page_statuses for one in self.hosts.values()), Counter())

    @property
    def failures(self) -> Counter[str]:
        """Requests that got no answer, by outcome, those for robots.txt among them."""
        return sum((one.no_answers for one in self.hosts.values()), Counter())

    def hosts_seen(self) -> dict[str, HostSeen]:
        """Return what each host was like, for the observation of a run."""
        found = sorted(self.hosts.items())
        return {name: HostSeen(one.requests, one.response_s, one.robots_digest) for name, one in found}

    def take_robots(self, origin: str, robots: Robots, *, crawl_delay_s: float, at: datetime) -> None:
        """Keep what a robots.txt said. Of the two a host may have, that of https is shown."""
        parts = urlsplit(origin)
        one = self.of(parts.hostname or "")
        if one.robots_of_https and parts.scheme != "https":
            return
        one.robots_of_https = parts.scheme == "https"
        one.robots_digest = robots.digest or one.robots_digest
        one.robots = robots_seen(robots, crawl_delay_s=crawl_delay_s, at=at)

    def notes(self, paces: Paces) -> tuple[list[HostNotes], list[RobotsChange]]:
        """Return what is to be kept of each host asked, and which robots.txt is another than before.

        Until `kept` says that it was, the same is returned again. `paces.known` is what was known when the process
        began. A robots.txt that is kept already is left out.
        """
        notes, changes = [], []
        for one in self.hosts.values():
            known = paces.known.get(one.host, HostState(one.host))
            # Not paces.of(): it would take the folded name for one that was asked, and its floor with it.
            state = state_of(one, paces.hosts.get(one.host) or paces.of(one.host), known)
            before = one.kept_robots or known.robots
            change = change_of(one.host, before, state.robots)
            if change is not None:
                changes.append(change)
            if state.robots == before:  # its text may be long, and this is said every few seconds
                state = replace(state, robots=None)
            notes.append(HostNotes(state, tuple(one.hours.values()), one.pace_in_run()))
        return notes, changes

    def kept(self, notes: Iterable[HostNotes]) -> None:
        """Take note that these notes are in the store."""
        for note in notes:
            one = self.of(note.state.host)
            one.hours = {}
            one.kept_robots = note.state.robots or one.kept_robots


def robots_seen(robots: Robots, *, crawl_delay_s: float, at: datetime) -> RobotsSeen:
    """Return what is kept of a robots.txt; no text where it could not be read, and none where there is none."""
    return RobotsSeen(at, robots.status, robots.text, robots.digest, crawl_delay_s, robots.unreadable)


def change_of(host: str, before: RobotsSeen | None, now: RobotsSeen | None) -> RobotsChange | None:
    """Return the change between two readings of a robots.txt; None where what it says to crawlers is not known to be
    another: comments, blanks and sitemaps do not count.
    """
    if before is None or now is None or now.trouble or before.digest == now.digest:
        return None
    removed, added = changed_lines(before.text, now.text)
    return RobotsChange(host, now.at, now.digest, now.text, removed, added)


def state_of(tally: HostTally, pace: HostPace, known: HostState) -> HostState:
    """Lay what was seen over what was known before; what could not be read anew stays as it was."""
    robots = tally.robots
    if robots is not None and robots.trouble and known.robots is not None:
        robots = replace(known.robots, at=robots.at, status=robots.status, trouble=robots.trouble)
    breaker = Breaker.OPEN if pace.broken else Breaker.CLOSED
    if breaker is Breaker.CLOSED and known.breaker is not Breaker.CLOSED and not tally.answers:
        breaker = Breaker.HALF_OPEN
    left_alone = breaker is not Breaker.CLOSED
    slowed = DelayRule.SLOWED in pace.rules
    return HostState(
        host=tally.host,
        asked_at=tally.asked_at or known.asked_at,
        delay_s=pace.gap_s,
        delay_why=pace.why,
        slow_s=pace.rules.get(DelayRule.SLOWED, 0.0),
        slowed_at=(tally.slowed_at or known.slowed_at) if slowed else None,
        robots=robots or known.robots,
        breaker=breaker,
        breaker_since=(tally.breaker_since or known.breaker_since) if left_alone else None,
        breaker_why=(tally.breaker_why or known.breaker_why) if left_alone else "",
        failures=pace.failures,
        answers=(*known.answers, *tally.answers)[-ANSWERS_KEPT:],
        response_s=tally.response_s if tally.response_s is not None else known.response_s,
        tls_faults=known.tls_faults + tally.tls_faults,
        tls_at=tally.tls_at or known.tls_at,
        tls_detail=tally.tls_detail or known.tls_detail,
    )


def _smaller(held: float | None, gap: float | None) -> float | None:
    return held if gap is None else gap if held is None else min(held, gap)
