"""Does an outlet bring as much as it usually does, on such days and at such hours? Rules; pure.

Bounds follow from the outlet's own pattern and from how often a rule may be wrong, not from a number of articles: one
that writes three times a week is silent for weeks before that means anything, one that writes every ten minutes is not
for an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log

import numpy as np

from config.counting import counted
from index.health.causes import Cause
from index.health.chances import count_at_least, count_at_most, none_at_all
from index.health.history import LOOKED_BACK, Facts, Finding, Strength
from index.health.records import Evidence, HealthState
from index.health.volume_pattern import HOUR, Hours, Interval, Pattern, intervals_of, pattern_of
from index.health.wording import about, lasting_words, moment

FALSE_ALARMS = 0.002
"""False alarms of one rule for an outlet and month that are aimed at: one in forty outlet-years."""

DAY = timedelta(days=1)
WINDOWS = (DAY, 2 * DAY, 4 * DAY, 7 * DAY)
LEAST_EXPECTED = 8.0
"""Fewer expected articles say nothing of a lower rate."""

LOW, STILL_LOW = 0.5, 0.75
"""Share of what is usual from which on it is low, and up to which it still is."""

NEXT_TO_NOTHING = 0.1
DECLINE = 0.6
CUSUM_ALARM = 12.0
CUSUM_OVER = 28 * DAY


@dataclass(frozen=True, slots=True)
class Measured:
    """Intervals with what was expected in each."""

    intervals: Sequence[Interval]
    pattern: Pattern
    expected: Hours
    new: Hours

    def last(self, span: timedelta) -> tuple[int, float]:
        """Return new and expected articles of the intervals that ended within a span before the last one's end."""
        edge = self.intervals[-1].ends - span
        taken = np.array([one.ends > edge for one in self.intervals])
        return round(float(self.new[taken].sum())), float(self.expected[taken].sum())

    def newest(self, least: float) -> tuple[int, float]:
        """Return new and expected articles of the newest intervals in which at least so many are expected."""
        back = np.cumsum(self.expected[::-1])
        count = min(len(back), int(np.searchsorted(back, least)) + 1)
        return round(float(self.new[-count:].sum())), float(back[count - 1])


def measured(intervals: Sequence[Interval], pattern: Pattern) -> Measured:
    """Work out what was expected in each interval."""
    start = intervals[0].begins.replace(minute=0, second=0, microsecond=0)
    count = int((intervals[-1].ends - start) / HOUR) + 2
    so_far = np.concatenate(([0.0], np.cumsum(pattern.rates(start, count))))
    marks = np.arange(count + 1)
    begins = np.interp([(one.begins - start) / HOUR for one in intervals], marks, so_far)
    ends = np.interp([(one.ends - start) / HOUR for one in intervals], marks, so_far)
    return Measured(intervals, pattern, ends - begins, np.array([float(one.new) for one in intervals]))


def volume(facts: Facts) -> list[Finding]:
    """Find what is wrong with how many new articles come; the gravest alone."""
    intervals = intervals_of(facts.history.seen)
    if not intervals:
        return []
    found = _dried_up(facts, intervals)
    if not found:
        found = _low(facts, intervals) or _declining(facts, intervals) or _high(facts, intervals)
    return found + _below_minimum(facts, intervals)


def usual_volume(facts: Facts) -> tuple[int, float] | None:
    """Return new articles of the last seven days and what is usual in that time; None where nothing is known yet."""
    intervals = intervals_of(facts.history.seen)
    pattern = _usual(facts, intervals, facts.now - 7 * DAY) if intervals else None
    return None if pattern is None else measured(intervals, pattern).last(7 * DAY)


def current_share(facts: Facts) -> float | None:
    """Return which share of its usual volume came of late (seven days at the most); None where that is not known."""
    intervals = intervals_of(facts.history.seen)
    pattern = _usual(facts, intervals, facts.now - 7 * DAY) if intervals else None
    if pattern is None:
        return None
    new, expected = measured(intervals, pattern).newest(LEAST_EXPECTED)
    return new / expected if expected else None


