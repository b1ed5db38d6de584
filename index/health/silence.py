"""Is an outlet crawled as it should be: at rest, never, not lately, or by crawls that die on this side? Rules; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice, takewhile

from config.counting import counted
from index.health.causes import Cause
from index.health.history import Facts, Finding, Strength
from index.health.records import Evidence, HealthState
from index.health.wording import lasting_words, moment
from index.records import Run
from index.schedules import firings

MISSED = 3
"""Firings without a crawl after which nobody can call it a delay."""

MOST_COUNTED = 30
LEAST_LATE = timedelta(hours=1)
ON_ITS_WAY = timedelta(minutes=5)
FAILS_IN_A_ROW = 3
OURS = ("killed", "storage_full")
"""States of runs that ended on this side, whatever the outlet did."""


def at_rest(facts: Facts) -> list[Finding]:
    """Find that nobody wants it to be crawled facts.now: paused, or switched off."""
    kept = facts.schedule
    if kept is not None and kept.paused_at is not None:
        reason = f": {kept.paused_reason}" if kept.paused_reason else ", without a reason"
        said = f"Paused by {kept.changed_by or 'an operator'} since {moment(kept.paused_at)}{reason}."
        shown = (Evidence("Schedule", f"paused since {moment(kept.paused_at)}", kept.plan.when.text),)
        return [Finding(Cause.PAUSED, said, shown, HealthState.PAUSED)]
    if kept is None and not facts.enabled:
        return [Finding(Cause.SWITCHED_OFF, Cause.SWITCHED_OFF.meaning, (), HealthState.PAUSED)]
    return []


def silence(facts: Facts) -> list[Finding]:
    """Find that it was not crawled for longer than its schedule, or the settings, promise."""
    if facts.rests_until is not None and facts.rests_until > facts.now:
        return []
    if any(run.state == "running" and facts.now - run.started_at < facts.longest_run for run in facts.runs):
        return _still(facts)
    last = max((run.started_at for run in facts.runs), default=None)
    since = last or facts.crawl_wanted_since
    if since is None:
        return []
    plan = "no schedule" if facts.schedule is None else facts.schedule.plan.when.text
    beside = "and it has no schedule"
    if facts.schedule is not None:
        promised = max(since, facts.schedule.changed_at or since)
        missed = _missed(facts, promised)
        patience = LEAST_LATE if len(missed) >= MISSED else max(LEAST_LATE, facts.stale_after)
        if not missed or facts.now - missed[0] < patience:
            return []
        more = " or more" if len(missed) >= MOST_COUNTED else ""
        many = f"{counted(len(missed), 'firing')}{more} of it"
        beside = f"{many} brought no crawl ({plan})"
    elif facts.now - since < facts.stale_after:
        return []
    if last is None:
        said = f"Never crawled, {lasting_words(facts.now - since)} after it should have been: {beside}."
        return [Finding(Cause.NEVER_CRAWLED, said, (Evidence("Crawls", "none", plan),), HealthState.STALE)]
    said = f"Not crawled for {lasting_words(facts.now - since)}: {beside}."
    shown = (Evidence("Last crawl", moment(since), plan),)
    return [Finding(Cause.NOT_CRAWLED, said, shown, HealthState.STALE)]


def _still(facts: Facts) -> list[Finding]:
    """While a crawl goes on, what was said of silence stays: it may yet come to nothing."""
    if facts.before is None or not facts.was(Cause.NOT_CRAWLED, Cause.NEVER_CRAWLED):
        return []
    return [Finding(Cause(facts.before.cause), facts.before.sentence, facts.before.evidence, HealthState.STALE)]


def own_faults(facts: Facts) -> list[Finding]:
    """Find that its crawls die on this side, run after run."""
    ended = [run for run in facts.runs if run.state != "running"]
    failed = _ours_in_a_row(ended)
    least = 1 if facts.was(Cause.CRAWL_FAILS) else FAILS_IN_A_ROW
    if len(failed) < least:
        return []
    last = failed[0]
    said = f"Its last {counted(len(failed), 'crawl')} ended on this side ({last.state}): {last.reason}"
    shown = (Evidence("Crawls that ended on this side", f"{len(failed)} in a row", "none"),)
    return [Finding(Cause.CRAWL_FAILS, said, shown, HealthState.BROKEN, Strength.STRONG)]


def _ours_in_a_row(ended: Sequence[Run]) -> list[Run]:
    failed: list[Run] = []
    for run in ended:
        if run.state not in OURS:
            break
        failed.append(run)
    return failed


def _missed(facts: Facts, since: datetime) -> list[datetime]:
    """Return the planned instants since an instant, up to enough of them."""
    kept = facts.schedule
    if kept is None:
        return []
    # A firing begins late by its jitter, and waits for a worker: the newest may still be on its way.
    limit = facts.now - kept.plan.jitter - ON_ITS_WAY
    coming = islice(firings(kept.plan, since + timedelta(seconds=1)), MOST_COUNTED)
    return list(takewhile(lambda at: at <= limit, coming))
