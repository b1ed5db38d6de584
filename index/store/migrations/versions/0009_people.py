"""Users, sessions, tries to sign in, the log of changes, searches that took long; runs are found by their state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime()),
        sa.Column("signed_in_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name_key", name="uq_users_name_key"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id_users"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "sign_in_tries",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("wait_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("subject", name="pk_sign_in_tries"),
    )
    op.create_index("ix_sign_in_tries_last_at", "sign_in_tries", ["last_at"])
    op.create_table(
        "site_secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_site_secrets"),
    )
    _create_logs()
    op.create_index("ix_runs_state_id", "runs", ["state", "id"])


def _create_logs() -> None:
    op.create_table(
        "acts",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_acts"),
    )
    op.create_index("ix_acts_at", "acts", ["at"])
    op.create_index("ix_acts_subject", "acts", ["subject", "id"])
    op.create_index("ix_acts_by", "acts", ["by", "id"])
    op.create_table(
        "slow_searches",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slow_searches"),
    )
    op.create_index("ix_slow_searches_at", "slow_searches", ["at"])


def downgrade() -> None:
    op.drop_index("ix_runs_state_id", "runs")
    for table in ("slow_searches", "acts", "site_secrets", "sign_in_tries", "sessions", "users"):
        op.drop_table(table)
