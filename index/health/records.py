"""What one run observed of its outlet, and what is judged from it, as frozen values. No I/O, no rules here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class HealthState(StrEnum):
    """How an outlet fares: as usual, worse than that, not read in time, refusing us, giving nothing usable, at rest."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    STALE = "stale"
    BLOCKED = "blocked"
    BROKEN = "broken"
    PAUSED = "paused"


EMPTY_LIST = "is empty."
"""How the words end that are said of a list which answers with nothing in it."""


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """What a feed, sitemap or listing gave in a run. `outcome` is None where it could be read, else the fault's name.

    `entries` are the addresses it named that may be articles, None where that is not known; `fresh` those never seen
    before. `newest_at` is the latest instant it states. `unchanged`: it answered that it is as before (304, or the
    same bytes), so its entries are those of the copy held. `detail` says in words how it failed.
    """

    url: str
    entries: int | None = None
    fresh: int = 0
    newest_at: datetime | None = None
    outcome: str | None = None
    unchanged: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SelectorSeen:
    """How often a rule's selector met something: on `articles` of the articles it was tried on, `matches` in all."""

    tried: int = 0
    articles: int = 0
    matches: int = 0


@dataclass(frozen=True, slots=True)
class HostSeen:
    """What a host was like: how many requests it got, and the median of the `seconds` its answers took.

    `seconds` is None where none was answered. `robots` is a digest of its robots.txt, "none" where it has none, and
    "" where that is not known (not asked for, or no answer).
    """

    requests: int = 0
    seconds: float | None = None
    robots: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one run saw of its outlet.

    `articles` were read with a text in this run, new or held; `filled` says on how many of them each field was found
    (title, authors, published, text, …, the names of an outlet file's `[expect] fill`); `links` are those of their
    bodies and backlink lists. `text_characters` is the sum of their texts' lengths. `new_stubs` are the new ones that
    `outcomes` counts as paywalled_stub. `delay_median_s` and `delay_p90_s` are of the seconds from publication to
    storage of new articles that state a time of day and are not `old`: those whose stated date lies more than two
    weeks back. `outcomes` are of addresses that may be articles; `sources` have their own. `statuses` are HTTP
    statuses by number, of every answer but robots.txt's; `failures` counts the requests that got none by outcome
    (connection_failed, tls_failed, timeout …), robots.txt's too. `fetched` are the answers with a body about
    addresses that may be articles, of `body_bytes` in all; lists are larger, and a 304 has none. `selectors` goes by
    `field: selector`: those of the articles, and of pages that should have been articles and could not be read.
    `unread` are the commonest reasons, as sentences, why pages gave no article; `elsewhere` counts by host what was
    asked for, lists too, and led to a host that is not the outlet's. `alike` is of the new articles: how many have the
    commonest title, text or instant of publication, by `field:digest`; `just_now` how many of them are dated at the
    moment they were read. `languages` counts articles by the commonest languages.
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
    fetched: int = 0
    body_bytes: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    articles: int = 0
    new_stubs: int = 0
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
    unread: Mapping[str, int] = field(default_factory=dict)
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    alike: Mapping[str, int] = field(default_factory=dict)
    just_now: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    whole: bool = True  # False: stopped or cut before its sources were read, so it says nothing of volume

    @property
    def new(self) -> int:
        """Articles stored for the first time."""
        return self.outcomes.get("new", 0) + self.new_stubs


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a judgement: what was measured, what is usual, both in words that a page can show."""

    what: str
    now: str
    usual: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of an outlet's scorecard: of late, and what is usual; None where that is not known."""

    now: float | None = None
    usual: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How an outlet fares, why in one sentence, and what shows it. `cause` is of the closed list; "" when healthy.

    `since` is when it came into this state with this cause. `fit` says whether its newest run may be called fresh
    news: a run under a minimum is not. `figures` are by the names of index/health/figures.py.
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
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HealthChange:
    """That an outlet came into a state, or another cause of it, at an instant; `before` is None for its first."""

    id: int
    outlet: str
    at: datetime
    state: HealthState
    cause: str
    sentence: str
    before: HealthState | None = None
    evidence: tuple[Evidence, ...] = ()
