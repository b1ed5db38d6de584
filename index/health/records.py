"""What one run observed of its outlet, and what is judged from it, as frozen values. No I/O, no rules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class HealthState(StrEnum):
    """How an outlet fares: as usual, worse than that, not read in time, refusing us, giving nothing of use, at rest."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    STALE = "stale"
    BLOCKED = "blocked"
    BROKEN = "broken"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """What a feed, sitemap or listing gave in a run. `outcome` is None where it could be read.

    `entries` are the addresses it named, `fresh` those never seen before; `newest_at` is the latest instant it states.
    """

    url: str
    entries: int = 0
    fresh: int = 0
    newest_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class SelectorSeen:
    """How often a rule's selector met something: on `articles` of the articles it was tried on, `matches` in all."""

    tried: int = 0
    articles: int = 0
    matches: int = 0


@dataclass(frozen=True, slots=True)
class HostSeen:
    """What a host was like: `seconds` are the medians of waiting for an answer; `robots` a digest of its robots.txt."""

    requests: int = 0
    seconds: float = 0.0
    robots: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw of its outlet.

    `articles` were read with a text in this run, new or held; `filled` says on how many of them each field was found
    (title, authors, published, text, …, the names of an outlet file's `[expect] fill`); `links` are those of their
    bodies and backlink lists. `text_characters` is the sum of their texts' lengths. `delay_median_s` and `delay_p90_s`
    are of the seconds from publication to storage of new articles. `old` counts the new ones whose
    stated date lies more than two weeks back. `statuses` are HTTP statuses by number. `selectors` goes by
    `field: selector`.
    """

    run_id: int
    outlet: str
    kind: str
    state: str
    started_at: datetime
    finished_at: datetime
    reason: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0
    filled: Mapping[str, int] = field(default_factory=dict)
    links: int = 0
    text_characters: int = 0
    delay_median_s: float | None = None
    delay_p90_s: float | None = None
    old: int = 0
    date_flags: Mapping[str, int] = field(default_factory=dict)
    sources: tuple[SourceSeen, ...] = ()
    selectors: Mapping[str, SelectorSeen] = field(default_factory=dict)
    hosts: Mapping[str, HostSeen] = field(default_factory=dict)
    whole: bool = True  # False: stopped or cut before its sources were read, so it says nothing of volume

    @property
    def new(self) -> int:
        """Articles stored for the first time."""
        return self.outcomes.get("new", 0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a judgement: what was measured, what is usual, both in words that a page can show."""

    what: str
    now: str
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """How an outlet fares, why in one sentence, and what shows it. `cause` is of the closed list; "" when healthy.

    `since` is when it came into this state with this cause. `fit` says whether its newest run may be called fresh
    news: a run under a minimum is not.
    """

    outlet: str
    state: HealthState
    cause: str
    sentence: str
    since: datetime
    judged_at: datetime
    evidence: tuple[Evidence, ...] = ()
    fit: bool = True
    run_id: int | None = None
