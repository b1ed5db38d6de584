"""When outlets were crawled last, and since when they are known: what tells silence. A fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from index.records import Run
from index.store.engine import Transaction
from index.store.runs import run_of_row
from index.store.tables import outlet_hosts, outlets, runs


@dataclass(frozen=True, slots=True)
class Crawled:
    """An outlet's newest crawl, None where there was none; `rests_until` is what a host of it asked for last."""

    outlet: str
    registered_at: datetime
    enabled: bool
    newest: Run | None = None
    rests_until: datetime | None = None


def last_crawls(tx: Transaction, names: Collection[str] = ()) -> dict[str, Crawled]:
    """Return the newest crawl of all outlets, or of those named, by outlet; three statements."""
    newest = (
        select(runs.c.id)
        .where(runs.c.outlet == outlets.c.name, runs.c.kind == "crawl")
        .order_by(runs.c.started_at.desc(), runs.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(outlets.c.name, outlets.c.registered_at, outlets.c.enabled, newest.label("newest"))
    resting = select(outlet_hosts.c.outlet, func.max(outlet_hosts.c.rest_until).label("until"))
    resting = resting.where(outlet_hosts.c.rest_until.is_not(None)).group_by(outlet_hosts.c.outlet)
    if names:
        query = query.where(outlets.c.name.in_(sorted(names)))
        resting = resting.where(outlet_hosts.c.outlet.in_(sorted(names)))
    rows = tx.execute(query).all()
    ids = [row.newest for row in rows if row.newest is not None]
    crawls = {row.id: run_of_row(row) for row in tx.execute(select(runs).where(runs.c.id.in_(ids)))}
    until = {row.outlet: row.until for row in tx.execute(resting)}
    return {
        row.name: Crawled(row.name, row.registered_at, row.enabled, crawls.get(row.newest), until.get(row.name))
        for row in rows
    }