def _usual(facts: Facts, intervals: Sequence[Interval], ends: datetime) -> Pattern | None:
    """Learn what is usual from the eight weeks before `ends`; of a young outlet from all but its last two days."""
    ends = facts.usual_ends(ends, Cause.DRIED_UP, Cause.VOLUME_LOW)
    first = intervals[0].begins + DAY  # its first runs bring what has gathered
    for until in (ends, max(ends, facts.now - 2 * DAY) if not facts.was(Cause.DRIED_UP, Cause.VOLUME_LOW) else ends):
        since = max(first, until - LOOKED_BACK)
        pattern = pattern_of([one for one in intervals if one.begins >= since and one.ends <= until], facts.zone)
        if pattern is not None:
            return pattern
    return None


def _dried_up(facts: Facts, intervals: Sequence[Interval]) -> list[Finding]:
    """Has nothing come for longer than chance allows?"""
    newest = max((number for number, one in enumerate(intervals) if one.new), default=None)
    if newest is None or newest == len(intervals) - 1:
        return []
    began = intervals[newest].ends
    pattern = _usual(facts, intervals, min(began, facts.now - 7 * DAY))
    if pattern is None:
        return []
    all_of = measured(intervals, pattern)
    expected, span = float(all_of.expected[newest + 1 :].sum()), intervals[-1].ends - began
    came = np.flatnonzero(all_of.new[: newest + 1])
    gaps = np.diff(np.cumsum(all_of.expected)[came])
    a_month = max(1.0, len(came) / max(1.0, (began - intervals[0].begins) / (30 * DAY)))
    bound = min(1e-3, max(1e-7, FALSE_ALARMS / a_month))
    longest = float(gaps.max()) if len(gaps) else 0.0
    if none_at_all(expected, pattern.spread(span)) > bound or expected < 1.25 * longest:
        return []
    usual = f"{about(expected)} in such a time"
    said = f"Nothing new for {lasting_words(span)}; usually {counted(round(expected), 'article')} come in such a time."
    shown = (Evidence("New articles", f"none since {moment(began)}", usual), *_lists(facts, began))
    return [Finding(Cause.DRIED_UP, said, shown, HealthState.BROKEN, Strength.OVERWHELMING)]


def _lists(facts: Facts, began: datetime) -> tuple[Evidence, ...]:
    """Say what the outlet's lists name meanwhile."""
    last = next((one for one in reversed(facts.history.seen) if one.sources), None)
    told = []
    for source in last.sources if last is not None else ():
        if source.outcome is None:
            entries = (
                "an unknown number of entries"
                if source.entries is None
                else counted(source.entries, "entry", "entries")
            )
            newest = "" if source.newest_at is None else f", the newest of {moment(source.newest_at)}"
            told.append(Evidence(source.url, f"{entries}, none new since {moment(began)}{newest}"))
    return tuple(told[:3])


def _low(facts: Facts, intervals: Sequence[Interval]) -> list[Finding]:
    """Does far less come than usual, over a day or up to a week?"""
    pattern = _usual(facts, intervals, facts.now - 7 * DAY)
    if pattern is None:
        return []
    all_of = measured(intervals, pattern)
    held = facts.was(Cause.VOLUME_LOW, Cause.DRIED_UP)
    newest, newest_expected = all_of.newest(LEAST_EXPECTED)
    if newest > STILL_LOW * newest_expected:
        return []
    for window in WINDOWS:
        new, expected = all_of.last(window)
        if expected < LEAST_EXPECTED or new > (STILL_LOW if held else LOW) * expected:
            continue
        chance = count_at_most(new, expected, pattern.spread(window))
        bound = 1e-2 if held else FALSE_ALARMS / len(WINDOWS) * (window / DAY) / 150
        if chance > bound or (not held and new / expected >= _lowest_share(all_of, window)):
            continue
        return [_less(new, expected, f"in the last {lasting_words(window)}")]
    return []


def _less(new: int, expected: float, when: str) -> Finding:
    state = HealthState.BROKEN if new <= NEXT_TO_NOTHING * expected else HealthState.DEGRADED
    said = f"{counted(new, 'new article')} {when}; usually {about(expected)} in such a time."
    return Finding(Cause.VOLUME_LOW, said, (Evidence(f"New articles {when}", str(new), about(expected)),), state)


