"""The tables of people: users, their sessions, tries to sign in, and the log of what was changed by whom."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from index.store.columns import UtcDateTime
from index.store.tables import Id, metadata

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False, unique=True),  # folded
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("signed_in_at", UtcDateTime),
)

# A token is known to its browser alone; here is its digest.
sessions = Table(
    "sessions",
    metadata,
    Column("token_digest", Text, primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

# Names are kept as digests: some people type their password there.
sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("wait_until", UtcDateTime),
)

site_secrets = Table(
    "site_secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_acts_subject", "subject", "id"),
    Index("ix_acts_by", "by", "id"),
)

slow_searches = Table(
    "slow_searches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("query", Text, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("hits", Integer, nullable=False),
    Column("cut", Text, nullable=False),  # what its budget did not allow, in words
)
