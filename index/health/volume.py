"""Does an outlet bring as much as it usually does, on such days and at such hours? Rules; pure.

Bounds follow from the outlet's own pattern and from how often a rule may be wrong, not from a number of articles: one
that writes three times a week is silent for weeks before that means anything, one that writes every ten minutes is not
for an hour. Instants and spans are in hours, as in volume_pattern.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import log

import numpy as np

from config.counting import counted
from index.health.causes import Cause
from index.health.chances import count_at_least, count_at_most, none_at_all
from index.health.history import LOOKED_BACK, Facts, Finding, Numbers, Strength
from index.health.records import Evidence, HealthState
from index.health.volume_pattern import EPOCH, HOUR, Intervals, Pattern, hours_of, intervals_of, pattern_of
from index.health.wording import about, lasting_words, moment

FALSE_ALARMS = 0.002
"""False alarms of one rule for an outlet and month that are aimed at: one in forty outlet-years."""

DAY = 24.0
WINDOWS = (DAY, 2 * DAY, 4 * DAY, 7 * DAY)
LEAST_EXPECTED = 8.0
"""Fewer expected articles say nothing of a lower rate."""

LOW, STILL_LOW = 0.5, 0.75
"""Share of what is usual from which on it is low, and up to which it still is."""

QUIET_DAYS = (1.0, 0.03, 0.01, 0.005, 0.003)
"""How likely it is that none, one, two … of some days are holidays, on which hardly anything comes."""

QUIET_SHARE = 0.3
"""What comes on a holiday, where its weekends are not quieter still."""

LOW_BY_CHANCE = 0.01
NEXT_TO_NOTHING = 0.1
DECLINE = 0.6
CUSUM_ALARM = 12.0
CUSUM_DAYS = 28


@dataclass(frozen=True, slots=True)
class Measured:
    """Intervals with what was expected in each."""

    intervals: Intervals
    pattern: Pattern
    expected: Numbers

    def last(self, span: float) -> tuple[int, float]:
        """Return new and expected articles of the intervals that ended within a span before the last one's end."""
        first = int(np.searchsorted(self.intervals.ends, self.intervals.ends[-1] - span, "right"))
        return round(float(self.intervals.new[first:].sum())), float(self.expected[first:].sum())

    @property
    def quiet(self) -> float:
        """The share of what is usual that comes on a holiday."""
        return min(QUIET_SHARE, min(self.pattern.weekdays))

    def with_quiet_days(self, first: int, most: int) -> list[tuple[float, float]]:
        """Return what is expected from an interval on, with 0, 1, … of its days as holidays, and how likely that is."""
        days = ((self.intervals.ends[-1] - self.intervals.ends[first:]) // DAY).astype(np.int64)
        by_day = np.sort(np.bincount(days, self.expected[first:]))[::-1]
        lost = np.concatenate(([0.0], np.cumsum(by_day[:most] * (1 - self.quiet))))
        total = float(by_day.sum())
        return [(total - float(one), chance) for one, chance in zip(lost, QUIET_DAYS, strict=False)]

    def newest(self, least: float) -> tuple[int, float]:
        """Return new and expected articles of the newest intervals in which at least so many are expected."""
        back = np.cumsum(self.expected[::-1])
        count = min(len(back), int(np.searchsorted(back, least)) + 1)
        return round(float(self.intervals.new[-count:].sum())), float(back[count - 1])


@dataclass(slots=True)
class Volumes:
    """The intervals of an outlet, measured by what was usual before some instant; each pattern is learned once."""

    facts: Facts
    intervals: Intervals
    _measured: dict[float, Measured | None] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Facts) -> Volumes:
        """Take the intervals of an outlet's history."""
        return cls(facts, intervals_of(facts.history))

    def before(self, instant: float) -> Measured | None:
        """Measure all by the eight weeks before an instant; of a young outlet by all but its last two days.

        None where nothing is known yet. The time since low volume is told counts as unusual.
        """
        if not len(self.intervals):
            return None
        told = self.facts.was(Cause.DRIED_UP, Cause.VOLUME_LOW)
        end = hours_of(self.facts.usual_ends(EPOCH + instant * HOUR, Cause.DRIED_UP, Cause.VOLUME_LOW))
        if end not in self._measured:
            pattern = self._pattern(end)
            if pattern is None and not told:
                pattern = self._pattern(max(end, hours_of(self.facts.now) - 2 * DAY))
            found = None if pattern is None else Measured(self.intervals, pattern, pattern.expected(self.intervals))
            self._measured[end] = found
        return self._measured[end]

    def _pattern(self, end: float) -> Pattern | None:
        # The first runs of an outlet bring what has gathered before it was read.
        since = max(float(self.intervals.begins[0]) + DAY, end - LOOKED_BACK / HOUR)
        return pattern_of(self.intervals.within(since, end), self.facts.zone)

    @property
    def of_late(self) -> Measured | None:
        """Measured by what was usual until a week ago."""
        return self.before(hours_of(self.facts.now) - 7 * DAY)


