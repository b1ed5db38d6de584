"""Observations of made-up weeks, for the rules of health: alike every day unless a test says what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from index.health.history import Facts, History
from index.health.judging import judge
from index.health.records import Health, HealthState, HostSeen, Observation, SelectorSeen, SourceSeen

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
FEED, MAP = "https://gazette.example/feed", "https://gazette.example/sitemap.xml"
HOST = "gazette.example"
BYLINE = "authors: .byline"


def a_run(at: datetime, *, new: int = 5, articles: int | None = None, **values: object) -> Observation:
    """One run that ended at an instant and read `new` articles, whole unless `values` say otherwise."""
    read = new if articles is None else articles
    usual: dict[str, object] = {
        "outcomes": {"new": new} if new else {},
        "fetched": read + 2,
        "body_bytes": 50_000 * (read + 2),
        "articles": read,
        "filled": dict.fromkeys(("title", "authors", "published", "text"), read),
        "links": 4 * read,
        "text_characters": 3000 * read,
        "delay_median_s": 1800.0 if new else None,
        "sources": (SourceSeen(FEED, 20, new // 2), SourceSeen(MAP, 100, new - new // 2)),
        "selectors": {BYLINE: SelectorSeen(read, read, read)},
        "hosts": {HOST: HostSeen(read + 2, 0.4, "abc")},
    }
    blank = Observation(int(at.timestamp()), "gazette", "crawl", "done", at - timedelta(minutes=2), at)
    return replace(blank, **(usual | values))  # type: ignore[arg-type]


def some(days: float, *, until: datetime = NOW, every: timedelta = timedelta(hours=6), **values: object):
    """Runs over so many days up to an instant, that one included."""
    count = round(days * DAY / every)
    return [a_run(until - number * every, **values) for number in range(count - 1, -1, -1)]


def usual(until: datetime = NOW, **values: object) -> list[Observation]:
    """Nine usual weeks."""
    return some(63, until=until, **values)


def then(days: float, **values: object) -> list[Observation]:
    """Nine usual weeks, and after them days up to now on which `values` differ."""
    return usual(until=NOW - days * DAY) + some(days, **values)


def failed(at: datetime, outcome: str, **values: object) -> Observation:
    """A run whose lists all ended in one outcome."""
    lists = (SourceSeen(FEED, outcome=outcome), SourceSeen(MAP, outcome=outcome))
    return a_run(at, new=0, state="failed", sources=lists, selectors={}, hosts={}, **values)


def facts(seen: Iterable[Observation], *, now: datetime = NOW, before: Health | None = None, **values: object) -> Facts:
    """What an outlet is judged by."""
    return Facts("gazette", now, History.of(seen), before, **values)  # type: ignore[arg-type]


def health(
    cause: str, state: HealthState = HealthState.DEGRADED, since: datetime = NOW - DAY, **values: object
) -> Health:
    """A judgement in force."""
    return Health("gazette", state, cause, "said", since, since, **values)  # type: ignore[arg-type]


def judged(seen: Iterable[Observation], **values: object) -> Health:
    """The judgement of an outlet."""
    found = judge(facts(seen, **values))  # type: ignore[arg-type]
    assert found is not None
    return found.health
