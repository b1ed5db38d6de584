"""The names in all articles, each once, so that what is typed can be completed."""

from __future__ import annotations

from itertools import groupby, islice

import sqlalchemy as sa
from alembic import op

from index.store.columns import BytewiseText, UtcDateTime
from index.store.names import half_lives, rows_of_name

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1_000


def upgrade() -> None:
    op.create_table(
        "names",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("heat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "slug", name="pk_names"),
    )
    op.create_index("ix_names_slug", "names", ["slug"])
    op.create_index("ix_names_kind_heat", "names", ["kind", "heat"])
    op.create_table(
        "name_words",
        sa.Column("word", BytewiseText, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("heat", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("word", "kind", "slug", name="pk_name_words"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_name_words_slug_kind", "name_words", ["slug", "kind"])
    _fill()


def downgrade() -> None:
    op.drop_table("name_words")
    op.drop_table("names")


def _fill() -> None:
    """Count the names of the articles held, in the order of an index; a million rows take some ten seconds."""
    connection = op.get_bind()
    instants = (sa.column("sort_at", UtcDateTime()), sa.column("first_seen_at", UtcDateTime()))
    articles = sa.table("articles", sa.column("id"), *instants)
    held = sa.table("article_names", *map(sa.column, ("article_id", "kind", "slug", "label")))
    query = (
        sa.select(held.c.kind, held.c.slug, held.c.label, articles.c.sort_at, articles.c.first_seen_at)
        .join(articles, articles.c.id == held.c.article_id)
        .order_by(held.c.kind, held.c.slug, held.c.article_id)
    )
    names = sa.table("names", *map(sa.column, ("kind", "slug", "label", "articles", "heat")))
    words = sa.table("name_words", *map(sa.column, ("word", "kind", "slug", "heat")))
    grouped = groupby(
        connection.execute(query, execution_options={"yield_per": BATCH}), key=lambda row: (row.kind, row.slug)
    )
    made = (
        rows_of_name(key, [(row.label, half_lives(min(row.sort_at, row.first_seen_at))) for row in rows])
        for key, rows in grouped
    )
    while batch := list(islice(made, BATCH)):
        connection.execute(sa.insert(names), [name for name, _ in batch])
        if starts := [word for _, words_of_it in batch for word in words_of_it]:
            connection.execute(sa.insert(words), starts)
