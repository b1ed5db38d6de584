"""Takedowns with what is left to do of them, raw records to be overwritten, and raw pages by their file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "takedowns",
        sa.Column("id", Id, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article_id", Id),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("pending", Json, nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("lifted_at", UtcDateTime()),
        sa.Column("lifted_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_takedowns"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_takedowns_article_id", "takedowns", ["article_id"])
    op.create_table(
        "removals",
        sa.Column("id", Id, nullable=False),
        sa.Column("warc_file", sa.Text(), nullable=False),
        sa.Column("warc_offset", sa.BigInteger(), nullable=False),
        sa.Column("warc_length", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
    )
    op.create_table(
        "upkeep",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_upkeep"),
    )
    op.add_column("pages", sa.Column("raw_removed_at", UtcDateTime()))
    op.add_column("tombstones", sa.Column("article_id", Id))
    op.add_column("tombstones", sa.Column("takedown_id", Id))
    op.create_index("ix_tombstones_article_id", "tombstones", ["article_id"])
    op.create_index("ix_tombstones_takedown_id", "tombstones", ["takedown_id"])
    op.create_index("ix_pages_warc_file", "pages", ["warc_file", "warc_offset"])


def downgrade() -> None:
    op.drop_index("ix_pages_warc_file", "pages")
    op.drop_index("ix_tombstones_takedown_id", "tombstones")
    op.drop_index("ix_tombstones_article_id", "tombstones")
    op.drop_column("tombstones", "takedown_id")
    op.drop_column("tombstones", "article_id")
    op.drop_column("pages", "raw_removed_at")
    op.drop_table("upkeep")
    op.drop_table("removals")
    op.drop_index("ix_takedowns_article_id", "takedowns")
    op.drop_table("takedowns")
