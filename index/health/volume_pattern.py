"""How many new articles an outlet usually brings by weekday and hour, and how much that varies. Pure.

A rate is an overall rate times a factor for the weekday times one for the hour, each drawn towards 1 where few articles
speak for it: eight weeks give 31 factors a better measure than 168 hours of a week that are counted one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from index.health.records import Observation

HOUR = timedelta(hours=1)

DRAWN = 12.0
"""A factor counts as if so many more articles had come at the rate without it."""

SPREAD_BEFORE = 0.1
"""The spread of an outlet of which nothing is known: a day has a standard deviation of a third of itself."""

LEAST_SPREAD = 0.02
MOST_SPREAD = 1.5

LEAST_GAP = timedelta(hours=48)
"""Between two runs further apart (and further than usual) lists may have run over: what came is not counted."""

Hours = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """Between two runs: how many new articles of these days the second one brought."""

    begins: datetime
    ends: datetime
    new: int


def current(observation: Observation) -> int:
    """New articles of a run that are of these days; old ones that its lists or links led to say nothing of today."""
    return max(0, observation.new - observation.old)


def tells_volume(observation: Observation) -> bool:
    """Say whether a run saw the outlet's lists, so that finding nothing means that there was nothing."""
    if not observation.whole:
        return False
    return not observation.sources or any(one.outcome is None for one in observation.sources)


def intervals_of(observations: Sequence[Observation]) -> list[Interval]:
    """Return what came between runs that saw the lists; what others brought counts with the next of these."""
    found: list[Interval] = []
    began: datetime | None = None
    carried = 0
    for one in observations:
        if not tells_volume(one):
            carried += current(one) if began is not None else 0
            continue
        if began is not None and one.finished_at > began:
            found.append(Interval(began, one.finished_at, current(one) + carried))
            carried = 0
        began = one.finished_at
    if not found:
        return []
    usual = median((one.ends - one.begins) / HOUR for one in found)
    longest = max(LEAST_GAP, 3 * usual * HOUR)
    return [one for one in found if one.ends - one.begins <= longest]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is usual: articles an hour, 7 factors of weekdays and 24 of hours, and how much a day and a week vary.

    `articles` and `days` are what it was learned from; spreads are of count variance = expected + spread * expected².
    """

    rate: float
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    day_spread: float
    week_spread: float
    articles: int
    days: float
    zone: str

    @property
    def a_day(self) -> float:
        """Articles a day."""
        return self.rate * 24

    def rates(self, begins: datetime, hours: int) -> Hours:
        """Return the expected articles of each whole hour from the one of `begins` on."""
        weekday, hour = _clock(begins, hours, self.zone)
        found: Hours = self.rate * np.asarray(self.weekdays)[weekday] * np.asarray(self.hours)[hour]
        return found

    def expected(self, begins: datetime, ends: datetime) -> float:
        """Return how many articles are expected between two instants."""
        if ends <= begins:
            return 0.0
        first = _whole(begins)
        count = int((ends - first) / HOUR) + 1
        rates = self.rates(first, count)
        covered = np.ones(count)
        covered[0] -= (begins - first) / HOUR
        covered[-1] -= 1 - (ends - first) / HOUR + (count - 1)
        return float((rates * np.clip(covered, 0, 1)).sum())

    def spread(self, span: timedelta) -> float:
        """Return how much a count over a span varies beyond chance, the uncertainty of the rate itself included."""
        days = max(1.0, span / timedelta(days=1))
        weeks = max(1.0, days / 7)
        return max(self.day_spread / days, self.week_spread / weeks) + 1 / (self.articles + 1)


def pattern_of(intervals: Sequence[Interval], zone: str) -> Pattern | None:
    """Learn what is usual; None from less than ten days or ten articles."""
    if not intervals:
        return None
    start = _whole(intervals[0].begins)
    count = int((intervals[-1].ends - start) / HOUR) + 1
    exposure, articles = np.zeros(count), np.zeros(count)
    for one in intervals:
        _spread_over(exposure, articles, start, one)
    total, covered = float(articles.sum()), float(exposure.sum())
    if total < 10 or covered < 24 * 10:
        return None
    weekday, hour = _clock(start, count, zone)
    rate = total / covered
    by_day = _factors(weekday, 7, articles, exposure * rate)
    by_hour = _factors(hour, 24, articles, exposure * rate * by_day[weekday])
    expected = exposure * rate * by_day[weekday] * by_hour[hour]
    day = _variation(articles, expected, exposure, 24, SPREAD_BEFORE, 7)
    week = _variation(articles, expected, exposure, 168, LEAST_SPREAD, 2)
    return Pattern(rate, tuple(by_day.tolist()), tuple(by_hour.tolist()), day, week, round(total), covered / 24, zone)


def _spread_over(exposure: Hours, articles: Hours, start: datetime, one: Interval) -> None:
    """Spread an interval and its articles evenly over the hours it touches."""
    begins, ends = (one.begins - start) / HOUR, (one.ends - start) / HOUR
    first, last = int(begins), min(int(ends), len(exposure) - 1)
    if first == last:
        exposure[first] += ends - begins
        articles[first] += one.new
        return
    parts = np.ones(last - first + 1)
    parts[0] = first + 1 - begins
    parts[-1] = ends - last
    exposure[first : last + 1] += parts
    articles[first : last + 1] += one.new * parts / (ends - begins)


def _factors(slots: NDArray[np.int64], number: int, articles: Hours, expected: Hours) -> Hours:
    came = np.bincount(slots, articles, number)
    usual = np.bincount(slots, expected, number)
    return np.asarray((came + DRAWN) / (usual + DRAWN), dtype=np.float64)


def _variation(articles: Hours, expected: Hours, exposure: Hours, hours: int, before: float, weight: float) -> float:
    """Return how much blocks of so many hours vary beyond chance, drawn towards what is so of most outlets."""
    blocks = len(articles) // hours
    if not blocks:
        return before
    shape = (blocks, hours)
    came, usual, covered = (
        part[: blocks * hours].reshape(shape).sum(axis=1) for part in (articles, expected, exposure)
    )
    whole = (covered >= 0.8 * hours) & (usual > 0)
    if not whole.any():
        return before
    came, usual = came[whole], usual[whole]
    found = float((((came - usual) ** 2) - usual).sum() / (usual**2).sum())
    drawn = (max(0.0, found) * len(came) + before * weight) / (len(came) + weight)
    return min(MOST_SPREAD, max(LEAST_SPREAD, drawn))


def _whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _clock(begins: datetime, hours: int, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return weekday and hour, by the clock of a zone, of so many whole hours: the offset is looked up once a day."""
    there = ZoneInfo(zone)
    start = _whole(begins)
    number = np.arange(hours)
    offsets = np.empty(hours)
    for first in range(0, hours, 24):
        offset = (start + first * HOUR).astimezone(there).utcoffset()
        offsets[first : first + 24] = 0 if offset is None else offset / HOUR
    since_monday = start.weekday() * 24 + start.hour + number + offsets
    local = np.floor(since_monday).astype(np.int64) % 168
    return local // 24, local % 24