def volume(facts: Facts) -> list[Finding]:
    """Find what is wrong with how many new articles come; the gravest alone."""
    volumes = Volumes.of(facts)
    if not len(volumes.intervals):
        return []
    found = _dried_up(facts, volumes) or _low(facts, volumes) or _declining(facts, volumes) or _high(facts, volumes)
    return found + _below_minimum(facts, volumes.intervals)


def usual_week(facts: Facts) -> tuple[int, float] | None:
    """Return new articles of the last seven days and what is usual in that time; None where nothing is known yet."""
    known = Volumes.of(facts).of_late
    return None if known is None else known.last(7 * DAY)


def current_share(facts: Facts) -> float | None:
    """Return which share of its usual volume came of late; None where that is not known."""
    known = Volumes.of(facts).of_late
    if known is None:
        return None
    new, expected = known.newest(LEAST_EXPECTED)
    return new / expected if expected else None


def _dried_up(facts: Facts, volumes: Volumes) -> list[Finding]:
    """Has nothing come for longer than chance allows?"""
    intervals = volumes.intervals
    with_new = np.flatnonzero(intervals.new)
    if not len(with_new) or with_new[-1] == len(intervals) - 1:
        return []
    newest = int(with_new[-1])
    began, end = float(intervals.ends[newest]), float(intervals.ends[-1])
    known = volumes.before(min(began, hours_of(facts.now) - 7 * DAY))
    if known is None:
        return []
    expected = float(known.expected[newest + 1 :].sum())
    a_month = max(1.0, len(with_new) / max(1.0, (began - float(intervals.begins[0])) / (30 * DAY)))
    bound = min(1e-3, max(1e-7, FALSE_ALARMS / a_month))
    spread = known.pattern.spread((end - began) / DAY)
    # On a quiet day there are fewer gaps between articles, so that fewer of them can be as long.
    gaps_of = (1.0, *[max(0.05, known.quiet)] * (len(QUIET_DAYS) - 1))
    quiet_days = known.with_quiet_days(newest + 1, len(QUIET_DAYS))
    chances = [one * part * none_at_all(usual, spread) for (usual, one), part in zip(quiet_days, gaps_of, strict=False)]
    if max(chances[:2]) > bound:
        return []
    gaps = np.diff(np.cumsum(known.expected)[with_new])
    if len(gaps) and expected < 1.25 * float(gaps.max()):
        return []
    since, span = EPOCH + began * HOUR, (end - began) * HOUR
    many = counted(round(expected), "article")
    said = f"Nothing new for {lasting_words(span)}; usually {many} come in such a time."
    shown = (Evidence("New articles", f"none since {moment(since)}", f"{about(expected)} in such a time"),)
    lists = _lists(facts, since)
    if max(chances) > bound:  # a few holidays in a row would explain it
        return [Finding(Cause.DRIED_UP, said, (*shown, *lists), HealthState.DEGRADED)]
    return [Finding(Cause.DRIED_UP, said, (*shown, *lists), HealthState.BROKEN, Strength.OVERWHELMING)]


