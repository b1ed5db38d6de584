"""Indexes for the lists that read many links (hubs, wanted); none for the ids of imported lines, asked by nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HAS_TARGET = "target_article_id IS NOT NULL"
NAMES_HUB = "revision_to IS NULL AND hub_id IS NOT NULL"
IS_WANTED = (
    "revision_to IS NULL AND target_article_id IS NULL AND hub_id IS NULL AND host != '' AND role != 'furniture'"
)


def upgrade() -> None:
    op.drop_index("ix_articles_import_id", table_name="articles")
    op.drop_index("ix_links_hub_id", table_name="links")
    op.drop_index("ix_links_target_article_id", table_name="links")
    _partial("ix_links_target", ["target_article_id"], HAS_TARGET)
    _partial("ix_links_hub", ["hub_id", "article_id"], NAMES_HUB)
    _partial("ix_links_wanted", ["url_key", "article_id"], IS_WANTED)


def downgrade() -> None:
    op.drop_index("ix_links_wanted", table_name="links")
    op.drop_index("ix_links_hub", table_name="links")
    op.drop_index("ix_links_target", table_name="links")
    op.create_index("ix_links_target_article_id", "links", ["target_article_id"])
    op.create_index("ix_links_hub_id", "links", ["hub_id"])
    op.create_index("ix_articles_import_id", "articles", ["import_id"])


def _partial(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "links", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
