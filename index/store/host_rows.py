"""Rows of the tables of hosts from values, and values from rows, for index/store/hosts.py and turns.py."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite

from config.outlets import fold_host
from index.host_records import Answered, Breaker, DelayRule, HostPaceInRun, HostState, HourOfUse, Rest, RobotsSeen
from index.store.columns import storable
from index.store.engine import Transaction

MOST_ROBOTS_CHARS = 512_000
"""Characters of a robots.txt that are kept to be shown; a crawl obeys all it reads."""

UNKNOWN: dict[str, Any] = {
    "delay_s": 0.0,
    "delay_why": DelayRule.FLOOR.value,
    "slow_s": 0.0,
    "robots_text": "",
    "robots_digest": "",
    "robots_trouble": "",
    "crawl_delay_s": 0.0,
    "robots_change": "",
    "rest_why": "",
    "breaker": Breaker.CLOSED.value,
    "breaker_why": "",
    "failures": 0,
    "answers": [],
    "tls_faults": 0,
    "tls_detail": "",
}
"""The columns of a host of which nothing is known yet."""


def put_row(tx: Transaction, table: Table, values: Mapping[str, Any], *, changed: Collection[str]) -> None:
    """Insert a row, or change these columns of the one there is."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(**values)
    again = {name: statement.excluded[name] for name in changed}
    tx.execute(statement.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=again))


def values_of_state(state: HostState) -> dict[str, Any]:
    """Return what a run may say of a host: neither its turn, nor what it asked for, nor how its robots.txt changed."""
    robots = state.robots
    values: dict[str, Any] = {
        "host": fold_host(state.host),
        "asked_at": state.asked_at,
        "delay_s": state.delay_s,
        "delay_why": state.delay_why.value,
        "slow_s": state.slow_s,
        "slowed_at": state.slowed_at,
        "breaker": state.breaker.value,
        "breaker_since": state.breaker_since,
        "breaker_why": storable(state.breaker_why)[:500],
        "failures": state.failures,
        "answers": [[one.at.isoformat(), one.status, round(one.seconds, 3)] for one in state.answers],
        "response_s": state.response_s,
        "tls_faults": state.tls_faults,
        "tls_at": state.tls_at,
        "tls_detail": storable(state.tls_detail)[:300],
    }
    if robots is not None:
        values |= {
            "robots_at": robots.at,
            "robots_status": robots.status,
            "robots_text": storable(robots.text)[:MOST_ROBOTS_CHARS],
            "robots_digest": robots.digest,
            "robots_trouble": storable(robots.trouble)[:500],
            "crawl_delay_s": robots.crawl_delay_s,
        }
    return values


def values_of_hour(host: str, hour: HourOfUse) -> dict[str, Any]:
    """Make the row of an hour."""
    return {
        "host": fold_host(host),
        "hour": hour.hour,
        "requests": hour.requests,
        "failures": hour.failures,
        "waited_s": hour.waited_s,
        "smallest_gap_s": hour.smallest_gap_s,
    }


def values_of_pace(run_id: int, pace: HostPaceInRun) -> dict[str, Any]:
    """Make the row of a host in a run."""
    return {
        "run_id": run_id,
        "host": fold_host(pace.host),
        "requests": pace.requests,
        "median_gap_s": pace.median_gap_s,
        "smallest_gap_s": pace.smallest_gap_s,
        "waited_s": pace.waited_s,
        "response_s": pace.response_s,
        "statuses": dict(pace.statuses),
    }


def state_of_row(row: Any) -> HostState:
    """Make the value of a row joined with the outlet of its host."""
    robots = None
    if row.robots_at is not None:
        robots = RobotsSeen(
            row.robots_at,
            row.robots_status,
            row.robots_text,
            row.robots_digest,
            row.crawl_delay_s,
            row.robots_trouble,
        )
    rest = None
    if row.rest_until is not None:
        rest = Rest(row.rest_until, row.rest_why, row.rest_asked_at or row.rest_until)
    return HostState(
        host=row.host,
        outlet=row.outlet or "",
        next_at=row.next_at,
        asked_at=row.asked_at,
        delay_s=row.delay_s,
        delay_why=DelayRule(row.delay_why),
        slow_s=row.slow_s,
        slowed_at=row.slowed_at,
        robots=robots,
        robots_changed_at=row.robots_changed_at,
        robots_change=row.robots_change,
        rest=rest,
        breaker=Breaker(row.breaker),
        breaker_since=row.breaker_since,
        breaker_why=row.breaker_why,
        failures=row.failures,
        answers=tuple(Answered(datetime.fromisoformat(at), status, seconds) for at, status, seconds in row.answers),
        response_s=row.response_s,
        tls_faults=row.tls_faults,
        tls_at=row.tls_at,
        tls_detail=row.tls_detail,
        run_id=row.run_id,
    )
