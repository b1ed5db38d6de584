"""Is an outlet crawled as it should be: at rest, never, not lately, or by crawls that die on this side? Rules; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice

from config.counting import counted
from index.health.causes import Cause
from index.health.history import Facts, Finding, Strength
from index.health.records import Evidence, HealthState
from index.health.wording import lasting_words, moment
from index.records import Run
from index.schedules import firings

MISSED = 3
"""Firings without a crawl after which nobody can call it a delay."""

LEAST_LATE = timedelta(hours=1)
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
    if any(run.state == "running" for run in facts.runs) or (
        facts.rests_until is not None and facts.rests_until > facts.now
    ):
        return []
    last = max((run.started_at for run in facts.runs), default=None)
    if last is None and len(facts.history):
        last = facts.history.seen[-1].started_at
    since = last or facts.crawl_wanted_since
    if since is None:
        return []
    missed = _missed(facts, since)
    if facts.schedule is not None:
        if missed < MISSED and (missed == 0 or facts.now - since < facts.stale_after):
            return []
        if facts.now - since < LEAST_LATE:
            return []
    elif facts.now - since < facts.stale_after:
        return []
    plan = "no schedule" if facts.schedule is None else facts.schedule.plan.when.text
    many = f"{missed}" if missed < MISSED * 10 else f"{missed} or more"
    beside = (
        f"; {many} of its firings brought no crawl ({plan})"
        if facts.schedule is not None
        else ", and it has no schedule"
    )
    if last is None:
        said = f"Never crawled, {lasting_words(facts.now - since)} after it should have been{beside}."
        return [Finding(Cause.NEVER_CRAWLED, said, (Evidence("Crawls", "none", plan),), HealthState.STALE)]
    said = f"Not crawled for {lasting_words(facts.now - since)}{beside}."
    shown = (Evidence("Last crawl", moment(since), plan),)
    return [Finding(Cause.NOT_CRAWLED, said, shown, HealthState.STALE)]


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


def _missed(facts: Facts, since: datetime) -> int:
    """Count the planned instants since a crawl began, up to enough of them."""
    kept = facts.schedule
    if kept is None:
        return 0
    # A firing begins late by its jitter, and waits for a worker: the newest may still be on its way.
    slack = kept.plan.jitter + timedelta(minutes=5)
    begins = max(since + timedelta(seconds=1), kept.changed_at or since)
    coming = islice(firings(kept.plan, begins), MISSED * 10)
    return sum(1 for _ in _until(coming, facts.now - slack))


def _until(coming: islice[datetime], limit: datetime) -> list[datetime]:
    come = []
    for at in coming:
        if at > limit:
            break
        come.append(at)
    return come
