"""Paragraphs that an outlet repeats on its pages, learned from its articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recurring_blocks",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("of_articles", sa.Integer(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("outlet", "key", name="pk_recurring_blocks"),
    )


def downgrade() -> None:
    op.drop_table("recurring_blocks")
