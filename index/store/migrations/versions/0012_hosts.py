"""What is in force for each host, how it was asked by hour and by run, and how its robots.txt changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("next_at", UtcDateTime()),
        sa.Column("asked_at", UtcDateTime()),
        sa.Column("delay_s", sa.Float(), nullable=False),
        sa.Column("delay_why", sa.Text(), nullable=False),
        sa.Column("slow_s", sa.Float(), nullable=False),
        sa.Column("slowed_at", UtcDateTime()),
        sa.Column("robots_at", UtcDateTime()),
        sa.Column("robots_status", sa.Integer()),
        sa.Column("robots_text", sa.Text(), nullable=False),
        sa.Column("robots_digest", sa.Text(), nullable=False),
        sa.Column("robots_trouble", sa.Text(), nullable=False),
        sa.Column("crawl_delay_s", sa.Float(), nullable=False),
        sa.Column("robots_changed_at", UtcDateTime()),
        sa.Column("robots_change", sa.Text(), nullable=False),
        sa.Column("rest_until", UtcDateTime()),
        sa.Column("rest_why", sa.Text(), nullable=False),
        sa.Column("rest_asked_at", UtcDateTime()),
        sa.Column("breaker", sa.Text(), nullable=False),
        sa.Column("breaker_since", UtcDateTime()),
        sa.Column("breaker_why", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("response_s", sa.Float()),
        sa.Column("tls_faults", sa.Integer(), nullable=False),
        sa.Column("tls_at", UtcDateTime()),
        sa.Column("tls_detail", sa.Text(), nullable=False),
        sa.Column("run_id", Id),
        sa.PrimaryKeyConstraint("host", name="pk_hosts"),
    )
    op.create_table(
        "host_hours",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.Column("smallest_gap_s", sa.Float()),
        sa.PrimaryKeyConstraint("host", "hour", name="pk_host_hours"),
    )
    op.create_index("ix_host_hours_hour", "host_hours", ["hour"])
    op.create_table(
        "run_hosts",
        sa.Column("run_id", Id, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("median_gap_s", sa.Float()),
        sa.Column("smallest_gap_s", sa.Float()),
        sa.Column("waited_s", sa.Float(), nullable=False),
        sa.Column("response_s", sa.Float()),
        sa.Column("statuses", Json, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "host", name="pk_run_hosts"),
    )
    op.create_table(
        "robots_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("removed", Json, nullable=False),
        sa.Column("added", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_robots_changes"),
    )
    op.create_index("ix_robots_changes_host", "robots_changes", ["host", "id"])


def downgrade() -> None:
    op.drop_table("robots_changes")
    op.drop_table("run_hosts")
    op.drop_table("host_hours")
    op.drop_table("hosts")
