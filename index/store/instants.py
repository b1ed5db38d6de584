"""What the database knows of time, for whoever checks a clock: its own clock, and the newest instant it was told."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select, text

from index.store.alert_tables import beats
from index.store.engine import Transaction
from index.store.tables import changes, runs


def server_instant(tx: Transaction) -> datetime | None:
    """Return the instant it is on the server, aware UTC; None for SQLite, which has the clock of this machine."""
    if tx.dialect.name != "postgresql":
        return None
    at = tx.execute(text("SELECT clock_timestamp()")).scalar_one()
    assert isinstance(at, datetime)
    return at.astimezone(UTC)


def newest_instant(tx: Transaction) -> datetime | None:
    """Return the latest instant that processes have written of late as their now: of runs, changes, signs of life."""
    newest_run = select(runs.c.beat_at).order_by(runs.c.id.desc()).limit(1)
    newest_change = select(changes.c.at).order_by(changes.c.position.desc()).limit(1)
    found = [tx.execute(query).scalar() for query in (newest_run, newest_change, select(func.max(beats.c.at)))]
    return max((at for at in found if at is not None), default=None)


def database_bytes(tx: Transaction) -> int:
    """Return how many bytes the database takes on its disk, without the log of what is not yet written back."""
    if tx.dialect.name == "postgresql":
        return int(tx.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    pages = int(tx.execute(text("PRAGMA page_count")).scalar_one())
    return pages * int(tx.execute(text("PRAGMA page_size")).scalar_one())
