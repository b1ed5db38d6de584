"""Schedules as they are kept: set, paused, resumed, removed, and how far their firings are dealt with."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from config.when import parse_when
from index.errors import NotFoundError
from index.job_records import KeptSchedule
from index.schedules import Schedule, parse_quiet, plan_told
from index.store.audit import note_act
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.tables import articles, schedules


def list_schedules(tx: Transaction) -> list[KeptSchedule]:
    """Return all schedules, paused ones too, by outlet."""
    return [_kept(row) for row in tx.execute(select(schedules).order_by(schedules.c.outlet))]


def get_schedule(tx: Transaction, outlet: str) -> KeptSchedule | None:
    """Return the schedule of an outlet."""
    row = tx.execute(select(schedules).where(schedules.c.outlet == outlet)).first()
    return None if row is None else _kept(row)


def set_schedule(tx: Transaction, plan: Schedule, *, origin: str, by: str, now: datetime) -> KeptSchedule:
    """Put a schedule in the place of the outlet's own, from now on; nothing planned before is made up for.

    One that is paused stays paused. What an operator sets is noted in the log of changes.
    """
    before = get_schedule(tx, plan.outlet)
    if origin != "file":
        detail = f"before: {plan_told(before.plan) if before else 'none'}; now: {plan_told(plan)}"
        note_act(tx, by=by, act="set the schedule of", subject=plan.outlet, detail=detail, now=now)
    values = {
        "origin": origin,
        "when_text": plan.when.text,
        "zone": plan.zone,
        "jitter_s": round(plan.jitter.total_seconds()),
        "quiet": [one.text for one in plan.quiet],
        "since": plan.since,
        "planned_until": now,
        "wait_s": None,
        "changed_at": now,
        "changed_by": storable(by),
    }
    row = tx.execute(
        update(schedules).where(schedules.c.outlet == plan.outlet).values(**values).returning(schedules)
    ).first()
    if row is None:
        made = insert(schedules).values(outlet=plan.outlet, paused_reason="", **values).returning(schedules)
        row = tx.execute(made).one()
    return _kept(row)


def pause_schedule(tx: Transaction, outlet: str, *, reason: str, by: str, now: datetime) -> KeptSchedule:
    """Let a schedule make no jobs until it is resumed. Raises NotFoundError where there is none."""
    kept = _changed(tx, outlet, by=by, now=now, paused_at=now, paused_reason=storable(reason))
    note_act(tx, by=by, act="paused the schedule of", subject=outlet, detail=reason, now=now)
    return kept


def resume_schedule(tx: Transaction, outlet: str, *, by: str, now: datetime) -> KeptSchedule:
    """Let a schedule go on from now; firings of the pause are left out. One that is not paused is left as it is.

    Raises NotFoundError where there is none.
    """
    before = get_schedule(tx, outlet)
    if before is not None and before.paused_at is None:
        return before
    kept = _changed(tx, outlet, by=by, now=now, paused_at=None, paused_reason="", planned_until=now)
    was = f"paused before: {before.paused_reason}" if before is not None else ""
    note_act(tx, by=by, act="resumed the schedule of", subject=outlet, detail=was, now=now)
    return kept


def remove_schedule(tx: Transaction, outlet: str, *, by: str, now: datetime) -> None:
    """Forget the schedule of an outlet. Raises NotFoundError where there is none."""
    before = get_schedule(tx, outlet)
    if before is None:
        raise _no_schedule(outlet)
    tx.execute(delete(schedules).where(schedules.c.outlet == outlet))
    detail = f"before: {plan_told(before.plan)}"
    note_act(tx, by=by, act="removed the schedule of", subject=outlet, detail=detail, now=now)


def note_dealt_with(tx: Transaction, kept: KeptSchedule, planned: datetime, *, wait: timedelta | None = None) -> bool:
    """Note that the firings up to `planned` are dealt with; `wait` is the interval of an adaptive schedule from there.

    False, and nothing is written, where the schedule has been changed, paused or noted by another since it was read.
    """
    values: dict[str, Any] = {"planned_until": planned}
    if wait is not None:
        values |= {"wait_s": round(wait.total_seconds()), "since": planned}
    query = update(schedules).where(
        schedules.c.outlet == kept.outlet,
        schedules.c.planned_until == kept.planned_until,
        schedules.c.changed_at == kept.changed_at,
        schedules.c.paused_at.is_(None),
    )
    return bool(tx.execute(query.values(**values)).rowcount)


def note_wait(tx: Transaction, kept: KeptSchedule, wait: timedelta) -> None:
    """Keep the first interval of an adaptive schedule, unless it was changed meanwhile."""
    query = update(schedules).where(schedules.c.outlet == kept.outlet, schedules.c.changed_at == kept.changed_at)
    tx.execute(query.where(schedules.c.wait_s.is_(None)).values(wait_s=round(wait.total_seconds())))


def articles_since(tx: Transaction, outlet: str, since: datetime, now: datetime) -> int:
    """Count the articles that an outlet dated between two instants."""
    query = select(func.count()).select_from(articles)
    query = query.where(articles.c.outlet == outlet, articles.c.sort_at > since, articles.c.sort_at <= now)
    return int(tx.execute(query).scalar_one())


def _changed(tx: Transaction, outlet: str, *, by: str, now: datetime, **values: Any) -> KeptSchedule:
    query = update(schedules).where(schedules.c.outlet == outlet)
    row = tx.execute(query.values(changed_at=now, changed_by=storable(by), **values).returning(schedules)).first()
    if row is None:
        raise _no_schedule(outlet)
    return _kept(row)


def _no_schedule(outlet: str) -> NotFoundError:
    return NotFoundError(f"{outlet}: has no schedule; `watchfloor schedule set {outlet} WHEN` makes one.")


def _kept(row: Row[Any]) -> KeptSchedule:
    return KeptSchedule(
        plan=Schedule(
            outlet=row.outlet,
            when=parse_when(row.when_text),
            zone=row.zone,
            jitter=timedelta(seconds=row.jitter_s),
            quiet=tuple(parse_quiet(text) for text in row.quiet),
            since=row.since,
            wait=None if row.wait_s is None else timedelta(seconds=row.wait_s),
        ),
        origin=row.origin,
        planned_until=row.planned_until,
        paused_at=row.paused_at,
        paused_reason=row.paused_reason,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
