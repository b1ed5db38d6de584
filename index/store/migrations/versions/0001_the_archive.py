"""The archive: outlets, frontier, pages, articles, revisions, links, runs, decisions, change log, tombstones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from index.store.columns import Json, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", ID, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("canonical_url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search_title", sa.Text(), nullable=False),
        sa.Column("authors", Json, nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("published_text", sa.Text(), nullable=True),
        sa.Column("published_method", sa.Text(), nullable=False),
        sa.Column("published_flags", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=True),
        sa.Column("updated_text", sa.Text(), nullable=True),
        sa.Column("updated_method", sa.Text(), nullable=False),
        sa.Column("updated_flags", Json, nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("sort_at", UtcDateTime(), nullable=False),
        sa.Column("sort_by", sa.Text(), nullable=False),
        sa.Column("read_minutes", sa.Integer(), nullable=True),
        sa.Column("flags", Json, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.create_index("ix_articles_import_id", ["import_id"], unique=False)
        batch_op.create_index("ix_articles_outlet_digest", ["outlet", "digest"], unique=False)
        batch_op.create_index("ix_articles_outlet_sort_at", ["outlet", "sort_at"], unique=False)
        batch_op.create_index("ix_articles_sort_at", ["sort_at"], unique=False)

    op.create_table(
        "changes",
        sa.Column("position", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "decisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.UniqueConstraint("run_id", "url_key", name="uq_decisions_run_id_url_key"),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index("ix_decisions_url_key", ["url_key"], unique=False)

    op.create_table(
        "hubs",
        sa.Column("id", ID, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hubs"),
        sa.UniqueConstraint("outlet", "slug", name="uq_hubs_outlet_slug"),
    )
    with op.batch_alter_table("hubs", schema=None) as batch_op:
        batch_op.create_index("ix_hubs_slug", ["slug"], unique=False)

    op.create_table(
        "leads",
        sa.Column("id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("via", sa.Text(), nullable=False),
        sa.Column("found_in", sa.Text(), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("found_run_id", ID, nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=True),
        sa.Column("changed_at_tried", UtcDateTime(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("next_try_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
        sa.UniqueConstraint("url_key", name="uq_leads_url_key"),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index("ix_leads_outlet_state", ["outlet", "state"], unique=False)
        batch_op.create_index("ix_leads_run_id", ["run_id"], unique=False)

    op.create_table(
        "outlets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("languages", Json, nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_outlets"),
    )
    op.create_table(
        "pages",
        sa.Column("id", ID, nullable=False),
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("requested_url", sa.Text(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("warc_file", sa.Text(), nullable=True),
        sa.Column("warc_offset", sa.BigInteger(), nullable=True),
        sa.Column("warc_length", sa.BigInteger(), nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.Column("article_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index("ix_pages_article_id", ["article_id"], unique=False)
        batch_op.create_index("ix_pages_url_key_fetched_at", ["url_key", "fetched_at"], unique=False)

    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("numbers", Json, nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("beat_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index("ix_runs_outlet_started_at", ["outlet", "started_at"], unique=False)

    op.create_table(
        "tombstones",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("url_key", name="pk_tombstones"),
    )
    op.create_table(
        "addresses",
        sa.Column("url_key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_addresses_article_id_articles"),
        sa.PrimaryKeyConstraint("url_key", name="pk_addresses"),
    )
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.create_index("ix_addresses_article_id", ["article_id"], unique=False)

    op.create_table(
        "links",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("url_key", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("target_article_id", ID, nullable=True),
        sa.Column("hub_id", ID, nullable=True),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("revision_from", sa.Integer(), nullable=False),
        sa.Column("revision_to", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_links_article_id_articles"),
        sa.ForeignKeyConstraint(["hub_id"], ["hubs.id"], name="fk_links_hub_id_hubs"),
        sa.PrimaryKeyConstraint("id", name="pk_links"),
    )
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("ix_links_article_id", ["article_id"], unique=False)
        batch_op.create_index("ix_links_hub_id", ["hub_id"], unique=False)
        batch_op.create_index("ix_links_target_article_id", ["target_article_id"], unique=False)
        batch_op.create_index("ix_links_url_key", ["url_key"], unique=False)

    op.create_table(
        "outlet_hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("outlet", sa.Text(), nullable=False),
        sa.Column("rest_until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["outlet"], ["outlets.name"], name="fk_outlet_hosts_outlet_outlets"),
        sa.PrimaryKeyConstraint("host", name="pk_outlet_hosts"),
    )
    with op.batch_alter_table("outlet_hosts", schema=None) as batch_op:
        batch_op.create_index("ix_outlet_hosts_outlet", ["outlet"], unique=False)

    op.create_table(
        "revisions",
        sa.Column("id", ID, nullable=False),
        sa.Column("article_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", Json, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("trace", Json, nullable=False),
        sa.Column("page_id", ID, nullable=True),
        sa.Column("run_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_revisions_article_id_articles"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("article_id", "number", name="uq_revisions_article_id_number"),
    )


def downgrade() -> None:
    op.drop_table("revisions")
    with op.batch_alter_table("outlet_hosts", schema=None) as batch_op:
        batch_op.drop_index("ix_outlet_hosts_outlet")

    op.drop_table("outlet_hosts")
    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.drop_index("ix_links_url_key")
        batch_op.drop_index("ix_links_target_article_id")
        batch_op.drop_index("ix_links_hub_id")
        batch_op.drop_index("ix_links_article_id")

    op.drop_table("links")
    with op.batch_alter_table("addresses", schema=None) as batch_op:
        batch_op.drop_index("ix_addresses_article_id")

    op.drop_table("addresses")
    op.drop_table("tombstones")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index("ix_runs_outlet_started_at")

    op.drop_table("runs")
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.drop_index("ix_pages_url_key_fetched_at")
        batch_op.drop_index("ix_pages_article_id")

    op.drop_table("pages")
    op.drop_table("outlets")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index("ix_leads_run_id")
        batch_op.drop_index("ix_leads_outlet_state")

    op.drop_table("leads")
    with op.batch_alter_table("hubs", schema=None) as batch_op:
        batch_op.drop_index("ix_hubs_slug")

    op.drop_table("hubs")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_decisions_url_key")

    op.drop_table("decisions")
    op.drop_table("changes")
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_index("ix_articles_sort_at")
        batch_op.drop_index("ix_articles_outlet_sort_at")
        batch_op.drop_index("ix_articles_outlet_digest")
        batch_op.drop_index("ix_articles_import_id")

    op.drop_table("articles")
