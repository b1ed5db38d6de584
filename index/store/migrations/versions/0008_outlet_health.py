"""What each run observed of its outlet, how each outlet fares, and when that changed; which runs are not fresh news."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_observations",
        sa.Column("run_id", Id, autoincrement=False, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("values", Json, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_observations"),
    )
    op.create_index("ix_run_observations_outlet", "run_observations", ["outlet", "finished_at"])
    op.create_table(
        "outlet_health",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("judged_at", UtcDateTime(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("fit", sa.Boolean(), nullable=False),
        sa.Column("run_id", Id),
        sa.PrimaryKeyConstraint("outlet", name="pk_outlet_health"),
    )
    op.create_table(
        "health_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("before_state", sa.Text()),
        sa.Column("evidence", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_health_changes"),
    )
    op.create_index("ix_health_changes_outlet", "health_changes", ["outlet", "at"])
    op.add_column("runs", sa.Column("unfit", sa.Text()))


def downgrade() -> None:
    op.drop_column("runs", "unfit")
    op.drop_table("health_changes")
    op.drop_table("outlet_health")
    op.drop_table("run_observations")
