"""Do articles come as soon as usual, and does each list still bring some? Rules; pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from config.counting import counted
from index.health.causes import Cause
from index.health.chances import none_at_all
from index.health.history import LOOKED_BACK, Facts, Finding
from index.health.records import Evidence, HealthState, Observation, SourceSeen
from index.health.volume_pattern import SPREAD_BEFORE
from index.health.wording import lasting_words, moment

NEWEST_RUNS = 5
LEAST_LATER = timedelta(minutes=30)
FROZEN = 0.002
"""False alarms of this rule for an outlet and month that are aimed at."""

LEAST_MEANWHILE = 8
MOST_LISTS = 12


def delays(facts: Facts) -> list[Finding]:
    """Find that articles are stored far later after publication than usual."""
    known = [(one.finished_at, one.delay_median_s) for one in facts.history.seen if one.delay_median_s is not None]
    newest = known[-NEWEST_RUNS:]
    if len(newest) < NEWEST_RUNS:
        return []
    ends = facts.usual_ends(newest[0][0], Cause.LATE)
    usual = sorted(value for at, value in known if ends - LOOKED_BACK <= at < ends)
    if len(usual) < 20:
        return []
    middle, high = median(usual), usual[int(0.95 * (len(usual) - 1))]
    value = median(delay for _, delay in newest)
    if facts.was(Cause.LATE):
        late = value > max(2 * middle, middle + LEAST_LATER.total_seconds())
    else:
        bound = max(3 * middle, 1.5 * high, middle + LEAST_LATER.total_seconds(), 2 * apart(facts))
        late = all(delay > bound for _, delay in newest)
    if not late:
        return []
    told, before = (lasting_words(timedelta(seconds=one)) for one in (value, middle))
    said = f"In the last {NEWEST_RUNS} runs new articles were stored {told} after publication; usually {before}."
    return [Finding(Cause.LATE, said, (Evidence("From publication to storage", told, before),), HealthState.DEGRADED)]


def lists(facts: Facts) -> list[Finding]:
    """Find lists that name nothing new for too long while the outlet brings news by others."""
    last = next((one for one in facts.history.newest() if one.sources), None)
    if last is None or len(last.sources) < 2:
        return []
    found = [
        one
        for source in last.sources[:MOST_LISTS]
        if source.outcome is None and (one := _frozen(facts, source)) is not None
    ]
    if not found:
        return []
    first = found[0]
    shown = tuple(part for one in found[:3] for part in one.evidence)
    return [Finding(first.cause, first.sentence, shown, first.state)]


def _frozen(facts: Facts, source: SourceSeen) -> Finding | None:
    """Say that a list stands still: nothing fresh of it for longer than its own share of the news allows."""
    quiet_new = 0
    fresh_at: datetime | None = None
    for one in facts.history.newest():
        seen = _source(one, source.url)
        if seen is None or seen.outcome is not None:
            continue
        if seen.fresh:
            fresh_at = one.finished_at
            break
        quiet_new += one.new
    if fresh_at is None or quiet_new < LEAST_MEANWHILE:
        return None
    fresh = total = 0
    for one in facts.history.between(fresh_at - LOOKED_BACK, fresh_at + timedelta(seconds=1)):
        seen = _source(one, source.url)
        if seen is not None and seen.outcome is None:
            fresh, total = fresh + seen.fresh, total + one.new
    if fresh < 20 or not total:
        return None
    expected = quiet_new * min(1.0, fresh / total)
    days = max(1.0, (facts.now - fresh_at) / timedelta(days=1))
    bound = 1e-3 if facts.was(Cause.FEED_FROZEN) else min(1e-4, max(1e-7, FROZEN * 2 / fresh))
    if none_at_all(expected, SPREAD_BEFORE / days + 1 / fresh) > bound:
        return None
    newest = "" if source.newest_at is None else f", its newest entry of {moment(source.newest_at)}"
    said = (
        f"{source.url} names nothing new since {moment(fresh_at)}{newest}; meanwhile "
        f"{counted(quiet_new, 'article')} came by other ways."
    )
    shown = (Evidence(source.url, f"nothing new since {moment(fresh_at)}", f"{fresh / total:.0%} of what is new"),)
    return Finding(Cause.FEED_FROZEN, said, shown, HealthState.DEGRADED)


def _source(one: Observation, url: str) -> SourceSeen | None:
    return next((source for source in one.sources if source.url == url), None)


def apart(facts: Facts) -> float:
    """Return the seconds between the newest runs: articles cannot be stored sooner than they are looked for."""
    ends = [one.finished_at for one in facts.history.seen[-NEWEST_RUNS - 1 :]]
    return median((later - sooner).total_seconds() for sooner, later in pairwise(ends)) if len(ends) > 1 else 0.0