def _lists(facts: Facts, since: datetime) -> tuple[Evidence, ...]:
    """Say what the outlet's lists name meanwhile: entries that are new there are lost on the way, not missing."""
    later = facts.history.between(since + timedelta(seconds=1), facts.now + timedelta(seconds=1))
    fresh = Counter({source.url: 0 for one in later for source in one.sources})
    for one in later:
        for source in one.sources:
            fresh[source.url] += source.fresh
    last = next((one for one in facts.history.newest() if one.sources), None)
    told = []
    for source in last.sources if last is not None else ():
        if source.outcome is None:
            known = "an unknown number of entries"
            entries = known if source.entries is None else counted(source.entries, "entry", "entries")
            newest = "" if source.newest_at is None else f", the newest of {moment(source.newest_at)}"
            new = fresh[source.url] or "none"
            told.append(Evidence(source.url, f"{entries}, {new} new since {moment(since)}{newest}"))
    return tuple(told[:3])


def _low(facts: Facts, volumes: Volumes) -> list[Finding]:
    """Does far less come than usual, over a day or up to a week?"""
    known = volumes.of_late
    if known is None:
        return []
    held = facts.was(Cause.VOLUME_LOW, Cause.DRIED_UP)
    newest, newest_expected = known.newest(LEAST_EXPECTED)
    if newest > STILL_LOW * newest_expected:
        return []
    for window in WINDOWS:
        new, expected = known.last(window)
        if expected < LEAST_EXPECTED or new > (STILL_LOW if held else LOW) * expected:
            continue
        if not held and _is_over(facts, known, window):
            continue
        first = int(np.searchsorted(known.intervals.ends, known.intervals.ends[-1] - window, "right"))
        spread = known.pattern.spread(window / DAY)
        chances = [
            one * count_at_most(new, usual, spread) for usual, one in known.with_quiet_days(first, len(QUIET_DAYS))
        ]
        bound = FALSE_ALARMS / len(WINDOWS) * (window / DAY) / 150
        if chances[0] > 1e-2 if held else max(chances[:2]) > bound or new / expected >= _lowest_share(known, window):
            continue
        found = _less(new, expected, f"in the last {lasting_words(window * HOUR)}")
        return [found if max(chances) <= bound else replace(found, state=HealthState.DEGRADED)]
    return []


def _less(new: int, expected: float, when: str) -> Finding:
    state = HealthState.BROKEN if new <= NEXT_TO_NOTHING * expected else HealthState.DEGRADED
    said = f"{counted(new, 'new article')} {when}; usually {about(expected)} in such a time."
    return Finding(Cause.VOLUME_LOW, said, (Evidence(f"New articles {when}", str(new), about(expected)),), state)


def _lowest_share(known: Measured, window: float) -> float:
    """Return the lowest share of the expected that came in any such window before the last two of them."""
    ends = known.intervals.ends - known.intervals.begins[0]
    new, expected = np.cumsum(known.intervals.new), np.cumsum(known.expected)
    upto = np.flatnonzero((ends >= window + DAY) & (ends <= ends[-1] - 2 * window))
    if not len(upto):
        return 1.0
    since = np.searchsorted(ends, ends[upto] - window)
    usual = expected[upto] - expected[since]
    shares = np.where(usual > 0, (new[upto] - new[since]) / np.maximum(usual, 1e-9), 1.0)
    return float(shares.min())


def _is_over(facts: Facts, known: Measured, window: float) -> bool:
    """Say whether what was low in a window, a holiday for one, is over: its newer half is as usual, or all that came
    since the outlet was called well is what chance may bring.
    """
    new, expected = known.last(window / 2)
    if new > STILL_LOW * expected:
        return True
    if facts.before is None or facts.before.state is not HealthState.HEALTHY:
        return False
    since = (facts.now - facts.before.since) / HOUR
    if since >= window:
        return False
    new, expected = known.last(since)
    return count_at_most(new, expected, known.pattern.spread(since / DAY)) > LOW_BY_CHANCE


