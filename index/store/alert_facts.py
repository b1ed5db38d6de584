"""What troubles are read from, in a fixed number of statements: health, jobs given up, signs of life, the index."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select

from index.alerts.records import Beat, Facts, OutletFacts, Part
from index.health.records import HealthState
from index.job_records import Job, JobState
from index.store.beats import list_beats
from index.store.changes import last_change
from index.store.engine import Transaction
from index.store.health import list_health
from index.store.health_tables import health_changes, outlet_health
from index.store.jobs import job_of_row
from index.store.runs import SUCCESSFUL
from index.store.tables import changes, jobs, runs, schedules

MOST_CHANGES = 10_000
MOST_GIVEN_UP = 1_000
GIVEN_UP_WITHIN = timedelta(days=30)
"""Well beyond the time for which a job given up is news, which ends its alert without a word."""


def gather_facts(tx: Transaction, *, states: Collection[str], since: datetime, now: datetime) -> Facts:
    """Return what troubles are read from. `states` of health are those that are told; `since`: how long back to count
    the times an outlet came into one of them.
    """
    fares = {one.outlet: one for one in list_health(tx)}
    given_up = _given_up(tx, now)
    asked = _asked_last(tx)
    entries = _entries(tx, states, since)
    outlets = tuple(
        OutletFacts(name, fares.get(name), asked.get(name), given_up.get(name), tuple(entries.get(name, ())))
        for name in sorted({*fares, *given_up})
    )
    beats = tuple(list_beats(tx))
    in_force = select(func.count()).select_from(schedules).where(schedules.c.paused_at.is_(None))
    due = select(func.count(), func.min(jobs.c.not_before))
    due = due.where(jobs.c.state == JobState.WAITING.value, jobs.c.not_before <= now)
    waiting, due_since = tx.execute(due).one()
    unread, unread_since = _unread(tx, beats)
    return Facts(outlets, beats, int(tx.execute(in_force).scalar_one()), waiting, due_since, unread, unread_since)


def unread_since(tx: Transaction, position: int) -> datetime | None:
    """Return the instant of the first change behind a position of the log, None where there is none."""
    query = select(changes.c.at).where(changes.c.position > position).order_by(changes.c.position).limit(1)
    return tx.execute(query).scalar()


def _unread(tx: Transaction, beats: Collection[Beat]) -> tuple[int, datetime | None]:
    """Changes that the indexer has not read; none are missed while nobody wants one, for then others bring it up."""
    indexers = [one for one in beats if one.part is Part.INDEXER]  # the newest first
    if not indexers or indexers[0].ended_at is not None:
        return 0, None
    position = next((one.position for one in indexers if one.position is not None), 0)
    return max(0, last_change(tx) - position), unread_since(tx, position)


def _given_up(tx: Transaction, now: datetime) -> dict[str, Job]:
    """The newest job of an outlet that was given up of late, where no later one, nor a crawl by hand, ended well."""
    later = jobs.alias("later")
    crawled = exists().where(
        runs.c.outlet == jobs.c.outlet,
        runs.c.started_at > jobs.c.ended_at,
        runs.c.kind == "crawl",
        runs.c.state.in_(SUCCESSFUL),
    )
    well = exists().where(later.c.outlet == jobs.c.outlet, later.c.id > jobs.c.id, later.c.state == JobState.DONE.value)
    failed = select(jobs).where(jobs.c.state == JobState.FAILED.value, jobs.c.not_before >= now - GIVEN_UP_WITHIN)
    failed = failed.where(~well, ~crawled)
    rows = tx.execute(failed.order_by(jobs.c.not_before.desc(), jobs.c.id.desc()).limit(MOST_GIVEN_UP))
    found: dict[str, Job] = {}
    for row in rows:
        found.setdefault(row.outlet, job_of_row(row))
    return found


def _asked_last(tx: Transaction) -> dict[str, datetime]:
    """When each judged outlet was last crawled to an end, by look-ups from its newest run back."""
    own = select(runs.c.finished_at).where(runs.c.outlet == outlet_health.c.outlet, runs.c.kind == "crawl")
    newest = own.where(runs.c.finished_at.is_not(None)).order_by(runs.c.started_at.desc()).limit(1).scalar_subquery()
    rows = tx.execute(select(outlet_health.c.outlet, newest.label("at")))
    return {row.outlet: row.at for row in rows if row.at is not None}


def _entries(tx: Transaction, states: Collection[str], since: datetime) -> dict[str, list[datetime]]:
    """The instants at which outlets that were well, or not judged yet, came into a state that is told.

    One that is better for a while, and not well, has not come back; nor has one broken that was paused before.
    """
    query = (
        select(health_changes.c.outlet, health_changes.c.at, health_changes.c.state, health_changes.c.before_state)
        .where(health_changes.c.at >= since)
        .order_by(health_changes.c.id.desc())
        .limit(MOST_CHANGES)
    )
    found: dict[str, list[datetime]] = {}
    ready: dict[str, bool] = {}
    for row in reversed(tx.execute(query).all()):
        usable = row.before_state not in (*states, HealthState.PAUSED.value)
        was_ready = ready.get(row.outlet, usable)
        if row.state in states and was_ready and row.before_state is not None:
            found.setdefault(row.outlet, []).append(row.at)
        well = row.state == HealthState.HEALTHY.value
        resting = row.state in states or row.state == HealthState.PAUSED.value
        ready[row.outlet] = well or (was_ready and not resting)
    return found
