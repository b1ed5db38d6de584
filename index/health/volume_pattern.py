"""How many new articles an outlet usually brings by weekday and hour, and how much that varies. Pure.

A rate is an overall rate times a factor for the weekday times one for the hour, each drawn towards 1 where few articles
speak for it: eight weeks give 31 factors a better measure than 168 hours of a week that are counted one by one.
Instants are hours since 1970 here, as floats: all of this is arithmetic over arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from index.health.history import History, Numbers
from index.health.records import Observation

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

DRAWN = 12.0
"""A factor counts as if so many more articles had come at the rate without it."""

SPREAD_BEFORE = 0.1
"""The spread of an outlet of which nothing is known: a day has a standard deviation of a third of itself."""

LEAST_SPREAD = 0.02
MOST_SPREAD = 1.5

LEAST_GAP_H = 48.0
"""Between two runs further apart (and further than usual) lists may have run over: what came is not counted."""


def hours_of(instant: datetime) -> float:
    """Return an instant in hours since 1970."""
    return (instant - EPOCH) / HOUR


@dataclass(frozen=True, slots=True)
class Intervals:
    """Between runs: when each begins and ends, and how many new articles of these days its end brought."""

    begins: Numbers
    ends: Numbers
    new: Numbers

    def __len__(self) -> int:
        return len(self.ends)

    def within(self, since: float, until: float) -> Intervals:
        """Return those that lie between two instants."""
        taken = slice(int(np.searchsorted(self.begins, since)), int(np.searchsorted(self.ends, until, "right")))
        return Intervals(self.begins[taken], self.ends[taken], self.new[taken])


def current(observation: Observation) -> int:
    """New articles of a run that are of these days; old ones that its lists or links led to say nothing of today."""
    return max(0, observation.new - observation.old)


def tells_volume(observation: Observation) -> bool:
    """Say whether a run saw the outlet's lists, so that finding nothing means that there was nothing."""
    if not observation.whole:
        return False
    return not observation.sources or any(one.outcome is None for one in observation.sources)


def intervals_of(history: History) -> Intervals:
    """Return what came between runs that saw the lists; what others brought counts with the next of these."""
    if "intervals" not in history.kept:
        history.kept["intervals"] = _all_intervals(history)
    every: Intervals = history.kept["intervals"]
    known = hours_of(history.ends[history.known - 1]) if history.known else 0.0
    end = int(np.searchsorted(every.ends, known, "right"))
    begins, ends, new = every.begins[:end], every.ends[:end], every.new[:end]
    if not end:
        return Intervals(begins, ends, new)
    counted = ends - begins <= max(LEAST_GAP_H, 3 * float(np.median(ends - begins)))
    return Intervals(begins[counted], ends[counted], new[counted])


def _all_intervals(history: History) -> Intervals:
    found: list[tuple[float, float, float]] = []
    began: float | None = None
    carried = 0
    for one in history.every:
        if not tells_volume(one):
            carried += current(one) if began is not None else 0
            continue
        at = hours_of(one.finished_at)
        if began is not None and at > began:
            found.append((began, at, float(current(one) + carried)))
            carried = 0
        began = at
    columns = np.array(found, dtype=np.float64).reshape(-1, 3)
    return Intervals(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy())


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

    def expected(self, intervals: Intervals) -> Numbers:
        """Return how many articles are expected in each interval."""
        first = int(intervals.begins[0])
        count = int(intervals.ends[-1]) - first + 2
        weekday, hour = _clock(first, count, self.zone)
        rates = self.rate * np.asarray(self.weekdays)[weekday] * np.asarray(self.hours)[hour]
        so_far = np.concatenate(([0.0], np.cumsum(rates)))
        marks = first + np.arange(count + 1)
        found: Numbers = np.interp(intervals.ends, marks, so_far) - np.interp(intervals.begins, marks, so_far)
        return found

    def spread(self, days: float) -> float:
        """Return how much a count over some days varies beyond chance, the uncertainty of the rate itself included."""
        days = max(1.0, days)
        return max(self.day_spread / days, self.week_spread / max(1.0, days / 7)) + 1 / (self.articles + 1)


def pattern_of(intervals: Intervals, zone: str) -> Pattern | None:
    """Learn what is usual; None from less than ten days or ten articles."""
    if not len(intervals):
        return None
    first = int(intervals.begins[0])
    count = int(intervals.ends[-1]) - first + 1
    # Between the marks of intervals articles and time grow evenly; in the gaps between intervals neither grows.
    marks = np.column_stack((intervals.begins, intervals.ends)).ravel()
    borders = first + np.arange(count + 1)
    came = np.column_stack((np.zeros(len(intervals)), intervals.new)).ravel().cumsum()
    lasted = np.column_stack((np.zeros(len(intervals)), intervals.ends - intervals.begins)).ravel().cumsum()
    articles, exposure = np.diff(np.interp(borders, marks, came)), np.diff(np.interp(borders, marks, lasted))
    total, covered = float(articles.sum()), float(exposure.sum())
    if total < 10 or covered < 24 * 10:
        return None
    weekday, hour = _clock(first, count, zone)
    rate = total / covered
    by_day = _factors(weekday, 7, articles, exposure * rate)
    by_hour = _factors(hour, 24, articles, exposure * rate * by_day[weekday])
    expected = exposure * rate * by_day[weekday] * by_hour[hour]
    day = _variation(articles, expected, exposure, 24, SPREAD_BEFORE, 7)
    week = _variation(articles, expected, exposure, 168, LEAST_SPREAD, 2)
    factors = tuple(by_day.tolist()), tuple(by_hour.tolist())
    return Pattern(rate, *factors, day, week, round(total), covered / 24, zone)


def _factors(slots: NDArray[np.int64], number: int, articles: Numbers, expected: Numbers) -> Numbers:
    came = np.bincount(slots, articles, number)
    usual = np.bincount(slots, expected, number)
    return np.asarray((came + DRAWN) / (usual + DRAWN), dtype=np.float64)


def _variation(
    articles: Numbers, expected: Numbers, exposure: Numbers, hours: int, before: float, weight: float
) -> float:
    """Return how much blocks of so many hours vary beyond chance, drawn towards what is so of most outlets."""
    blocks = len(articles) // hours
    if not blocks:
        return before
    came, usual, covered = (
        part[: blocks * hours].reshape(blocks, hours).sum(axis=1) for part in (articles, expected, exposure)
    )
    whole = (covered >= 0.8 * hours) & (usual > 0)
    if not whole.any():
        return before
    came, usual = came[whole], usual[whole]
    found = float((((came - usual) ** 2) - usual).sum() / (usual**2).sum())
    drawn = (max(0.0, found) * len(came) + before * weight) / (len(came) + weight)
    return min(MOST_SPREAD, max(LEAST_SPREAD, drawn))


def _clock(first: int, hours: int, zone: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return weekday and hour, by the clock of a zone, of so many whole hours: the offset is looked up once a day."""
    there = ZoneInfo(zone)
    offsets = np.empty(hours)
    for number in range(0, hours, 24):
        offset = (EPOCH + (first + number) * HOUR).astimezone(there).utcoffset()
        offsets[number : number + 24] = 0 if offset is None else offset / HOUR
    since_monday = first + np.arange(hours) + offsets + 72  # 1970 began on a Thursday
    local = np.floor(since_monday).astype(np.int64) % 168
    return local // 24, local % 24
