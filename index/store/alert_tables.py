"""The tables of what an operator is told: alerts, what was told of them, signs of life, and counts that only grow."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from index.store.columns import UtcDateTime
from index.store.tables import Id, jobs, metadata, runs

alerts = Table(
    "alerts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),  # NULL: it may still pass unsaid
    Column("cleared_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Index("ix_alerts_ended_at", "ended_at"),
    Index("ix_alerts_key", "key"),
)

# What is to be told of an alert, by channel: told once, tried again until a server takes it.
alert_tellings = Table(
    "alert_tellings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("alert_id", Id, ForeignKey("alerts.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("said", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    Column("dropped_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("next_try_at", UtcDateTime),  # NULL once it is told or dropped
    Column("last_error", Text, nullable=False),
    UniqueConstraint("alert_id", "channel", "said"),
    Index("ix_alert_tellings_next_try_at", "next_try_at"),
    Index("ix_alert_tellings_channel_told_at", "channel", "told_at"),
)

beats = Table(
    "beats",
    metadata,
    Column("part", Text, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("pid", Integer, primary_key=True, autoincrement=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # it was stopped in order
    Column("free_mb", BigInteger),
    Column("least_mb", BigInteger),
    Column("position", Id),  # of an indexer: how far it has read the change log
)

# Counts over all time, kept beside the rows they count, which may be many and are thrown away one day.
totals = Table(
    "totals",
    metadata,
    Column("family", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)

# What came of an outlet's jobs after one of them.
Index("ix_jobs_outlet_id", jobs.c.outlet, jobs.c.id)

IS_RUNNING = runs.c.finished_at.is_(None)
Index("ix_runs_running", runs.c.outlet, sqlite_where=IS_RUNNING, postgresql_where=IS_RUNNING)
