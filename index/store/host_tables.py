"""The tables of hosts: what is in force, how they were asked by hour and by run, and how their robots.txt changed."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, Table, Text

from index.store.columns import Json, UtcDateTime
from index.store.tables import Id, metadata

hosts = Table(
    "hosts",
    metadata,
    Column("host", Text, primary_key=True),  # folded
    Column("next_at", UtcDateTime),  # before it no process may ask; whoever asks moves it on
    Column("asked_at", UtcDateTime),
    Column("delay_s", Float, nullable=False),
    Column("delay_why", Text, nullable=False),
    Column("slow_s", Float, nullable=False),
    Column("slowed_at", UtcDateTime),
    Column("robots_at", UtcDateTime),
    Column("robots_status", Integer),
    Column("robots_text", Text, nullable=False),
    Column("robots_digest", Text, nullable=False),
    Column("robots_trouble", Text, nullable=False),
    Column("crawl_delay_s", Float, nullable=False),
    Column("robots_changed_at", UtcDateTime),
    Column("robots_change", Text, nullable=False),
    Column("rest_until", UtcDateTime),
    Column("rest_why", Text, nullable=False),
    Column("rest_asked_at", UtcDateTime),
    Column("breaker", Text, nullable=False),
    Column("breaker_since", UtcDateTime),
    Column("breaker_why", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("answers", Json, nullable=False),
    Column("response_s", Float),
    Column("tls_faults", Integer, nullable=False),
    Column("tls_at", UtcDateTime),
    Column("tls_detail", Text, nullable=False),
    Column("run_id", Id),
)

host_hours = Table(
    "host_hours",
    metadata,
    Column("host", Text, primary_key=True),
    Column("hour", UtcDateTime, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("waited_s", Float, nullable=False),
    Column("smallest_gap_s", Float),
    Index("ix_host_hours_hour", "hour"),
)

run_hosts = Table(
    "run_hosts",
    metadata,
    Column("run_id", Id, primary_key=True),
    Column("host", Text, primary_key=True),
    Column("requests", Integer, nullable=False),
    Column("median_gap_s", Float),
    Column("smallest_gap_s", Float),
    Column("waited_s", Float, nullable=False),
    Column("response_s", Float),
    Column("statuses", Json, nullable=False),
)

robots_changes = Table(
    "robots_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("host", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("removed", Json, nullable=False),
    Column("added", Json, nullable=False),
    Index("ix_robots_changes_host", "host", "id"),
)
