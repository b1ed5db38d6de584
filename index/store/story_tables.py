"""The tables of what is worked out from articles: subjects, quotations, copies, stories.

All can be worked out anew but what a person decided, how addresses answered, and the ids of stories.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from index.store.columns import BytewiseText, Json, UtcDateTime
from index.store.tables import Id, metadata

# How far each follower has read the change log; `version` is that of its rules (see following.py).
followers = Table(
    "followers",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", Text, nullable=False),
)

article_topics = Table(
    "article_topics",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("evidence", Json, nullable=False),  # the rules and words that decided it
    Index("ix_article_topics_topic", "topic", "article_id"),
)

article_names = Table(
    "article_names",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("kind", Text, primary_key=True),  # country, place, organisation, person, weapon, treaty
    Column("slug", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("mentions", Integer, nullable=False),
    Index("ix_article_names_kind_slug", "kind", "slug", "article_id"),
)

# Every name that articles have, once: how many have it, and how often and lately (names.py says how that is kept).
names = Table(
    "names",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("heat", Float, nullable=False),
    Index("ix_names_slug", "slug"),
    Index("ix_names_kind_heat", "kind", "heat"),
)

# What of a name can be typed: its folded words from each of them on. The heat stands here once more: with a join a
# beginning of two letters took ten times as long.
name_words = Table(
    "name_words",
    metadata,
    Column("word", BytewiseText, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("heat", Float, nullable=False),
    Index("ix_name_words_slug_kind", "slug", "kind"),
    sqlite_with_rowid=False,
)

quotations = Table(
    "quotations",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # order in the text, from 0
    Column("speaker", Text, nullable=False),  # as written; "" where the text names nobody
    Column("speaker_key", Text, nullable=False),  # folded words, a blank before and behind each
    Column("role", Text, nullable=False),  # what the text calls the speaker: a title, or words in the place of a name
    Column("verb", Text, nullable=False),
    Column("quote", Text, nullable=False),
    Column("sentence", Text, nullable=False),
)

# Who is quoted where, by each word of the name: `said:` reads these by their key, never all quotations.
quotation_speakers = Table(
    "quotation_speakers",
    metadata,
    Column("word", Text, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True, index=True),
    Column("speaker_key", Text, primary_key=True),
)

# Copies of one text. The original is the earliest or named one that is held; no copy is the original of another.
copies = Table(
    "copies",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("original_id", Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("shared", Integer, nullable=False),  # shingles both have, of those kept
    Column("containment", Float, nullable=False),  # of the shorter text's shingles
    Column("evidence", Json, nullable=False),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("title", Text, nullable=False),  # the headline of its most central article, never made up
    Column("lead_article_id", Id),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("articles", Integer, nullable=False),
    Column("outlets", Integer, nullable=False),
    Column("merged_into", Id, index=True),  # set: this story is now part of that one; its id redirects
    Column("continues", Id, index=True),  # the closed story that this one goes on from
    Column("evidence", Json, nullable=False),  # why it continues or was merged, in words
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,  # an id is never given twice
)

story_members = Table(
    "story_members",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("story_id", Id, ForeignKey("stories.id"), nullable=False, index=True),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("method", Text, nullable=False),  # new, joined, copy, hand
    Column("score", Float, nullable=False),
    Column("evidence", Json, nullable=False),  # the words, hours and likeness that decided it
)

# What the clusterer knows of the articles of stories that are still open; older ones are dropped.
story_features = Table(
    "story_features",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("features", Json, nullable=False),
)

# In how many articles seen a word stands: the weights of words come from all that was read, not from the day's news.
story_terms = Table(
    "story_terms",
    metadata,
    Column("term", Text, primary_key=True),
    Column("articles", Integer, nullable=False),
)

# What a person decided, kept by the clusterer: articles of one pair belong together, or do not.
story_constraints = Table(
    "story_constraints",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False),  # together, apart
    Column("article_a", Id, nullable=False, index=True),
    Column("article_b", Id, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# How linked addresses answered when they were last looked at.
link_checks = Table(
    "link_checks",
    metadata,
    Column("url_key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("state", Text, nullable=False),  # alive, redirected, dead, unreachable
    Column("status", Integer),  # the HTTP status, NULL where no answer came
    Column("leads_to", Text),  # where it redirects to
    Column("checked_at", UtcDateTime, nullable=False),
    Column("since", UtcDateTime, nullable=False),  # the first time it was seen in this state, without a break
    Index("ix_link_checks_state", "state", "checked_at"),
)

# Addresses that current links lead to, with how many articles of how many outlets link there (see citations.py).
cited_addresses = Table(
    "cited_addresses",
    metadata,
    Column("url_key", Text, primary_key=True),
    Column("url", Text, nullable=False),  # the address meant, where a link leads there through another one
    Column("host", Text, nullable=False),
    Column("text", Text, nullable=False),  # the words of the first link there
    Column("citers", Integer, nullable=False),
    Column("outlets", Integer, nullable=False),
    Column("article_id", Id),  # the article that has the address; NULL: not held
    Column("first_seen_at", UtcDateTime, nullable=False),
    Index("ix_cited_addresses_citers", "citers", "url_key"),
)
NOT_HELD = cited_addresses.c.article_id.is_(None)
HELD = cited_addresses.c.article_id.is_not(None)  # else SQLite would look up the many that are not held there
Index("ix_cited_addresses_article_id", cited_addresses.c.article_id, sqlite_where=HELD, postgresql_where=HELD)
Index(
    "ix_cited_addresses_wanted",
    cited_addresses.c.citers,
    cited_addresses.c.url_key,
    sqlite_where=NOT_HELD,
    postgresql_where=NOT_HELD,
)

cited_by_outlets = Table(
    "cited_by_outlets",
    metadata,
    Column("url_key", Text, primary_key=True),
    Column("outlet", Text, primary_key=True),
    Column("citers", Integer, nullable=False),
)

WORKED_OUT = (article_topics, article_names, quotations, quotation_speakers, copies, story_members, story_features)
"""The tables with rows of one article each, by `article_id`; they go with the article."""