def _lowest_share(all_of: Measured, window: timedelta) -> float:
    """Return the lowest share of the expected that came in any such window before the last two of them."""
    ends = np.array([(one.ends - all_of.intervals[0].begins) / HOUR for one in all_of.intervals])
    new, expected = np.cumsum(all_of.new), np.cumsum(all_of.expected)
    hours = window / HOUR
    upto = np.flatnonzero((ends >= hours + 24) & (ends <= ends[-1] - 2 * hours))
    if not len(upto):
        return 1.0
    since = np.searchsorted(ends, ends[upto] - hours)
    usual = expected[upto] - expected[since]
    return float(np.min(np.where(usual > 0, (new[upto] - new[since]) / np.maximum(usual, 1e-9), 1.0)))


def _declining(facts: Facts, intervals: Sequence[Interval]) -> list[Finding]:
    """Has it fallen bit by bit? A cumulative sum over the last days, measured by the weeks before them."""
    pattern = _usual(facts, intervals, facts.now - CUSUM_OVER)
    if pattern is None or pattern.days < 21:
        return []
    all_of = measured(intervals, pattern)
    newest, newest_expected = all_of.newest(2 * LEAST_EXPECTED)
    if newest > STILL_LOW * newest_expected:
        return []
    end = all_of.intervals[-1].ends
    days = np.array([int((end - one.ends) / DAY) for one in all_of.intervals])
    total, new_since, expected_since, began = 0.0, 0.0, 0.0, 0
    for day in range(CUSUM_OVER // DAY - 1, -1, -1):
        taken = days == day
        new, expected = float(all_of.new[taken].sum()), float(all_of.expected[taken].sum())
        varies = 1 + max(pattern.day_spread, 7 * pattern.week_spread) * expected
        total += (new * log(DECLINE) + expected * (1 - DECLINE)) / varies
        if total <= 0:
            total, new_since, expected_since, began = 0.0, 0.0, 0.0, day
            continue
        new_since, expected_since = new_since + new, expected_since + expected
    held = facts.was(Cause.VOLUME_LOW)
    if total < (CUSUM_ALARM / 3 if held else CUSUM_ALARM) or new_since > STILL_LOW * expected_since:
        return []
    return [_less(round(new_since), expected_since, f"in the last {counted(max(1, began), 'day')}")]


def _high(facts: Facts, intervals: Sequence[Interval]) -> list[Finding]:
    """Does many times more come than usual?"""
    pattern = _usual(facts, intervals, facts.now - 7 * DAY)
    if pattern is None:
        return []
    new, expected = measured(intervals, pattern).last(DAY)
    times = 2.5 if facts.was(Cause.VOLUME_HIGH) else 5.0
    if new < times * expected + 30 or count_at_least(new, expected, pattern.spread(DAY)) > 1e-9:
        return []
    said = f"{counted(new, 'new article')} in the last day; usually {about(expected)}."
    shown = (Evidence("New articles in the last day", str(new), about(expected)),)
    return [Finding(Cause.VOLUME_HIGH, said, shown, HealthState.DEGRADED)]


def _below_minimum(facts: Facts, intervals: Sequence[Interval]) -> list[Finding]:
    """Does a week bring less than the outlet's file expects at the least?"""
    if facts.expect.articles_per_week is None or not facts.expect.articles_per_week[0]:
        return []
    week = [one for one in intervals if one.ends > intervals[-1].ends - 7 * DAY]
    covered = sum(((one.ends - one.begins) for one in week), timedelta(0)) / (7 * DAY)
    least, new = facts.expect.articles_per_week[0], sum(one.new for one in week)
    if covered < 0.9 or len(intervals) == len(week):
        return []
    if count_at_most(new, least, 0.0) > (0.05 if facts.was(Cause.BELOW_MINIMUM) else 1e-3):
        return []
    said = f"{counted(new, 'new article')} in the last 7 days; its file expects {least:,} a week at the least."
    shown = (Evidence("New articles in the last 7 days", str(new), f"{least:,} at the least (its file)"),)
    return [Finding(Cause.BELOW_MINIMUM, said, shown, HealthState.DEGRADED, unfit=said)]
