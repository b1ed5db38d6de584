"""What an outlet links to from most of its pages, learned from its crawl."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outlet_furniture",
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("learned_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("outlet", "url_key", name="pk_outlet_furniture"),
    )


def downgrade() -> None:
    op.drop_table("outlet_furniture")
