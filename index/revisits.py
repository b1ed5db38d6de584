"""When to look again at an article that is held: often while it is fresh, rarely later, never in the end. Pure.

An article is waited for as long as it had been left alone when we last looked: published at noon and seen at one, it is
looked at again at two, then at four, at eight, after a day, two, four ... About eleven looks in thirty days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.settings import CrawlerSettings

LIVE_FOR = timedelta(days=2)
"""A live report without a change for so long is one no more."""

OFTEN_EDITED = 3
"""Revisions from which an article is looked at twice as often."""

LIVE_SHARE = 0.25
STUB_SHARE = 2.0
"""A page that shows its beginning alone shows few edits."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What decides when an article is looked at again; `url` is the address to ask, `key` its url_key."""

    article_id: int
    url: str
    key: str
    begun_at: datetime  # published, or first seen where that is unknown or earlier
    fetched_at: datetime  # the last time its outlet showed it, 304 included
    revisions: int = 1
    changed_at: datetime | None = None  # when the newest edit was seen
    is_live: bool = False
    is_stub: bool = False


@dataclass(frozen=True, slots=True)
class Pace:
    """The operator's part: the shortest wait for a fresh article and for a live one, and the age that ends it all."""

    fresh: timedelta
    live: timedelta
    until: timedelta


def pace_of(settings: CrawlerSettings) -> Pace:
    """Return the operator's pace of looking again."""
    return Pace(
        fresh=timedelta(minutes=settings.revisit_fresh_min),
        live=timedelta(minutes=settings.revisit_live_min),
        until=timedelta(days=settings.revisit_until_days),
    )


def next_look(watched: Watched, pace: Pace) -> datetime | None:
    """Return when to look again; None: never, it would have been quiet for `pace.until`."""
    quiet_since = max(watched.begun_at, watched.changed_at or watched.begun_at)
    quiet = max(watched.fetched_at - quiet_since, timedelta(0))
    live = watched.is_live and quiet < LIVE_FOR
    wait = quiet * (LIVE_SHARE if live else 1.0)
    if watched.revisions >= OFTEN_EDITED:
        wait /= 2
    if watched.is_stub and not live:
        wait *= STUB_SHARE
    look_at = watched.fetched_at + max(wait, pace.live if live else pace.fresh)
    return look_at if look_at - quiet_since < pace.until else None


def due(watched: Iterable[Watched], pace: Pace, *, now: datetime) -> list[Watched]:
    """Return the articles whose time has come, those most overdue for their pace first.

    A fresh article an hour late comes before one of last week that is a day late.
    """
    late: list[tuple[float, str, Watched]] = []
    for one in watched:
        at = next_look(one, pace)
        if at is not None and at <= now:
            wait = max((at - one.fetched_at).total_seconds(), 1.0)
            late.append((-(now - one.fetched_at).total_seconds() / wait, one.key, one))
    return [one for _, _, one in sorted(late, key=lambda entry: entry[:2])]
