"""The tables of how outlets fare: what each run observed, what is judged of each outlet, and when that changed."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Table, Text

from index.store.columns import Json, UtcDateTime
from index.store.tables import Id, metadata

run_observations = Table(
    "run_observations",
    metadata,
    Column("run_id", Id, primary_key=True, autoincrement=False),
    Column("outlet", Text, nullable=False),
    Column("finished_at", UtcDateTime, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("values", Json, nullable=False),  # see index/health/written.py
    Index("ix_run_observations_outlet", "outlet", "finished_at"),
)

outlet_health = Table(
    "outlet_health",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),  # "" where all is well
    Column("sentence", Text, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("since", UtcDateTime, nullable=False),  # in this state with this cause
    Column("judged_at", UtcDateTime, nullable=False),
    Column("figures", Json, nullable=False),  # [now, usual] by name
    Column("fit", Boolean, nullable=False),  # whether what its newest run brought may be called fresh
    Column("run_id", Id),
)

health_changes = Table(
    "health_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("before_state", Text),  # NULL: it was never judged before
    Column("evidence", Json, nullable=False),
    Index("ix_health_changes_outlet", "outlet", "at"),
)