def _declining(facts: Facts, volumes: Volumes) -> list[Finding]:
    """Has it fallen bit by bit? A cumulative sum over the last days, measured by the weeks before them."""
    late = volumes.of_late
    if late is None or late.pattern.days < 21 or late.last(14 * DAY)[0] > 0.9 * late.last(14 * DAY)[1]:
        return []
    known = volumes.before(hours_of(facts.now) - CUSUM_DAYS * DAY)
    if known is None or known.pattern.days < 21:
        return []
    newest, newest_expected = known.newest(2 * LEAST_EXPECTED)
    if newest > STILL_LOW * newest_expected:
        return []
    days = ((known.intervals.ends[-1] - known.intervals.ends) // DAY).astype(np.int64)
    inside = days < CUSUM_DAYS
    new_by_day = np.bincount(days[inside], known.intervals.new[inside], CUSUM_DAYS)
    expected_by_day = np.bincount(days[inside], known.expected[inside], CUSUM_DAYS)
    total, began = 0.0, CUSUM_DAYS
    for day in range(CUSUM_DAYS - 1, -1, -1):
        new, expected = float(new_by_day[day]), float(expected_by_day[day])
        varies = 1 + max(known.pattern.day_spread, 7 * known.pattern.week_spread) * expected
        total = max(0.0, total + (new * log(DECLINE) + expected * (1 - DECLINE)) / varies)
        began = day if total == 0.0 else began
    new, expected = float(new_by_day[:began].sum()), float(expected_by_day[:began].sum())
    enough = CUSUM_ALARM / 3 if facts.was(Cause.VOLUME_LOW) else CUSUM_ALARM
    if total < enough or new > STILL_LOW * expected:
        return []
    if not facts.was(Cause.VOLUME_LOW) and _is_over(facts, known, began * DAY):
        return []
    return [_less(round(new), expected, f"in the last {counted(max(1, began), 'day')}")]


def _high(facts: Facts, volumes: Volumes) -> list[Finding]:
    """Does many times more come than usual?"""
    known = volumes.of_late
    if known is None:
        return []
    new, expected = known.last(DAY)
    times = 2.5 if facts.was(Cause.VOLUME_HIGH) else 5.0
    if new < times * expected + 30 or count_at_least(new, expected, known.pattern.spread(1)) > 1e-9:
        return []
    said = f"{counted(new, 'new article')} in the last day; usually {about(expected)}."
    shown = (Evidence("New articles in the last day", str(new), about(expected)),)
    return [Finding(Cause.VOLUME_HIGH, said, shown, HealthState.DEGRADED)]


def _below_minimum(facts: Facts, intervals: Intervals) -> list[Finding]:
    """Does a week bring less than the outlet's file expects at the least?"""
    if facts.expect.articles_per_week is None or not facts.expect.articles_per_week[0]:
        return []
    first = int(np.searchsorted(intervals.ends, intervals.ends[-1] - 7 * DAY, "right"))
    covered = float((intervals.ends - intervals.begins)[first:].sum()) / (7 * DAY)
    least, new = facts.expect.articles_per_week[0], round(float(intervals.new[first:].sum()))
    if covered < 0.9 or not first:
        return []
    if count_at_most(new, least, 0.0) > (0.05 if facts.was(Cause.BELOW_MINIMUM) else 1e-3):
        return []
    said = f"{counted(new, 'new article')} in the last 7 days; its file expects {least:,} a week at the least."
    shown = (Evidence("New articles in the last 7 days", str(new), f"{least:,} at the least (its file)"),)
    return [Finding(Cause.BELOW_MINIMUM, said, shown, HealthState.DEGRADED, unfit=said)]
