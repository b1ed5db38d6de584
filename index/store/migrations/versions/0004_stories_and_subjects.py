"""What is worked out from articles: subjects, quotations, copies, stories; and how linked addresses answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What an article's current links count for; see citations.py.
COUNTED = """
SELECT {what} FROM links JOIN articles ON articles.id = links.article_id
WHERE links.revision_to IS NULL AND links.url_key IS NOT NULL AND links.host != ''
AND links.role NOT IN ('furniture', 'byline')
AND (links.target_article_id IS NULL OR links.target_article_id != links.article_id)
AND (links.hub_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM outlet_hosts WHERE outlet_hosts.host = links.host AND outlet_hosts.outlet = articles.outlet))
GROUP BY {by}
"""
BY_OUTLET = "links.url_key, articles.outlet, count(DISTINCT links.article_id)"
BY_ADDRESS = (
    "links.url_key, min(links.url), min(links.host), min(substr(links.text, 1, 200)), "
    "count(DISTINCT links.article_id), count(DISTINCT articles.outlet), max(links.target_article_id), "
    "min(links.first_seen_at)"
)


def upgrade() -> None:
    op.create_table(
        "followers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_followers"),
    )
    op.create_table(
        "article_topics",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "topic", name="pk_article_topics"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_topics_article_id_articles"),
    )
    op.create_index("ix_article_topics_topic", "article_topics", ["topic", "article_id"])
    op.create_table(
        "article_names",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "kind", "slug", name="pk_article_names"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_names_article_id_articles"),
    )
    op.create_index("ix_article_names_kind_slug", "article_names", ["kind", "slug", "article_id"])
    op.create_table(
        "quotations",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("speaker_key", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "position", name="pk_quotations"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_quotations_article_id_articles"),
    )
    op.create_table(
        "quotation_speakers",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("speaker_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", "article_id", "speaker_key", name="pk_quotation_speakers"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_quotation_speakers_article_id_articles"),
    )
    op.create_index("ix_quotation_speakers_article_id", "quotation_speakers", ["article_id"])
    op.create_table(
        "copies",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("original_id", Id, nullable=False),
        sa.Column("shared", sa.Integer(), nullable=False),
        sa.Column("containment", sa.Float(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_copies"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_copies_article_id_articles"),
        sa.ForeignKeyConstraint(["original_id"], ["articles.id"], name="fk_copies_original_id_articles"),
    )
    op.create_index("ix_copies_original_id", "copies", ["original_id"])
    op.create_table(
        "stories",
        sa.Column("id", Id, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("lead_article_id", Id, nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("outlets", sa.Integer(), nullable=False),
        sa.Column("merged_into", Id, nullable=True),
        sa.Column("continues", Id, nullable=True),
        sa.Column("evidence", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stories_continues", "stories", ["continues"])
    op.create_index("ix_stories_last_at", "stories", ["last_at"])
    op.create_index("ix_stories_merged_into", "stories", ["merged_into"])
    op.create_table(
        "story_members",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("placed_at", UtcDateTime(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("evidence", Json, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_story_members"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_story_members_article_id_articles"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_story_members_story_id_stories"),
    )
    op.create_index("ix_story_members_story_id", "story_members", ["story_id"])
    op.create_table(
        "story_features",
        sa.Column("article_id", Id, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("features", Json, nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_story_features"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_story_features_article_id_articles"),
    )
    op.create_index("ix_story_features_at", "story_features", ["at"])
    op.create_table(
        "story_terms",
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_story_terms"),
    )
    op.create_table(
        "story_constraints",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("article_a", Id, nullable=False),
        sa.Column("article_b", Id, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story_constraints"),
    )
    op.create_index("ix_story_constraints_article_a", "story_constraints", ["article_a"])
    op.create_index("ix_story_constraints_article_b", "story_constraints", ["article_b"])
    op.create_table(
        "link_checks",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("leads_to", sa.Text(), nullable=True),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("url_key", name="pk_link_checks"),
    )
    op.create_index("ix_link_checks_state", "link_checks", ["state", "checked_at"])
    is_edit = sa.text("number > 1")
    op.create_index(
        "ix_revisions_edits", "revisions", ["seen_at", "article_id"], sqlite_where=is_edit, postgresql_where=is_edit
    )
    _citations()


def _citations() -> None:
    op.create_table(
        "cited_addresses",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("citers", sa.Integer(), nullable=False),
        sa.Column("outlets", sa.Integer(), nullable=False),
        sa.Column("article_id", Id, nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("url_key", name="pk_cited_addresses"),
    )
    op.create_table(
        "cited_by_outlets",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("citers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("url_key", "outlet", name="pk_cited_by_outlets"),
    )
    op.execute(f"INSERT INTO cited_by_outlets {COUNTED.format(what=BY_OUTLET, by='links.url_key, articles.outlet')}")
    op.execute(f"INSERT INTO cited_addresses {COUNTED.format(what=BY_ADDRESS, by='links.url_key')}")
    op.create_index("ix_cited_addresses_citers", "cited_addresses", ["citers", "url_key"])
    for name, columns, condition in (
        ("ix_cited_addresses_article_id", ["article_id"], sa.text("article_id IS NOT NULL")),
        ("ix_cited_addresses_wanted", ["citers", "url_key"], sa.text("article_id IS NULL")),
    ):
        op.create_index(name, "cited_addresses", columns, sqlite_where=condition, postgresql_where=condition)
    # The wanted list is read from the counts now.
    op.drop_index("ix_links_wanted", table_name="links")


def downgrade() -> None:
    op.drop_index("ix_revisions_edits", "revisions")
    wanted = sa.text(
        "revision_to IS NULL AND target_article_id IS NULL AND hub_id IS NULL AND host != '' AND role != 'furniture'"
    )
    columns = ["url_key", "article_id"]
    op.create_index("ix_links_wanted", "links", columns, sqlite_where=wanted, postgresql_where=wanted)
    op.drop_table("cited_by_outlets")
    op.drop_table("cited_addresses")
    op.drop_table("link_checks")
    op.drop_table("story_constraints")
    op.drop_table("story_terms")
    op.drop_table("story_features")
    op.drop_table("story_members")
    op.drop_table("stories")
    op.drop_table("copies")
    op.drop_table("quotation_speakers")
    op.drop_table("quotations")
    op.drop_table("article_names")
    op.drop_table("article_topics")
    op.drop_table("followers")
