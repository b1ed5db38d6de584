"""The one clock all processes share: whoever is about to ask a host takes its turn here, in its own transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, func, literal, select

from config.outlets import fold_host
from index.host_records import Rest
from index.store.columns import storable
from index.store.engine import Transaction
from index.store.host_rows import UNKNOWN, put_row
from index.store.host_tables import hosts

LONGEST_GAP = timedelta(hours=2)
"""No setting allows a gap as long as this."""


def take_turn(tx: Transaction, host: str, *, gap_s: float, now: datetime | None = None) -> float:
    """Take the turn to ask a host and return 0; where another process had it less than a gap ago, the seconds to wait.

    A gap is what the taker keeps, or what robots.txt was found to ask for, whichever is longer. Without `now` the
    clock is the database's, where it has one: machines need not agree on theirs. Needs a write transaction.
    """
    folded = fold_host(host)
    row, clock = _turn_and_clock(tx, folded, now)
    if row.next_at is not None and row.next_at > clock and not _is_of_another_clock(row, clock):
        return float((row.next_at - clock).total_seconds())
    gap = max(gap_s, row.crawl_delay_s or 0.0)
    put_row(tx, hosts, {**UNKNOWN, "host": folded, "next_at": clock + timedelta(seconds=gap)}, changed=("next_at",))
    return 0.0


def _is_of_another_clock(row: Any, clock: datetime) -> bool:
    """Say whether a turn is further off than any gap and nobody asked for that: the clock was set back meanwhile."""
    wished = row.rest_until is not None and row.rest_until >= row.next_at
    return not wished and row.next_at - clock > LONGEST_GAP


def hold_host(tx: Transaction, host: str, rest: Rest) -> None:
    """Let no process ask a host before the instant it named; the latest one counts."""
    folded = fold_host(host)
    row = tx.execute(select(hosts.c.next_at, hosts.c.rest_until).where(hosts.c.host == folded)).first()
    latest = rest.until if row is None or row.next_at is None else max(row.next_at, rest.until)
    values: dict[str, Any] = {"next_at": latest}
    if row is None or row.rest_until is None or row.rest_until <= rest.until:
        values |= {"rest_until": rest.until, "rest_why": storable(rest.why)[:300], "rest_asked_at": rest.asked_at}
    put_row(tx, hosts, {**UNKNOWN, "host": folded, **values}, changed=tuple(values))


def _turn_and_clock(tx: Transaction, folded: str, now: datetime | None) -> tuple[Any, datetime]:
    """Return what is known of the turn, its fields None where nothing is, and what time it is; in one statement."""
    asks_server = now is None and tx.dialect.name == "postgresql"
    clock = func.clock_timestamp(type_=DateTime(timezone=True)) if asks_server else literal(None, DateTime())
    always = select(literal(1).label("one")).subquery()
    query = select(clock.label("clock"), hosts.c.next_at, hosts.c.rest_until, hosts.c.crawl_delay_s)
    row = tx.execute(query.select_from(always.outerjoin(hosts, hosts.c.host == folded))).one()
    return row, row.clock.astimezone(UTC) if asks_server else now or datetime.now(UTC)
