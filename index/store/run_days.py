"""Which outlets are watched, and their runs counted by day and state, for the grid of outlets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time

from sqlalchemy import exists, func, or_, select

from index.store.engine import Transaction
from index.store.tables import outlets, runs


def watched_outlets(tx: Transaction) -> list[tuple[str, str]]:
    """Return (name, title) of the outlets that are switched on or were ever run, by title; one statement."""
    was_run = exists().where(runs.c.outlet == outlets.c.name)
    query = select(outlets.c.name, outlets.c.title).where(or_(outlets.c.enabled, was_run))
    return sorted(((row.name, row.title) for row in tx.execute(query)), key=lambda one: (one[1].lower(), one[0]))


def runs_by_day(tx: Transaction, names: Collection[str], since: date) -> dict[tuple[str, date], dict[str, int]]:
    """Count the crawls of some outlets begun on or after a day in UTC, by outlet, day and state; one statement."""
    begun = runs.c.started_at
    in_utc = func.timezone("UTC", begun) if tx.dialect.name == "postgresql" else begun
    day = func.date(in_utc)
    query = (
        select(runs.c.outlet, day.label("on"), runs.c.state, func.count().label("number"))
        .where(begun >= datetime.combine(since, time(), UTC), runs.c.kind == "crawl")
        .where(runs.c.outlet.in_(sorted(names)))
        .group_by(runs.c.outlet, day, runs.c.state)
    )
    found: dict[tuple[str, date], dict[str, int]] = {}
    for row in tx.execute(query):
        on = row.on if isinstance(row.on, date) else date.fromisoformat(row.on)
        found.setdefault((row.outlet, on), {})[row.state] = int(row.number)
    return found
