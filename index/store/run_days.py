"""Runs counted by outlet, day and state, for the grid of outlets."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import func, select

from index.store.engine import Transaction
from index.store.tables import runs


def runs_by_day(tx: Transaction, since: date) -> dict[tuple[str, date], dict[str, int]]:
    """Count the crawls begun on or after a day in UTC, by outlet, day and state; one statement."""
    begun = runs.c.started_at
    in_utc = func.timezone("UTC", begun) if tx.dialect.name == "postgresql" else begun
    day = func.date(in_utc)
    query = (
        select(runs.c.outlet, day.label("on"), runs.c.state, func.count().label("number"))
        .where(begun >= datetime.combine(since, time(), UTC), runs.c.kind == "crawl")
        .group_by(runs.c.outlet, day, runs.c.state)
    )
    found: dict[tuple[str, date], dict[str, int]] = {}
    for row in tx.execute(query):
        on = row.on if isinstance(row.on, date) else date.fromisoformat(row.on)
        found.setdefault((row.outlet, on), {})[row.state] = int(row.number)
    return found
