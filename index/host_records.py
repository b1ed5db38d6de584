"""What is known of a host and of how it is asked, as frozen values. No I/O, no rules here.

Hosts are folded (www. left out, lower case). Instants are UTC, lengths of time seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DelayRule(StrEnum):
    """Which rule makes the least time between two requests to a host what it is; `sentence` says it to an operator."""

    sentence: str

    def __new__(cls, name: str, sentence: str = "") -> DelayRule:
        member = str.__new__(cls, name)
        member._value_ = name
        member.sentence = sentence
        return member

    FLOOR = "floor", "our own floor (politeness.floor_s)"
    OUTLET_FILE = "outlet_file", "the outlet's file (pace.delay_s)"
    CRAWL_DELAY = "crawl_delay", "its robots.txt (Crawl-delay)"
    SLOWED = "slowed", "it asked us to slow down, so the time was doubled for a day"


class Breaker(StrEnum):
    """Whether a host that failed again and again is left alone; `half_open`: its next request decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class RobotsSeen:
    """A robots.txt as it was read last. `status` is None where it could not be fetched; then `trouble` says why.

    `text` is what was read of it, bounded; "" where there is none. `digest` is that of the text. `trouble` is set too
    where its answer forbids everything for now (5xx, 429).
    """

    at: datetime
    status: int | None = None
    text: str = ""
    digest: str = ""
    crawl_delay_s: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class RobotsChange:
    """A robots.txt that is another than before: when it was seen, its text, and the lines taken out and put in."""

    host: str
    at: datetime
    digest: str
    text: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """What changed, in one line: the first lines put in and taken out."""
        told = [f"+ {line}" for line in self.added[:3]] + [f"- {line}" for line in self.removed[:3]]
        more = len(self.added) + len(self.removed) - len(told)
        return "; ".join(told + ([f"and {more} more"] if more > 0 else []))


@dataclass(frozen=True, slots=True)
class Rest:
    """A host asked to be left alone until an instant; `why` says how (status and Retry-After)."""

    until: datetime
    why: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer of a host: when, its HTTP status (None: none came), and after how many seconds."""

    at: datetime
    status: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class HourOfUse:
    """How a host was asked within one hour of UTC. `smallest_gap_s` is None with fewer than two requests."""

    hour: datetime
    requests: int = 0
    failures: int = 0
    waited_s: float = 0.0
    smallest_gap_s: float | None = None


@dataclass(frozen=True, slots=True)
class HostState:
    """What is in force for a host now, and how it answered lately.

    `delay_s` is the least between two requests, `delay_why` the rule that makes it so. `slowed_at` is the last answer
    that asked us to slow down, `slow_s` the gap that follows from it. `next_at` is the instant before which no process
    may ask. `answers` are the last ones, newest last; `failures` those in a row.
    """

    host: str
    outlet: str = ""
    next_at: datetime | None = None
    asked_at: datetime | None = None
    delay_s: float = 0.0
    delay_why: DelayRule = DelayRule.FLOOR
    slow_s: float = 0.0
    slowed_at: datetime | None = None
    robots: RobotsSeen | None = None
    robots_changed_at: datetime | None = None
    robots_change: str = ""
    rest: Rest | None = None
    breaker: Breaker = Breaker.CLOSED
    breaker_since: datetime | None = None
    breaker_why: str = ""
    failures: int = 0
    answers: tuple[Answered, ...] = ()
    response_s: float | None = None
    tls_faults: int = 0
    tls_at: datetime | None = None
    tls_detail: str = ""
    run_id: int | None = None

    def rests(self, now: datetime) -> bool:
        """Say whether the host is left alone at its own wish."""
        return self.rest is not None and self.rest.until > now


@dataclass(frozen=True, slots=True)
class HostPaceInRun:
    """How a run asked one host. Gaps are between starts of requests; None with fewer than two."""

    host: str
    requests: int
    median_gap_s: float | None
    smallest_gap_s: float | None
    waited_s: float
    response_s: float | None
    statuses: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostNotes:
    """What a process has to say of a host since it last did: the state as it is now, and what was added by hour."""

    state: HostState
    hours: tuple[HourOfUse, ...]
    pace: HostPaceInRun
