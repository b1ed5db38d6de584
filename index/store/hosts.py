"""Hosts: what is in force for each, how it was asked, how its robots.txt changed. Whose turn it is: turns.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, func, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from config.outlets import fold_host
from index.host_records import Breaker, HostNotes, HostPaceInRun, HostState, HourOfUse, RobotsChange
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.host_rows import (
    MOST_ROBOTS_CHARS,
    UNKNOWN,
    put_row,
    state_of_row,
    values_of_hour,
    values_of_pace,
    values_of_state,
)
from index.store.host_tables import host_hours, hosts, robots_changes, run_hosts
from index.store.tables import outlet_hosts

HOURS_KEPT = timedelta(days=35)
CHANGES_KEPT = 20
"""Changes of one robots.txt that are kept."""


def note_hosts(tx: Transaction, notes: Iterable[HostNotes], *, run_id: int | None, now: datetime) -> None:
    """Keep what a run has to say of the hosts it asked: a statement for each of them, and three for all.

    `run_id` is None for a look-up, whose run is kept nowhere.

    The turn is left as it is, and so is what a host asked for in Retry-After: both are written when they happen.
    """
    said = list(notes)
    if not said:
        return
    for one in said:
        said_of_it = values_of_state(one.state) | ({} if run_id is None else {"run_id": run_id})
        put_row(tx, hosts, {**UNKNOWN, **said_of_it}, changed=[name for name in said_of_it if name != "host"])
    hours = [values_of_hour(one.state.host, hour) for one in said for hour in one.hours]
    if hours:
        _add_hours(tx, hours)
    if run_id is not None:
        _put_all(tx, run_hosts, [values_of_pace(run_id, one.pace) for one in said])
    tx.execute(delete(host_hours).where(host_hours.c.hour < now - HOURS_KEPT))


def note_robots_change(tx: Transaction, change: RobotsChange) -> None:
    """Keep that a robots.txt is another than before; the newest twenty changes of a host are kept."""
    folded = fold_host(change.host)
    row = {
        "host": folded,
        "at": change.at,
        "digest": change.digest,
        "text": storable(change.text)[:MOST_ROBOTS_CHARS],
        "removed": [storable(line) for line in change.removed],
        "added": [storable(line) for line in change.added],
    }
    tx.execute(robots_changes.insert().values(**row))
    newest = select(robots_changes.c.id).where(robots_changes.c.host == folded)
    kept = newest.order_by(robots_changes.c.id.desc()).limit(CHANGES_KEPT)
    tx.execute(
        delete(robots_changes).where(
            robots_changes.c.host == folded, robots_changes.c.id.not_in(kept.scalar_subquery())
        )
    )
    told = update(hosts).where(hosts.c.host == folded)
    tx.execute(told.values(robots_changed_at=change.at, robots_change=storable(change.in_words)[:1000]))


def end_breakers(tx: Transaction, run_id: int) -> None:
    """Let the hosts that a run left alone be tried again: with the run, its reason to leave them alone ends."""
    query = update(hosts).where(hosts.c.run_id == run_id, hosts.c.breaker == Breaker.OPEN.value)
    tx.execute(query.values(breaker=Breaker.HALF_OPEN.value))


def get_host(tx: Transaction, host: str) -> HostState | None:
    """Return what is known of a host, or None."""
    return states_of(tx, [host]).get(fold_host(host))


def states_of(tx: Transaction, named: Collection[str]) -> dict[str, HostState]:
    """Return what is known of these hosts, by folded name."""
    folded = sorted({fold_host(host) for host in named})
    query = select(hosts, outlet_hosts.c.outlet).outerjoin(outlet_hosts, outlet_hosts.c.host == hosts.c.host)
    return {row.host: state_of_row(row) for row in tx.execute(query.where(hosts.c.host.in_(folded)))}


@dataclass(frozen=True, slots=True)
class ListedHost:
    """A host with how often it was asked today (UTC) and within seven days."""

    state: HostState
    today: int
    week: int


def list_hosts(
    tx: Transaction, *, now: datetime, outlet: str | None = None, after: str = "", limit: int = 200
) -> list[ListedHost]:
    """Return hosts by name, those behind `after`, with what was asked of them; three statements.

    The texts of their robots.txt, which may be long, are left out.
    """
    columns = [column for column in hosts.c if column is not hosts.c.robots_text]
    query = select(*columns, literal("").label("robots_text"), outlet_hosts.c.outlet)
    query = query.select_from(hosts).outerjoin(outlet_hosts, outlet_hosts.c.host == hosts.c.host)
    if outlet is not None:
        query = query.where(outlet_hosts.c.outlet == outlet)
    rows = tx.execute(query.where(hosts.c.host > after).order_by(hosts.c.host).limit(limit)).all()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day, week = _sums(tx, today), _sums(tx, now - timedelta(days=7))
    return [ListedHost(state_of_row(row), day.get(row.host, 0), week.get(row.host, 0)) for row in rows]


def used_since(tx: Transaction, host: str, *, now: datetime) -> ListedHost | None:
    """Return one host with how often it was asked today and within seven days; None where nothing is known of it."""
    state = get_host(tx, host)
    if state is None:
        return None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = hours_of(tx, host, since=min(today, now - timedelta(days=7)))
    of_today = sum(hour.requests for hour in hours if hour.hour >= today)
    return ListedHost(state, of_today, sum(hour.requests for hour in hours))


def hours_of(tx: Transaction, host: str, *, since: datetime) -> list[HourOfUse]:
    """Return how a host was asked by hour since an instant, oldest first; hours without a request are left out."""
    query = select(host_hours).where(host_hours.c.host == fold_host(host), host_hours.c.hour >= since)
    return [
        HourOfUse(row.hour, row.requests, row.failures, row.waited_s, row.smallest_gap_s)
        for row in tx.execute(query.order_by(host_hours.c.hour))
    ]


def robots_changes_of(tx: Transaction, host: str, *, limit: int = CHANGES_KEPT) -> list[RobotsChange]:
    """Return how the robots.txt of a host changed, newest first."""
    query = select(robots_changes).where(robots_changes.c.host == fold_host(host))
    return [
        RobotsChange(row.host, row.at, row.digest, row.text, tuple(row.removed), tuple(row.added))
        for row in tx.execute(query.order_by(robots_changes.c.id.desc()).limit(limit))
    ]


def pace_of_run(tx: Transaction, run_id: int) -> list[HostPaceInRun]:
    """Return how a run asked its hosts, those asked most first."""
    query = select(run_hosts).where(run_hosts.c.run_id == run_id)
    return [
        HostPaceInRun(
            row.host,
            row.requests,
            row.median_gap_s,
            row.smallest_gap_s,
            row.waited_s,
            row.response_s,
            dict(row.statuses),
        )
        for row in tx.execute(query.order_by(run_hosts.c.requests.desc(), run_hosts.c.host))
    ]


def requests_of_runs(tx: Transaction, run_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Return by run how many requests each host got; runs of which that is not known are left out."""
    found: dict[int, dict[str, int]] = {}
    wanted = sorted(run_ids)
    for start in range(0, len(wanted), 500):
        query = select(run_hosts.c.run_id, run_hosts.c.host, run_hosts.c.requests)
        for row in tx.execute(query.where(run_hosts.c.run_id.in_(wanted[start : start + 500]))):
            found.setdefault(row.run_id, {})[row.host] = row.requests
    return found


def _put_all(tx: Transaction, table: Table, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    keys = list(table.primary_key.columns)
    again = {column.name: statement.excluded[column.name] for column in table.columns if not column.primary_key}
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_=again), rows)


def _add_hours(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Add to the hours: counts are summed, of gaps the smallest stays."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(host_hours)
    new, held = statement.excluded, host_hours.c
    smaller = func.least if tx.dialect.name == "postgresql" else func.min
    again = {name: held[name] + new[name] for name in ("requests", "failures", "waited_s")}
    gap = smaller(
        func.coalesce(held.smallest_gap_s, new.smallest_gap_s), func.coalesce(new.smallest_gap_s, held.smallest_gap_s)
    )
    keys = list(host_hours.primary_key.columns)
    tx.execute(statement.on_conflict_do_update(index_elements=keys, set_={**again, "smallest_gap_s": gap}), rows)


def _sums(tx: Transaction, since: datetime) -> dict[str, int]:
    query = select(host_hours.c.host, func.sum(host_hours.c.requests)).where(host_hours.c.hour >= since)
    return {host: int(total) for host, total in tx.execute(query.group_by(host_hours.c.host))}
