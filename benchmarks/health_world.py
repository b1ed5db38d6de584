"""Made-up outlets for bench_health: small and large, with weekdays, hours, holidays, busy days, faults, and breaks.

Nothing of the rules is known here. Times are UTC; one seed is one world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from index.health.records import HostSeen, Observation, SelectorSeen, SourceSeen

STARTS = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SIZES = {"small": (2.5, 10), "medium": (15, 150), "large": (200, 1500)}
"""Articles a week, from and to."""

EVERY = {"small": timedelta(hours=6), "medium": timedelta(hours=3), "large": timedelta(hours=1)}
SHARES = {"small": 0.3, "medium": 0.45, "large": 0.25}


@dataclass(frozen=True, slots=True)
class Outlet:
    """One made-up outlet: how it writes, and what its pages are like."""

    name: str
    size: str
    weekly: float
    every: timedelta
    weekdays: np.ndarray
    hours: np.ndarray
    day_spread: float
    drift: float
    authors: float
    published: float
    links: float
    characters: float
    noise: float  # pages a run meets that are no articles, for each article
    seconds: float
    faulty: float  # share of runs that fail for a passing reason
    lists: int
    holidays: frozenset[int] = frozenset()


@dataclass(slots=True)
class Day:
    """What is different about a run: a break changes it. `factor` is of the volume, shares are of articles."""

    factor: float = 1.0
    old: float = 0.0
    read: float = 1.0
    unread: str = "not_article"
    filled: dict[str, float] = field(default_factory=dict)
    links: float = 1.0
    characters: float = 1.0
    seconds: float = 1.0
    later_h: float = 0.0
    fault: str = ""
    empty: bool = False
    frozen: bool = False
    selector: float = 1.0


Break = Callable[[Day, float], None]
"""Changes a run, so many days after the break began."""


def _set(**values: object) -> Break:
    def change(day: Day, _days: float) -> None:
        for name, value in values.items():
            setattr(day, name, value)

    return change


def _slow_decline(day: Day, days: float) -> None:
    day.factor = max(0.3, 1 - 0.7 * days / 28)


def _fields(**shares: float) -> Break:
    def change(day: Day, _days: float) -> None:
        day.filled |= shares

    return change


BREAKS: Mapping[str, Break] = {
    "layout changes (no article is read)": _set(read=0.0, unread="extraction_failed"),
    "dries up": _set(factor=0.0),
    "volume falls to a third": _set(factor=0.33),
    "volume falls to a third over 4 weeks": _slow_decline,
    "one of its lists stands still": _set(frozen=True),
    "empty answers with status 200": _set(empty=True),
    "blocks (403)": _set(fault="blocked"),
    "asks to slow down (429)": _set(fault="rate_limited"),
    "robots.txt forbids": _set(fault="robots_denied"),
    "certificate fails": _set(fault="tls_failed"),
    "does not answer": _set(fault="timeout"),
    "lists are gone (404)": _set(fault="gone"),
    "login wall": _set(read=0.0, unread="login_wall"),
    "bylines vanish": _fields(authors=0.0),
    "bylines vanish on half of the pages": _set(selector=0.45),
    "dates vanish": _fields(published=0.0),
    "links vanish": _set(links=0.03),
    "texts are cut to teasers": _set(characters=0.12),
    "republishes old items": _set(old=1.0),
    "slows down eightfold": _set(seconds=8.0),
    "comes half a day late": _set(later_h=12.0),
}
"""What can break, as it shows in a run."""


def make_outlet(number: int, rng: np.random.Generator, size: str = "") -> Outlet:
    """Make one outlet, of any size where none is named."""
    size = size or str(rng.choice(list(SHARES), p=list(SHARES.values())))
    low, high = SIZES[size]
    weekend = rng.uniform(0.1, 0.9)
    weekdays = np.array([*rng.normal(1.0, 0.08, 5).clip(0.7, 1.3), weekend, weekend * rng.uniform(0.7, 1.2)])
    peak = rng.uniform(6, 18)
    hours = 0.1 + np.exp(-(((np.arange(24) - peak + 12) % 24 - 12) ** 2) / (2 * rng.uniform(3, 6) ** 2))
    return Outlet(
        name=f"outlet_{number}",
        size=size,
        weekly=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        every=EVERY[size],
        weekdays=weekdays / weekdays.mean(),
        hours=hours / hours.mean(),
        day_spread=float(rng.uniform(0.01, 0.15)),
        drift=float(rng.uniform(0.0, 0.08)),
        authors=float(rng.choice([0.98, 0.9, 0.75, 0.5])),
        published=float(rng.choice([1.0, 0.99, 0.96])),
        links=float(rng.uniform(0.8, 8)),
        characters=float(rng.uniform(1500, 7000)),
        noise=float(rng.uniform(0.0, 0.6)),
        seconds=float(rng.uniform(0.2, 1.5)),
        faulty=float(rng.choice([0.002, 0.01, 0.05])),
        lists=int(rng.integers(1, 4)),
    )


def observe(
    outlet: Outlet, rng: np.random.Generator, *, days: int, breaks: Break | None = None, from_day: float = 0.0
) -> list[Observation]:
    """Return what the runs of an outlet observe over so many days, the oldest first."""
    quiet = {int(day) for day in rng.choice(days, max(1, days // 28), replace=False)} | outlet.holidays
    moods = rng.gamma(1 / outlet.day_spread, outlet.day_spread, days)
    moods[rng.random(days) < 0.02] *= rng.uniform(1.8, 3.0)
    moods *= np.exp(np.cumsum(rng.normal(0, outlet.drift / 7**0.5, days)) * 0.5)
    for day in quiet:
        moods[day] *= rng.uniform(0.15, 0.5)
    seen: list[Observation] = []
    waiting = waiting_other = 0
    at, began = STARTS, STARTS
    step = outlet.every
    while at < STARTS + days * DAY:
        at = at + step * float(rng.uniform(0.95, 1.05))
        state = Day()
        since = (at - STARTS) / DAY - from_day
        if breaks is not None and since >= 0:
            breaks(state, since)
        number = min(days - 1, int((began - STARTS) / DAY))
        expected = _expected(outlet, began, at) * moods[number] * state.factor
        came = int(rng.poisson(expected))
        share = 1 / outlet.lists
        of_first = int(rng.binomial(came, share))
        waiting, waiting_other = waiting + of_first, waiting_other + came - of_first
        began = at
        one, taken, taken_other = _run(outlet, rng, len(seen) + 1, at, state, waiting, waiting_other)
        waiting, waiting_other = waiting - taken, waiting_other - taken_other
        seen.append(one)
    return seen


def _expected(outlet: Outlet, begins: datetime, ends: datetime) -> float:
    middle = begins + (ends - begins) / 2
    hours = (ends - begins) / HOUR
    covered = [(begins + number * HOUR).hour for number in range(max(1, round(hours)))]
    return outlet.weekly / 168 * hours * outlet.weekdays[middle.weekday()] * float(outlet.hours[covered].mean())


def _run(
    outlet: Outlet, rng: np.random.Generator, run_id: int, at: datetime, state: Day, waiting: int, other: int
) -> tuple[Observation, int, int]:
    """One run: it takes what waits in the lists, unless it fails."""
    blank = Observation(run_id, outlet.name, "crawl", "done", at - timedelta(minutes=3), at)
    home = f"https://{outlet.name}.example/feed"
    urls = [f"{home}{number}" for number in range(outlet.lists)]
    fault = state.fault or (
        str(rng.choice(["timeout", "connection_failed", "server_error"])) if rng.random() < outlet.faulty else ""
    )
    if fault:
        failed = tuple(SourceSeen(url, outcome=fault) for url in urls)
        return replace(blank, state="failed", sources=failed, failures={fault: len(urls)}), 0, 0
    host = {f"{outlet.name}.example": HostSeen(waiting + other + len(urls), _seconds(outlet, rng, state), "abc")}
    if state.empty:
        return replace(blank, sources=tuple(SourceSeen(url, 0) for url in urls), hosts=host), 0, 0
    frozen = state.frozen and outlet.lists > 1
    new = other + (0 if frozen else waiting)
    sources = [SourceSeen(urls[0], 20, 0 if frozen else waiting)]
    sources += [SourceSeen(url, 20, _part(other, outlet.lists - 1, number)) for number, url in enumerate(urls[1:])]
    read = int(rng.binomial(new, state.read))
    again = int(rng.binomial(max(new, 2), 0.15 * state.read))
    noise = int(rng.poisson(outlet.noise * new))
    articles = read + again
    outcomes = {"new": read, "unchanged": again, "not_article": noise}
    outcomes[state.unread] = outcomes.get(state.unread, 0) + new - read
    authors = state.filled.get("authors", outlet.authors * state.selector)
    bylined = int(rng.binomial(articles, authors))
    filled = {"title": articles, "text": articles, "authors": bylined}
    filled["published"] = int(rng.binomial(articles, state.filled.get("published", outlet.published)))
    delay = outlet.every / HOUR / 2 * 3600 * float(np.exp(rng.normal(0, 0.5))) + state.later_h * 3600
    links = int(rng.negative_binomial(1, 1 / (1 + outlet.links * state.links), articles).sum()) if articles else 0
    lengths = rng.lognormal(np.log(outlet.characters), 0.6, articles) * state.characters
    found = replace(
        blank,
        outcomes={name: number for name, number in outcomes.items() if number},
        fetched=articles + noise + len(urls),
        body_bytes=40_000 * (articles + noise + len(urls)),
        articles=articles,
        filled=filled,
        links=links,
        text_characters=int(lengths.sum()),
        delay_median_s=delay if read else None,
        old=int(rng.binomial(read, max(state.old, 0.01))),
        sources=tuple(sources),
        selectors={"authors: .byline": SelectorSeen(articles, bylined, bylined)} if articles else {},
        hosts=host,
        whole=bool(rng.random() > 0.005),
    )
    return found, 0 if frozen else waiting, other


def _seconds(outlet: Outlet, rng: np.random.Generator, state: Day) -> float:
    busy = 3.0 if rng.random() < 0.03 else 1.0
    return outlet.seconds * float(np.exp(rng.normal(0, 0.25))) * busy * state.seconds


def _part(number: int, parts: int, which: int) -> int:
    return number // parts + (1 if which < number % parts else 0)
