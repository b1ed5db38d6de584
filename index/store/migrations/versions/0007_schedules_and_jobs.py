"""When outlets are crawled, the jobs this makes, and the wish that a run may stop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "schedules",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("when_text", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("jitter_s", sa.Integer(), nullable=False),
        sa.Column("quiet", Json, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("planned_until", UtcDateTime(), nullable=False),
        sa.Column("wait_s", sa.Integer()),
        sa.Column("paused_at", UtcDateTime()),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("outlet", name="pk_schedules"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", Id, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("page_limit", sa.Integer()),
        sa.Column("url", sa.Text()),
        sa.Column("wanted_at", UtcDateTime(), nullable=False),
        sa.Column("planned_at", UtcDateTime()),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime()),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("run_id", Id),
        sa.Column("cause", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("folded", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("stop_asked_by", sa.Text()),
        sa.Column("ended_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("outlet", "planned_at", name="uq_jobs_outlet_planned_at"),
    )
    op.create_index("ix_jobs_run_id", "jobs", ["run_id"])
    op.create_index("ix_jobs_state_not_before", "jobs", ["state", "not_before"])
    op.add_column("runs", sa.Column("stop_asked_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("runs", "stop_asked_by")
    op.drop_table("jobs")
    op.drop_table("schedules")
