"""The tables, as SQLAlchemy Core. Rows never leave this package; migrations/ brings a database to this shape."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from index.store.columns import Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

# SQLite only gives an INTEGER PRIMARY KEY its own numbers; PostgreSQL should not run out of them.
Id = BigInteger().with_variant(Integer(), "sqlite")

outlets = Table(
    "outlets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("home", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("languages", Json, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
)

outlet_hosts = Table(
    "outlet_hosts",
    metadata,
    Column("host", Text, primary_key=True),  # folded
    Column("outlet", Text, ForeignKey("outlets.name"), nullable=False, index=True),
    Column("rest_until", UtcDateTime),  # what its Retry-After asked for, beyond the end of a run
)

runs = Table(
    "runs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("numbers", Json, nullable=False),
    Column("counts", Json, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    Column("stop_asked_by", Text),  # NULL: nobody asked it to stop
    Column("unfit", Text),  # which minimum it missed, so that what it brought is not called fresh; NULL: none
    Index("ix_runs_outlet_started_at", "outlet", "started_at"),
    Index("ix_runs_state_id", "state", "id"),
)

leads = Table(
    "leads",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url_key", Text, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("found_in", Text, nullable=False),
    Column("found_at", UtcDateTime, nullable=False),
    Column("found_run_id", Id),
    Column("depth", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", UtcDateTime),
    Column("changed_at", UtcDateTime),  # what a source says now
    Column("changed_at_tried", UtcDateTime),  # what it said when we last asked
    Column("state", Text, nullable=False),
    Column("run_id", Id, index=True),  # the run that took it
    Column("attempt", Integer, nullable=False),
    Column("outcome", Text),
    Column("tried_at", UtcDateTime),
    Column("next_try_at", UtcDateTime),
    Index("ix_leads_outlet_state", "outlet", "state"),
)

pages = Table(
    "pages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url_key", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("requested_url", Text, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),  # the last time the server said it is still this
    Column("status", Integer, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("body_bytes", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("warc_file", Text),
    Column("warc_offset", BigInteger),
    Column("warc_length", BigInteger),
    Column("raw_removed_at", UtcDateTime),  # the raw record was there, and was removed: by retention, or a takedown
    Column("run_id", Id),
    Column("article_id", Id, index=True),
    Index("ix_pages_url_key_fetched_at", "url_key", "fetched_at"),
    Index("ix_pages_warc_file", "warc_file", "warc_offset"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("search_title", Text, nullable=False),
    Column("authors", Json, nullable=False),
    Column("language", Text, nullable=False),
    Column("published_at", UtcDateTime),
    Column("published_text", Text),
    Column("published_method", Text, nullable=False),
    Column("published_flags", Json, nullable=False),
    Column("updated_at", UtcDateTime),
    Column("updated_text", Text),
    Column("updated_method", Text, nullable=False),
    Column("updated_flags", Json, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False, index=True),
    Column("sort_by", Text, nullable=False),
    Column("read_minutes", Integer),
    Column("flags", Json, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("digest", Text, nullable=False),  # of title and whole text, white space folded: finds twins
    Column("import_id", Text),
    Index("ix_articles_outlet_sort_at", "outlet", "sort_at"),
    Index("ix_articles_outlet_digest", "outlet", "digest"),
)

addresses = Table(
    "addresses",
    metadata,
    Column("url_key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("added_at", UtcDateTime, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", Json, nullable=False),
    Column("text", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("trace", Json, nullable=False),
    Column("page_id", Id),
    Column("run_id", Id),
    UniqueConstraint("article_id", "number"),
)

# Edits by time: the newest of them, and what was edited lately, without reading every first revision.
IS_EDIT = revisions.c.number > literal_column("1")
Index("ix_revisions_edits", revisions.c.seen_at, revisions.c.article_id, sqlite_where=IS_EDIT, postgresql_where=IS_EDIT)

hubs = Table(
    "hubs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("slug", Text, nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("url", Text),
    UniqueConstraint("outlet", "slug"),
)

links = Table(
    "links",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("url", Text),
    Column("url_key", Text, index=True),
    Column("host", Text),
    Column("text", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("context", Text, nullable=False),
    Column("target_article_id", Id),
    Column("hub_id", Id, ForeignKey("hubs.id")),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("revision_from", Integer, nullable=False),
    Column("revision_to", Integer),  # the last revision that had it; NULL: the current one has it
)

# The condition of the list that reads many links, spelled so that both databases see that the partial index serves.
# Without it the hubs of two million links took two seconds. What is wanted is read from counts (story_tables.py).
NAMES_HUB = and_(links.c.revision_to.is_(None), links.c.hub_id.is_not(None))
# Only links with a target: else SQLite would look up the many that have none there, one by one.
HAS_TARGET = links.c.target_article_id.is_not(None)
Index("ix_links_target", links.c.target_article_id, sqlite_where=HAS_TARGET, postgresql_where=HAS_TARGET)
Index("ix_links_hub", links.c.hub_id, links.c.article_id, sqlite_where=NAMES_HUB, postgresql_where=NAMES_HUB)

# Addresses that most articles of an outlet link to, learned from its own crawl; `role` is what they were taken for.
outlet_furniture = Table(
    "outlet_furniture",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("url_key", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("learned_at", UtcDateTime, nullable=False),
)

# Paragraphs an outlet repeats on its pages, learned from its own articles; see index/recurring.py.
recurring_blocks = Table(
    "recurring_blocks",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("articles", Integer, nullable=False),
    Column("of_articles", Integer, nullable=False),
    Column("learned_at", UtcDateTime, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Id, nullable=False),
    Column("url_key", Text, nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("run_id", "url_key"),
)

changes = Table(
    "changes",
    metadata,
    Column("position", Id, primary_key=True),
    Column("article_id", Id, nullable=False),
    Column("kind", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,  # a number is never given twice, not even after its row is gone
)

schedules = Table(
    "schedules",
    metadata,
    Column("outlet", Text, primary_key=True),
    Column("origin", Text, nullable=False),  # file, operator
    Column("when_text", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("jitter_s", Integer, nullable=False),
    Column("quiet", Json, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("planned_until", UtcDateTime, nullable=False),  # firings planned until then are dealt with
    Column("wait_s", Integer),  # of an adaptive schedule, worked out from what its outlet wrote
    Column("paused_at", UtcDateTime),
    Column("paused_reason", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("outlet", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("page_limit", Integer),
    Column("url", Text),
    Column("wanted_at", UtcDateTime, nullable=False),
    Column("planned_at", UtcDateTime),  # of a firing: it makes one job, whatever the number of schedulers
    Column("asked_by", Text, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("lease_until", UtcDateTime),
    Column("worker", Text, nullable=False),
    Column("run_id", Id, index=True),
    Column("cause", Text),
    Column("reason", Text, nullable=False),
    Column("folded", Integer, nullable=False),
    Column("missed", Integer, nullable=False),
    Column("stop_asked_by", Text),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("outlet", "planned_at"),
    Index("ix_jobs_state_not_before", "state", "not_before"),
)

# Addresses that are never asked for or stored again. `article_id` is the article that had them: its page says so.
tombstones = Table(
    "tombstones",
    metadata,
    Column("url_key", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("article_id", Id, index=True),
    Column("takedown_id", Id, index=True),
)
