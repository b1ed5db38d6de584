"""What an operator is told, signs of life of the parts, and counts over all time, begun with what is held."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("cleared_at", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_ended_at", "alerts", ["ended_at"])
    op.create_index("ix_alerts_key", "alerts", ["key"])
    op.create_table(
        "alert_tellings",
        sa.Column("id", Id, nullable=False),
        sa.Column("alert_id", Id, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime()),
        sa.Column("dropped_at", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", UtcDateTime()),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_tellings_alert_id_alerts"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_tellings"),
        sa.UniqueConstraint("alert_id", "channel", "said", name="uq_alert_tellings_alert_id_channel_said"),
    )
    op.create_index("ix_alert_tellings_next_try_at", "alert_tellings", ["next_try_at"])
    op.create_index("ix_alert_tellings_channel_told_at", "alert_tellings", ["channel", "told_at"])
    op.create_table(
        "beats",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("free_mb", sa.BigInteger()),
        sa.Column("least_mb", sa.BigInteger()),
        sa.Column("position", Id),
        sa.PrimaryKeyConstraint("part", "host", "pid", name="pk_beats"),
    )
    totals = op.create_table(
        "totals",
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("family", "label", name="pk_totals"),
    )
    op.create_index("ix_jobs_outlet_id", "jobs", ["outlet", "id"])
    running = sa.text("finished_at IS NULL")
    op.create_index("ix_runs_running", "runs", ["outlet"], sqlite_where=running, postgresql_where=running)
    rows = [{"family": family, "label": label, "number": number} for (family, label), number in _counted().items()]
    if rows:
        op.bulk_insert(totals, rows)


def _counted() -> Counter[tuple[str, str]]:
    """Count what ended before there were totals."""
    connection = op.get_bind()
    found: Counter[tuple[str, str]] = Counter()
    runs = sa.table("runs", sa.column("state", sa.Text), sa.column("counts", Json), sa.column("finished_at"))
    query = sa.select(runs.c.state, runs.c.counts).where(runs.c.finished_at.is_not(None))
    for state, counts in connection.execution_options(yield_per=1000).execute(query):
        found["run", state] += 1
        for outcome, number in counts.items():
            found["outcome", outcome] += number
    connection.execution_options(yield_per=None)
    jobs = sa.table("jobs", sa.column("state", sa.Text))
    ended = jobs.c.state.in_(("done", "failed", "cancelled"))
    for state, number in connection.execute(
        sa.select(jobs.c.state, sa.func.count()).where(ended).group_by(jobs.c.state)
    ):
        found["job", state] += number
    return found


def downgrade() -> None:
    op.drop_index("ix_runs_running", "runs")
    op.drop_index("ix_jobs_outlet_id", "jobs")
    op.drop_table("totals")
    op.drop_table("beats")
    op.drop_table("alert_tellings")
    op.drop_table("alerts")
