"""Outlets judged by what the store holds of them: after each run of one, and every minute for all by the clock.

Reads, has index.health judge, writes what changed. What is usual is never stored: it follows from the observations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.outlets import OutletSpec
from config.settings import Settings
from index.health.causes import GRAVITY, Cause
from index.health.history import LOOKED_BACK, Facts, History
from index.health.judging import Judged, judge, judge_by_time
from index.health.records import Health, HealthChange, HealthState, Observation
from index.health.silence import OURS
from index.job_records import KeptSchedule
from index.store.crawled import Crawled, last_crawls
from index.store.engine import Transaction
from index.store.health import get_health, list_health, observations_of, set_health
from index.store.runs import list_runs
from index.store.schedules import get_schedule, list_schedules

MOST_OBSERVATIONS = 4000
"""Of an outlet crawled every quarter of an hour these are six weeks."""

LOOKED_AT = LOOKED_BACK + timedelta(days=8)
OLD_BREAK = timedelta(days=7)
NEWEST_RUNS = 12
MOST_A_MINUTE = 50
"""Outlets that are judged in full by one call of `judge_silence`: the next call goes on."""

GRACE = timedelta(minutes=10)
SAID_ANEW = timedelta(hours=1)
BY_THE_CLOCK = frozenset({Cause.PAUSED, Cause.SWITCHED_OFF, Cause.NEVER_CRAWLED, Cause.NOT_CRAWLED})
"""Causes that time and operators bring and take away, without a run."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judgement as it was kept. `unfit` says why the newest run is not fresh news, "" where it is.

    `change` is None where state and cause are as before.
    """

    health: Health
    unfit: str = ""
    change: HealthChange | None = None


def judge_outlet(
    tx: Transaction, outlet: str, spec: OutletSpec | None, *, now: datetime, settings: Settings
) -> Judgement | None:
    """Judge one outlet by all that is held of it, and keep the judgement; None where nothing can be said yet.

    At most nine statements, whatever the history: called in the transaction that ends a run.
    """
    return _kept(tx, judge(facts_of(tx, outlet, spec, now=now, settings=settings)))


def facts_of(tx: Transaction, outlet: str, spec: OutletSpec | None, *, now: datetime, settings: Settings) -> Facts:
    """Read all that an outlet is judged by."""
    before = get_health(tx, outlet)
    known = last_crawls(tx, (outlet,)).get(outlet)
    facts = _facts(outlet, spec, known, get_schedule(tx, outlet), before, now=now, settings=settings)
    history = History.of(_observations(tx, outlet, before, now))
    return replace(facts, history=history, runs=tuple(list_runs(tx, outlet=outlet, kind="crawl", limit=NEWEST_RUNS)))


def judge_silence(
    tx: Transaction, specs: Mapping[str, OutletSpec], *, now: datetime, settings: Settings
) -> list[HealthChange]:
    """Judge what the clock and operators change: paused, resumed, never crawled, not crawled, crawls that were killed.

    Five statements for all outlets, and a few for each whose state can change; of these the rest waits for the next
    call when there are many. Returns the changes.
    """
    held = {health.outlet: health for health in list_health(tx)}
    kept = {one.outlet: one for one in list_schedules(tx)}
    crawled = last_crawls(tx)
    changes: list[HealthChange] = []
    left = MOST_A_MINUTE
    for name, spec in sorted(specs.items()):
        before = held.get(name)
        facts = _facts(name, spec, crawled.get(name), kept.get(name), before, now=now, settings=settings)
        found = judge_by_time(facts)
        if found is None and not _must_be_judged_anew(facts):
            continue
        if found is not None and not _says_more(found.health, before):
            continue
        if left <= 0:
            break
        left -= 1
        judgement = judge_outlet(tx, name, spec, now=now, settings=settings) if found is None else _kept(tx, found)
        if judgement is not None and judgement.change is not None:
            changes.append(judgement.change)
    return changes


def _facts(
    outlet: str,
    spec: OutletSpec | None,
    known: Crawled | None,
    schedule: KeptSchedule | None,
    before: Health | None,
    *,
    now: datetime,
    settings: Settings,
) -> Facts:
    enabled = spec.enabled if spec is not None else known is not None and known.enabled
    wanted = schedule.changed_at or schedule.plan.since if schedule is not None else None
    if wanted is None and enabled and known is not None:
        wanted = known.registered_at
    facts = Facts(
        outlet,
        now,
        History.of(()),
        before,
        zone=spec.zone or "UTC" if spec is not None else "UTC",
        enabled=enabled,
        schedule=schedule,
        runs=(known.newest,) if known is not None and known.newest is not None else (),
        rests_until=None if known is None else known.rests_until,
        crawl_wanted_since=wanted,
        stale_after=timedelta(hours=settings.coverage.stale_after_h),
        longest_run=timedelta(seconds=settings.crawler.max_run_s + settings.operating.over_time_s) + GRACE,
    )
    return facts if spec is None else replace(facts, expect=spec.expect, languages=tuple(spec.languages))


def _observations(tx: Transaction, outlet: str, before: Health | None, now: datetime) -> list[Observation]:
    """Read the newest weeks; of an outlet that has been unwell for longer also the weeks before, which say what was."""
    since = now - LOOKED_AT
    found = observations_of(tx, outlet, since=since, limit=MOST_OBSERVATIONS)
    unwell = before is not None and before.state not in (HealthState.HEALTHY, HealthState.PAUSED)
    if before is None or not unwell or now - before.since < OLD_BREAK:
        return found
    oldest = min([one.finished_at for one in found], default=now)
    earlier = before.since - LOOKED_AT
    if oldest > earlier:
        until = min(oldest, before.since + OLD_BREAK)
        found += observations_of(tx, outlet, since=earlier, until=until, limit=MOST_OBSERVATIONS)
    return found


def _must_be_judged_anew(facts: Facts) -> bool:
    """Say whether what is held was said by the clock and is over, or crawls died since without judging."""
    before = facts.before
    if before is not None and before.cause in BY_THE_CLOCK:
        return True
    newest = facts.runs[0] if facts.runs else None
    if newest is None or newest.state not in OURS or newest.finished_at is None:
        return False
    return before is None or newest.finished_at > before.judged_at


def _says_more(found: Health, before: Health | None) -> bool:
    """Say whether a judgement by the clock is to be kept: graver than what is held, or the same with newer words."""
    if before is None:
        return found.cause != Cause.SWITCHED_OFF  # one that never was on is nobody's concern
    if (found.state, found.cause) == (before.state, before.cause):
        return found.sentence != before.sentence and found.judged_at - before.judged_at >= SAID_ANEW
    return before.cause in BY_THE_CLOCK or GRAVITY[found.state] > GRAVITY[before.state]


def _kept(tx: Transaction, judged: Judged | None) -> Judgement | None:
    if judged is None:
        return None
    return Judgement(judged.health, judged.unfit, set_health(tx, judged.health))
