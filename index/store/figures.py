"""The figures of an archive for a monitoring: a fixed number of statements, none of which reads rows that only grow.

What has ended is read from totals that are kept beside it; what waits or runs is counted by index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from index.alerts.records import Beat
from index.job_records import JobState
from index.records import Coverage, LeadState
from index.store.alert_facts import unread_since
from index.store.alert_tables import IS_RUNNING, alerts
from index.store.alerts import count_unsent
from index.store.beats import list_beats
from index.store.changes import last_change
from index.store.engine import Transaction
from index.store.health_tables import outlet_health
from index.store.outlets import coverage
from index.store.tables import articles, jobs, leads, outlets, runs
from index.store.totals import JOBS, OUTCOMES, RUNS, all_totals


@dataclass(frozen=True, slots=True)
class Figures:
    """What a monitoring is told of an archive at one instant.

    `ended` counts over all time, by family (outcome, run, job) and label. `due_since` is when the job that has waited
    longest could have begun; `lag` counts the changes the index lacks, the oldest of which was made at `lag_since`.
    """

    outlets: tuple[Coverage, ...] = ()
    health: Mapping[str, int] = field(default_factory=dict)
    ended: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    runs_running: int = 0
    jobs_waiting: int = 0
    jobs_leased: int = 0
    jobs_due: int = 0
    due_since: datetime | None = None
    leads_waiting: int = 0
    articles: int = 0
    lag: int | None = None
    lag_since: datetime | None = None
    alerts_open: int = 0
    alerts_unsent: int = 0
    alerts_refused: int = 0
    beats: tuple[Beat, ...] = ()


def gather_figures(tx: Transaction, *, position: int | None, stale_after_h: float, now: datetime) -> Figures:
    """Return the figures of now. `position` is how far the index has read the change log, None where nobody knows."""
    states = select(outlet_health.c.state, func.count()).group_by(outlet_health.c.state)
    totals = all_totals(tx)
    due = (jobs.c.state == JobState.WAITING.value, jobs.c.not_before <= now)
    waiting, leased, ready, due_since = tx.execute(
        select(
            select(func.count()).where(jobs.c.state == JobState.WAITING.value).scalar_subquery(),
            select(func.count()).where(jobs.c.state == JobState.LEASED.value).scalar_subquery(),
            select(func.count()).select_from(jobs).where(*due).scalar_subquery(),
            select(func.min(jobs.c.not_before)).where(*due).scalar_subquery(),
        )
    ).one()
    unsent, refused = count_unsent(tx)
    still_open = select(func.count()).select_from(alerts)
    still_open = still_open.where(alerts.c.ended_at.is_(None), alerts.c.settled_at.is_not(None))
    return Figures(
        outlets=tuple(coverage(tx, now=now, stale_after_h=stale_after_h)),
        health={state: int(number) for state, number in tx.execute(states).all()},
        ended={family: totals.get(family, {}) for family in (OUTCOMES, RUNS, JOBS)},
        runs_running=int(tx.execute(select(func.count()).select_from(runs).where(IS_RUNNING)).scalar_one()),
        jobs_waiting=waiting,
        jobs_leased=leased,
        jobs_due=ready,
        due_since=due_since,
        leads_waiting=_leads_waiting(tx),
        articles=int(tx.execute(select(func.count()).select_from(articles)).scalar_one()),
        lag=None if position is None else max(0, last_change(tx) - position),
        lag_since=None if position is None else unread_since(tx, position),
        alerts_open=int(tx.execute(still_open).scalar_one()),
        alerts_unsent=unsent,
        alerts_refused=refused,
        beats=tuple(list_beats(tx)),
    )


def _leads_waiting(tx: Transaction) -> int:
    """Count the leads that wait, outlet by outlet, as their index has them: those done with are not read."""
    own = select(func.count()).where(leads.c.outlet == outlets.c.name, leads.c.state == LeadState.WAITING.value)
    return int(tx.execute(select(func.coalesce(func.sum(own.scalar_subquery()), 0)).select_from(outlets)).scalar_one())
